"""Makes the small checkpoints in this folder and the PyTorch goldens in ../goldens.

Run from the repository root, in an environment with requirements.txt installed:

    python3 Fixtures/checkpoints/make_fixtures.py [--vocab FILE] [--out FOLDER]

numpy 2.4.6, open_clip_torch 3.3.0, Pillow 13.0.0, safetensors 0.8.0, torch 2.15.0,
torchvision 0.29.2, transformers 5.23.0. Seeds are the constants below; a second run writes the
same bytes. It needs ../tokenizer/vocab.txt and the pictures of ../demo, downloads nothing, and
stops with an error where a written checkpoint, read back into a fresh model, does not give the
same outputs.
"""
import argparse
import copy
import logging
import os
import pathlib
import shutil
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import open_clip
import PIL
import torch
import torchvision
import transformers
from transformers import BertForSequenceClassification, BertModel, BertTokenizer
from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

import fixture_goldens as goldens
import fixture_models as models

SEED_TEXT, SEED_SMALL, SEED_IMAGE, SEED_BARE, SEED_MIXED = 20221118, 20221119, 7, 8, 9
CONTEXT = 24  # the fixed length of the tests of text/; 77 is the tool's default there
SMALL_CONTEXT = 32  # the small towers' whole position table, so the tool's default there

TEXTS = [
    "一只猫",
    "一只狗",
    "红色的圆",
    "雪山日落",
    "一张城市街道的照片",
    "",
    "猫",
    "a photo of a cat",
    "iPhone 14手机壳，红色！",
    "今天天气很好，我们去公园散步。",
    "两只老虎在河边喝水，一只小鸟从树上飞过来，太阳慢慢落到山的后面，天空变成了红色。",
    "一只小猫坐在红色的车上，看着街道上走来走去的人和狗。这是一张很好看的照片，"
    "天空是蓝色的，远处有雪山、大海和城市，桌上有一碗米饭。一二三四五六七八九十，再来一次。",
]
CARD_QUERIES = ["一只猫", "一只狗", "两只猫", "两只老虎", "一只老虎"]
PICTURES = ["cat.jpg", "circle.png", "street.jpg", "sunset.png"]


def check(condition, sentence):
    if not condition:
        raise SystemExit(f"error: {sentence}")


def tokenizer_of(tokens):
    """The tokenizer of transformers; its older pure-Python form has to agree on every text here."""
    vocabulary = {token: i for i, token in enumerate(tokens)}
    fast = BertTokenizer(vocab=vocabulary)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vocab.txt"
        models.write_vocabulary(path, tokens)
        slow = BertTokenizerLegacy(str(path))
    for text in TEXTS + CARD_QUERIES:
        check(fast(text)["input_ids"] == slow(text)["input_ids"], f"tokenizers differ on {text!r}")
    return fast


def small_vocabulary(tokens):
    """The first 104 lines (specials at their usual ids) and the pieces our texts need."""
    fast = tokenizer_of(tokens)
    used = sorted({i for row in goldens.unpadded(fast, TEXTS + CARD_QUERIES) for i in row})
    return tokens[:104] + [tokens[i] for i in used if i >= 104]


# Text towers


def make_text(root, tokens):
    """text/: the tower most tests use, and its goldens under every padding protocol."""
    tokenizer = tokenizer_of(tokens)
    model = models.bert(models.bert_config(len(tokens)), SEED_TEXT)
    folder = root / "checkpoints/text"
    models.save_text(model, folder, tokens)
    again = reread_text(folder, model)
    reference = goldens.double(again)

    short = goldens.unpadded(tokenizer, TEXTS, CONTEXT)
    batch = [i for i, row in enumerate(goldens.unpadded(tokenizer, TEXTS)) if len(row) < CONTEXT]
    rows = [short[i] for i in batch]
    longest = max(len(row) for row in rows)
    check(longest < CONTEXT, "the batch of the longest protocol should stay below the fixed length")
    protocols = [
        goldens.text_protocol(again, reference, "fixed", short, CONTEXT),
        goldens.text_protocol(
            again, reference, "fixed", goldens.unpadded(tokenizer, TEXTS, 77), 77),
        goldens.text_protocol(again, reference, "longest", rows, longest),
        goldens.text_protocol(again, reference, "none", short, None),
    ]
    for protocol in protocols:
        protocol["texts"] = batch if protocol["name"] == "longest" else list(range(len(TEXTS)))
    golden = {"versions": versions(), "checkpoint": "checkpoints/text", "context_length": CONTEXT,
              "texts": TEXTS, "protocols": [ordered(p) for p in protocols]}
    return again, reference, tokenizer, golden


