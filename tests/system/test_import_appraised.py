#!/usr/bin/python3
"""import --appraised: the appraised column of many units, one request a unit, many of them under way at once."""
import os
import pty
import re
import subprocess
import time

import harness
from cutter import Cutter
from harness import CODES, PERIOD, UNITS, Case, Cluster, Server, pb

REASON = ["--reason", "theo biên bản họp cụm"]
MANY = int(526 * min(harness.SCALE, 1)) or 1
WIDE = [f"xa-so-{n:03}" for n in range(MANY)]


class Appraisal(Case):
    """The six districts, all handed in, in appraisal."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.cluster = Cluster(self.server)
        for head in self.cluster.heads.values():
            harness.assert_done(head("score", *(f"{code}=10" for code in CODES)))
            harness.assert_done(head("submit"))
        harness.assert_done(self.cluster.council("period", "advance", "appraisal", "-p", PERIOD, "--reason", "đủ cả"))
        self.city = self.server.office(None, "city")
        self.path = f"{self.server.home}/tham-dinh.csv"

    def load(self, rows, *more, status=0):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("unit;criterion;points\n" + "".join(";".join(row) + "\n" for row in rows))
        result = self.city("import", "--appraised", self.path, *REASON, "-o", "json", *more)
        return self.assertExit(status, result).json

    def entries(self, event="lines_appraised"):
        out = self.assertExit(0, self.server.admin("audit", "-o", "json")).json
        return [entry for entry in out if entry["event"] == event]

    def whole(self, points="9,5"):
        return [(unit, code, points) for unit in UNITS for code in CODES]

    def test_six_units(self):
        """each unit's points are one entry with an id of its own; what stands is left out"""
        report = self.load(self.whole())
        self.assertEqual((report["recorded"], report["refused"]), (48, 0))
        self.assertEqual([entry["unit"] for entry in report["seqs"]], UNITS)
        self.assertEqual(len({entry["id"] for entry in report["seqs"]}), 6)
        self.assertEqual([(unit["recorded"], unit["total"]) for unit in report["units"]], [(8, 76)] * 6)
        entries = self.entries()
        self.assertEqual([(entry["seq"], entry["id"]) for entry in entries],
                         [(entry["seq"], entry["id"]) for entry in report["seqs"]])
        self.assertEqual({entry["detail"]["reason"] for entry in entries}, {REASON[1]})
        seq = self.server.seq()
        again = self.load(self.whole())
        self.assertEqual((again["stands"], again["seqs"], self.server.seq()), (48, [], seq))
        rows = self.whole()
        rows[9] = (UNITS[1], "TC2", "9,75")
        self.assertEqual([row["points"] for row in self.load(rows)["rows"] if row["result"] == "recorded"], [9.75])

    def test_names(self):
        """rows of a unit stand in one request, however they name it and wherever they stand"""
        report = self.load([("Ba Đình", "TC1", "9"), ("quan-dong-da", "TC1", "9"), ("quan ba dinh", "tc2", "9")])
        self.assertEqual([entry["unit"] for entry in report["seqs"]], ["quan-ba-dinh", "quan-dong-da"])

    def test_one_unit_is_refused(self):
        """a unit with a wrong line is left out whole, the others are recorded"""
        rows = self.whole()
        rows[10] = (UNITS[1], "TC3", "9,6")   # the server: off the step
        rows[20] = (UNITS[2], "TC5", "99")    # here: too much
        report = self.load(rows + [("quan-khong-co", "TC1", "1")], status=65)
        self.assertEqual({unit["unit"]: unit["recorded"] for unit in report["units"]},
                         {unit: 0 if unit in UNITS[1:3] else 8 for unit in UNITS})
        self.assertEqual([(row["line"], row["code"]) for row in report["rows"] if row["result"] == "refused"],
                         [(12, "POINTS_STEP"), (22, "POINTS_RANGE"), (50, "UNIT_UNKNOWN")])
        self.assertEqual(report["skipped"], 14)
        self.assertEqual(len(self.entries()), 4)

    def test_dry_run(self):
        """--dry-run records nothing, and shows each unit's total and rank"""
        seq = self.server.seq()
        report = self.load(self.whole(), "--dry-run")
        self.assertEqual((report["would_record"], report["seqs"], self.server.seq()), (48, [], seq))
        self.assertEqual([unit["total"] for unit in report["units"]], [76] * 6)
        self.load([(UNITS[0], "TC1", "9,6")], "--dry-run", status=65)

    def test_who_may(self):
        """the city may, an officer may not; a reason is owed"""
        self.load([(UNITS[0], "TC1", "9")])
        seq = self.server.seq()
        officer = self.server.office(UNITS[0], "officer")
        seq = self.server.seq()
        self.assertExit(77, officer("import", "--appraised", self.path, *REASON, "-o", "json"), "ROLE_NOT_PERMITTED")
        other = self.cluster.heads[UNITS[4]]("import", "--appraised", self.path, *REASON, "-o", "json")
        self.assertExit(77, other)
        self.assertExit(64, self.city("import", "--appraised", self.path))
        self.assertExit(64, self.city("import", "--appraised", self.path, *REASON, "--partial"))
        self.assertEqual(self.server.seq(), seq)


