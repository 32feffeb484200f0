"""Writes the files of this folder with the reference implementation of safetensors.

Pinned: safetensors 0.8.0, torch 2.15.0, numpy 2.4.6, huggingface_hub 2.4.0. Run inside this folder.
"""

import json
import shutil
import zipfile
from pathlib import Path

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save_file

here = Path(__file__).resolve().parent
torch.manual_seed(7)

# One tensor of every supported element type, a scalar, an empty tensor, a name that is not ASCII.
values = torch.tensor([[0.0, -1.5, 65504.0], [2.0**-24, 3.140625, -0.0]])
tensors = {
    "f64": values.double() * (1 + 2.0**-40),
    "f32": values * (1 + 2.0**-20),
    "f16": values.half(),
    "bf16": values.bfloat16(),
    "i64": torch.tensor([-(2**63), 2**63 - 1]),
    "i32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
    "i16": torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16),
    "i8": torch.tensor([-128, 127], dtype=torch.int8),
    "u8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(4.6052),
    "empty": torch.zeros(3, 0, 2),
    "权重": torch.tensor([1.0]),
}
save_file(tensors, here / "types.safetensors", metadata={"format": "pt", "note": "a \"b\"\n"})
expected = {
    name: {
        "shape": list(tensor.shape),
        "bytes": tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex(),
    }
    for name, tensor in tensors.items()
}
(here / "types.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")

# A sharded checkpoint as huggingface_hub writes it.
sharded = here / "sharded"
shutil.rmtree(sharded, ignore_errors=True)
sharded.mkdir()
state = {f"layer.{i}.weight": torch.arange(i * 8, i * 8 + 8).float() for i in range(6)}
save_torch_state_dict(state, sharded, max_shard_size=96)

# A bare pair of element types that the format has and this reader has not.
save_file({"x": torch.zeros(2, dtype=torch.float8_e4m3fn)}, here / "float8.safetensors")
save_file({"x": torch.zeros(2, dtype=torch.uint16)}, here / "uint16.safetensors")

# What torch.save writes: recognised, not read.
torch.save({"x": torch.zeros(2)}, here / "torch.bin")
torch.save({"x": torch.zeros(2)}, here / "legacy.bin", _use_new_zipfile_serialization=False)
assert zipfile.is_zipfile(here / "torch.bin")

for path in here.rglob("*"):
    path.chmod(0o755 if path.is_dir() else 0o644)
