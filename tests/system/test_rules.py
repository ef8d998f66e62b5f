#!/usr/bin/python3
"""What a period may define besides plain points: items, actual figures, criteria not assigned, classes, tie-breaks."""
import harness
from harness import ServerCase, assert_done, definition, pb

PERIOD = """
id = "day-du-2026"
name = "Giao ước đầy đủ"
cluster = "cum-thu"
year = 2026
total = "100,00"
deadline = "2099-11-30"
visibility = always
tie_breaks = {"TC2"}

unit "xa-mot" { name = "Xã Một" }
unit "xa-hai" { name = "Xã Hai" }
unit "xa-ba"  { name = "Xã Ba" }

criterion "TC1"   { title = "Công tác chung"  max = "40,00" }
criterion "TC1.1" { title = "Mục một"         max = "25,00"  step = "0,50" }
criterion "TC1.2" { title = "Mục hai"         max = "15,00"  step = "0,50" }
criterion "TC2" {
  title = "Quỹ vì người nghèo"
  max = "30,00"
  formula = linear
  target "xa-mot" { value = 300000000  label = "đồng" }
  target "xa-hai" { value = 700000000  label = "đồng" }
  target "xa-ba"  { value = 3  label = "hộ" }
}
criterion "TC3" {
  title = "Chỉ tiêu vận động"
  max = "30,00"
  formula = bands
  bands = {"100:30,00", "95:20,00", "80:10,00"}
  target "xa-mot" { value = 200  label = "hộ" }
  target "xa-hai" { value = 200  label = "hộ" }
  not_assigned = {"xa-ba"}
}
class "xuat-sac" { name = "Hoàn thành xuất sắc"  from = "90,00" }
class "tot"      { name = "Hoàn thành tốt"       from = "60,00" }
"""


class Rules(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = f"{cls.server.home}/period.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(PERIOD)
        assert_done(cls.server.admin("period", "load", path))
        cls.heads = {unit: cls.server.office(unit, "head") for unit in ("xa-mot", "xa-hai", "xa-ba")}
        cls.council = cls.server.office(None, "council")
        for head in cls.heads.values():
            assert_done(head("sign", "-p", "day-du-2026"))
        for state in ("signed", "scoring"):
            assert_done(cls.council("period", "advance", state, "-p", "day-du-2026"))

    def points(self, unit, *words):
        lines = self.assertExit(0, self.heads[unit]("score", *words, "-o", "json")).json["lines"]
        return {line["criterion"]: line["points"] for line in lines}

    def test_1_linear(self):
        """linear: maximum × actual ÷ target, capped, rounded half up once"""
        for actual, points in ((0, 0), (1, 10), (2, 20), (3, 30), (4, 30)):
            self.assertEqual(self.points("xa-ba", "--actual", f"TC2={actual}"), {"TC2": points})
        for actual, points in ((100000000, 4.29), (350000000, 15), (699999999, 30), (699000000, 29.96), (10**15, 30)):
            self.assertEqual(self.points("xa-hai", "--actual", f"TC2={actual}"), {"TC2": points})

    def test_2_bands(self):
        """bands: the first percentage from the top that is reached; below all of them nothing"""
        for actual, points in ((200, 30), (500, 30), (199, 20), (190, 20), (189, 10), (160, 10), (159, 0), (0, 0)):
            self.assertEqual(self.points("xa-mot", "--actual", f"TC3={actual}"), {"TC3": points})

    def test_3_refusals(self):
        """what follows from figures takes no points; sums and what is not assigned are not scored"""
        before = self.server.seq()
        for unit, words, reason in (("xa-mot", ["TC2=30"], "POINTS_COMPUTED"), ("xa-mot", ["TC1=40"], "CRITERION_HAS_ITEMS"),
                                    ("xa-ba", ["--actual", "TC3=5"], "CRITERION_NOT_ASSIGNED"),
                                    ("xa-mot", ["TC1.1=24,75"], "POINTS_STEP"), ("xa-mot", ["TC1.3=1"], "CRITERION_UNKNOWN"),
                                    ("xa-mot", ["--actual", "TC1.1=5"], None)):
            with self.subTest(words):
                self.assertExit(65, self.heads[unit]("score", *words, "-o", "json"), reason)
        self.assertEqual(self.server.seq(), before)

    def test_4_board(self):
        """who is not asked for a criterion is complete without it; classes follow totals, ties the period's tie-breaks"""
        self.points("xa-mot", "TC1.1=25", "TC1.2=5", "--actual", "TC2=300000000", "--actual", "TC3=200")  # 90
        self.points("xa-hai", "TC1.1=25", "TC1.2=15", "--actual", "TC2=466666667", "--actual", "TC3=200")  # 40 + 20 + 30
        self.points("xa-ba", "TC1.1=25", "TC1.2=10", "--actual", "TC2=3")  # 65
        for head in self.heads.values():
            assert_done(head("submit"))
        excellent, good = "Hoàn thành xuất sắc", "Hoàn thành tốt"
        board = assert_done(self.council("totals", "-o", "json")).json
        rows = [(row["rank"], row["tied"], row["unit"], row["total"], row["of"], row["class"]) for row in board["rows"]]
        self.assertEqual(rows, [(1, False, "xa-mot", 90, 4, excellent), (2, False, "xa-hai", 90, 4, excellent),
                                (3, False, "xa-ba", 65, 3, good)])
        self.assertEqual(list(board["rows"][0]["criteria"]), ["TC1.1", "TC1.2", "TC2", "TC3"])
        self.assertEqual(board["units_submitted"], 3)
        status = assert_done(self.council("status", "--check", "-o", "json")).json
        self.assertTrue(status["complete"])
        self.assertEqual([row["missing"] for row in status["rows"]], [[], [], []])

    def test_5_peers_see_what_was_handed_in(self):
        """visibility always: peers see handed-in sheets"""
        rows = {row["unit"]: row["total"] for row in assert_done(self.heads["xa-ba"]("totals", "-o", "json")).json["rows"]}
        self.assertEqual(rows, {"xa-mot": 90, "xa-hai": 90, "xa-ba": 65})
        self.assertExit(0, self.heads["xa-ba"]("sheet", "xa mot"))

    def test_6_a_unit_of_another_period(self):
        """who takes no part in a period may neither score nor see it"""
        harness.open_for_scoring(self.server, definition(["xa-khac"]))
        outsider, before = self.heads["xa-mot"], self.server.seq()
        for words in (["score", "TC1=1"], ["submit"], ["sheet"], ["totals"], ["status"]):
            with self.subTest(words):
                self.assertExit(77, outsider(*words, "-p", "lon-2026", "-o", "json"), "UNIT_NOT_IN_PERIOD")
        self.assertEqual(self.server.seq(), before)

    def test_7_replay(self):
        """the journal replayed gives the same rows"""
        self.assertEqual(pb.Entry.FromString(self.server.connect(self.server.unix).ask(
            audit=pb.AuditQuery(since=0)).audit.rows[0].record).event.WhichOneof("body"), "founded")
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())


if __name__ == "__main__":
    harness.main()
