#!/usr/bin/python3
"""Random sequences of every write, legal and illegal, against the real daemon and beside a model of the rules (model.py):
each answer is what the model says, and so is every board, at its time, later, after a replay and after a restore.

    test_property.py [--sequences N] [--operations N] [--seed N]    the seed of a failure drives it again
"""
import argparse
import collections
import copy
import os
import random
import sys
import time

import harness
from harness import Case, Server, pb
from model import COLUMNS, PERIOD_STATES, SETTLED, Period, period_state, row_seen, sheet_state
from steps import OUTSIDER, Generator, appraisal, body, random_period
from thidua_client import Refused
from world import ADMIN, AUDITOR, CITY, COUNCIL, World, head, officer, statuses_of_reasons

STATUS_OF = statuses_of_reasons()
COLUMN_NUMBERS = dict(zip(COLUMNS, (pb.SELF, pb.COLUMN_APPRAISED, pb.COLUMN_FINAL)))

parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--sequences", type=int, default=max(1, int(12 * harness.SCALE)))
parser.add_argument("--operations", type=int, default=250)
parser.add_argument("--seed", type=int)
GIVEN, sys.argv[1:] = parser.parse_known_args()
FIRST_SEED = GIVEN.seed if GIVEN.seed is not None else int.from_bytes(os.urandom(4), "big")


def values(message, *names):
    """The fields of these names, None where absent."""
    return [getattr(message, name) if message.HasField(name) else None for name in names]


# ---- one sequence ----

