#!/usr/bin/python3
"""kill -9 under load: every acknowledged score is there afterwards, exactly once."""
import os
import select
import threading
import time

import harness
from harness import CODES, SCALE, ServerCase, definition, open_for_scoring, pb

ROUNDS, OFFICES, DEPTH = int(50 * SCALE), 8, 16  # 128 requests in flight at most
IN_FLIGHT = 50


class Office(threading.Thread):
    """Keeps DEPTH requests in flight until the daemon is gone. A request is (submission, criterion, points)."""

    def __init__(self, link, round_):
        super().__init__(daemon=True)
        self.link, self.round = link, round_
        self.open, self.acknowledged, self.sent = {}, {}, 0

    def run(self):
        try:
            while True:
                while len(self.open) < DEPTH:
                    self.send_one()
                self.settle(self.link.answer())
        except (EOFError, OSError):
            pass
        self.drain()

    def send_one(self):
        code, points = CODES[self.sent % len(CODES)], 25 * ((self.sent * 7 + self.round) % 51)
        request = self.link.request(os.urandom(16), score=pb.Score(lines=[pb.LineInput(criterion=code, points_cp=points)]))
        self.open[request.id] = (request.submission, code, points)
        self.link.send(request)
        self.sent += 1

    def settle(self, answer):
        submission, code, points = self.open.pop(answer.id)
        line = answer.score.lines[0]
        assert (line.criterion, line.points_cp) == (code, points)
        self.acknowledged[submission] = (answer.score.seq, code, points)

    def drain(self):
        """What had arrived before the end counts as acknowledged too."""
        try:
            while select.select([self.link.stream], [], [], 0)[0] or self.link.buffer:
                self.settle(self.link.answer())
        except (EOFError, OSError):
            pass


class Kill(ServerCase):
    def journal(self, since):
        """Entries after `since`, decoded."""
        link = self.server.connect(self.server.unix, timeout=60)
        rows = link.ask(audit=pb.AuditQuery(since=since)).audit.rows
        link.close()
        return [pb.Entry.FromString(row.record) for row in rows]

    def one_round(self, number, heads, since):
        offices = [Office(self.server.login(head), number) for head in heads]
        for office in offices:
            office.start()
        while sum(len(office.acknowledged) for office in offices) < 40:
            time.sleep(0.001)  # load runs; the moment of the kill is arbitrary on purpose
        time.sleep((number * 37 % 20) / 1000)
        for _ in range(2000):
            in_flight = sum(len(office.open) for office in offices)
            if in_flight >= IN_FLIGHT:
                break
        self.server.kill()
        for office in offices:
            office.join()
            office.link.close()
        self.server.start()
        self.compare(offices, since)
        return in_flight, sum(len(office.open) for office in offices)

    def compare(self, offices, since):
        entries = {}
        for entry in self.journal(since):
            self.assertNotIn(entry.submission, entries, "a submission stands twice")
            entries[entry.submission] = entry
        sent = {submission for office in offices
                for submission in [*office.acknowledged, *(open_[0] for open_ in office.open.values())]}
        for office in offices:
            for submission, (seq, code, points) in office.acknowledged.items():
                entry = entries.get(submission)
                self.assertIsNotNone(entry, "an acknowledged score is lost")
                line = entry.event.score_set.lines[0]
                self.assertEqual((entry.seq, CODES[line.leaf], line.points_cp), (seq, code, points))
        self.assertEqual(set(entries) - sent, set(), "an entry that nobody sent")

    def resend(self, office, head):
        """An outcome that is unknown is settled by sending it again: once in the journal, whatever it was."""
        link = self.server.login(head)
        for submission, code, points in office.open.values():
            link.score({code: points}, submission)
            self.assertTrue(link.score({code: points}, submission).replayed)
        link.close()

    def test_kill_under_load(self):
        """50 rounds of kill -9 with at least 50 requests in flight: nothing acknowledged is lost or there twice"""
        heads = open_for_scoring(self.server, definition([f"xa-{number}" for number in range(OFFICES)]))
        full, number, unanswered = 0, 0, 0
        while full < ROUNDS:
            self.assertLess(number, 3 * ROUNDS, "too few rounds had enough requests in flight")
            in_flight, open_ = self.one_round(number, heads, self.server.seq())
            full += in_flight >= IN_FLIGHT
            number, unanswered = number + 1, unanswered + open_
            if number % 10 == 0:
                self.check_store()
        print(f"# {number} rounds, {full} of them with {IN_FLIGHT} or more in flight; {unanswered} outcomes unknown", flush=True)

    def check_store(self):
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())
        self.server.start()

    def test_unknown_outcome_is_settled_by_a_resend(self):
        """after a kill, the same ids again: each score stands exactly once"""
        units = [f"thon-{number}" for number in range(2)]
        heads = open_for_scoring(self.server, definition(units, id="thon-2026"))
        since = self.server.seq()
        offices = [Office(self.server.login(head), 0) for head in heads]
        for office in offices:
            office.start()
        while not all(office.acknowledged for office in offices):
            time.sleep(0.001)
        self.server.kill()
        for office, head in zip(offices, heads):
            office.join()
        self.server.start()
        for office, head in zip(offices, heads):
            self.resend(office, head)
        entries = [entry.submission for entry in self.journal(since)]
        self.assertEqual(len(entries), len(set(entries)))
        self.assertEqual(set(entries), {submission for office in offices
                                        for submission in [*office.acknowledged, *(o[0] for o in office.open.values())]})
        self.check_store()


if __name__ == "__main__":
    harness.main()
