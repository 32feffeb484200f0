"""Writes vocab.txt, golden.jsonl, normalization.jsonl and expected.json into this folder.

    python3.11 -m venv venv && venv/bin/pip install transformers==4.57.1
    venv/bin/python Fixtures/tokenizer/make_fixtures.py

transformers 4.57.1 is the last release line whose `BertTokenizer` is the Python one; in version 5 the
class of that name is backed by the Rust library, and the Python one kept beside it lower-cases whole
words (final sigma). Python 3.11 carries Unicode 14.0.0; another version drops other code points.
"""

import json
import os
import random
import struct
import unicodedata
import zlib

import transformers
from transformers.models.bert.tokenization_bert import BertTokenizer

assert transformers.__version__ == "4.57.1", transformers.__version__
assert unicodedata.unidata_version == "14.0.0", unicodedata.unidata_version

HERE = os.path.dirname(os.path.abspath(__file__))

CHINESE = (
    "一二三四五六七八九十百千万亿个只条张片本位座头匹朵棵双件套杯碗盘瓶的了在是有和与或不没很太都也又还就才再"
    "两变圆壳处慢成散步落边远阳我你他她它们这那哪谁什么人男女老少孩子爸妈哥姐弟妹朋友学生师医工农兵猫狗鸟鱼马牛羊鸡鸭猪虎狮象熊兔鼠龙蛇"
    "龟花草树木林森叶果山水河湖海洋江岛石土沙云雨雪风雷电火光日月星天地空气春夏秋冬东西南北中上下左右前后里外内"
    "大小多高低长短宽窄厚薄新旧好坏美丑红橙黄绿青蓝紫黑白灰色金银铜铁玉布纸书笔字画图像照相机手电脑视话桌椅床门窗"
    "房屋楼城市村镇街路桥车船飞机票站店馆院校园公司家国世界京沪广深港台湾岸年时分秒早晚今明昨去来回走跑跳坐立睡吃"
    "喝看听说读写唱玩笑哭想爱喜欢恨怕知道能会可以要应该必须给把被让从到向对于关系开始结束做作用使得过着质量差清晰"
    "模糊模型文本图片语言意思问题答案数据测试训练结果正常非第次种类样子里面包米饭菜肉蛋奶茶酒糖盐油球棋舞歌曲戏剧"
    "杰尼妙蛙皮卡丘体繁简漢語貓臺灣髙桜働時々〇㐀䶵龥豈"
)
HIRAGANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンー"
JAMO = "".join(map(chr, [*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]))
GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
CYRILLIC = "абвгдежзиклмнопрстуфхцчшщъыьэюя"
ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
PUNCTUATION = "，。！？：；（）【】《》「」『』、·—…–“”‘’～￥．％＋－／＝＜＞＠［］＿｛｝｜"
SYMBOLS = "℃×÷±€→★©®™°²³½№①②√≈∞≠🔥👍😂😎♥☆"
FULL_WIDTH = "".join(map(chr, [*range(0xFF10, 0xFF1A), *range(0xFF41, 0xFF5B)]))
WORDS = (
    "the cat dog of and in on at is are photo picture image red blue green big small iphone pro max "
    "clip hello world model test token tokens book note good state art one two three new old"
)
PIECES = "s es ed ing er est ly tion ization able un aff ff in on an en al le 14 15 20 22 2022 ab abc bc"


def unique(items):
    return list(dict.fromkeys(items))


def vocabulary():
    """Our own selection, with the special tokens at the ids that BERT's vocabularies give them."""
    tokens = ["[PAD]"] + [f"[unused{number}]" for number in range(1, 100)]
    tokens += ["[UNK]", "[CLS]", "[SEP]", "[MASK]", "<S>", "<T>"]
    letters = list("0123456789abcdefghijklmnopqrstuvwxyz")
    whole = list(ASCII_PUNCTUATION) + letters + list(PUNCTUATION + SYMBOLS + FULL_WIDTH)
    whole += unique(CHINESE) + list(HIRAGANA + KATAKANA + JAMO + GREEK + CYRILLIC) + WORDS.split()
    # A token that only a split at byte 0x0A alone leaves whole, and marks that are not Mn.
    whole += ["\u2028", "\u0905", "\u0915", "\u093f", "\u302e", "ø", "ß", "ı", "ł", "ⅷ", "⼀", "㎡"]
    parts = letters + PIECES.split() + unique(CHINESE) + list(HIRAGANA + KATAKANA + JAMO)
    parts += list(GREEK + CYRILLIC + FULL_WIDTH) + WORDS.split()
    parts += ["\u2028", "\u20e3", "\u093f", "\u302e", "\u302f", "ø", "ß", "ı", "ł", "℃", "🔥", "２０"]
    # Cased and accented forms, for a tokenizer that does not lower-case.
    cased = ["A", "B", "C", "É", "é", "Å", "각", "が", "Hello", "##É", "##é", "##B", "##가", "##が", "≠"]
    return unique(tokens + whole + ["##" + part for part in parts] + cased)