class Many(Case):
    """As many communes as a large city has, all handed in."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        period = harness.definition(WIDE, id="lon-2026")
        heads = harness.open_for_scoring(cls.server, period)
        for head in heads:
            link = cls.server.login(head)
            link.write(score=pb.Score(period="lon-2026", lines=[pb.LineInput(criterion=code, points_cp=1000) for code in CODES]))
            link.write(submit=pb.Submit(period="lon-2026"))
            link.close()
        council = cls.server.login(cls.server.enrol_all([(None, pb.COUNCIL)])[0])
        council.write(period_advance=pb.PeriodAdvance(period="lon-2026", state=pb.APPRAISAL, reason="đủ cả"))
        council.close()
        cls.city = cls.server.office(None, "city")
        cls.path = f"{cls.server.home}/tham-dinh.csv"

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def command(self, points, *more):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("unit,criterion,points\n" + "".join(f"{unit},{code},{points}\n" for unit in WIDE for code in CODES))
        return ["--lang", "en", "-s", self.server.tls, "--profile", self.city.profile, "import", "--appraised", self.path, *REASON,
                "-o", "json", *more]

    def appraised(self):
        """{unit: how many entries appraise it}"""
        link, counts = self.server.connect(self.server.unix, timeout=60), {}
        for row in link.ask(audit=pb.AuditQuery()).audit.rows:
            if pb.Entry.FromString(row.record).event.HasField("lines_appraised"):
                counts[row.unit] = counts.get(row.unit, 0) + 1
        link.close()
        return counts

    def test_1_killed_in_the_middle(self):
        """killed half-way and run again: the rest is recorded, nothing twice"""
        seq = self.server.seq()
        process = harness.spawn([harness.THIDUA, *self.command("9")], self.server.env, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        until = time.monotonic() + harness.PATIENCE
        while self.server.seq() < seq + MANY // 5 and process.poll() is None and time.monotonic() < until:
            pass
        harness.end(process)
        before = None
        while before != self.server.seq():  # what was under way is still carried out
            before = self.server.seq()
            time.sleep(0.2)
        self.assertLess(before, seq + MANY, "it was not killed in the middle")
        report = self.assertExit(0, harness.run([harness.THIDUA, *self.command("9")], self.server.env, timeout=60)).json
        self.assertEqual(report["recorded"] + report["stands"], MANY * len(CODES))
        self.assertEqual(len(report["seqs"]), seq + MANY - before)
        self.assertEqual(self.server.seq(), seq + MANY)
        self.assertEqual(self.appraised(), dict.fromkeys(WIDE, 1))

    def test_2_many_at_once(self):
        """a large file in one go; a line of progress each 10 % where standard error is no terminal, none with -q"""
        began = time.monotonic()
        result = harness.run([harness.THIDUA, *self.command("9.25")], self.server.env, timeout=60)
        took = time.monotonic() - began
        self.assertEqual(self.assertExit(0, result).json["recorded"], MANY * len(CODES))
        self.assertLess(took, 20)
        percents = [int(match) for match in re.findall(r"^thidua: (\d+) %", result.err, re.M)]
        self.assertEqual([percent // 10 for percent in percents], list(range(1, 11)), result.err)
        self.assertRegex(result.err, r"\d/s, \d+:\d\d left")
        quiet = harness.run([harness.THIDUA, *self.command("9.5"), "-q"], self.server.env, timeout=60)
        self.assertEqual(self.assertExit(0, quiet).err, "")

    def test_3_a_bar_on_a_terminal(self):
        """a bar that is taken off at the end"""
        ours, theirs = pty.openpty()
        process = harness.spawn([harness.THIDUA, *self.command("9.75")], dict(self.server.env, COLUMNS="100"),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        out = process.communicate(timeout=60)[0]
        drawn = b""
        try:
            while chunk := os.read(ours, 65536):
                drawn += chunk
        except OSError:  # the terminal's end
            pass
        os.close(ours)
        harness.end(process)
        self.assertEqual(process.returncode, 0, drawn)
        self.assertIn(b'"rows"', out)
        self.assertIn(b" %, ", drawn)
        self.assertTrue(drawn.rstrip().endswith(b"\r\x1b[K"), drawn[-80:])

    def test_4_cut_off(self):
        """the link breaks half-way: what was answered is told, the rest is unknown (80); run again it is all there, once"""
        seq, before = self.server.seq(), self.appraised()
        cutter = Cutter(self.server.tls, lambda: self.server.seq() > seq + MANY // 2)
        words = self.command("8", "--no-spool")
        words[words.index(self.server.tls)] = cutter.address
        result = harness.run([harness.THIDUA, *words], self.server.env, timeout=60)
        self.assertExit(80, result, "OUTCOME_UNKNOWN")
        report = result.json
        self.assertGreater(report["recorded"], 0)
        self.assertGreater(report["unknown"], 0)
        self.assertLessEqual(report["unknown"], 64 * len(CODES))
        self.assertEqual(report["recorded"] + report["unknown"] + report["skipped"], MANY * len(CODES))
        time.sleep(0.5)
        self.assertExit(0, harness.run([harness.THIDUA, *self.command("8")], self.server.env, timeout=60))
        self.assertEqual(self.appraised(), {unit: count + 1 for unit, count in before.items()})

    def test_5_no_server(self):
        """without a server nothing of the board is known: 69"""
        words = self.command("9")
        self.server.stop()
        self.assertExit(69, harness.run([harness.THIDUA, *words], self.server.env))
        self.server.start()


if __name__ == "__main__":
    harness.main()
