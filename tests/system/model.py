"""The rules of a scoring year once more, in Python, from the contract alone. Beside the real daemon it says of every
request what must come of it, and what the board must then show. It shares nothing with the server."""
import collections
import copy

from harness import pb

PERIOD_STATES = ["draft", "signed", "scoring", "appraisal", "finalized", "published", "locked", "reopened"]
SHEET_STATES = ["none", "draft", "submitted", "returned", "appraised", "explained", "final"]
NEXT = {"draft": ["signed"], "signed": ["scoring"], "scoring": ["appraisal"], "appraisal": ["finalized"],
        "finalized": ["published"], "published": ["locked"], "locked": ["reopened"], "reopened": ["locked"]}
HANDED_IN = {"submitted", "appraised", "explained", "final"}
JUDGED = {"appraised", "explained"}
JUDGING = {"appraisal", "reopened"}
PUBLISHED = {"published", "locked", "reopened"}
SETTLED = {"finalized", "published", "locked"}
COLUMNS = ["self", "appraised", "final"]

# Who takes a step; leader and deputy are heads whom the period names.
WHO = {"sign": {"head"}, "extend": {"council"}, "advance": {"council"}, "score": {"officer", "head"}, "submit": {"head"},
       "appraise": {"leader", "deputy", "city"}, "adjust": {"city"}, "return": {"leader", "city"}, "explain": {"head"},
       "finalize": {"council"}, "hold": {"council"}, "nominate": {"council"}}
OF_OWN_UNIT = {"sign", "score", "submit", "explain"}
OF_ANY_UNIT = {"extend", "appraise", "adjust", "return", "hold", "nominate"}

Row = collections.namedtuple("Row", "unit rank tied points base bonus deduction total scored of sheet class_")
HIDDEN = (None, None, None, None, None, None, None, None)


def period_state(number):
    return pb.PeriodState.Name(number).lower()


def sheet_state(number):
    return pb.SheetState.Name(number).lower().removeprefix("sheet_")


