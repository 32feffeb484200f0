"""Gives every refusal of the parsers a switch, in a copy of the sources: see .ci/guards."""
import re

LIBRARIES = ("Checkpoints", "Notation", "TCMFormat", "Tokenization", "ImageInput", "TensorCore")
C_FILES = ("codecs.c", "jpeg.c", "png_read.c")
# Conditions that look like refusals: how text is normalised and looked up, and what is written.
ANSWERS = (
    "Tokenization/CanonicalMappings.swift", "Tokenization/EncodingPass.swift", "Tokenization/WhitespaceWord.swift",
    "ImageInput/PNGEncoder.swift",
)
# Conditions that have a name: functions whose last expression, and variables whose value, is what a refusal asks for.
NAMED = ("isName", "isPlainFileName", "isUsable")
# What no file and no failing call leads to, with the reason; they are listed, but have no switch.
UNREACHABLE = {
    ("CImageCodecs/jpeg.c", "decoder->data_precision != 8"): "libjpeg-turbo 2 refuses by itself, 3 does not",
    ("CImageCodecs/png_read.c", "png_get_rowbytes(png, info) != row_bytes"): "holds unless libpng changes",
}
# A condition asks only when it is about to refuse.
SWIFT_SWITCH = """internal import Glibc

enum GuardSwitch {
  private static let chosen = unsafe getenv("TAIYI_GUARD_OFF").map { unsafe String(cString: $0) }
  private static let log = unsafe getenv("TAIYI_GUARD_LOG").map {
    unsafe open($0, O_WRONLY | O_APPEND | O_CLOEXEC)
  }

  /// Whether the guard that is about to refuse is switched off.
  static func off(_ id: StaticString) -> Bool {
    if let log {
      let line = "\\(id)\\n"
      _ = unsafe line.withCString { unsafe write(log, $0, strlen($0)) }
    }
    return chosen.map { $0 == "\\(id)" } ?? false
  }

  static func on(_ id: StaticString) -> Bool { !off(id) }
}
"""
C_SWITCH = """#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int guard_on(const char *id) {
  const char *chosen = getenv("TAIYI_GUARD_OFF"), *path = getenv("TAIYI_GUARD_LOG");
  if (path != NULL) {
    const int log = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    char line[256];
    const size_t count = strlen(id);
    memcpy(line, id, count);
    line[count] = 10;
    if (write(log, line, count + 1) < 0) abort();
    close(log);
  }
  return chosen == NULL || strcmp(chosen, id) != 0;
}
"""
OPEN, CLOSE = "([{", ")]}"


def code_mask(text, swift):
    """`text` with comments and strings blanked, so that what is left is code; as long as the original."""
    out = list(text)

    def blank(start, end):
        for place in range(start, end):
            if out[place] != "\n":
                out[place] = " "

    def string(at):
        """The end of the string literal that begins at `at`."""
        if text.startswith('"""', at):
            quote, at = '"""', at + 3
        else:
            quote, at = '"', at + 1
        while not text.startswith(quote, at):
            if at >= len(text) or (quote == '"' and text[at] == "\n"):
                raise ValueError("a string without an end")
            if swift and text.startswith("\\(", at):
                depth, at = 1, at + 2
                while depth:
                    if text[at] == '"':
                        at = string(at)
                        continue
                    depth += (text[at] == "(") - (text[at] == ")")
                    at += 1
            else:
                at += 2 if text[at] == "\\" else 1
        return at + len(quote)

    at = 0
    while at < len(text):
        start = at
        if text.startswith("//", at):
            at = text.find("\n", at)
            at = len(text) if at < 0 else at
        elif text.startswith("/*", at):
            depth, at = 1, at + 2
            while depth:
                if text.startswith("*/", at):
                    depth, at = depth - 1, at + 2
                elif swift and text.startswith("/*", at):
                    depth, at = depth + 1, at + 2
                else:
                    at += 1
        elif text[at] == '"':
            if swift and at and text[at - 1] == "#":
                raise ValueError("raw strings are not known here")
            at = string(at)
            # The quotes stay: a place that holds a string is not empty.
            blank(start + 1, at - 1)
            continue
        elif not swift and text[at] == "'":
            at = text.index("'", at + (3 if text[at + 1] == "\\" else 2)) + 1
        else:
            at += 1
            continue
        blank(start, at)
    return "".join(out)