def hard_texts():
    """(name, text), each a place where tokenizers have been seen to differ."""
    rows = [
        ("plain", "一只猫"),
        ("plain", "两只老虎和一条狗"),
        ("plain", "Hello World"),
        ("plain", "a photo of the cat"),
        ("plain", "质量差的猫的照片。"),
        ("empty", ""),
        ("blank", "   "),
        ("blank", "\t\r\n "),
        ("blank", "\u3000\u00a0\u2003"),
        ("blank", "\u2028\u2029"),
        ("blank", "\u200b\ufeff"),
        ("newline", "一只\n猫\t狗\r\n鸟"),
        ("newline", "one\r\ntwo\rthree\nhello"),
        ("newline", "note\tbook"),
        ("newline", "ΣΑ\nΣ\n"),
        ("control", "a\x0bb\x0cc"),
        ("control", "a\x00b猫\x00"),
        ("control", "a\x1cb\x1dc\x1ed\x1fe"),
        ("control", "a\x85b\x80c\x9fd"),
        ("control", "cat\x07dog"),
        ("control", "a\x7fb"),
        ("replacement", "a\ufffdb \ufffd c"),
        ("format", "a\u200bb\u200cc\u200dd\u2060e\ufefff"),
        ("format", "co\u00adop \u202eabc\u202c \u2066x\u2069"),
        ("format", "a\u061cb\u180ec\u0600d"),
        ("private", "a\ue000b\U000f0000c\U0010fffdd"),
        ("unassigned", "a\u0378b \U0001fabf c \U00031350 \U000323af \u2fffx"),
        ("unassigned", "a\ufdd0b\uffffc\U0001fffed\U0010ffffe"),
        ("unassigned", "\u9fff\ufa6e\ufadaa \U0002a6de\U0002a6df\U0002b739"),
        ("new emoji", "\U0001fae0 \U0001f979 \U0001fac3a \U0001fa75 \U0001f6dc"),
        ("tags", "a\U000e0001b\U000e0041c\U000e0100d\U000e01efe\U000e01f0f"),
        ("spaces", "a\u00a0b\u1680c\u2000d\u200ae\u202ff\u205fg\u3000h"),
        ("separators", "a\u2028b\u2029c"),
        ("separators", "猫\u2028"),
        ("double space", "a  b   c"),
        ("edges", "  一只猫  "),
        ("lower", "HELLO World CLIP"),
        ("lower", "ΟΔΥΣΣΕΥΣ ΣΑΣ Σ ς"),
        ("lower", "İstanbul I ı İİ"),
        ("lower", "Straße STRASSE ẞ"),
        ("lower", "ǅ Ǆ ǆ Ǉ ǈ"),
        ("lower", "Ⅷ ⅷ Ⓐ ⓐ"),
        ("lower", "\u2126 \u212a \u212b"),
        ("lower", "ᲐᲑᲒ აბგ Ა"),
        ("lower", "Ꭰ ꭰ Ᏸ ᏸ"),
        ("lower", "𐐀𐐨 𞤀𞤢 𝐀𝐁"),
        ("lower", "ϴ Ɐ ɐ Ȿ Ɫ Ꞓ \u1c88"),
        ("lower", "ᾳ ᾼ ᾈ ῌ ΐ"),
        ("lower", "ＡＢＣ ａｂｃ １２"),
        ("lower", "Ñ Ø Ł Đ Ħ"),
        ("accents", "Café naïve Ångström résumé"),
        ("accents", "Cafe\u0301 nai\u0308ve"),
        ("accents", "Tiếng Việt ĐƯỜNG ường"),
        ("accents", "ấ \u0061\u0302\u0301 \u0061\u0301\u0302 ậ \u0061\u0323\u0302"),
        ("accents", "ǖ Ǘ \u01d5 ṩ Ṩ s\u0307\u0323"),
        ("accents", "\u0301\u0302"),
        ("accents", "a \u0301b \u0302"),
        ("accents", "猫\u0301狗"),
        ("accents", "й ё Ё Й ї"),
        ("accents", "ά Ά ΰ \u1f84 \u1ffc"),
        ("accents", "\u0340\u0341\u0343\u0344\u0374\u037e\u0387"),
        ("accents", "a\u034fb\u0300\u034f\u0301c"),
        ("voicing", "バイクとガソリン がぎぐ ぱ ヴ"),
        ("voicing", "か\u3099 カ\u309a カ\u3099"),
        ("voicing", "ｶﾞｿﾘﾝ ﾊﾟ"),
        ("hangul", "한국어 고양이"),
        ("hangul", "가 각 힣 갂"),
        ("hangul", "\u1112\u1161\u11ab \u1100\u1161 \u1100\u1161\u11a8\u11a8"),
        ("hangul", "ㄱㅏ ᄀᄀ \uffa1"),
        ("hangul", "\u1100\u302e\u1161 가\u302f"),
        ("mc order", "क\u302e\u302f क\u302f\u302e"),
        ("mc order", "क\u302e\u0323\u302f\u093f"),
        ("mc order", "ク\u302f\u0301\u302e\u0300"),
        ("mc order", "ア\u302f\u034f\u302e a\u302f\ufe0f\u302e"),
        ("mc order", "\U0001d15e \U0001d158\U0001d16d\U0001d165 \U0001d1bc"),
        ("mc order", "ᮘ\u1bab\u1baa ꦀ꧀\u302e \u0bc6\u0bbe \u0bca"),
        ("devanagari", "हिन्दी किसान कि अ"),
        ("devanagari", "क\u093c \u0958 \u0931"),
        ("indic", "\u09cb \u0b4b \u0cca \u0d4a \u0dde ᬆ"),
        ("thai", "ภาษาไทย ำ"),
        ("tibetan", "བོད \u0f43 \u0f73 \u0f75 \u0f81"),
        ("arabic", "العربية آ أ ٣٤"),
        ("hebrew", "שָׁלוֹם \ufb2a \ufb1f"),
        ("myanmar", "\u1026 ဦ"),
        ("compat", "豈\ufa0e\ufa30 豈 \U0002f800\U0002fa1d"),
        ("compat", "\ufa1e\ufa1f\ufa20\ufa70\ufad9"),
        ("compat", "ﬁnd ﬂow ㎡ ㍿ ﷺ"),
        ("compat", "\u2329x\u232a \u1fef \u2000\u2001 \u1fbe \u0374"),
        ("cjk edge", "\u33ffa㐀b\u4dbfc\u4dc0d一e龥f\u9fffg\ua000h"),
        ("cjk edge", "a\uf8ffb豈c\ufafed\ufb00e"),
        ("cjk edge", "a\U0001ffffb\U00020000c\U0002a6dfd\U0002a6e0e"),
        ("cjk edge", "a\U0002a700b\U0002b738c\U0002b740d\U0002b81de\U0002b820f\U0002cea1g"),
        ("cjk edge", "a\U0002ceb0b\U0002ebe0c\U00030000d\U0003134ae"),
        ("cjk edge", "a\U0002b81fb\U0002b91fc\U0002ceafd"),
        ("not cjk", "〇〆々〒㈱㎡㌀"),
        ("not cjk", "⼀⼁⺀⻳ ㄅㄆㄇ"),
        ("kana words", "ひらがなカタカナ"),
        ("kana words", "カー カーカー あ猫い"),
        ("iteration", "時々 桜 働く"),
        ("special", "[CLS]一只猫[SEP]"),
        ("special", "今天[MASK]好"),
        ("special", "a [MASK] b  [MASK]  c"),
        ("special", "x[UNK]y[PAD]z"),
        ("special", "[[MASK]]"),
        ("special", "[CLS][CLS][SEP]"),
        ("special", "[mask] [Cls] [cLS]"),
        ("special", "[MASK"),
        ("special", "[MASK [SEP]"),
        ("special", "[MA[SEP]SK]"),
        ("special", "[UNK]\u0301a\u0301[SEP]"),
        ("special", "e[MASK]\u0301"),
        ("special", "[C\u200bLS] [MA\u00adSK] [SEP\x00] x[C\u200bLS]"),
        ("special", "\u200b[U\u200bNK] [P\ufffdAD]a"),
        ("special", "［MASK］ [unused1] <S> <T> [unk]"),
        ("special", "##a ## # a##b"),
        ("piece", "cats dogs tokens testing"),
        ("piece", "tokenization unaffable"),
        ("piece", "iPhone14手机Pro Max"),
        ("piece", "abcabcab abcd"),
        ("piece", "2022年10月2日 20221420"),
        ("piece", "catø catþ þcat"),
        ("piece", "猫cat猫dog猫"),
        ("piece", "２０２２年 ａｂ"),
        ("piece", "30℃ ℃30 a℃b"),
        ("piece", "a🔥🔥 🔥a 🔥🔥"),
        ("ascii punctuation", "a!b\"c#d$e%f&g'h(i)j*k+l,m-n.o/p:q;r<s=t>u?v@w[x\\y]z^_`{|}~"),
        ("punctuation", "你好，世界！（测试）：“引号”‘单’…—《书》【】「」、·"),
        ("punctuation", "a–b—c‐d‑e―f‒g"),
        ("punctuation", "‹a› «b» ¡c! ¿d? §e ¶f"),
        ("punctuation", "a՚b׀c؟d।e၊f።g᠀h⸺i〽j"),
        ("punctuation", "a\U00010100b\U00016e97c\U0001bc9fd\U0001e95ee"),
        ("punctuation", "a‿b⁀c﹏d＿e․f"),
        ("punctuation", "︰︵︶ ﹐﹑﹒ ﹪ ｡｢｣､･"),
        ("symbols", "30～50 ￥100 €5 3×4÷2±1 a→b ★5"),
        ("symbols", "x²+y²=z² √2 ≈3.14 ∞ ½ №5 ①"),
        ("symbols", "a=\u0338b <\u0338 >\u0338 =\u0338\u0301"),
        ("symbols", "a\u2028=\u0338b"),
        ("emoji", "👍🔥😂😎 👍🏽"),
        ("emoji", "👨\u200d👩\u200d👧 🇨🇳 猫😺a"),
        ("emoji", "1\ufe0f\u20e3 2\u20e3 ♥\ufe0f ☺\ufe0f"),
        ("enclosing", "A\u20dd 猫\u20e3 \u0488x"),
        ("number", "3.14元/斤 100% $5.00 50kg 1080p"),
        ("url", "https://www.example.com/a?b=c&d=e"),
        ("underscore", "snake_case__x state-of-the-art"),
        ("length", "a" * 99),
        ("length", "a" * 100),
        ("length", "a" * 101),
        ("length", "猫" * 120),
        ("length", "é" * 100),
        ("length", "e\u0301" * 100 + "a"),
        ("length", "가" * 50),
        ("length", "가" * 51),
        ("length", "각" * 34),
        ("length", "🔥" + "🔥" * 99),
        ("length", "a" * 101 + "." + "b" * 101 + "猫" + "c" * 50 + "\u200b" + "c" * 51),
        ("length", "a" + "\u0301" * 300 + "b"),
        ("length", "क" + "\u302e" * 99),
        ("length", "क" + "\u302e" * 100),
        ("truncation", "a b c " * 40),
        ("truncation", "这是一张很大的照片，" * 12),
        ("truncation", "cat " * 74 + "tokenization dogs"),
        ("truncation", "[MASK]" * 90),
        ("truncation", "cat " * 75 + "[MASK] dog"),
        ("truncation", "cat " * 74 + "dog\u0301\u0301 [SEP]"),
        ("truncation", "猫 " * 74 + "[C\u200bLS]"),
    ]
    random.seed(20240229)
    pools = [
        [*range(0x20, 0x7F)],
        [*range(0x80, 0x250)],
        [*range(0x300, 0x370)],
        [*range(0x370, 0x530)],
        [*range(0x1100, 0x1200), *range(0xAC00, 0xAC40)],
        [*range(0x1E00, 0x2070)],
        [*range(0x3000, 0x3100), *range(0xFF00, 0xFFF0)],
        [ord(c) for c in CHINESE],
        [*range(0x900, 0xE00)],
        [0x302E, 0x302F, 0x3099, 0x323, 0x301, 0x34F, 0x1D165, 0x1D16D, 0x20D0, 0x16FF0],
        [*range(0xF900, 0xFB50)],
        [*range(0x10000, 0x10400), *range(0x1D000, 0x1D200), *range(0x1F300, 0x1FB00)],
    ]
    for number in range(60):
        chosen = random.sample(pools, 3) + [[0x20, 0x61, 0x732B]]
        text = "".join(chr(random.choice(random.choice(chosen))) for _ in range(30))
        rows.append(("random", text))
    return rows


