"""What anyone can make again from an exported journal (`thidua audit -o ndjson`) alone: the chain of hashes, the board
of any column at any entry, and the hash of a final board. Written from proto/README.md and proto/thidua.proto; it shares
no code with the programs.

    entries = read_export(open("journal.ndjson", encoding="utf-8"))
    rows = board(entries, "hn-cum-1-2022", seq=57, column="final")
    sum_ = final_board_hash(entries, "hn-cum-1-2022")

Figures are summed from the single facts (a line, a bonus, a deduction); what an entry says of the whole sheet is only
compared with them."""
import base64
import hashlib
import json

import thidua_pb2 as pb

NONE = -1  # in packed lists of points: no points
HANDED_IN = (pb.SUBMITTED, pb.APPRAISED, pb.EXPLAINED, pb.FINAL)
SETTLED = (pb.FINALIZED, pb.PUBLISHED, pb.LOCKED)  # the board is no longer provisional


class Damaged(Exception):
    """The export is not a whole journal, or an entry contradicts those before it."""


# ---- the chain ----

def read_export(lines):
    """[pb.Entry] of a whole export, its chain verified from entry 1."""
    entries, prev = [], bytes(32)
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            record = base64.b64decode(row["record"], validate=True)
            entry = pb.Entry.FromString(record)
            told = (row["seq"], bytes.fromhex(row["prev"]), bytes.fromhex(row["hash"]))
        except Exception as error:
            raise Damaged(f"line {number}: no entry: {error}") from error
        found = (entry.seq, prev, hashlib.sha256(prev + record).digest())
        if told != found or entry.seq != number:
            raise Damaged(f"line {number}: the chain is broken")
        entries.append(entry)
        prev = found[2]
    if not entries or entries[0].event.WhichOneof("body") != "founded":
        raise Damaged("the export does not begin with entry 1")
    return entries


# ---- the definition ----

class Definition:
    """One period's definition, its leaves found, and who is scored on which."""

    def __init__(self, event):
        self.of = event.definition
        self.number, self.units = event.period, list(event.units)
        self.hash = hashlib.sha256(self.of.SerializeToString(deterministic=True)).digest()
        if self.hash != event.hash:
            raise Damaged("the definition's hash is not that of its bytes")
        codes = [criterion.code.lower() for criterion in self.of.criteria]
        self.leaves = [criterion for criterion in self.of.criteria
                       if not any(code.startswith(criterion.code.lower() + ".") for code in codes)]

    def above(self, code):
        """The codes of a criterion and of those above it."""
        words = code.lower().split(".")
        return {".".join(words[:n]) for n in range(1, len(words) + 1)}

    def assigned(self, unit, leaf):
        line = self.above(self.leaves[leaf].code)
        return not any(self.of.units[unit].id in criterion.not_assigned for criterion in self.of.criteria
                       if criterion.code.lower() in line)

    def under(self, code):
        """The leaves under a criterion, or the one that it is."""
        return [at for at, leaf in enumerate(self.leaves) if code.lower() in self.above(leaf.code)]


# ---- sheets ----

class Figures:
    """One column of a sheet. `points` by leaf, None where there are none."""

    def __init__(self, definition, points, bonus=0, deducted=None):
        scored = [value for value in points if value is not None]
        self.points, self.bonus = list(points), bonus
        self.base = sum(scored) if scored else None
        # From each criterion at most its points are taken away.
        self.deduction = sum(min(take, value) for take, value in zip(deducted or [0] * len(points), points)
                             if value is not None)
        self.total = None if self.base is None else max(0, min(self.base, definition.of.total_cp) + bonus - self.deduction)


class Sheet:
    def __init__(self, definition):
        self.definition, self.state = definition, pb.NONE
        blank = [None] * len(definition.leaves)
        self.self_points, self.appraised_points = list(blank), list(blank)
        self.deducted, self.bonus = [0] * len(blank), 0
        self.final = Figures(definition, blank)

    def column(self, column):
        if column == pb.SELF:
            return Figures(self.definition, self.self_points)
        if column == pb.COLUMN_APPRAISED:
            return Figures(self.definition, self.appraised_points, self.bonus, self.deducted)
        return self.final

    def finalize(self):
        self.final = self.column(pb.COLUMN_APPRAISED)


