"""Seeds of the fuzz targets of ../../Tests/Fuzz, cut from the other fixtures.

    python3 Fixtures/fuzz/make_seeds.py FOLDER MODEL.tcm    write FOLDER/TARGET/...

Standard library only. Called by .ci/fuzz; the folders beside this file hold inputs that once ended a target.
"""
import json
import pathlib
import struct
import sys
import zipfile

FIXTURES = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 1 << 16


def put(folder, target, name, data):
    path = folder / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def small(pattern):
    return [path for path in sorted(FIXTURES.glob(pattern)) if path.is_file() and path.stat().st_size <= LIMIT]


def safetensors(folder):
    for path in small("**/*.safetensors"):
        put(folder, "safetensors", path.name, path.read_bytes())
    for path in sorted(FIXTURES.glob("checkpoints/*/*.safetensors")):
        data = path.read_bytes()
        size, = struct.unpack("<Q", data[:8])
        header = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "__metadata__": {"format": "pt"}}
        text = json.dumps(header).encode()
        put(folder, "safetensors", "small", struct.pack("<Q", len(text)) + text + bytes(8))
        put(folder, "json", path.parent.name, data[8:8 + size])
    for path in small("**/*.json"):
        put(folder, "index" if path.name.endswith("index.json") else "json", path.parent.name + path.name, path.read_bytes())


def pytorch(folder):
    for path in sorted(FIXTURES.glob("checkpoints-*/**/*.*")):
        if path.suffix not in (".bin", ".pt"):
            continue
        data = path.read_bytes()
        if path.stat().st_size <= LIMIT and data[:2] == b"PK":
            put(folder, "archive", path.name, data)
        if data[:2] == b"PK":
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                program = next(archive.read(name) for name in names if name.endswith("/data.pkl"))
            is_script = any(name.endswith("/constants.pkl") for name in names)
            put(folder, "script" if is_script else "pickle", path.name, program)
        elif data[:2] == b"\x80\x02" and len(data) <= LIMIT:
            put(folder, "old-format", path.name, data[21:])


def tcm(folder, model):
    data = model.read_bytes()
    start, length = struct.unpack("<QQ", data[24:40])
    put(folder, "manifest", "model", data[start:start + length])
    put(folder, "model", "change", b"\x10\x00\x01")
    for path in small("tcm/**/*.tcm"):
        put(folder, "tcm", path.name, path.read_bytes())
    for path in small("hostile/**/*.tcm"):
        put(folder, "tcm", "hostile-" + path.name, path.read_bytes())


def rest(folder):
    for suffix, target, skip in [("jpg", "jpeg", 3), ("png", "png", 8)]:
        for path in small(f"images/**/*.{suffix}") + small(f"hostile/**/*.{suffix}"):
            put(folder, target, path.name, path.read_bytes()[skip:])
    lines = (FIXTURES / "tokenizer/vocab.txt").read_bytes().split(b"\n")
    put(folder, "vocab-txt", "vocab", b"\n".join(lines[:40]) + b"\n")
    for number, line in enumerate((FIXTURES / "tokenizer/golden.jsonl").read_bytes().splitlines()):
        put(folder, "tokenizer", str(number), json.loads(line)["text"].encode("utf-8", "replace"))
    put(folder, "recipe", "mixed", b"name mixed\nsmoothing 0.5\ntext.* int8\nimage.layers.*.mlp.* int4\n* f16\n")
    for path in small("datasets/**/*.csv"):
        put(folder, "dataset", path.name, path.read_bytes())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, model = map(pathlib.Path, sys.argv[1:])
    safetensors(folder)
    pytorch(folder)
    tcm(folder, model)
    rest(folder)


if __name__ == "__main__":
    main()
