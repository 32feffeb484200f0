"""Writes references.json: what float64 makes of the kernels' operations.

Independent of Formats/numerics.md: these are the mathematical functions, by numpy and scipy.
Pinned: numpy 2.4.6, scipy 1.17.1. Run inside this folder.
"""

import json
from pathlib import Path

import numpy as np
from scipy import special

F, D = np.float32, np.float64
rng = np.random.default_rng(20250102)


def bits(x):
    return np.ascontiguousarray(x, F).view(np.uint32).reshape(-1).tolist()


def doubles(x):
    return [float(f"{v:.13g}") for v in np.asarray(x, D).reshape(-1)]


def crc32c(data):
    table = []
    for b in range(256):
        for _ in range(8):
            b = b >> 1 ^ (0x82F63B78 if b & 1 else 0)
        table.append(b)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def normal(*shape):
    return rng.standard_normal(shape).astype(F)


golden = {}

# Elementary functions, denser where they bend.
x = np.concatenate([rng.uniform(-87, 88, 120), rng.uniform(-9, 9, 160), rng.uniform(-1, 1, 80),
                    10.0 ** rng.uniform(-30, -2, 20)]).astype(F)
d = x.astype(D)
golden["functions"] = {
    "x": bits(x), "exp": doubles(np.exp(d)), "erf": doubles(special.erf(d)),
    "tanh": doubles(np.tanh(d)), "sigmoid": doubles(special.expit(d)),
    "gelu": doubles(d * special.ndtr(d)), "quickGELU": doubles(d * special.expit(1.702 * d)),
}

# Layer norm and division by the length.
rows, width = 3, 100
x, gain, bias = normal(rows, width) * F(3) + F(1), normal(width), normal(width)
d = x.astype(D)
mean, variance = d.mean(1, keepdims=True), d.var(1, keepdims=True)
golden["layerNorm"] = {
    "rows": rows, "x": bits(x), "gain": bits(gain), "bias": bits(bias),
    "y": doubles((d - mean) / np.sqrt(variance + 1e-5) * gain + bias),
    "normalized": doubles(d / np.linalg.norm(d, axis=1, keepdims=True)),
}

# A linear layer.
rows, n, k = 3, 9, 150
x, w, bias = normal(rows, k), normal(n, k), normal(n)
golden["linear"] = {
    "rows": rows, "n": n, "k": k, "x": bits(x), "w": bits(w), "bias": bits(bias),
    "y": doubles(x.astype(D) @ w.astype(D).T + bias),
}

# Self-attention of two items.
items, tokens, heads, size = 2, 11, 2, 16
qkv = normal(items * tokens, 3, heads, size)
q, key, value = qkv.astype(D).reshape(items, tokens, 3, heads, size).transpose(2, 0, 3, 1, 4)
p = special.softmax(q @ key.swapaxes(-1, -2) / np.sqrt(size), axis=-1)
golden["attention"] = {
    "items": items, "tokens": tokens, "heads": heads, "headSize": size, "qkv": bits(qkv),
    "y": doubles((p @ value).transpose(0, 2, 1, 3)),
}

# binary16 to binary32: CRC-32C of all patterns but the NaNs; binary32 to binary16: of the values
# halfway between neighbours and those beside them, both signs.
half = np.arange(65536, dtype=np.uint16).view(np.float16)
half = half[~np.isnan(half)]
positive = np.arange(0x7C01, dtype=np.uint16).view(np.float16).astype(F)
positive[-1] = 65536
middle = (positive[1:] + positive[:-1]) / F(2)
around = np.stack([np.nextafter(middle, F(0)), middle, np.nextafter(middle, F(1e9))], 1).reshape(-1)
around = np.concatenate([around, -around])
with np.errstate(over="ignore"):
    golden["float16"] = {
        "toFloat32": crc32c(half.astype(F).tobytes()),
        "fromFloat32": crc32c(around.astype(np.float16).tobytes()),
    }

target = Path(__file__).resolve().parent / "references.json"
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
