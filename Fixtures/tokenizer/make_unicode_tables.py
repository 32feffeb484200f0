"""Writes Sources/Tokenization/UnicodeTables.swift from Python's copy of the Unicode Character Database.

    python3.11 Fixtures/tokenizer/make_unicode_tables.py

Python 3.11 carries Unicode 14.0.0, the version the published tokenizations were made with. Any other
version is refused, because a new code point changes which scalars the tokenizer drops.
"""

import os
import unicodedata

VERSION = "14.0.0"
assert unicodedata.unidata_version == VERSION, unicodedata.unidata_version

HERE = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(HERE, "..", "..", "Sources", "Tokenization", "UnicodeTables.swift")

# Scalars from TAIL on are not in the table; see tail_kind.
TAIL = 0x31400
BLOCK = 64
OTHER, DROPPED, SPACE, PUNCTUATION, MARK = range(5)

SURROGATES = range(0xD800, 0xE000)
ALL = [c for c in range(0x110000) if c not in SURROGATES]
HANGUL = range(0xAC00, 0xD7A4)


def kind(c):
    """What the BERT rules ask of a scalar: clean_text first, then Mn, then punctuation."""
    if c in (0x09, 0x0A, 0x0D, 0x20):
        return SPACE
    if c in (0x00, 0xFFFD):
        return DROPPED
    if 33 <= c <= 47 or 58 <= c <= 64 or 91 <= c <= 96 or 123 <= c <= 126:
        return PUNCTUATION
    category = unicodedata.category(chr(c))
    if category[0] == "C":
        return DROPPED
    if category == "Zs":
        return SPACE
    if category[0] == "P":
        return PUNCTUATION
    return MARK if category == "Mn" else OTHER


def tail_kind(c):
    return MARK if 0xE0100 <= c <= 0xE01EF else DROPPED


def lower(c):
    """The one scalar str.lower() makes of one scalar; U+0130, the only one that makes two, is in code."""
    text = chr(c).lower()
    if c == 0x130:
        assert text == "i\u0307"
        return c
    assert len(text) == 1, hex(c)
    return ord(text)


def one_step(c):
    """The canonical decomposition of one step, as one or two scalars, or None (also for Hangul)."""
    text = unicodedata.decomposition(chr(c))
    if not text or text[0] == "<" or c in HANGUL:
        return None
    parts = [int(part, 16) for part in text.split()]
    assert 1 <= len(parts) <= 2
    return parts


decompositions = {c: one_step(c) for c in ALL if one_step(c)}
pairs = {}
for c, parts in decompositions.items():
    if len(parts) == 2 and unicodedata.normalize("NFC", chr(c)) == chr(c):
        pairs[tuple(parts)] = c


def record(c):
    delta = lower(c) - c
    return (
        kind(c)
        | (1 << 3 if c in decompositions else 0)
        | unicodedata.combining(chr(c)) << 8
        | (delta & 0xFFFFFFFF) << 32
    )


def check():
    """What the Swift code takes for granted."""
    whitespace = {c for c in ALL if chr(c).isspace()}
    spaces = {c for c in ALL if kind(c) == SPACE}
    # str.split() after clean_text: the two separators are the only whitespace left beside ' '.
    left = {c for c in whitespace if kind(c) not in (SPACE, DROPPED)}
    assert left == {0x2028, 0x2029} and spaces <= whitespace
    for c in ALL:
        text = unicodedata.normalize("NFD", chr(c))
        if c in HANGUL:
            continue
        # Decomposing the first scalar again and again is enough.
        expanded = [c]
        while expanded[0] in decompositions:
            expanded[0:1] = decompositions[expanded[0]]
        assert "".join(map(chr, expanded)) == text and len(expanded) <= 4, hex(c)
        # Neither decomposition nor lower-casing makes something clean_text would have removed.
        if kind(c) not in (SPACE, DROPPED):
            assert all(kind(ord(d)) not in (SPACE, DROPPED) for d in text), hex(c)
        else:
            assert lower(c) == c
        # Marks that take part in reordering are neither punctuation nor whitespace.
        if unicodedata.combining(chr(c)):
            assert kind(c) in (OTHER, MARK), hex(c)
        if c >= TAIL:
            assert kind(c) == tail_kind(c) and lower(c) == c and c not in decompositions, hex(c)
            assert not unicodedata.combining(chr(c)), hex(c)
        # BERT lower-cases before NFC and again after it. The second time changes nothing: what
        # NFC makes of lower-case scalars is lower-case, one by one ...
        lowered = chr(c).lower()
        composed = unicodedata.normalize("NFC", lowered)
        assert composed.lower() == composed, hex(c)
    for (first, second), c in pairs.items():
        # ... and in pairs.
        if lower(first) == first and lower(second) == second:
            assert lower(c) == c, hex(c)
    # A space never composes with what follows it, so words may be normalised one at a time.
    assert all(kind(first) != SPACE for first, _ in pairs)
    # The tables hold all there is to NFC: compose by hand and compare.
    for (first, second), c in pairs.items():
        assert unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(c)


