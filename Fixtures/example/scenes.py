"""Scenes of coloured, textured objects in relation: drawn with Pillow, told in Chinese.

Every scene is drawn from its own generator, seeded by the split's name and the scene's number. Fonts come from
Debian's packages fonts-noto-cjk, fonts-wqy-microhei, fonts-wqy-zenhei and fonts-arphic-ukai; versions in README.md.
"""
import io
import math
import zlib

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

SIDE = 84  # of a stored picture; the model's preprocessing makes it 60
SUPER = 2  # drawn that many times larger

COLOURS = {
    "红色": (0, 0.85, 0.85), "橙色": (28, 0.9, 0.95), "黄色": (54, 0.85, 0.95), "绿色": (120, 0.7, 0.65),
    "青色": (178, 0.75, 0.8), "蓝色": (218, 0.85, 0.85), "紫色": (278, 0.65, 0.7), "粉色": (336, 0.4, 0.97),
    "棕色": (24, 0.65, 0.5), "黑色": (0, 0.0, 0.1), "白色": (0, 0.0, 0.98), "灰色": (0, 0.0, 0.55),
}
SHAPES = ["圆形", "椭圆", "正方形", "长方形", "三角形", "五边形", "六边形", "五角星", "心形", "十字", "圆环", "月牙", "箭头", "菱形"]
GLYPHS = ["山", "水", "火", "木", "日", "月", "大", "人", "中", "田"]
TEXTURES = ["实心", "条纹", "圆点", "空心"]
GROUNDS = ["纯色", "渐变", "方格", "噪点"]
RELATIONS = {"左边": (-1, 0), "右边": (1, 0), "上面": (0, -1), "下面": (0, 1)}
FONTS = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/ukai.ttc",
]


def object_name(kind):
    """How a shape or a character is called in a caption."""
    return f"汉字{kind}" if kind in GLYPHS else kind


KINDS = SHAPES + GLYPHS
CLASSES = [(colour, kind) for kind in KINDS for colour in COLOURS]
CLASS_NAMES = [f"{colour}的{object_name(kind)}" for colour, kind in CLASSES]


def generator(split, number):
    return np.random.default_rng([20221118, zlib.crc32(split.encode()), number])


