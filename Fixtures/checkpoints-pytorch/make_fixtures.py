"""PyTorch files as torch.save writes them, with what torch reads from them.

    python3 Fixtures/checkpoints-pytorch/make_fixtures.py

Versions: ../checkpoints/requirements.txt. Writes the .bin and .pt files beside it and tensors.json: for each file every tensor's name,
type, shape and the SHA-256 of its elements in row-major, little-endian order. Also hostile.json: pickles that must be refused, as
hexadecimal programs; the tests put them into archives.
"""
import argparse
import collections
import hashlib
import io
import json
import pathlib
import pickle
import zipfile

import numpy as np
import torch
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).resolve().parent
NAMES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


def described(tensors):
    rows = []
    for name, tensor in tensors.items():
        data = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        rows.append({"name": name, "type": NAMES[tensor.dtype], "shape": list(tensor.shape),
                     "sha256": hashlib.sha256(data).hexdigest()})
    return rows


def numbers(*shape, dtype=torch.float32, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(*shape, generator=generator) * 50).to(dtype)


def plain():
    tensors = {name.lower(): numbers(3, 5, dtype=dtype, seed=i) for i, (dtype, name) in enumerate(NAMES.items())}
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    tensors["名字"] = numbers(2)
    return tensors


def views():
    base = numbers(6, 8)
    cube = numbers(2, 3, 4, seed=2)
    wide = numbers(40, 70, seed=3)
    return {
        "base": base, "tied": base, "rows": base[2:5], "columns": base[:, 3:6], "steps": base[::2, ::3],
        "transposed": base.t(), "permuted": cube.permute(2, 0, 1), "inner": cube[:, 1],
        "expanded": numbers(3, 1, seed=4).expand(3, 4), "broadcast": numbers(1, seed=5).expand(2, 3, 5),
        "diagonal": base.diagonal(), "wide": wide.t(), "element": base[3, 4],
        "halves": numbers(9, 4, dtype=torch.float16, seed=6).t(),
    }


def big_endian(path, tensors):
    """The same file as a big-endian machine writes it: swapped storages, `byteorder` big."""
    buffer = io.BytesIO()
    torch.save(tensors, buffer)
    sizes = {}
    for tensor in tensors.values():
        sizes[tensor.untyped_storage().data_ptr()] = tensor.element_size()
    sizes = iter(tensor.element_size() for tensor in tensors.values())
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename.endswith("/byteorder"):
                data = b"big"
            if "/data/" in info.filename:
                size = next(sizes)
                data = np.frombuffer(data, f"<u{size}").astype(f">u{size}").tobytes() if size > 1 else data
            entry = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            target.writestr(entry, data)


def save(name, value, tensors, table, **options):
    torch.save(value, HERE / f"{name}.bin", **options)
    if tensors is not None:
        table[name] = described(tensors)


def shards(table):
    tensors = {f"layer.{i}.weight": numbers(4, 3, seed=20 + i) for i in range(4)}
    folder = HERE / "sharded"
    folder.mkdir(exist_ok=True)
    names = list(tensors)
    weight_map = {}
    for i in range(2):
        file = f"pytorch_model-{i + 1:05d}-of-00002.bin"
        part = {name: tensors[name] for name in names[2 * i:2 * i + 2]}
        torch.save(part, folder / file)
        weight_map |= {name: file for name in part}
    index = {"metadata": {"total_size": 192}, "weight_map": weight_map}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1))
    table["sharded"] = described(tensors)


class Call:
    """Pickles as a call of a function, given by name."""

    def __init__(self, module, name, *arguments):
        self.what = module, name, arguments

    def program(self):
        module, name, arguments = self.what
        body = pickle.dumps(arguments, 2)[2:-1]
        return b"\x80\x02c" + module.encode() + b"\n" + name.encode() + b"\n" + body + b"R."


def hostile():
    def dictionary(items):
        return b"\x80\x02}(" + items + b"u."

    deep = b"\x80\x02" + b"]" * 500 + b"a" * 499 + b"."
    return {
        "os.system": Call("os", "system", "touch /tmp/owned").program(),
        "builtins.eval": Call("builtins", "eval", "1").program(),
        "dotted": Call("torch", "_utils._rebuild_tensor_v2", 1).program(),
        "unterminated global": b"\x80\x02c" + b"a" * 50,
        "inst": b"\x80\x02(ios\nsystem\n.",
        "unknown memo": b"\x80\x02h\x05.",
        "underflow": b"\x80\x02R.",
        "unmarked": b"\x80\x02}u.",
        "no stop": b"\x80\x02}",
        "trailing": b"\x80\x02}.xx",
        "number": b"\x80\x02K\x07.",
        "text keys": dictionary(b"K\x01K\x02"),
        "deep": deep,
        "marks": b"\x80\x02" + b"(" * 1000 + b".",
        "text": b"\x80\x02X\xff\xff\xff\x7fab.",
        "invalid text": b"\x80\x02X\x02\x00\x00\x00\xff\xfe.",
        "protocol": b"\x80\x09}.",
        "empty": b"",
    }


