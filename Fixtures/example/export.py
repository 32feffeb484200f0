"""Writes the trained pair as transformers and open_clip save it, in f16.

    python3 Fixtures/example/export.py WORK

WORK is train.py's. Writes text/ and image/ beside this file, and log.csv with the loss curve.
"""
import pathlib
import shutil
import sys

import torch
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file

import train

HERE = pathlib.Path(__file__).resolve().parent


def main():
    work = pathlib.Path(sys.argv[1])
    state = torch.load(work / "checkpoint.pt", weights_only=True)
    text, clip = train.make_models()
    text.load_state_dict(state["text"])
    clip.load_state_dict(state["clip"])
    text.eval().half().save_pretrained(HERE / "text")
    (HERE / "text/vocab.txt").write_text("\n".join(train.vocabulary()) + "\n", "utf-8")
    (HERE / "image").mkdir(exist_ok=True)
    tensors = {name: value.half().contiguous() for name, value in clip.eval().state_dict().items()}
    save_file(tensors, HERE / "image/open_clip_model.safetensors")
    save_config_for_hf(clip, HERE / "image/open_clip_config.json", train.CLIP_CONFIG)
    shutil.copy(work / "log.csv", HERE / "log.csv")
    print(f"step {state['step']}")


if __name__ == "__main__":
    main()
