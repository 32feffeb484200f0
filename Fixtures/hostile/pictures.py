"""JPEG and PNG files for `taiyi preprocess`; see make_corpus.py.

JPEG data is made without an encoder: with a Huffman table of one code, a grey block is one zero bit for DC and one for AC. So a file of
a few bytes can be as large a picture as the format allows.
"""
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
SIGNATURE = b"\x89PNG\r\n\x1a\n"


# JPEG

def segment(marker, data, length=None):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2 if length is None else length) + data


def quantization(index=0):
    return segment(0xDB, bytes([index]) + b"\1" * 64)


def huffman(kind=0, counts=(1,) + (0,) * 15, symbols=b"\0"):
    """`kind` is 0 for DC, 0x10 for AC, plus the table's number."""
    return segment(0xC4, bytes([kind]) + bytes(counts) + symbols)


def frame(width=8, height=8, components=1, marker=0xC0, precision=8, samplings=None, ids=None):
    rows = b""
    for i in range(components):
        rows += bytes([ids[i] if ids else i + 1, samplings[i] if samplings else 0x11, 0])
    return segment(marker, struct.pack(">BHHB", precision, height, width, components) + rows)


def scan(components=1, data=b"", start=0, end=63, high=0, low=0, ids=None, tables=0):
    rows = b"".join(bytes([ids[i] if ids else i + 1, tables]) for i in range(components))
    return segment(0xDA, bytes([components]) + rows + bytes([start, end, high << 4 | low])) + data