def packed_bytes(values):
    values = list(values) + [0] * (-len(values) % 8)
    return [
        sum(value << (8 * place) for place, value in enumerate(values[start : start + 8]))
        for start in range(0, len(values), 8)
    ]


def words(name, comment, values):
    lines = ["", "  " + "\n  ".join("/// " + line for line in comment), f"  static let {name}: [UInt64] = ["]
    line = "   "
    for value in values:
        item = f" 0x{value:X},"
        if len(line) + len(item) > 100:
            lines.append(line)
            line = "   "
        line += item
    lines += [line, "  ]"]
    return lines


check()
records = sorted({record(c) for c in range(TAIL) if c not in SURROGATES} | {DROPPED})
assert len(records) <= 256
place = {value: index for index, value in enumerate(records)}
leaves, blocks = {}, []
for start in range(0, TAIL, BLOCK):
    leaf = tuple(
        place[DROPPED if c in SURROGATES else record(c)] for c in range(start, start + BLOCK)
    )
    blocks.append(leaves.setdefault(leaf, len(leaves)))
assert len(leaves) <= 0x10000
wide = [value for index in blocks for value in (index & 0xFF, index >> 8)]
flat = [value for leaf in leaves for value in leaf]

lines = [
    "// Generated by `python3.11 Fixtures/tokenizer/make_unicode_tables.py`; do not edit. A data table.",
    "// swift-format-ignore-file",
    "",
    f"/// What the tokenizer needs of Unicode {VERSION}; read through `UnicodeProperties`.",
    "///",
    "/// Small numbers are packed into 64-bit words, lowest first, which the compiler takes quickly.",
    "enum UnicodeTables {",
    "  /// Scalars from here on are not in the table: U+E0100...U+E01EF are marks, the rest is dropped.",
    f"  static let tail: UInt32 = 0x{TAIL:X}",
]
lines += words(
    "blocks",
    ["For each 64 scalars the number of their row in `rows`: 16 bits each."],
    packed_bytes(wide),
)
lines += words("rows", ["Rows of 64 places in `records`: 8 bits each."], packed_bytes(flat))
lines += words(
    "records",
    [
        "Bits 0-2: kind (0 other, 1 dropped, 2 space, 3 punctuation, 4 Mn). Bit 3: has a canonical",
        "decomposition. Bits 8-15: combining class. Bits 32-63: lower case minus scalar, signed.",
    ],
    records,
)
lines += words(
    "decompositions",
    ["Scalar << 42 | first << 21 | second (0: none), sorted: canonical, one step, without Hangul."],
    sorted(c << 42 | p[0] << 21 | (p[1] if len(p) == 2 else 0) for c, p in decompositions.items()),
)
lines += words(
    "compositions",
    ["First << 42 | second << 21 | scalar, sorted: primary composites, without Hangul."],
    sorted(first << 42 | second << 21 | c for (first, second), c in pairs.items()),
)
lines.append("}")
with open(OUTPUT, "w", encoding="ascii", newline="\n") as file:
    file.write("\n".join(lines) + "\n")
print(len(records), "records", len(leaves), "rows", len(blocks), "blocks", len(decompositions), len(pairs))
