"""Runs the parser tests once for each guard, switched off: see .ci/guards."""
import collections
import concurrent.futures
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

import guards_rewrite

ROOT = pathlib.Path.cwd()
WORK = ROOT / ".build/guards"
SOURCE, BUILD, RECIPES, LOGS = WORK / "src", WORK / "build", WORK / "recipes", WORK / "logs"
JOBS = int(os.environ.get("TAIYI_GUARD_JOBS", "2"))
SUITES = ("TensorCoreTests", "TokenizationTests", "ImageInputTests", "CheckpointsTests", "TCMFormatTests", "HostileTests")
# The corpus is the first stage.
LEFT_OUT = ("HostileTests.CorpusTests", "HostileTests.ErrorKindTests")
# Bytes, and seconds beyond several times its own, that no test needs; what a missing guard lets a parser do ends there.
PATIENCE, SLOWER, MEMORY = 20, 8, 6 << 30
# Cases a guard is given first; most are noticed by one of them.
FIRST_CASES = 24
PACKAGE = """
package.products.removeAll { $0.name == "taiyi-bench" }
package.targets.removeAll { target in
  ["taiyi-bench", "CPeak"].contains(target.name)
    || target.name.hasSuffix("Tests") && !%s.contains(target.name)
}
package.targets.append(
  .executableTarget(
    name: "Guards",
    dependencies: [
      "CLIPRuntime", "Checkpoints", "ImageInput", "TCMFormat", "TCMWriter", "TensorCore", "Tokenization", "ToolSupport",
    ],
    path: "Tests/Guards", swiftSettings: [.swiftLanguageMode(.v6)]))
"""