def section(tokens):
    """A second writer of Formats/vocabulary.md, for comparison with the one in Swift."""
    data = [token.encode("utf-8") for token in tokens]
    slots = 1
    while slots < 2 * len(data):
        slots *= 2
    table = [0] * slots
    for number, token in enumerate(data):
        value = 0x811C9DC5
        for byte in token:
            value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
        slot = value % slots
        while table[slot]:
            slot = (slot + 1) % slots
        table[slot] = number + 1
    offsets = [0]
    for token in data:
        offsets.append(offsets[-1] + len(token))
    specials = [tokens.index(name) for name in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]]
    header = [1, len(data), slots, offsets[-1], max(map(len, data)), *specials]
    header += [0] * (16 - len(header))
    return struct.pack(f"<{16 + len(offsets) + slots}I", *header, *offsets, *table) + b"".join(data)


def normalization_rows():
    """Texts with their NFC and their NFD without Mn: every decomposition and composition, in chunks."""
    chars = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and not 0xAC00 < c < 0xD7A3]
    chars = [chr(c) for c in chars if unicodedata.normalize("NFD", chr(c)) != chr(c)]
    chars += [chr(c) for c in (0xAC01, 0xAC1B, 0xAC1C, 0xD788, 0xD7A2, 0xD7A3)]
    texts = ["".join(chars[start : start + 100]) for start in range(0, len(chars), 100)]
    texts += [unicodedata.normalize("NFD", text) for text in texts]
    random.seed(14)
    marks = [chr(c) for c in range(0x20000) if unicodedata.combining(chr(c))]
    starters = [chr(c) for c in range(0x20000) if unicodedata.decomposition(chr(c))[:1] not in ("", "<")]
    starters += ["a", "e", "s", "=", " ", "\u1100", "\u1161", "\u11a8", "\uac00", "\u093e", "\u09be"]
    second = ["\u1161", "\u11a8", "\u09be", "\u0bbe", "\u0dcf", "\u102e", "\u1b35", "\U0001133e", "\u0301"]
    for _ in range(60):
        text = ""
        for _ in range(12):
            text += random.choice(starters) + random.choice(second + [""])
            text += "".join(random.sample(marks, random.randint(0, 5)))
        texts.append(text)
    texts += ["\u0301\u0323a", "a\u0301\u0301\u0323\u0323\u0302", "\u0f71\u0f72\u0f74", ""]
    for text in texts:
        decomposed = unicodedata.normalize("NFD", text)
        yield {
            "text": text,
            "nfc": unicodedata.normalize("NFC", text),
            "stripped": "".join(c for c in decomposed if unicodedata.category(c) != "Mn"),
        }


