#!/usr/bin/python3
"""Order on one connection, reads behind writes, bounds, exactly once, lost updates."""
import os
import random
import select

import harness
from harness import CODES, ServerCase, definition, open_for_scoring, pb


class Pipeline(ServerCase):
    units = [f"phuong-{number}" for number in range(8)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.heads = dict(zip(cls.units, open_for_scoring(cls.server, definition(cls.units))))

    def login(self, number, address=None):
        return self.server.login(self.heads[self.units[number]], address)

    def score_request(self, link, points, submission=None, **more):
        lines = [pb.LineInput(criterion=code, points_cp=value) for code, value in points.items()]
        return link.request(submission or os.urandom(16), score=pb.Score(lines=lines, **more))

    def test_answers_come_in_order(self):
        """1,000 mixed requests: answers in the order sent, and each read sees at least every write before it"""
        link, noise, requests = self.login(0), random.Random(7), []
        written = {code: [] for code in CODES}  # the points of revision 1, 2, ...
        for _ in range(1000):
            if noise.random() < 0.5:
                code, points = noise.choice(CODES), noise.randrange(51) * 25
                written[code].append(points)
                requests.append((self.score_request(link, {code: points}), None))
            else:
                requests.append((link.request(sheet=pb.SheetQuery()), {code: len(done) for code, done in written.items()}))
        for begin in range(0, len(requests), 40):
            link.send(*[request for request, _ in requests[begin:begin + 40]])
            for request, least in requests[begin:begin + 40]:
                answer = link.answer()
                self.assertEqual(answer.id, request.id)
                for line in answer.sheet.lines if least else ():
                    self.assertGreaterEqual(line.revision, least[line.criterion], "a read has missed a write before it")
                    if line.revision:
                        self.assertEqual(line.points_cp, written[line.criterion][line.revision - 1])

    def test_a_thousand_unread(self):
        """1,000 requests sent without reading are all answered, in order, once the peer reads"""
        for address in (self.server.plain, self.server.tls):
            link = self.login(1, address)
            link.stream.settimeout(60)
            requests = [self.score_request(link, {"TC1": 25 * (n % 51)}) if n % 3 else link.request(totals=pb.TotalsQuery())
                        for n in range(1000)]
            link.stream.sendall(b"".join(harness.thidua_client.frame(r.SerializeToString()) for r in requests))
            self.assertEqual([link.answer().id for _ in requests], [request.id for request in requests])
            link.close()

    def test_the_server_stops_reading_a_peer_who_does_not(self):
        """who sends and never reads is held back; others are served meanwhile"""
        link = self.login(2)
        request = harness.thidua_client.frame(link.request(totals=pb.TotalsQuery()).SerializeToString())
        link.stream.setblocking(False)
        sent = 0
        while select.select([], [link.stream], [], 1)[1] and sent < 64 * 1024 * 1024:
            try:
                sent += link.stream.send(request * 1000)
            except (BlockingIOError, ConnectionError):
                break
        self.assertLess(sent, 64 * 1024 * 1024, "the server reads without bound")
        self.assertEqual(self.login(3).score({"TC1": 25}).lines[0].points_cp, 25)
        link.close()

    def test_score_and_submit_in_one_batch(self):
        """a score and a submit sent together give a receipt with the new total"""
        link = self.login(4)
        link.score({code: 100 for code in CODES})
        link.send(self.score_request(link, {"TC1": 1250}), link.request(os.urandom(16), submit=pb.Submit()),
                  link.request(totals=pb.TotalsQuery()))
        link.answer()
        receipt, board = link.answer().submit, link.answer().totals
        self.assertEqual((receipt.total_cp, receipt.sheet_revision), (1950, 1))
        own = [row for row in board.rows if row.unit == self.units[4]][0]
        self.assertEqual((own.total_cp, own.sheet), (1950, pb.SUBMITTED))

    def test_one_refusal_harms_nobody(self):
        """of ten writes sent together the five good ones stand and the five bad ones are refused"""
        link = self.login(5)
        link.send(*[self.score_request(link, {"TC2": 25 * n if n % 2 else 25 * n + 1}) for n in range(10)])
        good = 0
        for n in range(10):
            if n % 2:
                self.assertEqual(link.answer().score.lines[0].revision, good + 1)
                good += 1
            else:
                self.assertRefused("INVALID_ARGUMENT", "POINTS_STEP", link.answer)
        self.assertEqual(good, 5)

    def test_resend(self):
        """the same id again: the first answer, marked replayed, and no new entry"""
        link, submission = self.login(6), os.urandom(16)
        first = link.score({"TC3": 500, "TC4": 25}, submission)
        link.score({"TC3": 525})
        before = self.server.seq()
        again = self.login(6, self.server.tls).score({"TC3": 500, "TC4": 25}, submission)
        self.assertTrue(again.replayed)
        self.assertFalse(first.replayed)
        again.replayed = False
        self.assertEqual(again, first)
        self.assertEqual(self.server.seq(), before)
        sheet = {line.criterion: line.points_cp for line in link.ask(sheet=pb.SheetQuery()).sheet.lines}
        self.assertEqual(sheet["TC3"], 525, "the resend has set the old value again")

    def test_resend_in_the_same_batch(self):
        """the same id twice in one pipeline is one entry"""
        link, submission, before = self.login(6), os.urandom(16), self.server.seq()
        link.send(*[self.score_request(link, {"TC5": 75}, submission) for _ in range(3)])
        answers = [link.answer().score for _ in range(3)]
        self.assertEqual([answer.replayed for answer in answers], [False, True, True])
        self.assertEqual(len({answer.seq for answer in answers}), 1)
        rows = self.server.connect(self.server.unix).ask(audit=pb.AuditQuery(since=before)).audit.rows
        self.assertEqual([pb.Entry.FromString(row.record).submission for row in rows].count(submission), 1)

    def test_other_content_under_the_same_id(self):
        """the same id with other content is refused and changes nothing; a refusal does not use up an id"""
        link, submission = self.login(6), os.urandom(16)
        self.assertRefused("INVALID_ARGUMENT", "POINTS_STEP", link.score, {"TC6": 26}, submission)
        link.score({"TC6": 50}, submission)
        before = self.server.seq()
        self.assertRefused("FAILED_PRECONDITION", "ID_REUSED", link.score, {"TC6": 75}, submission)
        self.assertRefused("FAILED_PRECONDITION", "ID_REUSED", link.submit, submission)
        self.assertEqual(self.server.seq(), before)
        # the key is id and unit: another unit's id is its own affair
        self.assertFalse(self.login(7).score({"TC6": 75}, submission).replayed)

    def test_revisions(self):
        """a write that names the revision it replaces is refused once that is no longer the current one"""
        link = self.login(7)

        def set_(points, revision):
            line = pb.LineInput(criterion="TC8", points_cp=points, if_revision=revision)
            return link.write(score=pb.Score(lines=[line])).score

        self.assertEqual(set_(25, 0).lines[0].revision, 1)
        self.assertEqual(set_(50, 1).lines[0].revision, 2)
        before = self.server.seq()
        for stale in (0, 1, 3):
            refused = self.assertRefused("CONFLICT", "REVISION_MOVED", set_, 75, stale)
            given = {argument.name: argument for argument in refused.response.problems[0].arguments}
            self.assertEqual(given["revision"].number, 2)
            self.assertEqual(given["value"].points_cp, 50)
        self.assertEqual(self.server.seq(), before)

    def test_submit_names_the_total_that_was_shown(self):
        """submit with the total that was shown is refused once the total is another"""
        link = self.login(5)
        link.score({code: 100 for code in CODES})
        self.assertRefused("CONFLICT", "TOTAL_MOVED", link.submit, if_total_cp=700)
        self.assertEqual(link.submit(if_total_cp=800).total_cp, 800)
        self.assertRefused("FAILED_PRECONDITION", "SHEET_SUBMITTED", link.score, {"TC1": 25})
        self.assertRefused("FAILED_PRECONDITION", "SHEET_SUBMITTED", link.submit)


class Boards(ServerCase):
    def test_large_boards_in_a_pipeline(self):
        """a board of 526 units asked for 500 times in one go arrives 500 times, on each kind of link"""
        local = self.server.connect(self.server.unix, timeout=60)
        local.write(period_load=pb.PeriodLoad(definition=definition([f"xa-{number}" for number in range(526)])))
        for address in (self.server.unix, self.server.plain, self.server.tls):
            link = self.server.connect(address, timeout=60)
            if address != self.server.unix:
                link.authenticate(*self.server.enrol_all([(None, pb.AUDITOR)])[0])
            requests = [link.request(totals=pb.TotalsQuery(period="lon-2026")) for _ in range(500)]
            link.send(*requests)
            boards = [link.answer() for _ in requests]
            self.assertEqual([board.id for board in boards], [request.id for request in requests])
            self.assertEqual({len(board.totals.rows) for board in boards}, {526})
            link.close()


if __name__ == "__main__":
    harness.main()
