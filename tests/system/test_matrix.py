#!/usr/bin/python3
"""Every step by everybody in every state, against the real daemon: what comes of it is what the table in proto/README.md's
chapter on the states says, and the states after it too."""
import collections
import os
import re

import harness
from harness import ServerCase, definition, pb
from model import HANDED_IN, NEXT, PERIOD_STATES, SHEET_STATES, period_state, sheet_state
from thidua_client import Refused
from world import ADMIN, AUDITOR, CITY, COUNCIL, NOBODY, World, head, officer, statuses_of_reasons

LEADER, DEPUTY, UNIT, OUTSIDER = "xa-truong", "xa-pho", "xa-thuong", "xa-ngoai"
UNITS = [LEADER, DEPUTY, UNIT]
CALLERS = [officer(UNIT), head(UNIT), head(LEADER), head(DEPUTY), CITY, COUNCIL, AUDITOR, ADMIN, head(OUTSIDER), NOBODY]
DEADLINE = 4000000000000
STATUS_OF = statuses_of_reasons()
OF_STATES = {"PERIOD_STATE", "PERIOD_LOCKED", "SHEET_STATE", "SHEET_SUBMITTED"}

# ---- the document's table ----

Row = collections.namedtuple("Row", "step who periods sheets period_next sheet_next refusals")


def words(cell):
    return [word for word in re.split(r"[,\s]+", re.sub(r"[`—–]", " ", cell)) if word]


def read_table():
    """The rows of the chapter on the states."""
    with open(os.path.join(harness.TOP, "proto", "README.md"), encoding="utf-8") as file:
        text = re.search(r"<!-- states -->\n(.*?)<!-- /states -->", file.read(), re.S)[1]
    rows = []
    for line in text.strip().splitlines()[2:]:
        step, *cells = line.strip().strip("|").split("|")
        who, periods, sheets, period_next, sheet_next, refusals = map(words, cells)
        rows.append(Row(step.strip(), set(who), set(periods), set(sheets), (period_next or [None])[0], (sheet_next or [None])[0],
                        set(refusals)))
    return rows


TABLE = read_table()


def rows_of(step):
    return [row for row in TABLE if row.step == step]


def find(step, period, sheet, to=None):
    """The row that offers the step, or None."""
    return next((row for row in rows_of(step) if period in row.periods and (not row.sheets or sheet in row.sheets)
                 and (to is None or row.period_next == to)), None)


# ---- periods in every pair of states ----

def load(world, period):
    period = definition(UNITS, ["TC1", "TC2"], id=period, total_cp=10000, leader=LEADER, deputy=DEPUTY)
    period.bonus_cap_cp = 1000
    return world(ADMIN).write(period_load=pb.PeriodLoad(definition=period))


def advance(to):
    def step(world, period):
        world(COUNCIL).write(period_advance=pb.PeriodAdvance(period=period, state=1 + PERIOD_STATES.index(to), reason="thử",
                                                             decision="1/QĐ"))
    return step


def heads(**body):
    """The same request by the head of each unit; or about each unit, by another."""
    def step(world, period):
        for unit in UNITS:
            world(head(unit)).write(**{name: make(period=period) for name, make in body.items()})
    return step


def city(name, make):
    def step(world, period):
        for unit in UNITS:
            world(CITY).write(**{name: make(period=period, unit=unit)})
    return step


def finalize(world, period):
    world(COUNCIL).write(finalize=pb.Finalize(period=period))


def score(period):
    return pb.Score(period=period, lines=[pb.LineInput(criterion=code, points_cp=2500) for code in ("TC1", "TC2")])


def appraise(period, unit):
    lines = [pb.AppraisedInput(criterion=code, points_cp=2500) for code in ("TC1", "TC2")]
    return pb.Appraise(period=period, unit=unit, lines=lines)


def explain(period):
    return pb.Explain(period=period, criterion="TC1", text="giải trình")


def return_sheet(period, unit):
    return pb.ReturnSheet(period=period, unit=unit, reason="thiếu minh chứng")


APPRAISE, RETURN, EXPLAIN, SUBMIT = (city("appraise", appraise), city("return_sheet", return_sheet), heads(explain=explain),
                                     heads(submit=pb.Submit))

