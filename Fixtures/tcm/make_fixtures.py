"""Small .tcm files: valid ones, and for each rule of Formats/tcm.md one that breaks it and nothing else.

    python3 Fixtures/tcm/make_fixtures.py

Writes valid/NAME.tcm, invalid/RULE-what.tcm and rules.json (file -> rule). Uses Formats/reference/tcm.py to refuse each again, by
its rule. vocabulary.bin is the vocabulary section of a conversion of ../checkpoints/text-f16.
"""
import copy
import hashlib
import json
import pathlib
import struct
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Formats/reference"))
import tcm  # noqa: E402


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, list):
        return b"".join(field(number, v) for v in value)
    if isinstance(value, dict):
        value = message(value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    kind, number_value = value if isinstance(value, tuple) else ("varint", value)
    if kind == "varint":
        return varint(number << 3) + varint(number_value)
    if kind == "f64":
        return varint(number << 3 | 1) + struct.pack("<Q", number_value)
    return varint(number << 3 | 5) + (struct.pack("<f", number_value) if kind == "float" else struct.pack("<I", number_value))


def message(fields):
    return b"".join(field(number, value) for number, value in sorted(fields.items()))


def f32(name, *shape, value=0.5):
    return {"name": name, "encoding": 1, "shape": list(shape), "parts": [(1, np.full(shape, value, "<f4").tobytes())]}


def int8(name, rows, columns):
    high, wide = tcm.up(rows, 16), tcm.up(columns, 4)
    q = np.zeros((high, wide), np.int8)
    q[:rows, :columns] = np.arange(rows * columns).reshape(rows, columns) - 7
    scales = np.zeros(high, "<f4")
    scales[:rows] = 0.25
    panels = q.reshape(high // 16, 16, wide // 4, 4).transpose(0, 2, 1, 3).tobytes()
    return {"name": name, "encoding": 3, "shape": [rows, columns],
            "parts": [(1, panels), (2, scales.tobytes()), (3, q.sum(1, dtype="<i4").tobytes())]}


def int4(name, rows, columns):
    high = tcm.up(rows, 16)
    codes, subs, scales = np.zeros((high, columns), np.uint8), np.zeros((high, columns // 16), np.int8), np.zeros(high, "<f4")
    codes[:rows] = np.arange(rows * columns).reshape(rows, columns) * 7 % 16
    subs[:rows] = np.arange(rows * columns // 16).reshape(rows, -1) * 37 % 255 - 127
    scales[:rows] = 0.25
    steps = codes.reshape(high // 16, 16, columns // 4, 4).transpose(0, 2, 1, 3).reshape(-1, 64)
    return {"name": name, "encoding": 5, "shape": [rows, columns],
            "parts": [(1, (steps[:, :32] | steps[:, 32:] << 4).tobytes()), (2, scales.tobytes()),
                      (5, subs.reshape(high // 16, 16, -1).transpose(0, 2, 1).tobytes())]}


def blocks(kind, norms):
    result = []
    for name, rows, columns in (("attention.qkv", 6, 2), ("attention.output", 2, 2), ("mlp.up", 2, 2), ("mlp.down", 2, 2)):
        matrix = int8 if name == "attention.qkv" else f32
        result += [matrix(f"{kind}.layers.0.{name}.weight", rows, columns), f32(f"{kind}.layers.0.{name}.bias", rows)]
    return result + [f32(f"{kind}.layers.0.{n}.{p}", 2) for n in norms for p in ("gain", "bias")]


def image_model():
    tensors = [f32("image.patch_embedding.weight", 2, 3), f32("image.class_embedding", 2), f32("image.position_embedding", 2, 2)]
    tensors += [f32(f"image.{n}.{p}", 2) for n in ("pre_norm", "post_norm") for p in ("gain", "bias")]
    half = {"name": "image.projection.weight", "encoding": 2, "shape": [2, 2], "parts": [(1, np.ones(4, "<f2").tobytes())]}
    tower = {1: "test", 2: 2, 3: 1, 4: 1, 5: 2, 6: 1, 7: 1, 8: ("float", 1e-5), 9: 1, 10: 2, 11: 1,
             12: [("float", 0.5)] * 3, 13: [("float", 0.25)] * 3}
    return {"sections": [{"kind": 1, "name": "image", "tensors": tensors + blocks("image", ("norm1", "norm2")) + [half]}], 5: tower}


def text_model():
    words = {"name": "text.embeddings.word", "encoding": 4, "shape": [205, 2],
             "parts": [(1, np.ones(410, np.int8).tobytes()), (2, np.full(205, 0.5, "<f4").tobytes())]}
    tensors = [words, f32("text.embeddings.position", 4, 2), f32("text.embeddings.token_type", 1, 2)]
    tensors += [f32(f"text.embeddings.norm.{p}", 2) for p in ("gain", "bias")]
    tensors += blocks("text", ("attention.norm", "mlp.norm"))
    tensors += [f32("text.pooler.weight", 2, 2), f32("text.pooler.bias", 2)]
    tower = {1: "test", 2: 2, 3: 1, 4: 1, 5: 2, 6: 205, 7: 4, 8: ("float", 1e-5), 9: 1, 10: 1, 11: 2, 12: 4, 13: 1}
    vocabulary = (HERE / "vocabulary.bin").read_bytes()
    return {"sections": [{"kind": 2, "name": "vocabulary", "bytes": vocabulary}, {"kind": 1, "name": "text", "tensors": tensors}], 4: tower}


def projecting(model):
    """Makes a text tower's embedding the projection of [CLS]."""
    tensors = model["sections"][1]["tensors"]
    del tensors[-2:]
    tensors.append(f32("text.projection.weight", 2, 2))
    model[4].update({10: 3, 14: 1})


def bank_model():
    """Two labels; rows of lengths that are 1 exactly."""
    rows = {"name": "labels.embeddings", "encoding": 1, "shape": [2, 2], "parts": [(1, np.array([[1, 0], [0.6, 0.8]], "<f4").tobytes())]}
    bank = {1: bytes(range(32)), 2: 2, 3: 77, 4: ["猫", "狗"], 5: ["一张{}的照片", "{c}"]}
    return {"sections": [{"kind": 1, "name": "labels", "tensors": [rows]}], 9: bank}


def build(model, layout=None, data=None, manifest=None, encoded=None, header=None, final=None):
    """The file; each hook changes what it is given before checksums and identity are computed over it."""
    out, sections, tensors = bytearray(64), [], []
    for section in model["sections"]:
        out += bytes(tcm.up(len(out), 65536) - len(out))
        start = len(out)
        out += section.get("bytes", b"")
        for tensor in section.get("tensors", []):
            parts = []
            for role, content in tensor["parts"]:
                out += bytes(tcm.up(len(out), 64) - len(out))
                parts.append({1: role, 2: ("f64", len(out)), 3: ("f64", len(content))})
                out += content
            tensors.append({1: tensor["name"], 2: tensor["encoding"], 3: list(tensor["shape"]), 4: parts})
        sections.append({1: section["kind"], 2: section["name"], 3: ("f64", start), 4: ("f64", len(out) - start), 5: None})
    if layout:
        layout(sections, tensors, out)
    if data:
        data(out, tensors)
    for section in sections:
        start, size = section[3][1], section[4][1]
        if section[5] is None:
            section[5] = ("f32", tcm.crc32c(bytes(out[start:start + size])))
    fields = {1: {1: "make_fixtures", 2: "test"}, 2: sections, 3: tensors, 6: ("float", 100.0), 7: bytes(32)}
    for key in (4, 5, 9):
        if key in model:
            fields[key] = model[key]
    fields[7] = identity(out, fields)
    if manifest:
        manifest(fields)
    body = message(fields)
    if encoded:
        body = encoded(body)
    offset = len(out)
    out += body
    numbers = {"magic": tcm.MAGIC, "read": 1, "write": 1, "numerics": 1, "reserved": 0, "offset": offset, "size": len(body),
               "total": len(out), "crc": tcm.crc32c(body)}
    if header:
        header(numbers)
    n = numbers
    out[:60] = struct.pack("<8s4I3QI8x", n["magic"], n["read"], n["write"], n["numerics"], n["reserved"], n["offset"], n["size"], n["total"], n["crc"])
    out[60:64] = struct.pack("<I", tcm.crc32c(bytes(out[:60])))
    if final:
        final(out)
    return bytes(out)


def identity(data, fields):
    """As tcm.md section 7 says, over what is about to be written."""
    h = hashlib.sha256(b"taiyi tcm identity 1\n")
    u = lambda *values: h.update(struct.pack(f"<{len(values)}I", *[v & 0xFFFFFFFF for v in values]))  # noqa: E731
    s = lambda value: (u(len(value.encode())), h.update(value.encode()))  # noqa: E731
    for tensor in fields[3]:
        s(tensor[1])
        u(tensor[2], len(tensor[3]), *tensor[3])
        for part in tensor[4]:
            u(part[1])
            h.update(struct.pack("<Q", part[3][1]))
            h.update(data[part[2][1]:part[2][1] + part[3][1]])
    vocabulary = b"".join(bytes(data[x[3][1]:x[3][1] + x[4][1]]) for x in fields[2] if x[1] == 2)
    h.update(struct.pack("<Q", len(vocabulary)) + vocabulary)
    for key, kind, sizes, last in ((4, "text", (2, 3, 4, 5, 6, 7, 11, 12), 10), (5, "image", (2, 3, 4, 5, 6, 7, 10), 11)):
        if key in fields:
            tower = fields[key]
            s(kind), s(tower[1])
            u(*(tower[i] for i in sizes))
            if key == 4:
                u(tower[13] + 2 * tower.get(14, 0) + 4 * tower.get(15, 0))
            h.update(struct.pack("<f", tower[8][1]))
            u(tower[9], tower[last])
            if key == 5:
                h.update(b"".join(struct.pack("<f", v[1]) for v in tower[12] + tower[13]))
    if 9 in fields:
        bank = fields[9]
        s("labels"), h.update(bank[1])
        u(bank[2], bank[3] + (bank.get(6, 0) << 31), len(bank[4]), len(bank[5]))
        for value in bank[4] + bank[5]:
            s(value)
    h.update(struct.pack("<f", fields[6][1]))
    return h.digest()


def cases():
    """Yields (rule-what, file)."""
    image, text, bank = image_model(), text_model(), bank_model()

    def edited(base, change):
        model = copy.deepcopy(base)
        change(model)
        return model

    def tower(key, value, base=image, at=5):
        return build(edited(base, lambda m: m[at].__setitem__(key, value)))

    def head(**changes):
        return build(image, header=lambda n: n.update(changes))

    def tensor(index, key, value):
        return build(image, manifest=lambda f: f[3][index].__setitem__(key, value))

    def section(key, value):
        return build(image, manifest=lambda f: f[2][0].__setitem__(key, value))

    place = next(i for i, t in enumerate(image["sections"][0]["tensors"]) if t["encoding"] == 3)

    def byte(role, offset, value, size=1):
        def change(data, tensors):
            start = tensors[place][4][role - 1][2][1] + offset
            data[start:start + size] = value
        return build(image, data=change)

    yield "2.1-magic", head(magic=b"\x89TCX\r\n\x1a\n")
    yield "2.2-read-version", head(read=3, write=3)
    yield "2.2-write-below-read", head(write=0)
    yield "2.2-numerics-0", head(numerics=0)
    yield "2.3-reserved", head(reserved=1)
    yield "2.4-manifest-beyond-file", head(offset=1 << 20)
    yield "2.5-no-manifest", build(image, header=lambda n: n.update(size=0, offset=n["total"], crc=0))
    yield "2.6-header-checksum", build(image, final=lambda out: out.__setitem__(60, out[60] ^ 1))
    yield "2.7-longer", build(image) + b"\0"
    yield "2.8-manifest-checksum", head(crc=0)
    yield "3.1-missing-field", build(image, manifest=lambda f: f.pop(6))
    yield "3.1-cut-short", build(image, encoded=lambda body: body + b"\x0a\x7f")
    yield "3.2-sha256", build(image, manifest=lambda f: f[1].__setitem__(3, [{1: "a", 2: ("f64", 1), 3: b"short"}]))
    yield "3.3-nul", build(image, manifest=lambda f: f[1].__setitem__(1, "a\0b"))
    yield "3.3-utf8", build(image, manifest=lambda f: f[1].__setitem__(4, [b"\xff"]))
    yield "3.4-size", build(image, manifest=lambda f: f[1].__setitem__(3, [{1: "a", 2: ("f64", 1 << 63), 3: bytes(32)}]))
    yield "3.5-empty-strings", build(image, manifest=lambda f: f[1].__setitem__(4, [""] * 140_000))
    yield "3.6-section-kind", section(1, 9)
    yield "3.6-encoding", tensor(0, 2, 6)
    yield "3.6-activation", tower(9, 7)
    projected = edited(text, projecting)
    second = lambda n: n.update(read=2, write=2)  # noqa: E731
    yield "3.7-pooling", build(projected)
    yield "3.7-masked", build(edited(text, lambda m: m[4].__setitem__(14, 1)))
    yield "3.7-quotes", build(edited(text, lambda m: m[4].__setitem__(15, 1)))
    yield "3.7-labels", build(edited(bank, lambda m: m[9].__setitem__(6, 1)))
    yield "4.1-4097-sections", build(image, manifest=lambda f: f[2].extend([{1: 1, 2: "x", 3: ("f64", 0), 4: ("f64", 1), 5: ("f32", 0)}] * 4096))
    yield "4.2-section-name", section(2, "a b")
    yield "4.3-section-offset", section(3, ("f64", 65537))
    yield "4.4-empty-section", section(4, ("f64", 0))
    yield "4.5-section-late", section(3, ("f64", 131072))
    yield "4.6-section-too-long", section(4, ("f64", 1 << 20))
    yield "4.7-padding", build(image, data=lambda data, _: data.__setitem__(1000, 1))
    yield "4.8-two-sections", build(edited(text, lambda m: m["sections"][1].__setitem__("name", "vocabulary")))
    yield "4.9-manifest-place", build(image, layout=lambda s, t, out: out.extend(bytes(64)))
    yield "4.10-checksum", build(image, manifest=lambda f: f[2][0].__setitem__(5, ("f32", 1)))
    yield "5.1-100001-tensors", build(image, manifest=lambda f: f[3].extend([{1: "x" * 12, 2: 1, 3: [2]}] * 100_000))
    yield "5.2-tensor-name", tensor(0, 1, "ä")
    yield "5.3-two-tensors", tensor(1, 1, "image.patch_embedding.weight")
    yield "5.4-dimension-0", tensor(0, 3, [2, 0])
    yield "5.4-three-dimensions", tensor(0, 3, [2, 3, 1])
    yield "5.5-shape", tensor(place, 3, [12])
    yield "5.6-part-size", tensor(0, 3, [2, 4])
    yield "5.7-part-offset", tensor(1, 4, [{1: 1, 2: ("f64", 65601), 3: ("f64", 8)}])
    yield "5.8-part-late", tensor(1, 4, [{1: 1, 2: ("f64", 65536), 3: ("f64", 8)}])
    yield "5.9-outside-the-section", build(image, layout=lambda s, t, out: (t.append(copy.deepcopy(t[-1])), t[-1].update({1: "more"}), t[-1][4][0].update({2: ("f64", tcm.up(len(out), 64))})))
    yield "5.10-part-padding", build(image, data=lambda data, _: data.__setitem__(65536 + 30, 1))
    yield "5.11-infinite", build(image, data=lambda data, _: data.__setitem__(slice(65536, 65540), struct.pack("<f", float("inf"))))
    yield "5.11-scale-0", byte(2, 0, bytes(4), 4)
    yield "5.12-sum", byte(3, 0, struct.pack("<i", 77), 4)
    yield "5.14-panel-padding", byte(2, 60, struct.pack("<f", 1), 4)
    yield "5.13-section-goes-on", build(image, layout=lambda s, t, out: (out.extend(bytes(64)), s[0].__setitem__(4, ("f64", s[0][4][1] + 64))))

    def minus128(data, tensors):
        parts = tensors[place][4]
        data[parts[0][2][1]] = 0x80
        start = parts[2][2][1]
        rest, = struct.unpack_from("<i", data, start)
        struct.pack_into("<i", data, start, rest + 7 - 128)
    yield "5.15-minus-128", build(image, data=minus128)

    def codes(change=None, rows=5, columns=32):
        """An extra matrix of 4-bit codes; `change` gets its parts' bytes."""
        extra = int4("extra", rows, columns)
        if change:
            parts = [(role, bytearray(content)) for role, content in extra["parts"]]
            change([content for _, content in parts])
            extra["parts"] = [(role, bytes(content)) for role, content in parts]
        return build(edited(image, lambda m: m["sections"][0]["tensors"].append(extra)))
    yield "5.5-columns-of-codes", build(edited(image, lambda m: m["sections"][0]["tensors"].append({**int4("extra", 5, 32), "shape": [5, 24]})))
    yield "5.6-no-sub-scales", build(edited(image, lambda m: m["sections"][0]["tensors"].append({**int4("extra", 5, 32), "parts": int4("extra", 5, 32)["parts"][:2]})))
    yield "5.11-scale-of-codes", codes(lambda p: p[1].__setitem__(slice(0, 4), bytes(4)))
    yield "5.14-code-of-padding", codes(lambda p: p[0].__setitem__(20, 1))
    yield "5.14-code-of-padding-high", codes(lambda p: p[0].__setitem__(0, p[0][0] | 16))
    yield "5.14-sub-scale-of-padding", codes(lambda p: p[2].__setitem__(5, 1))
    yield "5.15-sub-scale-minus-128", codes(lambda p: p[2].__setitem__(4, 128))
    yield "valid-int4", codes()
    yield "6.1-no-tower", build(image, manifest=lambda f: f.pop(5))
    yield "6.2-no-vocabulary", build(edited(text, lambda m: m["sections"].pop(0)))
    yield "6.3-logit-scale", build(image, manifest=lambda f: f.__setitem__(6, ("float", 0.0)))
    yield "6.4-heads", tower(4, 3)
    yield "6.5-context", tower(12, 5, text, 4)
    yield "6.6-patch", tower(7, 2)
    yield "6.7-std", tower(13, [("float", 0.0)] * 3)

    def both(out_width):
        model = edited(image, lambda m: m["sections"].extend(copy.deepcopy(text["sections"])))
        model[4] = dict(text[4])
        tensors = model["sections"][2]["tensors"]
        tensors[-2], tensors[-1] = f32("text.pooler.weight", out_width, 2), f32("text.pooler.bias", out_width)
        model[4][11] = out_width
        return build(model)
    yield "6.8-widths", both(3)
    yield "6.9-family", tower(1, "")
    yield "6.10-missing-tensor", tensor(1, 1, "image.something_else")

    def vocabulary(at, value, keep=0):
        """A number of the vocabulary section replaced, or with `keep` a byte."""
        def change(model):
            data = bytearray(model["sections"][0]["bytes"])
            data[at:at + (keep or 4)] = value.to_bytes(keep or 4, "little")
            model["sections"][0]["bytes"] = bytes(data)
        return build(edited(text, change))
    count, slots = struct.unpack_from("<2I", text["sections"][0]["bytes"], 4)
    first = 68 + 4 * count + 4 * slots
    yield "6.11-version", vocabulary(0, 2)
    yield "6.11-count", vocabulary(4, count + 1)
    yield "6.11-slots", vocabulary(8, slots * 2)
    yield "6.11-special-token", vocabulary(20, count)
    yield "6.11-reserved", vocabulary(40, 1)
    yield "6.11-more-tokens-than-rows", build(edited(edited(text, lambda m: m[4].__setitem__(6, 204)), lambda m: m["sections"][1]["tensors"].__setitem__(0, {
        "name": "text.embeddings.word", "encoding": 4, "shape": [204, 2],
        "parts": [(1, np.ones(408, np.int8).tobytes()), (2, np.full(204, 0.5, "<f4").tobytes())]})))
    yield "6.11-offsets", vocabulary(64 + 4, 1 << 20)
    yield "6.11-longest", vocabulary(16, 1)
    yield "6.11-not-utf8", vocabulary(first + 1, 0xFF, 1)
    yield "6.11-table", vocabulary(68 + 4 * count + 4 * next(i for i in range(slots) if not struct.unpack_from("<I", text["sections"][0]["bytes"], 68 + 4 * count + 4 * i)[0]), 1)

    def labels(key, value):
        return build(edited(bank, lambda m: m[9].__setitem__(key, value)))
    beside = {**bank, "sections": image["sections"] + bank["sections"], 5: image[5]}
    wide = f32("labels.embeddings", 2, 4)
    yield "3.7-bank-beside-a-tower", build(beside)
    yield "6.1-text-tower-and-bank", build({**bank, "sections": text["sections"] + bank["sections"], 4: text[4]}, header=second)
    yield "6.1-two-towers-and-bank", build({**beside, "sections": text["sections"] + beside["sections"], 4: text[4]}, header=second)
    yield "6.8-width-of-the-bank", build({**beside, "sections": image["sections"] + [{"kind": 1, "name": "labels", "tensors": [wide]}], 9: {**bank[9], 2: 4}}, header=second)
    yield "6.12-text-identity", labels(1, bytes(31))
    yield "6.12-width", labels(2, 0)
    yield "6.12-context", labels(3, 1)
    yield "6.13-no-label", labels(4, [])
    yield "6.13-65537-labels", labels(4, ["label"] * 65_537)
    yield "6.13-4097-templates", labels(5, ["{} "] * 4_097)
    yield "6.13-template-without-a-place", labels(5, ["{d}"])
    yield "6.14-shape", labels(4, ["猫", "狗", "山"])
    yield "6.15-length", build(bank, data=lambda data, _: data.__setitem__(slice(65536, 65540), struct.pack("<f", 0.99)))
    yield "6.10-no-projection", build(edited(projected, lambda m: m["sections"][1]["tensors"].pop()), header=second)
    yield "7.1-identity-size", build(image, manifest=lambda f: f.__setitem__(7, bytes(31)))
    yield "7.2-identity", build(image, manifest=lambda f: f.__setitem__(7, bytes(32)))
    yield "7.3-report", build(image, manifest=lambda f: f.__setitem__(8, {1: bytes(32), 2: 1, 3: b"{}"}))
    yield "valid-image", build(image)
    yield "valid-text", build(text)
    yield "valid-both", both(2)
    yield "valid-labels", build(bank)
    yield "valid-classifier", build(beside, header=second)
    yield "valid-labels-alone", build(edited(bank, lambda m: m[9].__setitem__(5, [])))
    yield "valid-projection", build(projected, header=second)
    yield "valid-masked", build(edited(text, lambda m: m[4].update({14: 1, 15: 1})), header=second)
    yield "valid-not-masked", build(edited(text, lambda m: m[4].update({14: 0, 15: 0})))
    yield "valid-labels-masked", build(edited(bank, lambda m: m[9].__setitem__(6, 1)), header=second)
    yield "valid-newer-write-version", head(write=7, numerics=9)
    yield "valid-unknown-field", build(image, encoded=lambda body: body + field(99, "new"))


def main():
    rules = {}
    for folder in ("valid", "invalid"):
        (HERE / folder).mkdir(exist_ok=True)
        for old in (HERE / folder).glob("*.tcm"):
            old.unlink()
    failed = False
    for name, data in cases():
        rule, what = name.split("-", 1)
        path = HERE / ("valid/" + what if rule == "valid" else "invalid/" + name)
        path = path.with_name(path.name + ".tcm")
        path.write_bytes(data)
        try:
            tcm.TCM(path)
            found = "valid"
        except tcm.TCMError as error:
            found = error.rule
        if found != rule:
            failed = True
            print(f"{name}: the reader says {found}")
        if rule != "valid":
            rules[path.name] = rule
    (HERE / "rules.json").write_text(json.dumps(rules, indent=1) + "\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