def ordered(protocol):
    keys = ["name", "length", "texts", "float32_max_difference", "ids", "embeddings"]
    return {key: protocol[key] for key in keys}


def reread_text(folder, model):
    """A fresh model from the folder; its outputs have to equal those of the one just saved."""
    again = BertModel.from_pretrained(folder, attn_implementation="eager").float()
    again = models.rounded(again, torch.float32)  # off the mapped file: alignment changes last bits
    ids = [list(range(100, 110))]
    check(torch.equal(goldens.pooled(again, ids), goldens.pooled(model, ids)),
          f"{folder.name} read back gives other outputs")
    return again


def make_small_texts(root, tokens):
    """One small tower in several number types and namings; goldens from the stored weights."""
    tokenizer = tokenizer_of(tokens)
    config = models.bert_config(len(tokens), hidden_size=64, num_attention_heads=1,
                                intermediate_size=128, max_position_embeddings=SMALL_CONTEXT)
    model = models.bert(config, SEED_SMALL)
    half, brain = models.rounded(model, torch.float16), models.rounded(model, torch.bfloat16)
    base = root / "checkpoints"
    models.save_text(half, base / "text-f16", tokens, torch.float16)
    models.save_text(brain, base / "text-bf16", tokens, torch.bfloat16)
    models.save_text(half, base / "text-sharded", tokens, torch.float16, max_shard_size="64KB")
    models.save_prefixed(half, base / "text-prefixed", tokens)
    judge = models.classifier_from(half, 64, SEED_SMALL)
    models.save_text(judge, base / "text-classifier", tokens, torch.float16)
    judge = models.rounded(judge, torch.float16)

    rows = goldens.unpadded(tokenizer, TEXTS, SMALL_CONTEXT)
    entries = []
    for name, tower in [("text-f16", half), ("text-bf16", brain)]:
        reread_text(base / name, tower)
        entry = goldens.text_protocol(tower, goldens.double(tower), "fixed", rows, SMALL_CONTEXT)
        entries.append({"checkpoints": [name]} | entry)
    reread_text(base / "text-sharded", half)
    entries[0]["checkpoints"] += ["text-prefixed", "text-sharded", "text-classifier"]
    entries[0]["classifier_logits"] = goldens.plain(logits(judge, entries[0]["ids"]))
    for name in ["text-prefixed", "text-classifier"]:
        tensors = models.read_tensors(base / name)
        state = {k[5:]: v.float() for k, v in tensors.items() if k.startswith("bert.")}
        state.pop("embeddings.position_ids", None)
        fresh = BertModel(config)
        fresh.load_state_dict(state)
        check(torch.equal(goldens.pooled(fresh.eval(), entries[0]["ids"]),
                          goldens.pooled(half, entries[0]["ids"])), f"{name} differs")
    return {"versions": versions(), "context_length": SMALL_CONTEXT, "texts": TEXTS,
            "towers": entries}


@torch.no_grad()
def logits(judge, ids):
    fresh = BertForSequenceClassification(judge.config)
    fresh.load_state_dict(judge.state_dict())
    return goldens.double(fresh)(input_ids=torch.tensor(ids)).logits


# Image towers


