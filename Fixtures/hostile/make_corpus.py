"""Hostile, damaged and merely odd files, and manifest.json, which says what must become of each.

    python3 Fixtures/hostile/make_corpus.py

Python 3.11, standard library only; a second run writes the same bytes. Every expectation follows from a rule (the formats' own, the
limits in docs, Formats/tcm.md), not from what the reader happens to do: where the two differ, the reader is wrong. About every fourth
file looks odd and is valid, so that refusing everything fails.

manifest.json is a list of cases:

    file      a path from this folder (a file or a folder), or
    recipe    how the test makes files that are too large to commit: "files" of {name, pieces | copy}, and the "path" to pass.
              A piece is {hex, times}, {text, from, count} (# is a running number of seven digits), {little, from, count}
              (hex, then the number as four bytes) or {sparse}, a hole of so many bytes
    command   check, preprocess or tokenize; without one, inspect
    outcome   ok, or the name of the Swift enum's case (of a wrapped error, the inner one's; ToolError where there is no enum), or
              refused: any error
    sentence  a part of the message, if there is one
    read      for checkpoints that open: the error's case when every tensor is read, if there is one
    why       what is odd; not for files of other folders: ../tcm breaks one rule a file, the rest is genuine

The modules beside this one make the files: checkpoints.py (safetensors, indexes, side files, other kinds), archives.py (ZIP), pickles.py,
pictures.py, texts.py and models.py (.tcm). Everything in the folders below is theirs and is removed first.
"""
import json
import pathlib
import shutil

import archives
import checkpoints
import models
import pickles
import pictures
import texts

HERE = pathlib.Path(__file__).resolve().parent
TOTAL_LIMIT, FILE_LIMIT = 1_600_000, 220_000


class Corpus:
    """Collects cases and writes their files."""

    def __init__(self):
        self.cases = []
        self.byte_count = 0

    def case(self, place, command, outcome, sentence, why, read=None):
        entry = dict(place) if isinstance(place, dict) else {"file": place}
        entry |= {"command": command, "outcome": outcome, "sentence": sentence, "read": read, "why": why}
        self.cases.append({key: value for key, value in entry.items() if value and (key, value) != ("command", "inspect")})

    def write(self, name, data):
        assert len(data) <= FILE_LIMIT, (name, len(data))
        path = HERE / name
        assert not path.exists(), name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.byte_count += len(data)

    def file(self, name, data, command, outcome, sentence, why, read=None):
        self.write(name, data)
        self.case(name, command, outcome, sentence, why, read)

    def folder(self, name, files, outcome, sentence, why, path="", read=None):
        """A folder of files; `path` below it is what is opened."""
        for file, data in files.items():
            self.write(f"{name}/{file}", data)
        self.case(f"{name}/{path}" if path else name, "inspect", outcome, sentence, why, read)

    def recipe(self, files, path, command, outcome, sentence, why, read=None):
        self.case({"recipe": {"files": files, "path": path}}, command, outcome, sentence, why, read)


def main():
    for folder in HERE.iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            shutil.rmtree(folder)
    corpus = Corpus()
    for module in (checkpoints, archives, pickles, models, pictures, texts):
        module.add(corpus)
    places = [json.dumps(case.get("file") or case["recipe"], sort_keys=True) for case in corpus.cases]
    assert len(set(places)) == len(places)
    rows = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in corpus.cases)
    text = "[\n" + rows + "\n]\n"
    (HERE / "manifest.json").write_text(text, "utf-8")
    assert len(text) <= FILE_LIMIT, len(text)
    assert corpus.byte_count + len(text) <= TOTAL_LIMIT, corpus.byte_count
    fine = sum(case["outcome"] == "ok" for case in corpus.cases)
    print(f"{len(corpus.cases)} cases, {fine} of them ok, {corpus.byte_count} bytes of files")


if __name__ == "__main__":
    main()
