"""The image tower of ../checkpoints/image-mixed under Hugging Face's names, as transformers saves it.

    python3 Fixtures/checkpoints-huggingface/make_fixtures.py

Versions: ../checkpoints/requirements.txt. Writes `vision` (CLIPVisionModelWithProjection) and `clip` (CLIPModel, with a text
tower of random weights), each with config.json and preprocessor_config.json, and goldens.json: what transformers' model
computes in float64 for the pictures of ../demo as Pillow and torchvision crop them (../goldens/*.64.png; transformers' own
preprocessing may cut the odd pixel on the other side).
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import (CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTextConfig, CLIPVisionConfig,
                          CLIPVisionModelWithProjection)

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "checkpoints"))
from fixture_names import vision_names  # noqa: E402

PICTURES = ["cat.jpg", "circle.png", "street.jpg", "sunset.png"]


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    torch.manual_seed(0)
    source = load_file(HERE.parent / "checkpoints/image-mixed/open_clip_model.safetensors")
    tensors = {name: tensor.float() for name, tensor in vision_names(source).items()}
    vision = CLIPVisionConfig(hidden_size=96, intermediate_size=192, num_hidden_layers=1, num_attention_heads=3, image_size=64,
                              patch_size=16, projection_dim=64, hidden_act="gelu")
    text = CLIPTextConfig(hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=1, vocab_size=32,
                          max_position_embeddings=8, projection_dim=64, bos_token_id=1, eos_token_id=2)
    processor = CLIPImageProcessor(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64})
    tower = CLIPVisionModelWithProjection(vision)
    missing, unexpected = tower.load_state_dict(tensors, strict=False)
    assert not unexpected and all(name.endswith("position_ids") for name in missing), (missing, unexpected)
    whole = CLIPModel(CLIPConfig(vision_config=vision.to_dict(), text_config=text.to_dict(), projection_dim=64))
    missing, unexpected = whole.load_state_dict(tensors, strict=False)
    assert not unexpected and not any(name.startswith("vis") and not name.endswith("position_ids") for name in missing)
    with torch.no_grad():
        whole.logit_scale.fill_(float(source["logit_scale"]))
    for name, model in [("vision", tower), ("clip", whole)]:
        model.save_pretrained(HERE / name)
        processor.save_pretrained(HERE / name)
    tower = tower.double().eval()
    rows = []
    for picture in PICTURES:
        crop = np.asarray(Image.open(HERE.parent / f"goldens/{picture.split('.')[0]}.64.png"), dtype=np.float64) / 255
        pixels = (crop - np.array(processor.image_mean)) / np.array(processor.image_std)
        with torch.no_grad():
            embedding = tower(torch.from_numpy(pixels.transpose(2, 0, 1)[None])).image_embeds[0]
        rows.append({"picture": picture, "embedding": [float(f"{value:.8g}") for value in embedding.tolist()]})
    (HERE / "goldens.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