def copy():
    """Makes the copy with the switches; files that stay the same are left alone, so that little is built anew."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, stdout=subprocess.PIPE, text=True)
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    texts, guards, unhandled = guards_rewrite.rewrite(ROOT)
    package = (ROOT / "Package.swift").read_text("utf-8").replace(".treatAllWarnings(as: .error),", "")
    texts["Package.swift"] = package + PACKAGE % json.dumps(SUITES)
    texts["Tests/Guards/Outcome.swift"] = (ROOT / "Tests/HostileTests/Outcome.swift").read_text("utf-8")
    wanted = set(names) | set(texts) | {"Package.resolved"}
    for path in SOURCE.rglob("*"):
        if path.is_file() and str(path.relative_to(SOURCE)) not in wanted:
            path.unlink()
    for name in sorted(set(names) | set(texts)):
        data = texts[name].encode() if name in texts else (ROOT / name).read_bytes()
        path = SOURCE / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return guards, unhandled


def build():
    command = ["swift", "build", "--build-tests", "--scratch-path", str(BUILD)]
    done = subprocess.run(command, cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit("".join(line + "\n" for line in done.stdout.splitlines() if "error" in line) or done.stdout)
    where = subprocess.run(command + ["--show-bin-path"], cwd=SOURCE, check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(where.stdout.strip())


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Runner:
    """Runs the built programs with a guard off, or with a log of the guards that refuse."""

    def __init__(self, folder):
        self.cases_program = folder / "Guards"
        self.tests_program = next(folder.glob("*.xctest"))

    def run(self, words, text, guard, log, patience):
        """Exit status (`None` after `patience` seconds) and output."""
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        if guard:
            environment["TAIYI_GUARD_OFF"] = guard
        if log:
            log.write_bytes(b"")
            environment["TAIYI_GUARD_LOG"] = str(log)
        process = subprocess.Popen(
            [str(word) for word in words], cwd=SOURCE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, preexec_fn=limit, start_new_session=True)
        try:
            out, _ = process.communicate(text.encode(), timeout=patience)
            return process.returncode, out.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            # The tests start tools of their own.
            os.killpg(process.pid, 9)
            out, _ = process.communicate()
            return None, out.decode("utf-8", "replace")

    def cases(self, cases, guard=None, log=None, patience=PATIENCE):
        """What became of cases, by their number: (kind, reading, milliseconds, sentence); of the one that ended it all, too."""
        text = "".join(f"{case['number']}\t{case['command']}\t{case['path']}\n" for case in cases)
        status, out = self.run([self.cases_program], text, guard, log, patience)
        rows = [line.split("\t", 4) for line in out.splitlines() if line.count("\t") >= 4]
        found = {int(row[0]): (row[1], row[2], int(row[3]), row[4]) for row in rows if row[0].isdigit()}
        for case in cases:
            if case["number"] not in found:
                found[case["number"]] = ("no end" if status is None else f"exit status {status}", None, 0, "")
                break
        return found

    def test(self, name, guard=None, log=None, patience=300):
        """Whether a test passes."""
        words = [self.tests_program, "--testing-library", "swift-testing", "--filter", f"^{name.replace('(', chr(92) + '(')}"]
        status, out = self.run(words, "", guard, log, patience)
        return status == 0, out

    def tests(self):
        """The names of all tests of the parsers, without their arguments."""
        status, out = self.run([self.tests_program, "--testing-library", "swift-testing", "--list-tests"], "", None, None, 60)
        names = {line.split("(")[0] + "(" for line in out.splitlines() if "/" in line and line.startswith(SUITES)}
        names = sorted(name for name in names if not name.startswith(LEFT_OUT))
        if status != 0 or not names:
            sys.exit(f"error: no tests were listed\n{out}")
        return names


def corpus():
    """The cases of the manifest, each with a path; files that a recipe describes are made."""
    folder = SOURCE / "Fixtures/hostile"
    cases = json.loads((folder / "manifest.json").read_text("utf-8"))
    shutil.rmtree(RECIPES, ignore_errors=True)
    for number, case in enumerate(cases):
        case["number"] = number
        case.setdefault("command", "inspect")
        if "file" in case:
            case["path"] = str(folder / case["file"])
            continue
        place = RECIPES / str(number)
        place.mkdir(parents=True)
        for file in case["recipe"]["files"]:
            with open(place / file["name"], "wb") as output:
                for piece in file["pieces"]:
                    write(piece, output)
        case["path"] = str(place / case["recipe"]["path"]) if case["recipe"]["path"] else str(place)
    return cases


def write(piece, output):
    """One piece of a recipe, as make_corpus.py describes them."""
    numbers = range(piece.get("from", 0), piece.get("from", 0) + piece.get("count", 0))
    if "sparse" in piece:
        output.truncate(output.tell() + piece["sparse"])
        output.seek(0, os.SEEK_END)
    elif "text" in piece:
        output.write("".join(piece["text"].replace("#", f"{number:07}") for number in numbers).encode())
    elif "little" in piece:
        before = bytes.fromhex(piece["little"])
        output.write(b"".join(before + number.to_bytes(4, "little") for number in numbers))
    else:
        output.write(bytes.fromhex(piece["hex"]) * piece["times"])


def differs(case, found):
    """Why an outcome is not the manifest's, or `None`."""
    if found is None:
        return "not reached"
    kind, reading, _, sentence = found
    if reading is None:
        return kind
    if case["outcome"] == "refused":
        return None if kind != "ok" else "ok"
    if kind != case["outcome"]:
        return kind
    if case.get("sentence") and kind != "ok" and case["sentence"] not in sentence:
        return "another sentence"
    return None if kind != "ok" or case["command"] != "inspect" or reading == case.get("read", "ok") else f"reading: {reading}"


def name(case):
    return case.get("file") or f"recipe {case['number']} ({case.get('why', '')})"


def each(items, work, pool):
    """The results in order, with a count on standard error where somebody looks at it."""
    for number, result in enumerate(pool.map(work, items)):
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {len(items)} ", end="", file=sys.stderr)
        yield result
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)


def record_cases(runner, cases, pool):
    """For each guard the cases it refuses, quickest first, and the seconds each took; ends the program where a case has another outcome already."""
    parts = [cases[start::JOBS] for start in range(JOBS)]
    logs = [LOGS / f"cases-{part}" for part in range(JOBS)]
    found = {}
    for result in pool.map(lambda part, log: runner.cases(part, log=log, patience=600), parts, logs):
        found |= result
    wrong = [(case, differs(case, found.get(case["number"]))) for case in cases]
    wrong = [f"error: {name(case)}: {why}, expected {case['outcome']}" for case, why in wrong if why]
    if wrong:
        sys.exit("\n".join(wrong))
    refused = collections.defaultdict(set)
    for log in logs:
        number = None
        for line in log.read_text().splitlines():
            if line.startswith("case "):
                number = int(line[5:])
            else:
                refused[line].add(number)
    seconds = {number: row[2] / 1000 for number, row in found.items()}
    return {guard: sorted(numbers, key=seconds.get) for guard, numbers in refused.items()}, seconds


