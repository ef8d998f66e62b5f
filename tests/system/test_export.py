#!/usr/bin/python3
"""export: the workbook, read by a reader that shares no code with ours, and the page, taken apart, agree with totals; a
file is replaced as a whole or not at all."""
import html.parser
import os
import re
import resource
import signal
import stat
import subprocess
import threading

import harness
import openpyxl
from harness import CODES, PERIOD, UNITS, Case, Cluster, Server, assert_done, pb, preset_text

FORMULAS = {"quan-dong-da": "=1+1", "quan-long-bien": "@SUM(A1:A9)", "quan-hoan-kiem": "+84 <b>Hoàn & Kiếm</b>"}
NAMES = {"quan-dong-da": "Đống Đa", "quan-long-bien": "Long Biên", "quan-hoan-kiem": "Hoàn Kiếm"}
FIRST, HEADER, MAXIMUM = 7, 5, 6  # rows of the summary as Excel counts them
WORDS = {"en": ("Summary", "Provenance", "PROVISIONAL"), "vi": ("Tổng hợp", "Nguồn gốc", "TẠM TÍNH")}


def text_of_period():
    text = preset_text()
    for unit, name in FORMULAS.items():
        text = text.replace(f'name = "{NAMES[unit]}"', f'name = "{name}"')
    text = re.sub(r"^hard_close", f'leader = "{UNITS[0]}"\nbonus_cap = "5,00"\ntie_breaks = {{"deduction"}}\nhard_close', text, flags=re.M)
    return text + 'class "xuat-sac" { name = "=HYPERLINK(1)"  from = "50,00" }\n'


def column_of(row, key):
    """The column of the summary that holds a figure."""
    return 3 + len(CODES) + ["base", "bonus", "deduction", "total", "class", "sheet", "remarks"].index(key)


