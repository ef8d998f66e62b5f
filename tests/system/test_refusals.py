#!/usr/bin/python3
"""Each refusal of the main job, through the real client: one clear reason, its exit status, and nothing changed."""
import json
import time
import unicodedata
import uuid

import harness
from harness import CODES, Cluster, ClusterCase, ServerCase, assert_done, preset_text

UNIT, OTHER = "quan-ba-dinh", "quan-dong-da"

# words of the command, exit status, reason of the server; None where the client refuses by itself
SCORE = [
    (["score", "TC1=99"], 65, "POINTS_RANGE"),
    (["score", "TC1=12,75"], 65, "POINTS_RANGE"),
    (["score", "TC1=12,49"], 65, "POINTS_STEP"),
    (["score", "TC1=12,505"], 65, None),
    (["score", "TC9=1"], 65, "CRITERION_UNKNOWN"),
    (["score", "TC1=1", "TC9=1"], 65, "CRITERION_UNKNOWN"),
    (["score", "TC1=1", "tc1=2"], 65, "CRITERION_TWICE"),
    (["score", "TC1=1", "--note", "hai\ndòng"], 65, None),
    (["score", "TC1=1", "--note", "\x1b[2J"], 65, None),
    (["score", "TC1=1.250"], 65, None),
    (["score", "TC1=1.250,5"], 65, None),
    (["score", "TC1=-1"], 65, None),
    (["score", "TC1=0x1"], 65, None),
    (["score", "TC1=1e1"], 65, None),
    (["score", "TC1="], 65, None),
    (["score", "TC1=99999999999999999999"], 65, None),
    (["score", "TC1=1", "-p", "khong-co"], 65, "PERIOD_UNKNOWN"),
    (["score", "--actual", "TC1=5"], 65, None),
    (["score"], 64, None),
    (["score", "TC1"], 64, None),
    (["score", "=1"], 64, None),
    (["score", "TC1=1", "--if-revision", "x"], 64, None),
    (["score", "TC1=1", "--id", "no-uuid"], 64, None),
    (["score", "TC1=1", "--no-such-flag"], 64, None),
    (["submit"], 65, "SHEET_INCOMPLETE"),
    (["sheet", OTHER], 77, "NOT_VISIBLE"),
    (["history", OTHER], 77, "NOT_VISIBLE"),
    (["sheet", "khong-co"], 65, "UNIT_UNKNOWN"),
    (["history", UNIT, "TC9"], 65, "CRITERION_UNKNOWN"),
    (["totals", "-p", "khong-co"], 65, "PERIOD_UNKNOWN"),
    (["totals", "--column", "x"], 64, None),
]


class Refusals(ClusterCase):
    def test_refusals(self):
        """off-step, out of range, unknown, ambiguous, another unit's: refused, and nothing written"""
        head, before = self.heads[UNIT], self.server.seq()
        for words, status, reason in SCORE:
            with self.subTest(" ".join(words)):
                result = self.assertExit(status, head(*words, "-o", "json", "--no-spool"), reason)
                self.assertEqual(result.out, "")
                self.assertTrue(result.err.strip(), "nothing says why")
                self.assertEqual(self.server.seq(), before)

    def test_errors_are_json(self):
        """with -o json an error is one object: status, reason, message, hint"""
        result = self.heads[UNIT]("score", "TC1=99", "-o", "json")
        error = result.error
        self.assertLessEqual({"status", "reason", "message", "hint"}, set(error))
        self.assertEqual((error["status"], error["reason"]), ("INVALID_ARGUMENT", "POINTS_RANGE"))
        self.assertRegex(error["message"], r"TC1.*|.*TC1")
        self.assertNotIn("{", error["message"])

    def test_errors_are_text(self):
        """without it, a person reads what is wrong, where, and what to do"""
        result = self.assertExit(65, self.heads[UNIT]("score", "TC1=99"))
        self.assertIn("TC1", result.err)
        self.assertRegex(result.err, r"99[.,]00")
        self.assertIn("hint", result.err)
        self.assertEqual(result.out, "")

    def test_every_problem_is_named(self):
        """two bad lines: both are named"""
        result = self.assertExit(65, self.heads[UNIT]("score", "TC1=99", "TC2=98"))
        self.assertIn("TC1", result.err)
        self.assertIn("TC2", result.err)

    def test_marks_apart_are_normalised(self):
        """text that comes with letters and marks apart is made NFC, not refused"""
        apart = unicodedata.normalize("NFD", "Đã kiểm tra ở Ba Đình")
        self.assertExit(0, self.heads[UNIT]("score", "TC2=1", "--note", apart))
        sheet = self.assertExit(0, self.heads[UNIT]("sheet", "-o", "json")).json
        self.assertEqual(sheet["lines"][1]["note"], unicodedata.normalize("NFC", apart))

    def test_stale_revision(self):
        """--if-revision with a revision that has moved on exits 79 and shows the current one"""
        head = self.heads[UNIT]
        first = self.assertExit(0, head("score", "TC3=1", "-o", "json")).json["lines"][0]["revision"]
        self.assertExit(0, head("score", "TC3=2", "--if-revision", first))
        before = self.server.seq()
        result = self.assertExit(79, head("score", "TC3=3", "--if-revision", first, "-o", "json"), "REVISION_MOVED")
        self.assertEqual(result.error["status"], "CONFLICT")
        self.assertIn(str(first + 1), result.error["message"])
        self.assertEqual(self.server.seq(), before)

    def test_same_id(self):
        """--id again gives the first answer; with other content exit 65, ID_REUSED"""
        head, id_ = self.heads[UNIT], str(uuid.uuid4())
        first = self.assertExit(0, head("score", "TC4=1", "--id", id_, "-o", "json")).json
        before = self.server.seq()
        again = self.assertExit(0, head("score", "TC4=1", "--id", id_.upper(), "-o", "json")).json
        self.assertEqual((first["id"], again["id"], again["replayed"]), (id_, id_, True))
        self.assertEqual({**again, "replayed": False}, first)
        self.assertExit(65, head("score", "TC4=2", "--id", id_, "-o", "json"), "ID_REUSED")
        self.assertEqual(self.server.seq(), before)

    def test_own_row_only(self):
        """before hand-in becomes visible, of others totals keeps the row with every figure null"""
        self.assertExit(0, self.heads[OTHER]("score", "TC1=12"))
        self.assertExit(0, self.heads[UNIT]("score", "TC1=11"))
        board = self.assertExit(0, self.heads[UNIT]("totals", "-o", "json")).json
        rows = {row["unit"]: row for row in board["rows"]}
        self.assertEqual(set(rows), set(harness.UNITS))
        for unit, row in rows.items():
            self.assertIsNone(row["rank"])
            self.assertIsNone(row["class"])
            if unit != UNIT:
                self.assertEqual([row[key] for key in ("total", "base", "bonus", "deduction")], [None] * 4)
                self.assertEqual(set(row["criteria"].values()), {None})
        self.assertEqual(rows[UNIT]["criteria"]["TC1"], 11)
        self.assertNotIn('"TC1":12,', json.dumps(board, separators=(",", ":")))
        self.assertNotIn("12.0", self.heads[UNIT]("totals", "-o", "csv").out)

    def test_after_submit(self):
        """a sheet that has been handed in takes no more points"""
        unit = "quan-long-bien"
        head = self.heads[unit]
        self.assertExit(0, head("score", *[f"{code}=1" for code in CODES]))
        self.assertExit(0, head("submit"))
        before = self.server.seq()
        self.assertExit(65, head("score", "TC1=2", "-o", "json"), "SHEET_SUBMITTED")
        self.assertExit(65, head("submit", "-o", "json"), "SHEET_SUBMITTED")
        self.assertEqual(self.server.seq(), before)