def closing(mask, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(mask)):
        depth += (mask[place] in OPEN) - (mask[place] in CLOSE)
        if depth == 0:
            return place
    raise ValueError("a bracket without its other half")


def split(mask, start, end, separator):
    """Where `separator` stands between brackets of depth 0 in a range: the ranges between."""
    parts, depth, begin, at = [], 0, start, start
    while at < end:
        depth += (mask[at] in OPEN) - (mask[at] in CLOSE)
        if depth == 0 and mask.startswith(separator, at):
            parts.append((begin, at))
            at += len(separator)
            begin = at
        else:
            at += 1
    return parts + [(begin, end)]


def names(mask):
    """For each place the innermost function, initialiser, subscript or computed property it lies in."""
    head = re.compile(r"\b(?:func\s+([\w`]+)|(init)\b\??|(subscript)\b|(deinit)\b|(?:var|let)\s+(\w+)\s*:[^={\n]*(?=\{))")
    places = []
    for match in head.finditer(mask):
        if match.group(2) and mask[match.start() - 1] in ".":
            continue
        at, depth = match.end(), 0
        while at < len(mask) and (depth or mask[at] not in "{}"):
            if depth == 0 and mask[at] == "\n" and match.group(5):
                break
            depth += (mask[at] in "([") - (mask[at] in ")]")
            at += 1
        if at < len(mask) and mask[at] == "{":
            places.append((at, closing(mask, at), next(filter(None, match.groups()))))
    return lambda at: next((n for b, e, n in reversed(places) if b < at < e), "file")


