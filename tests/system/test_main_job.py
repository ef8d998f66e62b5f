#!/usr/bin/python3
"""The main job: offices enrol, sign, score and hand in over TLS; the centre reads live totals."""
import base64
import hashlib
import json
import os
import re

import harness
from harness import CODES, PERIOD, UNITS, ClusterCase

SCORES = {  # in points, by criterion
    "quan-ba-dinh": ["12.5", "12", "11.5", "12.5", "11", "12", "12.25", "11"],
    "quan-hoang-mai": ["12.5", "12.5", "12.5", "12.5", "12.5", "12.5", "12.5", "12.5"],
    "quan-hoan-kiem": ["10", "10", "10", "10", "10", "10", "10", "10"],
    "quan-dong-da": ["9.75", "10", "10.25", "10", "10", "10", "10", "10"],
    "quan-hai-ba-trung": ["0", "0", "0", "0", "0", "0", "0", "0"],
}
TOTALS = {"quan-ba-dinh": 94.75, "quan-hoang-mai": 100, "quan-hoan-kiem": 80, "quan-dong-da": 80, "quan-hai-ba-trung": 0}


class WholeJob(ClusterCase):
    def score_and_submit(self, unit):
        officer = self.server.office(unit, "officer")
        words = [f"{code}={points}" for code, points in zip(CODES, SCORES[unit])]
        scored = self.assertExit(0, officer("score", *words, "-o", "json")).json
        self.assertEqual([line["criterion"] for line in scored["lines"]], CODES)
        receipt = self.assertExit(0, self.heads[unit]("submit", "-o", "json")).json
        self.assertEqual(receipt["total"], TOTALS[unit])
        return scored, receipt

    def test_the_whole_job(self):
        """five of six hand in; totals and status say so"""
        receipts = {unit: self.score_and_submit(unit)[1] for unit in SCORES}
        self.assertExit(0, self.heads["quan-long-bien"]("score", "TC1=12,5"))

        board = self.assertExit(0, self.council("totals", "-o", "json")).json
        self.assertEqual({key: board[key] for key in ("period", "state", "column", "provisional", "units_submitted", "units")},
                         {"period": PERIOD, "state": "scoring", "column": "self", "provisional": True, "units_submitted": 5,
                          "units": 6})
        self.assertEqual([(row["rank"], row["tied"], row["unit"], row["total"]) for row in board["rows"]], [
            (1, False, "quan-hoang-mai", 100), (2, False, "quan-ba-dinh", 94.75), (3, True, "quan-hoan-kiem", 80),
            (3, True, "quan-dong-da", 80), (5, False, "quan-long-bien", 12.5), (6, False, "quan-hai-ba-trung", 0)])
        long_bien = board["rows"][4]
        self.assertEqual(long_bien["criteria"], {"TC1": 12.5, **{code: None for code in CODES[1:]}})
        self.assertEqual((long_bien["name"], long_bien["scored"], long_bien["of"], long_bien["sheet"], long_bien["class"]),
                         ("Long Biên", 1, 8, "draft", None))
        self.assertEqual(board["seq"], self.server.seq())

        status = self.assertExit(0, self.council("status", "-o", "json")).json
        self.assertFalse(status["complete"])
        self.assertEqual([row["unit"] for row in status["rows"]], UNITS)
        self.assertEqual(status["rows"][5]["missing"], CODES[1:])
        self.assertExit(1, self.council("status", "--check"))

        for unit, receipt in receipts.items():
            self.assertLessEqual({"seq", "time", "unit", "sheet_revision", "total", "late", "hash", "receipt"}, set(receipt))
            self.assertRegex(receipt["hash"], r"^[0-9a-f]{64}$")
            branch, seq, _, digest = re.fullmatch(r"thidua-receipt:1:([0-9a-f]{32}):(\d+):(\d+):([0-9a-f]{64})",
                                                  receipt["receipt"]).groups()
            self.assertEqual((int(seq), digest), (receipt["seq"], receipt["hash"]))
            self.assertRegex(receipt["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00$")


class MainJob(ClusterCase):
    def test_shape_of_score(self):
        """score answers with the lines, their revisions and whether it was late"""
        office = self.server.office("quan-long-bien", "officer")
        first = self.assertExit(0, office("score", "TC2=10", "-o", "json")).json
        again = self.assertExit(0, office("score", "TC2=10,25", "tc3=1", "-o", "json")).json
        self.assertLessEqual({"seq", "id", "unit", "lines", "replayed", "late"}, set(first))
        self.assertEqual(again["lines"], [
            {"criterion": "TC2", "points": 10.25, "revision": first["lines"][0]["revision"] + 1},
            {"criterion": "TC3", "points": 1, "revision": 1}])
        self.assertEqual((again["unit"], again["replayed"], again["late"]), ("quan-long-bien", False, False))
        self.assertRegex(again["id"], r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertGreater(again["seq"], first["seq"])

    def test_scoring_the_standing_value_again_is_an_entry(self):
        """the same points again are a new revision and a new entry"""
        office = self.heads["quan-long-bien"]
        first = self.assertExit(0, office("score", "TC7=3", "-o", "json")).json
        second = self.assertExit(0, office("score", "TC7=3", "-o", "json")).json
        self.assertEqual(second["lines"][0]["revision"], first["lines"][0]["revision"] + 1)
        self.assertGreater(second["seq"], first["seq"])

    def test_history_and_sheet(self):
        """sheet shows note and evidence; history shows who, when, from what to what"""
        office = self.heads["quan-long-bien"]
        self.assertExit(0, office("score", "TC5=1", "--note", "lần đầu"))
        self.assertExit(0, office("score", "TC5=2,5", "--note", "tính lại", "--evidence", "15/BC-MTTQ-BTT;2022-10-20;Báo cáo năm"))
        sheet = self.assertExit(0, office("sheet", "-o", "json")).json
        self.assertEqual(sheet["unit"], "quan-long-bien")
        rows = [row for row in sheet["lines"] if row["criterion"] == "TC5"]
        self.assertEqual((rows[0]["points"], rows[0]["note"]), (2.5, "tính lại"))
        self.assertIn("15/BC-MTTQ-BTT", json.dumps(rows[0]["evidence"]))
        history = self.assertExit(0, office("history", "quan-long-bien", "TC5", "-o", "json")).json
        rows = history["rows"]
        self.assertEqual([(row["points"], row["revision"], row["note"]) for row in rows[:2]],
                         [(2.5, 2, "tính lại"), (1, 1, "lần đầu")])
        self.assertEqual(rows[0]["from"], 1)
        self.assertIsNone(rows[1]["from"])

    def test_audit_is_a_chain(self):
        """audit's records hash to the chain, from entry 1 to the last"""
        self.heads["quan-long-bien"]("score", "TC8=1")
        previous, numbers = bytes(32), []
        for line in self.assertExit(0, self.council("audit", "-o", "ndjson")).out.splitlines():
            entry = json.loads(line)
            record = base64.b64decode(entry["record"])
            self.assertEqual(entry["prev"], previous.hex())
            previous = hashlib.sha256(previous + record).digest()
            self.assertEqual(entry["hash"], previous.hex())
            decoded = harness.pb.Entry.FromString(record)
            self.assertEqual(decoded.seq, entry["seq"])
            numbers.append(entry["seq"])
        self.assertEqual(numbers, list(range(1, self.server.seq() + 1)))
        self.assertEqual((entry["event"], entry["role"], entry["unit"]), ("score_set", "head", "quan-long-bien"))

    def test_check_passes(self):
        """thiduad check finds every row as the journal says"""
        self.heads["quan-long-bien"]("score", "TC4=1,25")
        server = self.server
        self.assertEqual(server.stop(), 0)
        self.assertExit(0, server.check())
        server.start()

    def test_client_leaves_no_secret_readable(self):
        """profile is 0600, and no token stands in the journal"""
        profile = self.heads["quan-ba-dinh"].profile
        self.assertEqual(os.stat(profile).st_mode & 0o777, 0o600)
        key = [name for name in os.listdir(self.server.state) if "key" in name]
        self.assertEqual([os.stat(f"{self.server.state}/{name}").st_mode & 0o077 for name in key], [0] * len(key))
        with open(profile, encoding="utf-8") as file:
            tokens = re.findall(r'^token = "([0-9a-f]{64})"', file.read(), re.M)
        audit = self.council("audit", "-o", "ndjson").out
        with open(f"{self.server.state}/data.mdb", "rb") as file:
            raw = file.read()
        self.assertEqual(len(tokens), 1)
        self.assertNotIn(tokens[0], audit)
        self.assertNotIn(bytes.fromhex(tokens[0]), raw)


if __name__ == "__main__":
    harness.main()