def rgb(rng, name, spread=1.0):
    """A colour of that name; neighbours overlap a little."""
    hue, saturation, value = COLOURS[name]
    hue = (hue + rng.normal(0, 5 * spread)) % 360
    if saturation > 0:
        saturation = np.clip(saturation + rng.normal(0, 0.08 * spread), 0.25, 1)
    value = np.clip(value + rng.normal(0, 0.05 * spread), 0, 1)
    chroma = value * saturation
    x = chroma * (1 - abs((hue / 60) % 2 - 1))
    r, g, b = [(chroma, x, 0), (x, chroma, 0), (0, chroma, x), (0, x, chroma), (x, 0, chroma), (chroma, 0, x)][int(hue // 60)]
    return tuple(int(round(255 * (c + value - chroma))) for c in (r, g, b))


def polygon(corners, radius=1.0, phase=-math.pi / 2):
    return [(radius * math.cos(phase + 2 * math.pi * i / corners), radius * math.sin(phase + 2 * math.pi * i / corners))
            for i in range(corners)]


def outline(kind):
    """Points of a shape in -1...1, for those that are polygons."""
    if kind == "正方形":
        return [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]
    if kind == "长方形":
        return [(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)]
    if kind == "三角形":
        return polygon(3)
    if kind == "五边形":
        return polygon(5)
    if kind == "六边形":
        return polygon(6)
    if kind == "菱形":
        return [(0, -1), (0.62, 0), (0, 1), (-0.62, 0)]
    if kind == "五角星":
        outer, inner = polygon(5), polygon(5, 0.42, -math.pi / 2 + math.pi / 5)
        return [p for pair in zip(outer, inner) for p in pair]
    if kind == "十字":
        w = 0.33
        return [(-w, -1), (w, -1), (w, -w), (1, -w), (1, w), (w, w), (w, 1), (-w, 1), (-w, w), (-1, w), (-1, -w), (-w, -w)]
    if kind == "箭头":
        return [(-1, -0.3), (0.1, -0.3), (0.1, -0.8), (1, 0), (0.1, 0.8), (0.1, 0.3), (-1, 0.3)]
    if kind == "心形":
        t = np.linspace(0, 2 * math.pi, 40, endpoint=False)
        x = 16 * np.sin(t) ** 3
        y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        return list(zip(x / 17, -y / 17))
    return None


def silhouette(rng, kind, size):
    """An L picture of size x size with the object white on black, upright."""
    mask = Image.new("L", (size, size))
    draw = ImageDraw.Draw(mask)
    half = size / 2
    points = outline(kind)
    if points:
        draw.polygon([(half + x * half * 0.95, half + y * half * 0.95) for x, y in points], fill=255)
        return mask
    box = lambda a, b: (half - a * half, half - b * half, half + a * half, half + b * half)  # noqa: E731
    if kind == "圆形":
        draw.ellipse(box(0.9, 0.9), fill=255)
    elif kind == "椭圆":
        draw.ellipse(box(0.97, 0.58), fill=255)
    elif kind == "圆环":
        draw.ellipse(box(0.95, 0.95), fill=255)
        draw.ellipse(box(0.5, 0.5), fill=0)
    elif kind == "月牙":
        draw.ellipse(box(0.95, 0.95), fill=255)
        draw.ellipse((half * 0.65, half * 0.1, half * 2.2, half * 1.75), fill=0)
    else:
        font = ImageFont.truetype(FONTS[rng.integers(len(FONTS))], int(size * 0.95))
        draw.text((half, half), kind, font=font, fill=255, anchor="mm")
    return mask


def textured(rng, mask, texture):
    """The part of a silhouette that takes the object's colour."""
    size = mask.width
    if texture == "空心":
        width = max(3, size // 9) | 1
        return ImageChops.subtract(mask, mask.filter(ImageFilter.MinFilter(width)))
    if texture == "实心":
        return mask
    pattern = Image.new("L", mask.size)
    draw = ImageDraw.Draw(pattern)
    step = max(6, int(size / rng.uniform(4.5, 6.5)))
    if texture == "条纹":
        for x in range(-size, 2 * size, step):
            draw.line((x, 0, x, size), fill=255, width=max(2, int(step * 0.55)))
    else:
        r = step * 0.33
        for j, y in enumerate(range(0, size + step, step)):
            for x in range(0, size + step, step):
                shift = step / 2 * (j % 2)
                draw.ellipse((x + shift - r, y - r, x + shift + r, y + r), fill=255)
    return ImageChops.multiply(mask, pattern)


def ground(rng, colour, kind):
    side = SIDE * SUPER
    base = np.array(rgb(rng, colour), np.float32)
    base = 0.55 * base + 0.45 * 235 if colour not in ("黑色", "灰色") else base + 25
    field = np.broadcast_to(base, (side, side, 3)).copy()
    yy, xx = np.mgrid[0:side, 0:side] / side
    if kind == "渐变":
        angle = rng.uniform(0, 2 * math.pi)
        ramp = (xx - 0.5) * math.cos(angle) + (yy - 0.5) * math.sin(angle)
        field *= (1 + 0.75 * ramp)[..., None]
    elif kind == "方格":
        cells = rng.integers(4, 8)
        board = ((xx * cells).astype(int) + (yy * cells).astype(int)) % 2
        field *= (1 - 0.28 * board)[..., None]
    elif kind == "噪点":
        small = rng.normal(0, 34, (SIDE, SIDE, 1))
        field += np.repeat(np.repeat(small, SUPER, 0), SUPER, 1)
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))


def paste(rng, picture, thing, x, y, size):
    """Draws an object with its centre at x, y (0...1), `size` its extent (0...1)."""
    side = picture.width
    pixels = max(8, int(size * side))
    mask = silhouette(rng, thing["kind"], pixels)
    part = textured(rng, mask, thing["texture"])
    angle = float(rng.normal(0, 9))
    part = part.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    mask = mask.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    colour = rgb(rng, thing["colour"])
    if thing["texture"] in ("条纹", "圆点"):  # the other half of the pattern is a pale or dark form of the colour
        pale = tuple(int(c * 0.35 + (165 if sum(colour) < 420 else 20)) for c in colour)
        at = (int(x * side - mask.width / 2), int(y * side - mask.height / 2))
        picture.paste(pale, at, mask)
    at = (int(x * side - part.width / 2), int(y * side - part.height / 2))
    picture.paste(colour, at, part)


def thing(rng, colour=None, kind=None):
    kind = kind or KINDS[rng.integers(len(KINDS))]
    colour = colour or list(COLOURS)[rng.integers(len(COLOURS))]
    texture = "实心" if kind in GLYPHS else TEXTURES[rng.choice(4, p=[0.4, 0.2, 0.2, 0.2])]
    return {"kind": kind, "colour": colour, "texture": texture}


def finished(rng, picture):
    """Smaller, slightly blurred, with sensor noise."""
    picture = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    if rng.random() < 0.5:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.1))))
    field = np.asarray(picture, np.float32) * rng.uniform(0.75, 1.15) + rng.normal(0, rng.uniform(2, 12), (SIDE, SIDE, 3))
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))


def setting(rng, things):
    """A ground whose colour is none of the objects'."""
    taken = {t["colour"] for t in things}
    free = [c for c in COLOURS if c not in taken]
    return free[rng.integers(len(free))], GROUNDS[rng.integers(len(GROUNDS))]


