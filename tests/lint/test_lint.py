#!/usr/bin/python3
"""The scripts of this folder find what is planted, and are content with what is right."""
import os
import subprocess
import tempfile

from tap import report

HERE = os.path.dirname(os.path.abspath(__file__))
GOOD_H = "#ifndef THIDUA_PROTO_A_H\n#define THIDUA_PROTO_A_H\nint a(void);\n#endif\n"
GOOD_PO = 'msgid ""\nmsgstr "Language: vi\\n"\n\nmsgid "yes"\nmsgstr "có"\n'
GOOD = {
    "client/yes.c": 'f(_("yes"));\n',
    "client/po/vi.po": GOOD_PO,
    "proto/a.h": GOOD_H,
    "proto/a.c": '#include "proto/a.h"\n\n#include <stdint.h>\n#include <string.h>\n\nint a(void) {\n    return 1;\n}\n',
    "server/ledger/store.c": '#include <lmdb.h>\n\n#include "proto/a.h"\n',
    "server/net/loop.c": '#include <event2/event.h>\n\n#include "proto/a.h"\n',
}
LONG = "int a(void) {\n" + "    a();\n" * 70 + "    return 1;\n}\n"

# script, file, content, a part of the complaint
PLANTED = [
    ("includes.py", "proto/a.c", '#include "proto/a.h"\n\n#include "server/net/loop.h"\n', "proto may not include"),
    ("includes.py", "client/x.c", '#include "server/rules/period.h"\n', "client may not include"),
    ("includes.py", "server/rules/x.c", '#include "server/ledger/ledger.h"\n', "server/rules may not include"),
    ("includes.py", "server/ledger/x.c", '#include "server/commands/dispatch.h"\n', "server/ledger may not include"),
    ("includes.py", "server/commands/x.c", '#include "server/net/loop.h"\n', "server/commands may not include"),
    ("includes.py", "server/net/x.c", '#include "server/main.h"\n', "server/net may not include"),
    ("includes.py", "server/ledger/x.c", "#include <lmdb.h>\n", "belongs in"),
    ("includes.py", "server/commands/x.c", "#include <event2/event.h>\n", "belongs in"),
    ("includes.py", "proto/x.c", "#include <sys/socket.h>\n", "belongs in"),
    ("includes.py", "server/net/x.c", '#include "loop.h"\n', "not named from the top"),
    ("includes.py", "proto/a.c", '#include <string.h>\n\n#include "proto/a.h"\n', "does not come first"),
    ("includes.py", "proto/a.c", '#include "proto/a.h"\n\n#include <string.h>\n#include <stdint.h>\n', "not in order"),
    ("includes.py", "server/x.c", '#include "proto/a.h"\n\n#include <string.h>\n', "come before"),
    ("includes.py", "proto/b.h", "int b(void);\n", "no include guard"),
    ("forbidden.py", "server/ledger/store.c", "int f = MDB_NOSYNC;\n", "MDB_NOSYNC"),
    ("forbidden.py", "server/ledger/store.c", "int f = MDB_NOTLS | MDB_WRITEMAP;\n", "MDB_WRITEMAP"),
    ("forbidden.py", "proto/a.c", "void f(char *a) {\n    strcpy(a, a);\n}\n", "strcpy"),
    ("forbidden.py", "proto/a.c", "// TO" + "DO: later\n", "finish it"),
    ("forbidden.py", "proto/x.pb-c.c", "\n", "x.pb-c.c"),
    ("sizes.py", "proto/a.c", LONG, "a function of 73 lines"),
    ("sizes.py", "proto/a.c", "int x;\n" * 501, "501 lines"),
    ("translations.py", "client/x.c", 'f(_("two "\n  "parts"));\n', 'no translation of "two parts"'),
    ("translations.py", "client/x.c", 'f(N_("%s is here"));\nf(_("yes"));\n', 'no translation of "%s is here"'),
    ("translations.py", "proto/reasons.def", 'REASON(A, B, "A {name}.", "Mend.")\n', 'no translation of "A {name}."'),
    ("translations.py", "proto/reasons.def", 'REASON(A, B, "yes",\n       "Mend.")\n', 'no translation of "Mend."'),
    ("translations.py", "proto/thidua.proto", "enum Role {\n  HEAD = 1;\n}\n", 'no translation of role "head"'),
    ("translations.py", "client/x.c", '{"kind", N_("yes"), CELL_WORD, EVERYWHERE, NULL},\n', "kind is shown in words"),
    ("translations.py", "client/po/vi.po", GOOD_PO + '\nmsgid "a {name}"\nmsgstr "một {ten}"\n', "the {names} differ"),
    ("translations.py", "client/po/vi.po", GOOD_PO + '\nmsgid "%s: %d"\nmsgstr "%d: %s"\n', "the %-conversions differ"),
    ("translations.py", "client/po/vi.po", GOOD_PO + '\nmsgid "a\\n"\nmsgstr "một"\n', "line breaks"),
    ("translations.py", "client/po/vi.po", GOOD_PO + '\nmsgid "old"\nmsgstr "cũ"\n', 'nobody says "old"'),
    ("translations.py", "client/po/vi.po", GOOD_PO.replace("msgid \"yes", "#, fuzzy\nmsgid \"yes"), 'no translation of "yes"'),
]


def run(script, files):
    with tempfile.TemporaryDirectory() as top:
        for path, text in files.items():
            os.makedirs(os.path.join(top, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(top, path), "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([os.path.join(HERE, script)], env=dict(os.environ, THIDUA_TOP=top), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def main():
    results = []
    for script in ("includes.py", "forbidden.py", "sizes.py", "translations.py"):
        status, output = run(script, GOOD)
        results.append((f"{script} is content with what is right", [] if status == 0 else [output]))
    for script, path, text, complaint in PLANTED:
        status, output = run(script, {**GOOD, path: text})
        found = status == 1 and complaint in output
        results.append((f"{script} finds: {complaint} ({path})", [] if found else [f"status {status}", *output.splitlines()]))
    report(results)


if __name__ == "__main__":
    main()
