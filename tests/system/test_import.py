#!/usr/bin/python3
"""import: a unit's own scores from a file, with a report for each line; all or nothing, and never twice."""
import harness
from cutter import Cutter
from harness import Case, Server

UNIT = "quan-ba-dinh"
PERIOD = "nhap-2026"
TEXT = """id = "nhap-2026"
name = "Kỳ nhập tệp"
cluster = "cum-thu"
year = 2026
total = "100,00"
deadline = "2099-11-30"
unit "quan-ba-dinh" { name = "Ba Đình"  alias = "ba-dinh" }
unit "quan-long-bien" { name = "Long Biên"  alias = "long-bien" }
criterion "TC1" { title = "Mục một"  provenance = named  max = "20,00"  step = "0,25" }
criterion "TC1.1" { title = "Việc một"  provenance = named  max = "12,50"  step = "0,25" }
criterion "TC1.2" { title = "Việc hai"  provenance = named  max = "7,50"  step = "0,25" }
criterion "TC2" { title = "Quỹ"  provenance = named  max = "30,00"  formula = linear
  target "quan-ba-dinh" { value = 500000000 }  target "quan-long-bien" { value = 300000000 } }
criterion "TC3" { title = "Hộ nghèo"  provenance = named  max = "25,00"  formula = bands  bands = {"100:25,00", "50:10,00"}
  target "quan-ba-dinh" { value = 12 }  target "quan-long-bien" { value = 9 } }
criterion "TC4" { title = "Mục bốn"  provenance = named  max = "15,00"  step = "0,25" }
criterion "TC5" { title = "Mục năm"  provenance = named  max = "10,00"  step = "0,25"  not_assigned = {"quan-ba-dinh"} }
"""


class Small:
    """Two units, formulas, items and a criterion that is not everybody's."""

    def __init__(self, server, text=TEXT, period=PERIOD, units=(UNIT, "quan-long-bien")):
        self.server, self.period, self.path = server, period, f"{server.home}/{period}.conf"
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        harness.assert_done(server.admin("period", "load", self.path))
        self.heads = {unit: server.office(unit, "head") for unit in units}
        self.council = server.office(None, "council")
        for head in self.heads.values():
            harness.assert_done(head("sign", "-p", period))
        for state in ("signed", "scoring"):
            harness.assert_done(self.council("period", "advance", state, "-p", period))