class Tree(torch.nn.Module):
    """Modules that hold tensors by dotted names, as a compiled model does; what they compute does not matter."""

    def __init__(self, tensors):
        super().__init__()
        inner = {}
        for name, tensor in tensors.items():
            first, _, rest = name.partition(".")
            if rest:
                inner.setdefault(first, {})[rest] = tensor
            elif tensor.is_floating_point():
                self.register_parameter(first, torch.nn.Parameter(tensor, requires_grad=False))
            else:
                self.register_buffer(first, tensor)
        for first, values in inner.items():
            self.add_module(first, Tree(values))

    def forward(self, x):
        return x


def openai():
    """The layout of OpenAI's ViT-L-14.pt: halves where clip/model.py's convert_weights makes them, and three scalars."""
    tensors = load_file(HERE.parent / "checkpoints/image-bare/open_clip_model.safetensors")
    halves = ("conv1.weight", "in_proj_weight", "in_proj_bias", "text_projection")
    linears = ("out_proj", "c_fc", "c_proj")
    result = {"input_resolution": torch.tensor(32), "context_length": torch.tensor(8), "vocab_size": torch.tensor(32)}
    for name, tensor in tensors.items():
        parts = name.split(".")
        is_half = name.endswith(halves) or parts[-1] == "proj" or (len(parts) > 1 and parts[-2] in linears)
        result[name] = tensor.half() if is_half else tensor
    return result


def compiled(table):
    tensors = openai()
    module = torch.jit.script(Tree(tensors))
    torch.jit.save(module, str(HERE / "openai.pt"))
    # Parameters come before buffers, and both before the modules inside.
    table["openai"] = described(module.state_dict())
    tied = torch.nn.Linear(3, 2)

    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = tied
            self.second = tied
            self.scale = 0.5
            self.names = ["a", "b"]
            self.sizes = [1, 2]
            self.nothing = None

        def forward(self, x):
            return self.second(self.first(x)[:, :1].expand(-1, 3))

    module = torch.jit.script(Tied())
    torch.jit.save(module, str(HERE / "tied.pt"))
    table["tied"] = described(module.state_dict())


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    torch.manual_seed(0)
    table = {}
    tensors = plain()
    save("plain", tensors, tensors, table)
    save("protocol4", tensors, tensors, table, pickle_protocol=4)
    save("views", views(), views(), table)
    ordered = collections.OrderedDict(tensors)
    save("ordered", ordered, tensors, table)
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.LayerNorm(3))
    save("module_state", module.state_dict(), module.state_dict(), table)
    parameters = {"w": torch.nn.Parameter(numbers(2, 3))}
    save("parameters", parameters, parameters, table)
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3)
    module(numbers(2, 4)).sum().backward()
    optimizer.step()
    training = {"epoch": 3, "loss": np.float64(0.25), "args": argparse.Namespace(lr=0.1, name="x"),
                "optimizer": optimizer.state_dict(), "state_dict": module.state_dict(), "best": None}
    save("training", training, module.state_dict(), table)
    save("nested", {"model": {"state_dict": {"w": numbers(3), "step": 7}}}, {"w": numbers(3)}, table)
    big_endian(HERE / "big_endian.bin", {k: v for k, v in tensors.items() if v.numel()})
    table["big_endian"] = described({k: v for k, v in tensors.items() if v.numel()})
    shards(table)
    # The weights of two checkpoints of ../checkpoints, as training code leaves them.
    text = load_file(HERE.parent / "checkpoints/text-f16/model.safetensors")
    save("text", collections.OrderedDict(text), None, table)
    image = load_file(HERE.parent / "checkpoints/image-mixed/open_clip_model.safetensors")
    save("image", {"epoch": 1, "state_dict": {"module." + name: value for name, value in image.items()}}, None, table)
    # The format before PyTorch 1.6, and compiled models.
    old = {"_use_new_zipfile_serialization": False}
    save("old_plain", tensors, tensors, table, **old)
    save("old_views", views(), views(), table, **old)
    save("old_training", training, module.state_dict(), table, **old)
    compiled(table)
    # Refused.
    save("whole_module", module, None, table)
    save("complex", {"z": torch.zeros(2, dtype=torch.complex64)}, None, table)
    save("sparse", {"s": torch.eye(3).to_sparse()}, None, table)
    save("quantized", {"q": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, None, table)
    save("uint16", {"u": torch.zeros(2, dtype=torch.uint16)}, None, table)
    save("no_tensors", {"a": 1}, None, table)
    (HERE / "pickle.bin").write_bytes(pickle.dumps({"w": [1.0]}, 2))
    (HERE / "tensors.json").write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")
    programs = {name: program.hex() for name, program in hostile().items()}
    (HERE / "hostile.json").write_text(json.dumps(programs, indent=1) + "\n")


if __name__ == "__main__":
    main()
