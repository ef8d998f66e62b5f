#!/usr/bin/python3
"""Many offices at once: what was acknowledged is what the board says."""
import collections
import random
import threading

import harness
from harness import CODES, SCALE, ServerCase, definition, open_for_scoring, pb

OFFICES, SCORES, DEPTH = 50, int(10000 * SCALE), 8


class Office(threading.Thread):
    """Sends its share of random scores, DEPTH at a time, and keeps what was acknowledged."""

    def __init__(self, server, account, together, seed):
        super().__init__(daemon=True)
        self.link, self.random = server.login(account, timeout=60), random.Random(seed)
        self.together, self.standing, self.acknowledged, self.failure = together, {}, 0, None
        self.revisions = collections.Counter()

    def run(self):
        try:
            self.together.wait()
            while self.acknowledged < SCORES / OFFICES:
                self.batch()
        except Exception as failure:  # shown by the test
            self.failure = failure

    def batch(self):
        requests = [self.link.request(self.random.randbytes(16), score=pb.Score(lines=[
            pb.LineInput(criterion=code, points_cp=self.random.randrange(0, 51) * 25)
            for code in self.random.sample(CODES, self.random.randint(1, 4))])) for _ in range(DEPTH)]
        self.link.send(*requests)
        for request in requests:
            answer = self.link.answer()
            assert answer.id == request.id
            self.acknowledged += 1
            for sent, line in zip(request.score.lines, answer.score.lines, strict=True):
                assert (line.criterion, line.points_cp) == (sent.criterion, sent.points_cp)
                self.revisions[line.criterion] += 1
                assert line.revision == self.revisions[line.criterion], "a revision is missing or twice"
                self.standing[line.criterion] = line.points_cp


class Load(ServerCase):
    def test_board_is_the_sum_of_what_was_acknowledged(self):
        """10,000 random scores by 50 offices at once: totals -o json agrees with the acknowledged replies"""
        units = [f"xa-{number:03}" for number in range(OFFICES)]
        heads = open_for_scoring(self.server, definition(units))
        together = threading.Barrier(OFFICES)
        offices = [Office(self.server, head, together, seed) for seed, head in enumerate(heads)]
        watcher_stop, seen = threading.Event(), []
        watcher = threading.Thread(target=self.watch, args=(watcher_stop, seen), daemon=True)
        for thread in (*offices, watcher):
            thread.start()
        for office in offices:
            office.join()
        watcher_stop.set()
        watcher.join()
        self.assertEqual([office.failure for office in offices if office.failure], [])
        self.assertGreaterEqual(sum(office.acknowledged for office in offices), SCORES)
        self.compare(dict(zip(units, offices)))
        self.assertEqual(seen, sorted(seen), "a board went back")
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())

    def watch(self, stop, seen):
        """Boards read meanwhile are each the sum of their own lines."""
        link = self.server.connect(self.server.unix)
        while not stop.is_set():
            board = link.totals(period="lon-2026")
            for row in board.rows:
                given = [points for points in row.points_cp if points >= 0]
                if given:
                    assert row.total_cp == row.base_cp == sum(given), "a total is not the sum of its lines"
            seen.append(board.seq)
        link.close()

    def compare(self, offices):
        board = self.assertExit(0, self.server.admin("totals", "-p", "lon-2026", "-o", "json")).json
        self.assertEqual({row["unit"] for row in board["rows"]}, set(offices))
        for row in board["rows"]:
            standing = offices[row["unit"]].standing
            self.assertEqual({code: value for code, value in row["criteria"].items() if value is not None},
                             {code: points / 100 for code, points in standing.items()})
            self.assertEqual(round(row["total"] * 100), sum(standing.values()))
            self.assertEqual((row["scored"], row["of"]), (len(standing), len(CODES)))
        totals = [row["total"] for row in board["rows"]]
        self.assertEqual(totals, sorted(totals, reverse=True))
        for row in board["rows"]:
            self.assertEqual(row["rank"], 1 + sum(total > row["total"] for total in totals))
            self.assertEqual(row["tied"], totals.count(row["total"]) > 1)


if __name__ == "__main__":
    harness.main()
