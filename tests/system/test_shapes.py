#!/usr/bin/python3
"""The json shapes that programs rely on: their fields, in their order, with what was added later behind them."""
import re

import harness
from harness import CODES, ClusterCase, assert_done

SCORE = ["seq", "id", "unit", "lines", "replayed", "late"]
SUBMIT = ["seq", "time", "unit", "sheet_revision", "total", "late", "hash", "receipt"]
TOTALS = ["period", "state", "column", "seq", "provisional", "units_submitted", "units", "rows"]
TOTALS_ROW = ["rank", "tied", "unit", "name", "criteria", "base", "bonus", "deduction", "total", "scored", "of", "sheet", "class"]
STATUS = ["period", "seq", "complete", "rows"]
STATUS_ROW = ["unit", "scored", "of", "sheet", "late", "appraised", "missing"]
AUDIT = ["seq", "time", "actor", "role", "unit", "event", "id", "detail", "record", "prev", "hash"]
WHOAMI = ["account", "role", "unit", "expires"]
ERROR = ["status", "reason", "message", "hint"]


class Shapes(ClusterCase):
    def assert_begins(self, shape, names):
        self.assertEqual(list(shape)[:len(names)], names)

    def test_writes(self):
        """score and submit"""
        head = self.heads["quan-ba-dinh"]
        score = assert_done(head("score", *[f"{code}=1" for code in CODES], "-o", "json")).json
        self.assert_begins(score, SCORE)
        self.assert_begins(score["lines"][0], ["criterion", "points", "revision"])
        self.assert_begins(assert_done(head("submit", "-o", "json")).json, SUBMIT)

    def test_reads(self):
        """totals, status, audit and whoami"""
        totals = assert_done(self.council("totals", "-o", "json")).json
        self.assert_begins(totals, TOTALS)
        self.assert_begins(totals["rows"][0], TOTALS_ROW)
        status = assert_done(self.council("status", "-o", "json")).json
        self.assert_begins(status, STATUS)
        self.assert_begins(status["rows"][0], STATUS_ROW)
        self.assert_begins(assert_done(self.council("audit", "-o", "json")).json[0], AUDIT)
        self.assert_begins(assert_done(self.council("whoami", "-o", "json")).json, WHOAMI)

    def test_times(self):
        """times carry their offset"""
        times = [entry["time"] for entry in assert_done(self.council("audit", "-o", "json")).json]
        for time in times:
            self.assertTrue(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00", time), time)

    def test_errors(self):
        """an error with -o json, of the server's and of the client's own"""
        head = self.heads["quan-hoang-mai"]
        self.assert_begins(self.assertExit(65, head("score", "TC1=99", "-o", "json")).error, ERROR)
        self.assert_begins(self.assertExit(64, head("score", "-o", "json")).error, ERROR)


if __name__ == "__main__":
    harness.main()
