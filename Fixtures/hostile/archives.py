"""PyTorch archives with tricks of ZIP; see make_corpus.py.

The writer is by hand, because every field must be free to lie. Source: PKWARE APPNOTE 6.3.10.
"""
import struct
import zlib

import pickles

U32 = 0xFFFFFFFF


class Entry:
    """One file of an archive; anything in `local` or `central` replaces the right value there."""

    def __init__(self, name, data=b"", *, local=None, central=None, flags=0, method=0, before=b"", descriptor=b"", packed=None):
        self.name, self.data, self.flags, self.method = name, data, flags, method
        self.local, self.central = local or {}, central or {}
        self.before, self.descriptor = before, descriptor
        self.packed = data if packed is None else packed

    def values(self):
        name = self.name if isinstance(self.name, bytes) else self.name.encode()
        return {"name": name, "flags": self.flags, "method": self.method, "crc": zlib.crc32(self.data), "packed": len(self.packed),
                "size": len(self.data), "extra": b"", "comment": b"", "disk": 0}

    def header(self):
        v = self.values()
        if self.flags & 8:
            v |= {"crc": 0, "packed": 0, "size": 0}
        v |= self.local
        return struct.pack("<I5H3I2H", 0x04034B50, 20, v["flags"], v["method"], 0, 33, v["crc"], v["packed"], v["size"],
                           v.get("name_length", len(v["name"])), len(v["extra"])) + v["name"] + v["extra"]

    def record(self, offset):
        v = self.values() | {"offset": offset} | self.central
        return struct.pack("<I6H3I5H2I", v.get("signature", 0x02014B50), 20, 20, v["flags"], v["method"], 0, 33, v["crc"], v["packed"], v["size"],
                           len(v["name"]), len(v["extra"]), v.get("comment_length", len(v["comment"])), v["disk"], 0, 0,
                           v["offset"]) + v["name"] + v["extra"] + v["comment"]


def archive(entries, *, end=None, zip64=None, locator=None, comment=b"", before_directory=b"", before_end=b"", order=None):
    """The file; `end`, `zip64` and `locator` replace numbers of the end records."""
    data, places = b"", []
    for entry in entries:
        data += entry.before
        places.append(len(data))
        data += entry.header() + entry.packed + entry.descriptor
    data += before_directory
    start = len(data)
    records = [entry.record(place) for entry, place in zip(entries, places)]
    directory = b"".join(records[i] for i in order) if order else b"".join(records)
    data += directory + before_end
    n = {"disk": 0, "first": 0, "here": len(entries), "count": len(entries), "bytes": len(directory), "offset": start, "comment": len(comment)}
    if zip64 is not None:
        w = n | {"signature": 0x06064B50, "record": 44} | zip64
        here = len(data)
        data += struct.pack("<IQ2H2I4Q", w["signature"], w["record"], 45, 45, w["disk"], w["first"], w["here"], w["count"], w["bytes"], w["offset"])
        l = {"disk": 0, "offset": here, "disks": 1} | (locator or {})
        data += struct.pack("<2IQI", 0x07064B50, l["disk"], l["offset"], l["disks"])
    n |= end or {}
    return data + struct.pack("<I4H2IH", 0x06054B50, n["disk"], n["first"], n["here"], n["count"], n["bytes"], n["offset"], n["comment"]) + comment


VALUES = pickles.VALUES


def pickle_entry(**options):
    return Entry("archive/data.pkl", pickles.state({"w": pickles.tensor()}), **options)


def storage(**options):
    return Entry("archive/data/0", VALUES, **options)


def version(**options):
    return Entry("archive/version", b"3\n", **options)


def usual(**options):
    return archive([pickle_entry(), storage(), version()], **options)


def field(number, content):
    return struct.pack("<2H", number, len(content)) + content


def descriptor(data, crc=None, size=None, signature=b"PK\7\x08", packed=None):
    size = len(data) if size is None else size
    return signature + struct.pack("<3I", zlib.crc32(data) if crc is None else crc, size if packed is None else packed, size)


