"""Chinese CLIP models from .tcm files: libtaiyi.so through ctypes, with numpy arrays.

    import taiyi
    model = taiyi.Model("model.tcm")
    texts = model.embed_texts(["一只猫", "一只狗"])
    images = model.embed_images(["cat.jpg"])
    print(model.probabilities(images[0], texts))

One file, the standard library and numpy. The library is looked for in TAIYI_LIBRARY, beside this file, and where the system
looks. A Model and its Sessions may be shared by threads as taiyi.h says: a Session by one at a time.
"""
import ctypes
import ctypes.util
import os
import pathlib

import numpy as np

ABI_VERSION = 1
RAW, UNPADDED = 1, 2


class TaiyiError(Exception):
    """What the library said; `status` is a taiyi_status, `item` the text or picture at fault, or None."""

    def __init__(self, status, message, item=None):
        super().__init__(message)
        self.status, self.item = status, item


class _Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("status", ctypes.c_int32), ("reserved", ctypes.c_int32), ("item", ctypes.c_int64),
                ("message", ctypes.c_char * 1000)]


class _Facts(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("embedding_width", ctypes.c_int32), ("has_text", ctypes.c_int32),
                ("has_image", ctypes.c_int32), ("context_length", ctypes.c_int32), ("image_size", ctypes.c_int32),
                ("is_quantized", ctypes.c_int32), ("logit_scale", ctypes.c_float), ("numerics_version", ctypes.c_int32),
                ("identity", ctypes.c_uint8 * 32)]


class _Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("threads", ctypes.c_int32), ("reserved", ctypes.c_int32),
                ("instruction_set", ctypes.c_char_p), ("maximum_pixels", ctypes.c_int64), ("maximum_memory", ctypes.c_int64)]


class _Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class _Pixels(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("width", ctypes.c_int32), ("height", ctypes.c_int32), ("stride", ctypes.c_size_t)]


def _load():
    here = pathlib.Path(__file__).resolve().parent / "libtaiyi.so"
    name = os.environ.get("TAIYI_LIBRARY") or (str(here) if here.exists() else ctypes.util.find_library("taiyi"))
    if not name:
        raise ImportError("libtaiyi.so was not found; set TAIYI_LIBRARY to its path")
    library = ctypes.CDLL(name)
    found = library.taiyi_abi_version()
    if found != ABI_VERSION:
        raise ImportError(f"{name}: ABI version {found}, expected {ABI_VERSION}")
    pointer, size, error = ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(_Error)
    strings, flags = ctypes.POINTER(ctypes.c_char_p), ctypes.c_uint32
    for function, arguments in {
        "model_open": [ctypes.c_char_p, ctypes.POINTER(pointer), error],
        "model_facts": [pointer, ctypes.POINTER(_Facts), error],
        "session_open": [pointer, ctypes.POINTER(_Options), ctypes.POINTER(pointer), error],
        "embed_texts": [pointer, strings, size, flags, pointer, error],
        "embed_labels": [pointer, strings, size, strings, size, flags, pointer, error],
        "embed_image_files": [pointer, strings, size, flags, pointer, error],
        "embed_images": [pointer, ctypes.POINTER(_Bytes), size, flags, pointer, error],
        "embed_pixels": [pointer, ctypes.POINTER(_Pixels), size, flags, pointer, error],
        "classify": [pointer, pointer, pointer, size, pointer, pointer, error],
        "bank_open": [ctypes.c_char_p, ctypes.POINTER(pointer), error],
        "bank_label": [pointer, size, ctypes.c_char_p, size],
    }.items():
        getattr(library, "taiyi_" + function).argtypes = arguments
    for function in ("model_close", "session_close", "bank_close", "bank_count", "bank_width", "bank_embeddings", "session_threads",
                     "session_instruction_set"):
        getattr(library, "taiyi_" + function).argtypes = [pointer]
    library.taiyi_bank_label.restype = library.taiyi_bank_count.restype = size
    library.taiyi_bank_embeddings.restype = ctypes.POINTER(ctypes.c_float)
    library.taiyi_session_instruction_set.restype = ctypes.c_char_p
    return library


_library = _load()


def _call(name, *arguments):
    error = _Error(size=ctypes.sizeof(_Error))
    status = getattr(_library, "taiyi_" + name)(*arguments, ctypes.byref(error))
    if status:
        message = error.message.decode("utf-8", "replace") or f"taiyi_{name} failed with status {status}"
        raise TaiyiError(status, message, error.item if error.item >= 0 else None)


def _strings(texts):
    encoded = [text if isinstance(text, bytes) else text.encode() for text in texts]
    for place, text in enumerate(encoded):
        if b"\0" in text:
            raise ValueError(f"text {place} holds a NUL character")
    return (ctypes.c_char_p * len(encoded))(*encoded), len(encoded)


