#!/usr/bin/python3
"""client/po/vi.po has a translation of every message in client/ and proto/, of every reason's text and hint, and of every word of the
protocol's that people are shown; a translation keeps the {names} and %-conversions; nothing in it is left over."""
import collections
import os
import re

from tap import TOP, read, report, sources

CATALOGUE, REASONS, PROTOCOL = "client/po/vi.po", "proto/reasons.def", "proto/thidua.proto"
STRING = r'"(?:[^"\\\n]|\\.)*"'
STRINGS = rf"{STRING}(?:\s*{STRING})*"
MESSAGE = re.compile(rf"\bN?_\(\s*({STRINGS})\s*\)")
REASON = re.compile(rf"\bREASON\(\s*\w+,\s*\w+,\s*({STRINGS})\s*,\s*({STRINGS})\s*\)")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
CONVERSION = re.compile(r"%(?:(\d+)\$)?([-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|j|z|t|L)?[diouxXeEfgGcspm%])")

# The enumerations whose words people are shown, and the kind that the client looks them up by.
ENUMS = {"Role": "role", "AccountState": "state", "PeriodState": "state", "SheetState": "sheet", "Column": "column",
         "Visibility": "visibility", "Provenance": "provenance", "Formula": "formula"}
# Words beside those of an enumeration or of the events: who a period names is said as a role, a hold's end as an event.
BESIDE = {"Role": ["leader", "deputy"], "Event": ["hold_lifted"]}
WORD = re.compile(rf'\{{"(\w+)", N_\({STRING}\), CELL_WORD')
PREFIXES = ("SHEET_", "COLUMN_")  # see enum_name in client/output/value.c
FOREIGN = "# ---- What libconfuse says"  # in the catalogue, not in our code

Entry = collections.namedtuple("Entry", "text line foreign")


def joined(literals):
    """The text of adjacent string literals, with its escapes as they are written."""
    return "".join(literal[1:-1] for literal in re.findall(STRING, literals))


def there(path):
    return read(path) if os.path.exists(os.path.join(TOP, path)) else ""


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def spoken():
    """(context, text) of everything that is to be translated, with the place where it is said."""
    found = {}
    for path in (path for path in sources(".c", ".h") if path.startswith(("client/", "proto/"))):
        text = read(path)
        for match in MESSAGE.finditer(text):
            found.setdefault(("", joined(match[1])), f"{path}:{line_of(text, match.start())}")
    reasons = there(REASONS)
    for match in REASON.finditer(reasons):
        for literals in match.groups():
            if joined(literals):
                found.setdefault(("", joined(literals)), f"{REASONS}:{line_of(reasons, match.start())}")
    found.update(words(there(PROTOCOL)))
    return found


def words(protocol):
    for enum in re.finditer(r"^enum (\w+) \{(.*?)^\}", protocol, re.S | re.M):
        for value in re.findall(r"^\s*([A-Z_]+) = ", enum[2], re.M) + BESIDE.get(enum[1], []):
            for prefix in PREFIXES:
                value = value.removeprefix(prefix)
            if enum[1] in ENUMS:
                yield (ENUMS[enum[1]], value.lower()), f"{PROTOCOL}:{line_of(protocol, enum.start())}"
    for event in re.finditer(r"^message Event \{(.*?)^\}", protocol, re.S | re.M):
        for name in re.findall(r"^\s*\w+ (\w+) = ", event[1], re.M) + BESIDE["Event"]:
            yield ("event", name), f"{PROTOCOL}:{line_of(protocol, event.start())}"


def catalogue(text):
    """(context, text) to Entry; a fuzzy entry has no text. Yields pairs, so that a duplicate can be seen."""
    foreign, line = False, 1
    for block in re.split(r"\n\n", text):
        if block.startswith("# ----"):
            foreign = block.startswith(FOREIGN)
        parts = {key: joined(literals) for key, literals in re.findall(rf"^(msg\w+) ({STRINGS})", block, re.M)}
        if parts.get("msgid"):
            translated = "" if re.search(r"^#,.*\bfuzzy\b", block, re.M) else parts.get("msgstr", "")
            yield (parts.get("msgctxt", ""), parts["msgid"]), Entry(translated, line, foreign)
        line += block.count("\n") + 2


def conversions(text):
    """In the order of the arguments, whether or not the text numbers them."""
    found = [(match[1], match[2]) for match in CONVERSION.finditer(text) if match[2] != "%"]
    return [kind for _, kind in sorted(((int(place or n)), kind) for n, (place, kind) in enumerate(found, 1))]


def missing(wanted, known):
    for (context, text), place in wanted.items():
        if not known.get((context, text), Entry("", 0, False)).text:
            yield f"{place}: no translation of {context + ' ' if context else ''}\"{text}\""


def lost(known):
    """What does not survive the translation."""
    for (_, text), entry in known.items():
        if not entry.text:
            continue
        place = f"{CATALOGUE}:{entry.line}"
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(entry.text)):
            yield f"{place}: the {{names}} differ: \"{text}\""
        if conversions(text) != conversions(entry.text):
            yield f"{place}: the %-conversions differ: \"{text}\""
        if re.findall(r"^(?:\\n)+|(?:\\n)+$", text) != re.findall(r"^(?:\\n)+|(?:\\n)+$", entry.text):
            yield f"{place}: the line breaks around it differ: \"{text}\""


def main():
    wanted, pairs = spoken(), list(catalogue(there(CATALOGUE)))
    known = dict(pairs)
    counts = collections.Counter(key for key, _ in pairs)
    left = [f"{CATALOGUE}:{entry.line}: nobody says \"{key[1]}\"" for key, entry in pairs
            if key not in wanted and not entry.foreign]
    twice = [f"{CATALOGUE}: twice: \"{text}\"" for (_, text), count in counts.items() if count > 1]
    kinds = {*ENUMS.values(), "event"}
    unknown = [f"{path}: {kind} is shown in words: name its enumeration here" for path in sources(".c")
               for kind in WORD.findall(read(path)) if kind not in kinds]
    report([
        ("every message, reason and word has its translation", list(missing(wanted, known)) + unknown),
        ("a translation keeps the {names} and the %-conversions", list(lost(known))),
        ("every translation is of something that is said, once", left + twice),
    ])


if __name__ == "__main__":
    main()
