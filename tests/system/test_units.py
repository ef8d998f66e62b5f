#!/usr/bin/python3
"""Units of one name: the quận Ba Đình of 2022 and the phường Ba Đình of 2026 are two units, and never mix; and a board
prints the names that its own period gave."""
import json

import harness
from harness import CODES, PERIOD, ServerCase, assert_done, pb, preset_text

WARDS = "hn-phuong-2026"
QUAN, PHUONG = "quan-ba-dinh", "phuong-ba-dinh"
WARD_FILE = f"""
id = "{WARDS}"
name = "Giao ước thi đua năm 2026, cụm các phường"
cluster = "hn-phuong-1"
year = 2026
total = "100,00"
deadline = "2099-11-30"

unit "{PHUONG}"          {{ name = "Ba Đình"       alias = "ba-dinh"       kind = "phuong"  parent = "hn"  valid_from = "2025-07-01" }}
unit "phuong-hoan-kiem"   {{ name = "Hoàn Kiếm"     alias = "hoan-kiem"     kind = "phuong"  parent = "hn"  valid_from = "2025-07-01" }}
unit "phuong-ngoc-ha"     {{ name = "Ngọc Hà"       kind = "phuong"  parent = "hn"  valid_from = "2025-07-01" }}

criterion "TC1" {{ title = "Công tác chung"  max = "100,00" }}
"""
# The same district, named otherwise by a later period: what 2022 has printed stays.
RENAMED_FILE = f"""
id = "hn-truyen-thong-2023"
name = "Giao ước thi đua năm 2023"
cluster = "hn-cum-1"
year = 2023
total = "100,00"
deadline = "2099-11-30"
unit "{QUAN}" {{ name = "Quận Ba Đình (cũ)"  kind = "quan"  parent = "hn"  valid_to = "2025-06-30" }}
criterion "TC1" {{ title = "Công tác chung"  max = "100,00" }}
"""


