"""Draws the demo pictures and writes labels.txt; nothing here comes from anybody's photograph.

Run from the repository root:  python3 Fixtures/demo/make_pictures.py [--out FOLDER]
Written with Pillow 13.0.0 and numpy 2.4.6 (../checkpoints/requirements.txt); seeds are fixed, so a
second run with these versions writes the same bytes.
"""
import argparse
import math
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SCALE = 4  # drawn four times too large, then reduced: this is the antialiasing

LABELS = ["一只猫", "一只狗", "红色的圆", "城市的街道", "雪山日落", "一辆蓝色的汽车", "一碗米饭", "大海"]


def canvas(width, height, top, bottom):
    """A picture of SCALE times the size, filled with a vertical gradient."""
    t = np.linspace(0, 1, height * SCALE)[:, None, None]
    rows = (1 - t) * np.array(top, float) + t * np.array(bottom, float)
    pixels = np.repeat(np.rint(rows).astype(np.uint8), width * SCALE, axis=1)
    image = Image.fromarray(pixels, "RGB")
    return image, ImageDraw.Draw(image)


def scaled(*values):
    return [round(v * SCALE) for v in values]


def ellipse(draw, x, y, rx, ry, fill):
    draw.ellipse(scaled(x - rx, y - ry, x + rx, y + ry), fill=fill)


def polygon(draw, points, fill):
    draw.polygon([tuple(scaled(x, y)) for x, y in points], fill=fill)


def line(draw, points, fill, width):
    draw.line([tuple(scaled(x, y)) for x, y in points], fill=fill, width=round(width * SCALE),
              joint="curve")


