#!/usr/bin/python3
"""The four outputs agree, tables are aligned by display width, names are found with and without marks."""
import csv
import io
import json
import re
import unicodedata

import harness
from harness import CODES, ClusterCase, assert_done


def width(text):
    """Columns on a terminal, for the letters that occur here."""
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class Output(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for n, head in enumerate(cls.heads.values()):
            if n < 5:
                assert_done(head("score", *[f"{code}={n + i / 4}" for i, code in enumerate(CODES[:n + 2])], "--note", 'dấu "," và ;'))

    def test_totals_agree(self):
        """totals in json, ndjson and csv say the same"""
        board = assert_done(self.council("totals", "-o", "json")).json
        lines = [json.loads(line) for line in assert_done(self.council("totals", "-o", "ndjson")).out.splitlines()]
        self.assertTrue(lines == [board] or lines == board["rows"], "ndjson is neither the board nor its rows")
        rows = list(csv.DictReader(io.StringIO(assert_done(self.council("totals", "-o", "csv")).out)))
        self.assertEqual(list(rows[0]), ["rank", "unit", "name", *CODES, "base", "bonus", "deduction", "total", "scored", "of",
                                         "sheet", "class"])

        def text(value):
            return "" if value is None else f"{value:g}" if isinstance(value, (int, float)) else value

        def number(value):
            return f"{float(value):g}" if re.fullmatch(r"-?\d+(\.\d+)?", value) else value

        for row, line in zip(board["rows"], rows, strict=True):
            wanted = {key: text(row[key]) for key in ("rank", "unit", "name", "base", "bonus", "deduction", "total", "scored",
                                                      "of", "sheet", "class")}
            wanted.update({code: text(row["criteria"][code]) for code in CODES})
            self.assertEqual({key: number(value) for key, value in line.items()}, wanted)

    def test_excel(self):
        """--excel: a BOM, semicolons, decimal commas"""
        result = assert_done(self.council("totals", "-o", "csv", "--excel"))
        self.assertTrue(result.out.startswith("\ufeff"))
        rows = list(csv.reader(io.StringIO(result.out.removeprefix("\ufeff")), delimiter=";"))
        self.assertEqual({len(row) for row in rows}, {3 + len(CODES) + 8})
        self.assertTrue(any("," in cell for cell in rows[1]))

    def test_no_header(self):
        """--no-header leaves the header out"""
        whole = assert_done(self.council("totals", "-o", "csv")).out.splitlines()
        self.assertEqual(assert_done(self.council("totals", "-o", "csv", "--no-header")).out.splitlines(), whole[1:])

    def test_sheet_csv(self):
        """sheet in csv has the header of the contract, and text with quotes comes back whole"""
        head = self.heads["quan-hoang-mai"]
        rows = list(csv.DictReader(io.StringIO(assert_done(head("sheet", "-o", "csv")).out)))
        self.assertEqual(list(rows[0]), ["unit", "criterion", "points", "actual", "note", "evidence", "revision"])
        self.assertEqual(rows[0]["note"], 'dấu "," và ;')

    def test_numbers_are_numbers(self):
        """json has numbers with at most two decimals, absent is null"""
        out = assert_done(self.council("totals", "-o", "json")).out
        self.assertNotRegex(re.sub(r'"time":"[^"]*"', "", out), r"\d+\.\d{3,}")
        self.assertNotRegex(out, r'"total":"')
        self.assertIn("null", out)

    def test_tables_are_aligned(self):
        """every column of the table begins at the same place on each line, by display width"""
        for lang in ("en", "vi"):
            for verb in (["totals"], ["status"], ["period", "list"]):
                lines = assert_done(self.council(*verb, "--color", "never", lang=lang)).out.splitlines()
                self.assertGreater(len(lines), 1)
                names = ["Ba Đình", "Hoàng Mai", "Hoàn Kiếm", "Đống Đa", "Hai Bà Trưng", "Long Biên"]
                rows = [(line, name) for line in lines for name in names if name in line]
                if verb == ["totals"]:
                    self.assertEqual(len(rows), 6)
                    begins = {width(line[:line.index(name)]) for line, name in rows}
                    self.assertEqual(len(begins), 1, "\n".join(lines))
                    ends = {width(line.rstrip()) for line, _ in rows if re.search(r"\d\s*$", line)}
                    self.assertLessEqual(len(ends), 1, "\n".join(lines))
                self.assertNotIn("\x1b", "".join(lines))
                self.assertEqual([line for line in lines if line != line.rstrip()], [], "spaces at the end of a line")

    def test_missing_is_a_dash(self):
        """in a table what is missing is —, never 0, and the board says that it is provisional"""
        out = assert_done(self.council("totals")).out
        self.assertIn("PROVISIONAL", out)
        for row in assert_done(self.council("totals", "-o", "json")).json["rows"]:
            line = [line for line in out.splitlines() if row["name"] in line][0]
            figures = [value for key, value in row.items() if key != "why"]
            missing = [value for value in (*row["criteria"].values(), *figures) if value is None]
            self.assertEqual(line.count("—"), len(missing), line)

    def test_vietnamese(self):
        """with --lang vi the words of tables and messages are Vietnamese, points have a decimal comma"""
        out = assert_done(self.council("totals", lang="vi")).out
        self.assertIn("TẠM TÍNH", out)
        self.assertRegex(out, r"\d,\d\d")
        self.assertNotRegex(out, r"\b(Rank|Unit|Total|PROVISIONAL)\b")
        refused = self.assertExit(65, self.heads["quan-dong-da"]("score", "TC1=99", lang="vi"))
        self.assertRegex(refused.err, r"[ăâđêôơưạảấầẩậắằặẻếềểễệỉịọỏốồổộớờởợụủứừửựỳỵỷỹ]")

    def test_names(self):
        """a unit is found by id, alias, name, with and without marks, in any case, in NFC and NFD"""
        for name in ("quan-dong-da", "dong-da", "Đống Đa", "dong da", "ĐỐNG ĐA", "đống đa", "Dong Da",
                     unicodedata.normalize("NFD", "Đống Đa"), "  Đống   Đa ", "DONG-DA"):
            with self.subTest(name):
                sheet = self.assertExit(0, self.council("sheet", name, "-o", "json")).json
                self.assertEqual(sheet["unit"], "quan-dong-da")
        self.assertEqual(self.assertExit(0, self.council("sheet", "hai ba trung", "-o", "json")).json["unit"], "quan-hai-ba-trung")
        for name in ("hoan", "dong", "quan", "", "Đ"):
            with self.subTest(name):
                self.assertIn(self.council("sheet", name).status, (64, 65))

    def test_criteria_in_any_case(self):
        """criteria are found in any case, points with comma or dot"""
        head = self.heads["quan-long-bien"]
        for words, points in ((["tc1=1,5"], 1.5), (["Tc1=1.5"], 1.5), (["TC1=2"], 2), (["TC1=0"], 0), (["TC1=12,50"], 12.5)):
            with self.subTest(words):
                lines = assert_done(head("score", *words, "-o", "json")).json["lines"]
                self.assertEqual([(line["criterion"], line["points"]) for line in lines], [("TC1", points)])

    def test_flags_anywhere(self):
        """flags may stand after operands, -- ends them, environment variables give defaults"""
        head = self.heads["quan-dong-da"]
        self.assertEqual(assert_done(head("sheet", "quan-dong-da", "--output", "json")).json["unit"], "quan-dong-da")
        self.assertEqual(assert_done(head("-o", "json", "sheet", "--", "quan-dong-da")).json["unit"], "quan-dong-da")
        env = dict(self.server.env, THIDUA_OUTPUT="json", THIDUA_PROFILE=head.profile, THIDUA_LANG="vi")
        self.assertEqual(harness.json.loads(harness.run([harness.THIDUA, "whoami"], env).out)["unit"], "quan-dong-da")
        env = dict(self.server.env, THIDUA_SERVER=self.server.unix)
        self.assertExit(0, harness.run([harness.THIDUA, "ping"], env))

    def test_all_or_nothing(self):
        """one wrong line of three: none is recorded"""
        head = self.heads["quan-long-bien"]
        before = self.server.seq()
        self.assertExit(65, head("score", "TC4=1", "TC5=1", "TC6=99"))
        self.assertEqual(self.server.seq(), before)

    def test_codes_are_never_translated(self):
        """machine output is the same in both languages"""
        for verb in (["totals"], ["status"], ["sheet", "dong-da"], ["audit"]):
            for output in ("json", "ndjson", "csv"):
                self.assertEqual(*(self.council(*verb, "-o", output, lang=lang).out for lang in ("en", "vi")))


if __name__ == "__main__":
    harness.main()