class Sequence:
    """One daemon, two periods that share units, a model of each."""

    def __init__(self, test, seed):
        self.test, self.rng, self.seed, self.trace = test, random.Random(seed), seed, []
        self.server, self.clock = Server(), 0
        self.world = World(self.server)
        self.periods, self.tally, self.sent = [], collections.Counter(), []
        self.haste, self.reached = self.rng.choice([0, 0.02, 0.2]), collections.Counter()
        units = ["xa-mot", "xa-hai", "xa-ba", "xa-bon"]
        self.define("ky-mot", units)
        self.define("ky-hai", units[2:] + ["xa-nam"])
        self.define("ky-ba", [OUTSIDER, "xa-sau"])
        self.outside = self.periods.pop()
        people = [make(unit) for unit in [*units, "xa-nam", OUTSIDER] for make in (head, officer)]
        self.world.enrol(*people, CITY, COUNCIL, AUDITOR)
        self.seq = self.world.seq()

    def now(self):
        return int(time.time() * 1000) + self.clock * 1000

    def define(self, id_, units):
        definition = random_period(self.rng, id_, units, self.now())
        period = Period(definition)
        reply = self.world(ADMIN).write(period_load=pb.PeriodLoad(definition=definition)).period_load
        period.remember(reply.seq)
        self.periods.append(period)

    def say(self, text):
        self.trace.append(f"{len(self.trace)}: {text}")

    # -- steps --

    def step(self):
        period = self.rng.choices(self.periods, [4, 1])[0]
        period.now = self.now()
        caller, step, args = Generator(self.rng, period, self.haste).step()
        reasons = period.judge(caller, step, args)
        self.say(f"{period.id} {' '.join(filter(None, caller))}: {step} {args} -> {'/'.join(sorted(reasons)) or 'OK'}")
        if step == "appraise" and self.rng.random() < 0.3:
            self.preview(period, caller, args, reasons)
        self.ask(period, caller, step, args, reasons)
        self.tally[(step, not reasons)] += 1
        self.reached[period.state] += 1

    def ask(self, period, caller, step, args, reasons):
        submission = self.rng.randbytes(16)
        request = body(period.id, step, args)
        try:
            response = self.world(caller).write(submission, **request)
        except Refused as refusal:
            self.refused(refusal, reasons)
            self.listen(self.world.seq())  # a refusal has written nothing
            return
        self.test.assertFalse(reasons, "accepted")
        reply = getattr(response, response.WhichOneof("body"))
        self.listen(reply.seq - 1)
        time_ms = self.world.entries(reply.seq - 1)[0].time_ms if step == "submit" else 0
        period.apply(caller, step, args, reply.seq, time_ms)
        self.seq = reply.seq
        self.sent.append((caller, submission, request, reply.seq))
        if step == "submit":
            sheet = period.sheets[caller.unit]
            late_ms = reply.late_ms if reply.HasField("late_ms") else None
            self.test.assertEqual((reply.sheet_revision, reply.total_cp, reply.late, late_ms),
                                  (sheet.revision, sum(sheet.own.values()), sheet.late, sheet.late_ms))
        if step == "advance":
            self.wait_for_deadlines()

    def refused(self, refusal, reasons):
        self.test.assertTrue(reasons, f"refused: {refusal}")
        self.test.assertLessEqual(set(refusal.reasons), reasons, "refused for another reason")
        self.test.assertEqual(refusal.status, STATUS_OF[refusal.reasons[0]])

    def preview(self, period, caller, args, reasons):
        """A dry run: refused as the appraisal is, or the ranks before and after; and nothing is written."""
        try:
            reply = self.world(caller).ask(appraise_preview=appraisal(period.id, args)).appraise_preview
        except Refused as refusal:
            self.refused(refusal, reasons)
            return
        self.test.assertFalse(reasons, "a dry run is accepted")
        after = Period(period.definition)
        after.state, after.sheets = period.state, copy.deepcopy(period.sheets)
        after.apply_appraise(args["unit"], after.sheets[args["unit"]], args, 0)
        before, after = ({row.unit: row for row in which.board("appraised", COUNCIL)} for which in (period, after))
        for row in reply.rows:
            old, new = before[row.unit], after[row.unit]
            self.test.assertEqual(values(row, "rank_before", "rank_after", "total_before_cp", "total_after_cp"),
                                  [old.rank, new.rank, old.total, new.total])
        self.test.assertEqual([row.unit for row in reply.rows], period.units)

    def resend(self):
        """A known submission gets its first answer again; the same id for another request is refused."""
        caller, submission, request, seq = self.rng.choice(self.sent)
        self.say(f"resend of entry {seq}")
        response = self.world(caller).write(submission, **request)
        reply = getattr(response, response.WhichOneof("body"))
        self.test.assertEqual((reply.seq, getattr(reply, "replayed", True)), (seq, True))
        (field, message), = request.items()
        other = type(message)()
        other.CopyFrom(message)
        other.period = "ky-khac"
        self.test.assertRefused("FAILED_PRECONDITION", "ID_REUSED", self.world(caller).write, submission, **{field: other})

    # -- deadlines: entries that nobody asked for --

    def listen(self, until):
        """Takes note of the daemon's own entries up to `until`; they are the passing of deadlines that are due, and marks."""
        if until <= self.seq:
            return
        for entry in self.world.entries(self.seq)[:until - self.seq]:
            self.seq = entry.seq
            if entry.event.HasField("noted"):
                continue
            self.test.assertEqual(entry.event.WhichOneof("body"), "deadline_passed", "nobody has asked for it")
            passed = entry.event.deadline_passed
            period = [*self.periods, self.outside][passed.period - 1]
            self.test.assertLessEqual(passed.deadline_ms, self.now())
            if passed.HasField("unit"):
                self.own_passed(period, passed)
            else:
                self.test.assertFalse(period.passed)
                period.passed = True
            period.remember(entry.seq)

    def own_passed(self, period, passed):
        sheet = next(period.sheets[unit] for unit in period.units if self.number(unit) == passed.unit)
        self.test.assertEqual((sheet.until, sheet.until_passed), (passed.deadline_ms, False))
        sheet.until_passed = True

    def number(self, unit):
        """Units are numbered in the order in which periods have named them."""
        order = []
        for period in [*self.periods, self.outside]:
            order += [name for name in period.units if name not in order]
        return 1 + order.index(unit)

    def due(self):
        """What has passed and matters: to a hand-in that may still come, or to who may see what."""
        for period in self.periods:
            if period.state in ("scoring", "appraisal", "finalized", "reopened"):
                yield from [period.id] if period.deadline <= self.now() and not period.passed else []
            if period.state in ("signed", "scoring", "appraisal", "finalized", "reopened"):
                yield from [unit for unit, sheet in period.sheets.items()
                            if sheet.until and sheet.until <= self.now() and not sheet.until_passed]

    def wait_for_deadlines(self):
        until = time.monotonic() + harness.PATIENCE
        while any(self.due()):
            self.test.assertLess(time.monotonic(), until, f"the passing of a deadline is no entry: {list(self.due())}")
            self.listen(self.world.seq())

    def move_clock(self):
        """A restart after which the clock reads otherwise: hours later, or earlier."""
        self.clock += self.rng.choice([1800, 3700, 3700, 7300, -3600])
        self.say(f"restart, clock moved to {self.clock:+} s")
        self.world.hang_up()
        self.test.assertEqual(self.server.stop(), 0)
        self.server.start(self.clock)
        self.listen(self.world.seq())
        self.wait_for_deadlines()

    # -- what is shown --

    def observers(self, period):
        unit, leader = self.rng.choice(period.units), period.definition.leader
        return [COUNCIL, *[head(leader)] * bool(leader), head(unit), officer(unit), *[head(OUTSIDER)] * (self.rng.random() < 0.2)]

    def compare(self, then, caller, **at):
        """The three boards as the model had them `then`."""
        sight = then.sight(caller)
        for column in COLUMNS:
            query = pb.TotalsQuery(period=then.id, column=COLUMN_NUMBERS[column], explain=True, **at)
            if sight == "none":
                self.test.assertRefused("PERMISSION_DENIED", "UNIT_NOT_IN_PERIOD", self.world(caller).ask, totals=query)
                continue
            board = self.world(caller).ask(totals=query).totals
            seen = [row_seen(row, len(then.leaves), sight == "own" and row.unit != caller.unit) for row in board.rows]
            self.test.assertEqual(seen, then.board(column, caller), f"{then.id} {column} for {caller} {at or 'now'} ({sight})")
            self.test.assertEqual((board.seq, period_state(board.state), board.units_submitted, board.provisional),
                                  (then.seq, then.state, then.submitted(), then.state not in SETTLED),
                                  f"{then.id} {column} for {caller} {at or 'now'}")

            self.explained(then, column, caller, board.rows)

    def explained(self, then, column, caller, rows):
        """Each row says what sets it apart from the one above it; the first, those without points and hidden ones do not."""
        for above, row in zip([None, *rows], rows):
            if above is None or not row.HasField("rank"):
                self.test.assertFalse(row.HasField("why"), row)
                continue
            why = values(row.why, "by", "own_cp", "above_cp")
            by, own, other = then.why(column, caller, above.unit, row.unit)
            self.test.assertEqual((row.why.above, why[0]), (above.unit, by))
            if by:
                self.test.assertEqual(why[1:], [own, other])

    def compare_status(self, period):
        rows = self.world(COUNCIL).ask(status=pb.StatusQuery(period=period.id)).status_rows.rows
        self.test.assertEqual([row.unit for row in rows], period.units)
        for row in rows:
            sheet, leaves = period.sheets[row.unit], period.assigned(row.unit)
            missing = [leaf.code for leaf in leaves if leaf.code not in sheet.own]
            self.test.assertEqual((sheet_state(row.sheet), row.scored, row.of, row.appraised, list(row.missing)),
                                  (sheet.state, len(sheet.own), len(leaves), len(sheet.appraised), missing))
            self.test.assertEqual((row.late, row.held, list(row.awards)), (sheet.late, sheet.held, sheet.awards))

    def compare_sheets(self, period):
        for unit, sheet in period.sheets.items():
            shown = self.world(COUNCIL).ask(sheet=pb.SheetQuery(period=period.id, unit=unit)).sheet
            self.test.assertEqual((sheet_state(shown.state), shown.sheet_revision, shown.late),
                                  (sheet.state, sheet.revision, sheet.late))
            final = sheet.final[0] if sheet.final else {}
            for leaf, line in zip(period.leaves, shown.lines):
                columns = (sheet.own, sheet.appraised, final, sheet.deducted)
                self.test.assertEqual((line.criterion, line.revision), (leaf.code, sheet.revisions.get(leaf.code, 0)))
                self.test.assertEqual(values(line, "points_cp", "appraised_cp", "final_cp", "deducted_cp"),
                                      [column.get(leaf.code) for column in columns])

    def look(self):
        for period in self.periods:
            for caller in self.observers(period):
                self.compare(period, caller)
            self.compare_status(period)
            self.compare_sheets(period)

    def look_back(self, times):
        """Random earlier moments, as each of the observers could see them then."""
        for _ in range(times):
            period = self.rng.choices(self.periods, [4, 1])[0]
            seq = self.rng.choice(list(period.past))
            then = period.past[seq]
            later = [other for other in period.past if other > seq]
            at = self.rng.randint(seq, min(later) - 1) if later else seq
            for caller in self.observers(period):
                self.compare(then, caller, at_seq=at)

    # -- all of it --

    def run(self, operations):
        self.jumps = {self.rng.randint(15, 50), self.rng.randint(20, max(operations, 20))}
        for turn in range(operations):
            if turn in self.jumps:
                self.move_clock()
            self.step()
            if turn % 25 == 24 and self.sent:
                self.resend()
            if turn % 10 == 9:
                self.look()
        self.look()
        self.look_back(12)
        self.proved()

    def proved(self):
        """check is content; the exported journal restores to the same boards, then and now."""
        journal, folder = f"{self.server.home}/so-cai.ndjson", f"{self.server.home}/khoi-phuc"
        with open(journal, "w", encoding="utf-8") as file:
            file.write(harness.assert_done(self.server.admin("audit", "-o", "ndjson")).out)
        self.world.hang_up()
        self.test.assertEqual(self.server.stop(), 0)
        self.test.assertExit(0, self.server.check())
        self.test.assertExit(0, harness.run([self.server.binary, "restore", "--from-journal", journal, "--state", folder],
                                            self.server.env, timeout=120))
        self.server.listen = [address.replace(self.server.state, folder) for address in self.server.listen]
        self.server.state = folder
        self.server.start(self.clock)
        self.listen(self.world.seq())
        self.look()
        self.look_back(6)
        self.world.hang_up()
        self.test.assertEqual(self.server.stop(), 0)
        self.test.assertExit(0, self.server.check())


class Property(Case):
    def drive(self, seed):
        sequence = Sequence(self, seed)
        try:
            sequence.run(GIVEN.operations)
        except BaseException:
            print("".join(f"# {line}\n" for line in sequence.trace), end="")
            print(f"# again: test_property.py --sequences 1 --operations {GIVEN.operations} --seed {seed}", flush=True)
            raise
        finally:
            sequence.server.close()
        return sequence.tally, sequence.reached

    def test_sequences(self):
        """whatever is asked in whatever order: answers, boards, history, replay and restore are what the rules say"""
        tally, reached = collections.Counter(), collections.Counter()
        for number in range(GIVEN.sequences):
            counts, states = self.drive(FIRST_SEED + number)
            tally.update(counts)
            reached.update(states)
        steps = sorted({step for step, _ in tally})
        print(f"# seed {FIRST_SEED}: {sum(tally.values())} requests; accepted and refused: " +
              ", ".join(f"{step} {tally[step, True]}/{tally[step, False]}" for step in steps))
        print("# made of a period that was " + ", ".join(f"{state} {reached[state]}" for state in PERIOD_STATES), flush=True)


if __name__ == "__main__":
    harness.main()
