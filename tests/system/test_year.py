#!/usr/bin/python3
"""A whole year of the six districts through the shipped client: signed, scored, appraised, finalized, published, locked,
reopened and locked again. What the boards must show is added up here, from the list of what was done."""
import copy
import json
import re
import time

import harness
import recompute
from harness import CODES, PERIOD, UNITS, Case, Server, assert_done, definition, pb, preset_text

LEADER, DEPUTY, HOAN_KIEM, DONG_DA, HAI_BA_TRUNG, LONG_BIEN = UNITS
NAMES = dict(zip(UNITS, ["Ba Đình", "Hoàng Mai", "Hoàn Kiếm", "Đống Đa", "Hai Bà Trưng", "Long Biên"]))
SELF = {  # hundredths of points, TC1 to TC8
    LEADER: [1250, 1200, 1200, 1200, 1200, 1175, 1225, 1150],        # 96
    DEPUTY: [1200, 1250, 1200, 1150, 1200, 1200, 1200, 1200],        # 96, and as much in TC3
    HOAN_KIEM: [1200, 1150, 1250, 1200, 1200, 1200, 1150, 1150],     # 95
    DONG_DA: [1250, 1200, 1150, 1200, 1200, 1200, 1150, 1150],       # 95, less in TC3
    HAI_BA_TRUNG: [1100] * 8,
    LONG_BIEN: [1050] * 8,
}
CLASSES = [(9500, "Hoàn thành xuất sắc"), (8500, "Hoàn thành tốt")]
COLUMNS = ("self", "appraised", "final")
BOARD_TOTAL, FORWARD = 10000, 7300  # the deadline is an hour from now; the clock then reads two hours later


def points(cp):
    """As a person writes it: 12,25."""
    return f"{cp / 100:g}".replace(".", ",")


def cp(number):
    return None if number is None else round(number * 100)


class Tally:
    """What was done to one sheet, and what that adds up to."""

    def __init__(self):
        self.own, self.appraised, self.final = {}, {}, {}
        self.bonuses, self.deductions = [], []
        self.final_bonus = self.final_deduction = 0
        self.state = "none"

    def score(self, **lines):
        self.own.update(lines)
        for code in lines:
            self.appraised.pop(code, None)

    def deduction(self):
        taken = {code: sum(points for other, points in self.deductions if other == code) for code in self.appraised}
        return sum(min(self.appraised[code], taken[code]) for code in self.appraised)

    def finalize(self):
        self.final, self.final_bonus, self.final_deduction = dict(self.appraised), sum(self.bonuses), self.deduction()
        self.state = "final"

    def figures(self, column):
        lines = {"self": self.own, "appraised": self.appraised, "final": self.final}[column]
        bonus, deduction = {"self": (0, 0), "appraised": (sum(self.bonuses), self.deduction()),
                            "final": (self.final_bonus, self.final_deduction)}[column]
        base = sum(lines.values())
        return lines, base, bonus, deduction, min(base, BOARD_TOTAL) + bonus - deduction


def expected_board(sheets, column):
    """[row] in rank order, each as a tuple; tie-breaks: fewer deductions, then more in TC3."""
    scored = [(unit, *sheet.figures(column)) for unit, sheet in sheets.items() if sheet.figures(column)[0]]
    key = {unit: (total, -deduction, lines.get("TC3", -1)) for unit, lines, _, _, deduction, total in scored}
    rows = []
    for unit, lines, base, bonus, deduction, total in sorted(scored, key=lambda row: key[row[0]], reverse=True):
        better, same = (sum(test) for test in zip(*[(other > key[unit], other == key[unit]) for other in key.values()]))
        class_ = next((name for least, name in CLASSES if min(total, BOARD_TOTAL) >= least), None)
        rows.append((1 + better, same > 1, unit, NAMES[unit], {code: lines.get(code) for code in CODES},
                     base, bonus, deduction, total, len(lines), 8, sheets[unit].state, class_))
    for unit, sheet in sheets.items():
        if unit not in key:
            rows.append((None, False, unit, NAMES[unit], dict.fromkeys(CODES), None, None, None, None, 0, 8, sheet.state, None))
    return rows