def single(rng, colour=None, kind=None):
    """One object, perhaps small clutter at the edge; returns picture and scene."""
    main = thing(rng, colour, kind)
    ground_colour, ground_kind = setting(rng, [main])
    picture = ground(rng, ground_colour, ground_kind)
    for _ in range(rng.integers(0, 3)):
        edge = rng.uniform(0.02, 0.14)
        along = rng.uniform(0.05, 0.95)
        x, y = (edge, along) if rng.random() < 0.5 else (along, edge)
        x, y = (x, y) if rng.random() < 0.5 else (1 - x, 1 - y)
        paste(rng, picture, thing(rng), x, y, rng.uniform(0.08, 0.16))
    size = rng.uniform(0.3, 0.72)
    margin = size / 2 + 0.03
    spot = lambda: rng.uniform(min(margin, 0.5), max(1 - margin, 0.5))  # noqa: E731
    paste(rng, picture, main, spot(), spot(), size)
    scene = {"things": [main], "ground": (ground_colour, ground_kind), "big": size > 0.52}
    return finished(rng, picture), scene


def pair(rng):
    """Two different objects in a relation."""
    first, second = thing(rng), thing(rng)
    while (second["kind"], second["colour"]) == (first["kind"], first["colour"]):
        second = thing(rng)
    ground_colour, ground_kind = setting(rng, [first, second])
    picture = ground(rng, ground_colour, ground_kind)
    name = list(RELATIONS)[rng.integers(4)]
    dx, dy = RELATIONS[name]
    gap = rng.uniform(0.23, 0.27)
    sizes = rng.uniform(0.3, 0.46, 2)
    across = rng.normal(0, 0.06, 2)
    for item, sign, size, off in ((first, 1, sizes[0], across[0]), (second, -1, sizes[1], across[1])):
        x = 0.5 + sign * dx * gap + (off if dx == 0 else 0)
        y = 0.5 + sign * dy * gap + (off if dy == 0 else 0)
        paste(rng, picture, item, x, y, size)
    return finished(rng, picture), {"things": [first, second], "ground": (ground_colour, ground_kind), "relation": name}


def named(rng, item, detail):
    """`detail` is the chance that the texture is said."""
    texture = item["texture"]
    chance = 0 if item["kind"] in GLYPHS else detail / 3 if texture == "实心" else detail
    return (texture if rng.random() < chance else "") + item["colour"] + "的" + object_name(item["kind"])


LONGEST = 30  # characters of a caption; with [CLS] and [SEP] the 32 tokens of the protocol
OPPOSITE = {"左边": "右边", "右边": "左边", "上面": "下面", "下面": "上面"}
SINGLE_FORMS = ["{}", "一个{}", "一张{}的图片", "一张{}的照片", "画着{}的图片", "这是{}", "图中有一个{}", "{}在图片中间"]
PAIR_FORMS = ["{a}在{b}的{r}", "{a}在{b}{r}", "{b}的{r}有一个{a}", "{b}{r}是{a}", "图中{a}在{b}{r}"]
LOOSE_FORMS = ["{a}和{b}", "一个{a}和一个{b}", "图中有{a}和{b}"]


def caption(rng, scene, detail=0.6, ground=0.2):
    """One of the ways to tell a scene; `ground` is the chance that its ground is told."""
    things = scene["things"]
    if len(things) == 1:
        text = SINGLE_FORMS[rng.integers(len(SINGLE_FORMS))].format(named(rng, things[0], detail))
    else:
        a, b, relation = things[0], things[1], scene["relation"]
        if rng.random() < 0.5:
            a, b, relation = b, a, OPPOSITE[relation]
        forms = LOOSE_FORMS if rng.random() < 0.12 else PAIR_FORMS
        text = forms[rng.integers(len(forms))].format(a=named(rng, a, detail), b=named(rng, b, detail), r=relation)
    colour, kind = scene["ground"]
    draw = rng.random()
    told = f"，背景是{colour}{kind}" if draw < ground / 2 else f"，{colour}背景" if draw < ground else ""
    return text + told if len(text + told) <= LONGEST else text


def characters():
    """Every character that a caption can hold, in a fixed order."""
    text = "".join(list(COLOURS) + SHAPES + GLYPHS + TEXTURES + GROUNDS + list(RELATIONS) + SINGLE_FORMS + PAIR_FORMS + LOOSE_FORMS)
    text += "的汉字，背景是一个张图片照这有和在中间画着里颜形状，。？！小大两三几什么请给我看"
    return sorted(set(c for c in text if c not in "{}abr"))


def jpeg(picture, quality=80):
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=2, optimize=True)
    return buffer.getvalue()
