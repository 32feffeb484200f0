"""Text files for `taiyi tokenize --texts`; see make_corpus.py."""


def bad():
    for name, data in (("c0-80", b"\xc0\x80"), ("c1", b"\xc1\xbf"), ("e0-80", b"\xe0\x80\xaf"), ("e0-9f", b"\xe0\x9f\xbf"), ("surrogate", b"\xed\xa0\x80"),
                       ("surrogate-low", b"\xed\xbf\xbf"), ("surrogates", b"\xed\xa0\xbd\xed\xb8\x80"), ("f0-80", b"\xf0\x80\x80\x80"),
                       ("f4-90", b"\xf4\x90\x80\x80"), ("f5", b"\xf5\x80\x80\x80"), ("f8", b"\xf8\x88\x80\x80\x80"), ("fe", b"\xfe"), ("ff", b"\xff"),
                       ("continuation", b"\x80"), ("cut-2", b"\xc3"), ("cut-3", b"\xe7\x8c"), ("cut-4", b"\xf0\x9f\x98"), ("cut-before-ascii", b"\xe7\x8cA"),
                       ("latin1", "café".encode("latin-1")), ("gbk", "照片".encode("gbk")), ("big5", "一隻貓".encode("big5"))):
        yield name, b"one\n" + data + b"\nthree\n", "line 2 is not UTF-8", "invalid UTF-8 in the second line"
    yield "utf16-le", "\ufeff猫\n".encode("utf-16-le"), "line 1 is not UTF-8", "UTF-16"
    yield "utf16-be", "\ufeff猫\n".encode("utf-16-be"), "line 1 is not UTF-8", "UTF-16, the other way"
    yield "broken-by-newline", b"\xe7\x8c\n\xab\n", "line 1 is not UTF-8", "a character with a line end inside"
    yield "last-byte", "一只猫".encode() + b"\xe7", "line 1 is not UTF-8", "cut in the last character"


def fine():
    yield "plain", "一只猫\na dog\n", "two texts"
    yield "nul", "一只\0猫\n\0\n", "NUL"
    yield "controls", "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f\n", "every control character"
    yield "bom", "\ufeff一只猫\n", "a byte order mark"
    yield "bom-twice", "\ufeff\ufeff一只猫\n", "two of them"
    yield "bom-inside", "一只\ufeff猫\n", "one inside"
    yield "crlf", "一只猫\r\n两只狗\r\n", "line ends of Windows"
    yield "cr", "一只猫\r两只狗\r", "line ends of old Macs are none"
    yield "crcrlf", "一只猫\r\r\n", "two carriage returns"
    yield "separators", "一只\u2028猫\u2029\u0085\x0b\x0c狗\n", "line ends of Unicode are none"
    yield "no-end", "一只猫", "no line end"
    yield "gbk", "һֻè", "the bytes are those of 一只猫 in GBK, but valid UTF-8 all the same"
    yield "only-end", "\n", "an empty text"
    yield "blank", " \t \n\n\u3000\n", "white space"
    yield "spaces", "a" + " " * 5000 + "b\n", "5,000 spaces"
    yield "noncharacters", "\ufffe\uffff\U0010ffff\ufdd0\n", "noncharacters"
    yield "private", "\ue000\U000f0000\n", "private use"
    yield "replacement", "\ufffd\n", "U+FFFD itself"
    yield "unassigned", "\U000e0080\u0378\n", "unassigned"
    yield "emoji", "👩‍👩‍👧‍👦👍🏽🇨🇳\n", "emoji of several scalars"
    yield "override", "\u202eevil\u202c\u2066x\u2069\n", "directions"
    yield "normal-forms", "caf\u00e9 cafe\u0301 \u1e69 s\u0323\u0307 s\u0307\u0323\n", "one text in several normal forms"
    yield "hangul", "각 \u1100\u1161\u11a8\n", "Hangul in parts"
    yield "turkish", "İıIi\n", "letters whose lower case is long"
    yield "sharp", "ẞßﬃŉ\n", "letters whose upper case is long"
    yield "widest", "\ufdfa\n", "a letter that decomposes into 18"
    yield "specials", "[CLS] [SEP] [PAD] [MASK] [UNK] [unused1]\n", "special tokens spelt out"
    yield "continuation", "## ##猫 ###\n", "what continues a word"
    yield "escapes", "\x1b[31m\\u0000\"\\\n", "terminal codes, quotes and backslashes"
    yield "long-word", "a" * 10_000 + "\n", "a word of 10,000 letters"
    yield "long-chinese", "猫" * 3_000 + "\n", "3,000 characters"
    yield "marks", "a" + "\u0301" * 5_000 + "\n", "5,000 accents on a letter"
    yield "marks-in-turn", "a" + "\u0301\u0316" * 2_000 + "\n", "4,000 accents to be put in order"
    yield "punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" * 100 + "\n", "punctuation"
    yield "format-characters", "\u200b\u200c\u200d\u2060\u00ad猫\n", "characters of no width"


def recipes(corpus):
    limit = 16 << 20

    def add(pieces, outcome, sentence, why):
        pieces = [piece if isinstance(piece, dict) else {"hex": piece[0].hex(), "times": piece[1]} for piece in pieces]
        corpus.recipe([{"name": "texts.txt", "pieces": pieces}], "texts.txt", "tokenize", outcome, sentence, why)
    add([("猫".encode(), 3_400_000)], "ok", None, "10 MB of Chinese in one line")
    add([(b"a ", 5_000_000)], "ok", None, "five million words in one line")
    add([(b"a", 1), ("\u0301\u0316".encode(), 2_500_000)], "ok", None, "10 MB of accents on one letter, to be put in order")
    add([("\ufdfa".encode(), 3_300_000)], "ok", None, "10 MB of letters that decompose into 18 each")
    add([(b"\n", limit)], "ToolError", "more than 1000000 lines", "16 MiB of empty lines")
    add([(b"\n", 900_000)], "ok", None, "900,000 empty lines")
    add([(b"a", limit)], "ok", None, "one word, as long as a file may be")
    add([(b"a", limit + 1)], "ToolError", "at most 16777216 bytes", "a byte too long")
    add([(b"\0", 64 << 20)], "ToolError", "at most 16777216 bytes", "64 MB of NUL")
    add([(b"a", 10_000_000), (b"\xff", 1)], "ToolError", "line 1 is not UTF-8", "10 MB, then a byte that is not UTF-8")
    add([{"sparse": 1 << 40}], "ToolError", "at most 16777216 bytes", "a file of a tebibyte without contents")


def add(corpus):
    corpus.file("text/empty.txt", b"", "tokenize", "ok", None, "no bytes, no texts")
    for name, data, sentence, why in bad():
        corpus.file(f"text/{name}.txt", data, "tokenize", "ToolError", sentence, why)
    for name, text, why in fine():
        corpus.file(f"text/ok-{name}.txt", text.encode(), "tokenize", "ok", None, why)
    recipes(corpus)
