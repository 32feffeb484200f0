"""Makes the pictures of this folder and goldens.json, what Pillow and torchvision make of them.

Run from anywhere, in an environment with ../checkpoints/requirements.txt installed:

    python3 Fixtures/images/make_fixtures.py

Python 3.11, numpy 2.4.6, Pillow 13.0.0 (libjpeg-turbo 3.2.0), torch 2.15.0, torchvision 0.29.2. A
second run writes the same bytes. goldens.json holds SHA-256 hashes of 8-bit RGB rows:

    rgb       Image.open(f).convert("RGB")
    shortest  Resize(s, BICUBIC), CenterCrop(s), convert("RGB")       (open_clip)
    squash    Resize((s, s), BICUBIC), convert("RGB")                 (Chinese-CLIP)
    rgb_*     the same with convert("RGB") first                      (ImageFolder)

    rows_first_*  what Pillow before 13 makes of shortest and squash

with s = 32, and shortest also with s = 224. Pillow 13.0.0 resamples columns first where more than
twice as many rows as columns are lost; two resizings, one a direction, give the old order.

16-bit grey is the one exception: Pillow's convert cuts every value above 255 to white, so its
goldens are those of the 8-bit picture of the upper bytes.

Pillow writes neither Adam7 nor every depth: png_writer.py does. Of YCCK and 4:4:0 JPEG there are
files that Pillow wrote as CMYK and 4:2:2, with one byte of the header changed. Pictures in bad/
have no goldens: the tests hold the sentence each must be refused with.
"""
import hashlib
import io
import json
import pathlib
import struct
import warnings
import zlib

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Normalize, Resize, ToTensor
from torchvision.transforms.functional import _compute_resized_output_size

import png_writer as png

SEED = 20221124
HERE = pathlib.Path(__file__).parent
BICUBIC = InterpolationMode.BICUBIC
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
PINNED = {"PIL": "13.0.0", "torch": "2.15.0", "torchvision": "0.29.2", "numpy": "2.4.6"}


