""".tcm files; see make_corpus.py.

Those of ../tcm break one rule of Formats/tcm.md each. Here are headers and manifests that only a hostile writer makes; they fail before
any section is looked at, so the files have none and are small. Checksums are right unless the case is about them: CRC-32C finds damage,
not forgery.
"""
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
MAGIC = b"\x89TCM\r\n\x1a\n"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def file(manifest=b"", **changes):
    """Header and manifest; `changes` replace numbers of the header before its checksum is made."""
    n = {"magic": MAGIC, "read": 1, "write": 1, "numerics": 1, "reserved": 0, "offset": 64, "size": len(manifest), "total": 64 + len(manifest),
         "crc": crc32c(manifest), "more": 0} | changes
    head = struct.pack("<8s4I3QIQ", n["magic"], n["read"], n["write"], n["numerics"], n["reserved"], n["offset"], n["size"], n["total"], n["crc"],
                       n["more"])
    return head + struct.pack("<I", crc32c(head)) + manifest


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """A varint, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fixed64(number, value):
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def fixed32(number, value):
    return varint(number << 3 | 5) + struct.pack("<I", value)


PROVENANCE = field(1, field(1, b"make_corpus") + field(2, b"test"))
SCALE, IDENTITY = fixed32(6, 0x42C80000), field(7, bytes(32))


def section(kind=1, name=b"s", offset=65536, length=64):
    return field(1, kind) + field(2, name) + fixed64(3, offset) + fixed64(4, length) + fixed32(5, 0)


def tensor(name=b"t", encoding=1, shape=(2,), parts=((1, 65536, 8),)):
    body = field(1, name) + field(2, encoding) + b"".join(field(3, n) for n in shape)
    return body + b"".join(field(4, field(1, role) + fixed64(2, offset) + fixed64(3, length)) for role, offset, length in parts)


def manifest(*middle):
    return PROVENANCE + b"".join(middle) + SCALE + IDENTITY


def headers():
    body = manifest()
    good = file(body)
    yield "empty", b"", "empty", "the file is empty", "no bytes at all"
    yield "one-byte", good[:1], "notTCM", "not a .tcm file", "a byte of the magic"
    yield "seven-bytes", good[:7], "notTCM", "not a .tcm file", "the magic but for a byte"
    yield "magic-only", good[:8], "tooShort", "found 8", "only the magic"
    yield "63-bytes", good[:63], "tooShort", "found 63", "a header but for a byte"
    yield "header-only", good[:64], "wrongLength", "truncated", "only the header"
    yield "magic-unix", b"\x89TCM\n\x1a\n" + good[7:], "notTCM", "not a .tcm file", "sent as text: CR LF became LF"
    yield "magic-swapped", good[7::-1] + good[8:], "notTCM", "not a .tcm file", "the magic backwards"
    yield "magic-7-bits", bytes([good[0] & 127]) + good[1:], "notTCM", "not a .tcm file", "sent in 7 bits"
    yield "read-version-0", file(body, read=0), "malformed", "rule 2.2", "version 0"
    yield "read-version-top", file(body, read=0xFFFFFFFF, write=0xFFFFFFFF), "newerVersion", "4294967295", "the last version"
    yield "big-endian", good[:8] + struct.pack(">4I", 1, 1, 1, 0) + good[24:60] + struct.pack("<I", crc32c(good[:8] + struct.pack(
        ">4I", 1, 1, 1, 0) + good[24:60])) + body, "newerVersion", "16777216", "numbers of a big-endian machine"
    yield "reserved-end", file(body, more=1 << 56), "malformed", "rule 2.3", "a reserved byte"
    yield "offset-top", file(body, offset=(1 << 64) - 1), "malformed", "rule 2.4", "offset + size wraps"
    yield "offset-wraps", file(body, offset=(1 << 64) - 64, size=128), "malformed", "rule 2.4", "offset + size is 64"
    yield "offset-sum", file(body, offset=(1 << 64) - 4, size=68 + len(body)), "malformed", "rule 2.4", "wraps to the size of the file"
    yield "offset-0", file(body, offset=0, size=64 + len(body)), "malformed", "rule 2.4", "the manifest is the whole file"
    yield "size-top", file(body, size=(1 << 64) - 1), "malformed", "rule 2.4", "a manifest of 2^64 - 1 bytes"
    yield "total-top", file(body, total=(1 << 64) - 1), "wrongLength", "18446744073709551615", "a file of 2^64 - 1 bytes"
    yield "total-all-top", file(body, total=(1 << 64) - 1, offset=64, size=(1 << 64) - 65), "wrongLength", "expected", "all agree on 2^64 - 1"
    yield "checksum-0", good[:60] + bytes(4) + good[64:], "checksum", "header is damaged", "no checksum"
    yield "zeros", MAGIC + bytes(120), "checksum", "header is damaged", "nothing but the magic"
    yield "lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n", "notTCM", "not a .tcm file", \
        "a pointer that was not fetched"


def messages():
    """Manifests that are no message, or not one of this schema."""
    rest = SCALE + IDENTITY
    three = "rule 3.1"
    yield "nothing", b"\0", three, "a field of number 0"
    yield "field-0", PROVENANCE + b"\x00\x01" + rest, three, "field number 0"
    yield "field-top", PROVENANCE + b"\xff" * 9 + b"\x7f" + rest, three, "a field number beyond 29 bits"
    yield "varint-11", PROVENANCE + varint(99 << 3) + b"\xff" * 10 + b"\x01" + rest, three, "a varint of 11 bytes"
    yield "varint-cut", manifest() + varint(99 << 3) + b"\xff\xff", three, "a varint that does not end"
    yield "length-cut", manifest() + varint(99 << 3 | 2) + varint(1000), three, "a length beyond the end"
    yield "length-top", manifest() + varint(99 << 3 | 2) + b"\xff" * 9 + b"\x01", three, "a length of 2^64 - 1"
    yield "length-2-31", manifest() + varint(99 << 3 | 2) + varint(1 << 31), three, "a length of 2^31"
    yield "length-2-32", manifest() + varint(99 << 3 | 2) + varint((1 << 32) + 1) + b"x", three, "a length of 2^32 + 1"
    yield "group", manifest() + varint(99 << 3 | 3) + varint(99 << 3 | 4), three, "a group"
    yield "groups", manifest() + varint(99 << 3 | 3) * 10_000, three, "10,000 open groups"
    yield "group-end", manifest() + varint(99 << 3 | 4), three, "the end of a group"
    yield "wire-6", manifest() + varint(99 << 3 | 6), three, "wire type 6"
    yield "wire-7", manifest() + varint(99 << 3 | 7), three, "wire type 7"
    yield "scale-varint", PROVENANCE + field(6, 100) + IDENTITY, three, "the scale as a varint"
    yield "identity-varint", PROVENANCE + SCALE + field(7, 32), three, "the identity as a varint"
    yield "section-varint", manifest(field(2, 7)), three, "a number for a section"
    yield "tensor-cut", manifest(field(3, tensor() + b"\x0a\x7f")), three, "a name beyond its tensor"
    yield "tensor-empty", manifest(field(3, b"")), three, "a tensor without a name"
    yield "section-empty", manifest(field(2, b"")), three, "a section without anything"
    yield "part-no-role", manifest(field(3, field(1, b"t") + field(2, 1) + field(4, fixed64(2, 0) + fixed64(3, 0)))), three, "a part without a role"
    yield "no-identity", PROVENANCE + SCALE, three, "no identity"
    yield "text", b"sections { kind: WEIGHTS }\n", three, "protobuf's text form"
    yield "json", b'{"sections": []}', three, "JSON"
    yield "shape-cut", manifest(field(3, field(1, b"t") + field(2, 1) + varint(3 << 3 | 2) + varint(100) + b"\x02")), three, "packed numbers beyond their tensor"


def contents():
    """Messages of the schema that break a rule."""
    yield "enum-negative", manifest(field(3, tensor(encoding=(1 << 64) - 1))), "rule 3.6", "encoding -1"
    yield "enum-0", manifest(field(3, tensor(encoding=0))), "rule 3.6", "encoding 0"
    yield "enum-2-32", manifest(field(3, tensor(encoding=(1 << 32) + 6))), "rule 3.6", "an encoding beyond 32 bits"
    yield "role-0", manifest(field(3, tensor(parts=((0, 65536, 8),)))), "rule 3.6", "role 0"
    yield "kind-0", manifest(field(2, section(kind=0))), "rule 3.6", "section kind 0"
    yield "offset-2-63", manifest(field(2, section(offset=1 << 63))), "rule 3.4", "an offset of 2^63"
    yield "length-top", manifest(field(2, section(length=(1 << 64) - 1))), "rule 3.4", "a length of 2^64 - 1"
    yield "section-overflow", manifest(field(2, section(length=(1 << 63) - 1))), "rule 4.6", "offset + length overflows"
    yield "section-offset-top", manifest(field(2, section(offset=(1 << 63) - 65536))), "rule 4.5", "far beyond the file"
    yield "section-0", manifest(field(2, section(offset=0))), "rule 4.5", "a section over the header"
    yield "section-name-empty", manifest(field(2, section(name=b""))), "rule 4.2", "no name"
    yield "section-name-257", manifest(field(2, section(name=b"n" * 257))), "rule 4.2", "a name a byte too long"
    yield "section-name-escape", manifest(field(2, section(name=b"\x1b[31m"))), "rule 4.2", "terminal codes in a name"
    yield "section-name-nul", manifest(field(2, section(name=b"a\0b"))), "rule 3.3", "a NUL in a name"
    yield "section-name-utf8", manifest(field(2, section(name=b"\xff"))), "rule 3.3", "a name that is not UTF-8"
    yield "section-name-4097", manifest(field(2, section(name=b"n" * 4097))), "rule 3.3", "a string a byte too long"
    yield "tool-utf8", field(1, field(1, b"\xed\xa0\x80") + field(2, b"x")) + SCALE + IDENTITY, "rule 3.3", "half a surrogate pair"
    yield "assumption-nul", field(1, field(1, b"t") + field(2, b"x") + field(4, b"a\0")) + SCALE + IDENTITY, "rule 3.3", "a NUL in an assumption"
    yield "no-sections", manifest(field(3, tensor())), "rule 5.9", "a tensor, but no section"
    yield "shape-many", manifest(field(3, tensor(shape=(1,) * 500))), "rule 5.4", "500 dimensions"
    yield "shape-none", manifest(field(3, tensor(shape=()))), "rule 5.4", "no dimensions"
    yield "shape-top", manifest(field(3, tensor(shape=(0xFFFFFFFF, 0xFFFFFFFF)))), "rule 5.4", "2^64 elements"
    yield "shape-limit", manifest(field(3, tensor(shape=(1 << 30, 1 << 30)))), "rule 5.6", "2^60 elements in 8 bytes"
    yield "parts-none", manifest(field(3, tensor(parts=()))), "rule 5.6", "no parts"
    yield "parts-many", manifest(field(3, tensor(parts=((1, 65536, 8),) * 3000))), "rule 5.6", "3,000 parts"
    yield "part-top", manifest(field(3, tensor(parts=((1, (1 << 63) - 64, 8),)))), "rule 5.9", "a part at the end of all numbers"
    yield "part-2-63", manifest(field(3, tensor(parts=((1, 1 << 63, 8),)))), "rule 3.4", "a part beyond 63 bits"
    yield "codes-overflow", manifest(field(3, tensor(encoding=5, shape=(1 << 30, 65536)))), "rule 5.6", "2^46 codes in 8 bytes"
    yield "row-columns", manifest(field(3, tensor(encoding=3, shape=(16, 65537)))), "rule 5.5", "a column too many"
    yield "empty", manifest(), "rule 6.1", "no tower"
    yield "merged", manifest(field(1, field(1, b"x") + field(2, b"y")) * 10_000), "rule 6.1", "a message merged 10,000 times, and no tower"
    yield "tensors-many", manifest(field(3, tensor(name=b"x", shape=(), parts=())) * 200), "rule 5.4", "200 tensors of one name"


def rules():
    """The files of ../tcm and the error of each."""
    special = {
        "2.1-magic": ("notTCM", "not a .tcm file"), "2.2-read-version": ("newerVersion", "needs a reader of version 3"),
        "2.6-header-checksum": ("checksum", "header is damaged"), "2.7-longer": ("wrongLength", "bytes expected"),
        "2.8-manifest-checksum": ("checksum", "manifest is damaged"), "4.10-checksum": ("checksum", "section image is damaged"),
        "6.10-missing-tensor": ("missingTensor", "image.class_embedding is missing"), "7.2-identity": ("ToolError", "rule 7.2"),
        "6.10-no-projection": ("missingTensor", "text.projection.weight is missing"),
        "6.11-more-tokens-than-rows": ("vocabularySize", "rule 6.11"),
    }
    table = json.loads((HERE.parent / "tcm/rules.json").read_text())
    for name, rule in sorted(table.items()):
        stem = name.removesuffix(".tcm")
        kind, sentence = special.get(stem, ("vocabulary" if rule == "6.11" else "malformed", f"rule {rule}"))
        yield name, kind, sentence


def add(corpus):
    for name, data, outcome, sentence, why in headers():
        corpus.file(f"tcm/{name}.tcm", data, "check", outcome, sentence, why)
    for name, body, sentence, why in messages():
        corpus.file(f"tcm/message-{name}.tcm", file(body), "check", "malformed", sentence, why)
    for name, body, sentence, why in contents():
        corpus.file(f"tcm/manifest-{name}.tcm", file(body), "check", "malformed", sentence, why)
    for name, outcome, sentence in rules():
        corpus.case(f"../tcm/invalid/{name}", "check", outcome, sentence, None)
    for name in sorted(path.name for path in (HERE.parent / "tcm/valid").glob("*.tcm")):
        corpus.case(f"../tcm/valid/{name}", "check", "ok", None, None)
