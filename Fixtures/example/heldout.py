"""Renders the held-out sets, as CLIP_benchmark lays out webdatasets, and asks PyTorch about them.

    python3 Fixtures/example/heldout.py [render] [calibration] [reference] [statistics]

`render` writes heldout/classes and heldout/pairs; `calibration` writes other scenes and captions to calibrate on; `statistics`
writes calibration/pytorch.json: what the matrices of some layers are given for a few of them; `reference` writes heldout/pytorch.json: what the f16 checkpoints beside this
file, computed in f32 by transformers and open_clip, predict for every picture. Versions: requirements.txt; fonts: README.md.
"""
import io
import json
import multiprocessing
import pathlib
import sys
import tarfile

import numpy as np

import scenes

HERE = pathlib.Path(__file__).resolve().parent
PER_CLASS = 18
QUALITY = 70  # of the JPEGs
CALIBRATION = 128  # pictures; twice as many texts
PAIRS, CAPTIONS = 2_520, 2  # pictures, and captions of each
TEMPLATES = [form.replace("{}", "{c}") for form in scenes.SINGLE_FORMS]


def drawn(number):
    """A picture of a class; classes take turns."""
    colour, kind = scenes.CLASSES[number % len(scenes.CLASSES)]
    picture, _ = scenes.single(scenes.generator("held-out classes", number), colour, kind)
    return scenes.jpeg(picture, QUALITY)


def told(number):
    """A picture of two objects and ways to tell it, no two alike."""
    picture, scene = scenes.pair(scenes.generator("held-out pairs", number))
    rng = scenes.generator("held-out captions", number)
    captions = []
    while len(captions) < CAPTIONS:
        text = scenes.caption(rng, scene, detail=0.6, ground=0.2)
        if text not in captions:
            captions.append(text)
    return scenes.jpeg(picture, QUALITY), captions