def make_images(root, pictures):
    """image/, image-bare/ and image-mixed/; returns their goldens and the model of image/."""
    base = root / "checkpoints"
    with tempfile.TemporaryDirectory() as scratch:
        config = models.clip_config(128, {"image_size": 56, "layers": 2, "width": 128,
                                          "head_width": 64, "patch_size": 14}, True, 64)
        main = models.clip("taiyi-fixture", config, SEED_IMAGE, scratch)
        saved = [main.state_dict()]
        models.save_clip(main, config, base / "image", saved[0])

        vision = {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 8}
        bare_config = models.clip_config(64, vision, True, 32)
        bare = models.clip("taiyi-fixture-bare", bare_config, SEED_BARE, scratch)
        saved.append(models.half_where_openai(bare, keep_half=False))
        models.save_clip(bare, bare_config, base / "image-bare", saved[1], with_config=False)

        vision = {"image_size": 64, "layers": 1, "width": 96, "head_width": 32, "patch_size": 16,
                  "mlp_ratio": 2.0}
        mixed_config = models.clip_config(64, vision, False, 32)
        mixed = models.clip("taiyi-fixture-mixed", mixed_config, SEED_MIXED, scratch)
        saved.append(models.half_where_openai(mixed, keep_half=True))
        models.save_clip(mixed, mixed_config, base / "image-mixed", saved[2])

        towers, kept = [], None
        names = ["image", "image-bare", "image-mixed"]
        for name, model, tensors in zip(names, [main, bare, mixed], saved):
            again = reread_image(base / name, model, tensors)
            reference = goldens.double(again)
            side = again.visual.image_size[0]
            shown = [goldens.Picture(path, side) for path in pictures]
            values, far = goldens.image_rows(again, reference, shown)
            towers.append({
                "checkpoint": f"checkpoints/{name}", "image_size": side,
                "float32_max_difference": far, "pictures": picture_rows(root, shown, values, side)})
            if name == "image":
                kept = (again, reference, shown)
    return {"versions": versions(), "towers": towers}, kept


def reread_image(folder, model, saved):
    """A copy holding the written tensors; where there is a config, open_clip has to agree."""
    tensors = models.read_tensors(folder)
    check(tensors.keys() == saved.keys(), f"{folder.name} read back has other names")
    check(all(torch.equal(tensors[name], saved[name]) for name in saved),
          f"{folder.name} read back has other values")
    model = copy.deepcopy(model)
    model.load_state_dict({name: value.float() for name, value in tensors.items()})
    if (folder / "open_clip_config.json").exists():
        fresh, steps = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
        pixels = torch.linspace(-2, 2, 3 * fresh.visual.image_size[0] ** 2)
        pixels = pixels.reshape(1, 3, *fresh.visual.image_size)
        with torch.no_grad():
            check(torch.equal(fresh.eval().encode_image(pixels), model.encode_image(pixels)),
                  f"{folder.name} read back gives other outputs")
    return model.eval()


def picture_rows(root, shown, values, side):
    rows = []
    for picture, value in zip(shown, values):
        crop = f"{picture.name.split('.')[0]}.{side}.png"
        (root / "goldens" / crop).write_bytes(picture.png())
        rows.append({"file": f"demo/{picture.name}", "width": picture.size[0],
                     "height": picture.size[1], "rgb_sha256": picture.sha256,
                     "crop": f"goldens/{crop}", "embedding": goldens.plain(value)})
    return rows


# Both towers


def card(tokenizer, text_reference, image_kept):
    """The model card's example: queries padded to the longest, softmax(scale x cosine).

    The card has one picture, here the first; the others are there because the answer of an
    untrained model to a single one is close to 0 and 1.
    """
    _, reference, shown = image_kept
    rows = goldens.unpadded(tokenizer, CARD_QUERIES)
    rows = goldens.padded(rows, max(len(row) for row in rows))
    texts = goldens.normalised(goldens.pooled(text_reference, rows))
    with torch.no_grad():
        pixels = torch.stack([picture.tensor for picture in shown]).double()
        images = goldens.normalised(reference.encode_image(pixels))
        cosines = images @ texts.T
        scaled = reference.logit_scale.exp() * cosines
    return {
        "versions": versions(), "text_checkpoint": "checkpoints/text",
        "image_checkpoint": "checkpoints/image", "pictures": [f"demo/{p.name}" for p in shown],
        "queries": CARD_QUERIES, "ids": rows,
        "logit_scale": goldens.plain(reference.logit_scale.exp()),
        "cosines": goldens.plain(cosines),
        "probabilities": goldens.plain(scaled.softmax(-1)),
    }