class ImportCase(Case):
    """A daemon with the small period for each test."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.small = self.make()
        self.head = self.small.heads[UNIT]
        self.path = f"{self.server.home}/diem.csv"

    def make(self):
        return Small(self.server)

    def write(self, content):
        with open(self.path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path

    def load(self, content, *more, status=0, who=None):
        """Imports the content; the json report."""
        result = (who or self.head)("import", self.write(content), "-o", "json", *more)
        self.assertExit(status, result)
        return result.json

    def lines(self, person=None):
        sheet = self.assertExit(0, (person or self.head)("sheet", "-o", "json")).json
        return {line["criterion"]: line for line in sheet["lines"] if line["points"] is not None}

    def results(self, report):
        return [(row["line"], row["criterion"], row["result"]) for row in report["rows"]]


class Formats(ImportCase):
    def test_every_way_of_writing_a_file(self):
        """comma, semicolon and tab, BOM, CRLF, quoted line ends, comma decimals: the same scores"""
        rows = [["criterion", "points", "actual", "note"], ["TC1.1", "{}", "", "ghi chú"], ["tc2", "", "250000000", ""]]
        points = 0
        for separator in ",;\t":
            for mark in ".," if separator != "," else ".":
                for end in ("\n", "\r\n"):
                    for bom in ("", "\ufeff"):
                        points += 25
                        text = f"{points // 100}{mark}{points % 100:02}"
                        content = bom + end.join(separator.join(row).format(text) for row in rows) + end
                        report = self.load(content)
                        self.assertEqual(self.results(report)[0], (2, "TC1.1", "recorded"), content)
                        self.assertEqual(self.lines()["TC1.1"]["points"], points / 100, content)
        self.load('criterion,points,note\r\nTC1.1,"12.5","dòng một\r\ndòng hai"\r\nTC4,1,""\r\n')
        self.assertEqual(self.lines()["TC1.1"]["note"], "dòng một dòng hai")
        report = self.load("criterion,points\nTC1.1,1\n\nTC4,2\n")
        self.assertEqual([row["line"] for row in report["rows"]], [2, 4])

    def test_standard_input(self):
        """- reads standard input"""
        result = self.head("import", "-", input="criterion;points\nTC4;2,5\n")
        self.assertExit(0, result)
        self.assertEqual(self.lines()["TC4"]["points"], 2.5)

    def test_legacy_encodings(self):
        """a file in TCVN3 or VNI is refused, and the refusal names the encoding"""
        seq = self.server.seq()
        tcvn3 = b"criterion,points,note\nTC4,1,\xa7\xe8ng \xa7a ho\xb5n th\xb5nh xu\xcat s\xbec nhi\xd6m v\xf4 \xae\xad\xeec giao\n"
        vni = "criterion,points,note\nTC4,1,Ñoáng Ña hoaøn thaønh xuaát saéc nhieäm vuï ñöôïc giao\n".encode("latin-1")
        for content, name in ((tcvn3, "TCVN3"), (vni, "VNI")):
            result = self.assertExit(65, self.head("import", self.write(content)))
            self.assertIn(name, result.err)
        self.assertEqual(self.server.seq(), seq)

    def test_no_file(self):
        """a file that is not there is 66, an empty one 65"""
        self.assertExit(66, self.head("import", f"{self.server.home}/khong-co.csv", "-o", "json"), "NO_INPUT")
        self.assertExit(65, self.head("import", self.write(""), "-o", "json"))
        self.assertExit(65, self.head("import", self.write("criterion,điểm lạ\nTC4,1\n"), "-o", "json"), "BAD_DATA")


class RoundTrip(ImportCase):
    NOTES = {"TC1.1": "=1+1; xem \"phụ lục\"", "TC1.2": " cách hai đầu ", "TC2": "'= đã có dấu nháy", "TC4": "-5 so với 2025"}

    def setUp(self):
        super().setUp()
        papers = ["--evidence", "15/BC-MTTQ-BTT;2022-10-20;Báo cáo năm; phần I", "--evidence", "7/TB", "--evidence", "8/KH;;Kế hoạch;"]
        for code, value in (("TC1.1", "12,5"), ("TC1.2", "7,25"), ("TC4", "3")):
            words = papers if code == "TC1.1" else []
            self.assertExit(0, self.head("score", f"{code}={value}", "--note", self.NOTES[code], *words))
        self.assertExit(0, self.head("score", "--actual", "TC2=123456789", "--note", self.NOTES["TC2"]))
        self.assertExit(0, self.head("score", "--actual", "TC3=7", "--evidence", "9/BC;2022-01-02;Tên | có gạch"))

    def test_nothing_to_change(self):
        """what sheet writes, in csv and for a spreadsheet, in both languages, stands already"""
        seq = self.server.seq()
        for lang in ("vi", "en"):
            for more in ([], ["--excel"]):
                words = ["--lang", lang, "-s", self.server.tls, "--profile", self.head.profile, "-p", PERIOD]
                sheet = harness.run([harness.THIDUA, *words, "sheet", "-o", "csv", *more], self.server.env)
                report = self.load(sheet.out)
                stands = [row["criterion"] for row in report["rows"] if row["result"] == "stands"]
                self.assertEqual(stands, ["TC1.1", "TC1.2", "TC2", "TC3", "TC4"], sheet.out + str(report))
                self.assertEqual((report["refused"], report["recorded"], report["seqs"]), (0, 0, []))
        self.assertEqual(self.server.seq(), seq)

    def test_one_cell(self):
        """a changed cell is that line's entry alone, and the rest of the line stays"""
        before = self.lines()
        sheet = self.assertExit(0, self.head("sheet", "-o", "csv")).out
        report = self.load(sheet.replace("7.25", "7.5"))
        self.assertEqual([(row["criterion"], row["from"], row["points"]) for row in report["rows"] if row["result"] == "recorded"],
                         [("TC1.2", 7.25, 7.5)])
        after = self.lines()
        self.assertEqual({code for code in after if after[code]["revision"] != before[code]["revision"]}, {"TC1.2"})
        self.assertEqual((after["TC1.2"]["note"], after["TC1.2"]["points"]), (self.NOTES["TC1.2"], 7.5))

    def test_figures(self):
        """of a formula's line the actual figure is taken; points that do not follow from it are refused"""
        header = "criterion,points,actual\n"
        old = self.lines()["TC2"]["points"]
        report = self.load(f"{header}TC2,{old},250000000\nTC3,25,12\n")
        self.assertEqual([(row["result"], row["points"]) for row in report["rows"]], [("recorded", 15), ("recorded", 25)])
        self.assertEqual(self.lines()["TC2"]["note"], self.NOTES["TC2"])  # the file says nothing about it
        for row in ("TC2,14.5,250000000", "TC2,14.5,", "TC3,11,12"):
            report = self.load(header + row + "\n", status=65)
            self.assertEqual([row["code"] for row in report["rows"]], ["POINTS_COMPUTED"])
        self.assertEqual(self.load(f"{header}TC2,15,\n")["stands"], 1)

    def test_words_are_taken_off(self):
        """an empty cell of a column that the file has takes the note off; without the column it stays"""
        self.load("criterion,points\nTC4,4\n")
        self.assertEqual(self.lines()["TC4"]["note"], self.NOTES["TC4"])
        self.load("criterion,points,note,evidence\nTC4,4,,\nTC1.1,12.5,,1/A\n")
        lines = self.lines()
        self.assertIsNone(lines["TC4"]["note"])
        self.assertEqual(lines["TC1.1"]["evidence"], [{"number": "1/A", "date": None, "title": None}])


