"""What PyTorch makes of the fixture checkpoints: embeddings and inner activations as JSON rows.

The sums run in float64 over the stored weights and are rounded to float32 once, so the numbers do
not depend on the machine; how far PyTorch's own float32 run is from them is recorded beside them.
"""
import copy
import hashlib
import io
import json

import numpy as np
import open_clip
import torch
from PIL import Image

from fixture_models import PICTURE_MEAN, PICTURE_STD


def double(model):
    return copy.deepcopy(model).double().eval()


def plain(array):
    """Nested lists whose floats print in the shortest form that gives the float32 back."""
    if isinstance(array, torch.Tensor):
        array = array.detach().numpy()
    array = np.asarray(array)
    if array.ndim > 0:
        return [plain(row) for row in array]
    if array.dtype.kind == "f":
        return float(str(np.float32(array)))
    return int(array)


def difference(a, b):
    """Largest absolute difference, to two digits."""
    return float(f"{(a.double() - b.double()).abs().max().item():.1e}")


def dumped(value, indent=0):
    """JSON, UTF-8, a list of numbers on one line."""
    pad = "  " * (indent + 1)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {dumped(v, indent + 1)}"
                for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + pad[2:] + "}"
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        rows = [pad + dumped(v, indent + 1) for v in value]
        return "[\n" + ",\n".join(rows) + "\n" + pad[2:] + "]"
    return json.dumps(value, ensure_ascii=False)


# Text


def unpadded(tokenizer, texts, length=None):
    """One list of ids a text, specials included, cut to `length` with [SEP] kept."""
    return [tokenizer(t, truncation=length is not None, max_length=length)["input_ids"]
            for t in texts]


def padded(rows, length):
    return [row + [0] * (length - len(row)) for row in rows]


@torch.no_grad()
def pooled(model, ids):
    """The card's text feature: pooler output of the ids alone, no mask, no token types."""
    return model(input_ids=torch.as_tensor(ids))[1]


def text_protocol(model, reference, name, rows, length):
    """One protocol's rows; `length` None runs each row alone as it is."""
    if length is None:
        run = lambda m: torch.cat([pooled(m, [row]) for row in rows])
    else:
        rows = padded(rows, length)
        run = lambda m: pooled(m, rows)
    values = run(reference)
    return {
        "name": name, "length": length,
        "float32_max_difference": difference(values, run(model)),
        "ids": rows, "embeddings": plain(values),
    }


# Pictures


class Picture:
    """A file, its decoded size and RGB hash, and torchvision's 8-bit crop and normalised tensor."""

    def __init__(self, path, size):
        self.name = path.name
        with Image.open(path) as image:
            rgb = image.convert("RGB")
        steps = open_clip.image_transform(
            size, is_train=False, mean=PICTURE_MEAN, std=PICTURE_STD, resize_mode="shortest",
            interpolation="bicubic").transforms
        self.size = rgb.size
        self.sha256 = hashlib.sha256(rgb.tobytes()).hexdigest()
        before = [type(step).__name__ for step in steps].index("MaybeToTensor")
        self.crop = rgb
        for step in steps[:before]:
            self.crop = step(self.crop)
        self.tensor = self.crop
        for step in steps[before:]:
            self.tensor = step(self.tensor)

    def png(self):
        stream = io.BytesIO()
        self.crop.save(stream, "PNG", optimize=True)
        return stream.getvalue()


@torch.no_grad()
def image_rows(model, reference, pictures):
    """Unnormalised embeddings of the pictures and the float32 run's distance."""
    pixels = torch.stack([p.tensor for p in pictures])
    values = reference.encode_image(pixels.double())
    return values, difference(values, model.encode_image(pixels))


def normalised(rows):
    return rows / rows.norm(dim=-1, keepdim=True)


# Inner activations


def step(name, rows):
    """What one step left: the first row whole, and each row's mean and root of summed squares."""
    return {"name": name, "shape": list(rows.shape), "row_means": plain(rows.mean(-1)),
            "row_norms": plain(rows.norm(dim=-1)), "first_row": plain(rows[0])}


@torch.no_grad()
def text_steps(reference, ids):
    out = reference(input_ids=torch.tensor([ids]), output_hidden_states=True)
    names = ["embeddings"] + [f"layer {i}" for i in range(len(out.hidden_states) - 1)]
    steps = [step(n, h[0]) for n, h in zip(names, out.hidden_states)]
    return steps + [step("pooler", out[1])]


@torch.no_grad()
def image_steps(reference, pixels):
    """conv1 rows are the patches in row-major order; from ln_pre on row 0 is the class token."""
    visual, kept = reference.visual, {}
    watched = {"conv1": visual.conv1, "ln_pre": visual.ln_pre}
    watched |= {f"block {i}": b for i, b in enumerate(visual.transformer.resblocks)}
    watched["ln_post"] = visual.ln_post
    hooks = [module.register_forward_hook(lambda m, i, o, n=n: kept.__setitem__(n, o))
             for n, module in watched.items()]
    embedding = reference.encode_image(pixels[None].double())
    for hook in hooks:
        hook.remove()
    kept["conv1"] = kept["conv1"].flatten(2).transpose(1, 2)
    steps = []
    for name, rows in kept.items():
        rows = rows[0] if rows.ndim == 3 else rows
        steps.append(step(name, rows[:1] if name == "ln_post" else rows))
    return steps + [step("proj", embedding)]