# (period state, sheet state of every unit): the pair before it, and what leads from there.
PATHS = {
    ("draft", "none"): (None, [load]),
    ("signed", "none"): (("draft", "none"), [heads(sign=pb.Sign), advance("signed")]),
    ("scoring", "none"): (("signed", "none"), [advance("scoring")]),
    ("scoring", "draft"): (("scoring", "none"), [heads(score=score)]),
    ("scoring", "submitted"): (("scoring", "draft"), [SUBMIT]),
    ("appraisal", "none"): (("scoring", "none"), [advance("appraisal")]),
    ("appraisal", "draft"): (("scoring", "draft"), [advance("appraisal")]),
    ("appraisal", "submitted"): (("scoring", "submitted"), [advance("appraisal")]),
    ("appraisal", "returned"): (("appraisal", "submitted"), [RETURN]),
    ("appraisal", "appraised"): (("appraisal", "submitted"), [APPRAISE]),
    ("appraisal", "explained"): (("appraisal", "appraised"), [EXPLAIN]),
    ("appraisal", "final"): (("appraisal", "appraised"), [finalize]),
    ("finalized", "final"): (("appraisal", "final"), [advance("finalized")]),
    ("published", "final"): (("finalized", "final"), [advance("published")]),
    ("locked", "final"): (("published", "final"), [advance("locked")]),
    ("reopened", "final"): (("locked", "final"), [advance("reopened")]),
    ("reopened", "returned"): (("reopened", "final"), [RETURN]),
    ("reopened", "submitted"): (("reopened", "returned"), [SUBMIT]),
    ("reopened", "appraised"): (("reopened", "submitted"), [APPRAISE]),
    ("reopened", "explained"): (("reopened", "appraised"), [EXPLAIN]),
}


def reachable():
    """The pairs of states that the table's rows lead to from draft and none, sheets moved one at a time or all."""
    pairs, new = set(), {("draft", "none")}
    while new:
        pairs |= new
        found = set()
        for period, sheet in pairs:
            for row in TABLE:
                if period in row.periods and (not row.sheets or sheet in row.sheets) and (row.period_next or row.sheet_next):
                    found.add((row.period_next or period, row.sheet_next or sheet))
        # A guard of the table's own: every sheet is final before finalized, and before the period is locked again.
        new = {(period, sheet) for period, sheet in found - pairs
               if period not in ("finalized", "published", "locked") or sheet == "final"}
    return pairs


# ---- what is attempted ----

class Attempt:
    """A request, the step that it is, whom it is about, and what its own arguments may be refused for."""

    def __init__(self, name, step, make, unit=None, to=None, guard=lambda period, sheet: None, read=False, every=False):
        self.name, self.step, self.make, self.unit, self.to = name, step, make, unit, to
        self.guard, self.read, self.every = guard, read, every


def when(reason, sheets):
    return lambda period, sheet: reason if sheet in sheets else None


def of_unit(name, step, field, make, unit=UNIT, **more):
    return Attempt(name, step, lambda period: {field: make(period=period, unit=unit)}, unit, **more)


def advance_to(to, bare=False):
    more = {} if bare else {"reason": "lý do", "decision": "2/QĐ"}
    not_final = when("ADVANCE_NOT_FINAL", set(SHEET_STATES) - {"final"})
    guards = {"signed": when("ADVANCE_NOT_SIGNED", {"none"}), "finalized": not_final, "locked": not_final}
    if bare:
        guards |= {"appraisal": when("ADVANCE_TOO_EARLY", {"none", "draft"}), "reopened": when("ADVANCE_NO_DECISION", {"final"})}
    return Attempt(f"advance {to}{' without words' * bare}", "period advance",
                   lambda period: {"period_advance": pb.PeriodAdvance(period=period, state=1 + PERIOD_STATES.index(to), **more)},
                   to=to, guard=guards.get(to, lambda period, sheet: None))


def finalize_attempt(name, units, reason=None):
    def guard(period, sheet):
        if (period, sheet) == ("appraisal", "submitted"):
            return "LINE_PENDING"  # in a reopened period the sheet comes back with its appraisal
        return "FINALIZE_NOT_HANDED_IN" if sheet in ("none", "draft", "returned") and not reason else None

    return Attempt(name, "finalize", lambda period: {"finalize": pb.Finalize(period=period, units=units, reason=reason)},
                   unit=UNIT, guard=guard, every=not units)


