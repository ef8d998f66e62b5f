#!/usr/bin/python3
"""Every reading verb in every output and both languages; tables on terminals of 40, 80 and 160 columns."""
import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import termios

import harness
from harness import CODES, PERIOD, THIDUA, ClusterCase, assert_done
from test_habits import table_of_verbs
from test_output import width

UNIT = "quan-hai-ba-trung"
# The words of each reading verb; the others of the table, which this is not about.
READS = {verb: verb.split() for verb in ("ping", "whoami", "version", "period list", "period show", "totals", "status", "audit",
                                         "admin accounts", "admin stats", "spool list")}
READS.update({"sheet": ["sheet", UNIT], "history": ["history", UNIT], "receipt verify": ["receipt", "verify", "{receipt}"]})
OTHERS = {"help", "completion", "enrol", "period load", "period advance", "period extend", "sign", "score", "submit", "appraise",
          "bonus", "deduct", "return", "explain", "finalize", "hold", "nominate", "export", "import", "watch", "spool flush",
          "spool drop", "admin invite", "admin rotate", "admin revoke", "admin backup"}
CHANGING = {"admin stats", "ping"}  # whose figures move on between two calls


def on_terminal(command, env, columns):
    """What the command prints on a terminal so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    out = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            part = b""
        if not part:
            break
        out += part
    os.close(ours)
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait(harness.PATIENCE) == 0, error
    return out.decode().replace("\r\n", "\n")


class Outputs(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        head = cls.heads[UNIT]
        assert_done(head("score", *[f"{code}=10,25" for code in CODES], "--note", "=1+1; \"dấu\"", "--evidence",
                         "15/BC;2022-10-20;Báo cáo năm"))
        cls.receipt = f"{cls.server.home}/receipt.txt"
        with open(cls.receipt, "w", encoding="utf-8") as file:
            file.write(assert_done(head("submit", "-o", "json")).json["receipt"] + "\n")

    def read(self, verb, *more, lang="en"):
        words = [word.format(receipt=self.receipt) for word in READS[verb]]
        return assert_done(self.server.admin(*words, *(["-p", PERIOD] if "period" not in verb else []), *more, lang=lang))

    def reads(self):
        return [verb for verb in READS if verb in table_of_verbs()]

    def test_all_are_known(self):
        """every verb of the table is either read here or named as one that is not a reading one"""
        self.assertEqual(set(table_of_verbs()) - set(READS) - OTHERS, set())

    def test_parse(self):
        """json, ndjson, csv and --excel of every reading verb can be read by other programs"""
        for verb in self.reads():
            with self.subTest(verb):
                whole = self.read(verb, "-o", "json").json
                self.assertIn(type(whole), (dict, list))
                for line in self.read(verb, "-o", "ndjson").out.splitlines():
                    self.assertIsInstance(json.loads(line), dict)
                for more, separator in ((["-o", "csv"], ","), (["--excel"], ";")):
                    text = self.read(verb, *more).out
                    self.assertEqual(text.startswith("\ufeff"), separator == ";")
                    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator, strict=True))
                    self.assertEqual(len({len(row) for row in rows}), 1, text)
                    self.assertGreaterEqual(len(rows), 1)
                    for cell in sum(rows[1:], []):
                        self.assertNotRegex(cell, r"^[=+@\t\r]|^-(?![\d.,]+$)", "a spreadsheet takes this for a formula")

    def test_languages(self):
        """what programs read is the same in both languages"""
        for verb in set(self.reads()) - CHANGING:
            for output in ("json", "ndjson", "csv"):
                with self.subTest(verb=verb, output=output):
                    self.assertEqual(*(self.read(verb, "-o", output, lang=lang).out for lang in ("en", "vi")))

    def test_keys(self):
        """those whose figures move on have the same keys in both languages"""
        for verb in set(self.reads()) & CHANGING:
            self.assertEqual(*(list(self.read(verb, "-o", "json", lang=lang).json) for lang in ("en", "vi")))

    def test_decimals(self):
        """with --excel points have a comma in both languages, in csv a point"""
        for lang in ("en", "vi"):
            self.assertIn(";10,25;", self.read("sheet", "--excel", lang=lang).out)
            self.assertIn(",10.25,", self.read("sheet", "-o", "csv", lang=lang).out)
            self.assertIn("'=1+1", self.read("sheet", "-o", "csv", lang=lang).out)

    # ---- terminals ----

    def shown(self, verb, columns, lang, *more):
        words = [word.format(receipt=self.receipt) for word in READS.get(verb, verb.split())]
        command = [THIDUA, "--lang", lang, "-s", self.server.unix, *words, *more]
        return on_terminal(command, self.server.env, columns)

    def test_fits(self):
        """no line of a table is wider than the terminal, hashes apart; nothing is lost on a narrow one"""
        for lang in ("en", "vi"):
            for verb in self.reads():
                plain = self.read(verb, lang=lang).out
                for columns in (40, 80, 160):
                    with self.subTest(verb=verb, columns=columns, lang=lang):
                        text = self.shown(verb, columns, lang, "--color", "never", *(["-p", PERIOD] if "period" not in verb else []))
                        for line in text.splitlines():
                            long_word = max((width(word) for word in line.split()), default=0) > columns - 20
                            self.assertTrue(width(line) <= columns or long_word, line)
                        if verb not in CHANGING:
                            letters = "".join(sorted(set(re.sub(r"\s", "", plain))))
                            self.assertEqual("".join(sorted(set(re.sub(r"\s", "", text)))), letters)

    def test_board(self):
        """a board has all its figures at 40, 80 and 160 columns: in blocks, each with rank and unit"""
        for lang, unit in (("en", "Unit"), ("vi", "Đơn vị")):
            for columns, most in ((40, 8), (80, 3), (160, 1)):
                with self.subTest(columns=columns, lang=lang):
                    text = self.shown("totals", columns, lang, "--color", "never", "-p", PERIOD)
                    blocks = len(re.findall(rf"^\S+\s+(?:{unit}|Name|Tên)\b", text, re.M))
                    self.assertTrue(1 <= blocks <= most, text)
                    self.assertEqual(text.count("10.25" if lang == "en" else "10,25"), len(CODES), text)
                    for code in CODES:
                        self.assertEqual(len(re.findall(rf"\b{code}\b", text)), 1)
                    self.assertEqual(text.count("Đống Đa"), blocks)

    def test_help_fits(self):
        """help is as wide as the terminal"""
        for lang in ("en", "vi"):
            for columns in (40, 80, 160):
                for verb in ["--help", *(f"{verb} --help" for verb in table_of_verbs())]:
                    for line in self.shown(verb, columns, lang).splitlines():
                        if "thidua" not in line:  # a line to copy stays whole
                            self.assertLessEqual(width(line), columns, line)

    def test_pipes_are_not_cut(self):
        """a table that goes to a file is as wide as it gets"""
        lines = self.read("totals").out.splitlines()
        self.assertTrue(any(all(code in line for code in CODES) for line in lines))


if __name__ == "__main__":
    harness.main()