def score_set(sheet, event):
    for line in event.lines:
        sheet.self_points[line.leaf] = line.points_cp
        sheet.appraised_points[line.leaf] = None  # an edited line is pending again


def lines_appraised(sheet, event):
    for line in event.lines:
        sheet.appraised_points[line.leaf] = line.points_cp


def adjusted(sheet, event):
    if event.HasField("leaf"):
        sheet.deducted[event.leaf] += event.points_cp
    else:
        sheet.bonus += event.points_cp


FACTS = {"score_set": score_set, "lines_appraised": lines_appraised, "adjusted": adjusted}


def compare_figures(found, told, what):
    if told is None or not told.points_cp:
        same = found.base is None and found.bonus == 0
    else:
        same = ([NONE if value is None else value for value in found.points] == list(told.points_cp)
                and (found.bonus, found.deduction) == (told.bonus_cp, told.deduction_cp)
                and (found.base, found.total) == ((told.base_cp, told.total_cp) if told.HasField("base_cp") else (None, None)))
    if not same:
        raise Damaged(f"the entry's {what} figures are not the sums of its facts")


def take_after(sheet, after):
    """The state, and whether the sums that the entry states are ours."""
    sheet.state = after.state
    own = sheet.column(pb.SELF)
    if [NONE if value is None else value for value in own.points] != list(after.self_cp):
        raise Damaged("the entry's own points are not those of its facts")
    if after.self_total_cp != (NONE if own.total is None else own.total):
        raise Damaged("the entry's own total is not the sum of its facts")
    compare_figures(sheet.column(pb.COLUMN_APPRAISED), after.appraised if after.HasField("appraised") else None, "appraised")
    compare_figures(sheet.final, after.final if after.HasField("final") else None, "final")


# ---- a period ----

class Period:
    """A period as it stood after an entry."""

    def __init__(self, event):
        self.definition, self.state, self.seq, self.board_hash = Definition(event), pb.DRAFT, 0, None
        self.sheets = [Sheet(self.definition) for _ in self.definition.units]

    def sheet(self, number):
        return self.sheets[self.definition.units.index(number)]

    def apply(self, name, event):
        if name == "period_advanced":
            self.state = event.state
            self.board_hash = event.board_hash if event.HasField("board_hash") else self.board_hash
        elif name == "sheets_finalized":
            for row in event.sheets:
                self.sheet(row.unit).finalize()
                take_after(self.sheet(row.unit), row.after)
        elif name in FACTS:
            FACTS[name](self.sheet(event.unit), event)
        if name != "sheets_finalized" and "after" in event.DESCRIPTOR.fields_by_name and event.HasField("after"):
            take_after(self.sheet(event.unit), event.after)


def period_at(entries, period_id, seq=None):
    """The Period as entry `seq` left it (None: the last). KeyError: it was not defined yet."""
    period = None
    for entry in entries:
        if seq is not None and entry.seq > seq:
            break
        name = entry.event.WhichOneof("body")
        event = getattr(entry.event, name) if name else None
        if name == "period_defined" and event.definition.id == period_id:
            period = Period(event)
        elif period is None or getattr(event, "period", None) != period.definition.number:
            continue
        try:
            period.apply(name, event)
        except Damaged as error:
            raise Damaged(f"entry {entry.seq}: {error}") from error
        period.seq = entry.seq
    if period is None:
        raise KeyError(period_id)
    return period


# ---- the board ----

def tie_break_key(definition, figures, tie_break):
    """Smaller stands above."""
    if tie_break == "deduction":
        return figures.deduction
    points = [figures.points[leaf] for leaf in definition.under(tie_break)]
    scored = [value for value in points if value is not None]
    return -(sum(scored) if scored else NONE)