class Tar:
    """A tar whose bytes depend on its contents alone."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)

    def add(self, name, data):
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        self.tar.addfile(entry, io.BytesIO(data))


def render():
    classes, pairs = HERE / "heldout/classes", HERE / "heldout/pairs"
    with multiprocessing.Pool(2) as pool:
        tar = Tar(classes / "test/0.tar")
        for number, data in enumerate(pool.imap(drawn, range(PER_CLASS * len(scenes.CLASSES)), 32)):
            tar.add(f"s{number:07d}.jpg", data)
            tar.add(f"s{number:07d}.cls", str(number % len(scenes.CLASSES)).encode())
        tar.tar.close()
        tar = Tar(pairs / "test/0.tar")
        for number, (data, captions) in enumerate(pool.imap(told, range(PAIRS), 32)):
            tar.add(f"s{number:07d}.jpg", data)
            tar.add(f"s{number:07d}.txt", "\n".join(captions).encode())
        tar.tar.close()
    (HERE / "picture.jpg").write_bytes(members(classes / "test/0.tar")["s0000020.jpg"])
    for folder in classes, pairs:
        (folder / "test/nshards.txt").write_text("1\n")
    (pairs / "dataset_type.txt").write_text("retrieval\n")
    (classes / "classnames.txt").write_text("\n".join(scenes.CLASS_NAMES) + "\n", "utf-8")
    (classes / "zeroshot_classification_templates.txt").write_text("\n".join(TEMPLATES) + "\n", "utf-8")


def calibration():
    """Half single objects, half pairs; pictures and captions are of different scenes, as a user would have them."""
    folder = HERE / "calibration"
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    texts = []
    for number in range(CALIBRATION):
        rng = scenes.generator("calibration", number)
        picture = scenes.single(rng)[0] if number % 2 == 0 else scenes.pair(rng)[0]
        (folder / f"pictures/{number:03d}.jpg").write_bytes(scenes.jpeg(picture, QUALITY))
        rng = scenes.generator("calibration captions", number)
        texts.append(scenes.caption(rng, scenes.pair(rng)[1], detail=0.6, ground=0.2))
        colour, kind = scenes.CLASSES[int(rng.integers(len(scenes.CLASSES)))]
        name = scenes.CLASS_NAMES[scenes.CLASSES.index((colour, kind))]
        texts.append(TEMPLATES[number % len(TEMPLATES)].replace("{c}", name))
    (folder / "texts.txt").write_text("\n".join(texts) + "\n", "utf-8")


def members(path):
    with tarfile.open(path) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}


def reference():
    import open_clip
    import torch
    from PIL import Image
    from safetensors.torch import load_file
    from transformers import BertModel, BertTokenizer

    import train

    _, clip = train.make_models()
    clip.load_state_dict(load_file(HERE / "image/open_clip_model.safetensors"))
    clip = clip.float().eval()
    text = BertModel.from_pretrained(HERE / "text", dtype=torch.float32).eval()
    tokenizer = BertTokenizer(str(HERE / "text/vocab.txt"))
    config = json.loads((HERE / "image/open_clip_config.json").read_text())["preprocess_cfg"]
    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(size=train.PICTURE, **config), is_train=False)
    unit = torch.nn.functional.normalize

    def texts(lines):
        ids = tokenizer(lines, max_length=train.CONTEXT, padding="max_length", truncation=True, return_tensors="pt")["input_ids"]
        return torch.cat([unit(text(input_ids=ids[i:i + 256])[1], dim=-1) for i in range(0, len(ids), 256)])

    def pictures(files):
        batches = (torch.stack([transform(Image.open(io.BytesIO(data))) for data in files[i:i + 256]])
                   for i in range(0, len(files), 256))
        return torch.cat([unit(clip.encode_image(batch), dim=-1) for batch in batches])

    with torch.no_grad():
        files = members(HERE / "heldout/classes/test/0.tar")
        images = pictures([data for name, data in files.items() if name.endswith(".jpg")])
        truth = torch.tensor([int(data) for name, data in files.items() if name.endswith(".cls")])
        prompts = [form.replace("{c}", name) for name in scenes.CLASS_NAMES for form in TEMPLATES]
        bank = unit(texts(prompts).view(len(scenes.CLASS_NAMES), len(TEMPLATES), -1).mean(1), dim=-1)
        scores = images @ bank.T
        predicted = scores.argmax(1)
        best = scores.topk(2).values
        top5 = scores.topk(5).indices.eq(truth[:, None]).any(1).float().mean().item()

        files = members(HERE / "heldout/pairs/test/0.tar")
        images = pictures([data for name, data in files.items() if name.endswith(".jpg")])
        captions = [data.decode().split("\n") for name, data in files.items() if name.endswith(".txt")]
        owner = torch.tensor([i for i, lines in enumerate(captions) for _ in lines])
        words = texts([line for lines in captions for line in lines])
        scores = words @ images.T
        own = scores.gather(1, owner[:, None])
        rank = (scores > own).sum(1)
        back = scores.T
        mine = owner[None] == torch.arange(len(images))[:, None]
        best_own = back.masked_fill(~mine, -1e9).max(1).values
        back_rank = (back.masked_fill(mine, -1e9) > best_own[:, None]).sum(1)
    recalls = lambda ranks: {f"R@{k}": ranks.lt(k).float().mean().item() for k in (1, 5, 10)}  # noqa: E731
    result = {
        "classes": {"pictures": len(truth), "top1": predicted.eq(truth).float().mean().item(), "top5": top5,
                    "smallest_margin": (best[:, 0] - best[:, 1]).min().item(), "predicted": predicted.tolist()},
        "pairs": {"pictures": len(images), "captions": len(words), "text_to_image": recalls(rank),
                  "image_to_text": recalls(back_rank), "equal_captions": len(words) - len({l for c in captions for l in c})},
    }
    print(json.dumps({k: {a: b for a, b in v.items() if a != "predicted"} for k, v in result.items()}, indent=1))
    (HERE / "heldout/pytorch.json").write_text(json.dumps(result) + "\n")


def statistics():
    """Ranges and mean products of the inputs of linear layers, over the rows that a calibration looks at."""
    import open_clip
    import torch
    from PIL import Image
    from safetensors.torch import load_file
    from transformers import BertModel, BertTokenizer

    import train

    texts = (HERE / "calibration/texts.txt").read_text("utf-8").split("\n")[:3]
    files = sorted((HERE / "calibration/pictures").iterdir())[:2]
    found = {}

    def note(name, x, rows):
        x = x.reshape(-1, x.shape[-1])[rows].double()
        found[name] = {"ranges": x.abs().max(0).values[:24].tolist(), "products": (x.T @ x / len(x))[3, 3:24].tolist(), "rows": len(x)}

    with torch.no_grad():
        text = BertModel.from_pretrained(HERE / "text", dtype=torch.float32).eval()
        tokenizer = BertTokenizer(str(HERE / "text/vocab.txt"))
        ids = tokenizer(texts, max_length=train.CONTEXT, padding="max_length", truncation=True, return_tensors="pt")["input_ids"]
        rows = []
        for item, length in enumerate((ids != tokenizer.pad_token_id).sum(1).tolist()):
            padding = min(train.CONTEXT - length, length // 4)
            rest = [length + i * (train.CONTEXT - length) // padding for i in range(padding)]
            rows += [item * train.CONTEXT + row for row in [*range(length), *rest]]
        for index, layer in enumerate(text.encoder.layer):
            for part, module in {"attention.qkv": layer.attention.self.query, "attention.output": layer.attention.output.dense,
                                 "mlp.up": layer.intermediate.dense, "mlp.down": layer.output.dense}.items():
                name = f"text.layers.{index}.{part}.weight"
                module.register_forward_pre_hook(lambda _, x, name=name: note(name, x[0], rows))
        text(input_ids=ids)

        _, clip = train.make_models()
        clip.load_state_dict(load_file(HERE / "image/open_clip_model.safetensors"))
        clip = clip.float().eval()
        config = json.loads((HERE / "image/open_clip_config.json").read_text())["preprocess_cfg"]
        transform = open_clip.transform.image_transform_v2(
            open_clip.transform.PreprocessCfg(size=train.PICTURE, **config), is_train=False)
        every = slice(None)
        for index, block in enumerate(clip.visual.transformer.resblocks):
            def attention(module, x, index=index):
                # The inner product layer runs without its hooks, so attention is computed again.
                x, attn = x[0], module.attn
                note(f"image.layers.{index}.attention.qkv.weight", module.ln_1(x), every)
                q, k, v = torch.nn.functional.linear(module.ln_1(x), attn.in_proj_weight, attn.in_proj_bias).chunk(3, -1)
                q, k, v = (t.unflatten(-1, (attn.num_heads, -1)).transpose(1, 2) for t in (q, k, v))
                mean = torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
                note(f"image.layers.{index}.attention.output.weight", mean, every)
            block.register_forward_pre_hook(attention)
            for part, module in {"mlp.up": block.mlp.c_fc, "mlp.down": block.mlp.c_proj}.items():
                name = f"image.layers.{index}.{part}.weight"
                module.register_forward_pre_hook(lambda _, x, name=name: note(name, x[0], every))
        clip.encode_image(torch.stack([transform(Image.open(file)) for file in files]))
    kept = {name: found[name] for name in sorted(found)}
    (HERE / "calibration/pytorch.json").write_text(json.dumps({"texts": texts, "pictures": len(files), "inputs": kept}) + "\n")


if __name__ == "__main__":
    for step in sys.argv[1:] or ["render", "calibration", "reference", "statistics"]:
        {"render": render, "calibration": calibration, "reference": reference, "statistics": statistics}[step]()
