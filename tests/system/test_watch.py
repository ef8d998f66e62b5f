#!/usr/bin/python3
"""Those who watch a board: whole at first, then what changes, each board true at one entry and never an older one."""
import os
import random
import select
import time

import harness
from harness import Case, Server, definition, open_for_scoring, pb, thidua_client
from thidua_client import frame

UNITS = ["phuong-1", "phuong-2", "phuong-3", "phuong-4"]
SILENCE = 10  # seconds until a sign of life
INTERVAL = 0.25


class Watch:
    """One who watches on a connection of its own, and keeps the board as a client has to."""

    def __init__(self, link, **query):
        self.link, self.board, self.replies, self.events = link, None, [], []
        self.request = link.request(watch=pb.Watch(**query))
        link.send(self.request)

    def next(self):
        """The next reply; a refusal is an exception."""
        response = self.link.receive()
        assert response.id == self.request.id, response
        if response.status != pb.OK:
            raise thidua_client.Refused(response)
        reply = response.watch
        self.take(reply)
        self.replies.append(reply)
        return reply

    def take(self, reply):
        before = self.board.seq if self.board else 0
        if reply.HasField("board"):
            self.board = reply.board
        elif reply.HasField("delta"):
            assert reply.delta.from_seq == before, f"a step from {reply.delta.from_seq}, but {before} is here"
            self.board = stepped(self.board, reply.delta.board)
        if reply.HasField("board") or reply.HasField("delta"):
            assert self.board.seq > before, f"back from {before} to {self.board.seq}"
            assert reply.seq == self.board.seq
        self.events += reply.events

    def until(self, seq):
        """Reads on until the board of this entry, or a later one, is here."""
        while not self.board or self.board.seq < seq:
            self.next()
        return self.board

    def waits(self, seconds):
        """Whether there is something to read."""
        return bool(self.link.buffer or select.select([self.link.stream], [], [], seconds)[0])

    def ended(self):
        """Whether the server has closed the connection, after whatever it had still to say."""
        try:
            while True:
                self.next()
        except (EOFError, ConnectionError):
            return True


def stepped(board, changed):
    """The board with the rows that have changed, in order: by rank, those without one last, then by place."""
    rows = {row.unit: row for row in board.rows}
    rows.update({row.unit: row for row in changed.rows})
    made = pb.Board()
    made.CopyFrom(changed)
    del made.rows[:]
    made.rows.extend(sorted(rows.values(), key=lambda row: (not row.HasField("rank"), row.rank, row.place)))
    return made