def adjust(criterion=None):
    return lambda period, unit: pb.Adjust(period=period, unit=unit, criterion=criterion, points_cp=100, reason="thưởng")


def hold(lift=None):
    return lambda period, unit: pb.Hold(period=period, unit=unit, reason="đang xác minh", lift=lift)


ATTEMPTS = [
    Attempt("load", "period load",
            lambda period: {"period_load": pb.PeriodLoad(definition=definition(UNITS, ["TC1"], id=period))}),
    Attempt("sign", "sign", lambda period: {"sign": pb.Sign(period=period)}),
    of_unit("extend", "period extend", "extend",
            lambda period, unit: pb.PeriodExtend(period=period, unit=unit, until_ms=DEADLINE + 3600000, reason="bão lụt")),
    *[advance_to(to) for to in PERIOD_STATES],
    *[advance_to(to, bare=True) for to in ("appraisal", "reopened")],
    Attempt("score", "score", lambda period: {"score": score(period)}),
    Attempt("submit", "submit", lambda period: {"submit": pb.Submit(period=period)}, guard=when("SHEET_INCOMPLETE", {"none"})),
    *[of_unit(f"appraise {unit}", "appraise", "appraise", appraise, unit) for unit in UNITS],
    of_unit("appraise --dry-run", "appraise", "appraise_preview", appraise, read=True),
    of_unit("bonus", "bonus, deduct", "adjust", adjust()),
    of_unit("deduct", "bonus, deduct", "adjust", adjust("TC1")),
    *[of_unit(f"return {unit}", "return", "return_sheet", return_sheet, unit) for unit in UNITS],
    Attempt("explain", "explain", lambda period: {"explain": explain(period)}),
    finalize_attempt("finalize one", [UNIT]),
    finalize_attempt("finalize one with a reason", [UNIT], "không nộp"),
    finalize_attempt("finalize all", []),
    of_unit("hold", "hold", "hold", hold()),
    of_unit("hold --lift", "hold", "hold", hold(lift=True), guard=when("NOT_HELD", {"final"})),
    of_unit("nominate", "nominate", "nominate", lambda period, unit: pb.Nominate(period=period, unit=unit, award="Cờ thi đua")),
]
OF_OWN_UNIT = {"sign", "score", "submit", "explain"}


# ---- what the table expects ----

def refused_for_who(attempt, caller):
    """The reasons for which the caller is not permitted, whatever the states; empty where it is."""
    who = set().union(*(row.who for row in rows_of(attempt.step)))
    if caller == NOBODY:
        return {"NOT_AUTHENTICATED"}
    if caller.role in who:
        return {"UNIT_NOT_IN_PERIOD"} if caller.unit == OUTSIDER else set()
    parties = {word for word, unit in (("leader", LEADER), ("deputy", DEPUTY)) if caller == head(unit)} & who
    if not parties:
        return {"ROLE_NOT_PERMITTED", "UNIT_NOT_IN_PERIOD", "LOCAL_ONLY"}
    if caller.unit == attempt.unit:
        return {"PARTY_TO_SHEET"}
    return set() if "leader" in parties or attempt.unit == LEADER else {"DEPUTY_FOR_LEADER"}


def refused_for_states(attempt, period, sheet):
    """The reasons for which the states do not offer the step."""
    if find(attempt.step, period, sheet, attempt.to):
        return set()
    if attempt.step == "period advance":
        return {"ADVANCE_NOT_NEXT"}
    if attempt.step == "period load":
        return {"PERIOD_NOT_DRAFT"}
    if attempt.every and sheet == "final" and any(period in row.periods for row in rows_of(attempt.step)):
        return {"FINALIZE_NOTHING"}
    reopening_helps = any("reopened" in row.periods for row in rows_of(attempt.step))
    of_period = {"PERIOD_LOCKED"} if period == "locked" and reopening_helps else {"PERIOD_STATE"}
    of_sheet = {"SHEET_SUBMITTED"} if attempt.step in ("score", "submit") and sheet in HANDED_IN else {"SHEET_STATE"}
    if not any(period in row.periods for row in rows_of(attempt.step)):
        return of_period
    return of_period | of_sheet if any(sheet in row.sheets for row in rows_of(attempt.step)) else of_sheet


