"""Trains the example pair: a transformers BertModel and an open_clip vision transformer, contrastively.

    python3 Fixtures/example/train.py WORK [--pictures N] [--steps N] [--threads N]

Versions: requirements.txt beside this file; fonts: README.md. WORK keeps rendered pictures and checkpoints; a run that was
interrupted goes on from the last one. Loss and accuracy go to WORK/log.csv. `export.py WORK` writes the checkpoints. The sampling became harder twice, where loss went on falling by colours
alone: GROUND, ALIKE_FROM, CYCLES.
"""
import argparse
import json
import math
import multiprocessing
import os
import pathlib
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import open_clip
import torch
from transformers import BertConfig, BertModel

import scenes

WIDTH, TEXT_LAYERS, IMAGE_LAYERS, PICTURE, PATCH, CONTEXT = 256, 3, 5, 60, 12, 32
BATCH, WARMUP, DECAY, SEED = 256, 400, 0.05, 20221118
CYCLES = [(0, 2_600, 8e-4), (2_600, 6_000, 7e-4)]  # steps and peak learning rate, each falling by a cosine
GROUND = [(973, 0.5), (math.inf, 0.2)]  # until which step, and how often captions tell the ground
ALIKE_FROM, ALIKE = 1_000, 64  # from that step on, a batch is made of groups of that many pictures of one colour
PAD, UNK, CLS, SEP, MASK = 0, 100, 101, 102, 103
CLIP_CONFIG = {
    "embed_dim": WIDTH, "quick_gelu": True,
    "vision_cfg": {"image_size": PICTURE, "layers": IMAGE_LAYERS, "width": WIDTH, "head_width": 64, "patch_size": PATCH},
    "text_cfg": {"context_length": 8, "vocab_size": 32, "width": 64, "heads": 1, "layers": 1, "mlp_ratio": 1.0},
}


def vocabulary():
    """Tokens in order; the special ones at the ids they have in BERT's Chinese vocabulary."""
    tokens = ["[PAD]"] + [f"[unused{i}]" for i in range(1, 100)] + ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return tokens + scenes.characters() + [str(d) for d in range(10)] + [chr(c) for c in range(ord("a"), ord("z") + 1)]


def encoded(texts, ids):
    """[CLS] characters [SEP], padded to CONTEXT; every character of a caption is one token."""
    rows = np.full((len(texts), CONTEXT), PAD, np.int64)
    for row, text in zip(rows, texts):
        line = [CLS] + [ids[c] for c in text][:CONTEXT - 2] + [SEP]
        row[:len(line)] = line
    return torch.from_numpy(rows)