class Watching(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.heads = open_for_scoring(cls.server, definition(UNITS, id="lon-2026"))
        open_for_scoring(cls.server, definition(["thon-1"], id="yen-2026"))
        cls.city = cls.server.enrol_all([(None, pb.CITY)])[0]
        cls.quiet = Watch(cls.server.login(cls.city), period="yen-2026")
        cls.quiet.next()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.links = []

    def tearDown(self):
        for link in self.links:
            link.close()

    def login(self, account, **more):
        self.links.append(self.server.login(account, **more))
        return self.links[-1]

    def watch(self, account=None, period="lon-2026", address=None, **query):
        return Watch(self.login(account or self.city, address=address), period=period, **query)

    def scores(self, count, unit=0):
        """Random points of a unit, in one go; the entry of the last one."""
        link = self.login(self.heads[unit])
        for begin in range(0, count, 60):
            requests = [link.request(os.urandom(16), score=self.any_score()) for _ in range(min(60, count - begin))]
            link.send(*requests)
            answers = [link.answer() for _ in requests]
        return answers[-1].score.seq

    @staticmethod
    def any_score():
        lines = [pb.LineInput(criterion=f"TC{n}", points_cp=25 * random.randint(0, 50)) for n in random.sample(range(1, 9), 3)]
        return pb.Score(period="lon-2026", lines=lines)

    # -- boards --

    def test_first_board(self):
        """the first reply is the whole board, as totals has it"""
        reply = self.watch().next()
        self.assertTrue(reply.HasField("board"))
        self.assertEqual(reply.board, self.login(self.city).totals(period="lon-2026"))
        self.assertLess(abs(reply.time_ms / 1000 - time.time()), 5)
        self.assertFalse(reply.events)

    def test_steps(self):
        """each change makes the board that totals has at that entry, in rank order"""
        watch, reader, steps = self.watch(), self.login(self.city), 0
        watch.next()
        for n in range(8):
            seq = self.scores(1, n % 4)
            self.assertEqual(watch.until(seq), reader.totals(period="lon-2026"))
            steps += watch.replies[-1].HasField("delta")
            self.assertEqual([(event.seq, event.event, event.unit) for event in watch.replies[-1].events],
                             [(seq, "score_set", UNITS[n % 4])])
        self.assertGreater(steps, 0)

    def test_past_boards(self):
        """every board on the way is the one that totals shows at that entry"""
        watch, reader = self.watch(), self.login(self.city)
        boards = [watch.next().board]
        self.scores(300)
        last = self.scores(1, 1)
        while watch.board.seq < last:
            watch.next()
            boards.append(watch.board)
        for board in boards:
            self.assertEqual(board, reader.totals(period="lon-2026", at_seq=board.seq))

    def test_over_tls(self):
        """the same over TLS"""
        watch = self.watch(address=self.server.tls)
        watch.next()
        self.assertEqual(watch.until(self.scores(5)), self.login(self.city).totals(period="lon-2026"))

    def test_own_write_is_seen(self):
        """a watch sees the writes of its own connection that were answered before it"""
        link = self.login(self.heads[2])
        request = link.request(os.urandom(16), score=self.any_score())
        link.send(request)
        watch = Watch(link, period="lon-2026")
        seq = link.answer().score.seq
        self.assertGreaterEqual(watch.next().board.seq, seq)

    def test_columns(self):
        """a column of its own is watched on its own"""
        watch = self.watch(column=pb.COLUMN_APPRAISED)
        watch.next()
        board = watch.until(self.scores(1))
        self.assertEqual(board, self.login(self.city).totals(period="lon-2026", column=pb.COLUMN_APPRAISED))

    # -- pace --

    def test_coalesced(self):
        """many changes make few replies: one in 250 ms at most"""
        watch = self.watch()
        watch.next()
        began = time.monotonic()
        last = self.scores(100)
        watch.until(last)
        self.assertLessEqual(len(watch.replies) - 1, (time.monotonic() - began) / INTERVAL + 2)
        self.assertLessEqual(max(len(reply.events) for reply in watch.replies), 20)
        self.assertEqual(watch.events[-1].seq, last)

    def test_pace_of_one_second(self):
        """under writes all the time there are four replies in a second, and no more"""
        watch, writer = self.watch(), self.login(self.heads[0])
        watch.next()
        began = time.monotonic()
        while time.monotonic() < began + 2:
            writer.write(score=self.any_score())
        taken = time.monotonic() - began
        while watch.waits(0):
            watch.next()
        self.assertLessEqual(len(watch.replies) - 1, taken / INTERVAL + 1)
        self.assertGreaterEqual(len(watch.replies) - 1, 4)

    def test_sign_of_life(self):
        """after ten seconds of silence there is a reply without a board"""
        began = time.monotonic()
        reply = self.quiet.next()
        self.assertLess(time.monotonic() - began, SILENCE + 2)
        self.assertFalse(reply.HasField("board") or reply.HasField("delta") or reply.events)
        self.assertEqual(reply.seq, self.quiet.board.seq)
        self.assertGreater(reply.time_ms, self.quiet.replies[0].time_ms + 8000)
        self.assertLess(reply.time_ms, self.quiet.replies[0].time_ms + 12000)

    # -- taking up again --

    def test_since(self):
        """who has the current board is not sent it again; who has an older one is, with what has happened since"""
        seq = self.scores(1)
        watch = self.watch(since_seq=seq)
        reply = watch.next()
        self.assertFalse(reply.HasField("board") or reply.HasField("delta"))
        self.assertEqual(reply.seq, seq)
        watch.board = self.login(self.city).totals(period="lon-2026")
        later = self.scores(3, 1)
        self.assertEqual(watch.until(later), self.login(self.city).totals(period="lon-2026"))
        behind = self.watch(since_seq=seq).next()
        self.assertEqual(behind.board.seq, later)
        self.assertEqual([event.seq for event in behind.events], [later - 2, later - 1, later])

    def test_since_a_time_to_come(self):
        """a number that no entry has yet gets the whole board"""
        self.assertTrue(self.watch(since_seq=10**9).next().HasField("board"))

    # -- whose eyes --

    def test_own_eyes(self):
        """before the deadline a unit watches its own row, and of others that they are there"""
        own = self.watch(self.heads[0])
        own.next()
        seq = self.scores(1, 0)
        self.assertEqual(own.until(seq), self.login(self.heads[0]).totals(period="lon-2026"))
        self.assertTrue(own.replies[-1].HasField("delta"))
        self.assertEqual([row.unit for row in own.replies[-1].delta.board.rows], [UNITS[0]])
        self.assertEqual([event.unit for event in own.events], [UNITS[0]])
        other = self.scores(1, 1)
        self.assertEqual(own.until(other), self.login(self.heads[0]).totals(period="lon-2026"))
        self.assertEqual(len(own.events), 1)
        self.assertFalse(own.replies[-1].delta.board.rows)
        self.assertFalse([row for row in own.board.rows if row.unit != UNITS[0] and row.points_cp])

    def test_many(self):
        """200 at once, under all sights and columns, end with the board that totals shows them"""
        eyes = [(account, column) for account in [self.city] + self.heads for column in (pb.SELF, pb.COLUMN_FINAL)]
        watches = [(self.watch(account, column=column), account, column)
                   for account, column in (eyes[n % len(eyes)] for n in range(200))]
        local = self.server.connect(self.server.unix)
        self.assertGreaterEqual(local.ask(stats=pb.StatsQuery()).stats.watchers, 200)
        for n in range(20):
            last = self.scores(random.randint(1, 30), n % 4)
        for watch, account, column in watches:
            board = watch.until(last)
            self.assertEqual(board, self.login(account).totals(period="lon-2026", column=column))
        local.close()

    def test_counted(self):
        """the daemon counts its watchers"""
        local = self.server.connect(self.server.unix)
        before = local.ask(stats=pb.StatsQuery()).stats.watchers
        watch = self.watch()
        watch.next()
        self.assertEqual(local.ask(stats=pb.StatsQuery()).stats.watchers, before + 1)
        watch.link.close()
        until = time.monotonic() + 5
        while local.ask(stats=pb.StatsQuery()).stats.watchers > before and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual(local.ask(stats=pb.StatsQuery()).stats.watchers, before)
        local.close()

    # -- the connection --

    def test_refused(self):
        """a refused watch is answered, and the connection goes on"""
        link = self.login(self.city)
        self.assertRefused("NOT_FOUND", "PERIOD_UNKNOWN", link.ask, watch=pb.Watch(period="khong-co"))
        self.assertRefused("INVALID_ARGUMENT", "PERIOD_NOT_CHOSEN", link.ask, watch=pb.Watch())
        self.assertTrue(link.ask(ping=pb.Ping()).ping.seq)

    def test_nothing_after_it(self):
        """what is sent after a watch is not done: the connection ends once the first board is out"""
        link, before = self.login(self.heads[3]), self.server.seq()
        watch = Watch(link, period="lon-2026")
        link.send(link.request(os.urandom(16), score=self.any_score()))
        self.assertTrue(watch.next().HasField("board"))
        self.assertTrue(watch.ended())
        self.assertEqual(self.server.seq(), before)

    def test_nothing_after_it_in_one_piece(self):
        """the same where both come in one packet"""
        link, before = self.login(self.heads[3]), self.server.seq()
        requests = [link.request(watch=pb.Watch(period="lon-2026")), link.request(os.urandom(16), score=self.any_score())]
        link.stream.sendall(b"".join(frame(request.SerializeToString()) for request in requests))
        self.assertTrue(link.receive().watch.HasField("board"))
        with self.assertRaises((EOFError, ConnectionError)):
            link.receive()
        self.assertEqual(self.server.seq(), before)

    def test_revoked(self):
        """a revoked account's watch ends, those of others do not"""
        account = self.server.enrol_all([(UNITS[3], pb.OFFICER)])[0]
        watch, other = self.watch(account), self.watch(self.heads[3])
        watch.next(), other.next()
        local = self.server.connect(self.server.unix)
        local.write(revoke=pb.Revoke(account=account[0]))
        local.close()
        began = time.monotonic()
        self.assertTrue(watch.ended())
        self.assertLess(time.monotonic() - began, 2)
        other.until(self.scores(1))


class Passing(Case):
    """What ends, or turns into something else, while somebody watches."""

    def setUp(self):
        self.server = Server()

    def tearDown(self):
        self.server.close()

    def test_deadline(self):
        """once the deadline has passed a unit watches what others have handed in: a whole board of another view"""
        period = definition(UNITS, id="lon-2026")
        period.deadline_ms = int((time.time() + 3) * 1000)
        heads = open_for_scoring(self.server, period)
        writer = self.server.login(heads[1])
        writer.score({code: 1250 for code in harness.CODES})
        writer.submit()
        watch = Watch(self.server.login(heads[0]), period="lon-2026")
        watch.next()
        self.assertFalse(any(row.points_cp for row in watch.board.rows if row.unit != UNITS[0]))
        while not any(row.points_cp for row in watch.board.rows if row.unit == UNITS[1]):
            watch.next()
        self.assertTrue(watch.replies[-1].HasField("board"))
        self.assertIn("deadline_passed", [event.event for event in watch.replies[-1].events])
        self.assertEqual(watch.board, self.server.login(heads[0]).totals(period="lon-2026"))
        draft = self.server.login(heads[2]).score({"TC1": 100}).seq
        watch.until(draft)
        self.assertFalse(watch.replies[-1].events)
        self.assertFalse(any(row.HasField("total_cp") for row in watch.board.rows if row.unit == UNITS[2]))
        self.assertEqual(watch.board, self.server.login(heads[0]).totals(period="lon-2026"))

    def test_default_period(self):
        """the period that was the only open one when the watch began stays the one that is watched"""
        heads = open_for_scoring(self.server, definition(UNITS, id="lon-2026"))
        city = self.server.enrol_all([(None, pb.CITY)])[0]
        watch = Watch(self.server.login(city))
        self.assertEqual(watch.next().board.period, "lon-2026")
        open_for_scoring(self.server, definition(UNITS, id="sau-2026"), heads)
        seq = self.server.login(heads[0]).score({"TC1": 100}, period="lon-2026").seq
        self.assertEqual(watch.until(seq).period, "lon-2026")

    def test_redefined(self):
        """a draft that is defined anew has a whole board: a unit that is left out leaves it"""
        local = self.server.connect(self.server.unix)
        local.write(period_load=pb.PeriodLoad(definition=definition(UNITS, id="lon-2026")))
        watch = Watch(self.server.connect(self.server.unix), period="lon-2026")
        watch.next()
        local.write(period_load=pb.PeriodLoad(definition=definition(UNITS[:3] + ["phuong-5"], id="lon-2026")))
        self.assertTrue(watch.next().HasField("board"))
        self.assertEqual(watch.board, local.totals(period="lon-2026"))
        local.close()

    def test_left_out(self):
        """a unit that a new definition leaves out is told so, and its watch ends"""
        local = self.server.connect(self.server.unix)
        local.write(period_load=pb.PeriodLoad(definition=definition(UNITS, id="lon-2026")))
        head = self.server.enrol_all([(UNITS[3], pb.HEAD)])[0]
        watch = Watch(self.server.login(head), period="lon-2026")
        watch.next()
        local.write(period_load=pb.PeriodLoad(definition=definition(UNITS[:3], id="lon-2026")))
        self.assertRefused("PERMISSION_DENIED", "UNIT_NOT_IN_PERIOD", watch.next)
        self.assertTrue(watch.ended())
        local.close()

    def test_stop_and_start(self):
        """a daemon that stops says so to those who watch; they take up where they were"""
        heads = open_for_scoring(self.server, definition(UNITS, id="lon-2026"))
        watches = [Watch(self.server.login(head), period="lon-2026") for head in heads]
        for watch in watches:
            watch.next()
        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        for watch in watches:
            self.assertRefused("UNAVAILABLE", "SHUTTING_DOWN", watch.next)
            self.assertTrue(watch.ended())
        self.server.start()
        again = Watch(self.server.login(heads[0]), period="lon-2026", since_seq=watches[0].board.seq)
        self.assertFalse(again.next().HasField("board"))
        again.board = watches[0].board
        seq = self.server.login(heads[0]).score({"TC1": 100}).seq
        self.assertEqual(again.until(seq), self.server.login(heads[0]).totals(period="lon-2026"))


class Slow(Case):
    def setUp(self):
        """Boards so large that a few of them fill what the kernel keeps for a peer."""
        self.server = Server()
        self.codes = [f"TC{n}" for n in range(1, 501)]
        self.units = [f"phuong-{n}" for n in range(40)]
        self.heads = open_for_scoring(self.server, definition(self.units, self.codes, total_cp=5000000, step_cp=1))

    def tearDown(self):
        self.server.close()

    def test_slow(self):
        """who does not read misses changes, gets the whole board once there is room again, and never an older one"""
        slow = Watch(self.server.connect(self.server.unix), period="lon-2026")
        ready = Watch(self.server.connect(self.server.unix), period="lon-2026")
        slow.next(), ready.next()
        links = [self.server.login(head) for head in self.heads]
        for n in range(25):
            for link in links:
                lines = [pb.LineInput(criterion=code, points_cp=9000 - n) for code in self.codes]
                link.send(link.request(os.urandom(16), score=pb.Score(lines=lines)))
            last = max(link.answer().score.seq for link in links)
            while ready.waits(0):
                ready.next()
        for link in links:
            link.close()
        ready.until(last)
        board = self.server.connect(self.server.unix).totals(period="lon-2026")
        self.assertEqual(slow.until(last), board)
        self.assertEqual(ready.board, board)
        self.assertTrue(slow.replies[-1].HasField("board"), "nothing was missed: the test is no test")
        self.assertLess(len(slow.replies), len(ready.replies))
        later = self.server.login(self.heads[0]).score({"TC1": 1}).seq
        slow.until(later)
        self.assertTrue(slow.replies[-1].HasField("delta"))


if __name__ == "__main__":
    harness.main()
