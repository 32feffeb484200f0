"""Hostile pickles inside otherwise valid archives, and old files that are pickles one after another; see make_corpus.py.

Programs are put together by hand, instruction by instruction. Source: CPython's Lib/pickletools.py.
"""
import struct
import zlib

import archives

VALUES = struct.pack("<4f", 1, 2, 3, 4)
EMPTY_DICTIONARY, MARK, SETITEM, SETITEMS, STOP, REDUCE, BUILD, TUPLE, NONE = b"}", b"(", b"s", b"u", b".", b"R", b"b", b"t", b"N"
PROTOCOL = b"\x80\x02"


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)


def name(module, attribute):
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def together(*parts):
    return MARK + b"".join(parts) + TUPLE


def persistent(count=4, key="0", kind="FloatStorage", first="storage", module="torch", location=text("cpu"), more=b""):
    key = text(key) if isinstance(key, str) else key
    return together(text(first), name(module, kind), key, location, number(count) if isinstance(count, int) else count, more) + b"Q"


HOOKS = name("collections", "OrderedDict") + b")R"


def tensor(shape=(4,), strides=(1,), offset=0, storage=None, builder="_rebuild_tensor_v2", parts=None, last=None):
    """The call that builds a tensor; `parts` in place of all its arguments."""
    def integers(values):
        return values if isinstance(values, bytes) else together(*map(number, values))
    if parts is None:
        parts = [persistent() if storage is None else storage, number(offset) if isinstance(offset, int) else offset, integers(shape),
                 integers(strides), b"\x89", HOOKS] + (last or [])
    return name("torch._utils", builder) + together(*parts) + REDUCE


def state(tensors, before=b"", after=b""):
    """A whole program that leaves a dictionary."""
    items = b"".join(text(key) + value for key, value in tensors.items())
    return PROTOCOL + before + EMPTY_DICTIONARY + MARK + items + SETITEMS + after + STOP


def whole(program, storages=None, script=False):
    storages = {"0": VALUES} if storages is None else storages
    entries = [archives.Entry("archive/data.pkl", program)]
    entries += [archives.Entry("archive/data/" + key, data) for key, data in storages.items()]
    if script:
        entries.append(archives.Entry("archive/constants.pkl", PROTOCOL + b")."))
    return archives.archive(entries + [archives.version()])


def inside(program):
    """A state dict with a tensor, after the program has left a value that becomes the value of "x"."""
    return state({"w": tensor(), "x": program})


def instructions():
    """Instructions without a place in a checkpoint."""
    forbidden = {
        "inst": b"(ios\nsystem\n", "obj": b"(" + name("torch", "Size") + b"o", "ext1": b"\x82\x01", "ext2": b"\x83\x01\0", "ext4": b"\x84\1\0\0\0",
        "persid": b"P0\n", "dup": b"N2\x85", "pop": b"NN0", "pop-mark": b"N(N1", "int": b"I1\n", "long": b"L1L\n", "float": b"F1.0\n",
        "string": b"S'a'\n", "unicode": b"Va\n", "get": b"Nq\0g0\n", "put": b"Np0\n", "dict": b"(d", "list": b"(l", "frozenset": b"(\x91",
        "next-buffer": b"\x97", "readonly-buffer": b"N\x98", "newobj-ex": name("argparse", "Namespace") + b")}\x92",
        "bytearray": b"\x96" + struct.pack("<Q", 1) + b"a", "binbytes8": b"\x8e" + struct.pack("<Q", 1) + b"a", "long4": b"\x8b\1\0\0\0\1",
        "zero": b"\0", "ff": b"\xff", "nul-text": b"T\1\0\0\0a",
    }
    # What torch's own reader or old files may have is left to the reader: they are harmless.
    harmless = {"long4", "binbytes8", "nul-text", "bytearray", "frozenset", "dict", "list"}
    for key, program in forbidden.items():
        if key not in harmless:
            yield "opcode-" + key, inside(program), "has no place in a checkpoint", "an instruction that checkpoints do not need"


GLOBALS = [("os", "system"), ("posix", "system"), ("nt", "system"), ("builtins", "eval"), ("builtins", "exec"), ("__builtin__", "eval"),
           ("builtins", "getattr"), ("builtins", "__import__"), ("subprocess", "Popen"), ("sys", "modules"), ("pickle", "loads"), ("torch", "load"),
           ("torch.hub", "load"), ("torch._utils", "_rebuild_tensor_v2.__globals__"),
           ("torch._Utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor_v2 "), ("torch._utils", "_rebuild_tensor_v22"),
           ("torch", "FloatStorage.from_file"), ("Torch", "FloatStorage"), ("collections", "OrderedDict.fromkeys"), ("collections.OrderedDict", ""),
           ("", ""), ("numpy.core.multiarray", "scalar.__class__"), ("torch.jit", "load"), ("__main__", "Model"), ("runpy", "_run_code"),
           ("torch.storage", "_load_from_bytes"), ("torch._dynamo.guards", "GuardBuilder.get"), ("webbrowser", "open"), ("socket", "socket"),
           ("torch\u200b", "FloatStorage"), ("collections", "ordereddict")]


