"""A second reader of .tcm files, written from Formats/tcm.md; Python's standard library and numpy.

    python3 Formats/reference/tcm.py FILE          check every rule; print what the file holds
    python3 Formats/reference/tcm.py dump FILE     one line a tensor: name, encoding, shape, SHA-256 of its elements as f32

Elements are those of tcm.md section 5, row-major and little-endian: for int8-row, int8-table and int4-group byte * scale, rounded once; a
column's input scale is not multiplied back. A file that breaks a rule ends in `rule N.M: ...` and exit status 1.
"""
import hashlib
import re
import struct
import sys

import numpy as np

MAGIC = bytes.fromhex("89 54 43 4D 0D 0A 1A 0A")
WEIGHTS, VOCABULARY = 1, 2
ENCODINGS = {1: "f32", 2: "f16", 3: "int8-row", 4: "int8-table", 5: "int4-group"}
VALUES, ROW_SCALES, ROW_SUMS, INPUT_SCALES, SUB_SCALES = 1, 2, 3, 4, 5


class TCMError(Exception):
    """A broken rule."""

    def __init__(self, rule, sentence):
        super().__init__(f"rule {rule}: {sentence}")
        self.rule = rule


def require(condition, rule, sentence):
    if not condition:
        raise TCMError(rule, sentence)


