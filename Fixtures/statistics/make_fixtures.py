"""Figures that Tests/EvaluationTests compares with, computed another way: numpy 2.x, scipy 1.x; seeds are in the code.

    python3 Fixtures/statistics/make_fixtures.py

Writes statistics.json beside this file.
"""
import json
import math
import pathlib

import numpy as np
from scipy import optimize, stats

Z = stats.norm.ppf(0.95)


def tango_score(b, c, n, drop):
    """Tango's statistic, its constrained estimate found by maximizing the likelihood instead of solving the quadratic."""
    low, high = max(0.0, -drop), (1 - drop) / 2
    rest = n - b - c

    def loss(p21):
        total = 0.0
        for count, p in ((b, p21 + drop), (c, p21), (rest, 1 - 2 * p21 - drop)):
            if count > 0:
                total -= count * math.log(max(p, 1e-300))
        return total

    if high <= low:
        p21 = low
    else:
        found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-15, "maxiter": 5000})
        p21 = min([found.x, low, high], key=loss)
    variance = n * (2 * p21 + drop * (1 - drop))
    difference = b - c - n * drop
    if variance <= 1e-300:
        return 0.0 if difference == 0 else math.copysign(math.inf, difference)
    return difference / math.sqrt(variance)


def tango(b, c, n):
    drop = (b - c) / n
    end = 1 - 1e-13
    lower = -1.0 if drop <= -end else optimize.brentq(lambda d: min(tango_score(b, c, n, d), 1e6) - Z, -end, drop, xtol=1e-14)
    upper = 1.0 if drop >= end else optimize.brentq(lambda d: max(tango_score(b, c, n, d), -1e6) + Z, drop, end, xtol=1e-14)
    return {"lost": b, "won": c, "count": n, "lower": lower, "upper": upper}


def bootstrap(units, resamples, seed):
    """Ends of the intervals in which the 5 % and 95 % points of 10,000 resamples lie, 4 standard errors wide."""
    rng = np.random.default_rng(seed)
    lost, queries = np.array(units).T
    drops = np.empty(resamples)
    for start in range(0, resamples, 1000):
        rows = rng.integers(len(units), size=(1000, len(units)))
        drops[start:start + 1000] = lost[rows].sum(1) / queries[rows].sum(1)
    wide = 4 * math.sqrt(0.05 * 0.95 / 10_000)
    ends = [float(np.quantile(drops, p)) for p in (0.05 - wide, 0.05 + wide, 0.95 - wide, 0.95 + wide)]
    return {"units": units, "lower": ends[:2], "upper": ends[2:]}


def some_units(seed, count, share):
    rng = np.random.default_rng(seed)
    units = []
    for _ in range(count):
        m = int(rng.integers(1, 6))
        units.append([int(rng.integers(-m, m + 1)) if rng.random() < share else 0, m])
    return units


MASK = (1 << 64) - 1


def xoshiro(seed, count):
    x, state = seed, []
    for _ in range(4):
        x = (x + 0x9E3779B97F4A7C15) & MASK
        z = x
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        state.append(z ^ z >> 31)
    rotate = lambda v, k: (v << k | v >> 64 - k) & MASK  # noqa: E731
    s0, s1, s2, s3 = state
    result = []
    for _ in range(count):
        result.append(str((rotate(s1 * 5 & MASK, 7) * 9) & MASK))
        t = s1 << 17 & MASK
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = rotate(s3, 45)
    return result


def recalls(scores, owner):
    """The Taiyi author's get_metrics and CLIP_benchmark's recall, with ties in index order.

    `scores` is captions x pictures. The author repeats a picture for each of its captions: rows and columns of its matrix are
    captions, and in the search for a picture only the first copy of each stands.
    """
    captions, pictures = scores.shape
    owner = np.array(owner)
    order = lambda row: np.lexsort((np.arange(len(row)), -row))  # noqa: E731
    matrix = scores[:, owner]  # captions x copies
    first = np.array([i == list(owner).index(o) for i, o in enumerate(owner)])
    result = {}
    for k in (1, 5, 10):
        hits = 0
        for caption in range(captions):
            row = np.where(first, matrix[caption], matrix[caption] - 1e8)
            # Among copies the author's order is that of first captions; ties go to the first told picture.
            hits += owner[caption] in owner[order(row)[:k]]
        result[f"text_to_image_{k}"] = hits / captions
        per_caption = per_picture = 0
        found = {}
        for picture in range(pictures):
            found[picture] = any(owner[c] == picture for c in order(scores[:, picture])[:k])
            per_picture += found[picture]
        per_caption = sum(found[o] for o in owner)
        result[f"image_to_text_{k}"] = per_caption / captions
        result[f"image_to_text_once_{k}"] = per_picture / pictures
    return result


def retrieval(seed, pictures, most, levels):
    """Scores with few values, so that ties are many; pictures are told in order."""
    rng = np.random.default_rng(seed)
    owner = [p for p in range(pictures) for _ in range(int(rng.integers(1, most + 1)))]
    scores = rng.integers(0, levels, (len(owner), pictures)).astype(float)
    for caption, picture in enumerate(owner):
        if rng.random() < 0.6:
            scores[caption, picture] += levels // 2
    return {"owner": owner, "scores": scores.tolist(), **recalls(scores, owner)}


def main():
    result = {
        "tango": [tango(*case) for case in [
            (0, 0, 1), (1, 0, 1), (0, 1, 1), (0, 0, 50), (0, 0, 5184), (1, 0, 50), (0, 1, 50), (3, 3, 100), (9, 1, 50), (5, 5, 10),
            (10, 0, 10), (0, 10, 10), (43, 40, 5000), (120, 60, 50_000), (7, 19, 333), (1, 1, 2)]],
        "clopper_pearson": [
            {"hits": k, "count": n, "upper": 1.0 if k == n else float(stats.beta.ppf(0.95, k + 1, n - k))}
            for k, n in [(0, 1), (1, 1), (0, 10), (3, 10), (0, 2520), (30, 2520), (2519, 2520), (500, 1000), (1, 100_000)]],
        "quantiles": {"values": (v := np.random.default_rng(1).normal(size=37).tolist()),
                      "at": [[p, float(np.quantile(v, p))] for p in (0, 0.01, 0.05, 0.5, 0.95, 1)]},
        "bootstrap": [bootstrap(some_units(2, 200, 0.1), 1_000_000, 3), bootstrap(some_units(4, 60, 0.7), 1_000_000, 5)],
        "xoshiro": {str(seed): xoshiro(seed, 6) for seed in (0, 1, 20221118)},
        "retrieval": [retrieval(7, 12, 3, 6), retrieval(8, 30, 1, 40), retrieval(9, 25, 5, 3)],
    }
    path = pathlib.Path(__file__).resolve().parent / "statistics.json"
    path.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