class Rewriter:
    """The edits of one file, and what it says about it."""

    def __init__(self, name, text, swift):
        self.name, self.text, self.swift = name, text, swift
        self.mask = code_mask(text, swift)
        self.edits = []
        self.guards = []
        self.unhandled = []
        self.covered = []
        self.counts = {}
        self.function = names(self.mask) if swift else self.c_function

    def c_function(self, at):
        heads = re.finditer(r"^[a-z_][\w \*]*?(\w+)\([^;{]*\)\s*\{", self.mask, re.M)
        return next((h.group(1) for h in reversed(list(heads)) if h.start() < at), "file")

    def line(self, at):
        return self.text.count("\n", 0, at) + 1

    def id(self, at, start, end):
        """The id of a guard, or `None` if nothing can lead to it."""
        source = " ".join(self.text[start:end].split())
        if (self.name, source) in UNREACHABLE:
            self.unhandled.append((f"{self.name}:{self.line(start)}", "unreachable: " + UNREACHABLE[self.name, source], source))
            return None
        function = self.function(at)
        self.counts[function] = self.counts.get(function, 0) + 1
        number = f"{self.name}:{function}#{self.counts[function]}"
        self.guards.append((number, self.line(start), source))
        return number

    def trimmed(self, start, end):
        while start < end and self.mask[start] in " \n":
            start += 1
        while end > start and self.mask[end - 1] in " \n":
            end -= 1
        return start, end

    def put(self, start, end, before, after):
        """Nested edits keep their order: those that open at one place run outside in."""
        self.edits.append((start, 1, len(self.edits), before))
        self.edits.append((end, 0, -len(self.edits), after))

    def operands(self, start, end, operator):
        """The operands of a top-level && or ||, or the whole: what binds looser keeps them together."""
        loose = ["?:", "??"] if operator == "&&" else ["?:"]
        code = self.mask[start:end]
        if operator == "&&" and len(split(self.mask, start, end, "||")) > 1:
            return [(start, end)]
        if "?:" in loose and re.search(r"\s\?\s", code):
            return [(start, end)]
        if re.match(r"\s*(try|await)\b", code):
            return [(start, end)]
        return split(self.mask, start, end, operator)

    def is_binding(self, start, end):
        return re.match(r"\s*(let|var|case)\b", self.mask[start:end]) is not None

    def refuses(self, start, end):
        """Whether a body ends in a refusal, which is all it is for."""
        body = self.mask[start:end]
        flat, depth = [], 0
        for character in body:
            depth -= character in CLOSE
            flat.append(character if depth == 0 else " ")
            depth += character in OPEN
        flat = "".join(flat)
        if self.swift:
            return bool(re.search(r"\bthrow\b|\breturn (nil|false)\b|^\s*problem = ", flat))
        refusal = r"\breturn (0|IC_(?!OK)\w+|unsupported)\b|\bstatus = IC_(?!OK)|\b(png_error|fail|longjmp|goto)\b"
        return bool(re.search(refusal, flat))

    # Swift

    def guard(self, at):
        at += len("guard")
        depth, place = 0, at
        while depth or not re.match(r"(?<!\w)else\b", self.mask[place:place + 5]) or self.mask[place - 1].isalnum():
            depth += (self.mask[place] in OPEN) - (self.mask[place] in CLOSE)
            place += 1
        body = self.mask.index("{", place)
        end = closing(self.mask, body)
        if not self.refuses(body + 1, end):
            return
        self.covered.append((body, end))
        for start, stop in split(self.mask, at, place, ","):
            if self.is_binding(start, stop):
                continue
            for left, right in self.operands(start, stop, "&&"):
                left, right = self.trimmed(left, right)
                self.put(left, right, "((", f') || GuardSwitch.off("{self.id(at, left, right)}"))')

    def condition(self, at, stop, body):
        """`if`, `where`: a list of clauses before a body that refuses."""
        end = closing(self.mask, body)
        if not self.refuses(body + 1, end):
            return
        self.covered.append((body, end))
        # !(A && B) is two guards.
        left, right = self.trimmed(at, stop)
        if self.mask.startswith("!(", left) and closing(self.mask, left + 1) == right - 1 and self.all_of(left + 2, right - 1) > 1:
            return
        for start, right in split(self.mask, at, stop, ","):
            parts = [] if self.is_binding(start, right) else self.operands(start, right, "||")
            if len(parts) > 1:
                for left, last in parts:
                    left, last = self.trimmed(left, last)
                    self.put(left, last, "((", f') && GuardSwitch.on("{self.id(at, left, last)}"))')
                return
        left, right = self.trimmed(at, stop)
        number = self.id(at, left, right)
        if self.mask[at - 5:at] == "where":
            self.put(left, right, "(", f') && GuardSwitch.on("{number}")')
        else:
            self.put(left, right, "", f', GuardSwitch.on("{number}")')

    def all_of(self, start, end):
        """Gives each operand of && a switch, if there are several; returns how many there are."""
        operands = self.operands(start, end, "&&")
        if len(operands) > 1:
            for left, right in operands:
                left, right = self.trimmed(left, right)
                self.put(left, right, "((", f') || GuardSwitch.off("{self.id(left, left, right)}"))')
        return len(operands)

    def named(self, name):
        """A condition with a name, if it is here."""
        for match in re.finditer(rf"\bfunc {name}\b", self.mask):
            body = self.mask.index("{", closing(self.mask, self.mask.index("(", match.end())))
            end = closing(self.mask, body)
            last = self.mask.rfind("\n  return ", body, end)
            self.all_of(body + 1 if last < 0 else last + len("\n  return "), end)
        for match in re.finditer(rf"\blet {name} =", self.mask):
            self.all_of(match.end(), re.compile(r"\n\s*if\b").search(self.mask, match.end()).start())

    def body_of(self, at):
        """The brace that opens the body after a condition that begins at `at`."""
        depth = 0
        for place in range(at, len(self.mask)):
            if depth == 0 and self.mask[place] == "{":
                return place
            depth += (self.mask[place] in OPEN) - (self.mask[place] in CLOSE)
        raise ValueError("a condition without a body")

    def run_swift(self):
        for match in re.finditer(r"(?<![\w.])(guard|if|for)\b(?!:)", self.mask):
            at = match.end()
            if match.group() == "guard":
                self.guard(match.start())
                continue
            body = self.body_of(at)
            if match.group() == "if":
                self.condition(at, body, body)
            else:
                where = re.search(r"\bwhere\b", self.mask[at:body])
                if where:
                    self.condition(at + where.end(), body, body)
        for name in NAMED:
            self.named(name)
        for match in re.finditer(r"\bthrow\b", self.mask):
            if not any(start < match.start() < end for start, end in self.covered):
                self.report(match.start(), self.why(match.start()))
        for match in re.finditer(r"\breturn ([^\n{}]+?) \? ([^\n]+?) : ([^\n]+)", self.mask):
            if match.group(2) == "nil":
                number = self.id(match.start(), *match.span(1))
                self.put(*match.span(1), "((", f') && GuardSwitch.on("{number}"))')
            elif match.group(3) == "nil":
                number = self.id(match.start(), *match.span(1))
                self.put(*match.span(1), "((", f') || GuardSwitch.off("{number}"))')

    def why(self, at):
        before = self.mask[max(0, at - 400):at]
        if re.search(r"catch\b[^{}]*\{[^{}]*$", before):
            return "passes an error on"
        if re.search(r"(default|case [^:]*):[^:]*$", before):
            return "a case of a switch"
        if re.search(r"\belse\s*\{[^{}]*$", before):
            return "an else"
        return "no condition"

    def report(self, at, why):
        start = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        self.unhandled.append((f"{self.name}:{self.line(at)}", why, self.text[start:end].strip()))

    # C

    def run_c(self):
        for match in re.finditer(r"\bif \(", self.mask):
            left = match.end() - 1
            right = closing(self.mask, left)
            after = re.compile(r"\s*").match(self.mask, right + 1).end()
            if self.mask[after] == "{":
                body, end = after + 1, closing(self.mask, after)
            else:
                body, end = after, self.mask.index(";", after)
            if "setjmp" in self.mask[left:right] or not self.refuses(body, end):
                continue
            parts = self.operands(left + 1, right, "||")
            for start, stop in parts:
                start, stop = self.trimmed(start, stop)
                number = self.id(left, start, stop)
                if number:
                    self.put(start, stop, "((", f') && guard_on("{number}"))')

    def result(self):
        self.run_swift() if self.swift else self.run_c()
        out, last = [], 0
        for place, _, _, insert in sorted(self.edits):
            out += [self.text[last:place], insert]
            last = place
        return "".join(out) + self.text[last:]


def rewrite(root):
    """What to put in place of files below `root`; its guards (id, line, source); refusals without a switch (place, why, source)."""
    texts, guards, unhandled = {}, [], []
    files = [(path, True) for name in LIBRARIES for path in sorted((root / "Sources" / name).rglob("*.swift"))]
    files += [(root / "Sources/CImageCodecs" / name, False) for name in C_FILES]
    for path, swift in files:
        name = str(path.relative_to(root / "Sources"))
        if name in ANSWERS:
            continue
        rewriter = Rewriter(name, path.read_text("utf-8"), swift)
        try:
            text = rewriter.result()
        except (ValueError, IndexError) as error:
            unhandled.append((name, f"not understood: {error}", ""))
            continue
        if rewriter.guards:
            texts["Sources/" + name] = text if swift else '#include "guard_switch.h"\n' + text
        guards += rewriter.guards
        unhandled += rewriter.unhandled
    assert len({guard[0] for guard in guards}) == len(guards)
    for name in LIBRARIES:
        texts[f"Sources/{name}/GuardSwitch.swift"] = SWIFT_SWITCH
    texts["Sources/CImageCodecs/guard_switch.h"] = C_SWITCH
    return texts, guards, unhandled
