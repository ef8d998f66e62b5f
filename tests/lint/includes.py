#!/usr/bin/python3
"""Who may include whom, and in which order.

main -> net -> commands -> {rules, ledger}; proto is below all; client includes nothing from server.
A file includes its own header first, then <system headers>, then "headers/of.the.project", each block sorted.
"""
import os
import re

from tap import TOP, read, report, sources

INCLUDE = re.compile(r'^#\s*include\s+(<[^>]+>|"[^"]+")')

# Room of a file -> rooms that it may include besides its own.
MAY_INCLUDE = {
    "proto": set(),
    "client": {"proto"},
    "server/base": {"proto"},  # service, log, key and other small things below the loop
    "server/options": {"proto", "server/base", "server/net"},  # addresses are read by net
    "server/rules": {"proto"},
    "server/ledger": {"proto", "server/rules"},
    "server/commands": {"proto", "server/rules", "server/ledger"},
    "server/net": {"proto", "server/base", "server/rules", "server/ledger", "server/commands"},
    "server/fetch": {"proto", "server/base", "server/ledger"},  # a copy of a folder in use, over its local socket
    "server/check": {"proto", "server/base", "server/fetch", "server/rules", "server/ledger"},
    "server/restore": {"proto", "server/base", "server/rules", "server/ledger", "server/check"},
    "server/main": {"proto", "server/base", "server/options", "server/rules", "server/ledger", "server/commands", "server/net", "server/check",
                    "server/restore"},
}

# Foreign headers that stand in few places only.
ONLY_IN = [
    (re.compile(r"<event2/"), ("server/net/", "server/main.c", "tests/")),
    (re.compile(r"<lmdb\.h>"), ("server/ledger/store.c",)),
    (re.compile(r"<csv\.h>"), ("client/", "tests/")),
    (re.compile(r"<xlsxwriter\.h>|<minizip/"), ("client/output/xlsx", "tests/")),
    (re.compile(r"<jansson\.h>"), ("client/", "server/restore_journal.", "tests/")),
    (re.compile(r"<systemd/"), ("server/service.", "server/log.", "server/main.c", "server/net/", "tests/")),
    (re.compile(r"<sys/(socket|un)\.h>|<netinet/|<arpa/|<netdb\.h>"), ("server/net/", "server/options.", "server/service.", "server/fetch.",
                                                                       "server/main.c", "client/", "tests/")),
]


def room(path):
    parts = path.split("/")
    if parts[0] != "server":
        return parts[0]
    if len(parts) > 2:
        return "/".join(parts[:2])
    stem = parts[1].split(".")[0].split("_")[0]
    return f"server/{stem}" if stem in ("main", "check", "fetch", "options", "restore") else "server/base"


def includes(text):
    """(line number, "<x>" or '"x"', begins a block) of the leading includes; .def tables stand where they are needed."""
    found, previous = [], None
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match and not match[1].endswith('.def"'):
            found.append((number, match[1], previous != number - 1))
            previous = number
    return found


def one_way(path, text):
    own = room(path)
    for number, name, _ in includes(text):
        for pattern, places in ONLY_IN:
            if pattern.match(name) and not path.startswith(places):
                yield f"{path}:{number}: {name} belongs in {', '.join(places)} only"
        if name.startswith("<") or own == "tests":
            continue
        target = name.strip('"')
        if target.split("/")[0] not in ("proto", "server", "client") or "/" not in target:
            yield f"{path}:{number}: {name} is not named from the top"
        elif room(target) != own and room(target) not in MAY_INCLUDE.get(own, set()):
            yield f"{path}:{number}: {own} may not include {target}"


def own_header(path):
    header = os.path.splitext(path)[0] + ".h"
    return f'"{header}"' if path.endswith(".c") and os.path.exists(os.path.join(TOP, header)) else None


def order(path, text):
    found = includes(text)
    own = own_header(path)
    if own:
        if not found or found[0][1] != own:
            yield f"{path}: its own header {own} does not come first"
            return
        found = found[1:]
        if found and not found[0][2]:
            yield f"{path}:{found[0][0]}: a blank line is missing after the own header"
    previous, seen_project = None, False
    for number, name, begins in found:
        project = name.startswith('"')
        if seen_project and not project:
            yield f"{path}:{number}: system headers come before the project's"
        if previous and not begins and project != previous.startswith('"'):
            yield f"{path}:{number}: a blank line is missing between system and project headers"
        if previous and not begins and name < previous:
            yield f"{path}:{number}: {name} is not in order after {previous}"
        # cmocka.h needs others before it and so has a block of its own
        if previous and begins and project == previous.startswith('"') and not path.startswith("tests/"):
            yield f"{path}:{number}: one block of {'project' if project else 'system'} headers, please"
        previous, seen_project = name, seen_project or project


def guard(path, text):
    wanted = "THIDUA_" + re.sub(r"[^A-Z0-9]", "_", re.sub(r"^(server|client)/(?=.*/)", "", path).upper())
    match = re.search(r"^#ifndef (\w+)\n#define (\w+)$", text, re.M)
    if not match or match[1] != match[2]:
        yield f"{path}: no include guard"
    elif not match[1].startswith("THIDUA_") or not wanted.endswith(match[1].removeprefix("THIDUA_").split("_")[-2] + "_H"):
        yield f"{path}: the guard {match[1]} is not named after the file"


def main():
    files = [(path, read(path)) for path in sources(".c", ".h")]
    headers = [(path, text) for path, text in files if path.endswith(".h")]
    report([
        ("includes go one way", [c for path, text in files for c in one_way(path, text)]),
        ("includes are in order", [c for path, text in files for c in order(path, text)]),
        ("headers are guarded", [c for path, text in headers for c in guard(path, text)]),
        ("there are sources to look at", [] if len(files) > 1 else [f"only {len(files)} sources below {TOP}"]),
    ])


if __name__ == "__main__":
    main()