def unicode_checksum():
    """CRC-32 over kind, combining class (a byte each) and lower case (4 bytes) of every scalar."""
    checksum = 0
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        char = chr(c)
        category = unicodedata.category(char)
        if char in " \t\n\r" or category == "Zs":
            kind = 2
        elif c == 0xFFFD or category[0] == "C":
            kind = 1
        elif category[0] == "P" or c < 128 and char in ASCII_PUNCTUATION:
            kind = 3
        else:
            kind = 4 if category == "Mn" else 0
        # The lower case of U+0130 is two scalars; the Swift code has it apart from the table.
        lower = c if c == 0x130 else ord(char.lower())
        entry = struct.pack("<BBI", kind, unicodedata.combining(char), lower)
        checksum = zlib.crc32(entry, checksum)
    return checksum


def write_rows(name, rows):
    with open(os.path.join(HERE, name), "w", encoding="ascii", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")


tokens = vocabulary()
path = os.path.join(HERE, "vocab.txt")
with open(path, "w", encoding="utf-8", newline="\n") as file:
    file.write("".join(token + "\n" for token in tokens))
uncased, cased = BertTokenizer(path), BertTokenizer(path, do_lower_case=False)
assert len(uncased.vocab) == len(tokens) and uncased.mask_token_id == 103


def golden_row(name, text):
    padded = uncased(text, truncation=True, max_length=77, padding="max_length")["input_ids"]
    return {
        "name": name,
        "text": text,
        "ids": uncased.encode(text),
        "ids_padded_77": padded,
        "ids_cased": cased.encode(text),
        "ids_cased_padded_77": cased(
            text, truncation=True, max_length=77, padding="max_length")["input_ids"],
    }


golden = [golden_row(name, text) for name, text in hard_texts()]
assert len(golden) >= 150
write_rows("golden.jsonl", golden)
write_rows("normalization.jsonl", normalization_rows())
small = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##猫"]
full = section(tokens)
with open(os.path.join(HERE, "expected.json"), "w", encoding="ascii", newline="\n") as file:
    json.dump(
        {
            "small": {"tokens": small, "hex": section(small).hex()},
            "vocab": {"byteCount": len(full), "crc32": zlib.crc32(full)},
            "unicode": {"crc32": unicode_checksum()},
        },
        file,
        indent=2,
    )
    file.write("\n")
unknown = sum(row["ids"].count(100) for row in golden)
print(len(tokens), "tokens", len(golden), "rows", unknown, "unknown of", sum(len(r["ids"]) for r in golden))