class Session:
    """What runs a model: working memory and threads, for one thread at a time."""

    def __init__(self, model, threads=0, instruction_set=None, maximum_pixels=0, maximum_memory=0):
        self._handle = ctypes.c_void_p()
        self.model = model
        name = instruction_set.encode() if instruction_set else None
        options = _Options(ctypes.sizeof(_Options), threads, 0, name, maximum_pixels, maximum_memory)
        _call("session_open", model._handle, ctypes.byref(options), ctypes.byref(self._handle))

    def __del__(self):
        if getattr(self, "_handle", None):
            _library.taiyi_session_close(self._handle)

    @property
    def threads(self):
        return _library.taiyi_session_threads(self._handle)

    @property
    def instruction_set(self):
        return _library.taiyi_session_instruction_set(self._handle).decode()

    def _rows(self, function, items, count, *between, flags=0):
        rows = np.empty((count, self.model.embedding_width), np.float32)
        _call(function, self._handle, items, count, *between, flags, rows.ctypes.data)
        return rows

    def embed_texts(self, texts, normalize=True, padded=True):
        """Embeddings [len(texts), embedding_width] of strings."""
        items, count = _strings(texts)
        return self._rows("embed_texts", items, count, flags=(0 if normalize else RAW) | (0 if padded else UNPADDED))

    def embed_labels(self, labels, templates=()):
        """Embeddings of labels, averaged over templates with "{}" where the label goes."""
        items, count = _strings(labels)
        more, more_count = _strings(templates)
        return self._rows("embed_labels", items, count, more, more_count)

    def embed_images(self, images, normalize=True):
        """Embeddings of pictures: paths, encoded bytes, or arrays [height, width, 3] of uint8 in RGB, all of one kind."""
        images, flags = list(images), 0 if normalize else RAW
        if all(isinstance(image, (bytes, bytearray)) for image in images):
            kept = [bytes(image) for image in images]
            items = (_Bytes * len(kept))(*[_Bytes(image, len(image)) for image in kept])
            return self._rows("embed_images", items, len(kept), flags=flags)
        if all(isinstance(image, np.ndarray) for image in images):
            kept = [np.ascontiguousarray(image) for image in images]
            for image in kept:
                if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                    raise ValueError(f"expected uint8 [height, width, 3], found {image.dtype} {list(image.shape)}")
            items = (_Pixels * len(kept))(*[_Pixels(i.ctypes.data, i.shape[1], i.shape[0], 0) for i in kept])
            return self._rows("embed_pixels", items, len(kept), flags=flags)
        items, count = _strings(os.fsencode(image) for image in images)
        return self._rows("embed_image_files", items, count, flags=flags)


class Model:
    """An open .tcm file. Its own methods use one Session; start more for more threads."""

    def __init__(self, path, **session_options):
        self._handle = ctypes.c_void_p()
        _call("model_open", os.fsencode(path), ctypes.byref(self._handle))
        facts = _Facts(size=ctypes.sizeof(_Facts))
        _call("model_facts", self._handle, ctypes.byref(facts))
        for name in ("embedding_width", "context_length", "image_size", "logit_scale", "numerics_version"):
            setattr(self, name, getattr(facts, name))
        self.has_text, self.has_image = bool(facts.has_text), bool(facts.has_image)
        self.is_quantized, self.identity = bool(facts.is_quantized), bytes(facts.identity).hex()
        session = Session.__new__(Session)
        Session.__init__(session, self, **session_options)
        session.model = _Width(self.embedding_width)  # no cycle, so that closing needs no collector
        self._session = session
        self.embed_texts, self.embed_labels = session.embed_texts, session.embed_labels
        self.embed_images = session.embed_images

    def __del__(self):
        if getattr(self, "_handle", None):
            _library.taiyi_model_close(self._handle)

    def session(self, **options):
        """Another session."""
        return Session(self, **options)

    def probabilities(self, embedding, labels):
        """The softmax of logit scale times cosine of one embedding with labels' embeddings."""
        return self._classify(embedding, labels)[1]

    def cosines(self, embedding, labels):
        """The cosines of one embedding with labels' embeddings."""
        return self._classify(embedding, labels)[0]

    def _classify(self, embedding, labels):
        embedding = np.ascontiguousarray(embedding, np.float32)
        labels = np.ascontiguousarray(labels, np.float32)
        width = self.embedding_width
        if embedding.shape != (width,) or labels.ndim != 2 or labels.shape[1] != width:
            raise ValueError(f"expected [{width}] and [labels, {width}], found {embedding.shape} and {labels.shape}")
        cosines, probabilities = np.empty(len(labels), np.float32), np.empty(len(labels), np.float32)
        _call("classify", self._handle, embedding.ctypes.data, labels.ctypes.data, len(labels), cosines.ctypes.data,
              probabilities.ctypes.data)
        return cosines, probabilities


class _Width:
    def __init__(self, embedding_width):
        self.embedding_width = embedding_width


class LabelBank:
    """Class names and their embeddings, as `taiyi-convert labels` stores them."""

    def __init__(self, path):
        handle = ctypes.c_void_p()
        _call("bank_open", os.fsencode(path), ctypes.byref(handle))
        try:
            count, width = _library.taiyi_bank_count(handle), _library.taiyi_bank_width(handle)
            self.labels = []
            for place in range(count):
                size = _library.taiyi_bank_label(handle, place, None, 0)
                buffer = ctypes.create_string_buffer(size + 1)
                _library.taiyi_bank_label(handle, place, buffer, size + 1)
                self.labels.append(buffer.value.decode())
            rows = _library.taiyi_bank_embeddings(handle)
            self.embeddings = np.ctypeslib.as_array(rows, (count, width)).copy()
        finally:
            _library.taiyi_bank_close(handle)