class Visibility(ServerCase):
    """The three views: all, submitted, own."""

    def test_submitted_view_of_the_leader(self):
        """leader and deputy see last handed-in revisions; peers only their own row; the centre all"""
        text = preset_text().replace('cluster =', f'leader = "{UNIT}"\ndeputy = "{OTHER}"\ncluster =', 1)
        cluster = Cluster(self.server, text)
        handed, drafting = "quan-hoang-mai", "quan-hoan-kiem"
        assert_done(cluster.heads[handed]("score", *[f"{code}=10" for code in CODES]))
        assert_done(cluster.heads[handed]("submit"))
        assert_done(cluster.heads[drafting]("score", "TC1=5"))
        seen = {}
        for name, person in {"council": cluster.council, "leader": cluster.heads[UNIT], "deputy": cluster.heads[OTHER],
                             "peer": cluster.heads["quan-long-bien"]}.items():
            rows = {row["unit"]: row for row in self.assertExit(0, person("totals", "-o", "json")).json["rows"]}
            seen[name] = [rows[handed]["total"], rows[drafting]["total"]]
        self.assertEqual(seen, {"council": [80, 5], "leader": [80, None], "deputy": [80, None], "peer": [None, None]})
        self.assertExit(0, cluster.heads[UNIT]("sheet", handed))
        self.assertExit(77, cluster.heads["quan-long-bien"]("sheet", handed))

    def cluster_with_deadline(self, change=lambda text: text):
        """A cluster whose deadline is in an hour, on a server of its own."""
        server = harness.Server()
        self.addCleanup(server.close)
        deadline = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 3600))
        return server, Cluster(server, change(preset_text(deadline=deadline)))

    def pass_deadline(self, server):
        self.assertEqual(server.stop(), 0)
        server.start(clock=3700)

    def test_after_the_deadline_peers_see_what_was_handed_in(self):
        """once the deadline has passed peers see handed-in sheets, and a hand-in is late"""
        server, cluster = self.cluster_with_deadline()
        early, late, peer = (cluster.heads[unit] for unit in ("quan-ba-dinh", "quan-dong-da", "quan-long-bien"))
        assert_done(early("score", *[f"{code}=10" for code in CODES]))
        self.assertFalse(assert_done(early("submit", "-o", "json")).json["late"])
        self.pass_deadline(server)
        self.assertTrue(assert_done(late("score", *[f"{code}=9" for code in CODES], "-o", "json")).json["late"])
        self.assertTrue(assert_done(late("submit", "-o", "json")).json["late"])
        rows = {row["unit"]: row for row in assert_done(peer("totals", "-o", "json")).json["rows"]}
        self.assertEqual((rows["quan-ba-dinh"]["total"], rows["quan-dong-da"]["total"]), (80, 72))
        status = {row["unit"]: row for row in assert_done(cluster.council("status", "-o", "json")).json["rows"]}
        self.assertEqual((status["quan-ba-dinh"]["late"], status["quan-dong-da"]["late"]), (False, True))

    def test_hard_close(self):
        """hard_close refuses what comes after the deadline"""
        server, cluster = self.cluster_with_deadline(lambda text: text.replace("hard_close = false", "hard_close = true"))
        head = cluster.heads[UNIT]
        assert_done(head("score", *[f"{code}=10" for code in CODES]))
        self.pass_deadline(server)
        before = server.seq()
        self.assertExit(65, head("submit", "-o", "json"), "DEADLINE_PASSED")
        self.assertExit(65, head("score", "TC1=1", "-o", "json"), "DEADLINE_PASSED")
        self.assertEqual(server.seq(), before)


if __name__ == "__main__":
    harness.main()