def rank_key(definition, figures):
    if figures.total is None:
        return (1,)
    return (0, -figures.total, *(tie_break_key(definition, figures, by) for by in definition.of.tie_breaks))


def ranks(definition, columns):
    """[(rank or None, tied)] by unit: 1 and how many stand above; equal keys share a rank."""
    keys = [rank_key(definition, figures) for figures in columns]
    return [(None, False) if figures.total is None else (1 + sum(other < key for other in keys), keys.count(key) > 1)
            for key, figures in zip(keys, columns)]


def class_of(definition, total):
    if total is None:
        return None
    reached = [each for each in definition.of.classes if each.from_cp <= min(total, definition.of.total_cp)]
    return max(reached, key=lambda each: each.from_cp).name if reached else None


def points(cp):
    """As JSON shows it."""
    return None if cp is None else cp / 100


def column_number(column):
    return {"self": pb.SELF, "appraised": pb.COLUMN_APPRAISED, "final": pb.COLUMN_FINAL}.get(column, column)


def row_of(period, unit, figures, rank, tied):
    definition = period.definition
    assigned = [leaf for leaf in range(len(definition.leaves)) if definition.assigned(unit, leaf)]
    empty = figures.total is None and not figures.bonus
    return {
        "rank": rank, "tied": tied, "unit": definition.of.units[unit].id,
        "name": definition.of.units[unit].name,
        "criteria": {leaf.code: points(value) for leaf, value in zip(definition.leaves, figures.points)},
        "base": points(figures.base), "bonus": None if empty else points(figures.bonus),
        "deduction": None if empty else points(figures.deduction), "total": points(figures.total),
        "scored": sum(figures.points[leaf] is not None for leaf in assigned), "of": len(assigned),
        "sheet": pb.SheetState.Name(period.sheets[unit].state).lower().removeprefix("sheet_"),
        "class": class_of(definition, figures.total),
    }


def whole_board(entries, period_id, seq=None, column="self"):
    """The object that `totals -o json` shows to the central office, drafts included."""
    period = period_at(entries, period_id, seq)
    columns = [sheet.column(column_number(column)) for sheet in period.sheets]
    standing = ranks(period.definition, columns)
    order = sorted(range(len(columns)), key=lambda unit: (rank_key(period.definition, columns[unit]), unit))
    return {
        "period": period_id, "state": pb.PeriodState.Name(period.state).lower(), "column": column, "seq": period.seq,
        "provisional": period.state not in SETTLED,
        "units_submitted": sum(sheet.state in HANDED_IN for sheet in period.sheets), "units": len(columns),
        "rows": [row_of(period, unit, columns[unit], *standing[unit]) for unit in order],
    }


def board(entries, period_id, seq=None, column="self"):
    """Its rows, in rank order. `column`: self, appraised or final."""
    return whole_board(entries, period_id, seq, column)["rows"]


# ---- the hash of a final board ----

def dash(value):
    return "-" if value is None else str(value)


def final_board_text(entries, period_id, seq=None):
    period = period_at(entries, period_id, seq)
    definition = period.definition
    columns = [sheet.final for sheet in period.sheets]
    lines = ["thidua-board 1", f"period {period_id}", f"definition {definition.hash.hex()}",
             " ".join(["criteria"] + [leaf.code for leaf in definition.leaves])]
    for unit, figures, (rank, _) in zip(definition.of.units, columns, ranks(definition, columns)):
        numbers = [rank, figures.base, figures.bonus, figures.deduction, figures.total, *figures.points]
        lines.append(" ".join(["unit", unit.id] + [dash(number) for number in numbers]))
    return "".join(line + "\n" for line in lines)


def final_board_hash(entries, period_id, seq=None):
    """64 hex digits: what `period advance locked` printed, for the board as it stood after entry `seq`."""
    return hashlib.sha256(final_board_text(entries, period_id, seq).encode()).hexdigest()