class Leaf:
    def __init__(self, criterion):
        self.code, self.max, self.step = criterion.code, criterion.max_cp, criterion.step_cp
        self.computed = criterion.formula in (pb.LINEAR, pb.BANDS)
        self.bands = [(band.from_percent_cp, band.points_cp) for band in criterion.bands] \
            if criterion.formula == pb.BANDS else None
        self.targets = {target.unit: target.value for target in criterion.targets}
        self.not_assigned = set(criterion.not_assigned)

    def points(self, unit, actual):
        """What an actual figure gives: exact, rounded half up once."""
        target = self.targets[unit]
        if self.bands is None:
            return min(self.max, (2 * self.max * actual + target) // (2 * target))
        return next((points for percent, points in self.bands if actual * 10000 >= percent * target), 0)

    def refuses(self, points):
        return {"POINTS_RANGE"} if not 0 <= points <= self.max else {"POINTS_STEP"} if points % self.step else set()


class Sheet:
    def __init__(self):
        self.state, self.revision, self.signed = "none", 0, False
        self.own, self.revisions, self.handed = {}, {}, None       # by code
        self.appraised, self.appraised_revisions = {}, {}          # a code that is not in `appraised` is pending
        self.bonus, self.deducted = 0, {}
        self.final = None                                          # (points, bonus, deduction, total) when finalized
        self.held, self.awards = False, []
        self.until, self.until_passed = None, False
        self.late, self.late_ms = False, None


class Period:
    """One period: `judge` says why a request is refused (nothing: it is accepted), `apply` what it changes."""

    def __init__(self, definition):
        self.definition, self.id = definition, definition.id
        self.units = [unit.id for unit in definition.units]
        codes = [criterion.code for criterion in definition.criteria]
        self.parents = {code for code in codes if any(other.startswith(code + ".") for other in codes)}
        self.leaves = [Leaf(criterion) for criterion in definition.criteria if criterion.code not in self.parents]
        self.by_code = {leaf.code.upper(): leaf for leaf in self.leaves}
        self.total, self.deadline = definition.total_cp, definition.deadline_ms
        self.state, self.passed = "draft", False
        self.sheets = {unit: Sheet() for unit in self.units}
        self.seq = 0          # the last entry that changed it
        self.past = {}        # by sequence number: the period as it stood
        self.now = 0          # milliseconds, set by whoever drives it

    # ---- what is asked of a line ----

    def find(self, code):
        """(leaf, reasons against it)."""
        leaf = self.by_code.get(code.upper())
        if leaf:
            return leaf, set()
        return None, {"CRITERION_HAS_ITEMS" if code.upper() in self.parents else "CRITERION_UNKNOWN"}

    def lines(self, unit, codes):
        """The leaves of a list of lines, each once and assigned; and what is wrong."""
        wrong, leaves = set(), []
        for code in codes:
            leaf, reasons = self.find(code)
            wrong |= reasons
            if leaf and leaf in leaves:
                wrong.add("CRITERION_TWICE")
            elif leaf and unit in leaf.not_assigned:
                wrong.add("CRITERION_NOT_ASSIGNED")
            leaves.append(leaf)
        return leaves, wrong

    def assigned(self, unit):
        return [leaf for leaf in self.leaves if unit not in leaf.not_assigned]

    def pending(self, unit):
        return [leaf.code for leaf in self.assigned(unit) if leaf.code not in self.sheets[unit].appraised]

    def counting_deadline(self, unit):
        """(instant, whether its passing is an entry)."""
        sheet = self.sheets[unit]
        return (sheet.until, sheet.until_passed) if sheet.until else (self.deadline, self.passed)

    # ---- judging ----

    def may(self, caller, step, unit):
        who = WHO[step]
        if caller.role in who:
            return set()
        if caller.role != "head" or not who & {"leader", "deputy"}:
            return {"ROLE_NOT_PERMITTED", "LOCAL_ONLY"}
        leads = caller.unit == self.definition.leader and "leader" in who
        stands_in = caller.unit == self.definition.deputy and "deputy" in who
        if not leads and not stands_in:
            return {"ROLE_NOT_PERMITTED"}
        if caller.unit == unit:
            return {"PARTY_TO_SHEET"}
        return set() if leads or unit == self.definition.leader or unit not in self.sheets else {"DEPUTY_FOR_LEADER"}

    def offers(self, step, sheet):
        """Whether period and sheet are in states that offer the step: {period states: sheet states}."""
        every, working = set(SHEET_STATES), {"none", "draft"}
        rows = {
            "sign": [({"draft"}, {"none"})],
            "extend": [({"signed", "scoring", "appraisal", "reopened"}, every - {"final"})],
            "score": [({"scoring"}, working), (JUDGING, {"returned"})],
            "submit": [({"scoring"}, working), (JUDGING, {"returned"})],
            "appraise": [(JUDGING, {"submitted"} | JUDGED)],
            "adjust": [(JUDGING, every)],
            "return": [(JUDGING, every - {"returned"})],
            "explain": [(JUDGING, JUDGED)],
            "hold": [({"finalized"}, {"final"})],
            "nominate": [({"finalized"}, {"final"})],
        }[step]
        if any(self.state in periods and sheet in sheets for periods, sheets in rows):
            return set()
        reopening_helps = any("reopened" in periods for periods, _ in rows)
        of_period = {"PERIOD_LOCKED"} if self.state == "locked" and reopening_helps else {"PERIOD_STATE"}
        of_sheet = {"SHEET_SUBMITTED"} if step in ("score", "submit") and sheet in HANDED_IN else {"SHEET_STATE"}
        if not any(self.state in periods for periods, _ in rows):
            return of_period
        return of_period | of_sheet if any(sheet in sheets for _, sheets in rows) else of_sheet

    def judge(self, caller, step, args):
        """The reasons any of which may refuse it; empty: it is accepted."""
        own = step in OF_OWN_UNIT
        unit = caller.unit if own else args.get("unit")
        if caller.role == "nobody":
            return {"NOT_AUTHENTICATED"}
        refused = self.may(caller, step, unit)
        if refused:
            return refused
        if own and unit not in self.sheets:
            return {"UNIT_NOT_IN_PERIOD"}
        if step in OF_ANY_UNIT and unit not in self.sheets:
            return {"UNIT_UNKNOWN"}
        if own or step in OF_ANY_UNIT:
            refused = self.offers(step, self.sheets[unit].state)
        return refused or getattr(self, f"judge_{step}")(unit, self.sheets.get(unit), args)

    def judge_sign(self, unit, sheet, args):
        return {"ALREADY_SIGNED"} if sheet.signed else set()

    def judge_extend(self, unit, sheet, args):
        if args["until_ms"] <= self.now:
            return {"UNTIL_PASSED"} | ({"UNTIL_NOT_LATER"} if args["until_ms"] <= self.counting_deadline(unit)[0] else set())
        return {"UNTIL_NOT_LATER"} if args["until_ms"] <= self.counting_deadline(unit)[0] else set()

    def judge_advance(self, unit, sheet, args):
        to, sheets = args["state"], self.sheets
        if to not in NEXT[self.state]:
            return {"ADVANCE_NOT_NEXT"}
        if to == "signed" and not all(sheet.signed for sheet in sheets.values()):
            return {"ADVANCE_NOT_SIGNED"}
        if to == "appraisal" and not args.get("reason") and any(
                sheets[unit].state not in HANDED_IN and not self.counting_deadline(unit)[1] for unit in sheets):
            return {"ADVANCE_TOO_EARLY"}
        if to in ("finalized", "locked") and any(sheet.state != "final" for sheet in sheets.values()):
            return {"ADVANCE_NOT_FINAL"}
        if to == "reopened" and not (args.get("reason") and args.get("decision")):
            return {"ADVANCE_NO_DECISION"}
        return set()

    def too_late(self, unit):
        closed = self.definition.hard_close and self.sheets[unit].revision == 0 and self.counting_deadline(unit)[1]
        return {"DEADLINE_PASSED"} if closed else set()

    def judge_score(self, unit, sheet, args):
        leaves, wrong = self.lines(unit, [line["criterion"] for line in args["lines"]])
        for leaf, line in zip(leaves, args["lines"]):
            if not leaf:
                continue
            points, actual = line.get("points"), line.get("actual")
            if leaf.computed:
                wrong |= {"POINTS_COMPUTED"} if points is not None or actual is None else set()
            else:
                wrong |= {"POINTS_MISSING"} if points is None else leaf.refuses(points)
            if line.get("if_revision") not in (None, sheet.revisions.get(leaf.code, 0)):
                wrong.add("REVISION_MOVED")
        return wrong | self.too_late(unit)

    def judge_submit(self, unit, sheet, args):
        wrong = self.too_late(unit)
        if any(leaf.code not in sheet.own for leaf in self.assigned(unit)):
            wrong.add("SHEET_INCOMPLETE")
        if args.get("if_total") not in (None, sum(sheet.own.values()) if sheet.own else -1):
            wrong.add("TOTAL_MOVED")
        return wrong

    def judge_appraise(self, unit, sheet, args):
        leaves, wrong = self.lines(unit, [line["criterion"] for line in args["lines"]])
        for leaf, line in zip(leaves, args["lines"]):
            if not leaf:
                continue
            if line["points"] != sheet.own.get(leaf.code):
                wrong |= leaf.refuses(line["points"]) | (set() if args.get("reason") else {"APPRAISAL_REASON"})
            if line.get("if_revision") not in (None, sheet.appraised_revisions.get(leaf.code, 0)):
                wrong.add("APPRAISAL_MOVED")
        return wrong

    def judge_adjust(self, unit, sheet, args):
        if not args.get("criterion"):
            return {"BONUS_CAP"} if sheet.bonus + args["points"] > self.definition.bonus_cap_cp else set()
        (leaf,), wrong = self.lines(unit, [args["criterion"]])
        if leaf and args["points"] % leaf.step:
            wrong.add("POINTS_STEP")
        if leaf and sheet.deducted.get(leaf.code, 0) + args["points"] > leaf.max:
            wrong.add("DEDUCTION_RANGE")
        return wrong

    def judge_return(self, unit, sheet, args):
        return set()

    def judge_explain(self, unit, sheet, args):
        (leaf,), wrong = self.lines(unit, [args["criterion"]])
        return wrong | ({"LINE_PENDING"} if leaf and leaf.code not in sheet.appraised else set())

    def judge_finalize(self, _, sheet, args):
        if self.state not in JUDGING:
            return {"PERIOD_LOCKED"} if self.state == "locked" else {"PERIOD_STATE"}
        if any(unit not in self.sheets for unit in args["units"]):
            return {"UNIT_UNKNOWN"}
        wrong = {"UNIT_TWICE"} if len(set(args["units"])) < len(args["units"]) else set()
        for unit in args["units"]:
            wrong |= {"SHEET_STATE"} if self.sheets[unit].state == "final" else set()
        named = args["units"] or [unit for unit in self.units if self.sheets[unit].state != "final"]
        for unit in named:
            state = self.sheets[unit].state
            if state in HANDED_IN - {"final"} and self.pending(unit):
                wrong.add("LINE_PENDING")
            elif state in ("none", "draft", "returned") and not args.get("reason"):
                wrong.add("FINALIZE_NOT_HANDED_IN")
        return wrong if named else {"FINALIZE_NOTHING"}

    def judge_hold(self, unit, sheet, args):
        if args.get("lift"):
            return set() if sheet.held else {"NOT_HELD"}
        return {"HELD_ALREADY"} if sheet.held else set()

    def judge_nominate(self, unit, sheet, args):
        return ({"AWARD_HELD"} if sheet.held else set()) | \
            ({"NOMINATED_ALREADY"} if args["award"] in sheet.awards else set())

    # ---- applying ----

    def apply(self, caller, step, args, seq, time_ms):
        unit = caller.unit if step in OF_OWN_UNIT else args.get("unit")
        getattr(self, f"apply_{step}")(unit, self.sheets.get(unit), args, time_ms)
        self.remember(seq)

    def remember(self, seq):
        self.seq, past, self.past = seq, self.past, None
        past[seq] = copy.copy(self)
        past[seq].sheets = copy.deepcopy(self.sheets)
        self.past = past

    def apply_sign(self, unit, sheet, args, time_ms):
        sheet.signed = True

    def apply_extend(self, unit, sheet, args, time_ms):
        sheet.until, sheet.until_passed = args["until_ms"], False

    def apply_advance(self, unit, sheet, args, time_ms):
        self.state = args["state"]

    def apply_score(self, unit, sheet, args, time_ms):
        for line in args["lines"]:
            leaf = self.by_code[line["criterion"].upper()]
            sheet.own[leaf.code] = leaf.points(unit, line["actual"]) if leaf.computed else line["points"]
            sheet.revisions[leaf.code] = sheet.revisions.get(leaf.code, 0) + 1
            sheet.appraised.pop(leaf.code, None)
        sheet.state = "returned" if sheet.state == "returned" else "draft"

    def apply_submit(self, unit, sheet, args, time_ms):
        if sheet.revision == 0:
            deadline, sheet.late = self.counting_deadline(unit)
            sheet.late_ms = max(0, time_ms - deadline) if sheet.late else None
        sheet.handed, sheet.state = dict(sheet.own), "submitted"
        sheet.revision += 1

    def apply_appraise(self, unit, sheet, args, time_ms):
        for line in args["lines"]:
            code = self.by_code[line["criterion"].upper()].code
            sheet.appraised[code] = line["points"]
            sheet.appraised_revisions[code] = sheet.appraised_revisions.get(code, 0) + 1
        sheet.state = "appraised"

    def apply_adjust(self, unit, sheet, args, time_ms):
        if args.get("criterion"):
            code = self.by_code[args["criterion"].upper()].code
            sheet.deducted[code] = sheet.deducted.get(code, 0) + args["points"]
        else:
            sheet.bonus += args["points"]
        sheet.state = "appraised" if sheet.state == "final" else sheet.state

    def apply_return(self, unit, sheet, args, time_ms):
        sheet.state = "returned"

    def apply_explain(self, unit, sheet, args, time_ms):
        sheet.state = "explained"

    def apply_finalize(self, _, sheet, args, time_ms):
        for unit in args["units"] or [unit for unit in self.units if self.sheets[unit].state != "final"]:
            sheet = self.sheets[unit]
            sheet.final, sheet.state = self.figures(unit, "appraised"), "final"

    def apply_hold(self, unit, sheet, args, time_ms):
        sheet.held = not args.get("lift")

    def apply_nominate(self, unit, sheet, args, time_ms):
        sheet.awards.insert(0, args["award"])

    # ---- what is shown ----

    def figures(self, unit, column, handed=False):
        """(points by code, bonus, deduction, base, total) of a column."""
        sheet = self.sheets[unit]
        if column == "final":
            return sheet.final or ({}, 0, 0, None, None)
        points = dict(sheet.appraised) if column == "appraised" else dict((sheet.handed or {}) if handed else sheet.own)
        bonus, deducted = (sheet.bonus, sheet.deducted) if column == "appraised" else (0, {})
        deduction = sum(min(deducted.get(code, 0), value) for code, value in points.items())
        base = sum(points.values()) if points else None
        total = None if base is None else max(0, min(base, self.total) + bonus - deduction)
        return points, bonus, deduction, base, total

    def sight(self, caller):
        """all, submitted, own or none."""
        if not caller.unit:
            return "all"
        if self.state in PUBLISHED:
            return "submitted"
        if caller.unit not in self.sheets:
            return "none"
        if caller.role == "head" and caller.unit in (self.definition.leader, self.definition.deputy):
            return "submitted"
        sheet = self.sheets[caller.unit]
        running = sheet.until is not None and not sheet.until_passed
        opened = {pb.ALWAYS: True, pb.AFTER_DEADLINE: self.passed and not running,
                  pb.AFTER_PUBLICATION: False}[self.definition.visibility]
        return "submitted" if opened else "own"

    def tie_value(self, figures, tie_break):
        if tie_break == "deduction":
            return -figures[2]
        values = [value for code, value in figures[0].items() if code == tie_break or code.startswith(tie_break + ".")]
        return sum(values) if values else -1

    def standing(self, figures):
        """Higher is better; equal shares a rank."""
        return (figures[4], *(self.tie_value(figures, tie_break) for tie_break in self.definition.tie_breaks))

    def class_of(self, total):
        reached = [(c.from_cp, c.name) for c in self.definition.classes if min(total, self.total) >= c.from_cp]
        return max(reached)[1] if reached else None

    def board(self, column, caller):
        """The rows in their order, as the caller sees them."""
        sight = self.sight(caller)
        figures = {unit: self.figures(unit, column, handed=sight == "submitted") for unit in self.units}
        with_points = [unit for unit in self.units if figures[unit][4] is not None]
        keys = {unit: self.standing(figures[unit]) for unit in with_points}
        order = sorted(with_points, key=lambda unit: keys[unit], reverse=True)  # stable: the period's own order
        order += [unit for unit in self.units if unit not in keys]
        rows = []
        for unit in self.units if sight == "own" else order:
            if sight == "own" and unit != caller.unit:
                rows.append(Row(unit, None, False, (), *HIDDEN[:6], self.sheets[unit].state, None))
                continue
            points, bonus, deduction, base, total = figures[unit]
            ranked = unit in keys and sight != "own"
            rank = 1 + sum(key > keys[unit] for key in keys.values()) if ranked else None
            tied = ranked and sum(key == keys[unit] for key in keys.values()) > 1
            none = total is None
            rows.append(Row(unit, rank, tied, tuple(points.get(leaf.code) for leaf in self.leaves), base,
                            None if none else bonus, None if none else deduction, total, len(points),
                            len(self.assigned(unit)), self.sheets[unit].state, None if none else self.class_of(total)))
        return rows

    def why(self, column, caller, above, unit):
        """What sets a unit apart from the one above it: (by, its own value, the other's)."""
        handed = self.sight(caller) == "submitted"
        own, other = (self.figures(each, column, handed) for each in (unit, above))
        if own[4] != other[4]:
            return "total", own[4], other[4]
        for by in self.definition.tie_breaks:
            values = [abs(self.tie_value(each, by)) if by == "deduction" else self.tie_value(each, by) for each in (own, other)]
            if values[0] != values[1]:
                return (by, *(None if value == -1 else value for value in values))
        return None, None, None

    def submitted(self):
        """A sheet that was closed without having been handed in is not."""
        return sum(sheet.state in HANDED_IN and sheet.revision > 0 for sheet in self.sheets.values())


def row_seen(row, n_leaves, hidden=False):
    """A BoardRow as a Row. A row that is not hidden has a place for each leaf, whatever the column holds."""
    def get(name):
        return getattr(row, name) if row.HasField(name) else None
    points = tuple(None if value == -1 else value for value in row.points_cp)
    if not points and not hidden:
        points = (None,) * n_leaves
    none = not row.HasField("total_cp")
    return Row(row.unit, get("rank"), row.tied, points, get("base_cp"), None if none else get("bonus_cp"),
               None if none else get("deduction_cp"), get("total_cp"), get("scored"), get("of"), sheet_state(row.sheet),
               getattr(row, "class") or None)