def shown_board(board):
    rows = []
    for row in board["rows"]:
        none = row["total"] is None
        bonus, deduction = (None, None) if none else (cp(row["bonus"]), cp(row["deduction"]))
        rows.append((row["rank"], bool(row["tied"]), row["unit"], row["name"],
                     {code: cp(value) for code, value in row["criteria"].items()},
                     cp(row["base"]), bonus, deduction, cp(row["total"]), row["scored"], row["of"], row["sheet"], row["class"]))
    return rows


def year_text(deadline):
    text = preset_text(deadline=deadline)
    more = f'leader = "{LEADER}"\ndeputy = "{DEPUTY}"\nbonus_cap = "5,00"\ntie_breaks = {{"deduction", "TC3"}}\n'
    classes = "".join(f'class "{id_}" {{ name = "{name}"  from = "{points(least)}" }}\n'
                      for id_, (least, name) in zip(("xuat-sac", "tot"), CLASSES))
    return re.sub(r"^hard_close", more + "hard_close", text, flags=re.M) + classes


class Year(Case):
    """One session; each test goes on where the one before it stopped."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(listen=("unix:{state}/admin.sock", "127.0.0.1:0"))
        cls.sheets = {unit: Tally() for unit in UNITS}
        cls.instants, cls.receipts, cls.hashes = [], {}, []
        cls.heads, cls.officers = {}, {}

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    # -- what people do --

    def done(self, person, *words):
        return self.assertExit(0, person(*words, "-o", "json")).json

    def refused(self, status, reason, person, *words):
        """The exit status, the reason in the error, and nothing is written."""
        before = self.server.seq()
        result = self.assertExit(status, person(*words, "-o", "json"), reason)
        self.assertTrue(result.error["message"] and result.error["hint"], result)
        self.assertEqual(result.out, "")
        self.assertEqual(self.server.seq(), before)
        return result

    def score(self, unit, person=None, **lines):
        self.done(person or self.heads[unit], "score", *[f"{code}={points(value)}" for code, value in lines.items()])
        self.sheets[unit].score(**lines)
        if self.sheets[unit].state == "none":
            self.sheets[unit].state = "draft"

    def submit(self, unit):
        reply = self.done(self.heads[unit], "submit")
        self.sheets[unit].state = "submitted"
        self.receipts[unit] = reply["receipt"]
        self.assertEqual(cp(reply["total"]), sum(self.sheets[unit].own.values()))
        return reply

    def appraise(self, person, unit, *more, name=None, **lines):
        reply = self.done(person, "appraise", name or unit, *[f"{code}={points(value)}" for code, value in lines.items()], *more)
        if "--dry-run" not in more:
            self.sheets[unit].appraised.update(lines)
            self.sheets[unit].state = "appraised"
        return reply

    def agree(self, person, unit):
        """Every line as the unit has it."""
        return self.appraise(person, unit, **self.sheets[unit].own)

    def advance(self, state, *more):
        return self.done(self.council, "period", "advance", state, "-p", PERIOD, *more)

    def totals(self, column, *more, person=None):
        return self.done(person or self.auditor, "totals", "-p", PERIOD, "--column", column, *more)

    def note_instant(self, state):
        """The boards as they must stand here; compared now, and again at the end by --at."""
        seq = self.server.seq()
        self.instants.append((seq, state, copy.deepcopy(self.sheets)))
        for column in COLUMNS:
            board = self.totals(column)
            self.assertEqual((board["seq"], board["state"], board["column"]), (seq, state, column))
            self.assertEqual(shown_board(board), expected_board(self.sheets, column))
        return seq

    # -- the year --

    def test_01_draft_and_signature(self):
        """the period is loaded, everybody is invited, six heads sign"""
        server, cls = self.server, type(self)
        path = f"{server.home}/hn-cum-1-2022.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(year_text(time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 3600))))
        assert_done(server.admin("period", "load", path))
        for unit in UNITS:
            cls.heads[unit], cls.officers[unit] = server.office(NAMES[unit], "head"), server.office(unit, "officer")
        cls.city, cls.council, cls.auditor = (server.office(None, role) for role in ("city", "council", "auditor"))
        self.refused(65, "PERIOD_STATE", self.heads[LEADER], "score", "TC1=12", "-p", PERIOD)
        self.refused(65, "ADVANCE_NOT_SIGNED", self.council, "period", "advance", "signed", "-p", PERIOD)
        self.refused(77, "ROLE_NOT_PERMITTED", self.officers[LEADER], "sign", "-p", PERIOD)
        for unit in UNITS:
            self.done(self.heads[unit], "sign", "-p", PERIOD)
        self.refused(65, "ALREADY_SIGNED", self.heads[LEADER], "sign", "-p", PERIOD)
        self.assertEqual(self.advance("signed")["state"], "signed")
        self.refused(65, "PERIOD_NOT_DRAFT", server.admin, "period", "load", path)
        self.refused(65, "PERIOD_STATE", self.heads[LEADER], "score", "TC1=12")
        self.refused(65, "ADVANCE_NOT_NEXT", self.council, "period", "advance", "appraisal", "-p", PERIOD)
        self.refused(77, "ROLE_NOT_PERMITTED", self.city, "period", "advance", "scoring", "-p", PERIOD)
        self.advance("scoring")

    def test_02_scoring(self):
        """officers and heads score; five of six hand in; until the deadline nobody sees the others"""
        for unit in UNITS:
            lines = dict(zip(CODES, SELF[unit]))
            self.score(unit, self.officers[unit], **{code: lines[code] for code in CODES[:5]})
        self.refused(65, "SHEET_INCOMPLETE", self.heads[LEADER], "submit")
        self.refused(65, "POINTS_STEP", self.officers[LEADER], "score", "TC6=11,9")
        self.refused(65, "POINTS_RANGE", self.officers[LEADER], "score", "TC6=12,75")
        self.refused(77, "ROLE_NOT_PERMITTED", self.officers[LEADER], "submit")
        for unit in UNITS[:2]:
            self.score(unit, **dict(zip(CODES[5:], SELF[unit][5:])))
            self.assertFalse(self.submit(unit)["late"])
        self.refused(65, "SHEET_SUBMITTED", self.officers[LEADER], "score", "TC1=1")
        self.refused(65, "PERIOD_STATE", self.heads[LEADER], "appraise", "hoang mai", "TC1=12", "--reason", "sớm")
        self.refused(65, "ADVANCE_TOO_EARLY", self.council, "period", "advance", "appraisal", "-p", PERIOD)
        self.note_instant("scoring")
        self.refused(77, "NOT_VISIBLE", self.heads[LONG_BIEN], "sheet", "Ba Đình")
        self.assertEqual(self.done(self.heads[DEPUTY], "sheet", "Ba Đình")["total"], 96)  # the deputy sees what is handed in
        for unit in UNITS[2:]:
            self.score(unit, **dict(zip(CODES[5:], SELF[unit][5:])))
        for unit in UNITS[2:5]:
            self.submit(unit)

    def test_03_the_deadline_passes(self):
        """late is accepted and marked; then all see what was handed in, and two share the first rank: 1, 1, 3"""
        self.assertEqual(self.server.stop(), 0)
        self.server.start(clock=FORWARD)
        late = self.submit(LONG_BIEN)
        self.assertTrue(late["late"])
        status = {row["unit"]: row for row in self.done(self.council, "status")["rows"]}
        self.assertEqual([status[unit]["late"] for unit in UNITS], [False] * 5 + [True])
        self.note_instant("scoring")
        ranks = [(row["rank"], row["tied"], row["unit"]) for row in self.totals("self", person=self.heads[LONG_BIEN])["rows"]]
        self.assertEqual(ranks, [(1, True, LEADER), (1, True, DEPUTY), (3, False, HOAN_KIEM), (4, False, DONG_DA),
                                 (5, False, HAI_BA_TRUNG), (6, False, LONG_BIEN)])
        why = {row["unit"]: row["why"] for row in self.totals("self", "--explain")["rows"]}
        self.assertIsNone(why[LEADER])
        self.assertEqual([why[unit]["by"] for unit in UNITS[1:]], [None, "total", "TC3", "total", "total"])
        self.assertEqual((why[DONG_DA]["above"], why[DONG_DA]["own"]), (HOAN_KIEM, 11.5))
        for lang, words in (("en", "tied on total with Hoàn Kiếm, but Hoàn Kiếm has more points in TC3: 12.50 > 11.50"),
                            ("vi", "bằng tổng điểm với Hoàn Kiếm, nhưng Hoàn Kiếm có điểm TC3 cao hơn: 12,50 > 11,50")):
            self.assertIn(words, assert_done(self.auditor("totals", "--explain", lang=lang)).out)
        self.advance("appraisal")

    def test_04_appraisal(self):
        """the leader, the deputy and the city appraise; a dry run tells the ranks, and they come true"""
        leader, deputy = self.heads[LEADER], self.heads[DEPUTY]
        self.refused(77, "PARTY_TO_SHEET", leader, "appraise", "Ba Đình", "TC1=12,5")
        self.refused(77, "DEPUTY_FOR_LEADER", deputy, "appraise", "Long Biên", "TC1=10,5")
        self.refused(77, "ROLE_NOT_PERMITTED", self.heads[LONG_BIEN], "appraise", "Ba Đình", "TC1=12,5")
        self.refused(77, "ROLE_NOT_PERMITTED", self.council, "appraise", "Ba Đình", "TC1=12,5")
        self.refused(65, "APPRAISAL_REASON", leader, "appraise", "hoan kiem", "TC3=12")
        self.agree(leader, DEPUTY)
        self.agree(self.city, HAI_BA_TRUNG)
        self.appraise(self.city, DONG_DA, TC1=1250)
        self.refused(65, "LINE_PENDING", self.council, "finalize", "Đống Đa")
        self.refused(65, "LINE_PENDING", self.heads[DONG_DA], "explain", "TC2", "chưa ai thẩm định")
        self.agree(self.city, DONG_DA)
        lines = {**self.sheets[HOAN_KIEM].own, "TC3": 1000}
        before, seq = self.totals("appraised"), self.server.seq()
        dry = self.appraise(leader, HOAN_KIEM, "--reason", "chưa đủ minh chứng", "--dry-run", name="Hoàn Kiếm", **lines)
        self.assertEqual((self.server.seq(), self.totals("appraised")), (seq, before))
        self.appraise(leader, HOAN_KIEM, "--reason", "chưa đủ minh chứng", name="hoan-kiem", **lines)
        after = self.totals("appraised")
        for column, board in (("before", before), ("after", after)):
            self.assertEqual({row["unit"]: (row[f"rank_{column}"], row[f"total_{column}"]) for row in dry["rows"]},
                             {row["unit"]: (row["rank"], row["total"]) for row in board["rows"]})
        self.assertEqual({row["unit"]: row["rank_after"] for row in dry["rows"]},
                         {DEPUTY: 1, DONG_DA: 2, HOAN_KIEM: 3, HAI_BA_TRUNG: 4, LEADER: None, LONG_BIEN: None})
        self.appraise(deputy, LEADER, "--reason", "TC1 thiếu một văn bản", **{**self.sheets[LEADER].own, "TC1": 1225})

    def test_05_explanation(self):
        """the unit explains a line, the leader appraises it a second time"""
        head, leader = self.heads[HOAN_KIEM], self.heads[LEADER]
        self.refused(77, "ROLE_NOT_PERMITTED", self.officers[HOAN_KIEM], "explain", "TC3", "Có báo cáo bổ sung")
        self.refused(65, "CRITERION_UNKNOWN", head, "explain", "TC9", "Có báo cáo bổ sung")
        self.refused(65, "SHEET_STATE", self.heads[LONG_BIEN], "explain", "TC3", "Chưa được thẩm định")
        self.done(head, "explain", "tc3", "Có báo cáo bổ sung số 15/BC-MTTQ-BTT")
        self.sheets[HOAN_KIEM].state = "explained"
        line = {row["criterion"]: row for row in self.done(self.city, "sheet", "Hoàn Kiếm")["lines"]}["TC3"]
        self.assertIn("15/BC-MTTQ-BTT", json.dumps(line, ensure_ascii=False))
        self.appraise(leader, HOAN_KIEM, "--reason", "chấp nhận một phần giải trình", TC3=1225)
        self.refused(65, "POINTS_STEP", leader, "appraise", "Hoàn Kiếm", "TC3=12,1", "--reason", "lẻ")

    def test_06_two_returns(self):
        """two sheets are returned; what the unit edits is pending again, the rest keeps its appraisal"""
        leader = self.heads[LEADER]
        self.agree(leader, LONG_BIEN)
        self.refused(77, "PARTY_TO_SHEET", leader, "return", "Ba Đình", "--reason", "xem lại")
        self.refused(77, "ROLE_NOT_PERMITTED", self.heads[DEPUTY], "return", "Ba Đình", "--reason", "xem lại")
        self.assertExit(64, self.city("return", "Long Biên"))
        for person, unit, name in ((leader, DONG_DA, "Đống Đa"), (self.city, LONG_BIEN, "long bien")):
            self.done(person, "return", name, "--reason", "thiếu minh chứng")
            self.sheets[unit].state = "returned"
        self.refused(65, "SHEET_STATE", self.city, "return", "Long Biên", "--reason", "lần nữa")
        self.refused(65, "SHEET_STATE", leader, "appraise", "Long Biên", "TC1=10,5")
        self.score(DONG_DA, TC1=1200)
        self.score(LONG_BIEN, self.officers[LONG_BIEN], TC8=1075)
        self.note_instant("appraisal")
        self.assertEqual(self.submit(DONG_DA)["sheet_revision"], 2)
        again = self.submit(LONG_BIEN)
        self.assertEqual((again["sheet_revision"], again["late"]), (2, True))  # as its first hand-in
        self.appraise(leader, DONG_DA, TC1=1200)
        self.refused(65, "LINE_PENDING", self.council, "finalize", "Long Biên")
        self.appraise(self.city, LONG_BIEN, TC8=1075)

    def test_07_bonus_and_deduction(self):
        """lines of their own, with caps of their own; the total is base and bonus without the deduction"""
        self.refused(77, "ROLE_NOT_PERMITTED", self.heads[LEADER], "bonus", "Hai Bà Trưng", "1", "--reason", "mô hình mới")
        for given, word in ((300, "mô hình mới"), (200, "báo Hà Nội Mới nêu gương")):
            self.done(self.city, "bonus", "hai ba trung", points(given), "--reason", word)
            self.sheets[HAI_BA_TRUNG].bonuses.append(given)
        self.refused(65, "BONUS_CAP", self.city, "bonus", "Hai Bà Trưng", "0,25", "--reason", "quá mức")
        for unit, code, taken in ((LONG_BIEN, "TC2", 50), (DEPUTY, "TC4", 25)):
            self.done(self.city, "deduct", unit, code, points(taken), "--reason", "báo cáo chậm")
            self.sheets[unit].deductions.append((code, taken))
        self.refused(65, "DEDUCTION_RANGE", self.city, "deduct", "Long Biên", "TC2", "12,25", "--reason", "quá mức")
        self.refused(65, "POINTS_STEP", self.city, "deduct", "Long Biên", "TC2", "0,1", "--reason", "lẻ")
        shown = self.done(self.city, "sheet", "Hai Bà Trưng")
        self.assertEqual(sorted(cp(row["points"]) for row in shown["adjustments"]), [200, 300])
        self.note_instant("appraisal")

    def test_08_final(self):
        """the council makes the appraised column final; equal totals: fewer deductions stand first"""
        self.refused(77, "ROLE_NOT_PERMITTED", self.city, "finalize", "--all")
        self.refused(65, "ADVANCE_NOT_FINAL", self.council, "period", "advance", "finalized", "-p", PERIOD)
        self.done(self.council, "finalize", "Ba Đình", "hoang-mai")
        self.refused(65, "SHEET_STATE", self.council, "finalize", "Ba Đình")
        self.done(self.council, "finalize", "--all")
        for sheet in self.sheets.values():
            sheet.finalize()
        self.refused(65, "FINALIZE_NOTHING", self.council, "finalize", "--all")
        self.refused(65, "PERIOD_STATE", self.council, "hold", "Ba Đình", "--reason", "sớm")
        self.advance("finalized")
        board = self.totals("final", "--explain")
        self.assertFalse(board["provisional"])
        self.assertEqual([(row["rank"], row["unit"], row["total"], row["why"] and row["why"]["by"]) for row in board["rows"][:3]],
                         [(1, LEADER, 95.75, None), (2, DEPUTY, 95.75, "deduction"), (3, HOAN_KIEM, 94.75, "total")])
        told = assert_done(self.auditor("totals", "--column", "final", "--explain", lang="vi")).out
        self.assertIn("bằng tổng điểm với Ba Đình, nhưng Ba Đình bị trừ ít hơn: ", told)
        self.assertIn("ít điểm trừ hơn, TC3", told)
        self.assertIn("ĐÂY LÀ ĐIỂM TỰ CHẤM", assert_done(self.auditor("totals", lang="vi")).out)
        self.refused(65, "PERIOD_STATE", self.heads[LEADER], "appraise", "Long Biên", "TC1=10,5")
        self.refused(65, "PERIOD_STATE", self.city, "bonus", "Long Biên", "1", "--reason", "muộn")

    def test_09_awards(self):
        """a hold blocks the nomination and not the score; lifted, the unit is nominated"""
        self.done(self.council, "hold", "Ba Đình", "--reason", "đang xác minh đơn thư")
        self.refused(65, "HELD_ALREADY", self.council, "hold", "ba-dinh", "--reason", "đang xác minh đơn thư")
        refusal = self.refused(65, "AWARD_HELD", self.council, "nominate", "Ba Đình", "Cờ thi đua")
        self.assertIn("đang xác minh đơn thư", refusal.err)
        self.assertEqual(shown_board(self.totals("final")), expected_board(self.sheets, "final"))
        self.done(self.council, "hold", "Ba Đình", "--lift", "--reason", "đã kết luận, không vi phạm")
        self.refused(65, "NOT_HELD", self.council, "hold", "Ba Đình", "--lift", "--reason", "lần nữa")
        self.refused(77, "ROLE_NOT_PERMITTED", self.city, "nominate", "Ba Đình", "Cờ thi đua")
        for unit, award in ((LEADER, "Cờ thi đua"), (DEPUTY, "Bằng khen")):
            self.done(self.council, "nominate", unit, award)
        self.refused(65, "NOMINATED_ALREADY", self.council, "nominate", "Ba Đình", "Cờ thi đua")
        rows = {row["unit"]: row for row in self.done(self.council, "status")["rows"]}
        self.assertEqual((rows[LEADER]["awards"], rows[LEADER]["held"]), (["Cờ thi đua"], False))

    def test_10_published_and_locked(self):
        """everybody sees the final board; locked, it prints its hash"""
        self.advance("published")
        self.refused(65, "PERIOD_STATE", self.council, "nominate", "Hoàn Kiếm", "Bằng khen", "-p", PERIOD)
        self.assertEqual(shown_board(self.totals("final", person=self.officers[LONG_BIEN])), expected_board(self.sheets, "final"))
        first = self.advance("locked")["board_hash"]
        self.assertRegex(first, r"^[0-9a-f]{64}$")
        self.hashes.append((self.note_instant("locked"), first))
        self.assertEqual(self.totals("final")["board_hash"], first)
        leader = self.heads[LEADER]
        for person, *words in ((self.city, "return", "Hoàn Kiếm", "--reason", "muộn"), (self.council, "finalize", "--all"),
                               (leader, "appraise", "Hoàn Kiếm", "TC1=12"), (leader, "score", "TC1=1")):
            self.refused(65, "PERIOD_LOCKED", person, *words, "-p", PERIOD)

    def test_11_reopened(self):
        """a decision reopens it, a correction is made, the old final column stands until the new one; another hash"""
        reopen = ("period", "advance", "reopened", "-p", PERIOD)
        self.refused(65, "ADVANCE_NO_DECISION", self.council, *reopen, "--reason", "đính chính")
        self.refused(65, "ADVANCE_NO_DECISION", self.council, *reopen, "--decision", "12/QĐ-MTTQ")
        self.refused(77, "ROLE_NOT_PERMITTED", self.city, *reopen)
        self.advance("reopened", "--decision", "12/QĐ-MTTQ", "--reason", "đính chính số liệu của Hoàn Kiếm")
        self.done(self.city, "deduct", "Ba Đình", "TC5", "1", "--reason", "theo kết luận kiểm tra")
        self.sheets[LEADER].deductions.append(("TC5", 100))
        self.sheets[LEADER].state = "appraised"
        self.done(self.city, "return", "Hoàn Kiếm", "--reason", "sửa TC3")
        self.sheets[HOAN_KIEM].state = "returned"
        self.score(HOAN_KIEM, TC3=1250)
        self.submit(HOAN_KIEM)
        self.refused(65, "ADVANCE_NOT_FINAL", self.council, "period", "advance", "locked", "-p", PERIOD)
        self.refused(65, "LINE_PENDING", self.council, "finalize", "Hoàn Kiếm")
        self.appraise(self.heads[LEADER], HOAN_KIEM, TC3=1250)
        self.note_instant("reopened")
        self.done(self.council, "finalize", "--all")
        for unit in (LEADER, HOAN_KIEM):
            self.sheets[unit].finalize()
        second = self.advance("locked")["board_hash"]
        self.assertNotEqual(second, self.hashes[0][1])
        self.hashes.append((self.note_instant("locked"), second))
        self.assertEqual([(row["rank"], row["unit"]) for row in self.totals("final")["rows"][:3]],
                         [(1, DEPUTY), (2, HOAN_KIEM), (3, LEADER)])

    # -- afterwards --

    def test_12_as_it_stood(self):
        """every noted instant can be seen again, by its entry and by its time, and twice alike; and no other"""
        for seq, state, sheets in self.instants:
            for column in COLUMNS:
                board = self.totals(column, "--at", seq)
                self.assertEqual((board["seq"], board["state"]), (seq, state))
                self.assertEqual(shown_board(board), expected_board(sheets, column))
                timed = self.totals(column, "--at", board["time"])
                self.assertEqual(shown_board(timed), expected_board(sheets, column))
                self.assertEqual(self.totals(column, "--at", seq), board)
        for seq, digest in self.hashes:
            self.assertEqual(self.totals("final", "--at", seq)["board_hash"], digest)
        self.refused(65, "AT_AHEAD", self.auditor, "totals", "-p", PERIOD, "--at", self.server.seq() + 1)
        self.refused(65, "AT_BEFORE", self.auditor, "totals", "-p", PERIOD, "--at", 1)
        self.refused(65, "AT_TIME_AHEAD", self.auditor, "totals", "-p", PERIOD, "--at", "2200-01-01")

    def test_13_who_could_not_see_it_then(self):
        """the past is seen as the caller could see it then: before the deadline a unit saw its own row alone"""
        seq, _, sheets = self.instants[0]
        rows = {row["unit"]: row for row in self.totals("self", "--at", seq, person=self.heads[LONG_BIEN])["rows"]}
        self.assertEqual({unit: rows[unit]["total"] for unit in UNITS[:5]}, dict.fromkeys(UNITS[:5]))
        self.assertEqual((cp(rows[LONG_BIEN]["total"]), rows[LONG_BIEN]["rank"]), (sum(sheets[LONG_BIEN].own.values()), None))
        later = self.totals("self", "--at", self.instants[1][0], person=self.heads[LONG_BIEN])
        self.assertEqual(shown_board(later), expected_board(self.instants[1][2], "self"))

    def test_14_proof(self):
        """whoever holds the exported journal makes the same boards and hashes; the receipts are in it; check is content"""
        path = f"{self.server.home}/so-cai.ndjson"
        with open(path, "w", encoding="utf-8") as file:
            file.write(assert_done(self.auditor("audit", "-o", "ndjson")).out)
        with open(path, encoding="utf-8") as file:
            entries = recompute.read_export(file)
        for seq, digest in self.hashes:
            self.assertEqual(recompute.final_board_hash(entries, PERIOD, seq=seq), digest)
        for seq, state, sheets in self.instants:
            for column in COLUMNS:
                board = recompute.whole_board(entries, PERIOD, seq=seq, column=column)
                self.assertEqual((board["state"], shown_board(board)), (state, expected_board(sheets, column)))
        for unit, receipt in self.receipts.items():
            name = f"{self.server.home}/{unit}.receipt"
            with open(name, "w", encoding="utf-8") as file:
                file.write(receipt + "\n")
            self.assertExit(0, self.heads[unit]("receipt", "verify", name))
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())
        folder = f"{self.server.home}/khoi-phuc"
        restore = [self.server.binary, "restore", "--from-journal", path, "--state", folder]
        self.assertExit(0, harness.run(restore, self.server.env))
        self.assertExit(0, self.server.check(folder))

    def test_15_in_every_form(self):
        """what is read of a whole year comes as table, json, ndjson and csv, in both languages"""
        self.server.start(clock=FORWARD)
        for words in (["totals", "--column", "final", "--explain"], ["totals", "--at", self.instants[0][0]], ["sheet", "Hoàn Kiếm"],
                      ["history", "Hoàn Kiếm"], ["status"], ["audit", "--unit", "Hoàn Kiếm"], ["period", "show"]):
            more = ["-p", PERIOD] if words[0] not in ("audit", "period") else [PERIOD] if words[0] == "period" else []
            for output in ("table", "json", "ndjson", "csv"):
                for lang in ("vi", "en"):
                    with self.subTest(f"{words} {output} {lang}"):
                        self.assertTrue(self.assertExit(0, self.auditor(*words, *more, "-o", output, lang=lang)).out.strip())


class Ties(Case):
    """The same points under other tie-breaks."""

    def test_tie_breaks(self):
        """equal totals share a rank where the period has no tie-break, and where its tie-breaks are equal too: 1, 1, 3"""
        server = Server()
        self.addCleanup(server.close)
        lines = {"xa-mot": (3000, 5000), "xa-hai": (4000, 4000), "xa-ba": (1000, 2000), "xa-bon": (4000, 4000)}
        expected = {(): [("xa-mot", 1), ("xa-hai", 1), ("xa-bon", 1), ("xa-ba", 4)],
                    ("TC2",): [("xa-mot", 1), ("xa-hai", 2), ("xa-bon", 2), ("xa-ba", 4)],
                    ("TC1",): [("xa-hai", 1), ("xa-bon", 1), ("xa-mot", 3), ("xa-ba", 4)],
                    ("deduction", "TC1", "TC2"): [("xa-hai", 1), ("xa-bon", 1), ("xa-mot", 3), ("xa-ba", 4)]}
        heads = None
        for number, (tie_breaks, rows) in enumerate(expected.items()):
            period = definition(list(lines), ["TC1", "TC2"], id=f"ky-{number}", tie_breaks=tie_breaks)
            heads = harness.open_for_scoring(server, period, heads)
            for head, (one, two) in zip(heads, lines.values()):
                server.login(head).score({"TC1": one, "TC2": two}, period=period.id)
            board = assert_done(server.admin("totals", "-p", period.id, "--explain", "-o", "json")).json
            self.assertEqual([(row["unit"], row["rank"]) for row in board["rows"]], rows, tie_breaks)
            shared = [rank for _, rank in rows]
            self.assertEqual([row["tied"] for row in board["rows"]], [shared.count(rank) > 1 for rank in shared])
            for above, row in zip(board["rows"], board["rows"][1:]):
                by = "total" if row["total"] != above["total"] else None if row["rank"] == above["rank"] else \
                    next(by for by in tie_breaks if by != "deduction")
                self.assertEqual((row["why"]["above"], row["why"]["by"]), (above["unit"], by))


if __name__ == "__main__":
    harness.main()