def mismatches():
    """The directory and the entry's own header disagree."""
    for name, values in (("name", {"name": b"archive/data/1"}), ("name-case", {"name": b"archive/DATA/0"}), ("name-length", {"name": b"archive/data/00"}),
                         ("size", {"size": 12}), ("packed", {"packed": 12}), ("both-sizes", {"size": 12, "packed": 12}), ("method", {"method": 8}),
                         ("flags", {"flags": 0x800}), ("encrypted", {"flags": 1}), ("crc", {"crc": 1})):
        yield "local-" + name, archive([pickle_entry(), storage(local=values), version()]), "its own header contradicts", \
            "the entry's own header says otherwise"
    p = pickle_entry().data
    yield "local-pickle-name", archive([pickle_entry(local={"name": b"archive/evil.pkl"}), storage(), version()]), \
        "its own header contradicts", "data.pkl by the directory only"
    yield "local-later-wrong", archive([pickle_entry(), storage(flags=8, local={"crc": 1}, descriptor=descriptor(VALUES))]), \
        "its own header contradicts", "bit 3, yet another checksum in front"
    yield "descriptor-crc", archive([pickle_entry(), storage(flags=8, descriptor=descriptor(VALUES, crc=1)), version()]), "data/0", \
        "the descriptor gives another checksum"
    yield "descriptor-size", archive([pickle_entry(), storage(flags=8, descriptor=descriptor(VALUES, size=12)), version()]), "data/0", \
        "the descriptor gives another size"
    yield "descriptor-garbage", archive([pickle_entry(flags=8, descriptor=b"hidden bytes!!!!"), storage(), version()]), "belong to nothing", \
        "no descriptor where one has to be"
    yield "descriptor-packed", archive([pickle_entry(), storage(flags=8, descriptor=descriptor(VALUES, packed=12)), version()]), "twice, differently", \
        "the descriptor gives another packed size"
    yield "descriptor-unpacked", archive([pickle_entry(), storage(flags=8, descriptor=descriptor(VALUES, size=12, packed=16)), version()]), \
        "twice, differently", "the descriptor gives another size unpacked"
    yield "descriptor-long", archive([pickle_entry(), storage(flags=8, descriptor=descriptor(VALUES, signature=b"") + b"\0"), version()]), \
        "13 bytes before", "a byte follows the descriptor"
    yield "local-name-beyond", archive([pickle_entry(), storage(), version(local={"name_length": 0xFFFF})]), "directory is damaged", \
        "a name that goes on beyond the file's end"
    yield "central-size", archive([pickle_entry(), storage(central={"size": 12}), version()]), "twice, differently", "stored, but two sizes"
    yield "signature", archive([pickle_entry(), storage(), version()]).replace(b"PK\3\4\x14\0\0\0\0\0\0\0!\0" + struct.pack("<I", zlib.crc32(VALUES)),
                                                                               b"PK\3\5\x14\0\0\0\0\0\0\0!\0" + struct.pack("<I", zlib.crc32(VALUES))), \
        "its own header contradicts", "an entry without its signature"
    assert len(p) > 0


