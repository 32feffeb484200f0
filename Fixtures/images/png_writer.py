"""A PNG writer for every colour type and depth, with Adam7, which Pillow does not write."""
import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def chunk(kind, data, crc=None):
    """One chunk; `crc` replaces the right checksum."""
    right = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(
        ">I", right if crc is None else crc)


def header(width, height, depth, colour, interlaced=False):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def pack(row, depth):
    """A row of samples as bytes."""
    if depth == 16:
        return row.astype(">u2").tobytes()
    if depth == 8:
        return row.astype(np.uint8).tobytes()
    per_byte = 8 // depth
    padded = np.zeros(-(-len(row) // per_byte) * per_byte, np.uint8)
    padded[:len(row)] = row
    result = np.zeros(len(padded) // per_byte, np.uint8)
    for i in range(per_byte):
        result |= padded[i::per_byte] << (8 - depth * (i + 1))
    return result.tobytes()


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(kind, row, before, step):
    """A row after filter `kind` (0 to 4); `step` is bytes a pixel, at least 1."""
    out = bytearray([kind])
    for i, value in enumerate(row):
        a = row[i - step] if i >= step else 0
        b = before[i]
        c = before[i - step] if i >= step else 0
        guess = (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]
        out.append((value - guess) & 255)
    return bytes(out)


def filtered_rows(samples, depth, first=0):
    """Rows of [h, w * channels] samples under filters 0 to 4 in turn."""
    channels = samples.shape[2]
    step = max(1, channels * depth // 8)
    before, out = None, b""
    for y, row in enumerate(samples.reshape(samples.shape[0], -1)):
        data = pack(row, depth)
        out += filtered((first + y) % 5, data, before or bytes(len(data)), step)
        before = data
    return out


def image_data(samples, depth, interlaced):
    if not interlaced:
        return filtered_rows(samples, depth)
    out = b""
    for index, (x, y, dx, dy) in enumerate(ADAM7):
        part = samples[y::dy, x::dx]
        if part.size:
            out += filtered_rows(part, depth, index)
    return out


def write(samples, depth, colour, interlaced=False, before=b"", after=b"", pieces=1):
    """A file of [h, w, channels] samples; `before` and `after` are chunks around IDAT."""
    height, width, channels = samples.shape
    assert channels == CHANNELS[colour] and samples.max() < 1 << depth
    data = zlib.compress(image_data(samples, depth, interlaced), 9)
    length = -(-len(data) // pieces)
    parts = [data[i:i + length] for i in range(0, len(data), length)]
    return (SIGNATURE + header(width, height, depth, colour, interlaced) + before
            + b"".join(chunk(b"IDAT", part) for part in parts) + after + chunk(b"IEND", b""))