class AllOrNothing(ImportCase):
    MIXED = ("unit,criterion,points,actual\n"
             "ba-dinh,TC1.1,12.5,\n"          # 2: good
             "Ba Đình,TC1.2,7.3,\n"           # 3: off the step
             "quan-ba-dinh,TC4,15.25,\n"      # 4: too much
             "long-bien,TC4,1,\n"             # 5: another unit's
             ",TC9,1,\n"                      # 6: no such criterion
             ",TC1,1,\n"                      # 7: it has items
             ",TC5,1,\n"                      # 8: not this unit's
             ",TC2,,\n"                       # 9: scores nothing
             ",TC3,abc,\n")                   # 10: no number
    CODES = {3: "POINTS_STEP", 4: "POINTS_RANGE", 5: "NOT_YOUR_UNIT", 6: "CRITERION_UNKNOWN", 7: "CRITERION_HAS_ITEMS",
             8: "CRITERION_NOT_ASSIGNED", 10: "BAD_DATA"}

    def test_errors_by_line(self):
        """each line that is wrong is named with its reason, and nothing is recorded"""
        seq = self.server.seq()
        result = self.assertExit(65, self.head("import", self.write(self.MIXED), "-o", "json"), "LINES_REFUSED")
        report = result.json
        self.assertEqual({row["line"]: row["code"] for row in report["rows"] if row["result"] == "refused"}, self.CODES)
        self.assertEqual({row["line"]: row["result"] for row in report["rows"] if row["result"] != "refused"},
                         {2: "skipped", 9: "skipped"})
        self.assertTrue(all(row["reason"] for row in report["rows"]))
        self.assertEqual(self.server.seq(), seq)
        self.assertIn("7.30", self.head("import", self.path).out)

    def test_partial(self):
        """--partial records the good lines and names the others"""
        report = self.load(self.MIXED, "--partial", status=65)
        self.assertEqual((report["recorded"], report["refused"], report["skipped"]), (1, 7, 1))
        self.assertEqual([(entry["unit"], entry["seq"]) for entry in report["seqs"]], [(UNIT, self.server.seq())])
        self.assertEqual(set(self.lines()), {"TC1.1"})
        again = self.load(self.MIXED, "--partial", status=65)
        self.assertEqual((again["recorded"], again["stands"]), (0, 1))

    def test_the_same_line_twice(self):
        """two rows that mean the same line are both refused"""
        report = self.load("unit,criterion,points\nba-dinh,TC4,1\n,tc4,2\n,TC1.1,1\n", status=65)
        self.assertEqual([row["result"] for row in report["rows"]], ["refused", "refused", "skipped"])

    def test_dry_run(self):
        """--dry-run says what would happen and changes nothing"""
        seq = self.server.seq()
        report = self.load("criterion,points\nTC4,1\nTC1.1,2\n", "--dry-run")
        self.assertEqual([(row["result"], row["from"], row["points"]) for row in report["rows"]],
                         [("would_record", None, 1), ("would_record", None, 2)])
        self.assertTrue(report["dry_run"])
        self.assertIn("DRY RUN", self.head("import", self.path, "--dry-run").out)
        self.assertExit(64, self.head("import", self.path, "--dry-run", "--id", "01a20b08-683e-79ec-9128-f78c8d98f680"))
        self.assertEqual(self.server.seq(), seq)
        self.fill_and_submit()
        report = self.load("criterion,points\nTC4,1\n", "--dry-run", status=65)
        self.assertEqual([row["result"] for row in report["rows"]], ["refused"])

    def fill_and_submit(self):
        content = "criterion,points,actual\nTC1.1,12.5,\nTC1.2,7.5,\nTC2,,500000000\nTC3,,12\nTC4,15,\n"
        return self.load(content, "--submit")

    def test_submit(self):
        """--submit hands in once every line is recorded, and gives the receipt; an officer may not"""
        officer = self.server.office(UNIT, "officer")
        seq = self.server.seq()
        result = officer("import", self.write("criterion,points\nTC4,1\n"), "--submit", "-o", "json")
        self.assertExit(77, result, "ROLE_NOT_PERMITTED")
        self.assertEqual(self.server.seq(), seq)
        self.load("criterion,points\nTC4,1\nTC1.1,99\n", "--submit", status=65)
        self.assertEqual(self.server.seq(), seq)
        report = self.fill_and_submit()
        self.assertEqual((report["recorded"], report["submit"]["total"]), (5, 90))
        self.assertRegex(report["submit"]["receipt"], r"^thidua-receipt:1:")
        result = self.head("import", self.write("criterion,points\nTC4,1\n"), "-o", "json")
        self.assertExit(65, result, "SHEET_SUBMITTED")
        self.assertEqual([row["result"] for row in result.json["rows"]], ["refused"])
        self.assertExit(0, self.head("import", self.write("criterion,points\nTC4,15\n")))  # it stands

    def test_incomplete(self):
        """a sheet that is not complete is not handed in, and what was recorded stands"""
        result = self.head("import", self.write("criterion,points\nTC4,1\n"), "--submit", "-o", "json")
        self.assertExit(65, result, "SHEET_INCOMPLETE")
        self.assertEqual(result.json["recorded"], 1)

    def test_who_may(self):
        """only an officer or head of a unit"""
        path = self.write("criterion,points\nTC4,1\n")
        for person in (self.small.council, self.server.office(None, "city"), self.server.admin):
            self.assertExit(77, person("import", path, "-o", "json"), "ROLE_NOT_PERMITTED")
        self.assertExit(64, self.head("import", path, "--reason", "gì đó"))

    def test_one_id(self):
        """--id names the one request"""
        path, one = self.write("criterion,points\nTC4,1\n"), "01a20b08-683e-79ec-9128-f78c8d98f680"
        self.assertExit(64, self.head("import", path, "--id", one, "--submit"))
        report = self.assertExit(0, self.head("import", path, "--id", one, "-o", "json")).json
        self.assertEqual(report["seqs"][0]["id"], one)
        self.assertEqual(self.assertExit(0, self.head("import", path, "--id", one, "-o", "json")).json["stands"], 1)