def record_tests(runner, pool):
    """For each guard the tests in which it refuses, quickest first."""
    names = runner.tests()

    def one(test):
        log = LOGS / f"test-{names.index(test)}"
        start = time.monotonic()
        passes, out = runner.test(test, log=log)
        taken = time.monotonic() - start
        # Files of the damage tests refuse millions of times.
        with open(log, "r", encoding="utf-8") as lines:
            guards = {line.rstrip("\n") for line in lines}
        log.unlink()
        return test, passes, out, taken, guards

    refused, times = collections.defaultdict(list), {}
    for test, passes, out, taken, guards in each(names, one, pool):
        if not passes:
            sys.exit(f"error: {test} fails with every guard on\n{out}")
        times[test] = taken
        for guard in guards:
            refused[guard].append(test)
    return {guard: sorted(tests, key=times.get) for guard, tests in refused.items()}, times


def main():
    words = sys.argv[1:]
    if "--list" in words:
        guards, unhandled = copy()
        for guard, line, source in guards:
            print(f"{guard} (line {line}): {source}")
        print(f"{len(guards)} guards\n\nwithout a switch:")
        for place, why, source in unhandled:
            print(f"{place}: {why}: {source}")
        print(f"{len(unhandled)} refusals without a switch")
        return 0
    started = time.monotonic()
    guards, unhandled = copy()
    guards = [guard for guard in guards if not words or any(word in guard[0] for word in words)]
    if not guards:
        sys.exit("error: no guard has such an id")
    runner = Runner(build())
    LOGS.mkdir(parents=True, exist_ok=True)
    cases = corpus()
    built = time.monotonic()
    noticed = {}
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        refused, seconds = record_cases(runner, cases, pool)

        def by_case(guard):
            numbers = refused.get(guard[0], [])
            for part in (numbers[:FIRST_CASES], numbers[FIRST_CASES:]):
                chosen = [cases[number] for number in part]
                patience = PATIENCE + SLOWER * sum(seconds[number] for number in part)
                found = runner.cases(chosen, guard[0], patience=patience) if chosen else {}
                for case in chosen:
                    why = differs(case, found.get(case["number"]))
                    if why:
                        return f"{name(case)}: {why}"
            return None

        for guard, why in zip(guards, each(guards, by_case, pool)):
            if why:
                noticed[guard[0]] = (1, why)
        first = time.monotonic()
        left = [guard for guard in guards if guard[0] not in noticed]
        tests, times = record_tests(runner, pool) if left else ({}, {})

        def by_test(guard):
            for test in tests.get(guard[0], []):
                if not runner.test(test, guard[0], patience=PATIENCE + SLOWER * times[test])[0]:
                    return test.rstrip("(")
            return None

        for guard, test in zip(left, each(left, by_test, pool)):
            if test:
                noticed[guard[0]] = (2, test)
    survivors = [guard for guard in guards if guard[0] not in noticed]
    for guard, line, source in guards:
        stage, why = noticed.get(guard, (0, "nothing"))
        print(f"{guard}\t{why}")
    for guard, line, source in survivors:
        number = len(refused.get(guard, [])), len(tests.get(guard, []))
        print(f"survivor: {guard} (line {line}): {source} [refuses in {number[0]} cases, {number[1]} tests]")
    counts = collections.Counter(stage for stage, _ in noticed.values())
    why = collections.Counter(why.split(":")[0] for _, why, _ in unhandled)
    print(f"{len(guards)} guards: {counts[1]} noticed by the corpus, {counts[2]} by tests, {len(survivors)} by none")
    print("refusals without a switch: " + ", ".join(f"{count} {reason}" for reason, count in sorted(why.items())))
    ended = time.monotonic()
    print(f"{built - started:.0f} s to build, {first - built:.0f} s for the corpus, {ended - first:.0f} s for the tests")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