def steps(tokenizer, text_reference, image_kept):
    ids = goldens.padded(goldens.unpadded(tokenizer, [TEXTS[0]]), CONTEXT)[0]
    _, reference, shown = image_kept
    return {
        "versions": versions(),
        "text": {"checkpoint": "checkpoints/text", "text": TEXTS[0], "ids": ids,
                 "steps": goldens.text_steps(text_reference, ids)},
        "image": {"checkpoint": "checkpoints/image", "picture": f"demo/{shown[0].name}",
                  "steps": goldens.image_steps(reference, shown[0].tensor)},
    }


def versions():
    return {"torch": torch.__version__.split("+")[0],
            "torchvision": torchvision.__version__.split("+")[0],
            "transformers": transformers.__version__, "open_clip": open_clip.__version__,
            "pillow": PIL.__version__, "numpy": np.__version__}


def report_sensitivity(text, tokenizer, image_kept):
    """Prints how far common mistakes move the embeddings: the goldens have to tell them apart."""
    model, _, shown = image_kept
    ids = torch.tensor(goldens.padded(goldens.unpadded(tokenizer, TEXTS, CONTEXT), CONTEXT))
    pixels = torch.stack([p.tensor for p in shown])
    with torch.no_grad():
        right, image = goldens.pooled(text, ids), model.encode_image(pixels)
        masked = text(input_ids=ids, attention_mask=(ids != 0).long())[1]
        mistakes = {"attention mask": masked - right}
        for name, base, tower, eps in [("BERT eps 1e-5", right, text, 1e-5),
                                       ("ViT eps 1e-12", image, model, 1e-12)]:
            wrong = copy.deepcopy(tower)
            for module in wrong.modules():
                if isinstance(module, torch.nn.LayerNorm):
                    module.eps = eps
            out = goldens.pooled(wrong, ids) if tower is text else wrong.encode_image(pixels)
            mistakes[name] = out - base
        wrong = copy.deepcopy(model)
        for block in wrong.visual.transformer.resblocks:
            block.mlp.gelu = torch.nn.GELU()
        mistakes["ViT erf GELU"] = wrong.encode_image(pixels) - image
    for name, rows in [("texts", right), ("pictures", image)]:
        unit = goldens.normalised(rows)
        pairs = (unit @ unit.T)[torch.triu_indices(len(unit), len(unit), 1).unbind()]
        print(f"{name}: cosines between items {pairs.min():.3f} to {pairs.max():.3f}, "
              f"median {pairs.median():.3f}")
    for name, change in mistakes.items():
        largest = change.abs().amax(1)
        print(f"{name}: largest change {largest.max():.1e}, in the least item {largest.min():.1e}")


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab", type=pathlib.Path, default=here.parent / "tokenizer/vocab.txt")
    parser.add_argument("--out", type=pathlib.Path, default=here.parent)
    options = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    root = options.out
    for name in ["text", "text-f16", "text-bf16", "text-sharded", "text-prefixed",
                 "text-classifier", "image", "image-bare", "image-mixed"]:
        shutil.rmtree(root / "checkpoints" / name, ignore_errors=True)
    (root / "goldens").mkdir(parents=True, exist_ok=True)
    tokens = models.read_vocabulary(options.vocab)

    text, text_reference, tokenizer, text_golden = make_text(root, tokens)
    small_golden = make_small_texts(root, small_vocabulary(tokens))
    pictures = [here.parent / "demo" / name for name in PICTURES]
    image_golden, image_kept = make_images(root, pictures)
    files = {
        "text": text_golden, "text-small": small_golden, "image": image_golden,
        "card": card(tokenizer, text_reference, image_kept),
        "steps": steps(tokenizer, text_reference, image_kept),
    }
    for name, value in files.items():
        (root / "goldens" / f"{name}.json").write_text(goldens.dumped(value) + "\n", "utf-8")
    report_sensitivity(text, tokenizer, image_kept)


if __name__ == "__main__":
    main()
