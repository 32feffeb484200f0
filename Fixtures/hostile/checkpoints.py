"""safetensors files, indexes, folders with side files, and files of other kinds; see make_corpus.py."""
import gzip
import json
import struct

MAXIMUM = (1 << 63) - 1


def prefixed(header, data=b"", length=None):
    """A safetensors file; `length` in place of the right one."""
    if isinstance(header, (dict, list)):
        header = json.dumps(header, separators=(",", ":"), ensure_ascii=False)
    if isinstance(header, str):
        header = header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entry(dtype="U8", shape=(1,), offsets=(0, 1)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def one(dtype='"U8"', shape="[1]", offsets="[0,1]", name='"w"'):
    """A header of one tensor, from JSON texts."""
    return '{%s:{"dtype":%s,"shape":%s,"data_offsets":%s}}' % (name, dtype, shape, offsets)


GOOD = prefixed({"w": entry()}, b"\1")


def lengths():
    """The eight bytes in front."""
    header = json.dumps({"w": entry()}, separators=(",", ":")).encode()
    n = len(header)
    yield "empty", b"", "empty", "the file is empty", "no bytes at all"
    yield "one-byte", b"\1", "headerMissing", "1 bytes long", "shorter than the length"
    yield "seven-bytes", bytes(range(1, 8)), "headerMissing", "7 bytes long", "a byte short of a length"
    yield "length-only", struct.pack("<Q", n), "headerTruncated", "truncated", "ends after the length"
    yield "length-0", struct.pack("<Q", 0), "headerNotObject", "starts with nothing", "a header of no bytes"
    yield "length-0-data", struct.pack("<Q", 0) + b"abcdefgh" * 8, "headerNotObject", "starts with nothing", "no header, but data"
    yield "length-1", prefixed("{"), "invalidHeader", "the text ends at byte 1", "a header of one brace"
    yield "length-file-size", prefixed(header, b"\1", n + 9), "headerTruncated", "truncated", "counts itself"
    yield "length-one-more", prefixed(header, b"\1", n + 1), "invalidHeader", "0x01", "the data's first byte belongs to the header"
    yield "length-one-less", prefixed(header, b"\1", n - 1), "invalidHeader", "the text ends", "the last brace belongs to the data"
    yield "length-limit", prefixed(header, b"\1", 16 << 20), "headerTruncated", "truncated", "the largest header, in a tiny file"
    for name, value in (("limit-plus-1", (16 << 20) + 1), ("100000001", 100_000_001), ("u32", 1 << 32), ("i63", 1 << 63),
                        ("minus-8", (1 << 64) - 8), ("u64", (1 << 64) - 1)):
        yield "length-" + name, prefixed(header, b"\1", value), "headerTooLong", f"claims {value} bytes", "a length beyond every limit"
    yield "truncated-in-header", prefixed(header, b"\1")[:8 + n // 2], "headerTruncated", "truncated", "cut in the middle of the header"
    yield "truncated-before-data", prefixed(header), "invalidTensor", "truncated", "cut after the header"


def syntax():
    """What is no JSON, or JSON that two parsers read differently."""
    good, w = one(), json.dumps(entry(), separators=(",", ":"))
    bad = {
        "trailing-comma": ('{"w":%s,}' % w, "expected a key in quotes", "a comma too many"),
        "trailing-comma-array": (one(shape="[1,]"), "expected a value", "a comma too many in shape"),
        "missing-comma": ('{"a":%s "b":%s}' % (w, w), "expected \",\"", "no comma"),
        "missing-colon": ('{"w" %s}' % w, "expected \":\"", "no colon"),
        "comment": ('{/* */"w":%s}' % w, "expected a key in quotes", "a comment"),
        "single-quotes": (good.replace('"', "'"), "expected a key in quotes", "single quotes"),
        "bare-key": (good.replace('"w"', "w"), "expected a key in quotes", "a key without quotes"),
        "nan": (one(shape="[NaN]"), "expected a value", "NaN is no JSON"),
        "infinity": (one(offsets="[0,Infinity]"), "expected a value", "Infinity is no JSON"),
        "minus-infinity": (one(offsets="[0,-Infinity]"), "not a JSON number", "-Infinity is no JSON"),
        "leading-zero": (one(shape="[01]"), "not a JSON number", "octal in other readers"),
        "plus": (one(shape="[+1]"), "expected a value", "a plus sign"),
        "hexadecimal": (one(shape="[0x1]"), "expected \",\"", "a hexadecimal number"),
        "ends-in-point": (one(shape="[1.]"), "not a JSON number", "a point without digits"),
        "long-number": (one(shape="[%s]" % ("1" * 65)), "more than 64 characters", "a number of 65 digits"),
        "twice": (good + good, "expected the end of the text", "two objects"),
        "nul-after": (good + "\0", "expected the end of the text", "a NUL after the object"),
        "garbage-after": (good + "  x", "expected the end of the text", "text after the object"),
        "deep": ('{"w":' + "[" * 65 + "]" * 65 + "}", "nested deeper than 64", "66 levels"),
        "open-string": ('{"w', "closing quote", "a string that does not end"),
        "raw-newline": ('{"a\nb":%s}' % w, "control character", "a line end in a name"),
        "raw-nul": ('{"a\0b":%s}' % w, "control character", "a NUL in a name"),
        "bad-escape": (r'{"a\x41":%s}' % w, "not a JSON escape", "an escape of C"),
        "short-escape": (r'{"a\u12":%s}' % w, "not a JSON escape", "an escape of two digits"),
        "lone-high": (r'{"\ud83d":%s}' % w, "surrogate", "half of a pair"),
        "lone-low": (r'{"\ude00":%s}' % w, "surrogate", "the other half"),
        "two-highs": (r'{"\ud83d\ud83d":%s}' % w, "surrogate", "two first halves"),
        "two-keys": ('{"w":%s,"w":%s}' % (w, w), "appears twice", "readers differ on which counts"),
        "two-keys-escaped": (r'{"w":%s,"\u0077":%s}' % (w, w), "appears twice", "one name, spelt in two ways"),
        "two-keys-far": ("{" + ",".join('"t%d":%s' % (i % 50, w) for i in range(51)) + "}", "appears twice", "far apart"),
        "two-dtypes": ('{"w":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', "appears twice", "U8 or I8"),
        "two-offsets": ('{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"data_offsets":[0,1]}}', "appears twice", "equal twins"),
        "two-metadata": ('{"__metadata__":{},"__metadata__":{},"w":%s}' % w, "appears twice", "metadata twice"),
        "two-metadata-keys": ('{"__metadata__":{"a":"1","a":"2"},"w":%s}' % w, "appears twice", "a pair twice"),
    }
    for name, (header, sentence, why) in bad.items():
        yield name, prefixed(header, b"\1"), "invalidHeader", sentence, why
    for name, text in (("c0", b"\xc0\xaf"), ("e0", b"\xe0\x80\xaf"), ("surrogate", b"\xed\xa0\x80"), ("f4", b"\xf4\x90\x80\x80"),
                       ("ff", b"\xff"), ("continuation", b"\x80"), ("short", b"\xe4\xb8")):
        header = b'{"' + text + b'":' + w.encode() + b"}"
        yield "utf8-" + name, prefixed(header, b"\1"), "invalidHeader", "not valid UTF-8", "a name that is not UTF-8"
    for name, header in (("space", " " + good), ("newline", "\n" + good), ("array", "[]"), ("string", '"w"'), ("number", "1"),
                         ("bom", "\ufeff" + good), ("utf16", good.encode("utf-16-le"))):
        if name == "utf16":
            # A brace and a NUL: the first byte is right.
            yield "start-utf16", prefixed(header, b"\1"), "invalidHeader", "expected a key", "UTF-16"
        else:
            yield "start-" + name, prefixed(header, b"\1"), "headerNotObject", "expected \"{\"", "does not begin with a brace"


def fields():
    """Entries whose fields are wrong."""
    def bad(name, header, sentence, why, data=b"\1"):
        return "field-" + name, prefixed(header, data), "invalidTensor", sentence, why
    yield bad("float-shape", one(shape="[1.0]"), "shape is not", "1.0 is no size")
    yield bad("exponent-shape", one(shape="[1e0]"), "shape is not", "1e0 is no size")
    yield bad("huge-exponent", one(shape="[1e400]"), "shape is not", "infinite as binary64")
    yield bad("negative-shape", one(shape="[-1]"), "shape is not", "a negative dimension")
    yield bad("two-negatives", one(shape="[-1,-1]"), "shape is not", "their product is 1")
    yield bad("minus-0", one(shape="[-0]", offsets="[0,0]"), "shape is not", "the reference refuses it too", b"")
    yield bad("string-shape", one(shape='["1"]'), "shape is not", "a text for a size")
    yield bad("nested-shape", one(shape="[[1]]"), "shape is not", "an array for a size")
    yield bad("null-shape", one(shape="null"), "shape is not", "no array")
    yield bad("true-shape", one(shape="[true]"), "shape is not", "true is not 1")
    yield bad("object-shape", one(shape='{"0":1}'), "shape is not", "an object for a shape")
    yield bad("shape-2-63", one(shape=f"[{1 << 63}]"), "shape is not", "2^63")
    yield bad("shape-2-64", one(shape=f"[{1 << 64}]"), "shape is not", "2^64 is 0 in 64 bits")
    yield bad("shape-2-64-plus-1", one(shape=f"[{(1 << 64) + 1}]"), "shape is not", "2^64 + 1 is 1 in 64 bits")
    yield bad("shape-64-digits", one(shape="[%s]" % ("9" * 64)), "shape is not", "64 digits")
    yield bad("rank-33", one(shape=str([1] * 33)), "33 dimensions", "a dimension too many")
    yield bad("product", one(shape="[4294967296,4294967296]"), "more bytes than can be counted", "the product is 0 in 64 bits")
    yield bad("product-4", one('"F32"', "[2147483649,2147483649,4]"), "more bytes than can be counted", "wraps to a small number")
    yield bad("product-bytes", one('"F64"', "[2305843009213693952]"), "more bytes than can be counted", "times 8 is 2^64")
    yield bad("product-top", one(shape=f"[{MAXIMUM},{MAXIMUM}]"), "more bytes than can be counted", "the largest sizes")
    yield bad("offsets-none", one(offsets="[]"), "data_offsets is not", "no offsets")
    yield bad("offsets-one", one(offsets="[0]"), "data_offsets is not", "one offset")
    yield bad("offsets-three", one(offsets="[0,1,1]"), "data_offsets is not", "three offsets")
    yield bad("offsets-negative", one(offsets="[-1,0]"), "data_offsets is not", "begins before the data")
    yield bad("offsets-float", one(offsets="[0,1.0]"), "data_offsets is not", "a float for an offset")
    yield bad("offsets-2-63", one(offsets=f"[{1 << 63},{(1 << 63) + 1}]"), "data_offsets is not", "beyond 63 bits")
    yield bad("offsets-2-64", one(offsets=f"[{1 << 64},{(1 << 64) + 1}]"), "data_offsets is not", "0 and 1 in 64 bits")
    yield bad("offsets-reversed", one(offsets="[1,0]"), "before they begin", "ends before it begins")
    yield bad("offsets-string", one(offsets='["0","1"]'), "data_offsets is not", "texts for offsets")
    yield bad("offsets-short", one('"F32"', "[2]", "[0,4]"), "needs 8 bytes", "half of the bytes", b"1234")
    yield bad("offsets-long", one('"F32"', "[1]", "[0,8]"), "needs 4 bytes", "twice the bytes", b"12345678")
    yield bad("million", one('"F32"', "[1000,1000]", "[0,4]"), "needs 4000000 bytes", "a small range for a large shape", b"1234")
    yield bad("2-40", one(shape=f"[{1 << 40}]", offsets=f"[0,{1 << 40}]"), "truncated", "a tebibyte in a tiny file")
    yield bad("top", one(shape=f"[{MAXIMUM}]", offsets=f"[0,{MAXIMUM}]"), "truncated", "the largest tensor")
    for name in ("dtype", "shape", "data_offsets"):
        yield bad("no-" + name, {"w": {k: v for k, v in entry().items() if k != name}}, "no " + name, "a field is missing")
    yield bad("unknown", {"w": entry() | {"strides": [1]}}, "unknown field", "a field the format does not have")
    for name, value in (("null", None), ("array", [1]), ("string", "U8"), ("number", 1), ("true", True)):
        yield bad("entry-" + name, {"w": value}, "not an object", "an entry that is none")
    yield bad("dtype-number", one("1"), "dtype is not", "a number for a type")
    yield bad("dtype-null", one("null"), "dtype is not", "null for a type")
    for name, text in (("lower", "f32"), ("empty", ""), ("unknown", "F128"), ("nul", "U8\\u0000"), ("space", "U8 ")):
        yield bad("dtype-" + name, one(f'"{text}"'), "unknown element type", "no such type")
    for name in ("F8_E4M3", "F4", "U16", "C64"):
        yield bad("dtype-" + name, one(f'"{name}"'), "not supported", "a type of the format that is not read")
    yield bad("name-4097", {"n" * 4097: entry()}, "4097 bytes long", "a name a byte too long")


def layouts():
    """Tensors that do not fill the data exactly once."""
    def two(first, second):
        return {name: entry("U8", [end - begin], [begin, end]) for name, (begin, end) in (("a", first), ("b", second))}
    yield "hole-first", prefixed({"w": entry(offsets=[1, 2])}, b"12"), "invalidTensor", "previous tensor ends at 0", "a byte before all"
    yield "hole", prefixed(two((0, 1), (2, 3)), b"123"), "invalidTensor", "previous tensor ends at 1", "a byte of nobody"
    yield "overlap", prefixed(two((0, 2), (1, 3)), b"123"), "invalidTensor", "inside the tensor", "one byte of both"
    yield "overlap-same", prefixed(two((0, 2), (0, 2)), b"12"), "invalidTensor", "inside the tensor", "two names for the same bytes"
    yield "overlap-inside", prefixed(two((0, 4), (1, 2)), b"1234"), "invalidTensor", "inside the tensor", "one inside the other"
    yield "empty-inside", prefixed(two((0, 4), (2, 2)), b"1234"), "invalidTensor", "inside the tensor", "no bytes, but in the middle"
    yield "empty-beyond", prefixed({"a": entry(shape=[0], offsets=[9, 9])}), "invalidTensor", "previous tensor ends at 0", "no bytes, far out"
    yield "one-missing", prefixed(two((0, 2), (2, 4)), b"123"), "invalidTensor", "truncated", "the last byte is missing"
    yield "one-more", GOOD + b"\0", "dataSizeMismatch", "the file has 2", "a byte follows"
    yield "page-more", GOOD + bytes(4096), "dataSizeMismatch", "the file has 4097", "a page follows"
    yield "polyglot", GOOD + b"PK\5\6" + bytes(18), "dataSizeMismatch", "the file has 23", "an empty ZIP archive follows"
    size = (1 << 61) - 1
    chained = {f"t{i}": entry("U8", [size], [i * size, (i + 1) * size]) for i in range(4)}
    yield "sum-near-2-63", prefixed(chained, b"1"), "invalidTensor", "truncated", "each fits, the sum of all is near 2^63"
    chained = {f"t{i}": entry("U8", [size], [i * size, (i + 1) * size]) for i in range(8)}
    yield "sum-near-2-64", prefixed(chained, b"1"), "invalidTensor", "data_offsets", "the sum is near 2^64, plus header it wraps"
    for name, value in (("null", None), ("array", []), ("string", "a"), ("number", 1)):
        yield "metadata-" + name, prefixed({"__metadata__": value, "w": entry()}, b"\1"), "invalidMetadata", "not an object of strings", \
            "metadata that is no object"
    for name, value in (("number", 1), ("null", None), ("true", True), ("object", {}), ("array", [])):
        yield "metadata-of-" + name, prefixed({"__metadata__": {"format": value}, "w": entry()}, b"\1"), "invalidMetadata", \
            "is not a string", "a value that is no text"
    yield "metadata-tensor", prefixed({"__metadata__": entry(), "w": entry()}, b"\1"), "invalidMetadata", "is not a string", \
        "a tensor of that name"
    yield "no-tensors", prefixed({}), "noTensors", "no tensors", "an empty object"
    yield "no-tensors-data", prefixed({}, b"123"), "dataSizeMismatch", "the file has 3", "bytes of nobody"
    yield "only-metadata", prefixed({"__metadata__": {"format": "pt"}}), "noTensors", "no tensors", "nothing but metadata"


def odd():
    """Valid, however odd."""
    def padded(length):
        text = one()
        return prefixed(text + " " * (length - len(text)), b"\1")
    yield "one-byte", GOOD, "a tensor of one byte"
    yield "spaces-after", prefixed(one() + " \t\r\n" * 50, b"\1"), "white space after the object, as the reference pads"
    yield "spaces-inside", prefixed(one().replace(":", " : \n\t"), b"\1"), "white space inside"
    yield "like-pickle", padded(0x280), "the length's bytes are those a pickle starts with"
    yield "like-gzip", padded(0x8B1F), "the length's bytes are those of gzip"
    yield "scalar", prefixed({"s": entry("F32", [], [0, 4])}, b"1234"), "no dimensions"
    yield "rank-32", prefixed({"w": entry("U8", [1] * 32)}, b"\1"), "as many dimensions as are allowed"
    yield "empty-tensor", prefixed({"e": entry("F32", [0], [0, 0])}), "no elements, no data"
    yield "empty-tensors", prefixed({n: entry("F16", [0, 7], [0, 0]) for n in "abc"} | {"w": entry()}, b"\1"), "three share an offset"
    yield "empty-last", prefixed({"w": entry(), "e": entry("F64", [3, 0], [1, 1])}, b"\1"), "an empty tensor at the end"
    yield "not-in-order", prefixed({"b": entry("U8", [1], [1, 2]), "a": entry("U8", [1], [0, 1])}, b"12"), "names not in file order"
    yield "normal-forms", prefixed({"caf\u00e9": entry("U8", [1], [0, 1]), "cafe\u0301": entry("U8", [1], [1, 2])}, b"12"), \
        "two names that Unicode calls equal"
    yield "case", prefixed({"W": entry("U8", [1], [0, 1]), "w": entry("U8", [1], [1, 2])}, b"12"), "two names that differ in case"
    yield "empty-name", prefixed({"": entry()}, b"\1"), "the empty name"
    yield "name-4096", prefixed({"n" * 4096: entry()}, b"\1"), "the longest name"
    yield "nul-name", prefixed(one(name=r'"a\u0000b"'), b"\1"), "an escaped NUL in a name"
    yield "escape-name", prefixed(one(name=r'"\u001b[31mred\u001b[0m\r\n\u202e\u2028"'), b"\1"), "terminal codes in a name"
    yield "escapes", prefixed(one(name=r'"\"\\\/\b\f\n\r\t\ud83d\ude00"'), b"\1"), "every escape of JSON"
    yield "escaped-fields", prefixed(r'{"w":{"d\u0074ype":"\u00558","sh\u0061pe":[1],"data_offsets":[0,1]}}', b"\1"), "escapes in keys"
    yield "almost-metadata", prefixed({"__metadata__ ": entry()}, b"\1"), "a tensor that is nearly called __metadata__"
    yield "metadata", prefixed({"__metadata__": {"": "", "format": "pt", "\u202e": "\x1b[2J\n"}, "w": entry()}, b"\1"), "odd metadata"
    yield "unaligned", prefixed({"b": entry("U8", [3], [0, 3]), "d": entry("F64", [2], [3, 19])}, bytes(19)), "F64 at byte 3"
    kinds = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
    header, place = {}, 0
    for name, size in kinds.items():
        header[name] = entry(name, [1], [place, place + size])
        place += size
    yield "types", prefixed(header, b"\xff" * place), "every type, all bits set"
    yield "many-names", prefixed({f"t{i:03}": entry("U8", [1], [i, i + 1]) for i in range(500)}, bytes(500)), "500 tensors of a byte"


def safetensors(corpus):
    for group in (lengths, syntax, fields, layouts):
        for name, data, outcome, sentence, why in group():
            corpus.file(f"safetensors/{name}.safetensors", data, "inspect", outcome, sentence, why)
    for name, data, why in odd():
        corpus.file(f"safetensors/ok-{name}.safetensors", data, "inspect", "ok", None, why)


def shard(**tensors):
    """A file of one-byte tensors, in order."""
    return prefixed({name: entry("U8", [1], [i, i + 1]) for i, name in enumerate(tensors)}, bytes(tensors.values()))


def index(text):
    return (text if isinstance(text, str) else json.dumps(text)).encode()


def indexes(corpus):
    a, b = "a.safetensors", "b.safetensors"
    shards = {a: shard(x=1), b: shard(y=2)}

    def bad(name, text, outcome, sentence, why, files=None, file="model.safetensors.index.json"):
        corpus.folder("index/" + name, {file: index(text)} | (shards if files is None else files), outcome, sentence, why, file)

    def mapped(value, key="x"):
        return {"weight_map": {key: value}}
    names = {"parent": "../a.safetensors", "parent-inside": "x/../a.safetensors", "absolute": "/etc/passwd", "slash": "x/a.safetensors",
             "dot-slash": "./a.safetensors", "backslash": "..\\a.safetensors", "nul": "a.safetensors\0.txt", "empty": "", "dot": ".",
             "dots": "..", "hidden": ".a.safetensors", "dash": "-a.safetensors", "space": "a b.safetensors", "newline": "a\n.safetensors",
             "url": "https://example.org/a.safetensors", "percent": "%2e%2e%2fa.safetensors", "wide": "．．／a.safetensors",
             "long": "a" * 256, "tilde": "~/a.safetensors"}
    for name, value in names.items():
        bad("name-" + name, mapped(value), "invalidShardName", "not a plain file name", "leads out of the folder or might", {})
    for name, value in (("number", 1), ("null", None), ("array", [a]), ("object", {a: 1})):
        bad("name-" + name, mapped(value), "invalidShardName", "not a string", "a file name that is no text", {})
    bad("missing-shard", mapped("c.safetensors"), "missingShard", "c.safetensors is missing", "a shard that is not there")
    bad("not-in-shard", {"weight_map": {"x": b, "y": b}}, "tensorNotInShard", "does not hold it", "a tensor in the wrong shard")
    bad("normal-form", mapped(a, "e\u0301"), "tensorNotInShard", "does not hold it", "the shard has the other normal form",
        {a: shard(**{"\u00e9": 1})})
    bad("two-shards", {"weight_map": {"x": a, "y": b}}, "tensorInTwoShards", "holds one of that name too", "x is in both",
        {a: shard(x=1), b: shard(x=3, y=2)})
    bad("itself", mapped("model.safetensors.index.json"), "wrongKind", "JSON", "the index names itself", {})
    bad("pointer-shard", mapped(a), "wrongKind", "Git LFS pointer", "a shard that was not fetched", {a: POINTER})
    bad("cut-shard", mapped(a), "headerTruncated", "truncated", "a shard that is cut short", {a: shards[a][:20]})
    bad("empty-shard", mapped(a), "empty", "the file is empty", "a shard of no bytes", {a: b""})
    bad("no-map", {"metadata": {}}, "noWeightMap", "weight_map", "no weight_map", {})
    bad("map-array", {"weight_map": [a]}, "noWeightMap", "weight_map", "an array for weight_map", {})
    bad("map-string", {"weight_map": a}, "noWeightMap", "weight_map", "a text for weight_map", {})
    bad("map-empty", {"weight_map": {}}, "noTensors", "no tensors", "nothing in weight_map", {})
    bad("two-maps", '{"weight_map":{"x":"%s"},"weight_map":{"y":"%s"}}' % (a, b), "invalidJSON", "appears twice", "two weight_maps")
    bad("two-places", '{"weight_map":{"x":"%s","x":"%s"}}' % (a, b), "invalidJSON", "appears twice", "a tensor in two shards")
    bad("trailing-comma", '{"weight_map":{"x":"%s",}}' % a, "invalidJSON", "expected a key", "a comma too many")
    bad("cut", '{"weight_map":{"x":"a.safe', "invalidJSON", "closing quote", "cut short")
    bad("deep", '{"metadata":' + "[" * 65, "invalidJSON", "nested deeper than 64", "65 open arrays", {})
    bad("bom", "\ufeff" + json.dumps(mapped(a)), "invalidJSON", "byte order mark", "a byte order mark")
    bad("pair", ["weight_map", {"x": a, "y": b}], "noWeightMap", "weight_map", "an array that reads like a member")
    bad("array", [mapped(a)], "noWeightMap", "weight_map", "an array")
    bad("html", "<!DOCTYPE html><title>Sign in</title>", "wrongKind", "HTML", "a page for an index", {})
    bad("torch-html", "<!DOCTYPE html><title>Sign in</title>", "wrongKind", "HTML", "a page for an index", {},
        "pytorch_model.bin.index.json")
    bad("torch-parent", mapped("../../pickle/ok-plain.bin"), "invalidShardName", "not a plain file name", "leads out of the folder", {},
        "pytorch_model.bin.index.json")
    bad("torch-missing", mapped("c.bin"), "missingShard", "c.bin is missing", "a shard that is not there", {}, "pytorch_model.bin.index.json")
    bad("torch-pointer", mapped("a.bin"), "wrongKind", "Git LFS pointer", "a shard that was not fetched", {"a.bin": POINTER},
        "pytorch_model.bin.index.json")

    def good(name, text, why, files=None, path="model.safetensors.index.json"):
        all_files = {"model.safetensors.index.json": index(text)} | (files or shards)
        corpus.folder("index/ok-" + name, all_files, "ok", None, why, path)
    both = {"weight_map": {"x": a, "y": b}}
    good("plain", both, "two shards", path="")
    good("total", both | {"metadata": {"total_size": 10 ** 30}}, "a total that is wrong, as in files of the hub")
    good("unlisted", {"weight_map": {"x": a}}, "a tensor that the index does not name", {a: shard(x=1, z=2)})
    good("spaces", "\n\t " + json.dumps(both, indent=8) + "\n\n", "white space around")
    good("more-keys", both | {"": None, "x": [[[]]]}, "keys that nobody reads")
    good("normal-forms", {"weight_map": {"\u00e9": a, "e\u0301": b}}, "two names that Unicode calls equal",
         {a: shard(**{"\u00e9": 1}), b: shard(**{"e\u0301": 2})})
    good("names", {"weight_map": {"x": "0..a.-_"}}, "an odd file name of allowed characters", {"0..a.-_": shards[a]})


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1234\n"


def side_files(corpus):
    def folder(name, config, outcome, sentence, why, file="config.json"):
        corpus.folder("side/" + name, {"model.safetensors": GOOD, file: config}, outcome, sentence, why)
    for name, text, sentence in (
            ("empty", b"", "the text is empty"), ("two-keys", b'{"a":1,"a":2}', "appears twice"),
            ("two-keys-deep", b'{"a":{"b":[{"c":1,"c":1}]}}', "appears twice"), ("trailing-comma", b'{"a":1,}', "expected a key"),
            ("deep", b"[" * 65 + b"]" * 65, "nested deeper than 64"), ("deep-objects", b'{"a":' * 65, "nested deeper than 64"),
            ("bom", b"\xef\xbb\xbf{}", "byte order mark"), ("utf16", "{}".encode("utf-16"), "expected a value"),
            ("utf8", b'{"\xff":1}', "not valid UTF-8"), ("cut", b'{"hidden_size":', "the text ends"), ("nan", b'{"a":NaN}', "expected a value"),
            ("nul", b'{"a":1}\0', "expected the end"), ("html", b"<html>", "expected a value")):
        folder(name, text, "invalidJSON", sentence, "config.json that is no JSON")
    folder("open-clip", b'{"model_cfg":{},"model_cfg":{}}', "invalidJSON", "appears twice", "the same for open_clip", "open_clip_config.json")
    folder("ok-depth-64", b'{"a":' + b"[" * 63 + b"]" * 63 + b"}", "ok", None, "as deep as allowed")
    for key, text in (("list", b"[]"), ("null", b"null"), ("number", b"12"), ("text", b'"config"')):
        folder("root-" + key, text, "notAnObject", "expected a JSON object", "JSON, but no object")
    folder("ok-types", b'{"hidden_size":"many","num_hidden_layers":-1e99,"vocab_size":null}', "ok", None, "values of the wrong types")
    folder("ok-escapes", rb'{"architectures":["\u0000\u001b[31m\ud83d\ude00"],"":{}}', "ok", None, "terminal codes in values")
    folder("ok-long-number", b'{"a":' + b"9" * 64 + b"}", "ok", None, "a number of 64 digits")


def kinds(corpus):
    tar = bytearray(512)
    tar[:5], tar[257:265] = b"a.txt", b"ustar\x0000"
    contents = {
        "git-lfs": (POINTER, "Git LFS pointer"), "html": (b"\n<!DOCTYPE HTML>\n<html></html>", "HTML page"),
        "html-upper": (b"  <HTML><BODY>Sign in</BODY></HTML>", "HTML page"), "xml": (b"<?xml version='1.0'?><Error/>", "XML"),
        "gzip": (gzip.compress(GOOD, mtime=0), "gzip"), "tar": (bytes(tar) + bytes(1024), "tar archive"),
        "bzip2": (b"BZh91AY&SY" + bytes(16), "bzip2"), "xz": (b"\xfd7zXZ\0" + bytes(16), "xz archive"), "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(26), "7z"),
        "zstd": (b"\x28\xb5\x2f\xfd" + bytes(16), "zstd"), "gguf": (b"GGUF\3\0\0\0" + bytes(16), "GGUF"), "pdf": (b"%PDF-1.7\n" + bytes(8), "PDF"),
        "sqlite": (b"SQLite format 3\0" + bytes(84), "SQLite"), "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(16), "HDF5"),
        "numpy": (b"\x93NUMPY\1\0" + bytes(16), "NumPy"), "elf": (b"\x7fELF\2\1\1" + bytes(16), "program"),
        "png": (b"\x89PNG\r\n\x1a\n" + bytes(16), "PNG"), "jpeg": (b"\xff\xd8\xff\xe0" + bytes(16), "JPEG"),
        "zeros": (bytes(4096), "zeros"), "json": (b'{"a": "text, not a header"}', "JSON"),
    }
    for name, (data, sentence) in contents.items():
        corpus.file(f"kinds/{name}.safetensors", data, "inspect", "wrongKind", sentence, "another kind of file under this name")
    for name in ("git-lfs", "html", "tar", "gzip", "zeros"):
        corpus.file(f"kinds/{name}.bin", contents[name][0], "inspect", "wrongKind", contents[name][1], "the same as a PyTorch file")
    corpus.file("kinds/empty-zip.safetensors", b"PK\5\6" + bytes(18), "inspect", "refused", "", "an empty ZIP archive")
    corpus.file("kinds/text.bin", b"just some text\n", "inspect", "unknownKind", "not a checkpoint of a known format", "text")
    corpus.file("kinds/random.pt", bytes(range(128, 192)), "inspect", "unknownKind", "not a checkpoint of a known format", "nothing known")
    corpus.file("kinds/empty.bin", b"", "inspect", "empty", "the file is empty", "no bytes at all")
    corpus.file("kinds/one-byte.bin", b"P", "inspect", "headerMissing", "1 bytes long", "a single byte")
    corpus.folder("kinds/nothing", {"README.md": b"nothing\n"}, "nothingInFolder", "holds no checkpoint", "a folder without a checkpoint")
    corpus.folder("kinds/two", {"one.safetensors": GOOD, "two.safetensors": GOOD}, "ambiguousFolder", "several checkpoints", "which of the two?")
    corpus.folder("kinds/folder.safetensors", {"note.txt": b"a folder\n"}, "nothingInFolder", "holds no checkpoint", "a folder named like a file")
    corpus.folder("kinds/ok-others", {"model.safetensors": GOOD, "tf_model.h5": b"\x89HDF", "flax_model.msgpack": b"x"}, "ok", None,
                  "a checkpoint beside files of other formats")
    corpus.folder("kinds/ok-broken-others", {"model.safetensors": GOOD, "pytorch_model.bin": b"broken"}, "ok", None,
                  "the best file is read, however broken the others are")
    corpus.file("kinds/ok-wrong-suffix.bin", GOOD, "inspect", "ok", None, "safetensors under another name")
    corpus.file("kinds/ok-no-suffix", GOOD, "inspect", "ok", None, "safetensors without an ending")


def hexed(data):
    return {"hex": data.hex(), "times": 1}


def recipes(corpus):
    """What is too large to commit."""
    def header(before, piece, after, byte_count, data=b""):
        return [hexed(struct.pack("<Q", byte_count) + before), piece, hexed(after + data)]

    def safetensors_of(count):
        row = '"t#":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},'
        last = b'"w":' + json.dumps(entry(), separators=(",", ":")).encode() + b"}"
        size = 1 + count * (len(row) + 6) + len(last)
        return header(b"{", {"text": row, "from": 0, "count": count}, last, size, b"\1")
    corpus.recipe([{"name": "m.safetensors", "pieces": safetensors_of(99_999)}], "m.safetensors", "inspect", "ok", None, "100,000 tensors")
    corpus.recipe([{"name": "m.safetensors", "pieces": safetensors_of(100_000)}], "m.safetensors", "inspect", "limitExceeded",
                  "100001 tensors", "a tensor too many")
    for piece, count in ((b"[", 10_000_000), (b'{"w":', 3_000_000)):
        run = {"hex": piece.hex(), "times": count}
        corpus.recipe([{"name": "m.safetensors", "pieces": header(b'{"w":', run, b"", 5 + len(piece) * count)}], "m.safetensors", "inspect",
                      "invalidHeader", "nested deeper than 64", "millions of open arrays or objects")
        corpus.recipe([{"name": "model.safetensors", "pieces": [hexed(GOOD)]}, {"name": "config.json", "pieces": [run]}], "", "inspect",
                      "invalidJSON", "nested deeper than 64", "millions of open arrays or objects")
    zeros = 8_000_000
    before = b'{"w":{"dtype":"U8","shape":[0'
    size = len(before) + 2 * zeros
    corpus.recipe([{"name": "m.safetensors", "pieces": header(before, {"hex": b",0".hex(), "times": zeros}, b"", size)}], "m.safetensors",
                  "inspect", "invalidHeader", "not valid JSON", "a shape of eight million dimensions that does not end, below the limit of bytes")
    blank = one().encode()
    corpus.recipe([{"name": "m.safetensors", "pieces": header(blank, {"hex": "20", "times": (16 << 20) - len(blank)}, b"", 16 << 20, b"\1")}],
                  "m.safetensors", "inspect", "ok", None, "the longest header, mostly spaces")
    good = [{"name": "model.safetensors", "pieces": [hexed(GOOD)]}]

    def config(name, pieces, outcome, sentence, why):
        corpus.recipe(good + [{"name": name, "pieces": pieces}], "", "inspect", outcome, sentence, why)
    config("config.json", [{"hex": "20", "times": 20 << 20}, hexed(b"{}")], "invalidJSON", "at most", "20 MB of white space")
    config("config.json", [hexed(b"["), {"hex": b"0,".hex(), "times": 7_500_000}], "invalidJSON", "config.json: not valid JSON",
           "7.5 million numbers and no end, below the limit of bytes")
    config("config.json", [hexed(b"{"), {"text": '"k#":0,', "from": 0, "count": 200_000}, hexed(b'"k0000000":0}')], "invalidJSON",
           "appears twice", "the first of 200,000 keys again")
    many = [hexed(b'{"weight_map":{'), {"text": '"t#":"s#.safetensors",', "from": 0, "count": 1001}, hexed(b'"x":"a.safetensors"}}')]
    index_name = "model.safetensors.index.json"
    corpus.recipe([{"name": index_name, "pieces": many}], index_name, "inspect", "limitExceeded", "shards", "1002 shards")
    corpus.recipe([{"name": index_name, "pieces": [hexed(b"{"), {"sparse": 1 << 40}]}], index_name, "inspect", "invalidJSON", "at most",
                  "an index of a tebibyte")
    numbers = [hexed(b'{"a":['), {"hex": b"0,".hex(), "times": 30_000_000}]
    corpus.recipe([{"name": index_name, "pieces": numbers}], index_name, "inspect", "invalidJSON", "index.json: not valid JSON",
                  "30 million numbers and no end, below the limit of bytes")
    row = '"k#":"",'
    tensor = b'"x":' + json.dumps(entry(), separators=(",", ":")).encode() + b"}"
    before = b'{"__metadata__":{'
    pairs = 100_000
    after = b'"":""},' + tensor
    size = len(before) + pairs * (len(row) + 6) + len(after)
    corpus.recipe([{"name": "a.safetensors", "pieces": header(before, {"text": row, "from": 0, "count": pairs}, after, size, b"\1")},
                   {"name": index_name, "pieces": [hexed(index({"weight_map": {"x": "a.safetensors"}}))]}], index_name, "inspect", "ok", None,
                  "100,000 pairs of metadata in a shard")


GENUINE = ["checkpoints/image", "checkpoints/image-bare", "checkpoints/image-mixed", "checkpoints/text", "checkpoints/text-bf16",
           "checkpoints/text-classifier", "checkpoints/text-f16", "checkpoints/text-prefixed", "checkpoints/text-sharded", "checkpoints-safetensors/sharded",
           "checkpoints-safetensors/torch.bin", "checkpoints-safetensors/types.safetensors", "checkpoints-pytorch/plain.bin",
           "checkpoints-pytorch/protocol4.bin", "checkpoints-pytorch/views.bin", "checkpoints-pytorch/ordered.bin", "checkpoints-pytorch/module_state.bin",
           "checkpoints-pytorch/parameters.bin", "checkpoints-pytorch/training.bin", "checkpoints-pytorch/nested.bin", "checkpoints-pytorch/big_endian.bin",
           "checkpoints-pytorch/text.bin", "checkpoints-pytorch/image.bin", "checkpoints-pytorch/sharded", "example/text", "example/image"]


def genuine(corpus):
    """What real libraries wrote."""
    for name in GENUINE:
        corpus.case("../" + name, "inspect", "ok", None, None)


def add(corpus):
    genuine(corpus)
    safetensors(corpus)
    indexes(corpus)
    side_files(corpus)
    kinds(corpus)
    recipes(corpus)
