"""The lines that tests/run.py adds up, for the scripts in this folder."""
import os
import sys

TOP = os.path.abspath(os.environ.get("THIDUA_TOP", os.path.join(os.path.dirname(__file__), "..", "..")))


def sources(*endings):
    """Paths below the top, sorted, of the files that the project keeps (not build folders)."""
    for folder, folders, files in os.walk(TOP):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not f.startswith("build"))
        for name in sorted(files):
            if name.endswith(endings):
                yield os.path.relpath(os.path.join(folder, name), TOP)


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def report(results):
    """results: (name, complaints) pairs. Prints TAP and ends the program."""
    failed = 0
    print(f"1..{len(results)}")
    for number, (name, complaints) in enumerate(results, 1):
        for complaint in complaints:
            print(f"# {complaint}")
        print(f"{'not ok' if complaints else 'ok'} {number} - {name}")
        failed += bool(complaints)
    sys.exit(1 if failed else 0)
