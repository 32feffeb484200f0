"""Full-size checkpoints with random weights, and PyTorch's outputs for them.

    python3 Fixtures/fullsize/fullsize.py models DIR    write DIR/text, DIR/image (2.1 GB) and DIR/reference.json
    python3 Fixtures/fullsize/fullsize.py compare DIR EMBEDDINGS.jsonl [--max-difference D] [--max-relative R]

Versions: ../checkpoints/requirements.txt; seeds are fixed. `models` writes what transformers and open_clip write:
BertModel in the shape of chinese-roberta-wwm-ext (21128 x 768 x 12) and open_clip's ViT-L-14-quickgelu. The vocabulary is
that of ../tokenizer, filled up with [unused] lines. `compare` reads the lines of `taiyi embed --no-normalize --json`,
prints the largest absolute difference and the relative L2 error of each, and fails where one is above the limit.
Random towers map every text to nearly one direction, so cosines between items say nothing here; differences do.
"""
import argparse
import json
import logging
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent
PICTURES = ["cat.jpg", "circle.png", "street.jpg", "sunset.png"]
TEXTS = ["一只猫", "红色的圆", "一张城市街道的照片", "iPhone 14手机壳，红色！", "",
         "两只老虎在河边喝水，一只小鸟从树上飞过来，太阳慢慢落到山的后面。"]
CONTEXT = 77


def vocabulary(size):
    lines = (FIXTURES / "tokenizer/vocab.txt").read_bytes().split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    return lines + [b"[unused%d]" % (1000 + i) for i in range(size - len(lines))]


def models(folder):
    import open_clip
    import torch
    from open_clip.push_to_hf_hub import save_config_for_hf
    from PIL import Image
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel, BertTokenizer

    logging.disable(logging.WARNING)
    torch.set_grad_enabled(False)
    torch.manual_seed(20221118)
    text, image = folder / "text", folder / "image"
    text.mkdir(parents=True, exist_ok=True)
    image.mkdir(parents=True, exist_ok=True)

    bert = BertModel(BertConfig(vocab_size=21128)).eval()
    bert.save_pretrained(text)
    tokens = vocabulary(21128)
    (text / "vocab.txt").write_bytes(b"\n".join(tokens) + b"\n")
    tokenizer = BertTokenizer(vocab={token.decode(): i for i, token in enumerate(tokens)})
    ids = tokenizer(TEXTS, padding="max_length", max_length=CONTEXT, truncation=True)["input_ids"]
    ids = torch.tensor(ids)
    # No attention mask: [PAD] is attended to, as Taiyi-CLIP was evaluated.
    texts = bert(input_ids=ids, attention_mask=torch.ones_like(ids))[1]

    name = "ViT-L-14-quickgelu"
    clip = open_clip.create_model(name, pretrained=None).eval()
    save_file({k: v.contiguous() for k, v in clip.state_dict().items()}, image / "open_clip_model.safetensors")
    save_config_for_hf(clip, image / "open_clip_config.json", open_clip.get_model_config(name))
    transform = open_clip.image_transform(clip.visual.image_size, is_train=False)
    pixels = torch.stack([transform(Image.open(FIXTURES / "demo" / p)) for p in PICTURES])
    pictures = clip.encode_image(pixels)

    rows = [{"input": t, "kind": "text", "embedding": e.tolist()} for t, e in zip(TEXTS, texts)]
    rows += [{"input": p, "kind": "image", "embedding": e.tolist()} for p, e in zip(PICTURES, pictures)]
    (folder / "texts.txt").write_text("".join(t + "\n" for t in TEXTS), "utf-8")
    (folder / "reference.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


def compare(folder, path, largest, relative):
    import numpy as np

    expected = {(r["kind"], r["input"]): r["embedding"] for r in json.loads((folder / "reference.json").read_text("utf-8"))}
    missing, failed = set(expected), False
    for line in pathlib.Path(path).read_text("utf-8").split("\n"):
        if not line:
            continue
        row = json.loads(line)
        key = (row["kind"], row["input"] if row["kind"] == "text" else pathlib.Path(row["input"]).name)
        a, b = np.array(row["embedding"], np.float64), np.array(expected[key], np.float64)
        missing.discard(key)
        difference, ratio = np.abs(a - b).max(), np.linalg.norm(a - b) / np.linalg.norm(b)
        bad = difference > largest or ratio > relative
        failed |= bool(bad)
        print(f"{'FAILED ' if bad else ''}{key[0]} {key[1][:20]!r}: largest difference {difference:.2e}, relative error {ratio:.2e}")
    if missing:
        sys.exit(f"error: no embedding for {sorted(missing)}")
    sys.exit(1 if failed else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("models").add_argument("folder", type=pathlib.Path)
    command = commands.add_parser("compare")
    command.add_argument("folder", type=pathlib.Path)
    command.add_argument("embeddings")
    command.add_argument("--max-difference", type=float, default=float("inf"))
    command.add_argument("--max-relative", type=float, default=float("inf"))
    options = parser.parse_args()
    if options.command == "models":
        models(options.folder)
    else:
        compare(options.folder, options.embeddings, options.max_difference, options.max_relative)


if __name__ == "__main__":
    main()