class Revisions(ImportCase):
    def test_conflict(self):
        """a row whose revision has moved on is a conflict: 79, nothing recorded; --partial records the others"""
        self.load("criterion,points\nTC4,1\nTC1.1,2\n")
        sheet = self.assertExit(0, self.head("sheet", "-o", "csv")).out
        self.assertExit(0, self.head("score", "TC4=5"))
        seq = self.server.seq()
        changed = sheet.replace("TC4,1,", "TC4,3,").replace("TC1.1,2,", "TC1.1,4,").replace("TC1.2,,", "TC1.2,6,")
        result = self.head("import", self.write(changed), "-o", "json")
        self.assertExit(79, result, "REVISION_MOVED")
        self.assertEqual(result.error["status"], "CONFLICT")
        self.assertEqual([row["code"] for row in result.json["rows"] if row["result"] == "refused"], ["REVISION_MOVED"])
        self.assertEqual(self.server.seq(), seq)
        report = self.load(changed, "--partial", status=79)
        self.assertEqual((report["recorded"], report["refused"]), (2, 1))
        self.assertEqual({code: line["points"] for code, line in self.lines().items()}, {"TC1.1": 4, "TC1.2": 6, "TC4": 5})

    def test_scored_meanwhile(self):
        """an empty revision says that nothing stood"""
        sheet = self.assertExit(0, self.head("sheet", "-o", "csv")).out
        self.assertExit(0, self.head("score", "TC4=5"))
        self.load(sheet.replace("TC4,,", "TC4,3,"), status=79)
        self.assertEqual(self.load("criterion,points\nTC4,3\n")["recorded"], 1)


