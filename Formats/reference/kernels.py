"""The numerics of Formats/numerics.md, version 1, sections 3 to 7, in numpy.

Written from that document, not from the kernels, and slow on purpose. Run as
`python kernels.py` it writes Fixtures/kernels/numerics.json, which a test compares with the kernels
bit for bit. Pinned: numpy 2.4.6.
"""

import json
from pathlib import Path

import numpy as np

F = np.float32
H = lambda text: F(float.fromhex(text))  # noqa: E731

ROUND = H("0x1.8p+23")
TINY = H("0x1.4484cp-100")

# Every operation below is on float32 arrays and rounds once, to nearest even. Overflow is silent.
np.seterr(all="ignore")


def f32(x):
    return np.asarray(x, dtype=F)


def fma(a, b, c):
    """a * b + c, rounded once.

    The product of two float32 is exact in float64. The sum is rounded to odd in float64 (the error
    of the addition comes from Knuth's TwoSum), so that rounding it again to float32 is harmless.
    """
    a, b, c = np.broadcast_arrays(f32(a), f32(b), f32(c))
    p, c = a.astype(np.float64) * b.astype(np.float64), c.astype(np.float64)
    s = p + c
    t = s - p
    error = (p - (s - t)) + (c - t)
    bits = s.view(np.int64)
    even = (bits & 1) == 0
    away = (error > 0) == (s > 0)
    bits = np.where((error != 0) & even, np.where(away, bits + 1, bits - 1), bits)
    return bits.view(np.float64).astype(F)


def larger(a, b):
    return np.where(a > b, a, b)


def smaller(a, b):
    return np.where(a < b, a, b)


def rounded(x):
    return (x + ROUND) - ROUND


# 3. Elementary functions


def horner(coefficients, x):
    p = np.full_like(x, H(coefficients[0]))
    for c in coefficients[1:]:
        p = fma(p, x, H(c))
    return p


EXP = ["0x1.a0d2cep-13", "0x1.6e879cp-10", "0x1.11121p-7", "0x1.555382p-5", "0x1.555554p-3",
       "0x1p-1"]
ERF_P = ["-0x1.2bbe16p-32", "0x1.dbffdcp-26", "-0x1.19fea2p-19", "-0x1.dd85a4p-15",
         "-0x1.8158c6p-11", "-0x1.8343ecp-9", "-0x1.07b7a8p-6"]
ERF_Q = ["-0x1.e8c19ap-17", "-0x1.bf7a52p-13", "-0x1.b9249cp-10", "-0x1.e337fp-8",
         "-0x1.d36d4ep-7"]
TANH = ["-0x1.75e1d4p-8", "0x1.52269cp-6", "-0x1.b83c5ap-5", "0x1.110726p-3", "-0x1.555532p-2"]


def exp(x):
    x = smaller(larger(f32(x), F(-87)), F(88))
    n = fma(x, H("0x1.715476p+0"), ROUND) - ROUND
    r = fma(n, -H("0x1.63p-1"), x)
    r = fma(n, H("0x1.bd0106p-13"), r)
    p = horner(EXP, r)
    p = fma(p, r * r, r) + F(1)
    return p * np.ldexp(F(1), n.astype(np.int32))


def erf(x):
    x = smaller(larger(f32(x), F(-4)), F(4))
    z = x * x
    return x * horner(ERF_P, z) / horner(ERF_Q, z)


def tanh(x):
    x = f32(x)
    z = x * x
    small = fma(horner(TANH, z) * z, x, x)
    m = np.where(x < 0, -x, x)
    large = F(1) - F(2) / (exp(m + m) + F(1))
    return np.where(m < F(0.625), small, np.where(x < 0, -large, large))


def sigmoid(x):
    return F(1) / (F(1) + exp(-f32(x)))


def activation(x, kind):
    x = f32(x)
    if kind == "gelu":
        return F(0.5) * x * (F(1) + erf(x * H("0x1.6a09e6p-1")))
    if kind == "quickGELU":
        return x / (F(1) + exp(x * H("-0x1.b3b646p+0")))
    return tanh(x) if kind == "tanh" else x


# 4. Row operations


def fold(lanes):
    while lanes.size > 1:
        half = lanes.size // 2
        lanes = lanes[:half] + lanes[half:]
    return lanes[0]


def lane_sum(x, squares=False):
    lanes = np.zeros(16, F)
    for start in range(0, len(x), 16):
        part = x[start : start + 16]
        old = lanes[: len(part)]
        lanes[: len(part)] = fma(part, part, old) if squares else old + part
    return fold(lanes)


def layer_norm(x, gain, bias, epsilon):
    width = F(len(x))
    mean = lane_sum(x) / width
    scale = F(1) / np.sqrt(lane_sum(x - mean, True) / width + F(epsilon))
    return fma((x - mean) * scale, gain, bias)