def forbidden():
    for index, (module, attribute) in enumerate(GLOBALS):
        call = name(module, attribute) + together(text("id")) + REDUCE
        sentence = "refers to" if module or attribute else ""
        yield f"global-{index:02}", inside(call), sentence, f"calls {module}.{attribute}"
    for module, attribute in (("os", "system"), ("builtins", "eval"), ("posix", "system"), ("torch", "nn.Module.load_state_dict")):
        call = text(module) + text(attribute) + b"\x93" + together(text("id")) + REDUCE
        yield f"stack-global-{module}-{attribute}", inside(call), "refers to", "the same by STACK_GLOBAL"
    dotted = tensor().replace(name("torch._utils", "_rebuild_tensor_v2"), name("torch", "_utils._rebuild_tensor_v2"))
    yield "global-dotted", state({"w": dotted}), "refers to", "the builder's name cut at another point: Python knows no such name"
    yield "global-dotted-storage", state({"w": tensor(storage=persistent(module="torch.storage.", kind="UntypedStorage"))}), "refers to", \
        "a module that ends in a point"
    yield "global-uncalled", inside(name("os", "system")), "refers to os.system", "named, but not called"
    yield "global-first", PROTOCOL + name("os", "system") + text("id") + b"\x85R" + inside(NONE)[2:], "refers to os.system", "before anything else"
    yield "global-after", state({"w": tensor()}, after=name("os", "system") + b")R"), "refers to os.system", "after everything"
    yield "global-in-metadata", state({"w": tensor()}, after=b"}" + text("_metadata") + name("os", "system") + b"sb"), "refers to os.system", \
        "in the state of the dictionary"
    yield "global-escape", inside(name("\x1b[31mos\r", "system")), "refers to", "terminal codes in a name"
    yield "global-module", inside(name("torch.nn.modules.linear", "Linear") + b")\x81}b"), "not a state dict", "a whole module"
    yield "stack-global-memo", inside(text("os") + b"q\x05" + text("system") + b"q\x06h\x05h\x06\x93"), "refers to os.system", "by way of the memo"
    yield "stack-global-number", inside(b"K\1K\2\x93"), "found", "numbers for a name"
    yield "stack-global-nothing", PROTOCOL + b"\x93.", "takes more values", "nothing for a name"
    from_type = name("torch._tensor", "_rebuild_from_type_v2")
    builder, parts = name("torch._utils", "_rebuild_tensor_v2"), together(persistent(), number(0), together(number(4)), together(number(1)), b"\x89", HOOKS)
    kind = name("torch", "Tensor")
    yield "from-type-three", inside(from_type + together(builder, kind, parts) + REDUCE), "expected a tensor's parts", "an argument too few"
    yield "from-type-five", inside(from_type + together(builder, kind, parts, b"}", NONE) + REDUCE), "expected a tensor's parts", "an argument too many"
    yield "from-type-twice", inside(from_type + together(from_type, kind, together(builder, kind, parts, b"}"), b"}") + REDUCE), \
        "a tensor in a tensor", "the call inside the same call"
    yield "from-type-forbidden", inside(name("torch._tensor", "_rebuild_from_type_v2") + together(name("os", "system"), name("torch", "Tensor"),
                                        together(text("id")), b"}") + REDUCE), "refers to os.system", "the function inside another call"