class Offline(ImportCase):
    def test_kept_and_sent_later(self):
        """without a server the scores are kept (75) and reach it once; --no-spool is 69"""
        self.load("criterion,points\nTC4,1\n")
        self.server.stop()
        content = "unit,criterion,points,note\nba-dinh,TC4,2,xa\n,TC1.1,3,\n"
        self.assertExit(69, self.head("import", self.write(content), "--no-spool"))
        result = self.head("import", self.path, "--submit", "-o", "json")
        self.assertExit(75, result)
        self.assertEqual([row["result"] for row in result.json["rows"]], ["kept", "kept"])
        self.load("unit,criterion,points\nlong-bien,TC4,2\n", status=65)  # another unit's is not kept
        self.server.start()
        self.assertExit(0, self.head("spool", "flush"))
        lines = self.lines()
        self.assertEqual([(lines[code]["points"], lines[code]["revision"]) for code in ("TC4", "TC1.1")], [(2, 2), (3, 1)])
        self.assertEqual(self.load(content)["stands"], 2)


class CutOff(ImportCase):
    """The link breaks once the scores have been recorded, and before the answer."""

    def setUp(self):
        super().setUp()
        seq = self.server.seq()
        self.cutter = Cutter(self.server.tls, lambda: self.server.seq() > seq)
        with open(self.head.profile, encoding="utf-8") as file:
            profile = file.read()
        with open(self.head.profile, "w", encoding="utf-8") as file:
            file.write(profile.replace(self.server.tls, self.cutter.address))
        self.content = "criterion,points\nTC4,2\nTC1.1,3\n"

    def thidua(self, *words):
        """With the server that the profile names."""
        return harness.run([harness.THIDUA, "--lang", "en", "--profile", self.head.profile, *words], self.server.env)

    def test_kept(self):
        """it is kept, and recorded once"""
        result = self.thidua("import", self.write(self.content), "--submit", "-o", "json")
        self.assertExit(75, result)
        self.assertEqual([row["result"] for row in result.json["rows"]], ["kept", "kept"])
        self.assertGreater(self.cutter.cuts, 0)
        self.cutter.cut_when = lambda: False
        self.assertExit(0, self.thidua("spool", "flush"))
        self.assertEqual({line["revision"] for line in self.lines().values()}, {1})
        self.assertEqual(self.load(self.content)["stands"], 2)

    def test_not_kept(self):
        """with --no-spool the outcome is unknown (80); the same import again finds it"""
        result = self.thidua("import", self.write(self.content), "--no-spool", "-o", "json")
        self.assertExit(80, result, "OUTCOME_UNKNOWN")
        self.assertEqual([row["result"] for row in result.json["rows"]], ["unknown", "unknown"])
        self.cutter.cut_when = lambda: False
        self.assertEqual(self.load(self.content)["stands"], 2)


class Large(ImportCase):
    CODES = [f"TC{n}" for n in range(1, 41)]

    def make(self):
        head = TEXT[:TEXT.index("criterion")]
        return Small(self.server, head + "".join(
            f'criterion "{code}" {{ title = "{code}"  provenance = named  max = "2,50" }}\n' for code in self.CODES))

    def test_more_than_one_request(self):
        """what does not fit one request is not sent all or nothing; --partial sends it in several"""
        seq = self.server.seq()
        content = "criterion,points,note\n" + "".join(f"{code},1,{'ă' * 995}{code}\n" for code in self.CODES)
        result = self.head("import", self.write(content), "-o", "json")
        self.assertExit(65, result, "BAD_DATA")
        self.assertIn("--partial", result.error["hint"])
        self.assertEqual(self.server.seq(), seq)
        self.assertExit(64, self.head("import", self.path, "--partial", "--id", "01a20b08-683e-79ec-9128-f78c8d98f680"))
        report = self.load(content, "--partial")
        self.assertEqual((report["recorded"], len(report["seqs"])), (40, 2))
        self.assertEqual(len({entry["id"] for entry in report["seqs"]}), 2)
        lines = self.lines()
        self.assertEqual(lines["TC40"]["note"], "ă" * 995 + "TC40")
        self.assertEqual(self.load(content)["stands"], 40)
        history = self.assertExit(0, self.head("history", "-o", "json")).json
        self.assertEqual({row["criterion"]: row["note"][-4:] for row in history["rows"]}["TC12"], "TC12")


if __name__ == "__main__":
    harness.main()
