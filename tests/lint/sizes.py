#!/usr/bin/python3
"""A function reads top to bottom: 60 lines at most. A file has one subject: 500 lines at most; a test program, which is a
list, 1,000."""
import re

from tap import read, report, sources

FUNCTION_MAX, FILE_MAX, TEST_MAX = 60, 500, 1000
BEGINS = re.compile(r"^[A-Za-z_].*\)\s*\{$|^ {4,}.*\)\s*\{$")  # the end of a signature, which may go over lines


def functions(text):
    """(first line, lines) of each body; relies on the house format: a body ends with } in the first column."""
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        if start is None and re.match(r"^[A-Za-z_]", line) and "(" in line and "=" not in line.split("(")[0] and not line.endswith(";"):
            start = number
        elif start is not None and line.startswith("}"):
            yield start, number - start + 1
            start = None
        elif start is not None and line.endswith(";") and not line.startswith(" "):
            start = None


def too_long(path, text):
    for start, length in functions(text):
        if length > FUNCTION_MAX:
            yield f"{path}:{start}: a function of {length} lines; {FUNCTION_MAX} at most"


def too_many_lines(path, text):
    most, lines = TEST_MAX if path.startswith("tests/unit/") else FILE_MAX, text.count("\n")
    if lines > most:
        yield f"{path}: {lines} lines; {most} at most"


def main():
    code = [(path, read(path)) for path in sources(".c", ".h")]
    files = code + [(path, read(path)) for path in sources(".py")]
    report([
        ("functions are short", [c for path, text in code for c in too_long(path, text)]),
        ("files have one subject", [c for path, text in files for c in too_many_lines(path, text)]),
    ])


if __name__ == "__main__":
    main()