class Units(ServerCase):
    """Tests go on from one another, as the years do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.districts = harness.Cluster(cls.server)
        cls.load(WARD_FILE)
        cls.wards = {unit: cls.server.office(unit, "head") for unit in (PHUONG, "phuong-hoan-kiem", "phuong-ngoc-ha")}
        for head in cls.wards.values():
            assert_done(head("sign", "-p", WARDS))
        for state in ("signed", "scoring"):
            assert_done(cls.districts.council("period", "advance", state, "-p", WARDS))
        cls.quan, cls.phuong, cls.council = cls.districts.heads[QUAN], cls.wards[PHUONG], cls.districts.council

    @classmethod
    def load(cls, text):
        path = f"{cls.server.home}/more.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return assert_done(cls.server.admin("period", "load", path))

    def refused_file(self, text, reason):
        path, before = f"{self.server.home}/refused.conf", self.server.seq()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        result = self.assertExit(65, self.server.admin("period", "load", path, "-o", "json"), reason)
        self.assertEqual(self.server.seq(), before)
        return result

    def board(self, period, *more, who=None):
        rows = assert_done((who or self.council)("totals", "-p", period, "-o", "json", *more)).json["rows"]
        return {row["unit"]: (row["name"], row["total"]) for row in rows}

    def test_1_a_name_of_two_units_is_ambiguous(self):
        """inviting by a name or alias that two units have is refused and names both; by id it is not"""
        for name in ("Ba Đình", "ba dinh", "BA ĐÌNH", "ba-dinh"):
            with self.subTest(name):
                result = self.server.admin("admin", "invite", name, "--role", "officer", "--host", "a.vn:1", "-o", "json")
                self.assertExit(65, result, "UNIT_AMBIGUOUS")
                self.assertIn(QUAN, result.err)
                self.assertIn(PHUONG, result.err)
        for unit in (QUAN, PHUONG):
            person = self.server.office(unit, "officer")
            self.assertEqual(assert_done(person("whoami", "-o", "json")).json["unit"], unit)
        person = self.server.office("Ngọc Hà", "officer")  # one unit alone is called so
        self.assertEqual(assert_done(person("whoami", "-o", "json")).json["unit"], "phuong-ngoc-ha")

    def test_2_the_default_period_is_the_own_one(self):
        """without -p each head acts in the period in which its unit takes part; who has no unit must name one of the two"""
        self.assertEqual(self.assertExit(0, self.quan("score", *[f"{code}=12" for code in CODES], "-o", "json")).json["unit"], QUAN)
        self.assertEqual(self.assertExit(0, self.phuong("score", "TC1=61", "-o", "json")).json["unit"], PHUONG)
        for head, period in ((self.quan, PERIOD), (self.phuong, WARDS)):
            self.assertEqual(assert_done(head("totals", "-o", "json")).json["period"], period)
        result = self.assertExit(64, self.council("totals", "-o", "json"), "PERIOD_NOT_CHOSEN")
        self.assertIn(PERIOD, result.err)
        self.assertIn(WARDS, result.err)

    def test_3_nothing_mixes(self):
        """boards, sheets and histories of the two are apart; neither takes part in the other's period"""
        assert_done(self.quan("submit"))
        assert_done(self.phuong("submit"))
        self.assertEqual(self.board(PERIOD)[QUAN], ("Ba Đình", 96))
        self.assertEqual(self.board(WARDS)[PHUONG], ("Ba Đình", 61))
        self.assertNotIn(PHUONG, self.board(PERIOD))
        self.assertNotIn(QUAN, self.board(WARDS))
        for name in ("Ba Đình", "ba-dinh"):  # a period has one of them: in it the name is not ambiguous
            self.assertEqual(assert_done(self.council("sheet", name, "-p", PERIOD, "-o", "json")).json["unit"], QUAN)
            self.assertEqual(assert_done(self.council("sheet", name, "-p", WARDS, "-o", "json")).json["unit"], PHUONG)
            for period, scored in ((PERIOD, 8), (WARDS, 1)):
                rows = assert_done(self.council("history", name, "-p", period, "-o", "json")).json["rows"]
                self.assertEqual(len([row for row in rows if row["event"] == "score_set"]), scored)
        for head, other in ((self.quan, WARDS), (self.phuong, PERIOD)):
            for words in (["score", "TC1=1"], ["submit"], ["sheet"], ["totals"], ["history"]):
                self.assertExit(77, head(*words, "-p", other, "-o", "json"), "UNIT_NOT_IN_PERIOD")
        self.assertExit(65, self.council("sheet", QUAN, "-p", WARDS, "-o", "json"), "UNIT_UNKNOWN")

    def test_4_the_journal_tells_them_apart(self):
        """audit --unit shows the entries of one alone, by id; by their common name it is ambiguous"""
        for unit, other in ((QUAN, PHUONG), (PHUONG, QUAN)):
            shown = [json.loads(line) for line in assert_done(self.council("audit", "--unit", unit, "-o", "ndjson")).out.splitlines()]
            self.assertIn((unit, "score_set"), [(entry["unit"], entry["event"]) for entry in shown])
            self.assertNotIn(other, {entry["unit"] for entry in shown})
        self.assertExit(65, self.council("audit", "--unit", "Ba Đình", "-o", "json"), "UNIT_AMBIGUOUS")

    def test_5_another_kind_is_another_unit(self):
        """the id of a unit cannot be taken by a unit of another kind; the refusal names both kinds"""
        other = WARD_FILE.replace(f'id = "{WARDS}"', 'id = "hn-phuong-2027"')
        result = self.refused_file(other.replace(f'unit "{PHUONG}" ', f'unit "{QUAN}" '), "DEFINITION_KIND")
        for word in (QUAN, "phuong", "quan", PERIOD):
            self.assertIn(word, result.err)
        self.load(other)

    def test_6_old_names_stay(self):
        """a later period gives the district another name: the 2022 board prints that of 2022 for ever, now and at any entry"""
        before = self.server.seq()
        self.load(RENAMED_FILE)
        self.assertEqual(self.board("hn-truyen-thong-2023"), {QUAN: ("Quận Ba Đình (cũ)", None)})
        self.assertEqual(self.board(PERIOD)[QUAN], ("Ba Đình", 96))
        self.assertEqual(self.board(PERIOD, "--at", before)[QUAN], ("Ba Đình", 96))
        self.assertEqual(self.board(WARDS)[PHUONG], ("Ba Đình", 61))
        self.assertEqual(assert_done(self.council("sheet", QUAN, "-p", PERIOD, "-o", "json")).json["name"], "Ba Đình")
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())
        self.server.start()
        self.assertEqual(self.board(PERIOD)[QUAN], ("Ba Đình", 96))

    def test_7_by_the_wire(self):
        """the definition that a period was signed with is what it shows, kinds and spans as they were"""
        link = self.server.connect(self.server.unix)
        spans = {}
        for period in (PERIOD, WARDS):
            for unit in link.ask(period=pb.PeriodQuery(period=period)).period.definition.units:
                spans[unit.id] = (unit.name, unit.kind, unit.valid_from, unit.valid_to)
        self.assertEqual(spans[QUAN], ("Ba Đình", "quan", "", "2025-06-30"))
        self.assertEqual(spans[PHUONG], ("Ba Đình", "phuong", "2025-07-01", ""))


if __name__ == "__main__":
    harness.main()
