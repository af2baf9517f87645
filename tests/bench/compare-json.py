#!/usr/bin/env python3
"""Compares what two binaries say of every capture, and prints the differences by kind.

    tests/bench/compare-json.py BINARY_A BINARY_B [DIR or FILE ...] [--ignore KIND] [--exchanges] [--examples N] [-- ARGUMENT ...]

A kind is the place of a difference in the document, such as `findings[auth-race].proof.text`. Findings are matched by
their id, connections by number, endpoints and clients by address. The ordinals of tags (`<key#3 12B>`) are counted anew
in every finding, so that only which things are equal is compared. Everything else has to be the same to the byte.

Without a directory: `samples` and `../shared/captures`, as far as they are there. What stands behind `--` is given to both
(`-- --show keys`). `--ignore` leaves out kinds that start so (repeatable). `--exchanges` compares the lines of `exchanges`
as well. Ends with 0 when nothing differs, 1 when something does, 2 when nothing could be compared.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAGICS = [bytes.fromhex(m) for m in (
    "a1b2c3d4 d4c3b2a1 a1b23c4d 4d3cb2a1 a1b2cd34 34cdb2a1 0a0d0d0a 28b52ffd 04224d18".split()
)] + [b"\x1f\x8b"]
TEXTS = (".json.gz", ".jsonl.gz", ".tsv.gz", ".txt.gz")
TAG = re.compile(r"<([a-z][^<>#]*)#(\d+)( [^<>]*)?>")
SECONDS = 300


def captures(places):
    """Every file below `places` that begins as a capture does."""
    for place in places:
        files = [place] if os.path.isfile(place) else sorted(
            os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names)
        for path in files:
            with open(path, "rb") as file:
                start = file.read(4)
            if any(start.startswith(magic) for magic in MAGICS) and not path.endswith(TEXTS):
                yield path


def recount(text, known):
    """`text` with the ordinals of its tags counted anew: the first that appears is 1."""
    def one(match):
        kind, ordinal, length = match.group(1), match.group(2), match.group(3) or ""
        return f"<{kind}#{known.setdefault((kind, ordinal), len(known) + 1)}{length}>"
    return TAG.sub(one, text)


def recounted(value, known):
    if isinstance(value, str):
        return recount(value, known)
    if isinstance(value, list):
        return [recounted(item, known) for item in value]
    if isinstance(value, dict):
        return {key: recounted(item, known) for key, item in value.items()}
    return value


KEYS = {"findings": "id", "connections": "id", "endpoints": "address", "clients": "address"}


def keyed(value, place):
    """A list of things with a name of their own, by that name; `None` for other lists."""
    key = KEYS.get(place)
    if key is None or not all(isinstance(item, dict) and key in item for item in value):
        return None
    by_name = {}
    for item in value:
        by_name.setdefault(item[key], item)
    return by_name


def label(place, item):
    name = item.get("rule") if isinstance(item, dict) else None
    return f"{place}[{name or ''}]"


def differences(a, b, place="", name=""):
    """Yields (kind, what A says, what B says)."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in list(a) + [k for k in b if k not in a]:
            inside = f"{place}.{key}" if place else key
            if key not in a or key not in b:
                yield inside, a.get(key, "(absent)"), b.get(key, "(absent)")
            else:
                yield from differences(a[key], b[key], inside, key)
    elif isinstance(a, list) and isinstance(b, list):
        left, right = keyed(a, name), keyed(b, name)
        if left is None or right is None:
            yield from lists(a, b, place)
            return
        for key in list(left) + [k for k in right if k not in left]:
            inside = label(place, left.get(key) or right.get(key))
            if key not in left or key not in right:
                yield inside + (" gone" if key in left else " new"), brief(left.get(key)), brief(right.get(key))
            else:
                yield from differences(left[key], right[key], inside)
        if list(left) != list(right) and set(left) == set(right):
            yield f"{place} order", list(left), list(right)
    elif a != b or type(a) is not type(b):
        yield place, a, b


def lists(a, b, place):
    if len(a) != len(b):
        yield f"{place} length", a, b
        return
    for left, right in zip(a, b):
        yield from differences(left, right, f"{place}[]")


def brief(finding):
    if not isinstance(finding, dict):
        return "(absent)"
    words = [finding.get(k) for k in ("id", "severity", "confidence", "culprit", "affected", "title", "server")]
    return " ".join(str(w) for w in words if w is not None)


def run(binary, command, capture, extra):
    try:
        done = subprocess.run([binary, command, *extra, capture], capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "no end", ""
    return done.returncode, done.stdout.decode(errors="replace")


def document(binary, capture, extra):
    code, out = run(binary, "analyze", capture, ["--format", "json", "--connections", "all", *extra])
    try:
        value = json.loads(out)
    except ValueError:
        return {"exit code": code, "output": out[:200]}
    value["exit code"] = code
    value["findings"] = [recounted(finding, {}) for finding in value.get("findings", [])]
    return {key: item if key == "findings" else recounted(item, {}) for key, item in value.items()}


def exchange_lines(binary, capture, extra):
    _, out = run(binary, "exchanges", capture, ["--format", "ndjson", *extra])
    known = {}
    return [recount(line, known) for line in out.splitlines()]


def compare(job):
    capture, options = job
    found = list(differences(*(document(b, capture, options.arguments) for b in (options.a, options.b))))
    if options.exchanges:
        a, b = (exchange_lines(binary, capture, options.arguments) for binary in (options.a, options.b))
        if a != b:
            at = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            found.append(("exchanges", a[at:at + 1], b[at:at + 1]))
    ignored = tuple(options.ignore)
    return capture, [d for d in found if not (ignored and d[0].startswith(ignored))]


def short(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + " …"


def arguments():
    typed, extra = sys.argv[1:], []
    if "--" in typed:
        at = typed.index("--")
        typed, extra = typed[:at], typed[at + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("places", nargs="*")
    parser.add_argument("--ignore", action="append", default=[])
    parser.add_argument("--exchanges", action="store_true")
    parser.add_argument("--examples", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args(typed)
    options.arguments = extra
    return options


def main():
    options = arguments()
    usual = [os.path.join(ROOT, "samples"), os.path.join(ROOT, "..", "shared", "captures")]
    places = options.places or [place for place in usual if os.path.isdir(place)]
    files = list(captures(places))
    if not files:
        print("no captures there", file=sys.stderr)
        return 2
    kinds, touched = collections.defaultdict(list), set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for capture, found in pool.map(compare, ((f, options) for f in files)):
            for kind, a, b in found:
                kinds[kind].append((capture, a, b))
                touched.add(capture)
    for kind, cases in sorted(kinds.items(), key=lambda k: (-len(k[1]), k[0])):
        print(f"{kind}: {len(cases)} in {len({c[0] for c in cases})} captures")
        for capture, a, b in cases[:options.examples]:
            print(f"    {os.path.relpath(capture)}\n      A {short(a)}\n      B {short(b)}")
    print(f"{len(files)} captures, {len(touched)} differ, {len(kinds)} kinds of difference")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