def picture(width, height, channels, rng, noise=24):
    """Waves and an edge with some noise: [h, w, channels] of 0...1."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height, 2)
    planes = []
    for _ in range(channels):
        a, b, c = rng.uniform(2, 9, 3)
        wave = 0.5 + 0.3 * np.sin(a * x + b * y + c) + 0.2 * ((x - y) * c > 0.4)
        planes.append(wave + rng.uniform(-noise, noise, x.shape) / 255)
    return np.clip(np.stack(planes, -1), 0, 1)


def samples(width, height, channels, depth, rng):
    top = (1 << depth) - 1
    return np.round(picture(width, height, channels, rng) * top).astype(np.uint16)


def jpeg(width, height, mode, rng, **options):
    data = picture(width, height, len(mode), rng, noise=4)
    data = np.round(data * 255).astype(np.uint8)
    image = Image.fromarray(data[:, :, 0] if mode == "L" else data, mode)
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 85, **options})
    return out.getvalue()


def patched(data, find, offset, value, expected):
    """`data` with the byte `offset` after the one place of `find` replaced."""
    assert data.count(find) == 1
    place = data.index(find) + offset
    assert data[place] == expected, data[place]
    return data[:place] + bytes([value]) + data[place + 1:]


def without_segment(data, marker):
    place = data.index(marker)
    length = struct.unpack(">H", data[place + 2:place + 4])[0]
    return data[:place] + data[place + 2 + length:]


def jpeg_files(rng):
    cmyk = jpeg(45, 38, "CMYK", rng)
    halved = jpeg(48, 48, "RGB", rng, subsampling="4:2:2")
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "grey.jpg": jpeg(61, 43, "L", rng),
        "grey-progressive.jpg": jpeg(50, 70, "L", rng, progressive=True),
        "rgb-444.jpg": jpeg(67, 53, "RGB", rng, subsampling="4:4:4"),
        "rgb-422.jpg": jpeg(67, 53, "RGB", rng, subsampling="4:2:2"),
        "rgb-420.jpg": jpeg(67, 53, "RGB", rng, subsampling="4:2:0"),
        # On 48 x 48 both samplings have as many blocks, so 2x1 may be declared to be 1x2.
        "rgb-440.jpg": patched(halved, b"\xff\xc0", 11, 0x12, 0x21),
        "rgb-progressive.jpg": jpeg(75, 49, "RGB", rng, subsampling="4:2:0", progressive=True),
        "rgb-progressive-444.jpg": jpeg(
            33, 64, "RGB", rng, subsampling="4:4:4", progressive=True, quality=40),
        "rgb-progressive-tall.jpg": jpeg(24, 300, "RGB", rng, progressive=True),
        "rgb-restarts.jpg": jpeg(64, 80, "RGB", rng, restart_marker_rows=1),
        "rgb-low-quality.jpg": jpeg(90, 60, "RGB", rng, quality=5),
        "rgb-untransformed.jpg": jpeg(40, 40, "RGB", rng, keep_rgb=True),
        "rgb-trailing-bytes.jpg": jpeg(40, 30, "RGB", rng) + b"trailing bytes",
        "rgb-turned.jpg": jpeg(60, 40, "RGB", rng, exif=exif),
        "rgb-large.jpg": jpeg(1300, 900, "RGB", rng, quality=30),
        "rgb-wide.jpg": jpeg(1000, 10, "RGB", rng),
        "rgb-tall.jpg": jpeg(10, 777, "RGB", rng),
        "rgb-1x1.jpg": jpeg(1, 1, "RGB", rng),
        "rgb-1x40.jpg": jpeg(1, 40, "RGB", rng),
        "rgb-40x1.jpg": jpeg(40, 1, "RGB", rng),
        "rgb-32x32.jpg": jpeg(32, 32, "RGB", rng),
        "rgb-short-224.jpg": jpeg(251, 224, "RGB", rng, quality=50),
        "cmyk.jpg": cmyk,
        "cmyk-tall.jpg": jpeg(20, 70, "CMYK", rng),
        "cmyk-no-adobe.jpg": without_segment(cmyk, b"\xff\xee"),
        # Pillow writes no YCCK: the same data, declared to be it.
        "ycck.jpg": patched(cmyk, b"Adobe", 11, 2, 0),
        "ycck-progressive.jpg": patched(
            jpeg(41, 52, "CMYK", rng, progressive=True), b"Adobe", 11, 2, 0),
        "small.jpg": jpeg(16, 16, "RGB", rng, quality=50),
        "many-scans.jpg": jpeg(24, 24, "RGB", rng, progressive=True),
    }


def colours(count, rng):
    return rng.integers(0, 256, 3 * count, dtype=np.uint8).tobytes()


def png_files(rng):
    files, replaced = {}, {}
    for colour, name in ((0, "grey"), (2, "rgb"), (3, "palette"), (4, "grey-alpha"), (6, "rgba")):
        for depth in {0: (1, 2, 4, 8, 16), 3: (1, 2, 4, 8)}.get(colour, (8, 16)):
            for interlaced in (False, True):
                data = samples(37, 29, png.CHANNELS[colour], depth, rng)
                plte = png.chunk(b"PLTE", colours(1 << depth, rng)) if colour == 3 else b""
                file = f"{name}-{depth}{'-interlaced' if interlaced else ''}.png"
                files[file] = png.write(data, depth, colour, interlaced, plte)
                if (colour, depth) == (0, 16):
                    replaced[file] = Image.fromarray((data[:, :, 0] >> 8).astype(np.uint8), "L")
    data = samples(90, 61, 1, 16, rng)
    files["grey-16-large.png"] = png.write(data, 16, 0)
    replaced["grey-16-large.png"] = Image.fromarray((data[:, :, 0] >> 8).astype(np.uint8), "L")

    def rgba(width, height):
        data = samples(width, height, 4, 8, rng)
        data[:, :, 3] = rng.choice([0, 1, 3, 40, 128, 254, 255], data.shape[:2])
        return data

    files["rgba-rough.png"] = png.write(rgba(70, 45), 8, 6)
    files["grey-alpha-rough.png"] = png.write(rgba(50, 63)[:, :, 2:], 8, 4)
    files["rgba-32x50.png"] = png.write(rgba(32, 50), 8, 6)
    files["rgba-50x32.png"] = png.write(rgba(50, 32), 8, 6)
    files["rgba-wide.png"] = png.write(rgba(300, 5), 8, 6)
    files["rgba-tall.png"] = png.write(rgba(40, 150), 8, 6)
    files["grey-alpha-tall.png"] = png.write(rgba(33, 133)[:, :, 2:], 8, 4)
    files["grey-tall.png"] = png.write(rgba(50, 140)[:, :, :1], 8, 0)
    files["rgb-tall-32.png"] = png.write(rgba(32, 120)[:, :, :3], 8, 2)
    files["rgb-32x32.png"] = png.write(samples(32, 32, 3, 8, rng), 8, 2)
    files["grey-1-large.png"] = png.write(samples(211, 157, 1, 1, rng), 1, 0)
    small = rng.integers(0, 200, (61, 83, 1))
    plte = png.chunk(b"PLTE", colours(200, rng))
    files["palette-8-tall.png"] = png.write(small[:, :17], 8, 3, before=plte)
    files["palette-8-200.png"] = png.write(small, 8, 3, before=plte)
    alphas = rng.integers(0, 256, 200, dtype=np.uint8).tobytes()
    files["palette-8-alphas.png"] = png.write(
        small[:40], 8, 3, before=plte + png.chunk(b"tRNS", alphas))
    files["palette-8-key.png"] = png.write(
        small[:30], 8, 3, before=plte + png.chunk(b"tRNS", b"\xff\xff\x00\xff"))
    key = png.chunk(b"tRNS", bytes([0, 1]))
    files["grey-1-key.png"] = png.write(samples(20, 21, 1, 1, rng), 1, 0, before=key)
    files["grey-8-key.png"] = png.write(samples(20, 21, 1, 8, rng), 8, 0, before=key)
    files["rgb-8-key.png"] = png.write(
        samples(20, 21, 3, 8, rng), 8, 2, before=png.chunk(b"tRNS", bytes(6)))
    files["rgb-8-palette.png"] = png.write(
        samples(20, 21, 3, 8, rng), 8, 2, before=png.chunk(b"PLTE", colours(5, rng)))
    # gAMA, text, a profile that is none, a private chunk, and image data in seven pieces.
    extra = (png.chunk(b"gAMA", struct.pack(">I", 100000)) + png.chunk(b"iCCP", b"x\0\0garbage")
             + png.chunk(b"tEXt", b"Title\0A picture") + png.chunk(b"prVt", b"private"))
    files["rgb-8-chunks.png"] = png.write(
        samples(31, 22, 3, 8, rng), 8, 2, before=extra, after=png.chunk(b"tEXt", b"A\0b"), pieces=7)
    for width, height in ((1, 1), (1, 30), (30, 1), (5, 3), (3, 5)):
        for interlaced in (False, True):
            name = f"rgb-{width}x{height}{'-interlaced' if interlaced else ''}.png"
            files[name] = png.write(samples(width, height, 3, 8, rng), 8, 2, interlaced)
    # Pillow refuses text that inflates to 4 MB; nothing of it is needed.
    data = samples(12, 10, 3, 8, rng)
    bomb = png.chunk(b"zTXt", b"Title\0\0" + zlib.compress(bytes(4_000_000), 9))
    files["rgb-8-text-bomb.png"] = png.write(data, 8, 2, before=bomb)
    replaced["rgb-8-text-bomb.png"] = Image.fromarray(data.astype(np.uint8))
    files["small.png"] = png.write(samples(9, 7, 3, 8, rng), 8, 2)
    return files, replaced


def bad_files(rng):
    good = samples(12, 10, 3, 8, rng)
    rows = png.image_data(good, 8, False)
    packed = zlib.compress(rows, 9)
    start, end = png.SIGNATURE + png.header(12, 10, 8, 2), png.chunk(b"IEND", b"")
    whole = png.write(good, 8, 2)
    photo = jpeg(40, 30, "RGB", rng)
    scan = photo.index(b"\xff\xda") + 14
    indices = rng.integers(0, 4, (6, 6, 1))
    indices[5, 5, 0] = 3
    text = png.chunk(b"tEXt", b"Title\0A picture", crc=1)
    sof = photo.index(b"\xff\xc0")
    plte = png.chunk(b"PLTE", bytes(range(12)))
    return {
        "empty.jpg": b"",
        "half.jpg": photo[:len(photo) // 2],
        "no-end.jpg": photo[:-2],
        "header-only.jpg": photo[:scan],
        "start-only.jpg": photo[:3],
        "corrupt-codes.jpg": photo[:scan] + b"\xff\0" * 30 + photo[scan + 60:],
        "12-bit.jpg": photo[:sof + 4] + b"\x0c" + photo[sof + 5:],
        "huge.jpg": photo[:sof + 5] + struct.pack(">HH", 60000, 50000) + photo[sof + 9:],
        "half.png": whole[:len(whole) // 2],
        "no-end.png": whole[:-12],
        "signature-only.png": whole[:8],
        "wrong-crc.png": start + png.chunk(b"IDAT", packed, crc=1) + end,
        "wrong-crc-text.png": start + text + png.chunk(b"IDAT", packed) + end,
        "wrong-crc-header.png": whole[:29] + b"\0\0\0\0" + whole[33:],
        "wrong-adler.png": start + png.chunk(b"IDAT", packed[:-1] + b"\0") + end,
        "rows-missing.png": start + png.chunk(b"IDAT", zlib.compress(rows[:150])) + end,
        "rows-surplus.png": start + png.chunk(b"IDAT", zlib.compress(rows + rows)) + end,
        "no-palette.png": png.write(indices, 8, 3),
        "outside-palette.png": png.write(
            indices, 8, 3, before=png.chunk(b"PLTE", bytes(range(9)))),
        "outside-palette-2.png": png.write(
            indices, 2, 3, interlaced=True, before=png.chunk(b"PLTE", bytes(range(9)))),
        "unknown-critical.png": png.write(indices, 8, 3, before=plte + png.chunk(b"ABCD", b"")),
        "many-pixels.png": png.SIGNATURE + png.header(60000, 50000, 8, 2) + end,
        "long-side.png": png.SIGNATURE + png.header(70000, 10, 8, 2) + end,
        "no-width.png": png.SIGNATURE + png.header(0, 10, 8, 2) + end,
        "text.jpg": "not a picture\n".encode(),
        "picture.gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        "pointer.png": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "bytes.png": bytes(range(20)),
    }


def digest(image):
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def shortest(image, size):
    return CenterCrop(size)(Resize(size, BICUBIC)(image))


def rows_first(image, width, height):
    """BICUBIC resizing with the order of passes Pillow had before 13."""
    if image.size == (width, height) or image.mode in ("1", "P"):
        return image.resize((width, height), Image.Resampling.BICUBIC)
    between = {"LA": "La", "RGBA": "RGBa"}.get(image.mode, image.mode)
    narrow = image.convert(between).resize((width, image.height), Image.Resampling.BICUBIC)
    return narrow.resize((width, height), Image.Resampling.BICUBIC).convert(image.mode)


def rows_first_shortest(image, size):
    height, width = _compute_resized_output_size((image.height, image.width), [size])
    return CenterCrop(size)(rows_first(image, width, height))


def golden(image):
    image.load()
    rgb = image.convert("RGB")
    return {
        "mode": image.mode, "size": list(image.size), "rgb": digest(rgb),
        "shortest_32": digest(shortest(image, 32)), "shortest_224": digest(shortest(image, 224)),
        "squash_32": digest(Resize((32, 32), BICUBIC)(image)),
        "rgb_shortest_32": digest(shortest(rgb, 32)),
        "rgb_squash_32": digest(Resize((32, 32), BICUBIC)(rgb)),
        "rows_first_shortest_32": digest(rows_first_shortest(image, 32)),
        "rows_first_squash_32": digest(rows_first(image, 32, 32)),
    }


def geometry(rng):
    """Rows of width, height, size and what torchvision makes of them: width, height, left, top."""
    sizes = [(1, 1), (1, 65535), (65535, 1), (451, 300), (384, 303), (300, 451), (3, 2), (7, 1)]
    sizes += [tuple(map(int, rng.integers(1, 3000, 2))) for _ in range(200)]
    rows = []
    for width, height in sizes:
        for size in (32, 224, 225, 336):
            h, w = _compute_resized_output_size((height, width), [size])
            left, top = int(round((w - size) / 2.0)), int(round((h - size) / 2.0))
            rows.append([width, height, size, w, h, left, top])
    return rows


def normalised():
    """The bits of every normalised value: three planes of 256."""
    values = np.stack([np.arange(256, dtype=np.uint8).reshape(16, 16)] * 3, -1)
    tensor = Normalize(MEAN, DEVIATION)(ToTensor()(Image.fromarray(values)))
    return tensor.numpy().view(np.uint32).ravel().tolist()


def main():
    for module in (PIL, torch, torchvision, np):
        found, wanted = module.__version__.split("+")[0], PINNED[module.__name__]
        assert found == wanted, f"{module.__name__} {found} is installed, {wanted} is pinned"
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(SEED)
    files = jpeg_files(rng)
    more, replaced = png_files(rng)
    files.update(more)
    for folder, content in (("good", files), ("bad", bad_files(rng))):
        (HERE / folder).mkdir(exist_ok=True)
        for old in (HERE / folder).iterdir():
            old.unlink()
        for name, data in content.items():
            (HERE / folder / name).write_bytes(data)
    rows = []
    for name in sorted(files):
        image = replaced.get(name) or Image.open(io.BytesIO(files[name]))
        rows.append({"file": name, **golden(image)})
    text = ",\n".join("  " + json.dumps(row) for row in rows)
    places = ",\n".join("  " + json.dumps(row) for row in geometry(rng))
    (HERE / "goldens.json").write_text(
        "{\n \"pictures\": [\n" + text + "\n ],\n \"geometry\": [\n" + places
        + "\n ],\n \"normalised\": " + json.dumps(normalised()) + "\n}\n")


main()