def names():
    twice = "twice"
    yield "two-pickles", archive([pickle_entry(), Entry("archive/data.pkl", pickles.state({})), storage()]), "", "Python reads the last, miniz the first"
    yield "two-storages", archive([pickle_entry(), storage(), Entry("archive/data/0", bytes(16))]), twice, "two storages of one name"
    yield "two-versions", archive([pickle_entry(), storage(), version(), version()]), twice, "equal twins"
    yield "case-pickle", archive([pickle_entry(), Entry("archive/DATA.PKL", pickles.state({})), storage()]), "DATA.PKL", "miniz takes no notice of case"
    yield "case-storage", archive([pickle_entry(), storage(), Entry("archive/Data/0", bytes(16))]), "Data/0", "miniz takes no notice of case"
    yield "upper-pickle", archive([Entry("archive/DATA.PKL", pickle_entry().data), storage()]), "expected one NAME/data.pkl", "not its name"
    yield "two-folders", archive([pickle_entry(), Entry("b/data.pkl", pickle_entry().data), storage()]), "expected one NAME/data.pkl", "two checkpoints"
    yield "no-folder", archive([Entry("data.pkl", pickle_entry().data), Entry("data/0", VALUES)]), "expected one NAME/data.pkl", "data.pkl at the top"
    yield "deep-folder", archive([Entry("a/b/data.pkl", pickle_entry().data), Entry("a/b/data/0", VALUES)]), "expected one NAME/data.pkl", "two folders deep"
    yield "stranger", archive([pickle_entry(), storage(), Entry("other/file", b"x")]), "does not lie in archive/", "an entry outside the folder"
    yield "absolute", archive([pickle_entry(), storage(), Entry("/etc/passwd", b"x")]), "leads elsewhere", "an absolute name"
    yield "parent", archive([pickle_entry(), storage(), Entry("../archive/data/1", b"x")]), "leads elsewhere", "out of the folder"
    yield "parent-inside", archive([pickle_entry(), storage(), Entry("archive/../../etc/passwd", b"x")]), "leads elsewhere", "out of the folder, later"
    yield "dot-inside", archive([pickle_entry(), storage(), Entry("archive/./data/0", bytes(16))]), "leads elsewhere", "another path to data/0"
    yield "empty-name", archive([pickle_entry(), storage(), Entry("", b"x")]), "a name that is empty", "no name"
    yield "nul-name", archive([pickle_entry(), storage(), Entry("archive/data/0\0x", b"x")]), "a name that is empty", "C reads another name"
    yield "long-name", archive([pickle_entry(), storage(), Entry("archive/" + "n" * 1017, b"x")]), "too long", "1,025 bytes"
    yield "backslash-name", archive([pickle_entry(), storage(), Entry("archive\\other", b"x")]), "a name that is empty", "a folder only to Windows"
    yield "utf8-name", archive([pickle_entry(), storage(), Entry(b"archive/\xff", b"x")]), "not UTF-8", "no UTF-8"
    unicode_path = field(0x7075, b"\1" + struct.pack("<I", zlib.crc32(b"archive/other")) + b"archive/data/0")
    yield "unicode-path", archive([pickle_entry(), storage(), Entry("archive/other", bytes(16), central={"extra": unicode_path},
                                                                     local={"extra": unicode_path})]), "other", \
        "an extra field gives another name, which newer Python takes"
    yield "missing-storage", archive([pickle_entry(), version()]), "\"archive/data/0\" is missing", "the storage is not there"
    yield "missing-pickle", archive([storage(), version()]), "expected one NAME/data.pkl", "no pickle"
    yield "escape-name", archive([pickle_entry(), storage(), Entry("\x1b[31m\n", b"x")]), "does not lie in archive/", "terminal codes in a name"


