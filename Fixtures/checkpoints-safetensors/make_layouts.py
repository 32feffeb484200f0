"""Writes layouts.json: names and shapes of real models, taken from the libraries that define them.

Pinned: torch 2.15.0, transformers 5.23.0, open_clip_torch 3.3.0. Blocks are checked to be alike
and written once, with # for their number. Nothing is downloaded; the models have no values.
"""

import json
import re
from pathlib import Path

import open_clip
import torch
import transformers
from open_clip.model import CLIP

here = Path(__file__).resolve().parent
block = re.compile(r"(.*?(?:resblocks|encoder\.layer)\.)(\d+)(\..*)")


def folded(tensors):
    result, seen = {}, {}
    for name, tensor in tensors.items():
        shape, match = list(tensor.shape), block.fullmatch(name)
        if match:
            name = match[1] + "#" + match[3]
            seen.setdefault(name, []).append(int(match[2]))
            assert result.get(name, shape) == shape, name
        result[name] = shape
    for numbers in seen.values():
        assert numbers == list(range(len(numbers)))
    blocks = {name: len(numbers) for name, numbers in seen.items()}
    rows = [{"name": name, "shape": shape} for name, shape in result.items()]
    for row in rows:
        if row["name"] in blocks:
            row["blocks"] = blocks[row["name"]]
    return rows


layouts = {}
with torch.device("meta"):
    for name, sizes in {
        "bert-base-chinese": {},
        "bert-large-chinese": dict(
            hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096
        ),
    }.items():
        config = transformers.BertConfig(vocab_size=21128, **sizes)
        layouts[name] = folded(transformers.BertModel(config).state_dict())
    for name in ["ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-L-14-336", "ViT-H-14"]:
        layouts[name] = folded(CLIP(**open_clip.get_model_config(name)).state_dict())

lines = []
for name, tensors in layouts.items():
    rows = ",\n".join("  " + json.dumps(tensor) for tensor in tensors)
    lines.append(f'"{name}": [\n{rows}\n]')
(here / "layouts.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
