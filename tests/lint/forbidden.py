#!/usr/bin/python3
"""LMDB flags under which an acknowledged record can be lost or a store corrupted, and other words that must not appear."""
import re

from tap import TOP, read, report, sources

FLAGS = re.compile(r"\bMDB_(NOSYNC|NOMETASYNC|WRITEMAP|MAPASYNC|NOLOCK|NORDAHEAD)\b")
UNBOUNDED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|alloca)\s*\(")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def lines(pattern, paths, say):
    for path in paths:
        for number, line in enumerate(read(path).splitlines(), 1):
            match = pattern.search(line)
            if match:
                yield f"{path}:{number}: {match[0].rstrip('( ')}: {say}"


def without_lint(paths):
    return [path for path in paths if not path.startswith("tests/lint/")]


def main():
    code = list(sources(".c", ".h"))
    report([
        ("LMDB keeps its default sync flags", list(lines(FLAGS, code, "loses or corrupts acknowledged records"))),
        ("no unbounded copy", list(lines(UNBOUNDED, code, "knows no limit"))),
        ("nothing is left unfinished",
         list(lines(UNFINISHED, without_lint(sources(".c", ".h", ".py", ".md", ".def", ".proto", ".conf")), "finish it"))),
        ("generated code is not kept", [path for path in code if ".pb-c." in path]),
    ])


if __name__ == "__main__":
    main()
