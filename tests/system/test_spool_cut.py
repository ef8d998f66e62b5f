#!/usr/bin/python3
"""The link is cut, or the client killed, at any moment, with the spool on: each score is recorded exactly once, or said not to be kept."""
import json
import os
import random
import re
import signal
import subprocess
import threading
import uuid

import harness
from cutter import ByteCutter
from harness import assert_done
from spool_case import SpoolCase


class Cut(SpoolCase):
    """The link cut at every point of an exchange: whatever the client says, the score lands once, or is refused."""

    def settle(self, person, result):
        """The id of the run; afterwards nothing waits."""
        self.assertIn(result.status, (0, 75), f"\n{result}")
        id_ = result.json["id"] if result.status == 0 else result.error["arguments"]["id"]
        assert_done(person("spool", "flush"))
        self.assertEqual(self.rows(person), [])
        return id_

    def cut(self, person, words, **where):
        cutter = ByteCutter(self.server.plain.removeprefix("plain:"), **where)
        try:
            result = person(*words, "-o", "json", "-s", f"plain:{cutter.address}")
        finally:
            cutter.close()
        return result, cutter

    def test_every_byte(self):
        """cut after each byte that the client sends and that the server answers"""
        assert_done(self.head("sheet"))
        _, whole = self.cut(self.head, ["score", "TC1=1"])
        points = [("sent", n) for n in range(0, whole.sent + 1, 3)] + [("answered", n) for n in range(0, whole.answered + 1, 3)]
        self.assertGreater(len(points), 40)
        landed, statuses = [], set()
        for number, (side, n) in enumerate(points):
            result, _ = self.cut(self.head, ["score", f"TC1={1 + number % 9}"], **{f"{side}_limit": n})
            statuses.add(result.status)
            landed.append(self.settle(self.head, result))
        self.assertEqual(statuses, {75})
        ids = self.ids()
        self.assertEqual(ids[-len(landed):], landed)
        self.assertEqual(len(ids), len(set(ids)))

    def test_with_tls(self):
        """the same through TLS, handshake included"""
        assert_done(self.head("sheet"))
        whole = ByteCutter(self.server.tls)
        assert_done(self.head("score", "TC2=1", "-s", whole.address))
        whole.close()
        landed = []
        for limit in ({f"{side}_limit": n} for side, most in (("sent", whole.sent), ("answered", whole.answered))
                      for n in range(0, most, 150)):
            cutter = ByteCutter(self.server.tls, **limit)
            with self.subTest(**limit):
                landed.append(self.settle(self.head, self.head("score", "TC2=2", "-o", "json", "-s", cutter.address)))
            cutter.close()
        self.assertEqual(self.ids()[-len(landed):], landed)

    def test_flush_is_cut(self):
        """the links of flushes are cut, too: a resend that has landed is settled by the next, and is no conflict"""
        assert_done(self.head("sheet"))
        self.server.stop()
        kept = [self.kept(self.head("score", f"TC3={n}")) for n in (1, 2, 3)]
        self.server.start()
        for n in range(150, 4000, 35):
            self.cut(self.head, ["spool", "flush"], answered_limit=n)
            if not self.rows(self.head):
                break
        self.assertEqual((self.ids(), self.rows(self.head)), (kept, []))

    def test_landed_and_changed_since(self):
        """a score that had landed before its link was cut is no conflict, although another account has changed the line"""
        assert_done(self.head("sheet"))
        for more in ([], ["--id", str(uuid.uuid4())]):
            with self.subTest(" ".join(more)):
                before = self.server.seq()
                result, _ = self.cut(self.head, ["score", "TC4=3", *more], cut_when=lambda seq=before: self.server.seq() > seq)
                id_ = result.error["arguments"]["id"]
                self.assertEqual((result.status, self.ids()[-1]), (75, id_))
                seq = self.server.seq()
                assert_done(self.officer("score", "TC4=8"))
                flushed = assert_done(self.head("spool", "flush", "-o", "json")).json["rows"]
                self.assertEqual([(row["id"], row["seq"]) for row in flushed], [(id_, seq)])
                self.assertEqual((self.rows(self.head), self.sheet(self.head)["TC4"]), ([], 8))

    def test_not_landed_and_changed_since(self):
        """one that had not landed is"""
        assert_done(self.head("sheet"))
        _, whole = self.cut(self.head, ["score", "TC4=5"])
        result, _ = self.cut(self.head, ["score", "TC4=4"], sent_limit=whole.sent - 1)
        self.assertEqual(result.status, 75)
        assert_done(self.officer("score", "TC4=9"))
        self.assertExit(79, self.head("spool", "flush"))
        self.assertEqual((self.states(self.head), self.sheet(self.head)["TC4"]), (["parked"], 9))


class Killed(SpoolCase):
    def test_kill(self):
        """kill -9 of the client at any moment: what was said to be kept is there, and nothing lands twice"""
        rng, kept = random.Random(5), []
        assert_done(self.head("sheet"))
        rounds = int(60 * harness.SCALE)
        for number in range(rounds):
            if number % 20 == 0:
                self.server.stop()
            elif number % 20 == 15:
                self.server.start()
            command = [harness.THIDUA, "--profile", self.head.profile, "score", f"TC8={1 + number % 9}", "-o", "json", "--timeout", "3"]
            process = harness.spawn(command, self.server.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
            killer = threading.Timer(rng.choice([0.001, 0.004, 0.01, 0.02, 5]) * rng.random() * 2, process.send_signal, (signal.SIGKILL,))
            killer.start()
            error = process.stderr.read().decode()
            status = process.wait(30)
            killer.cancel()
            process.stderr.close()
            harness.end(process)
            self.assertIn(status, (0, 75, -signal.SIGKILL), error)
            if status == 75:
                kept.append(json.loads(error.splitlines()[-1])["arguments"]["id"])
        self.assertTrue(kept)
        if self.server.process.poll() is not None:
            self.server.start()
        assert_done(self.head("spool", "flush"))
        ids = self.ids()
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual(set(kept), set(ids))
        self.assertEqual([id_ for id_ in ids if id_ in set(kept)], kept)
        self.assertEqual(self.rows(self.head), [])
        leftovers = [name for _, _, names in os.walk(f"{self.server.env['XDG_STATE_HOME']}/thidua/spool") for name in names
                     if re.search(r"\.request\.\w{6}$", name)]
        self.assertLessEqual(len(leftovers), 3)


if __name__ == "__main__":
    harness.main()