class Matrix(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world, cls.made = World(cls.server), 0
        cls.server.connect(cls.server.unix).write(period_load=pb.PeriodLoad(definition=definition([OUTSIDER], id="ky-khac")))
        load(cls.world, "ky-dau")
        cls.world.enrol(*CALLERS, *(head(unit) for unit in UNITS))

    def build(self, pair):
        """A new period in this pair of states."""
        steps = []
        while pair:
            pair, more = PATHS[pair]
            steps = more + steps
        Matrix.made += 1
        period = f"ky-{Matrix.made}"
        for step in steps:
            step(self.world, period)
        return period

    def states(self, period):
        """(period state, [sheet states])."""
        link = self.world(ADMIN)
        rows = link.ask(status=pb.StatusQuery(period=period)).status_rows.rows
        state = link.ask(period=pb.PeriodQuery(period=period)).period.state
        return period_state(state), [sheet_state(row.sheet) for row in rows]

    def ask(self, attempt, caller, period):
        """None where it is accepted, else the refusal."""
        try:
            link = self.world(caller)
            (link.ask if attempt.read else link.write)(**attempt.make(period))
        except Refused as refusal:
            return refusal
        return None

    def refuses(self, refusal, reasons, before):
        self.assertIsNotNone(refusal, f"accepted; expected {reasons}")
        self.assertIn(refusal.reasons[0], reasons)
        self.assertEqual(refusal.status, STATUS_OF[refusal.reasons[0]])
        self.assertEqual(self.world.seq(), before, "a refusal has written")

    def after(self, attempt, caller, period, sheet):
        """The states that the table says follow."""
        row = find(attempt.step, period, sheet, attempt.to)
        moved = row.sheet_next or sheet
        subject = caller.unit if attempt.step in OF_OWN_UNIT else attempt.unit
        if attempt.every:
            return row.period_next or period, [moved] * 3
        return row.period_next or period, [moved if unit == subject else sheet for unit in UNITS]

    def drive(self, attempt, caller, pair, period):
        """One cell. True: the period has changed and is used up."""
        before = self.world.seq()
        refusal = self.ask(attempt, caller, period)
        permission = refused_for_who(attempt, caller)
        reasons = permission or refused_for_states(attempt, *pair)
        if permission:
            self.assertLessEqual({STATUS_OF[reason] for reason in permission}, {"PERMISSION_DENIED", "UNAUTHENTICATED"})
        elif not reasons and attempt.guard(*pair):
            reasons = {attempt.guard(*pair)}
            self.assertLessEqual(reasons, find(attempt.step, *pair, attempt.to).refusals)
        if reasons:
            self.refuses(refusal, reasons, before)
            return False
        self.assertIsNone(refusal)
        expected = self.after(attempt, caller, *pair) if not attempt.read else (pair[0], [pair[1]] * 3)
        self.assertEqual(self.states(period), expected)
        self.assertEqual(self.world.seq(), before + (not attempt.read))
        return not attempt.read

    def test_1_reachable(self):
        """the periods that are built stand in every pair of states that the table can reach, and in no other"""
        self.assertEqual(set(PATHS), reachable())
        for pair in PATHS:
            with self.subTest(pair):
                self.assertEqual(self.states(self.build(pair)), (pair[0], [pair[1]] * 3))

    def test_2_steps(self):
        """every step of the table is attempted"""
        self.assertEqual({attempt.step for attempt in ATTEMPTS}, {row.step for row in TABLE})
        self.assertEqual({row.period_next for row in rows_of("period advance")}, set(sum(NEXT.values(), [])))

    def test_3_matrix(self):
        """every step by everybody in every state comes to what the table says"""
        cells = accepted = 0
        for pair in PATHS:
            period = self.build(pair)
            for attempt in ATTEMPTS:
                for caller in CALLERS:
                    with self.subTest(f"{attempt.name} by {' '.join(filter(None, caller))} in {' '.join(pair)}"):
                        cells += 1
                        used = True
                        used = self.drive(attempt, caller, pair, period)
                        accepted += used
                    if used:
                        period = self.build(pair)
        print(f"# {cells} cells, {accepted} of them change something; {Matrix.made} periods", flush=True)

    def test_4_replay(self):
        """after all of it the journal replayed gives the same rows"""
        self.world.hang_up()
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())


if __name__ == "__main__":
    harness.main()