class Page(html.parser.HTMLParser):
    """What stands in the page: tags, headings, and for each row of the board its cells."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.headings, self.rows, self.notes, self.facts, self.attributes = [], [], [], [], {}, []
        self.open, self.label = [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.attributes += attrs.values()
        if tag == "tr" and "tbody" in self.open:
            self.rows.append({"cells": {}, "bars": {}, "name": ""})
        if tag == "td":
            self.label = attrs.get("data-label", "rank")
            self.rows[-1]["cells"][self.label] = ""
        if tag == "rect":
            self.rows[-1]["bars"][attrs["class"]] = float(attrs["width"])
        if tag not in ("meta", "rect"):
            self.open.append(tag)
        self.kind = attrs.get("class", "")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside in ("h1", "h2"):
            self.headings.append(data)
        elif inside == "td":
            self.rows[-1]["cells"][self.label] += data
        elif inside == "th" and "tbody" in self.open:
            self.rows[-1]["name"] += data
        elif inside == "p" and self.kind.startswith("note"):
            self.notes.append(data)
        elif inside == "dt":
            self.label = data
        elif inside == "dd":
            self.facts[self.label] = data


class Export(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.cluster = Cluster(cls.server, text_of_period())
        cls.heads, cls.council = cls.cluster.heads, cls.cluster.council
        cls.city = cls.server.office(None, "city")
        for n, (unit, head) in enumerate(cls.heads.items()):
            codes = CODES if n < 4 else CODES[:3]
            assert_done(head("score", *[f"{code}={(n + 3 * i) % 12},25" for i, code in enumerate(codes)], "--note", "=1+1",
                             "--evidence", "@15/BC;2022-10-20;-báo cáo"))
            if n < 4:
                assert_done(head("submit"))
        cls.folder = f"{cls.server.home}/out"
        os.mkdir(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def path(self, name):
        return f"{self.folder}/{name}"

    def export(self, *words, person=None, lang="en", name="a"):
        """(workbook with formulas, workbook with values, page, report) of one call."""
        xlsx, page = self.path(f"{name}.xlsx"), self.path(f"{name}.html")
        report = assert_done((person or self.council)("export", "-p", PERIOD, "--xlsx", xlsx, "--html", page, *words, "-o", "json",
                                                      lang=lang)).json
        self.assertEqual((report["xlsx"], report["html"]), (xlsx, page))
        with open(page, encoding="utf-8") as file:
            text = file.read()
        return openpyxl.load_workbook(xlsx), openpyxl.load_workbook(xlsx, data_only=True), Page(text), report

    def totals(self, *words, person=None):
        return assert_done((person or self.council)("totals", "-p", PERIOD, *words, "-o", "json")).json

    def provenance(self, book):
        return {label.value: value.value for label, value in book.worksheets[-1].iter_rows(max_col=2)}

    # -- the workbook --

    def check_summary(self, book, values, board):
        sheet, cached = book.worksheets[0], values.worksheets[0]
        self.assertEqual([cell.value for cell in sheet[HEADER]][2:2 + len(CODES)], list(board["rows"][0]["criteria"]))
        self.assertEqual(sheet.freeze_panes, f"C{FIRST}")
        self.assertEqual(sheet.max_row, FIRST + len(board["rows"]) - 1)
        for n, row in enumerate(board["rows"]):
            line, shown = sheet[FIRST + n], cached[FIRST + n]
            self.assertEqual(shown[0].value, row["rank"] if row["rank"] is not None else "—")
            self.assertEqual((line[1].value, line[1].data_type), (row["name"], "s"))
            figures = {**row["criteria"], **{key: row[key] for key in ("base", "bonus", "deduction", "total")}}
            for (key, value), cell, source in zip(figures.items(), shown[2:], line[2:]):
                if value is None:
                    self.assertEqual((cell.value, cell.data_type), ("—", "s"), key)
                    continue
                self.assertEqual((round(cell.value * 100), cell.data_type), (round(value * 100), "n"), (row["unit"], key))
                self.assertEqual(cell.number_format, "0.00")
                self.assertEqual(source.data_type, "f" if key in ("base", "total") else "n", key)
            self.assertEqual(shown[column_of(row, "class") - 1].value, row["class"] or "—")
            self.check_formulas(line, shown, row)

    def check_formulas(self, line, shown, row):
        """What the formulas say, worked out from the cells that they name, is what is shown."""
        if row["total"] is None:
            return
        cells = {cell.coordinate: other.value for cell, other in zip(line, shown)}
        base, total = line[column_of(row, "base") - 1], line[column_of(row, "total") - 1]
        first, last = re.fullmatch(r"=ROUND\(SUM\((\w+):(\w+)\),2\)", base.value).groups()
        self.assertEqual((first, last), (line[2].coordinate, line[1 + len(CODES)].coordinate))
        names = re.fullmatch(r"=ROUND\(MIN\((\w+),\$(\w+)\$(\d+)\)\+(\w+)-(\w+),2\)", total.value).groups()
        self.assertEqual(names[0], base.coordinate)
        most = base.parent[names[1] + names[2]].value
        numbers = [value for value in list(cells.values())[2:2 + len(CODES)] if not isinstance(value, str)]
        self.assertEqual(most, 100)
        self.assertEqual(round(sum(numbers), 2), cells[base.coordinate])
        self.assertEqual(round(min(cells[base.coordinate], most) + cells[names[3]] - cells[names[4]], 2), cells[total.coordinate])

    def check_unit(self, sheet, cached, unit):
        """A unit's worksheet against its sheet as json."""
        wanted = assert_done(self.council("sheet", unit, "-p", PERIOD, "-o", "json")).json
        titles = [cell.value for cell in sheet[4]]
        for line, row in zip(wanted["lines"], cached.iter_rows(min_row=5), strict=False):
            shown = dict(zip(titles, (cell.value for cell in row)))
            self.assertEqual((shown["Criterion"], shown["Title"]), (line["criterion"], line["title"]))
            for title, key in (("Max", "max"), ("Self-scored", "points"), ("Appraised", "appraised"), ("Final", "final"),
                               ("Revision", "revision"), ("Note", "note"), ("Explanation", "explanation")):
                self.assertEqual(shown[title], line[key] if line[key] is not None else "—", (line["criterion"], title))
        footer = {row[1].value: row for row in cached.iter_rows(min_row=5 + len(wanted["lines"]), max_row=8 + len(wanted["lines"]))}
        own = titles.index("Self-scored")
        self.assertEqual(footer["Base"][own].value, wanted["total"] if wanted["total"] is not None else "—")
        for figures, title in (("appraised", "Appraised"), ("final", "Final")):
            for key, label in (("base", "Base"), ("total", "Total")):
                value = (wanted[figures] or {}).get(key)
                self.assertEqual(footer[label][titles.index(title)].value, "—" if value is None else value, (unit, title, label))

    def test_workbook(self):
        """the summary has the figures of totals, numbers as numbers, sums as formulas that give what is shown"""
        book, values, _, report = self.export()
        board = self.totals()
        self.check_summary(book, values, board)
        self.assertEqual((report["seq"], report["provisional"], report["steady"]), (board["seq"], True, True))
        self.assertEqual(len(book.worksheets), 1 + len(UNITS) + 1)
        for n, row in enumerate(board["rows"], 1):
            self.check_unit(book.worksheets[n], values.worksheets[n], row["unit"])

    def test_no_text_is_a_formula(self):
        """texts of people's that look like formulas stay texts; every formula is one of ours"""
        book, *_ = self.export()
        texts = set()
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        self.assertRegex(cell.value, r"^=ROUND\((SUM|MIN)\([A-Z0-9:$,]+\)[A-Z0-9+-]*,2\)$")
                    elif isinstance(cell.value, str):
                        texts.add(cell.value)
                        self.assertIsNone(cell.hyperlink)
        self.assertLessEqual({*FORMULAS.values(), "=1+1", "=HYPERLINK(1)"}, texts)
        self.assertTrue(any(text.startswith("@15/BC;") for text in texts))
        for sheet in book.worksheets:
            self.assertLessEqual(len(sheet.title), 31)
            self.assertNotRegex(sheet.title, r"[\[\]:*?/\\]")

    def test_provenance(self):
        """the last worksheet says of which entry, when, asked by whom, of which server"""
        book, *_ = self.export()
        facts, board = self.provenance(book), self.totals()
        period = assert_done(self.council("period", "show", PERIOD, "-o", "json")).json
        whoami = assert_done(self.council("whoami", "-o", "json")).json
        self.assertEqual((facts["Period's id"], facts["Entry"], facts["Provisional"]), (PERIOD, board["seq"], "yes"))
        self.assertEqual((facts["Definition's hash"], facts["Final board's hash"]), (period["hash"], "—"))
        self.assertEqual((facts["Account"], facts["Role"]), (whoami["account"], "council"))
        self.assertRegex(facts["Server's key (pin)"], "^[0-9a-f]{64}$")
        self.assertRegex(facts["Made"], r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d$")
        self.assertEqual(facts["Consistency"], f"every figure is as of entry {board['seq']}")

    def test_languages(self):
        """both languages: names of worksheets, headings, decimal marks; the figures are the same numbers"""
        figures = []
        for lang, (summary, provenance, provisional) in WORDS.items():
            book, values, page, _ = self.export(lang=lang)
            self.assertEqual((book.worksheets[0].title, book.worksheets[-1].title), (summary, provenance))
            self.assertIn(provisional, page.notes[0])
            self.assertIn(lang, page.attributes)
            self.assertRegex(page.rows[0]["cells"]["TC1"], r"^\d+,\d\d$" if lang == "vi" else r"^\d+\.\d\d$")
            figures.append([[cell.value for cell in row[2:14]] for row in values.worksheets[0].iter_rows(min_row=FIRST)])
        self.assertEqual(*figures)

    # -- the page --

    def test_page(self):
        """the page: headings, a row for each unit in rank order, bars as long as the totals, nothing from elsewhere"""
        _, _, page, _ = self.export()
        board = self.totals()
        self.assertEqual(page.headings, ["Summary of self-scored points", "Criteria"])
        self.assertEqual([row["name"] for row in page.rows], [row["name"] for row in board["rows"]])
        for shown, row in zip(page.rows, board["rows"], strict=True):
            self.assertEqual(list(shown["cells"]), ["rank", *CODES, "Base", "Bonus", "Deduction", "Total", "Class", "Sheet", "Remarks"])
            self.assertEqual(shown["cells"]["Total"], "—" if row["total"] is None else f"{row['total']:.2f}")
            self.assertEqual({code: shown["cells"][code] for code in CODES},
                             {code: "—" if value is None else f"{value:.2f}" for code, value in row["criteria"].items()})
            self.assertEqual(shown["bars"]["room"], 1000)
            self.assertAlmostEqual(shown["bars"].get("points", 0), 10 * (row["total"] or 0), places=2)
        self.assertFalse({"script", "link", "img", "iframe", "object", "a", "form"} & set(page.tags))
        self.assertEqual(page.tags.count("svg"), len(UNITS))
        self.assertEqual(page.facts["Entry"], str(board["seq"]))
        with open(self.path("a.html"), encoding="utf-8") as file:
            text = file.read()
        self.assertNotRegex(text, r"https?:|url\(|@import|\b(src|href)=|\bon\w+=")
        self.assertNotIn("<b>Hoàn", text)

    def test_refresh(self):
        """--refresh has the page loaded again; it is the page's alone"""
        page = self.path("refresh.html")
        assert_done(self.council("export", "--html", page, "--refresh", "30"))
        with open(page, encoding="utf-8") as file:
            self.assertIn('<meta http-equiv="refresh" content="30">', file.read())
        for words in (["--html", page, "--refresh", "0"], ["--html", page, "--refresh", "x"], ["--xlsx", page, "--refresh", "5"]):
            self.assertExit(64, self.council("export", *words))

    # -- what may be seen --

    def test_sheets_of_others(self):
        """a unit that may see nobody else's sheet gets its own alone, and the workbook says so"""
        book, _, page, report = self.export(person=self.heads["quan-hai-ba-trung"], name="peer")
        self.assertEqual(report["sheets"], 1)
        self.assertEqual([sheet.title for sheet in book.worksheets][1:-1], ["Hai Bà Trưng"])
        self.assertEqual(len(self.provenance(book)["Sheets not shown to the reader"].split(" | ")), len(UNITS) - 1)
        board = self.totals(person=self.heads["quan-hai-ba-trung"])
        self.assertEqual([row["cells"]["Total"] for row in page.rows],
                         ["—" if row["total"] is None else f"{row['total']:.2f}" for row in board["rows"]])
        self.assertEqual(sum("points" in row["bars"] for row in page.rows), 1)

    def test_what_was_handed_in_alone(self):
        """the leader sees the sheets that were handed in; of the others there is no worksheet and no word on the way"""
        book, _, _, report = self.export(person=self.heads[UNITS[0]], name="leader")
        self.assertEqual(report["sheets"], 4)
        self.assertEqual(len(self.provenance(book)["Sheets not shown to the reader"].split(" | ")), 2)
        quiet = self.heads[UNITS[0]]("export", "--xlsx", self.path("leader.xlsx"))
        self.assertEqual((quiet.status, quiet.err), (0, ""), quiet)

    def test_the_past(self):
        """--at: the board of then, without sheets, which are those of now; both say so"""
        now = self.totals()["seq"]
        book, values, page, report = self.export("--at", str(now - 3), name="past")
        self.check_summary(book, values, self.totals("--at", str(now - 3)))
        self.assertEqual((report["sheets"], len(book.worksheets)), (0, 2))
        self.assertIn("of the past there are no sheets", self.provenance(book)["Consistency"])
        self.assertIn("THE PAST", page.notes[0])
        _, _, _, report = self.export("--at", str(now), name="past")
        self.assertEqual(report["sheets"], len(UNITS))

    def test_while_others_write(self):
        """while entries come in, every workbook is of one entry, or says that it is not"""
        stop, link = threading.Event(), self.server.login(self.server.enrol_all([("quan-hai-ba-trung", pb.OFFICER)])[0])

        def write():
            turn = 0
            while not stop.wait(0.002):
                link.score({"TC1": 25 * (turn % 40), "TC2": 25 * (turn * 3 % 40)}, period=PERIOD)
                turn += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(10):
                result = assert_done(self.council("export", "--xlsx", self.path("busy.xlsx"), "-o", "json"))
                values = openpyxl.load_workbook(self.path("busy.xlsx"), data_only=True)
                steady = result.json["steady"]
                self.assertEqual("warning" in result.err, not steady, result)
                self.assertEqual("went on" in self.provenance(values)["Consistency"], not steady)
                self.check_agreement(values, steady)
        finally:
            stop.set()
            writer.join()
            link.close()

    def check_agreement(self, values, steady):
        """The base of each unit's row is that of its worksheet, or the worksheet says otherwise."""
        bases = [row[2 + len(CODES)].value for row in values.worksheets[0].iter_rows(min_row=FIRST)]
        for base, sheet in zip(bases, values.worksheets[1:-1], strict=True):
            footer = [row for row in sheet.iter_rows(min_row=5) if row[1].value == "Base"][0]
            same = footer[3].value == base
            self.assertTrue(same or not steady, sheet.title)
            self.assertEqual(sheet["A3"].value is None, same, sheet.title)

    def check_own_draft(self, head):
        """Who sees hand-ins alone has the own sheet as it stands beside a summary of hand-ins: the workbook says so."""
        before = {row["unit"]: row["base"] for row in self.totals(person=head)["rows"]}[UNITS[0]]
        assert_done(self.city("return", UNITS[0], "--reason", "thiếu"))
        assert_done(head("score", "TC8=12,5"))
        book, values, _, report = self.export(person=head, name="leader")
        sheet = [sheet for sheet in values.worksheets if sheet.title == "Ba Đình"][0]
        summary = {row[1].value: row for row in values.worksheets[0].iter_rows(min_row=FIRST)}
        self.assertTrue(report["steady"])
        self.assertEqual(summary["Ba Đình"][2 + len(CODES)].value, before)
        self.assertEqual([row for row in sheet.iter_rows(min_row=5) if row[1].value == "Base"][0][3].value,
                         assert_done(head("sheet", "-o", "json")).json["total"])
        self.assertIn("the summary has the last hand-in", sheet["A3"].value)
        self.assertEqual([sheet["A3"].value for sheet in values.worksheets[1:-1]].count(None), len(UNITS) - 1)
        self.assertEqual(self.provenance(book)["Sheets that are not those of the summary"], "Ba Đình")
        assert_done(head("submit"))

    # -- files --

    def old(self, name, mode=0o640):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("old")
        os.chmod(path, mode)
        return path

    def assertOld(self, path):
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"old")

    def test_usage(self):
        """one of the two files must be named, and not the same twice"""
        self.assertExit(64, self.council("export"))
        self.assertExit(64, self.council("export", "--xlsx", self.path("x"), "--html", self.path("x")))
        self.assertExit(64, self.council("export", "--html", self.path("x"), "--column", "best"))
        self.assertFalse(os.path.exists(self.path("x")))

    def test_cannot_write(self):
        """where no file can be made it is 73, with the name and the cause"""
        for path in (self.path("none/a.html"), self.folder, "/dev/null"):
            for flag in ("--xlsx", "--html"):
                result = self.assertExit(73, self.council("export", flag, path, "-o", "json"), "CANNOT_WRITE")
                self.assertIn(path, result.error["message"])

    def test_refused_leaves_the_old(self):
        """a refusal leaves the old files and nothing beside them"""
        paths = [self.old("refused.xlsx"), self.old("refused.html")]
        self.assertExit(65, self.council("export", "-p", "khong-co", "--xlsx", paths[0], "--html", paths[1]))
        for path in paths:
            self.assertOld(path)
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if name.startswith("refused")), ["refused.html", "refused.xlsx"])

    def limited(self, size, killed, *words):
        """The client with files of at most so many bytes: the system ends it at the first byte more, or refuses that."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL if killed else signal.SIG_IGN)

        command = [harness.THIDUA, "--lang", "en", "--profile", self.council.profile, "export", *words]
        return subprocess.run(command, env=self.server.env, preexec_fn=limit, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=harness.PATIENCE)

    def test_failed_write(self):
        """a write that fails, or ends the program, leaves the old file; the one that works keeps its mode"""
        for unit in UNITS[4:]:
            for code in CODES:
                assert_done(self.heads[unit]("score", f"{code}=1", "--note", f"{unit} {code} " + "dài dòng " * 160))
        for flag, name in (("--xlsx", "full.xlsx"), ("--html", "full.html")):
            path = self.old(name)
            assert_done(self.council("export", flag, self.path("whole")))
            whole = os.path.getsize(self.path("whole"))
            # There may be room for the workbook, but not for the longest of the parts that it is packed from.
            for size in (100, whole // 2, whole - 200) + ((whole + 200,) if flag == "--xlsx" else ()):
                with self.subTest(flag=flag, size=size):
                    done = self.limited(size, False, flag, path)
                    self.assertEqual(done.returncode, 73, done)
                    self.assertIn(b"cannot be written", done.stderr)
                    self.assertOld(path)
                    self.assertEqual([other for other in os.listdir(self.folder) if other.startswith(name)], [name])
            self.assertEqual(self.limited(whole // 2, True, flag, path).returncode, -signal.SIGXFSZ)
            self.assertOld(path)
            assert_done(self.council("export", flag, path))
            self.assertAlmostEqual(os.path.getsize(path), whole, delta=100)  # the time in it packs more or less well
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)

    # -- the end of the year; last, because it changes what the others look at --

    def test_z_final(self):
        """appraised and final columns with bonus and deduction; once locked nothing is provisional and the hash is there"""
        hoan_kiem, dong_da = UNITS[2], UNITS[3]
        for head in list(self.heads.values())[4:]:
            assert_done(head("score", *[f"{code}=10" for code in CODES]))
            assert_done(head("submit"))
        assert_done(self.council("period", "advance", "appraisal", "-p", PERIOD))
        self.check_own_draft(self.heads[UNITS[0]])
        for unit in UNITS:
            own = assert_done(self.council("sheet", unit, "-o", "json")).json["lines"]
            assert_done(self.city("appraise", unit, *[f"{line['criterion']}={line['points']}" for line in own[1:]], "TC1=0,5",
                                  "--reason", "-thiếu"))
        assert_done(self.city("bonus", dong_da, "1,25", "--reason", "=cờ"))
        assert_done(self.city("deduct", hoan_kiem, "TC2", "0,5", "--reason", "@chậm"))
        assert_done(self.heads[hoan_kiem]("explain", "TC1", "+đã bổ sung"))
        book, values, page, _ = self.export("--column", "appraised")
        board = self.totals("--column", "appraised")
        self.check_summary(book, values, board)
        for n, row in enumerate(board["rows"], 1):
            self.check_unit(book.worksheets[n], values.worksheets[n], row["unit"])
        shown = {row["name"]: row for row in page.rows}[FORMULAS[dong_da]]
        self.assertEqual((shown["cells"]["Bonus"], shown["bars"]["bonus"]), ("1.25", 12.5))
        self.assertIn("PROVISIONAL", page.notes[0])
        assert_done(self.council("finalize", "--all"))
        for state in ("finalized", "published", "locked"):
            hash_ = assert_done(self.council("period", "advance", state, "-p", PERIOD, "-o", "json")).json["board_hash"]
        book, values, page, report = self.export("--column", "final", lang="vi")
        self.check_summary(book, values, self.totals("--column", "final"))
        self.assertEqual((page.notes, report["provisional"]), ([], False))
        with open(self.path("a.html"), encoding="utf-8") as file:
            self.assertNotIn("TẠM TÍNH", file.read())
        self.assertEqual((page.facts["Mã băm bảng chính thức"], self.provenance(book)["Mã băm bảng chính thức"]), (hash_, hash_))
        self.assertEqual(page.headings[0], "Bảng tổng hợp điểm chính thức")


if __name__ == "__main__":
    harness.main()