def up(value, step):
    return -(-value // step) * step


def crc_tables(count=16):
    """Slicing tables of CRC-32C: table[i][b] moves byte b past i more bytes."""
    first = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0x82F63B78 if value & 1 else value >> 1
        first.append(value)
    tables = [first]
    for _ in range(count - 1):
        tables.append([first[v & 255] ^ v >> 8 for v in tables[-1]])
    return tables


CODES = np.array([-127, -107, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 88, 113], np.int32)
TABLES = crc_tables()


def crc32c(data):
    """CRC-32C, 16 bytes a step."""
    crc = 0xFFFFFFFF
    whole = len(data) // 16 * 16
    t = TABLES
    for a, b, c, d in struct.iter_unpack("<4I", data[:whole]):
        a ^= crc
        crc = (t[15][a & 255] ^ t[14][a >> 8 & 255] ^ t[13][a >> 16 & 255] ^ t[12][a >> 24]
               ^ t[11][b & 255] ^ t[10][b >> 8 & 255] ^ t[9][b >> 16 & 255] ^ t[8][b >> 24]
               ^ t[7][c & 255] ^ t[6][c >> 8 & 255] ^ t[5][c >> 16 & 255] ^ t[4][c >> 24]
               ^ t[3][d & 255] ^ t[2][d >> 8 & 255] ^ t[1][d >> 16 & 255] ^ t[0][d >> 24])
    for byte in data[whole:]:
        crc = t[0][(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Fixed32(bytes):
    """Four bytes of a number."""


class Fixed64(int):
    """A number stored in eight bytes."""


class Message:
    """The fields of one protobuf message; unknown ones are kept and never looked at.

    `budget` holds the bytes that may still be taken, 80 a field and its content: this reader's way to keep rule 3.5."""

    def __init__(self, data, budget):
        self.fields, self.budget = {}, budget
        place = 0

        def varint():
            nonlocal place
            value = shift = 0
            while True:
                require(place < len(data) and shift < 70, "3.1", "a number is cut short")
                byte = data[place]
                place += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        def take(count):
            nonlocal place
            require(count <= len(data) - place, "3.1", "a field is cut short")
            place += count
            return data[place - count:place]

        while place < len(data):
            key = varint()
            kind = key & 7
            require(0 < key >> 3 < 1 << 32 and kind in (0, 1, 2, 5), "3.1", f"field key {key}")
            if kind == 0:
                value = varint()
            elif kind == 1:
                value = Fixed64(struct.unpack("<Q", take(8))[0])
            elif kind == 5:
                value = Fixed32(take(4))
            else:
                value = take(varint())
            budget[0] -= 80 + (len(value) if kind == 2 else 8)
            require(budget[0] >= 0, "3.5", "the manifest takes too much memory")
            self.fields.setdefault(key >> 3, []).append(value)

    def all(self, number):
        return self.fields.get(number, [])

    def one(self, number, name, default=None):
        values = self.all(number)
        if not values and default is None:
            raise TCMError("3.1", f"{name} is missing")
        return values[-1] if values else default

    def integer(self, number, name):
        value = self.one(number, name)
        require(type(value) is int, "3.1", f"{name} is no number")
        return value & 0xFFFFFFFF

    def flag(self, number, name):
        value = self.one(number, name, 0)
        require(type(value) is int, "3.1", f"{name} is no truth value")
        return int(value != 0)

    def size(self, number, name):
        value = self.one(number, name)
        require(isinstance(value, Fixed64), "3.1", f"{name} is no number of 64 bits")
        require(value < 1 << 63, "3.4", f"{name} is {value}")
        return value

    def bits(self, number, name):
        value = self.one(number, name)
        require(isinstance(value, Fixed32), "3.1", f"{name} has no 32 bits")
        return value

    def float(self, number, name):
        return struct.unpack("<f", self.bits(number, name))[0]

    def text(self, number, name):
        return string(self.data(number, name), name)

    def data(self, number, name):
        value = self.one(number, name)
        require(type(value) is bytes, "3.1", f"{name} is no text")
        return value

    def integers(self, number, name):
        """Repeated numbers, packed or not."""
        found = []
        for value in self.all(number):
            if type(value) is bytes:
                # As if each stood alone.
                place = 0
                while place < len(value):
                    end = place
                    while end < len(value) and value[end] > 127:
                        end += 1
                    require(end < len(value), "3.1", f"{name}: a packed number is cut short")
                    found += Message(b"\x08" + value[place:end + 1], self.budget).all(1)
                    place = end + 1
            else:
                require(type(value) is int, "3.1", f"{name} is no number")
                found.append(value)
        return [value & 0xFFFFFFFF for value in found]

    def floats(self, number, name):
        """Repeated floats, packed or not."""
        values = b"".join(value for value in self.all(number) if isinstance(value, bytes))
        require(all(isinstance(value, bytes) for value in self.all(number)) and len(values) % 4 == 0, "3.1", f"{name} are no floats")
        return np.frombuffer(values, "<f4")

    def messages(self, number, name):
        for value in self.all(number):
            require(type(value) is bytes, "3.1", f"{name} is no message")
            yield Message(value, self.budget)

    def message(self, number, name):
        """One that is not repeated: several are merged, which for protobuf is to put them one after the other."""
        require(all(type(value) is bytes for value in self.all(number)), "3.1", f"{name} is no message")
        return Message(b"".join(self.all(number)), self.budget) if self.all(number) else None


def string(value, name):
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise TCMError("3.3", f"{name} is not UTF-8") from None
    require("\0" not in text and len(value) <= 4096, "3.3", f"{name} holds NUL or is too long")
    return text


class TCM:
    """An open file; `header`, `sections`, `tensors`, `text` and `image` say what it holds."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.read_header()
        manifest = self.data[self.header["manifest_offset"]:]
        self.manifest = Message(manifest, [max(8 << 20, 65536 + 16 * len(manifest))])
        self.read_provenance()
        self.read_sections()
        self.read_tensors()
        self.read_towers()
        self.tokens = []
        for section in self.sections:
            if section["kind"] == VOCABULARY:
                self.read_vocabulary(self.data[section["offset"]:section["offset"] + section["size"]])
        self.check_bytes()

    # Section 2

    def read_header(self):
        data = self.data
        require(len(data) >= 64 and data[:8] == MAGIC, "2.1", "this is no .tcm file")
        stored, = struct.unpack_from("<I", data, 60)
        read, write, numerics = struct.unpack_from("<3I", data, 8)
        require(crc32c(data[:60]) == stored, "2.6", "the header is damaged")
        require(read in (1, 2) and write >= read and numerics >= 1, "2.2", f"versions {read}, {write}, {numerics}")
        require(data[20:24] == bytes(4) and data[52:60] == bytes(8), "2.3", "reserved bytes are not 0")
        offset, size, total = struct.unpack_from("<3Q", data, 24)
        require(1 <= size <= 4_194_304, "2.5", f"a manifest of {size} bytes")
        require(total == len(data), "2.7", f"{len(data)} bytes, expected {total}")
        require(offset >= 64 and offset + size == len(data), "2.4", f"the manifest at {offset}, {size} bytes")
        checksum, = struct.unpack_from("<I", data, 48)
        require(crc32c(data[offset:]) == checksum, "2.8", "the manifest is damaged")
        self.header = {"read_version": read, "write_version": write, "numerics_version": numerics, "manifest_offset": offset}

    # Section 3

    def read_provenance(self):
        for provenance in filter(None, [self.manifest.message(1, "provenance")]):
            provenance.text(1, "tool"), provenance.text(2, "recipe")
            for line in provenance.all(4) + provenance.all(5):
                string(line, "an assumption or a line of the recipe")
            for source in provenance.messages(3, "source"):
                source.text(1, "a source's name"), source.size(2, "a source's size")
                require(len(source.data(3, "sha256")) == 32, "3.2", "a SHA-256 has 32 bytes")
            for assumption in provenance.all(4):
                string(assumption, "an assumption")

    # Section 4

    def read_sections(self):
        self.sections, names, end = [], set(), 64
        require(len(self.manifest.all(2)) <= 4096, "4.1", f"{len(self.manifest.all(2))} sections")
        for message in self.manifest.messages(2, "section"):
            kind = message.integer(1, "a section's kind")
            require(kind in (WEIGHTS, VOCABULARY), "3.6", f"section kind {kind}")
            name = message.text(2, "a section's name")
            offset, size = message.size(3, "a section's offset"), message.size(4, "a section's size")
            require(re.fullmatch(r"[\x21-\x7e]{1,256}", name), "4.2", f"section name {name!r}")
            require(offset % 65536 == 0, "4.3", f"section {name} at {offset}")
            require(size > 0, "4.4", f"section {name} is empty")
            require(offset == up(end, 65536), "4.5", f"section {name} at {offset}, expected {up(end, 65536)}")
            require(offset + size <= self.header["manifest_offset"], "4.6", f"section {name} reaches too far")
            require(name not in names, "4.8", f"two sections {name}")
            names.add(name)
            checksum, = struct.unpack("<I", message.bits(5, "a section's checksum"))
            self.sections.append({"kind": kind, "name": name, "offset": offset, "size": size, "crc": checksum, "free": end})
            end = offset + size
        require(end == self.header["manifest_offset"], "4.9", f"the manifest begins at {self.header['manifest_offset']}, not {end}")

    # Section 5

    def read_tensors(self):
        self.tensors, free = {}, 0
        require(len(self.manifest.all(3)) <= 100_000, "5.1", f"{len(self.manifest.all(3))} tensors")
        weights = [s for s in self.sections if s["kind"] == WEIGHTS]
        following, section = iter(weights), None
        for message in self.manifest.messages(3, "tensor"):
            name, encoding = message.text(1, "a tensor's name"), message.integer(2, "an encoding")
            require(encoding in ENCODINGS, "3.6", f"encoding {encoding}")
            require(re.fullmatch(r"[\x21-\x7e]{1,256}", name), "5.2", f"tensor name {name!r}")
            require(name not in self.tensors, "5.3", f"two tensors {name}")
            shape = message.integers(3, "a shape")
            require(1 <= len(shape) <= 2 and all(1 <= n <= 1 << 30 for n in shape), "5.4", f"{name}: shape {shape}")
            require(len(shape) == 2 or encoding < 3, "5.5", f"{name}: shape {shape}")
            require(encoding not in (3, 5) or shape[1] <= 65536, "5.5", f"{name}: shape {shape}")
            require(encoding != 5 or shape[1] % 16 == 0, "5.5", f"{name}: shape {shape}")
            parts = [(p.integer(1, "a role"), p.size(2, "a part's offset"), p.size(3, "a part's size"))
                     for p in message.messages(4, "part")]
            require(all(1 <= role <= 5 for role, _, _ in parts), "3.6", f"{name}: roles")
            require([(role, size) for role, _, size in parts] in self.expected_parts(encoding, shape), "5.6", f"{name}: parts")
            for index, (_, offset, size) in enumerate(parts):
                if section is None or free == section["offset"] + section["size"]:
                    section = next(following, None)
                    require(section is not None and index == 0, "5.9", f"{name} lies in two sections, or in none")
                    free = section["offset"]
                require(offset % 64 == 0, "5.7", f"{name} at {offset}")
                require(offset == up(free, 64), "5.8", f"{name} at {offset}, expected {up(free, 64)}")
                require(offset + size <= section["offset"] + section["size"], "5.9", f"{name} leaves its section")
                require(not any(self.data[free:offset]), "5.10", f"bytes before {name} are not 0")
                free = offset + size
            self.tensors[name] = {"encoding": encoding, "shape": shape, "parts": parts}
        if section is not None:
            require(free == section["offset"] + section["size"], "5.13", f"section {section['name']} goes on")
        require(next(following, None) is None, "5.13", "a section of weights holds nothing")

    @staticmethod
    def expected_parts(encoding, shape):
        rows, columns = shape[0], shape[1] if len(shape) == 2 else 1
        panels = up(rows, 16)
        if encoding == 1:
            return [[(VALUES, 4 * rows * columns)]]
        if encoding == 2:
            return [[(VALUES, 2 * rows * columns)]]
        if encoding == 4:
            return [[(VALUES, rows * columns), (ROW_SCALES, 4 * rows)]]
        if encoding == 5:
            before, after = [(VALUES, panels * columns // 2), (ROW_SCALES, 4 * panels)], [(SUB_SCALES, panels * columns // 16)]
            return [before + after, before + [(INPUT_SCALES, 4 * columns)] + after]
        plain = [(VALUES, panels * up(columns, 4)), (ROW_SCALES, 4 * panels), (ROW_SUMS, 4 * panels)]
        return [plain, plain + [(INPUT_SCALES, 4 * columns)]]

    def part(self, name, role, dtype):
        """The stored values of a part, or None."""
        for found, offset, size in self.tensors[name]["parts"]:
            if found == role:
                return np.frombuffer(self.data[offset:offset + size], dtype)
        return None

    def codes(self, name):
        """The codes 0 to 15 of an int4-group matrix as [N rounded up to 16, K]."""
        rows, columns = self.tensors[name]["shape"]
        packed = self.part(name, VALUES, np.uint8).reshape(-1, 32)
        steps = np.concatenate([packed & 15, packed >> 4], 1).reshape(up(rows, 16) // 16, columns // 4, 16, 4)
        return steps.transpose(0, 2, 1, 3).reshape(up(rows, 16), columns)

    def sub_scales(self, name):
        """The sub-scales of an int4-group matrix as [N rounded up to 16, K / 16]."""
        rows, columns = self.tensors[name]["shape"]
        return self.part(name, SUB_SCALES, np.int8).reshape(-1, columns // 16, 16).transpose(0, 2, 1).reshape(up(rows, 16), -1)

    def panels(self, name):
        """The bytes of an int8-row or int4-group matrix as [N rounded up to 16, K rounded up to 4]."""
        rows, columns = self.tensors[name]["shape"]
        if self.tensors[name]["encoding"] == 5:
            products = CODES[self.codes(name)] * np.repeat(self.sub_scales(name).astype(np.int32), 16, 1)
            return ((products + 64) >> 7).astype(np.int8)
        high, wide = up(rows, 16), up(columns, 4)
        return self.part(name, VALUES, np.int8).reshape(high // 16, wide // 4, 16, 4).transpose(0, 2, 1, 3).reshape(high, wide)

    def elements(self, name):
        """The elements as f32, in the tensor's shape."""
        tensor = self.tensors[name]
        shape = tensor["shape"]
        if tensor["encoding"] == 1:
            return self.part(name, VALUES, "<f4").reshape(shape)
        if tensor["encoding"] == 2:
            return self.part(name, VALUES, "<f2").astype("<f4").reshape(shape)
        scales = self.part(name, ROW_SCALES, "<f4")[:shape[0], None]
        if tensor["encoding"] == 4:
            return self.part(name, VALUES, np.int8).reshape(shape).astype("<f4") * scales
        return self.panels(name)[:shape[0], :shape[1]].astype("<f4") * scales

    # Section 6

    def read_towers(self):
        manifest = self.manifest
        scale = manifest.float(6, "logit_scale")
        require(0 < scale < float("inf"), "6.3", f"a logit scale of {scale}")
        self.text = manifest.message(4, "text")
        self.image = manifest.message(5, "image")
        self.bank = manifest.message(9, "label bank")
        require(self.text or self.image or self.bank, "6.1", "neither a tower nor a label bank")
        require(not (self.text and self.bank), "6.1", "a text tower and a label bank")
        vocabularies = sum(s["kind"] == VOCABULARY for s in self.sections)
        require(vocabularies == bool(self.text), "6.2", f"{vocabularies} vocabularies")
        widths = set()
        for kind, tower in (("text", self.text), ("image", self.image)):
            if tower:
                widths.add(self.check_tower(kind, tower))
        if self.bank:
            widths.add(self.read_bank(self.bank))
        require(len(widths) <= 1, "6.8", f"output widths {sorted(widths)}")
        added = self.text and (self.text.integer(10, "pooling") == 3 or self.text.flag(14, "a flag") or self.text.flag(15, "a flag"))
        added = added or self.bank and (self.image or self.bank.flag(6, "a flag"))
        require(not added or self.header["read_version"] >= 2, "3.7", "what version 2 added in a file of version 1")

    def read_bank(self, bank):
        width, context = bank.integer(2, "width"), bank.integer(3, "context_length")
        require(len(bank.data(1, "text_identity")) == 32 and 1 <= width <= 65536 and 2 <= context <= 16384, "6.12", "label bank: sizes")
        self.labels = [string(value, "a label") for value in bank.all(4)]
        self.templates = [string(value, "a template") for value in bank.all(5)]
        require(1 <= len(self.labels) <= 65536 and len(self.templates) <= 4096, "6.13", "label bank: counts")
        require(all("{c}" in t or "{}" in t for t in self.templates), "6.13", "label bank: a template without a place")
        tensor = self.tensors.get("labels.embeddings")
        good = tensor and tensor["encoding"] == 1 and tensor["shape"] == [len(self.labels), width]
        require(good, "6.14", "labels.embeddings")
        return width

    def check_tower(self, kind, tower):
        require(re.fullmatch(r"[\x20-\x7e]{1,256}", tower.text(1, "family")), "6.9", f"{kind}: family")
        width, layers, heads, mlp = (tower.integer(i, "a size") for i in (2, 3, 4, 5))
        epsilon = tower.float(8, "epsilon")
        output = tower.integer(11 if kind == "text" else 10, "output_width")
        good = all(1 <= w <= 65536 for w in (width, mlp, output)) and 1 <= layers <= 1024
        require(good and 1 <= heads <= width and width % heads == 0 and 0 < epsilon < 1, "6.4", f"{kind}: sizes")
        require(tower.integer(9, "activation") in (1, 2), "3.6", f"{kind}: activation")

        def has(name, encodings, shape):
            tensor = self.tensors.get(name)
            require(tensor and tensor["encoding"] in encodings and tensor["shape"] == shape, "6.10", f"{name} {shape}")

        def linear(name, rows, columns):
            has(name + ".weight", (1, 2, 3, 5), [rows, columns])
            has(name + ".bias", (1,), [rows])

        def norm(name):
            has(name + ".gain", (1,), [width])
            has(name + ".bias", (1,), [width])

        for i in range(layers):
            layer = f"{kind}.layers.{i}."
            linear(layer + "attention.qkv", 3 * width, width)
            linear(layer + "attention.output", width, width)
            linear(layer + "mlp.up", mlp, width)
            linear(layer + "mlp.down", width, mlp)
            for name in ("attention.norm", "mlp.norm") if kind == "text" else ("norm1", "norm2"):
                norm(layer + name)
        if kind == "text":
            words, positions, context, pooling = (tower.integer(i, "a size") for i in (6, 7, 12, 10))
            require(1 <= words <= 1 << 30 and 2 <= positions <= 16384, "6.4", "text: tables")
            require(2 <= context <= positions, "6.5", f"text: a context of {context}")
            require(pooling in (1, 2, 3), "3.6", f"pooling {pooling}")
            types = self.tensors.get("text.embeddings.token_type", {"shape": [0]})["shape"][0]
            has("text.embeddings.word", (1, 2, 4), [words, width])
            has("text.embeddings.position", (1, 2, 4), [positions, width])
            has("text.embeddings.token_type", (1, 2, 4), [types, width])
            norm("text.embeddings.norm")
            if pooling == 3:
                has("text.projection.weight", (1, 2, 3, 5), [output, width])
            else:
                linear("text.pooler", output if pooling == 1 else width, width)
            if pooling == 2:
                linear("text.classifier", output, width)
        else:
            side, patch = tower.integer(6, "image_size"), tower.integer(7, "patch_size")
            good = 1 <= side <= 4096 and 1 <= patch <= side and side % patch == 0
            require(good and (side // patch) ** 2 < 16384, "6.6", f"image: {side}, patches of {patch}")
            require(tower.integer(11, "resize") in (1, 2), "3.6", "resize mode")
            numbers = [tower.floats(i, "mean or std") for i in (12, 13)]
            require(all(len(n) == 3 and np.isfinite(n).all() for n in numbers) and (numbers[1] > 0).all(), "6.7", "image: mean, std")
            has("image.patch_embedding.weight", (1, 2, 3, 5), [width, 3 * patch * patch])
            has("image.class_embedding", (1,), [width])
            has("image.position_embedding", (1,), [(side // patch) ** 2 + 1, width])
            norm("image.pre_norm"), norm("image.post_norm")
            has("image.projection.weight", (1, 2, 3, 5), [output, width])
        return output

    # Everything that needs the bytes

    # vocabulary.md

    def read_vocabulary(self, data):
        def good(condition, sentence):
            require(condition, "6.11", "vocabulary: " + sentence)

        good(len(data) >= 64, f"{len(data)} bytes")
        version, count, slots, size, longest, *special = struct.unpack_from("<10I", data)
        good(version == 1, f"version {version}")
        good(1 <= count <= 1_000_000, f"{count} tokens")
        good(slots == 1 << (2 * count - 1).bit_length(), f"{slots} slots")
        good(size <= 16_777_216, f"{size} bytes of tokens")
        good(all(token < count for token in special), f"special tokens {special}")
        good(not any(data[40:64]), "reserved bytes are not 0")
        good(len(data) == 68 + 4 * count + 4 * slots + size, f"{len(data)} bytes in all")
        good(count <= self.text.integer(6, "vocabulary_size"), f"{count} tokens")
        offsets = struct.unpack_from(f"<{count + 1}I", data, 64)
        table = struct.unpack_from(f"<{slots}I", data, 68 + 4 * count)
        text = data[68 + 4 * count + 4 * slots:]
        good(offsets[0] == 0 and offsets[-1] == size and all(a <= b for a, b in zip(offsets, offsets[1:])), "offsets")
        tokens = [text[a:b] for a, b in zip(offsets, offsets[1:])]
        good(len(set(tokens)) == count, "a token stands twice")
        good(max(map(len, tokens)) == longest, "the longest token")
        for token in tokens:
            try:
                token.decode()
            except UnicodeDecodeError:
                good(False, f"token {token!r} is not UTF-8")
            good(b"\n" not in token and b"\r" not in token, f"token {token!r} holds a line end")
        good([tokens[i] for i in special] == [b"[PAD]", b"[UNK]", b"[CLS]", b"[SEP]", b"[MASK]"], "special tokens")
        expected = [0] * slots
        for token_id, token in enumerate(tokens):
            value = 0x811C9DC5
            for byte in token:
                value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
            place = next((p % slots for p in range(value, value + min(128, slots)) if not expected[p % slots]), None)
            good(place is not None, f"no slot for {token!r}")
            expected[place] = token_id + 1
        good(list(table) == expected, "the hash table")
        self.tokens = tokens

    def check_bytes(self):
        for section in self.sections:
            start, end = section["offset"], section["offset"] + section["size"]
            require(not any(self.data[section["free"]:start]), "4.7", f"bytes before section {section['name']} are not 0")
            require(crc32c(self.data[start:end]) == section["crc"], "4.10", f"section {section['name']} is damaged")
        for name, tensor in self.tensors.items():
            rows = tensor["shape"][0]
            if tensor["encoding"] < 3:
                require(np.isfinite(self.elements(name)).all(), "5.11", f"{name} is not finite")
                continue
            scales = self.part(name, ROW_SCALES, "<f4")
            inputs = self.part(name, INPUT_SCALES, "<f4")
            good = (scales[:rows] > 0).all() and np.isfinite(scales[:rows]).all()
            good = good and (inputs is None or (inputs > 0).all() and np.isfinite(inputs).all())
            require(good, "5.11", f"{name}: scales")
            signed = SUB_SCALES if tensor["encoding"] == 5 else VALUES
            require((self.part(name, signed, np.int8) > -128).all(), "5.15", f"{name} holds -128")
            if tensor["encoding"] == 5:
                filled = self.codes(name)[rows:].any() or self.sub_scales(name)[rows:].any() or np.ascontiguousarray(scales[rows:]).view(np.uint8).any()
                require(not filled, "5.14", f"{name}: padding of panels")
            if tensor["encoding"] == 3:
                panels, sums = self.panels(name), self.part(name, ROW_SUMS, "<i4")
                require((panels.sum(1, dtype=np.int32) == sums).all(), "5.12", f"{name}: sums")
                filled = panels[rows:].any() or panels[:, tensor["shape"][1]:].any() or np.ascontiguousarray(scales[rows:]).view(np.uint8).any()
                require(not filled, "5.14", f"{name}: padding of panels")
        if self.bank:
            squares = (self.elements("labels.embeddings").astype("f8") ** 2).sum(1)
            require(((squares >= 0.999) & (squares <= 1.001)).all(), "6.15", "rows of length 1")
        identity = self.manifest.data(7, "identity")
        require(len(identity) == 32, "7.1", "an identity has 32 bytes")
        require(self.identity() == identity, "7.2", "the identity is another model's")
        report = self.manifest.message(8, "report")
        if report:
            require(report.data(1, "identity") == identity and report.integer(2, "numerics") >= 1, "7.3", "the report")
            text = report.data(3, "the report's text")
            try:
                require("\0" not in text.decode("utf-8"), "7.3", "the report's text holds NUL")
            except UnicodeDecodeError:
                raise TCMError("7.3", "the report's text is not UTF-8") from None

    def identity(self):
        """Section 7: SHA-256 of what the model computes with."""
        hasher = hashlib.sha256(b"taiyi tcm identity 1\n")

        def numbers(*values):
            hasher.update(struct.pack(f"<{len(values)}I", *values))

        def text(value):
            numbers(len(value))
            hasher.update(value)

        for name, tensor in self.tensors.items():
            text(name.encode())
            numbers(tensor["encoding"], len(tensor["shape"]), *tensor["shape"])
            for role, offset, size in tensor["parts"]:
                numbers(role)
                hasher.update(struct.pack("<Q", size))
                hasher.update(self.data[offset:offset + size])
        vocabulary = b"".join(self.data[s["offset"]:s["offset"] + s["size"]] for s in self.sections if s["kind"] == VOCABULARY)
        hasher.update(struct.pack("<Q", len(vocabulary)))
        hasher.update(vocabulary)
        for kind, tower, sizes, last in ((b"text", self.text, (2, 3, 4, 5, 6, 7, 11, 12), 10), (b"image", self.image, (2, 3, 4, 5, 6, 7, 10), 11)):
            if not tower:
                continue
            text(kind)
            text(tower.one(1, "family"))
            numbers(*(tower.integer(i, "a size") for i in sizes))
            if kind == b"text":
                numbers(tower.flag(13, "a flag") + 2 * tower.flag(14, "a flag") + 4 * tower.flag(15, "a flag"))
            hasher.update(tower.bits(8, "epsilon"))
            numbers(tower.integer(9, "activation"), tower.integer(last, "an id"))
            if kind == b"image":
                hasher.update(b"".join(tower.all(12)) + b"".join(tower.all(13)))
        if self.bank:
            text(b"labels")
            hasher.update(self.bank.one(1, "text_identity"))
            context = self.bank.integer(3, "context_length") + (self.bank.flag(6, "a flag") << 31)
            numbers(self.bank.integer(2, "width"), context, len(self.bank.all(4)), len(self.bank.all(5)))
            for value in self.bank.all(4) + self.bank.all(5):
                text(value)
        hasher.update(self.manifest.bits(6, "logit_scale"))
        return hasher.digest()


def main(arguments):
    if len(arguments) not in (1, 2) or len(arguments) == 2 and arguments[0] != "dump":
        sys.exit(__doc__)
    try:
        file = TCM(arguments[-1])
    except TCMError as error:
        sys.exit(f"error: {arguments[-1]}: {error}")
    if len(arguments) == 2:
        if file.tokens:
            print("tokens", len(file.tokens), hashlib.sha256(b"".join(token + b"\n" for token in file.tokens)).hexdigest())
        for name, tensor in file.tensors.items():
            digest = hashlib.sha256(np.ascontiguousarray(file.elements(name), "<f4").tobytes()).hexdigest()
            print(name, ENCODINGS[tensor["encoding"]], "x".join(map(str, tensor["shape"])), digest)
        return
    print(", ".join(f"{name} {value}" for name, value in file.header.items()))
    for section in file.sections:
        print(f"section {section['name']}: offset {section['offset']}, {section['size']} bytes")
    print(f"ok, {len(file.tensors)} tensors, identity {file.identity().hex()}")


if __name__ == "__main__":
    main(sys.argv[1:])