def make_models():
    torch.manual_seed(SEED)
    config = BertConfig(
        vocab_size=len(vocabulary()), hidden_size=WIDTH, num_hidden_layers=TEXT_LAYERS, num_attention_heads=WIDTH // 64,
        intermediate_size=4 * WIDTH, max_position_embeddings=CONTEXT, hidden_act="gelu", layer_norm_eps=1e-12,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    text = BertModel(config, add_pooling_layer=True)
    folder = pathlib.Path(__file__).resolve().parent
    path = folder / "taiyi-example.json"
    path.write_text(json.dumps(CLIP_CONFIG))
    open_clip.add_model_config(path)
    path.unlink()
    clip = open_clip.create_model("taiyi-example", pretrained=None)
    return text, clip


def text_features(text, ids):
    """No attention mask: [PAD] is attended to, as Taiyi-CLIP does it."""
    return text(input_ids=ids)[1]


# Data


def rendered(job):
    split, number = job
    rng = scenes.generator(split, number)
    picture, scene = (scenes.single if number % 2 == 0 else scenes.pair)(rng)
    return np.asarray(open_clip_transform(picture)), scene


def open_clip_transform(picture):
    """The resize of the model's preprocessing, kept in 8 bits."""
    from PIL import Image

    return picture.resize((PICTURE, PICTURE), Image.Resampling.BICUBIC)


def dataset(work, split, count, workers):
    """Pictures [count, 60, 60, 3] as a memory map and their scenes; rendered once."""
    data, told = work / f"{split}.{count}.u8", work / f"{split}.{count}.json"
    if not told.exists():
        pictures = np.lib.format.open_memmap(data, "w+", np.uint8, (count, PICTURE, PICTURE, 3))
        with multiprocessing.Pool(workers) as pool:
            kept = []
            for i, (pixels, scene) in enumerate(pool.imap(rendered, ((split, n) for n in range(count)), 64)):
                pictures[i] = pixels
                kept.append(scene)
        pictures.flush()
        told.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    return np.load(data, mmap_mode="r"), json.loads(told.read_text("utf-8"))


MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(1, 3, 1, 1)
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(1, 3, 1, 1)


def tensor(pictures):
    return (torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD


def learning_rate(step):
    first, last, peak = next(cycle for cycle in CYCLES if step < cycle[1])
    warm = (step - first + 1) / WARMUP
    return peak * min(warm, 0.5 * (1 + math.cos(math.pi * (step - first) / (last - first))) + 0.01)


def batch(rng, step, groups, count):
    """Numbers of pictures: any at first, then groups that colour does not tell apart, so that shapes have to."""
    if step < ALIKE_FROM:
        return rng.choice(count, BATCH, replace=False)
    # Single objects come first in `groups`; from the second cycle on they are drawn more often.
    share = 1.0 if step < CYCLES[1][0] else 2.0
    weights = np.where(np.arange(len(groups)) < len(groups) // 2, share, 1.0)
    chosen = rng.choice(len(groups), BATCH // ALIKE, replace=False, p=weights / weights.sum())
    return np.concatenate([rng.choice(groups[i], ALIKE, replace=False) for i in chosen])


def evaluate(text, clip, ids, data, scenes_):
    """Top-1 over all classes of the single objects, R@1 both ways of the pairs."""
    text.eval(), clip.eval()
    unit = lambda x: torch.nn.functional.normalize(x.float(), dim=-1)  # noqa: E731
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        images = torch.cat([unit(clip.encode_image(tensor(data[i:i + 256]))) for i in range(0, len(data), 256)])
        names = torch.cat([unit(text_features(text, encoded(scenes.CLASS_NAMES[i:i + 256], ids)))
                           for i in range(0, len(scenes.CLASS_NAMES), 256)])
        single = [i for i, s in enumerate(scenes_) if len(s["things"]) == 1]
        truth = torch.tensor([scenes.CLASSES.index((scenes_[i]["things"][0]["colour"], scenes_[i]["things"][0]["kind"]))
                              for i in single])
        top1 = (images[single] @ names.T).argmax(1).eq(truth).float().mean().item()
        pairs = [i for i, s in enumerate(scenes_) if len(s["things"]) == 2]
        told = [scenes.caption(np.random.default_rng([1, i]), scenes_[i]) for i in pairs]
        words = torch.cat([unit(text_features(text, encoded(told[i:i + 256], ids))) for i in range(0, len(told), 256)])
        scores = images[pairs] @ words.T
        here = torch.arange(len(pairs))
        i2t, t2i = scores.argmax(1).eq(here).float().mean().item(), scores.argmax(0).eq(here).float().mean().item()
    text.train(), clip.train()
    return top1, i2t, t2i


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=CYCLES[-1][1])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    train, told = dataset(options.work, "train", options.pictures, options.threads)
    held, held_told = dataset(options.work, "validation", 2_000, options.threads)
    ids = {token: i for i, token in enumerate(vocabulary())}

    # Single objects by colour, pairs by the first one's colour.
    groups = [np.array([i for i, scene in enumerate(told) if len(scene["things"]) == size
                        and scene["things"][0]["colour"] == colour]) for size in (1, 2) for colour in scenes.COLOURS]

    text, clip = make_models()
    vision = [p for n, p in clip.named_parameters() if n.startswith("visual.") or n == "logit_scale"]
    parameters = [p for p in list(text.parameters()) + vision]
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": DECAY},
         {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0}], lr=CYCLES[0][2], betas=(0.9, 0.98))
    step, last = 0, options.work / "checkpoint.pt"
    if last.exists():
        state = torch.load(last, weights_only=True)
        text.load_state_dict(state["text"]), clip.load_state_dict(state["clip"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    text.train(), clip.train()
    start, saved, loss_sum, loss_count = time.time(), time.time(), 0.0, 0
    while step < options.steps:
        rate = learning_rate(step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        rng = np.random.default_rng([SEED, step])  # a step draws the same batch whenever it is run
        rows = np.sort(batch(rng, step, groups, options.pictures))
        ground = next(share for last, share in GROUND if step < last)
        words = encoded([scenes.caption(rng, told[i], ground=ground) for i in rows], ids)
        pixels = tensor(train[rows])
        with torch.autocast("cpu", torch.bfloat16):
            images = torch.nn.functional.normalize(clip.encode_image(pixels).float(), dim=-1)
            texts = torch.nn.functional.normalize(text_features(text, words).float(), dim=-1)
        logits = clip.logit_scale.exp() * images @ texts.T
        # Equal captions of different pictures are no mistakes of each other.
        same = (words[:, None] == words[None]).all(-1) & ~torch.eye(BATCH, dtype=torch.bool)
        logits = logits.masked_fill(same, -1e4)
        here = torch.arange(BATCH)
        loss = (torch.nn.functional.cross_entropy(logits, here) + torch.nn.functional.cross_entropy(logits.T, here)) / 2
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            clip.logit_scale.clamp_(0, math.log(100))
        step += 1
        loss_sum, loss_count = loss_sum + loss.item(), loss_count + 1
        if step % 100 == 0 or step == options.steps:
            figures = evaluate(text, clip, ids, held, held_told) if step % 500 == 0 or step == options.steps else ("", "", "")
            line = f"{step},{loss_sum / loss_count:.4f},{clip.logit_scale.exp().item():.2f}," + ",".join(
                f"{f:.4f}" if f != "" else "" for f in figures) + f",{time.time() - start:.0f}"
            loss_sum, loss_count = 0.0, 0
            with open(options.work / "log.csv", "a") as log:
                log.write(line + "\n")
            print(line, flush=True)
        if time.time() - saved > 300 or step == options.steps:
            part = last.with_suffix(".part")
            torch.save({"text": text.state_dict(), "clip": clip.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, part)
            part.replace(last)
            saved = time.time()


if __name__ == "__main__":
    main()