def broken():
    """Programs that do not run."""
    good = state({"w": tensor()})
    yield "empty", b"", "ends in the middle", "no program"
    yield "stop", PROTOCOL + STOP, "takes more values", "the end, and nothing on the stack"
    yield "stop-only", STOP, "takes more values", "nothing but the end"
    yield "no-stop", good[:-1], "ends in the middle", "no end"
    yield "half", good[:len(good) // 2], "", "cut in half"
    yield "trailing", good + b"x", "1 bytes follow", "a byte follows"
    yield "trailing-pickle", good + good, "follow the pickle's end", "a second pickle"
    yield "protocol-0", b"\x80\0" + good[2:], "protocol 0", "a protocol of texts"
    yield "protocol-6", b"\x80\6" + good[2:], "protocol 6", "a protocol of the future"
    yield "protocol-255", b"\x80\xff" + good[2:], "protocol 255", "no protocol"
    yield "global-unterminated", PROTOCOL + b"c" + b"a" * 200, "ends in the middle", "a name that does not end"
    yield "global-half", PROTOCOL + b"cos\nsys", "ends in the middle", "half a name"
    yield "global-utf8", PROTOCOL + b"c\xff\xfe\nx\n.", "not UTF-8", "a name that is not UTF-8"
    for key, data in (("latin1", b"\xe9"), ("surrogate", b"\xed\xa0\x80"), ("overlong", b"\xc0\x80"), ("cut", b"\xe4\xb8")):
        yield "utf8-" + key, state({}, before=text(data)), "not UTF-8", "a text that is not UTF-8"
    yield "text-4g", PROTOCOL + b"X\xff\xff\xff\xffab.", "ends in the middle", "a text of 4 GiB"
    yield "text-2-64", PROTOCOL + b"\x8d" + b"\xff" * 8 + b"ab.", "ends in the middle", "a text of 2^64 - 1 bytes"
    yield "bytes-4g", PROTOCOL + b"B\xff\xff\xff\xffab.", "ends in the middle", "bytes of 4 GiB"
    yield "long1-cut", PROTOCOL + b"\x8a\xffab.", "ends in the middle", "a number of 255 bytes, two of them there"
    yield "binfloat-cut", PROTOCOL + b"G\0\0.", "ends in the middle", "half a float"
    yield "frame-long", PROTOCOL + b"\x95" + struct.pack("<Q", 1 << 40) + good[2:], "", "a frame longer than the pickle"
    yield "frame-top", PROTOCOL + b"\x95" + b"\xff" * 8 + good[2:], "", "a frame of 2^64 - 1 bytes"
    yield "frame-cut", PROTOCOL + b"\x95\1\2.", "ends in the middle", "half a frame's size"
    for key, program in (("reduce", b"R"), ("build", b"b"), ("newobj", b"\x81"), ("tuple1", b"\x85"), ("tuple3", b"NN\x87"), ("append", b"]a"),
                         ("setitem", b"}Ns"), ("persid", b"Q"), ("binput", b"q\0"), ("memoize", b"\x94")):
        yield "underflow-" + key, PROTOCOL + program + STOP, "takes more values", "takes more than there is"
    for key, program in (("tuple", b"t"), ("setitems", b"}u"), ("appends", b"]e"), ("additems", b"\x8f\x90")):
        yield "unmarked-" + key, PROTOCOL + program + STOP, "takes more values", "no MARK"
    yield "below-mark", PROTOCOL + b"}N(R.", "takes more values", "takes values below the MARK"
    yield "put-below-mark", inside(b"N(q\x05t\x86"), "takes more values", "stores a value below the MARK"
    yield "stop-in-mark", PROTOCOL + b"}(.", "takes more values", "the end inside of a MARK"
    yield "odd-items", PROTOCOL + b"}(NNNu.", "takes more values", "a key without a value"
    yield "memo-unknown", inside(b"h\x63"), "never stored", "a value that nobody stored"
    yield "memo-4g", inside(b"j\xff\xff\xff\xff"), "never stored", "the last of 4 billion"
    yield "marks-65", PROTOCOL + b"(" * 65 + STOP, "more than 64 nested", "65 open MARKs"


def confusion():
    """Values of the wrong kind."""
    items = b"(" + text("a") + NONE + SETITEMS
    yield "setitems-list", inside(b"]" + items), "expected a dictionary", "pairs for a list"
    yield "setitems-tuple", inside(b")" + items), "expected a dictionary", "pairs for a tuple"
    yield "setitems-none", inside(b"N" + items), "expected a dictionary", "pairs for None"
    yield "setitems-text", inside(text("t") + items), "expected a dictionary", "pairs for a text"
    yield "setitems-tensor", inside(tensor() + items), "expected a dictionary", "pairs for a tensor (CVE-2026-24747)"
    yield "setitems-storage", inside(persistent() + items), "expected a dictionary", "pairs for a storage"
    yield "setitem-list", inside(b"]" + text("a") + NONE + SETITEM), "expected a dictionary", "a pair for a list"
    yield "append-dictionary", inside(b"}Na"), "expected a list", "an element for a dictionary"
    yield "append-tuple", inside(b")Na"), "expected a list", "an element for a tuple"
    yield "append-number", inside(b"K\1Na"), "expected a list", "an element for a number"
    yield "appends-tensor", inside(tensor() + b"(Ne"), "expected a list", "elements for a tensor"
    yield "build-number", inside(b"K\1}b"), "expected an object", "a state for a number"
    yield "build-text", inside(text("t") + b"}b"), "expected an object", "a state for a text"
    yield "build-tuple", inside(b")}b"), "expected an object", "a state for a tuple"
    yield "build-global", inside(name("torch", "Size") + b"}b"), "expected an object", "a state for a function"
    moved = together(persistent(key="1"), number(0), together(number(4)), together(number(1)))
    yield "build-tensor", inside(tensor() + moved + BUILD), "expected an object", "another storage as the state of a tensor: torch takes it"
    parameter = name("torch._utils", "_rebuild_parameter") + together(tensor(), b"\x88", HOOKS) + REDUCE
    yield "build-parameter", inside(parameter + moved + BUILD), "expected an object", "the same for a parameter"
    ordered = name("collections", "OrderedDict")
    yield "ordered-number", inside(ordered + together(number(1)) + REDUCE), "expected a dictionary's pairs", "an OrderedDict of a number"
    yield "ordered-single", inside(ordered + b"](](K\1ee\x85R"), "expected a dictionary's pairs", "an OrderedDict of a list of one"
    yield "ordered-two", inside(ordered + b"]]\x86R"), "expected a dictionary's pairs", "an OrderedDict of two lists"
    yield "reduce-number", inside(b"K\1)R"), "expected a function", "calls a number"
    yield "reduce-list", inside(name("collections", "OrderedDict") + b"]R"), "expected a tuple of arguments", "a list of arguments"
    yield "reduce-storage", inside(name("torch", "FloatStorage") + b")R"), "expected a function", "calls a type of storage"
    yield "newobj-tensor", inside(tensor() + b")\x81"), "expected a harmless class", "an object of a tensor"
    yield "newobj-builder", inside(name("torch._utils", "_rebuild_tensor_v2") + b")\x81"), "expected a harmless class", "an object of a function"
    yield "key-number", state({}, before=b"") [:-2] + number(1) + tensor() + b"u.", "expected a tensor's name", "a tensor under a number"
    yield "key-none", state({})[:-2] + NONE + tensor() + b"u.", "expected a tensor's name", "a tensor under None"
    yield "key-tuple", state({})[:-2] + b")" + tensor() + b"u.", "expected a tensor's name", "a tensor under a tuple"
    yield "key-twice", PROTOCOL + b"}(" + (text("w") + tensor()) * 2 + b"u.", "is there twice", "a tensor twice"
    yield "key-twice-other", PROTOCOL + b"}(" + text("w") + tensor() + text("w") + NONE + b"u.", "is there twice", "a tensor, then None"
    inner = b"}(" + text("w") + tensor() + b"u"
    yield "wrapper-twice", PROTOCOL + b"}(" + text("state_dict") + inner + text("state_dict") + inner + b"u.", "twice", "two state dicts of one name"
    for key, program in (("none", NONE), ("number", b"K\1"), ("text", text("w")), ("list", b"]"), ("tuple", b")"), ("storage", persistent()),
                         ("global", name("torch", "Size"))):
        yield "root-" + key, PROTOCOL + program + STOP, "expected a state dict", "no dictionary"


def geometry():
    """Tensors and storages that cannot be; yields the error too."""
    where, parts = "does not lie in a storage", "expected a tensor's parts"

    def bad(key, value, sentence, why, outcome="invalidTensor"):
        return "tensor-" + key, state({"w": value}), outcome, sentence, why
    top = (1 << 63) - 1
    yield bad("negative-size", tensor((-1,)), where, "a negative size")
    yield bad("negative-sizes", tensor((-2, -2), (1, 1)), where, "their product is 4")
    yield bad("negative-stride", tensor((4,), (-1,), 3), where, "a negative stride")
    yield bad("negative-offset", tensor((4,), (1,), -1), where, "begins before its storage")
    yield bad("too-long", tensor((5,)), where, "an element beyond the storage")
    yield bad("offset-1", tensor((4,), (1,), 1), where, "the offset pushes it out")
    yield bad("stride-2", tensor((4,), (2,)), where, "the stride pushes it out")
    yield bad("strides-missing", tensor((2, 2), (1,)), where, "a stride too few")
    yield bad("strides-surplus", tensor((4,), (4, 1)), where, "a stride too many")
    yield bad("offset-top", tensor((1,), (1,), top), where, "offset 2^63 - 1")
    yield bad("stride-top", tensor((3,), (top,)), where, "size times stride overflows")
    yield bad("sum-top", tensor((2, 2), (top, top)), where, "the sum overflows")
    yield bad("size-top", tensor((top,), (0,)), "", "2^63 - 1 times one element")
    yield bad("sizes-top", tensor((1 << 32, 1 << 32), (0, 0)), "", "2^64 elements")
    yield bad("repeated", tensor((1 << 30,), (0,)), "too often", "4 GiB from four bytes")
    yield bad("repeated-rows", tensor((1 << 20, 4), (0, 1)), "too often", "a row a million times")
    yield bad("scalar-offset", tensor((), (), 4), where, "a scalar beyond the storage")
    yield bad("rank-33", tensor((1,) * 33, (1,) * 33), "33 dimensions", "a dimension too many")
    for key, value in (("offset-none", dict(offset=NONE)), ("offset-text", dict(offset=text("0"))), ("offset-float", dict(offset=b"G" + bytes(8))),
                       ("offset-big", dict(offset=number(1 << 64))), ("shape-list", dict(shape=b"](K\4e")), ("shape-number", dict(shape=number(4))),
                       ("shape-text", dict(shape=together(text("4")))), ("shape-big", dict(shape=(1 << 64,))), ("strides-none", dict(strides=NONE)),
                       ("storage-none", dict(storage=NONE)), ("storage-text", dict(storage=text("0"))), ("storage-tensor", dict(storage=tensor()))):
        yield bad(key, tensor(**value), parts, "an argument of the wrong kind", "invalidPickle")
    yield bad("no-arguments", tensor(parts=[]), parts, "no arguments", "invalidPickle")
    yield bad("three-arguments", tensor(parts=[persistent(), number(0), together(number(4))]), parts, "an argument too few", "invalidPickle")
    for key, value in (("neg", "neg"), ("conj", "conj"), ("unknown", "x")):
        yield bad("metadata-" + key, tensor(last=[b"}" + text(value) + b"\x88s"]), "a negated or conjugate view", "a view that torch negates",
                  "invalidPickle")
    yield bad("eight-arguments", tensor(last=[NONE, NONE]), parts, "an argument too many", "invalidPickle")
    for key in ("data", "real", "imag"):
        yield bad("parameter-" + key, name("torch._utils", "_rebuild_parameter_with_state") + together(
            tensor(), b"\x88", HOOKS, b"}" + text(key) + tensor(storage=persistent(key="1")) + SETITEM) + REDUCE, "with data of its own",
            "a parameter whose state is other data", "invalidPickle")
    inner = together(persistent(), number(0), together(number(4)), together(number(1)), b"\x89", HOOKS)
    yield bad("from-type-data", name("torch._tensor", "_rebuild_from_type_v2") + together(
        name("torch._utils", "_rebuild_tensor_v2"), name("torch", "Tensor"), inner, together(NONE, b"}" + text("data") + NONE + SETITEM)) + REDUCE,
        "with data of its own", "a tensor whose slots hold other data", "invalidPickle")
    yield bad("from-type-nested", name("torch._tensor", "_rebuild_from_type_v2") + together(
        name("torch._utils", "_rebuild_tensor_v2"), name("torch", "Tensor"), inner, together(together(NONE), NONE)) + REDUCE,
        "with data of its own", "a state whose parts have parts", "invalidPickle")
    yield bad("v3-no-type", tensor(builder="_rebuild_tensor_v3"), "expected a tensor's element type", "no element type", "invalidPickle")
    yield bad("v3-other-type", tensor(builder="_rebuild_tensor_v3", last=[name("torch", "float64")]), "element type", "a storage of f32, a tensor of f64")
    yield bad("untyped", tensor(storage=persistent(16, kind="UntypedStorage", module="torch.storage")), "element type", "only bytes")
    ids = {
        "key-slash": (dict(key="../0"), "is not a number"), "key-text": (dict(key="weights"), "is not a number"), "key-empty": (dict(key=""), "is not a number"),
        "key-minus": (dict(key="-1"), "is not a number"), "key-space": (dict(key=" 0"), "is not a number"), "key-long": (dict(key="0" * 21), "is not a number"),
        "key-arabic": (dict(key="\u0660"), "is not a number"), "key-nul": (dict(key="0\0"), "is not a number"), "key-number": (dict(key=number(0)), "storage"),
        "first": (dict(first="module"), "storage"), "kind": (dict(module="collections", kind="OrderedDict"), "storage"), "count-negative": (dict(count=-4), "-4 elements"),
        "count-text": (dict(count=text("4")), "storage"), "count-none": (dict(count=NONE), "storage"), "six": (dict(more=NONE), "storage"),
    }
    for key, (options, sentence) in ids.items():
        yield "storage-" + key, state({"w": tensor(storage=persistent(**options))}), "invalidPickle", sentence, "a reference to a storage that is none"
    for key, value in (("text", text("storage")), ("none", NONE), ("empty", b")"), ("list", b"]")):
        yield "storage-id-" + key, state({"w": tensor(storage=value + b"Q")}), "invalidPickle", "storage", "a reference to a storage that is none"
    yield "storage-count", state({"w": tensor((8,), storage=persistent(8))}), "invalidTensor", "which are not 8 elements", "more than the entry holds (CVE-2026-7482)"
    yield "storage-count-less", state({"w": tensor((2,), storage=persistent(2))}), "invalidTensor", "which are not 2 elements", "less than the entry holds"
    yield "storage-count-top", state({"w": tensor(storage=persistent(top))}), "invalidTensor", "which are not", "2^63 - 1 elements, times 4 overflows"
    yield "storage-wider", state({"w": tensor(storage=persistent(4, kind="DoubleStorage"))}), "invalidTensor", "which are not 4 elements", "f64 in 16 bytes"
    yield "storage-twice", state({"a": tensor(), "b": tensor((2,), storage=persistent(2))}), "invalidPickle", "described twice", "two counts"
    yield "storage-twice-kind", state({"a": tensor(), "b": tensor(storage=persistent(4, kind="IntStorage"))}), "invalidPickle", "described twice", "two types"
    yield "storage-missing", state({"w": tensor(storage=persistent(key="7"))}), "invalidZIP", "\"archive/data/7\" is missing", "no such storage"
    yield "storage-zeros", state({"w": tensor(storage=persistent(key="00"))}), "invalidZIP", "is missing", "00 is not 0"
    for kind in ("ComplexFloatStorage", "QInt8Storage"):
        yield "storage-" + kind, state({"w": tensor(storage=persistent(2, kind=kind))}), "invalidTensor", "not supported", "a type that is not read"
    yield "no-tensors", state({"epoch": number(3)}), "noTensors", "no tensors", "numbers only"
    yield "no-entries", state({}), "noTensors", "no tensors", "an empty dictionary"
    yield "itself", PROTOCOL + b"}q\0" + text("state_dict") + b"h\0s.", "noTensors", "no tensors", "a dictionary inside itself"
    yield "name-4097", state({"n" * 4097: tensor()}), "invalidPickle", "bytes in a tensor's name", "a name a byte too long"


def bombs():
    """What grows."""
    laughs = b")"
    for level in range(60):
        laughs += b"q" + bytes([level]) + b"(" + (b"h" + bytes([level])) * 10 + b"t"
    yield "laughs", state({"w": tensor(), "x": laughs}), "ok", None, "10^60 empty tuples by reference"
    lists = b"]q\0" + b"(" + b"h\0" * 2_000 + b"e"
    yield "self-lists", state({"w": tensor(), "x": lists}), "ok", None, "a list that holds itself 2,000 times"


def fine():
    """Valid programs."""
    plain = state({"w": tensor()})
    yield "plain", plain, "as small as possible"
    yield "protocol-4", b"\x80\4\x95" + struct.pack("<Q", len(plain) - 2) + plain[2:], "a frame"
    stack_global = text("torch._utils") + text("_rebuild_tensor_v2") + b"\x93"
    yield "stack-global", state({"w": stack_global + tensor()[len(name("torch._utils", "_rebuild_tensor_v2")):]}), "STACK_GLOBAL"
    short = b"\x80\4}\x94(\x8c\1w\x94" + tensor() + b"\x94u."
    yield "memoize", short, "MEMOIZE and short texts"
    yield "ordered", PROTOCOL + HOOKS + b"q\0(" + text("w") + tensor() + b"u}" + text("_metadata") + HOOKS + b"sb.", "an OrderedDict with _metadata"
    pairs = b"](](" + text("w") + tensor() + b"e" + text("n") + NONE + b"\x86e\x85R"
    yield "ordered-pairs", PROTOCOL + name("collections", "OrderedDict") + pairs + STOP, "an OrderedDict of a list of pairs, as Python 2 wrote it"
    yield "metadata-empty", state({"w": tensor(last=[b"}"]), "v": tensor(last=[NONE])}), "metadata that say nothing"
    yield "parameter-state", state({"w": name("torch._utils", "_rebuild_parameter_with_state") + together(
        tensor(), b"\x88", HOOKS, b"}" + text("tag") + number(1) + SETITEM) + REDUCE}), "a parameter with an attribute"
    yield "wrapped", state({"epoch": number(3), "state_dict": b"}(" + text("w") + tensor() + b"u"}), "a state dict in a dictionary"
    yield "long1-255", state({"w": tensor(), "x": b"\x8a\xff" + b"\x7f" * 255}), "a number of 255 bytes"
    yield "long1-0", state({"w": tensor(offset=b"\x8a\0")}), "a number of no bytes is 0"
    yield "memo-far", state({"w": tensor(), "x": b"Nr\xff\xff\xff\x7f", "y": b"j\xff\xff\xff\x7f"}), "a memo of one, numbered two billion (64 GiB elsewhere)"
    yield "memo-again", state({"w": tensor(), "x": b"Nq\0K\1q\0h\0"}), "a memo entry replaced"
    yield "float", state({"w": tensor(), "x": b"G\x7f\xf8" + bytes(6)}), "a NaN that nobody reads"
    yield "keys", state({"w": tensor()})[:-2] + number(1) + NONE + b")" + NONE + b"u.", "keys that are no texts, of values that are no tensors"
    yield "normal-forms", state({"\u00e9": tensor(), "e\u0301": tensor()}), "two names that Unicode calls equal"
    yield "empty-name", state({"": tensor()}), "the empty name"
    yield "nul-name", state({"a\0\x1b[31m\n": tensor()}), "terminal codes in a name"
    yield "name-4096", state({"n" * 4096: tensor()}), "the longest name"
    yield "scalar", state({"w": tensor((), (), 3)}), "no dimensions"
    yield "empty-tensor", state({"w": tensor((0, 5), (5, 1)), "v": tensor()}), "no elements"
    yield "empty-far", state({"w": tensor((0,), (1,), 4), "v": tensor()}), "no elements, at the end of the storage"
    yield "expanded", state({"w": tensor((3, 4), (0, 1))}), "a stride of 0, as expand makes it"
    yield "odd-stride", state({"w": tensor((1, 4), (99, 1))}), "a stride that no element uses"
    yield "transposed", state({"w": tensor((2, 2), (1, 2))}), "columns first"
    yield "tied", state({"a": tensor(), "b": tensor()}), "two names for one storage"
    yield "rank-32", state({"w": tensor((1,) * 32, (1,) * 32)}), "as many dimensions as are allowed"
    yield "v3", state({"w": tensor(storage=persistent(16, kind="UntypedStorage", module="torch.storage"), builder="_rebuild_tensor_v3",
                                   last=[name("torch", "float32")])}), "an untyped storage"
    yield "parameter", state({"w": name("torch._utils", "_rebuild_parameter") + together(tensor(), b"\x88", HOOKS) + REDUCE}), "a parameter"
    yield "cuda", state({"w": tensor(storage=persistent(module="torch.cuda", location=text("cuda:99")))}), "a storage of a device"
    yield "location", state({"w": tensor(storage=persistent(location=NONE))}), "a location that nobody reads"
    yield "namespace", state({"w": tensor(), "x": name("argparse", "Namespace") + b")\x81}" + text("__class__") + text("os.system") + b"sb"}), \
        "attributes that nobody reads"


MAGIC = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."


def legacy(little=b"\x88", program=None, keys=("0",), counts=(4,), data=(VALUES,), magic=MAGIC, protocol=b"\x80\2M\xe9\3."):
    system = PROTOCOL + b"}(" + text("protocol_version") + b"M\xe9\3" + text("little_endian") + little + text("type_sizes") + b"}u."
    table = PROTOCOL + b"](" + b"".join(map(text, keys)) + b"e."
    blocks = b"".join(struct.pack("<q", count) + block for count, block in zip(counts, data))
    return magic + protocol + system + (program or state({"w": tensor(storage=persistent(more=NONE))})) + table + blocks


def old_files():
    """`torch.save` before PyTorch 1.6: five pickles, then storages."""
    evil = name("os", "system") + text("id") + b"\x85R."
    good = legacy()
    yield "plain", good, "ok", None, "an old file"
    yield "two", legacy(program=state({"a": tensor(storage=persistent(more=NONE)), "b": tensor(storage=persistent(key="10", more=NONE))}), keys=("0", "10"),
                        counts=(4, 4), data=(VALUES,) * 2), "ok", None, "two storages"
    number_of = MAGIC[2:]
    for version in (3, 4, 5):
        def begin(numbers):
            frame = b"\x95" + struct.pack("<Q", len(numbers)) if version > 3 else b""
            return b"\x80" + bytes([version]) + frame + numbers
        yield f"protocol-{version}", legacy(magic=begin(number_of), protocol=begin(b"M\xe9\3.")), "ok", None, f"torch.save(pickle_protocol={version})"
    yield "protocol-6", legacy(magic=b"\x80\6" + number_of), None, "", "a protocol of the future"
    yield "second-start", legacy(protocol=b"\x81\2M\xe9\3."), None, "", "a second pickle that begins with another instruction"
    yield "second-protocol-6", legacy(protocol=b"\x80\6\x95\4" + bytes(7) + b"M\xe9\3."), None, "", "the second pickle, of the future"
    yield "byte-order-twice", legacy(little=b"\x88" + text("little_endian") + b"\x89"), None, "twice", "two byte orders"
    yield "cut", good[:-1], None, "", "a byte is missing"
    yield "appended", good + b"\0", None, "", "a byte follows"
    yield "count-more", legacy(counts=(5,), data=(VALUES + b"1234",)), None, "", "another count than the pickle's"
    yield "count-negative", legacy(counts=(-1,)), None, "", "a negative count"
    yield "count-top", legacy(counts=((1 << 63) - 1,)), None, "", "2^63 - 1 elements"
    huge = state({"w": tensor((0,), storage=persistent(1 << 62, more=NONE))})
    yield "count-wraps", legacy(program=huge, counts=(1 << 62,), data=(b"",)), "invalidPickle", "the file ends inside the storage 0", \
        "2^62 elements, times 4 is 0 in 64 bits"
    yield "no-keys", legacy(keys=(), counts=(), data=()), None, "", "the storage is not listed: torch reads uninitialised memory"
    yield "other-key", legacy(keys=("1",)), None, "", "another storage is listed"
    yield "key-twice", legacy(keys=("0", "0"), counts=(4, 4), data=(VALUES,) * 2), None, "", "a storage twice"
    yield "key-number", legacy().replace(PROTOCOL + b"](" + text("0") + b"e.", PROTOCOL + b"](K\0e."), None, "", "a key that is no text"
    yield "protocol", legacy(protocol=b"\x80\2M\xea\3."), None, "", "protocol 1002"
    yield "evil-1", PROTOCOL + evil + good, None, "", "a call before the first pickle"
    yield "evil-2", legacy(protocol=PROTOCOL + evil), None, "", "a call in the second pickle"
    yield "evil-3", legacy(little=evil[:-1]), None, "", "a call in the third pickle"
    yield "evil-4", legacy(program=PROTOCOL + evil), None, "", "a call in the fourth pickle"
    yield "evil-5", legacy().replace(PROTOCOL + b"](" + text("0") + b"e.", PROTOCOL + b"](" + evil[:-1] + b"e."), None, "", "a call in the fifth pickle"
    yield "magic-only", MAGIC, None, "", "nothing after the first pickle"
    yield "plain-pickle", PROTOCOL + b"}.", None, "", "a pickle of another program"


def module(attributes, name_of_class="M", place="__torch__"):
    """A TorchScript object with these attributes."""
    return name(place, name_of_class) + b")\x81}(" + b"".join(text(key) + value for key, value in attributes.items()) + b"ub"


def scripts():
    """Object graphs of TorchScript archives."""
    def root(attributes):
        return PROTOCOL + module(attributes) + STOP
    yield "ok-plain", root({"weight": tensor()}), "ok", None, "a module"
    yield "ok-nested", root({"a": module({"b": module({"w": tensor()}, "B")}, "A", "__torch__.x.y")}), "ok", None, "modules in modules"
    yield "ok-shared", root({"a": module({"w": tensor()}) + b"q\0", "b": b"h\0"}), "ok", None, "a module that two hold"
    yield "ok-others", root({"w": tensor(), "training": b"\x88", "n": number(1), "x": NONE, "l": name("torch.jit._pickle", "build_intlist") + b"]\x85R"}), \
        "ok", None, "attributes that are no tensors"
    yield "itself", PROTOCOL + name("__torch__", "M") + b")\x81q\0}" + text("m") + b"h\0sb.", "invalidPickle", "more than", "a module inside itself"
    yield "built-twice", PROTOCOL + module({"w": tensor()}) + b"}b.", "invalidPickle", "once", "attributes given twice"
    yield "two-names", PROTOCOL + name("__torch__", "M") + b")\x81}(" + (text("w") + tensor()) * 2 + b"ub.", "invalidPickle", "twice", "a tensor twice"
    yield "two-paths", root({"a.b": tensor(), "a": module({"b": tensor()})}), "invalidPickle", "twice", "a.b in two ways"
    yield "module-twice", PROTOCOL + name("__torch__", "M") + b")\x81}(" + text("m") + module({"w": tensor()}) + text("m") + NONE + b"ub.", \
        "invalidPickle", "twice", "a module, then None"
    yield "key-number", PROTOCOL + name("__torch__", "M") + b")\x81}" + number(1) + tensor() + b"sb.", "invalidPickle", "name", "an attribute without a name"
    yield "state-list", PROTOCOL + name("__torch__", "M") + b")\x81]b.", "invalidPickle", "attributes", "a list of attributes"
    yield "root-dictionary", state({"w": tensor()}), "invalidPickle", "expected a module", "no module"
    yield "no-tensors", root({"n": number(1)}), "noTensors", "no tensors", "a module without tensors"
    yield "global", root({"w": tensor(), "x": name("os", "system") + b")R"}), "invalidPickle", "refers to os.system", "a call"
    yield "class-called", root({"w": tensor(), "x": name("__torch__", "M") + b")R"}), "invalidPickle", "expected a function", "a class that is called"
    yield "class-almost", root({"w": tensor(), "x": name("__torch__x", "M") + b")\x81"}), "invalidPickle", "refers to __torch__x.M", "not of TorchScript"
    yield "class-os", root({"w": tensor(), "x": name("__torch__.os", "system") + b")R"}), "invalidPickle", "expected a function", "a class called os.system"
    yield "deep", PROTOCOL + b"".join(name("__torch__", "M") + b")\x81}" + text("m") for _ in range(70)) + NONE + b"sb" * 70 + STOP, "invalidPickle", \
        "more than", "70 modules deep"


def recipes(corpus):
    """Programs of megabytes; the archive around them is made here, its checksum too."""
    def add(pieces, outcome, sentence, why, script=False):
        program = b"".join(expanded(piece) for piece in pieces)
        around = whole(program, script=script)
        at = around.index(program)
        hexed = [{"hex": around[:at].hex(), "times": 1}] + pieces + [{"hex": around[at + len(program):].hex(), "times": 1}]
        corpus.recipe([{"name": "m.bin", "pieces": hexed}], "m.bin", "inspect", outcome, sentence, why)
        assert zlib.crc32(program) >= 0

    def fixed(data, times=1):
        return {"hex": data.hex(), "times": times}
    tail = fixed(state({"w": tensor()})[2:])
    add([fixed(PROTOCOL + b"c"), fixed(b"a", 100_000)], "invalidPickle", "more than 256 bytes in a Python name",
        "a name of 100,000 bytes that does not end: torch hangs")
    add([fixed(PROTOCOL), fixed(b"(", 100_000)], "invalidPickle", "more than 64 nested", "100,000 open MARKs")
    # Nothing nests here: values are numbers of entries in flat arrays, and nobody reads these.
    add([fixed(PROTOCOL + b")"), fixed(b"\x85", 100_000), tail], "ok", None, "tuples 100,000 deep")
    add([fixed(PROTOCOL), fixed(b"]", 100_000), fixed(b"a", 99_999), tail], "ok", None, "lists 100,000 deep")
    add([fixed(PROTOCOL), fixed(b"}" + text("a"), 100_000), fixed(NONE), fixed(b"s", 100_000), tail], "ok", None, "dictionaries 100,000 deep")
    add([fixed(PROTOCOL), fixed(NONE, 300_000), fixed(b"(t", 200_000), tail], "ok", None, "200,000 small tuples on a stack of 300,000 values")
    add([fixed(PROTOCOL + MARK), fixed(b"(K\1K\1t", 80_000), fixed(TUPLE), tail], "ok", None, "80,000 tuples above an open MARK")
    add([fixed(PROTOCOL + NONE), {"little": "72", "from": 0, "count": 900_000}, tail], "ok", None, "one value stored 900,000 times")
    add([fixed(PROTOCOL), fixed(b"]K\1a", 300_000), tail], "ok", None, "300,000 lists of one number")
    add([fixed(PROTOCOL), fixed(b"}K\1K\1s", 200_000), tail], "ok", None, "200,000 dictionaries of one pair")
    add([fixed(PROTOCOL), fixed(text("ab"), 450_000), tail], "ok", None, "450,000 texts")
    add([fixed(PROTOCOL), fixed(b"N", 3_000_000), tail], "invalidPickle", "more than", "three million values")
    add([fixed(PROTOCOL + b"X" + struct.pack("<I", 2 << 20)), fixed(b"a", 2 << 20), tail], "invalidPickle", "bytes of text", "a text of 2 MiB")
    add([fixed(PROTOCOL + NONE), {"little": "72", "from": 1, "count": 10_000}, tail], "ok", None, "10,000 values stored out of order")
    add([fixed(PROTOCOL + NONE), {"little": "72", "from": 1, "count": 10_001}, tail], "invalidPickle", "more than 10000 values stored out of order",
        "10,001 values stored out of order")
    # The tensor has three names of its own.
    add([fixed(PROTOCOL), fixed(name("torch", "Size"), 65_533), tail], "ok", None, "65,536 names")
    add([fixed(PROTOCOL), fixed(name("torch", "Size"), 65_534), tail], "invalidPickle", "more than 65536 Python names", "65,537 names")
    add([fixed(PROTOCOL), fixed(b"N", 17 << 20), tail], "invalidZIP", "at most", "a pickle longer than the limit")


    # One module of 20,000 attributes, held by 50,000 others: a billion visits.
    head = PROTOCOL + name("__torch__", "M") + b")\x81}(" + text("w") + tensor() + text("s") + name("__torch__", "S") + b")\x81}("
    add([fixed(head), {"text": "X\x08\0\0\0a#N", "from": 0, "count": 20_000}, fixed(b"ubq\x63"),
         {"text": "X\x08\0\0\0m#h\x63", "from": 0, "count": 50_000}, fixed(b"ub.")], "invalidPickle", "", "a module of 20,000 attributes, held 50,000 times", True)


def expanded(piece):
    if "text" in piece:
        first = piece["from"]
        return "".join(piece["text"].replace("#", f"{i:07}") for i in range(first, first + piece["count"])).encode()
    if "little" in piece:
        first = piece["from"]
        return b"".join(bytes.fromhex(piece["little"]) + struct.pack("<I", i) for i in range(first, first + piece["count"]))
    return bytes.fromhex(piece["hex"]) * piece["times"]


def add(corpus):
    for group in (instructions, forbidden, broken, confusion):
        for key, program, sentence, why in group():
            corpus.file(f"pickle/{key}.bin", whole(program), "inspect", "invalidPickle", sentence, why)
    for group in (geometry, bombs):
        for key, program, outcome, sentence, why in group():
            corpus.file(f"pickle/{key}.bin", whole(program), "inspect", outcome, sentence, why)
    wraps = state({"w": tensor((0,), storage=persistent(1 << 62, key="1")), "v": tensor()})
    corpus.file("pickle/storage-count-wraps.bin", whole(wraps, {"0": VALUES, "1": b""}), "inspect", "invalidTensor",
                "which are not 4611686018427387904 elements", "2^62 elements, times 4 is 0 in 64 bits")
    for key, program, why in fine():
        corpus.file(f"pickle/ok-{key}.bin", whole(program), "inspect", "ok", None, why)
    for key, program, outcome, sentence, why in scripts():
        corpus.file(f"script/{key}.pt", whole(program, script=True), "inspect", outcome, sentence, why)
    corpus.file("script/not-a-script.pt", whole(PROTOCOL + module({"w": tensor()}) + STOP), "inspect", "invalidPickle", "refers to",
                "TorchScript's objects in an archive of torch.save")
    for key, data, outcome, sentence, why in old_files():
        corpus.file(f"legacy/{key}.pt", data, "inspect", outcome or "refused", sentence, why)
    recipes(corpus)