def quantize_row(x, input_scale=None):
    v = x if input_scale is None else x * input_scale
    low, high = F(min(0, v.min())), F(max(0, v.max()))
    extent = high - low
    if not extent > TINY:
        extent = F(1)
    inverse = F(255) / extent
    zero = rounded(-low * inverse)
    q = rounded(v * inverse) + zero
    q = smaller(larger(q, F(0)), F(255)).astype(np.uint8)
    return q, extent / F(255), int(zero)


def l2_normalize(x):
    length = np.sqrt(lane_sum(x, True))
    return x / length if length > 0 else x


def softmax(x):
    e = exp(x - x.max())
    return e, F(1) / lane_sum(e)


# 5. Linear layers


def epilogue(v, kind, residual):
    v = activation(v, kind)
    return v if residual is None else residual + v


def linear_int8(x, weights, scales, bias=None, kind="none", residual=None, input_scale=None):
    """x [rows, k]; weights [n, k] signed bytes; scales [n]."""
    y = np.empty((len(x), len(weights)), F)
    for r, row in enumerate(x):
        q, scale, zero = quantize_row(row, input_scale)
        total = weights.astype(np.int64) @ (q.astype(np.int64) - zero)
        v = fma(total.astype(F), scale * scales, F(0) if bias is None else bias)
        y[r] = epilogue(v, kind, None if residual is None else residual[r])
    return y


def linear_f32(x, weights, bias=None, kind="none", residual=None):
    sums = np.zeros((len(x), len(weights)), F)
    for k in range(x.shape[1]):
        sums = fma(x[:, k : k + 1], weights[:, k], sums)
    return epilogue(sums if bias is None else sums + bias, kind, residual)


# 6. Attention, one head


def attention_f32(q, k, v):
    scaled = q * (F(1) / np.sqrt(F(q.shape[1])))
    scores = linear_f32(scaled, k)
    e, inverse = zip(*[softmax(row) for row in scores])
    return linear_f32(np.array(e), np.ascontiguousarray(v.T)) * np.array(inverse)[:, None]


def symmetric_bytes(a):
    """One scale a row; a row of zeros has scale 0."""
    most = np.abs(a).max(axis=1)
    scale = np.where(most > TINY, most / F(127), F(0))
    inverse = np.where(most > TINY, F(1) / scale, F(0))
    return rounded(a * inverse[:, None]).astype(np.int64), scale


def attention_int8(q, k, v):
    root = F(1) / np.sqrt(F(q.shape[1]))
    (qb, sq), (kb, sk), (vb, sv) = (symmetric_bytes(a) for a in (q, k, v))
    scores = (qb @ kb.T).astype(F) * ((sq * root)[:, None] * sk)
    y = np.zeros_like(v)
    for i, row in enumerate(scores):
        e = exp(row - row.max())
        t = e * sv
        r = t.max()
        if not r > TINY:
            continue
        w = (fma(t, F(65535) / r, ROUND) - ROUND).astype(np.int64)
        high, low = (w >> 8) @ vb, (w & 255) @ vb
        y[i] = fma(high.astype(F), F(256), low.astype(F)) * (r / F(65535) / lane_sum(e))
    return y


# 7. Weight quantization


def quantize_weights(w, column_scale=None):
    v = w if column_scale is None else w * column_scale
    most = np.abs(v).max(axis=1)
    scale = np.where(most > TINY, most / F(127), F(1))
    q = rounded(v * (F(1) / scale)[:, None])
    return np.clip(q, -127, 127).astype(np.int8), scale


