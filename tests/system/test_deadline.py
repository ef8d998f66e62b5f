#!/usr/bin/python3
"""Deadlines are instants and their passing is an entry: late is marked with how late, or refused; a unit may be given its
own; and no clock, whatever it reads, reopens what has closed."""
import time

import harness
from harness import Case, Server, definition, pb
from model import sheet_state
from world import CITY, COUNCIL, World, head

HOUR = 3600
FIRST, SECOND, THIRD = "xa-mot", "xa-hai", "xa-ba"
UNITS = [FIRST, SECOND, THIRD]
FULL = {"TC1": 4000, "TC2": 5000}


def iso(time_ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S+07:00", time.gmtime(time_ms / 1000 + 7 * HOUR))


class Year(World):
    """Three units, a deadline in an hour; the daemon can be restarted with a clock that reads hours later or earlier."""

    def __init__(self, test, **more):
        self.test, self.server = test, Server()
        test.addCleanup(self.server.close)
        super().__init__(self.server)
        self.period = definition(UNITS, ["TC1", "TC2"], id="ky")
        self.deadline = self.period.deadline_ms = int(time.time() + HOUR) * 1000
        for name, value in more.items():
            setattr(self.period, name, value)
        heads = harness.open_for_scoring(self.server, self.period)
        self.accounts.update(zip(map(head, UNITS), heads))
        self.enrol(COUNCIL, CITY)

    def at(self, hours):
        """Restarts the daemon: its clock now reads so many hours later than ours."""
        self.hang_up()
        self.test.assertEqual(self.server.stop(), 0)
        self.server.start(clock=int(hours * HOUR))

    def passings(self, count):
        """The entries of deadlines that have passed: (unit number or None, instant), once there are `count`."""
        until = time.monotonic() + harness.PATIENCE
        while True:
            events = [entry.event.deadline_passed for entry in self.entries() if entry.event.HasField("deadline_passed")]
            if len(events) >= count or time.monotonic() > until:
                self.test.assertEqual(len(events), count)
                return [(event.unit if event.HasField("unit") else None, event.deadline_ms) for event in events]
            time.sleep(0.05)

    def fill(self, unit):
        return self(head(unit)).score(FULL, period="ky")

    def hand_in(self, unit):
        self.fill(unit)
        return self(head(unit)).submit(period="ky")

    def extend(self, unit, hours, reason="bão lụt"):
        """A deadline of its own, so many hours from our present."""
        until = int(time.time() + hours * HOUR) * 1000
        return self(COUNCIL).write(extend=pb.PeriodExtend(period="ky", unit=unit, until_ms=until, reason=reason)).extend

    def advance(self, state, **more):
        return self(COUNCIL).write(period_advance=pb.PeriodAdvance(period="ky", state=state, **more))

    def return_sheet(self, unit):
        return self(CITY).write(return_sheet=pb.ReturnSheet(period="ky", unit=unit, reason="thiếu số liệu"))

    def status(self, caller=COUNCIL):
        return {row.unit: row for row in self(caller).ask(status=pb.StatusQuery(period="ky")).status_rows.rows}

    def seen(self, caller):
        """{unit: total, None where hidden}."""
        rows = self(caller).totals(period="ky").rows
        return {row.unit: row.total_cp if row.HasField("total_cp") else None for row in rows}

    def refused(self, status, because, call, *args, **more):
        """Refused for this reason, and nothing written."""
        before = self.seq()
        refusal = self.test.assertRefused(status, because, call, *args, **more)
        self.test.assertEqual(self.seq(), before)
        return refusal


class Late(Case):
    def test_how_late(self):
        """a hand-in after the deadline is accepted and marked with how late it was, in the receipt, status, sheet and history"""
        year = Year(self)
        early = year.hand_in(FIRST)
        self.assertEqual((early.late, early.HasField("late_ms")), (False, False))
        year.at(hours=3)
        self.assertEqual(year.passings(1), [(None, year.deadline)])
        late = year.hand_in(SECOND)
        entry = year.entries(late.seq - 1)[0]
        self.assertEqual((late.late, late.late_ms), (True, entry.time_ms - year.deadline))
        self.assertAlmostEqual(late.late_ms / 1000, 2 * HOUR, delta=harness.PATIENCE * 2)
        rows = year.status()
        self.assertEqual([(rows[unit].late, rows[unit].late_ms) for unit in UNITS], [(False, 0), (True, late.late_ms), (False, 0)])
        sheet = year(COUNCIL).ask(sheet=pb.SheetQuery(period="ky", unit=SECOND)).sheet
        self.assertEqual((sheet.late, sheet.late_ms), (True, late.late_ms))
        rows = year(COUNCIL).ask(history=pb.HistoryQuery(period="ky", unit=SECOND)).history.rows
        self.assertEqual([row.late_ms for row in rows if row.event == "sheet_submitted"], [late.late_ms])

    def test_returned_stays_as_it_was(self):
        """a sheet that was returned is judged by its first hand-in: in time stays in time, late stays as late as it was"""
        for hard_close in (False, True):
            with self.subTest(hard_close=hard_close):
                year = Year(self, hard_close=hard_close)
                year.hand_in(FIRST)
                year.extend(SECOND, 10)
                year.at(hours=2)
                if not hard_close:
                    first_late = year.hand_in(THIRD).late_ms
                    self.assertTrue(first_late)
                year.advance(pb.APPRAISAL, reason="đã đủ thời gian")
                year.return_sheet(FIRST)
                year.at(hours=5)
                again = year.hand_in(FIRST)
                self.assertEqual((again.late, again.HasField("late_ms"), again.sheet_revision), (False, False, 2))
                if hard_close:
                    continue
                year.return_sheet(THIRD)
                again = year.hand_in(THIRD)
                self.assertEqual((again.late, again.late_ms), (True, first_late))

    def test_straggler_let_in(self):
        """who never handed in is let in by a return, and its first hand-in is late, or refused where the period closes hard"""
        for hard_close in (False, True):
            with self.subTest(hard_close=hard_close):
                year = Year(self, hard_close=hard_close)
                year.at(hours=2)
                year.advance(pb.APPRAISAL)
                year.refused("FAILED_PRECONDITION", "PERIOD_STATE", year.fill, FIRST)
                year.return_sheet(FIRST)
                if hard_close:
                    year.refused("FAILED_PRECONDITION", "DEADLINE_PASSED", year.fill, FIRST)
                    year.extend(FIRST, 6)
                handed = year.hand_in(FIRST)
                self.assertEqual(handed.late, not hard_close)
                self.assertEqual(sheet_state(year.status()[FIRST].sheet), "submitted")


class OwnDeadline(Case):
    def test_one_may_another_may_not(self):
        """hard_close: after the deadline the extended unit goes on, the others are refused; its own passing is an entry too"""
        year = Year(self, hard_close=True)
        year.extend(FIRST, 4)
        year.extend(SECOND, 4)
        year.at(hours=2)
        self.assertEqual(year.passings(1), [(None, year.deadline)])
        year.refused("FAILED_PRECONDITION", "DEADLINE_PASSED", year.fill, THIRD)
        self.assertFalse(year.hand_in(FIRST).late)
        self.assertFalse(year.fill(SECOND).late)
        rows = year.status()
        self.assertEqual([rows[unit].HasField("until_ms") for unit in UNITS], [True, True, False])
        year.at(hours=5)
        passings = year.passings(3)
        self.assertEqual({unit for unit, _ in passings}, {None, 1, 2})
        year.refused("FAILED_PRECONDITION", "DEADLINE_PASSED", year(head(SECOND)).submit, period="ky")
        year.extend(SECOND, 8)
        self.assertFalse(year(head(SECOND)).submit(period="ky").late)
        self.assertEqual(year.server.stop(), 0)
        self.assertExit(0, year.server.check())

    def test_late_is_counted_from_the_own_deadline(self):
        """where it may be late, an extended unit is late from its own deadline on, and by that much"""
        year = Year(self)
        until = year.extend(FIRST, 2).until_ms
        year.at(hours=3)
        year.passings(2)
        late = year.hand_in(FIRST)
        self.assertEqual(late.late_ms, year.entries(late.seq - 1)[0].time_ms - until)
        other = year.hand_in(SECOND)
        self.assertEqual(other.late_ms, year.entries(other.seq - 1)[0].time_ms - year.deadline)

    def test_refusals(self):
        """an own deadline lies ahead and after the one that counts; it is given by the council, with a reason, to a unit"""
        year = Year(self)
        year.refused("INVALID_ARGUMENT", "UNTIL_PASSED", year.extend, FIRST, -1)
        year.refused("INVALID_ARGUMENT", "UNTIL_NOT_LATER", year.extend, FIRST, 0.5)
        year.extend(FIRST, 4)
        year.refused("INVALID_ARGUMENT", "UNTIL_NOT_LATER", year.extend, FIRST, 3)
        year.refused("NOT_FOUND", "UNIT_UNKNOWN", year.extend, "xa-khac", 3)
        year.refused("INVALID_ARGUMENT", "FIELD_LENGTH", year.extend, SECOND, 3, "")
        year.refused("PERMISSION_DENIED", "ROLE_NOT_PERMITTED", year(CITY).write,
                     extend=pb.PeriodExtend(period="ky", unit=SECOND, until_ms=year.deadline + 1000, reason="xin thêm"))
        extensions = year(COUNCIL).ask(period=pb.PeriodQuery(period="ky")).period.extensions
        self.assertEqual([(row.unit, row.passed) for row in extensions], [(FIRST, False)])

    def test_nobody_copies_up(self):
        """a unit whose own deadline is still running does not see the others' sheets; once it has passed it does"""
        year = Year(self)
        year.extend(FIRST, 4)
        year.hand_in(SECOND)
        self.assertEqual(year.seen(head(THIRD)), {FIRST: None, SECOND: None, THIRD: None})
        year.at(hours=2)
        year.passings(1)
        self.assertEqual(year.seen(head(THIRD))[SECOND], 9000)
        self.assertEqual(year.seen(head(FIRST))[SECOND], None)
        sheet = pb.SheetQuery(period="ky", unit=SECOND)
        self.assertRefused("PERMISSION_DENIED", "NOT_VISIBLE", year(head(FIRST)).ask, sheet=sheet)
        year.at(hours=5)
        year.passings(2)
        self.assertEqual(year.seen(head(FIRST))[SECOND], 9000)

    def test_appraisal_waits_for_it(self):
        """the period does not go on to appraisal while an extended unit may still hand in, unless a reason is given"""
        year = Year(self)
        year.extend(FIRST, 4)
        year.hand_in(SECOND)
        refusal = year.refused("FAILED_PRECONDITION", "ADVANCE_TOO_EARLY", year.advance, pb.APPRAISAL)
        self.assertEqual(refusal.reasons, ["ADVANCE_TOO_EARLY"] * 2)
        year.at(hours=2)
        refusal = year.refused("FAILED_PRECONDITION", "ADVANCE_TOO_EARLY", year.advance, pb.APPRAISAL)
        self.assertEqual([argument.text for argument in refusal.response.problems[0].arguments], [FIRST])
        self.assertEqual(len(refusal.reasons), 1)
        year.hand_in(FIRST)
        year.advance(pb.APPRAISAL)

    def test_by_the_client(self):
        """period extend takes a unit by name and an instant or a date, and status shows it"""
        year = Year(self)
        council = year.server.office(None, "council")

        def extend(unit, *words):
            return council("period", "extend", unit, *words, "-o", "json")

        until = iso(year.deadline + 2 * HOUR * 1000)  # the last second in time
        shown = self.assertExit(0, extend("Xa Mot", "--until", until, "--reason", "mất điện")).json
        self.assertEqual(shown["unit"], FIRST)
        self.assertEqual(year.status()[FIRST].until_ms, year.deadline + 2 * HOUR * 1000 + 1000)
        self.assertExit(0, extend(SECOND, "--until", "2099-01-31", "--reason", "mất điện"))
        self.assertEqual(year.status()[SECOND].until_ms, 4073562000000)  # the first instant of 1 February at +07:00
        self.assertExit(65, extend(SECOND, "--until", until, "--reason", "sớm hơn"), "UNTIL_NOT_LATER")
        self.assertExit(65, extend(THIRD, "--until", "2020-01-01", "--reason", "đã qua"), "UNTIL_PASSED")
        self.assertExit(64, extend(THIRD, "--reason", "không ghi hạn"))
        self.assertExit(64, extend(THIRD, "--until", "2099-01-31"))


class Clock(Case):
    def test_back_and_forward(self):
        """a clock that goes back reopens nothing: neither hand-in nor hidden sheets; it is reported, and the order stands"""
        year = Year(self, hard_close=True)
        year.hand_in(FIRST)
        year.extend(SECOND, 3)
        year.at(hours=4)
        self.assertEqual(len(year.passings(2)), 2)
        closed = year.seq()
        for hours in (0, -48, 30):
            year.at(hours)
            for unit in (SECOND, THIRD):
                year.refused("FAILED_PRECONDITION", "DEADLINE_PASSED", year.fill, unit)
            self.assertEqual(year.seen(head(THIRD))[FIRST], 9000)
            self.assertEqual(year.seen(head(SECOND))[FIRST], 9000)
            year.passings(2)
        year.at(-48)
        entry = year(COUNCIL).write(period_advance=pb.PeriodAdvance(period="ky", state=pb.APPRAISAL)).period_advance.seq
        self.assertGreater(entry, closed)
        self.assertLess(year.entries(entry - 1)[0].time_ms, year.entries(closed - 1)[0].time_ms)
        self.assertGreater(year.entries(entry - 1)[0].clock_back_ms, 0)
        stats = year.server.admin("admin", "stats", "-o", "json").json
        self.assertEqual(stats["clock_steps_back"], 1)
        self.assertTrue(year.server.logged("written while the clock read earlier"))
        self.assertEqual(year.server.stop(), 0)
        self.assertExit(0, year.server.check())

    def test_leap(self):
        """a deadline that the clock leaps over passes once, with the clock's time; a hand-in waiting behind it is late"""
        year = Year(self)
        year.at(hours=1000)
        self.assertEqual(year.passings(1), [(None, year.deadline)])
        self.assertTrue(year.hand_in(FIRST).late)
        year.at(hours=0)
        year.passings(1)
        handed = year.hand_in(SECOND)  # the clock reads before the deadline: closed it stays, and no later than not at all
        self.assertEqual((handed.late, handed.late_ms), (True, 0))


if __name__ == "__main__":
    harness.main()