def reduced(image, grain=0.0, seed=0):
    """Back to the real size, with seeded grey noise of `grain` levels standard deviation."""
    small = image.resize((image.width // SCALE, image.height // SCALE), Image.Resampling.BOX)
    if grain == 0:
        return small
    pixels = np.asarray(small, np.float64)
    noise = np.random.default_rng(seed).normal(0, grain, pixels.shape[:2])[..., None]
    return Image.fromarray(np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8), "RGB")


def cat():
    """A ginger cat sitting on a carpet: 320 x 240."""
    image, draw = canvas(320, 240, (214, 226, 222), (190, 204, 196))
    draw.rectangle(scaled(0, 178, 320, 240), fill=(126, 92, 84))
    for x in range(-20, 340, 24):
        line(draw, [(x, 240), (x + 16, 178)], (140, 106, 94), 3)
    fur, dark, light = (216, 140, 62), (170, 96, 36), (246, 226, 198)
    line(draw, [(206, 204), (244, 206), (262, 184), (256, 152)], fur, 15)
    ellipse(draw, 256, 150, 8, 9, dark)
    ellipse(draw, 160, 170, 54, 58, fur)
    ellipse(draw, 160, 184, 29, 40, light)
    for x in (136, 184):
        ellipse(draw, x, 222, 20, 12, fur)
        for toe in (-7, 0, 7):
            line(draw, [(x + toe, 224), (x + toe, 231)], dark, 1.5)
    for side in (-1, 1):
        polygon(draw, [(160 + side * 46, 84), (160 + side * 42, 28), (160 + side * 8, 58)], fur)
        polygon(draw, [(160 + side * 39, 74), (160 + side * 37, 42), (160 + side * 18, 60)],
                (232, 164, 156))
    ellipse(draw, 160, 94, 50, 43, fur)
    for x in (146, 160, 174):
        line(draw, [(x, 54), (160 + (x - 160) * 0.7, 72)], dark, 5)
    for side in (-1, 1):
        for y in (150, 166, 182):
            line(draw, [(160 + side * 52, y), (160 + side * 36, y + 4)], dark, 5)
        ellipse(draw, 160 + side * 19, 112, 22, 15, light)
        ellipse(draw, 160 + side * 21, 88, 11, 10, (198, 210, 92))
        ellipse(draw, 160 + side * 21, 88, 4, 9, (20, 22, 20))
        ellipse(draw, 160 + side * 21 - 3, 84, 2.5, 2.5, (255, 255, 255))
        for dy in (-6, 1, 8):
            line(draw, [(160 + side * 24, 112 + dy / 2), (160 + side * 70, 106 + dy * 2)],
                 (250, 246, 238), 1.2)
    polygon(draw, [(152, 102), (168, 102), (160, 111)], (206, 104, 104))
    line(draw, [(148, 120), (154, 122), (160, 112), (166, 122), (172, 120)], (110, 60, 40), 2)
    return reduced(image, 3, 11)


def circle():
    """A red disc on white: 200 x 200."""
    image, draw = canvas(200, 200, (255, 255, 255), (255, 255, 255))
    ellipse(draw, 100, 100, 72, 72, (214, 24, 32))
    return reduced(image)


def street():
    """A street with houses, a blue car and a lamp: 400 x 267."""
    image, draw = canvas(400, 267, (120, 172, 224), (226, 236, 240))
    ellipse(draw, 208, 26, 34, 10, (246, 248, 250))
    ellipse(draw, 232, 20, 26, 11, (246, 248, 250))
    rng = np.random.default_rng(7)
    colours = [(176, 104, 84), (204, 188, 150), (128, 138, 152), (186, 150, 120), (148, 116, 130),
               (160, 168, 140)]
    x = 0
    for number, colour in enumerate(colours):
        width, height = 58 + 6 * (number % 3), int(rng.integers(90, 165))
        top = 190 - height
        draw.rectangle(scaled(x, top, x + width, 190), fill=colour)
        for wy in range(top + 10, 168, 22):
            for wx in range(x + 8, x + width - 12, 17):
                lit = rng.random() < 0.35
                draw.rectangle(scaled(wx, wy, wx + 10, wy + 13),
                               fill=(250, 226, 140) if lit else (58, 74, 96))
        x += width + 4
    draw.rectangle(scaled(0, 190, 400, 206), fill=(172, 168, 162))
    draw.rectangle(scaled(0, 206, 400, 267), fill=(72, 74, 80))
    for x in range(6, 400, 56):
        draw.rectangle(scaled(x, 234, x + 30, 238), fill=(236, 232, 214))
    polygon(draw, [(138, 216), (156, 194), (204, 194), (226, 216)], (44, 88, 190))
    draw.rounded_rectangle(scaled(116, 214, 250, 238), radius=8 * SCALE, fill=(44, 88, 190))
    polygon(draw, [(148, 214), (160, 199), (178, 199), (178, 214)], (190, 222, 240))
    polygon(draw, [(184, 214), (184, 199), (202, 199), (214, 214)], (190, 222, 240))
    for x in (146, 222):
        ellipse(draw, x, 239, 13, 13, (24, 24, 28))
        ellipse(draw, x, 239, 6, 6, (188, 190, 196))
    line(draw, [(326, 212), (326, 104), (350, 96)], (44, 48, 54), 4)
    ellipse(draw, 354, 98, 9, 6, (255, 244, 190))
    return reduced(image, 4, 12)


def sunset():
    """Snow mountains before a setting sun: 241 x 161, two odd sides on purpose."""
    image, draw = canvas(241, 161, (52, 44, 98), (252, 168, 88))
    ellipse(draw, 92, 70, 22, 22, (255, 232, 150))
    ridge = [(x, 84 - 34 * math.sin(x / 31) * math.cos(x / 57 + 0.4)) for x in range(0, 244, 3)]
    polygon(draw, [(0, 161)] + ridge + [(244, 161)], (96, 76, 122))
    snow = [(x, y + 4 + 7 * abs(math.sin(x / 5))) for x, y in reversed(ridge)]
    polygon(draw, ridge + snow, (240, 226, 234))
    near = [(x, 124 - 18 * math.sin(x / 22 + 2)) for x in range(0, 244, 3)]
    polygon(draw, [(0, 161)] + near + [(244, 161)], (40, 36, 60))
    return reduced(image.filter(ImageFilter.GaussianBlur(SCALE / 2)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    out = parser.parse_args().out
    cat().save(out / "cat.jpg", quality=88, subsampling=2)
    circle().save(out / "circle.png", optimize=True)
    street().save(out / "street.jpg", quality=85, subsampling=0)
    sunset().save(out / "sunset.png", optimize=True)
    (out / "labels.txt").write_bytes(("\n".join(LABELS) + "\n").encode())


if __name__ == "__main__":
    main()