def layouts():
    good = usual()
    yield "appended-byte", good + b"\0", "does not end with its directory", "a byte follows"
    yield "appended-page", good + bytes(4096), "does not end with its directory", "a page follows"
    yield "comment", usual(comment=b"hello"), "does not end with its directory", "a comment"
    yield "comment-lie", usual(end={"comment": 5}), "does not end with its directory", "a comment is announced"
    yield "comment-end", usual(comment=good[-22:]), "", "a second end record in the comment"
    yield "truncated", good[:-1], "does not end with its directory", "a byte is missing"
    yield "half", good[:len(good) // 2], "does not end with its directory", "cut in half"
    yield "signature-only", good[:4], "does not end with its directory", "the first four bytes"
    yield "start-only", good[:30], "does not end with its directory", "one header"
    yield "prepended-entry", Entry("hidden", b"x").header() + good, "", "an entry before all, not in the directory"
    yield "hidden-entry", archive([pickle_entry(), storage(before=Entry("archive/hidden", b"x").header() + b"x"), version()]), \
        "belong to nothing", "an entry that only the scan from the front sees"
    yield "gap-1", archive([pickle_entry(), storage(before=b"\0"), version()]), "belong to nothing", "a byte between entries"
    yield "gap-16", archive([pickle_entry(), storage(before=b"sixteen bytes..!"), version()]), "belong to nothing", "as long as a descriptor, but none"
    yield "gap-64", archive([pickle_entry(), storage(before=bytes(64)), version()]), "belong to nothing", "64 bytes between entries"
    yield "gap-directory", usual(before_directory=bytes(7)), "", "bytes before the directory"
    yield "gap-directory-16", usual(before_directory=b"sixteen bytes..!"), "", "as long as a descriptor, but none"
    yield "gap-end", usual(before_end=bytes(4)), "directory", "bytes after the directory"
    yield "gap-directory-end", usual(before_end=bytes(4), end={"bytes": len(good) - 22 - good.index(b"PK\1\2") + 4}), "directory is damaged", \
        "bytes in the directory that belong to no entry"
    yield "central-signature", archive([pickle_entry(), storage(central={"signature": 0x03014B50}), version()]), "directory is damaged", \
        "an entry of the directory without its signature"
    yield "central-comment-beyond", archive([pickle_entry(), storage(), version(central={"comment_length": 5})]), "directory is damaged", \
        "a comment beyond the directory"
    yield "overlap", archive([pickle_entry(), storage(), version(central={"offset": 0})]), "", "two entries in one place"
    inner = storage()
    yield "overlap-inside", archive([Entry("archive/data.pkl", pickles.state({"w": pickles.tensor()})), storage(local={"size": 66, "packed": 66},
                                     central={"size": 66, "packed": 66}), version()]), "overlaps", "an entry that reaches into the next"
    assert inner.data
    p = pickle_entry()
    quoted = archive([p, storage(central={"offset": 10}), version()])
    yield "offset-inside", quoted, "overlaps", "a header in the middle of another entry"
    yield "offset-beyond", archive([pickle_entry(), storage(central={"offset": 1 << 30}), version()]), "", "a header beyond the end"
    yield "offset-directory", archive([pickle_entry(), storage(), version(central={"offset": len(archive([pickle_entry(), storage()])) - 60})]), \
        "", "a header in the directory"
    yield "size-beyond", archive([pickle_entry(), storage(local={"size": 1 << 30, "packed": 1 << 30}, central={"size": 1 << 30, "packed": 1 << 30})]), \
        "overlaps", "an entry of a gibibyte in a tiny file"
    for name, values in (("count-less", {"count": 2, "here": 2}), ("count-more", {"count": 4, "here": 4}), ("count-0", {"count": 0, "here": 0}),
                         ("count-top", {"count": 0xFFFF, "here": 0xFFFF}), ("size-less", {"bytes": 10}), ("size-more", {"bytes": 4096}),
                         ("size-0", {"bytes": 0}), ("size-top", {"bytes": U32}), ("offset-less", {"offset": 1}), ("offset-top", {"offset": U32})):
        yield "end-" + name, usual(end=values), "directory", "the end record lies"
    for name, values in (("disk", {"disk": 1}), ("first-disk", {"first": 1}), ("here", {"here": 2})):
        yield "end-" + name, usual(end=values), "the number of entries twice" if name == "here" else "several disks", "several disks"
    yield "entry-disk", archive([pickle_entry(), storage(central={"disk": 1})]), "several disks", "an entry on another disk"


def zip64():
    yield "64-locator-offset", usual(zip64={}, locator={"offset": 0}), "does not lie where", "the locator leads elsewhere (CVE-2025-8291)"
    yield "64-locator-top", usual(zip64={}, locator={"offset": (1 << 64) - 1}), "does not lie where", "the locator leads beyond 64 bits"
    yield "64-locator-disks", usual(zip64={}, locator={"disks": 2}), "several disks", "two disks"
    yield "64-locator-disk", usual(zip64={}, locator={"disk": 1}), "several disks", "another disk"
    yield "64-signature", usual(zip64={"signature": 0x07064B50}), "does not lie where", "the record has another signature"
    yield "64-disk", usual(zip64={"disk": 1}), "several disks", "the record is on another disk"
    yield "64-first-disk", usual(zip64={"first": 1}), "several disks", "the directory is on another disk"
    for key, values in (("count", {"count": 2}), ("here", {"here": 2}), ("bytes", {"bytes": 10}), ("offset", {"offset": 1})):
        yield "64-old-" + key, usual(zip64={}, end=values), "the directory's place twice, differently", "the old end record says otherwise"
    yield "64-record", usual(zip64={"record": 45}), "does not lie where", "the record has another length"
    yield "64-count", usual(zip64={"count": 2, "here": 2}), "twice, differently", "two counts"
    yield "64-count-top", usual(zip64={"count": (1 << 64) - 1, "here": (1 << 64) - 1}, end={"count": 0xFFFF, "here": 0xFFFF}), "directory", \
        "2^64 - 1 entries"
    yield "64-count-many", usual(zip64={"count": 1 << 40, "here": 1 << 40}, end={"count": 0xFFFF, "here": 0xFFFF}), "entries", "2^40 entries"
    yield "64-here", usual(zip64={"here": 2}), "several disks", "not all here"
    yield "64-bytes", usual(zip64={"bytes": 1 << 63}, end={"bytes": U32}), "directory", "a directory of 2^63 bytes"
    yield "64-offset", usual(zip64={"offset": (1 << 63) - 1}, end={"offset": U32}), "does not lie where", "place + size overflows"
    yield "64-differs", usual(zip64={"offset": 1}), "twice, differently", "two places"
    yield "64-no-extra", archive([pickle_entry(), storage(central={"size": U32, "packed": U32})]), "directory", "sizes elsewhere, which is nowhere"
    short = field(1, struct.pack("<I", 16))
    yield "64-short-extra", archive([pickle_entry(), storage(central={"size": U32, "packed": U32, "extra": short})]), "directory", "cut short"
    huge = field(1, struct.pack("<2Q", (1 << 64) - 1, (1 << 64) - 1))
    yield "64-huge-extra", archive([pickle_entry(), storage(central={"size": U32, "packed": U32, "extra": huge})]), "", "2^64 - 1 bytes"
    broken = struct.pack("<2H", 1, 99) + bytes(16)
    yield "64-broken-extra", archive([pickle_entry(), storage(central={"size": U32, "packed": U32, "extra": broken})]), "directory", "longer than it is"


def contents():
    deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = pickle_entry().data
    packed = deflated.compress(data) + deflated.flush()
    yield "deflated-pickle", archive([pickle_entry(method=8, packed=packed), storage()]), "invalidZIP", "is compressed", "torch stores only"
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    bytes_16m = bytes(16 << 20)
    packed = bomb.compress(bytes_16m) + bomb.flush()
    yield "deflated-bomb", archive([Entry("archive/data.pkl", bytes_16m, method=8, packed=packed), storage()]), "invalidZIP", "is compressed", \
        "16 MB in 16 KB"
    yield "deflated-storage", archive([pickle_entry(), storage(method=8, packed=zlib.compress(VALUES)[2:-4]), version()]), "invalidZIP", \
        "data/0", "a storage that is compressed"
    for method in (1, 9, 12, 14, 93, 99):
        yield f"method-{method}", archive([pickle_entry(), storage(method=method)]), "invalidZIP", f"method {method}", "another method"
    for name, flags, sentence in (("encrypted", 1, "is encrypted"), ("patched", 0x20, "has flags"), ("strong", 0x41, "is encrypted"),
                                  ("masked", 0x2000, "has flags")):
        yield "flag-" + name, archive([pickle_entry(flags=flags), storage()]), "invalidZIP", sentence, "flags that torch does not set"
    yield "crc-pickle", archive([pickle_entry(local={"crc": 7}, central={"crc": 7}), storage()]), "invalidZIP", "CRC-32", "data.pkl is damaged"
    order = Entry("archive/byteorder", b"little", local={"crc": 7}, central={"crc": 7})
    yield "crc-byteorder", archive([pickle_entry(), order, storage()]), "invalidZIP", "CRC-32", "byteorder is damaged"
    for name, text in (("middle", b"middle"), ("empty", b""), ("upper", b"LITTLE"), ("line", b"little\n"), ("both", b"littlebig"), ("nul", b"big\0"),
                       ("escape", b"\x1b[31m"), ("bytes", b"\xff\xfe")):
        yield "byteorder-" + name, archive([pickle_entry(), Entry("archive/byteorder", text), storage()]), "invalidZIP", "byte order", \
            "neither little nor big"
    yield "byteorder-long", archive([pickle_entry(), Entry("archive/byteorder", b"little" * 9), storage()]), "invalidZIP", "at most 16", "too long"
    for name, size in (("empty", 0), ("short", 12), ("byte-short", 15), ("byte-long", 17), ("long", 4096)):
        yield "storage-" + name, archive([pickle_entry(), Entry("archive/data/0", bytes(size))]), "invalidTensor", "which are not 4 elements", \
            "not as long as its elements"


def fine():
    """Valid archives."""
    yield "plain", usual(), None, "as small as possible"
    yield "zip64", usual(zip64={}), None, "ZIP64 records, as torch always writes"
    yield "zip64-escapes", usual(zip64={}, end={"count": 0xFFFF, "here": 0xFFFF, "bytes": U32, "offset": U32}), None, "all numbers in ZIP64"
    d = descriptor(VALUES)
    p = pickle_entry().data
    yield "descriptors", archive([pickle_entry(flags=0x808, descriptor=descriptor(p)), storage(flags=0x808, descriptor=d)]), None, \
        "sizes after the data, as torch writes"
    wide = b"PK\7\x08" + struct.pack("<I2Q", zlib.crc32(VALUES), 16, 16)
    yield "descriptor-64", archive([pickle_entry(), storage(flags=0x808, descriptor=wide), version()]), None, "a descriptor with 64-bit sizes"
    yield "aligned", archive([pickle_entry(), storage(local={"extra": field(0x4246, b"Z" * 43)}), version()]), None, "padding in an extra field"
    sizes = field(1, struct.pack("<2Q", 16, 16))
    yield "wide-entry", archive([pickle_entry(), storage(local={"size": U32, "packed": U32, "extra": sizes},
                                                          central={"size": U32, "packed": U32, "extra": sizes})]), None, "sizes in ZIP64 fields"
    yield "directory-order", archive([pickle_entry(), storage(), version()], order=(2, 0, 1)), None, "a directory in another order"
    yield "more-entries", archive([pickle_entry(), storage(), version(), Entry("archive/.data/serialization_id", b"1" * 40),
                                   Entry("archive/.format_version", b"1"), Entry("archive/notes.txt", b"")]), None, "entries that nobody reads"
    yield "byteorder-little", archive([pickle_entry(), Entry("archive/byteorder", b"little"), storage()]), None, "said to be little-endian"
    yield "byteorder-big", archive([pickle_entry(), Entry("archive/byteorder", b"big"), storage()]), None, "big-endian"
    yield "name", archive([Entry("模型 v1.0/data.pkl", p, flags=0x800), Entry("模型 v1.0/data/0", VALUES, flags=0x800)]), None, "a folder of any name"
    yield "unused-storage", archive([pickle_entry(), storage(), Entry("archive/data/1", bytes(64))]), None, "a storage that no tensor uses"
    yield "crc-storage", archive([pickle_entry(), storage(local={"crc": 7}, central={"crc": 7})]), "invalidZIP", "damage that reading finds"


def recipes(corpus):
    """An entry of 4 GiB - 1, whose size reads like "see the ZIP64 field" where there is none."""
    def entry(local):
        extra = field(1, struct.pack("<2Q", U32, U32))
        size = {"size": U32, "packed": U32, "crc": 0}
        return Entry("archive/data/1", local=size | ({"extra": extra} if local else {}), central=size | {"extra": extra})
    for local, outcome, sentence, why in ((True, "ok", None, "an entry of 4 GiB - 1"), (False, "invalidZIP", "its own header contradicts",
                                                                                      "an entry of 4 GiB - 1 without its ZIP64 field in front")):
        entries = [pickle_entry(), storage(), entry(local)]
        front = b"".join(e.header() + e.packed for e in entries)
        directory = b"".join(e.record(place) for e, place in zip(entries, (0, front.index(b"PK\3\4", 1), front.rindex(b"PK\3\4"))))
        start = len(front) + U32
        end64 = struct.pack("<IQ2H2I4Q", 0x06064B50, 44, 45, 45, 0, 0, 3, 3, len(directory), start)
        locator = struct.pack("<2IQI", 0x07064B50, 0, start + len(directory), 1)
        end = struct.pack("<I4H2IH", 0x06054B50, 0, 0, 3, 3, len(directory), U32, 0)
        pieces = [{"hex": front.hex(), "times": 1}, {"sparse": U32}, {"hex": (directory + end64 + locator + end).hex(), "times": 1}]
        corpus.recipe([{"name": "m.bin", "pieces": pieces}], "m.bin", "inspect", outcome, sentence, why)


def add(corpus):
    for group in (mismatches, names, layouts, zip64):
        for name, data, sentence, why in group():
            corpus.file(f"zip/{name}.bin", data, "inspect", "invalidZIP", sentence, why)
    for name, data, outcome, sentence, why in contents():
        corpus.file(f"zip/{name}.bin", data, "inspect", outcome, sentence, why)
    for name, data, read, why in fine():
        corpus.file(f"zip/ok-{name}.bin", data, "inspect", "ok", None, why, read)
    recipes(corpus)
