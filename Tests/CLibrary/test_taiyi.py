"""The Python module and the C library behind it, against the tools. Called by .ci/c-library with

    TAIYI_LIBRARY, TAIYI_TOOLS (a folder with taiyi), TAIYI_MODEL, TAIYI_BANK (of that model), TAIYI_LABELS, TAIYI_TEMPLATES
"""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Sources/TaiyiPython"))
import taiyi  # noqa: E402

MODEL, BANK = os.environ["TAIYI_MODEL"], os.environ["TAIYI_BANK"]
PICTURES = [str(ROOT / "Fixtures/demo" / name) for name in ("cat.jpg", "circle.png", "street.jpg", "sunset.png")]
TEXTS = ["一只猫", "", "红色的圆", "一张城市街道的照片" * 20]


def tool(*arguments):
    run = subprocess.run([os.environ["TAIYI_TOOLS"] + "/taiyi", *arguments], capture_output=True, check=True)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = taiyi.Model(MODEL, threads=2)

    def expected(self, *arguments):
        return np.array([row["embedding"] for row in tool("embed", "--model", MODEL, *arguments)], np.float32)

    def test_facts(self):
        facts = json.loads(subprocess.run([os.environ["TAIYI_TOOLS"] + "/taiyi", "info", "--json", "--model", MODEL],
                                          capture_output=True, check=True).stdout)
        self.assertEqual(self.model.identity, facts["identity"])
        self.assertEqual(self.model.embedding_width, facts["embedding_width"])
        self.assertEqual(self.model.context_length, facts["text"]["context_length"])
        self.assertEqual(self.model.image_size, facts["image"]["image_size"])
        self.assertEqual(np.float32(self.model.logit_scale), np.float32(facts["logit_scale"]))
        self.assertTrue(self.model.has_text and self.model.has_image and self.model.is_quantized)

    def test_texts(self):
        arguments = [word for text in TEXTS for word in ("--text", text)]
        np.testing.assert_array_equal(self.model.embed_texts(TEXTS), self.expected(*arguments))
        np.testing.assert_array_equal(self.model.embed_texts(TEXTS, padded=False), self.expected(*arguments, "--text-padding", "none"))
        np.testing.assert_array_equal(self.model.embed_texts(TEXTS, normalize=False), self.expected(*arguments, "--no-normalize"))
        self.assertEqual(self.model.embed_texts([]).shape, (0, self.model.embedding_width))

    def test_pictures(self):
        expected = self.expected(*[word for path in PICTURES for word in ("--image", path)])
        np.testing.assert_array_equal(self.model.embed_images(PICTURES), expected)
        encoded = [pathlib.Path(path).read_bytes() for path in PICTURES]
        np.testing.assert_array_equal(self.model.embed_images(encoded), expected)
        # More than are encoded at a time.
        np.testing.assert_array_equal(self.model.embed_images(PICTURES * 5), np.tile(expected, (5, 1)))

    def test_pixels(self):
        size = self.model.image_size
        rng = np.random.default_rng(1)
        picture = rng.integers(0, 256, (size, size, 3), np.uint8)
        plain = self.model.embed_images([picture])
        # Rows that lie apart are the same picture.
        wide = np.zeros((size, size + 7, 3), np.uint8)
        wide[:, :size] = picture
        item = taiyi._Pixels(wide.ctypes.data, size, size, wide.strides[0])
        apart = self.model._session._rows("embed_pixels", (taiyi._Pixels * 1)(item), 1)
        np.testing.assert_array_equal(apart, plain)
        # The input of a picture of the tower's own size is a PNG of it, too.
        import struct
        import zlib
        raw = b"".join(b"\0" + row.tobytes() for row in picture)
        chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # noqa: E731
        png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) + chunk(
            b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
        np.testing.assert_array_equal(self.model.embed_images([png]), plain)

    def test_classification(self):
        bank = taiyi.LabelBank(BANK)
        labels = pathlib.Path(os.environ["TAIYI_LABELS"]).read_text("utf-8").split("\n")[:-1]
        templates = pathlib.Path(os.environ["TAIYI_TEMPLATES"]).read_text("utf-8").split("\n")[:-1]
        self.assertEqual(bank.labels, labels)
        np.testing.assert_array_equal(self.model.embed_labels(labels, templates), bank.embeddings)
        for path, embedding in zip(PICTURES, self.model.embed_images(PICTURES)):
            row = tool("classify", "--json", "--top", "1000", "--model", MODEL, "--bank", BANK, path)[0]["labels"]
            probabilities = self.model.probabilities(embedding, bank.embeddings)
            cosines = self.model.cosines(embedding, bank.embeddings)
            for found in row:
                place = labels.index(found["label"])
                self.assertEqual(probabilities[place], np.float32(found["probability"]))
                self.assertEqual(cosines[place], np.float32(found["cosine"]))

    def test_same_bits(self):
        expected = self.model.embed_texts(TEXTS)
        for options in ({"maximum_memory": 64 << 20}, {"threads": 1}, {"threads": 3}, {"instruction_set": "scalar"}):
            np.testing.assert_array_equal(self.model.session(**options).embed_texts(TEXTS), expected)

    def test_sessions_at_once(self):
        expected = self.model.embed_texts(TEXTS)
        found = [None] * 4

        def run(place):
            session = self.model.session(threads=2)
            for _ in range(3):
                found[place] = session.embed_texts(TEXTS)

        threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for rows in found:
            np.testing.assert_array_equal(rows, expected)

    def test_fork(self):
        expected = self.model.embed_texts(TEXTS)
        session = self.model.session(threads=2)
        session.embed_texts(TEXTS)
        time.sleep(0.2)  # until its threads sleep
        child = os.fork()
        if child == 0:
            signal.alarm(60)
            taiyi._library.taiyi_session_close(session._handle)
            inherited = np.array_equal(self.model.embed_texts(TEXTS), expected)
            fresh = np.array_equal(self.model.session(threads=2).embed_texts(TEXTS), expected)
            os._exit(0 if inherited and fresh else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        np.testing.assert_array_equal(self.model.embed_texts(TEXTS), expected)

    def opened(self, data, size=None, offset=0):
        """Opens bytes that lie `offset` bytes behind a multiple of 64; the model, and the memory it lies in."""
        buffer = ctypes.create_string_buffer(len(data) + 128)
        start = -ctypes.addressof(buffer) % 64 + offset
        ctypes.memmove(ctypes.addressof(buffer) + start, data, len(data))
        handle = ctypes.c_void_p()
        open_memory = taiyi._library.taiyi_model_open_memory
        open_memory.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p),
                                ctypes.POINTER(taiyi._Error)]
        taiyi._call("model_open_memory", ctypes.addressof(buffer) + start, len(data) if size is None else size, b"here",
                    ctypes.byref(handle))
        return handle, buffer

    def test_memory(self):
        data = pathlib.Path(MODEL).read_bytes()
        handle, buffer = self.opened(data)
        model = taiyi.Model.__new__(taiyi.Model)
        model._handle, model.embedding_width = handle, self.model.embedding_width
        session = taiyi.Session(model, threads=2)
        np.testing.assert_array_equal(session.embed_texts(TEXTS), self.model.embed_texts(TEXTS))
        np.testing.assert_array_equal(session.embed_images(PICTURES), self.model.embed_images(PICTURES))
        del session, model, buffer
        for status, words, arguments in [(1, "not aligned to 64", (data, None, 4)), (3, "here: ", (data[:-1],)), (3, "here: ", (data, 0)),
                                         (3, "at least 64 bytes", (data, 63)), (1, "bytes", (data, 2**64 - 1))]:
            with self.subTest(words=words), self.assertRaises(taiyi.TaiyiError) as caught:
                self.opened(*arguments)
            self.assertEqual(caught.exception.status, status, caught.exception)
            self.assertIn(words, str(caught.exception))

    def test_sizes_of_structs(self):
        handle = ctypes.c_void_p()
        facts = taiyi._Facts(size=ctypes.sizeof(taiyi._Facts) - 1)
        error = taiyi._Error(size=ctypes.sizeof(taiyi._Error))
        library, model = taiyi._library, self.model._handle
        self.assertEqual(library.taiyi_model_facts(model, ctypes.byref(facts), ctypes.byref(error)), 1)
        self.assertIn(b"taiyi_facts", error.message)
        options = taiyi._Options(size=8)
        self.assertEqual(library.taiyi_session_open(model, ctypes.byref(options), ctypes.byref(handle), ctypes.byref(error)), 1)
        self.assertIn(b"taiyi_session_options has a size of 8", error.message)
        self.assertIsNone(handle.value)
        options = taiyi._Options(size=ctypes.sizeof(taiyi._Options), reserved=1)
        self.assertEqual(library.taiyi_session_open(model, ctypes.byref(options), ctypes.byref(handle), None), 1)
        small = taiyi._Error(size=8)
        self.assertEqual(library.taiyi_model_open(b"/nowhere", ctypes.byref(handle), ctypes.byref(small)), 1)
        self.assertEqual(small.message, b"")
        # Nothing is touched where there is nothing.
        self.assertEqual(library.taiyi_model_open(None, ctypes.byref(handle), None), 1)
        self.assertEqual(library.taiyi_embed_texts(None, None, 1, 0, None, None), 1)
        for close in ("model", "session", "bank"):
            getattr(library, f"taiyi_{close}_close")(None)

    def endless(self):
        data = pathlib.Path(PICTURES[0]).read_bytes()
        items = (taiyi._Bytes * 2)(taiyi._Bytes(data, len(data)), taiyi._Bytes(data, 2**64 - 1))
        self.model._session._rows("embed_images", items, 2)

    def test_failures(self):
        cases = [
            (2, None, "cannot open", lambda: taiyi.Model("/nowhere.tcm")),
            (4, 1, "not a picture", lambda: self.model.embed_images([PICTURES[0], MODEL])),
            (2, 1, "cannot open", lambda: self.model.embed_images([PICTURES[0], "/nowhere.jpg"])),
            (4, 0, "", lambda: self.model.embed_images([b"\xff\xd8\xff"])),
            (5, None, "does not run", lambda: self.model.session(instruction_set="mmx")),
            (1, None, "threads", lambda: self.model.session(threads=-1)),
            (1, None, "threads", lambda: self.model.session(threads=1025)),
            (6, None, "allowed are 1000000", lambda: self.model.session(maximum_memory=1_000_000)),
            (1, 1, "a size beyond", self.endless),
            (1, None, "template 0", lambda: self.model.embed_labels(["a"], ["b"])),
            (4, 0, "pixels", lambda: self.model.session(maximum_pixels=10).embed_images(PICTURES)),
            (5, None, "expected a label bank", lambda: taiyi.LabelBank(MODEL)),
            (5, None, "expected a model", lambda: taiyi.Model(BANK)),
        ]
        for status, item, words, call in cases:
            with self.subTest(words=words), self.assertRaises(taiyi.TaiyiError) as caught:
                call()
            self.assertEqual((caught.exception.status, caught.exception.item), (status, item), caught.exception)
            self.assertIn(words, str(caught.exception))
        # What failed leaves a session that works.
        self.assertEqual(self.model.embed_images(PICTURES).shape[0], 4)


if __name__ == "__main__":
    unittest.main()
