#!/usr/bin/python3
"""Answers whose way back through the journal is long: made in slices, between which others have their turn."""
import os
import select
import socket
import time

import harness
from harness import Case, Server, definition, open_for_scoring, pb

SCORES = int(20000 * harness.SCALE)
BATCH = 60  # of the requests that one connection may have in flight
QUESTIONS = 20


class Slices(Case):
    def setUp(self):
        """One unit has scored one criterion 20,000 times, after another one once."""
        self.server = Server()
        self.head, self.other = open_for_scoring(self.server, definition(["phuong-1", "phuong-2"]))
        link = self.server.login(self.head, timeout=60)
        self.first = link.score({"TC2": 100}).seq
        for begin in range(0, SCORES, BATCH):
            requests = [self.score_request(link, 25 * (n % 50)) for n in range(begin, min(begin + BATCH, SCORES))]
            link.send(*requests)
            for _ in requests:
                link.answer()
        link.close()

    def tearDown(self):
        self.server.close()

    @staticmethod
    def score_request(link, points):
        return link.request(os.urandom(16), score=pb.Score(lines=[pb.LineInput(criterion="TC1", points_cp=points)]))

    def questions(self, link):
        """About moments near the beginning, each another one."""
        return [link.request(totals=pb.TotalsQuery(at_seq=self.first + n)) for n in range(QUESTIONS)]

    def total(self, n):
        """100 points of TC2, and since the entry after it those of TC1."""
        return 100 + (25 * ((n - 1) % 50) if n else 0)

    def assert_boards(self, link):
        for n in range(QUESTIONS):
            board = link.answer().totals
            self.assertEqual((board.seq, board.rows[0].total_cp), (self.first + n, self.total(n)))

    def test_in_order(self):
        """what is asked in slices is answered in order, with what was sent behind it"""
        link = self.server.login(self.head, timeout=60)
        link.send(*self.questions(link), self.score_request(link, 1250), link.request(ping=pb.Ping()))
        self.assert_boards(link)
        self.assertEqual(link.answer().score.seq, self.first + SCORES + 1)
        self.assertEqual(link.answer().ping.seq, self.first + SCORES + 1)

    def test_others_have_their_turn(self):
        """another peer is served before the long answers are done"""
        link, peer = self.server.login(self.head, timeout=60), self.server.login(self.other)
        link.send(*self.questions(link))
        begin = time.monotonic()
        self.assertTrue(peer.score({"TC1": 100}).seq)
        self.assertTrue(peer.totals().seq)
        between = time.monotonic() - begin
        self.assert_boards(link)
        whole = time.monotonic() - begin
        self.assertLess(between, whole / 2, "the others waited")

    def test_a_history_of_one_entry(self):
        """the one entry of a line is found behind 20,000 others, and no empty frame is sent before it"""
        link = self.server.login(self.head, timeout=60)
        link.send(link.request(history=pb.HistoryQuery(criterion="TC2")))
        rows, more = [], True
        while more:
            response = link.receive()
            rows, more = rows + list(response.history.rows), response.more
            self.assertTrue(response.history.rows or not more)
        self.assertEqual([row.seq for row in rows], [self.first])

    def test_the_peer_has_said_all(self):
        """who closes its sending side gets the answers that are on the way"""
        link = self.server.login(self.head, timeout=60)
        link.send(*self.questions(link))
        link.stream.shutdown(socket.SHUT_WR)
        self.assert_boards(link)
        with self.assertRaises(EOFError):
            link.answer()

    def test_the_peer_goes_away(self):
        """who goes away in the midst of a long answer harms nobody"""
        for _ in range(5):
            link = self.server.login(self.head)
            link.send(*self.questions(link))
            link.close()
        peer = self.server.login(self.other)
        self.assertTrue(peer.score({"TC1": 100}).seq)
        self.assertEqual(self.server.stop(), 0)

    def test_the_server_stops(self):
        """a stop in the midst of long answers is a clean one: each is whole, or the connection is closed"""
        link = self.server.login(self.head, timeout=60)
        link.send(*self.questions(link))
        select.select([link.stream], [], [], 10)  # the first is there
        self.assertEqual(self.server.stop(), 0)
        done = 0
        try:
            for done in range(QUESTIONS):
                self.assertEqual(link.answer().totals.rows[0].total_cp, self.total(done))
        except (EOFError, ConnectionError):
            pass
        self.assertGreater(done, 0)


if __name__ == "__main__":
    harness.main()