def panels(q):
    n, k = q.shape
    padded = np.zeros(((n + 15) // 16 * 16, (k + 3) // 4 * 4), np.int8)
    padded[:n, :k] = q
    ordered = padded.reshape(-1, 16, padded.shape[1] // 4, 4).transpose(0, 2, 1, 3)
    return ordered.reshape(-1), padded.sum(axis=1, dtype=np.int32)


# Goldens


def bits(x):
    return np.ascontiguousarray(x, F).view(np.uint32).reshape(-1).tolist()


def main():
    rng = np.random.default_rng(20250101)
    normal = lambda *shape: rng.standard_normal(shape).astype(F)  # noqa: E731
    golden = {}

    x = np.concatenate([
        normal(120) * F(3), f32([0, -0.0, 0.625, -0.625, 87, -87, 88, -88, 200, -200, 4, -4, 3.9]),
        f32([1e-40, -1e-40, 1e-20, 3e38, -3e38]), np.nextafter(f32([0.625, 4, 88]), F(0)),
    ])
    golden["functions"] = {
        "x": bits(x), "exp": bits(exp(x)), "erf": bits(erf(x)), "tanh": bits(tanh(x)),
        "sigmoid": bits(sigmoid(x)), "gelu": bits(activation(x, "gelu")),
        "quickGELU": bits(activation(x, "quickGELU")),
    }

    golden["rows"] = []
    for width, kind in [(1, ""), (7, ""), (16, ""), (37, ""), (70, "outlier"), (23, "negative"),
                        (20, "constant"), (9, "zero")]:
        x = normal(width)
        if kind == "outlier":
            x[3] = F(9000)
        elif kind == "negative":
            x = -np.abs(x)
        elif kind == "constant":
            x[:] = F(0.3)
        elif kind == "zero":
            x[:] = F(0)
        gain, bias, scale = normal(width), normal(width), np.abs(normal(width))
        q, s, z = quantize_row(x)
        q2, s2, z2 = quantize_row(x, scale)
        e, inverse = softmax(x)
        golden["rows"].append({
            "x": bits(x), "gain": bits(gain), "bias": bits(bias), "inputScales": bits(scale),
            "layerNorm": bits(layer_norm(x, gain, bias, 1e-5)), "normalized": bits(l2_normalize(x)),
            "quantized": q.tolist(), "scale": bits(s), "zero": z,
            "scaledQuantized": q2.tolist(), "scaledScale": bits(s2), "scaledZero": z2,
        })

    golden["linear"] = []
    for rows, n, k, kind, has in [(1, 1, 4, "none", ""), (2, 17, 33, "gelu", "bias residual"),
                                  (3, 20, 18, "quickGELU", "bias inputScales"),
                                  (2, 5, 50, "tanh", "residual inputScales")]:
        x, w, b, r = normal(rows, k), normal(n, k), normal(n), normal(rows, n)
        scale = np.abs(normal(k)) + F(0.1)
        options = {
            "bias": b if "bias" in has else None, "kind": kind,
            "residual": r if "residual" in has else None,
        }
        used = scale if "inputScales" in has else None
        q, scales = quantize_weights(w, None if used is None else F(1) / used)
        layout, sums = panels(q)
        padded = np.concatenate([scales, np.zeros(-n % 16, F)])
        half = w.astype(np.float16)
        golden["linear"].append({
            "rows": rows, "n": n, "k": k, "activation": kind, "x": bits(x), "w": bits(w),
            "bias": bits(b) if "bias" in has else None,
            "residual": bits(r) if "residual" in has else None,
            "inputScales": bits(scale) if used is not None else None,
            "columnScales": bits(F(1) / scale) if used is not None else None,
            "panels": layout.tolist(), "scales": bits(padded), "sums": sums.tolist(),
            "f16": half.view(np.uint16).reshape(-1).tolist(),
            "float32": bits(linear_f32(x, w, **options)),
            "float16": bits(linear_f32(x, half.astype(F), **options)),
            "int8": bits(linear_int8(x, q, scales, input_scale=used, **options)),
        })

    def attention(function, qkv, heads):
        tokens, size = len(qkv), qkv.shape[1] // (3 * heads)
        parts = qkv.reshape(tokens, 3, heads, size)
        y = [
            function(*(np.ascontiguousarray(parts[:, i, h]) for i in range(3)))
            for h in range(heads)
        ]
        return {
            "tokens": tokens, "heads": heads, "headSize": size, "qkv": bits(qkv),
            "y": bits(np.stack(y, axis=1)),
        }

    golden["attention"] = attention(attention_f32, normal(19, 3 * 2 * 12) * F(2), 2)

    golden["quantizedAttention"] = []
    for tokens, heads, size, kind in [(1, 2, 5, ""), (2, 1, 1, "worked"), (19, 2, 12, ""),
                                      (37, 1, 32, "outlier"), (18, 1, 16, "zero values"),
                                      (17, 2, 7, "some zero rows"), (6, 1, 4, "faint"),
                                      (900, 1, 1, "many")]:
        qkv = normal(tokens, 3, heads, size) * F(2)
        if kind == "worked":
            qkv[:, 0] = 0
            qkv[:, 2, 0, 0] = [127, 1]
        elif kind == "outlier":
            qkv[5, 1:] *= F(300)
        elif kind == "zero values":
            qkv[:, 2] = 0
        elif kind == "some zero rows":
            qkv[::3, 0], qkv[1::3, 1], qkv[::2, 2] = 0, 0, 0
        elif kind == "faint":  # all of the probability on a token without values
            qkv[:, 0], qkv[1:, 1], qkv[0, 1], qkv[0, 2] = 40, -40, 40, 0
        elif kind == "many":  # sums beyond 2^24, where their floats round
            qkv[:, 0], qkv[:, 2] = 0, F(20) + qkv[:, 2]
        flat = qkv.reshape(tokens, -1)
        golden["quantizedAttention"].append(attention(attention_int8, flat, heads))

    target = Path(__file__).resolve().parents[2] / "Fixtures" / "kernels" / "numerics.json"
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