def bits(count):
    """So many zero bits, filled up with ones."""
    out = bytearray(count // 8)
    if count % 8:
        out.append(0xFF >> count % 8)
    return bytes(out)


SOI, EOI = b"\xff\xd8", b"\xff\xd9"
TABLES = quantization() + huffman(0) + huffman(0x10)


def blocks(width, height):
    return -(-width // 8) * -(-height // 8)


def baseline(width=8, height=8, components=1, middle=b"", before=b"", **options):
    data = bits(2 * components * blocks(width, height))
    return SOI + before + TABLES + frame(width, height, components, **options) + middle + scan(components, data) + EOI


def progressive(scans, width=8, height=8, components=1):
    """`scans` after a first one of DC without its last bits."""
    first = scan(components, bits(components * blocks(width, height)), end=0, low=13)
    return SOI + TABLES + frame(width, height, components, 0xC2) + first + b"".join(scans) + EOI


def many_scans(count):
    """A scan of DC, then the bits of every coefficient in scans of their own; one block."""
    scans = []
    for k in range(1, 64):
        scans += [scan(1, bits(1), start=k, end=k, low=13)]
        scans += [scan(1, bits(1), start=k, end=k, high=low + 1, low=low) for low in range(12, -1, -1)]
    return progressive(scans[:count - 1])


def jpeg_good():
    yield "grey", baseline(), "one grey block"
    yield "rgb", baseline(16, 16, 3), "three components"
    yield "cmyk", baseline(8, 8, 4), "four components"
    yield "one-pixel", baseline(1, 1), "a pixel"
    yield "wide", baseline(65500, 1), "as wide as libjpeg reads"
    yield "tall", baseline(1, 65500), "as tall as libjpeg reads"
    yield "comment", baseline(before=segment(0xFE, b"\x1b[31m\0\xff" * 1000)), "terminal codes in a comment"
    yield "jfif-version", baseline(before=segment(0xE0, b"JFIF\0\x63\x63\0\0\1\0\1\0\0")), "version 99.99"
    yield "exif-garbage", baseline(before=segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + bytes(50))), "an EXIF that leads nowhere"
    yield "application", baseline(before=b"".join(segment(0xE0 + i, b"\xff" * 3000) for i in range(16))), "segments of every application"
    yield "fill-bytes", SOI + b"\xff" * 50 + TABLES + frame() + b"\xff" * 9 + scan(1, bits(2)) + b"\xff" * 20 + EOI, "fill bytes before markers"
    yield "trailing", baseline() + b"PK\5\6" + bytes(18), "bytes after the end"
    yield "progressive", progressive([scan(1, bits(1), start=1, end=63)]), "two scans"
    yield "scans-100", many_scans(100), "as many scans as are allowed"
    yield "more-tables", SOI + b"".join(quantization(i) for i in (3, 2, 1, 0)) * 20 + TABLES + frame() + scan(1, bits(2)) + EOI, "tables again and again"
    yield "restarts", SOI + TABLES + segment(0xDD, struct.pack(">H", 1)) + frame(24, 8) + scan(1, b"\x3f\xff\xd0\x3f\xff\xd1\x3f") + EOI, "restarts"


def jpeg_bad():
    d, j = "damaged", "JPEG data is damaged"
    good = baseline(16, 16, 3)
    sof = good.index(b"\xff\xc0")
    sos = good.index(b"\xff\xda")
    for name, size, why in (("2", 2, "SOI only"), ("3", 3, "half a marker"), ("in-dqt", 30, "in a table"), ("in-sof", sof + 8, "in the frame header"),
                            ("before-sos", sos, "before the scan"), ("in-sos", sos + 7, "in the scan header"), ("no-data", sos + 14, "before the data"),
                            ("in-data", len(good) - 3, "in the data"), ("no-end", len(good) - 2, "without an end"), ("half-end", len(good) - 1, "half an end")):
        if size == 2:
            yield "cut-2", good[:2], "notAPicture", "not a picture", why
        else:
            yield "cut-" + name, good[:size], d, j, why
    header = SOI + TABLES + frame(65535, 65535, 3) + scan(3) + EOI
    yield "65535x65535", header, "sideTooLong", "65535 x 65535", "four billion pixels in 200 bytes"
    yield "65501x1", baseline(65501, 1), "sideTooLong", "65501 x 1 pixels, a side has at most 65500", "a pixel wider than libjpeg reads; not damaged"
    yield "65500x65500", SOI + TABLES + frame(65500, 65500, 3) + scan(3) + EOI, "tooManyPixels", "65500 x 65500", "four billion pixels"
    yield "50000112", SOI + TABLES + frame(7072, 7071) + scan() + EOI, "tooManyPixels", "50006112 pixels", "just above 50 million pixels"
    yield "progressive-65500", SOI + TABLES + frame(65500, 65500, 3, 0xC2) + scan(3, end=0) + EOI, "tooManyPixels", "65500 x 65500", "progressive"
    yield "width-0", baseline(8, 8).replace(frame(), frame(0, 8)), d, j, "no width"
    yield "height-0", baseline(8, 8).replace(frame(), frame(8, 0)), d, j, "the height comes later (DNL)"
    yield "components-0", SOI + TABLES + frame(components=0) + scan() + EOI, d, j, "no components"
    yield "components-2", baseline(8, 8, 2), "unsupported", "components", "two components"
    yield "components-5", SOI + TABLES + frame(components=5) + scan(4, bits(10)) + EOI, "unsupported", "components", "five components"
    yield "components-255", SOI + TABLES + frame(components=255) + scan() + EOI, d, j, "255 components"
    yield "precision-12", baseline(precision=12), "unsupported", "8 bits", "samples of 12 bits"
    yield "precision-16", baseline(precision=16), "unsupported", "8 bits", "samples of 16 bits"
    yield "precision-0", baseline(precision=0), "unsupported", "8 bits", "samples of no bits"
    for marker, name in ((0xC3, "lossless"), (0xC5, "differential"), (0xC7, "differential-lossless"), (0xCB, "arithmetic-lossless")):
        yield "frame-" + name, baseline(marker=marker), "unsupported", "", "a kind of JPEG that is not read"
    yield "frame-twice", baseline(middle=frame()), d, j, "two frame headers"
    yield "frame-missing", SOI + TABLES + scan(1, bits(2)) + EOI, d, j, "no frame header"
    yield "scan-missing", SOI + TABLES + frame() + EOI, d, j, "no scan"
    yield "start-twice", SOI + SOI + TABLES + frame() + scan(1, bits(2)) + EOI, d, j, "two starts"
    yield "tables-missing", SOI + huffman(0) + huffman(0x10) + frame() + scan(1, bits(2)) + EOI, d, j, "no quantization table"
    yield "sampling-0", baseline(samplings=[0]), d, j, "a sampling of 0"
    yield "sampling-15", baseline(samplings=[0xFF]), d, j, "a sampling of 15"
    yield "scan-unknown", SOI + TABLES + frame() + scan(1, bits(2), ids=[9]) + EOI, d, j, "a scan of a component that is not there"
    yield "scan-twice", SOI + TABLES + frame(components=3) + scan(3, bits(6), ids=[1, 1, 1]) + EOI, d, j, "a scan of one component, thrice"
    yield "scan-components-0", SOI + TABLES + frame() + scan(0, bits(2)) + EOI, d, j, "a scan of nothing"
    yield "scan-components-9", SOI + TABLES + frame() + scan(9, bits(2)) + EOI, d, j, "a scan of nine components"
    yield "scan-table-15", SOI + TABLES + frame() + scan(1, bits(2), tables=0xFF) + EOI, d, j, "tables number 15"
    yield "segment-0", SOI + segment(0xFE, b"", 0) + good[2:], d, j, "a segment of length 0"
    yield "segment-1", SOI + segment(0xFE, b"", 1) + good[2:], d, j, "a segment of length 1"
    yield "segment-beyond", SOI + segment(0xFE, b"", 65535) + good[2:], d, j, "a comment beyond the end"
    yield "marker-missing", SOI + b"garbage" + good[2:], "notAPicture", "not a picture", "no marker after the first"
    yield "marker-late", SOI + quantization() + b"garbage" + good[2:], d, j, "bytes between segments"
    yield "huffman-overfull", SOI + quantization() + huffman(0, (3,) + (0,) * 15, b"\0\1\2") + huffman(0x10) + frame() + scan(1, bits(2)) + EOI, d, j, \
        "three codes of one bit"
    yield "huffman-257", SOI + quantization() + huffman(0, (0,) * 14 + (255, 2), bytes(257)) + good[2:], d, j, "257 codes"
    yield "huffman-short", SOI + quantization() + huffman(0, (0,) * 7 + (200,) + (0,) * 8, b"\0") + good[2:], d, j, "fewer symbols than codes"
    yield "huffman-index", SOI + huffman(0x0F) + good[2:], d, j, "table number 15"
    yield "huffman-class", SOI + huffman(0x7F) + good[2:], d, j, "a class of tables that does not exist"
    yield "quantization-index", SOI + quantization(9) + good[2:], d, j, "table number 9"
    yield "quantization-short", SOI + segment(0xDB, b"\0" + b"\1" * 20) + good[2:], d, j, "20 of 64 numbers"
    yield "codes-bad", SOI + TABLES + frame(64, 64) + scan(1, b"\xfe" * 16) + EOI, d, j, "codes that no table has"
    yield "data-missing", SOI + TABLES + frame(64, 64) + scan(1, b"") + EOI, d, j, "no data"
    yield "data-surplus", SOI + TABLES + frame() + scan(1, bits(2) + bytes(100)) + EOI, d, j, "data after the last block"
    yield "data-marker", SOI + TABLES + frame(64, 64) + scan(1, bytes(4) + b"\xff\x01" + bytes(12)) + EOI, d, j, "a marker in the data"
    restart = SOI + TABLES + segment(0xDD, struct.pack(">H", 1)) + frame(24, 8)
    yield "restart-order", restart + scan(1, b"\x3f\xff\xd5\x3f\xff\xd1\x3f") + EOI, d, j, "restart 5 where 0 is due"
    yield "restart-missing", restart + scan(1, bits(6)) + EOI, d, j, "no restarts where they are due"
    yield "scans-101", many_scans(101), "tooManyScans", "more than 100 scans", "a scan too many"
    yield "scans-500", many_scans(500), "tooManyScans", "more than 100 scans", "500 scans"
    yield "scans-same", progressive([scan(1, bits(1), end=0, low=13)] * 300), d, j, "300 times the same scan"
    yield "scans-ac-first", SOI + TABLES + frame(marker=0xC2) + scan(1, bits(1), start=1, end=63) + EOI, d, j, "AC before DC"
    yield "scans-reversed", progressive([scan(1, bits(1), start=9, end=3)]), d, j, "from 9 to 3"
    yield "scans-64", progressive([scan(1, bits(1), start=1, end=64)]), d, j, "coefficient 64"
    yield "scans-low", progressive([scan(1, bits(1), start=1, end=63, low=14)]), d, j, "a shift by 14"
    yield "scans-three-ac", progressive([scan(3, bits(3), start=1, end=63)], components=3), d, j, "AC of three components at once"
    yield "scans-refine-first", progressive([scan(1, bits(1), start=1, end=63, high=5, low=4)]), d, j, "refines what is not there"
    yield "scans-no-end", progressive([scan(1, bits(1), start=1, end=63)])[:-2], d, j, "without an end"


# PNG

def chunk(name, data=b"", crc=None, length=None):
    check = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data) if length is None else length) + name + data + struct.pack(">I", check)


def header(width=4, height=4, depth=8, colour=2, compression=0, filtering=0, interlace=0):
    return chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, compression, filtering, interlace))


CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
END = chunk(b"IEND")


def rows(width=4, height=4, depth=8, colour=2, filtering=0):
    size = -(-width * CHANNELS[colour] * depth // 8)
    return (bytes([filtering]) + bytes(size)) * height


def image(data):
    return chunk(b"IDAT", zlib.compress(data, 9))


def png(width=4, height=4, depth=8, colour=2, interlace=0, before=b"", after=b"", data=None):
    data = rows(width, height, depth, colour) if data is None else data
    return SIGNATURE + header(width, height, depth, colour, interlace=interlace) + before + image(data) + after + END


def text_bomb(name, before=b"Title\0\0", size=20_000_000):
    return chunk(name, before + zlib.compress(bytes(size), 9))


def png_good():
    yield "rgb", png(), "four by four"
    yield "one-pixel", png(1, 1), "a pixel"
    yield "wide", png(65535, 1, 1, 0), "as wide as is read"
    yield "tall", png(1, 65535, 1, 0), "as tall as is read"
    yield "limit", SIGNATURE + header(10_000, 5_000, 1, 0) + image(bytes(1 + 10_000 // 8) * 5_000) + END, "50 million pixels, as many as allowed"
    yield "depth-16", png(depth=16), "16 bits"
    yield "grey-alpha-16", png(depth=16, colour=4), "grey and alpha of 16 bits"
    yield "rgba", png(colour=6), "alpha 0 everywhere"
    yield "palette", png(depth=1, colour=3, before=chunk(b"PLTE", bytes(6))), "a palette of two"
    yield "palette-1", png(depth=8, colour=3, before=chunk(b"PLTE", bytes(3))), "a palette of one"
    yield "palette-256", png(depth=8, colour=3, before=chunk(b"PLTE", bytes(768))), "a palette of 256"
    small = b"\0" + bytes(3)
    yield "interlaced", png(2, 1, interlace=1, data=small * 2), "Adam7 of two pixels"
    pieces = zlib.compress(rows(), 9)
    yield "idat-bytes", SIGNATURE + header() + b"".join(chunk(b"IDAT", pieces[i:i + 1]) for i in range(len(pieces))) + END, "a chunk for each byte"
    yield "idat-empty", SIGNATURE + header() + chunk(b"IDAT") * 50 + chunk(b"IDAT", pieces) + chunk(b"IDAT") + END, "empty chunks of data"
    yield "stored", SIGNATURE + header() + chunk(b"IDAT", zlib.compress(rows(), 0)) + END, "not compressed"
    yield "iccp-bomb", png(before=text_bomb(b"iCCP", b"profile\0\0")), "a profile of 20 MB"
    yield "ztxt-bomb", png(before=text_bomb(b"zTXt")), "a text of 20 MB"
    yield "itxt-bomb", png(before=text_bomb(b"iTXt", b"Title\0\1\0\0\0")), "a text of 20 MB in Unicode"
    yield "text-bombs", png(before=text_bomb(b"zTXt", size=4_000_000) * 15, after=text_bomb(b"zTXt", size=4_000_000) * 15), "30 texts of 4 MB"
    yield "texts", png(before=chunk(b"tEXt", b"a\0b") * 3000), "3,000 texts"
    yield "private", png(before=chunk(b"prVt", b"\xff" * 9)), "a private chunk"
    yield "apng", png(before=chunk(b"acTL", struct.pack(">2I", 0xFFFFFFFF, 0))), "four billion pictures of an animation"
    yield "transparency-long", png(colour=0, before=chunk(b"tRNS", bytes(999))), "a transparency that is too long is not looked at"
    yield "trailing", png() + b"PK\5\6" + bytes(18), "bytes after the end"


def png_bad():
    d, p = "damaged", "PNG data is damaged"
    good = png()
    yield "size-top", SIGNATURE + header(0x7FFFFFFF, 0x7FFFFFFF) + END, "sideTooLong", "2147483647 x 2147483647", "the largest size of the format"
    yield "size-negative", SIGNATURE + header(0x80000000, 4) + image(rows()) + END, d, p, "a width that is negative"
    yield "size-65535", SIGNATURE + header(65535, 65535) + image(rows()) + END, "tooManyPixels", "65535 x 65535", "four billion pixels in 100 bytes"
    yield "size-65536", SIGNATURE + header(65536, 1) + image(rows()) + END, "sideTooLong", "65536 x 1", "a pixel too wide"
    yield "size-65536-tall", SIGNATURE + header(1, 65536) + image(rows()) + END, "sideTooLong", "1 x 65536", "a pixel too tall"
    yield "size-50000112", SIGNATURE + header(7072, 7071) + image(rows()) + END, "tooManyPixels", "50006112 pixels", "just above 50 million pixels"
    yield "width-0", SIGNATURE + header(0, 4) + image(rows()) + END, d, p, "no width"
    yield "height-0", SIGNATURE + header(4, 0) + image(rows()) + END, d, p, "no height"
    yield "idat-bomb", SIGNATURE + header() + image(rows() + bytes(30_000_000)) + END, d, p, "30 MB more than the picture has"
    long, after = bytes(80_000_000), "too much data after the last row"
    yield "idat-bomb-long", SIGNATURE + header() + image(rows() + long) + END, d, after, "80 MB more than the picture has, in 80 KB"
    yield "idat-bomb-interlaced", SIGNATURE + header(1, 1, interlace=1) + image(b"\0" * 4 + long) + END, d, after, "the same behind the one row of Adam7"
    yield "idat-short", SIGNATURE + header() + image(rows()[:-1]) + END, d, p, "a byte too few"
    yield "idat-one-more", SIGNATURE + header() + image(rows() + b"\0") + END, d, p, "a byte too many"
    yield "idat-trailing", SIGNATURE + header() + chunk(b"IDAT", zlib.compress(rows(), 9) + b"hidden") + END, d, p, "bytes after the compressed data"
    yield "idat-only-empty", SIGNATURE + header() + chunk(b"IDAT") + END, d, p, "no data"
    yield "idat-missing", SIGNATURE + header() + END, d, p, "no picture"
    yield "idat-apart", SIGNATURE + header() + image(rows())[:0] + chunk(b"IDAT", zlib.compress(rows(), 9)[:8]) + chunk(b"tEXt", b"a\0b") + chunk(
        b"IDAT", zlib.compress(rows(), 9)[8:]) + END, d, p, "a text inside the data"
    packed = zlib.compress(rows(), 9)
    for name, data, why in (("zlib-header", b"\x79" + packed[1:], "no header of zlib"), ("zlib-method", b"\x77" + packed[1:], "another method"),
                            ("zlib-dictionary", b"\x78\x20" + bytes(4) + packed[2:], "a dictionary nobody has"), ("zlib-cut", packed[:-5], "cut short"),
                            ("zlib-block", packed[:2] + b"\x07" + packed[3:], "a block type that does not exist"), ("adler", packed[:-1] + bytes([packed[-1] ^ 1]),
                                                                                                                  "a wrong checksum of zlib")):
        yield name, SIGNATURE + header() + chunk(b"IDAT", data) + END, d, p, why
    yield "distance", SIGNATURE + header() + chunk(b"IDAT", b"\x78\x9c\x63\x00\x02\x00\x00\x05\x00\x01") + END, d, p, "a copy from before the start"
    yield "crc-header", SIGNATURE + header()[:-1] + b"\0" + image(rows()) + END, d, p, "IHDR's checksum"
    yield "crc-data", SIGNATURE + header() + chunk(b"IDAT", packed, crc=1) + END, d, p, "IDAT's checksum"
    yield "crc-end", SIGNATURE + header() + image(rows()) + chunk(b"IEND", crc=1), d, p, "IEND's checksum"
    yield "crc-palette", png(depth=8, colour=3, before=chunk(b"PLTE", bytes(6), crc=1)), d, p, "PLTE's checksum"
    yield "crc-text", png(before=chunk(b"tEXt", b"a\0b", crc=1)), d, p, "a text's checksum"
    yield "no-end", good[:-12], d, p, "no IEND"
    yield "end-length", good[:-12] + chunk(b"IEND", b"x"), d, p, "an IEND with contents"
    yield "end-first", SIGNATURE + END, d, p, "the end at once"
    for size in (8, 12, 20, 33, 40, len(good) - 20, len(good) - 1):
        yield f"cut-{size}", good[:size], d, p, "cut short"
    yield "cut-7", good[:7], "notAPicture", "not a picture", "a signature but for a byte"
    yield "unix", b"\x89PNG\n\x1a\n" + good[8:], "notAPicture", "not a picture", "sent as text: CR LF became LF"
    yield "header-missing", SIGNATURE + image(rows()) + END, d, p, "no IHDR"
    yield "header-second", SIGNATURE + chunk(b"tEXt", b"a\0b") + good[8:], d, p, "a text before IHDR"
    text = chunk(b"tEXt", b"a\0b")
    yield "pixels-after-text", SIGNATURE + text + header(60_000, 50_000) + image(rows()) + END, "refused", "", "three billion pixels behind a text"
    yield "bomb-after-text", SIGNATURE + text + header(60_000, 50_000, 8, 0) + image(bytes(190_000_000)) + END, "refused", "", \
        "three billion pixels behind a text, 190 MB of them there"
    yield "header-twice", SIGNATURE + header() * 2 + image(rows()) + END, d, p, "two headers"
    yield "header-12", SIGNATURE + chunk(b"IHDR", header()[8:20]) + image(rows()) + END, d, p, "a header of 12 bytes"
    yield "header-14", SIGNATURE + chunk(b"IHDR", header()[8:21] + b"\0") + image(rows()) + END, d, p, "a header of 14 bytes"
    for depth, colour in ((0, 2), (3, 0), (4, 2), (16, 3), (2, 4), (32, 0), (255, 6), (8, 1), (8, 5), (8, 7), (8, 255)):
        yield f"depth-{depth}-colour-{colour}", SIGNATURE + header(depth=depth, colour=colour) + chunk(b"PLTE", bytes(6)) + image(rows()) + END, d, p, \
            "no such kind of PNG"
    for name in ("compression", "filtering", "interlace"):
        yield name, SIGNATURE + header(**{name: 2}) + image(rows()) + END, d, p, "a method that does not exist"
    yield "filter-5", png(data=rows(filtering=5)), d, p, "a filter that does not exist"
    yield "filter-255", png(data=rows(filtering=255)), d, p, "a filter that does not exist"
    yield "interlaced-short", png(interlace=1, data=rows()[:20]), d, p, "half of the passes"
    yield "palette-missing", png(colour=3), d, p, "no palette"
    yield "palette-empty", png(colour=3, before=chunk(b"PLTE")), d, p, "a palette of nothing"
    yield "palette-4", png(colour=3, before=chunk(b"PLTE", bytes(4))), d, p, "a palette of one and a third"
    yield "palette-257", png(colour=3, before=chunk(b"PLTE", bytes(771))), d, p, "a palette of 257"
    yield "palette-twice", png(colour=3, before=chunk(b"PLTE", bytes(6)) * 2), d, p, "two palettes"
    yield "palette-late", SIGNATURE + header(colour=3) + image(rows(colour=3)) + chunk(b"PLTE", bytes(6)) + END, d, p, "a palette after the data"
    yield "palette-index", png(colour=3, before=chunk(b"PLTE", bytes(6)), data=(b"\0" + b"\2" * 4) * 4), d, p, "colour 2 of two"
    yield "palette-index-last", png(colour=3, before=chunk(b"PLTE", bytes(6)), data=rows(colour=3)[:-1] + b"\xff"), d, p, "colour 255 in the last pixel"
    yield "palette-bits", png(depth=4, colour=3, before=chunk(b"PLTE", bytes(6)), data=(b"\0\x0f\xf0") * 4), d, p, "colour 15 of two, in four bits"
    yield "length-top", SIGNATURE + header() + chunk(b"tEXt", b"a\0b", length=0xFFFFFFFF) + image(rows()) + END, d, p, "a chunk of 4 GiB"
    yield "length-2-31", SIGNATURE + header() + chunk(b"tEXt", b"a\0b", length=0x80000000) + image(rows()) + END, d, p, "a chunk of 2 GiB"
    yield "length-beyond", SIGNATURE + header() + chunk(b"tEXt", b"a\0b", length=0x7FFFFFFF) + image(rows()) + END, d, p, "a chunk beyond the end"
    yield "length-idat", SIGNATURE + header() + chunk(b"IDAT", packed, length=0x7FFFFFFF) + END, d, p, "data beyond the end"
    yield "length-palette", SIGNATURE + header(colour=3) + chunk(b"PLTE", bytes(6), length=0x7FFFFFF8) + image(rows()) + END, d, p, "a palette beyond the end"
    yield "critical", png(before=chunk(b"ABCD", b"x")), d, p, "a chunk one must know"
    yield "apple", SIGNATURE + chunk(b"CgBI", bytes(4)) + good[8:], d, p, "Apple's kind of PNG"
    yield "chunk-digits", png(before=chunk(b"1234", b"x")), d, p, "a chunk's name of digits"
    yield "chunk-nul", png(before=chunk(b"\0\0\0\0", b"x")), d, p, "a chunk's name of NUL"


def others():
    for name, data, sentence in (
            ("gif", b"GIF89a\1\0\1\0\0\0\0;", "a GIF picture"), ("webp", b"RIFF\x1a\0\0\0WEBPVP8 " + bytes(14), "a WebP picture"),
            ("bmp", b"BM" + bytes(60), "a BMP picture"), ("tiff", b"II*\0\x08\0\0\0" + bytes(20), "a TIFF picture"), ("heif", b"\0\0\0\x18ftypheic" + bytes(12), "an HEIF picture"),
            ("avif", b"\0\0\0\x1cftypavif" + bytes(16), "an AVIF picture"), ("svg", b"<svg xmlns='x'></svg>", "an SVG picture"), ("html", b"<!DOCTYPE html><p>", "an HTML page"),
            ("pdf", b"%PDF-1.7\n", "a PDF document"), ("zip", b"PK\3\4" + bytes(26), "a ZIP archive"), ("gzip", b"\x1f\x8b\x08" + bytes(15), "a gzip file"),
            ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"), ("text", "照片\n".encode(), "found text"),
            ("zeros", bytes(100), "the bytes 00"), ("byte", b"\xff", "the byte ff"), ("mng", b"\x8aMNG\r\n\x1a\n" + bytes(8), "the bytes 8a"),
            ("escape", b"\x1b[31mred\x1b[0m", "the bytes 1b")):
        yield name, data, sentence


def recipes(corpus):
    def hexed(data, times=1):
        return {"hex": data.hex(), "times": times}

    def add(name, pieces, outcome, sentence, why):
        corpus.recipe([{"name": name, "pieces": pieces}], name, "preprocess", outcome, sentence, why)
    count = 2 * blocks(10_000, 5_000)
    start = SOI + TABLES + frame(10_000, 5_000) + scan(1)
    add("limit.jpg", [hexed(start), hexed(b"\0", count // 8), hexed(bits(count % 8) + EOI)], "ok", None, "50 million grey pixels, as many as allowed")
    side = 7_000
    count = 3 * blocks(side, side)
    start = SOI + TABLES + frame(side, side, 3, 0xC2) + scan(3, end=0)
    add("progressive.jpg", [hexed(start), hexed(b"\0", count // 8), hexed(bits(count % 8) + EOI)], "tooMuchMemory", "working memory",
        "49 million pixels, progressive: coefficients of 294 MB")
    count = blocks(side, side)
    first = hexed(SOI + TABLES + huffman(0x11, symbols=b"\xe0") + frame(side, side, 1, 0xC2) + scan(1, end=0, low=13))
    # Symbol E0 is a run of 16,384 to 32,767 blocks without anything: one bit, then 14 bits of what it is more than 16,384.
    runs = -(-count // 32_767)
    sizes = [count // runs + (i < count % runs) for i in range(runs)]
    text = "".join("0" + format(size - 16_384, "014b") for size in sizes)
    text += "1" * (-len(text) % 8)
    every = bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8)).replace(b"\xff", b"\xff\0")
    scans = b"".join(scan(1, every, start=k, end=k, tables=1) for k in range(1, 64))
    add("scans.jpg", [first, hexed(b"\0", count // 8), hexed(bits(count % 8) + scans + EOI)], "tooMuchMemory", "working memory",
        "64 scans over 49 million pixels in 100 KB")
    size = 2 << 20
    add("text.png", [hexed(SIGNATURE + header() + struct.pack(">I", size) + b"tEXt"), hexed(b"a", size), hexed(struct.pack(
        ">I", zlib.crc32(b"tEXt" + b"a" * size)) + image(rows()) + END)], "ok", None, "a text of 2 MB that is not compressed")
    add("tebibyte.jpg", [hexed(SOI + b"\xff"), {"sparse": 1 << 40}], "refused", "tebibyte.jpg: ", "a tebibyte that starts like a JPEG")
    add("large.jpg", [hexed(SOI + b"\xff"), {"sparse": 300 << 20}], "refused", "large.jpg: ", "300 MB of zeros that start like a JPEG")
    add("zeros.jpg", [{"sparse": 300 << 20}], "refused", "zeros.jpg: ", "300 MB of zeros")


def add(corpus):
    for group, folder, ending in ((jpeg_good, "jpeg/ok-", "jpg"), (png_good, "png/ok-", "png")):
        for name, data, why in group():
            corpus.file(f"{folder}{name}.{ending}", data, "preprocess", "ok", None, why)
    for group, folder, ending in ((jpeg_bad, "jpeg/", "jpg"), (png_bad, "png/", "png")):
        for name, data, outcome, sentence, why in group():
            corpus.file(f"{folder}{name}.{ending}", data, "preprocess", outcome, sentence, why)
    for name, data, sentence in others():
        corpus.file(f"pictures/{name}.jpg", data, "preprocess", "notAPicture", sentence, "another kind of file")
    corpus.file("pictures/empty.jpg", b"", "preprocess", "empty", "the file is empty", "no bytes at all")
    for name in sorted(path.name for path in (HERE.parent / "images/good").iterdir()):
        corpus.case(f"../images/good/{name}", "preprocess", "ok", None, None)
    recipes(corpus)
