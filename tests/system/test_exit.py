#!/usr/bin/python3
"""Each exit status of the command line that the verbs of the main job can give."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time
import uuid

import harness
from cutter import Cutter
from harness import CODES, PERIOD, ClusterCase, ServerCase, assert_done, definition

UNIT = "quan-dong-da"


def listening():
    return socket.create_server(("127.0.0.1", 0))


def address_of(listener):
    return "plain:127.0.0.1:%d" % listener.getsockname()[1]


class Exit(ClusterCase):
    def test_0(self):
        """0: done, for every reading verb in every output, data on standard output alone"""
        head = self.heads[UNIT]
        verbs = [["ping"], ["whoami"], ["version"], ["period", "list"], ["period", "show"], ["sheet"], ["history"],
                 ["totals"], ["status"]]
        for person, more in ((head, []), (self.council, [["audit"]]), (self.server.admin, [
                ["audit"], ["admin", "accounts"], ["admin", "stats"]])):
            for verb in [*(v for v in verbs if person is head or v[0] not in ("sheet", "history")), *more]:
                for output in ("table", "json", "ndjson", "csv"):
                    with self.subTest(f"{' '.join(verb)} -o {output}"):
                        result = self.assertExit(0, person(*verb, "-o", output))
                        self.assertEqual(result.err, "")
                        if verb != ["history"]:
                            self.assertTrue(result.out)

    def test_1(self):
        """1: status --check while anything is missing"""
        self.assertExit(1, self.council("status", "--check"))

    def test_64(self):
        """64: usage"""
        head = self.heads[UNIT]
        for words in ([], ["no-such-verb"], ["totals", "--no-such-flag"], ["totals", "-o", "xml"], ["score"], ["score", "TC1"],
                      ["period"], ["period", "no-such"], ["enrol"], ["sheet", "a", "b"], ["totals", "--timeout", "x"],
                      ["period", "advance"], ["score", "--note"], ["admin"], ["--lang", "xx", "ping"]):
            with self.subTest(" ".join(words)):
                result = self.assertExit(64, head(*words))
                self.assertEqual(result.out, "")
                self.assertTrue(result.err)

    def test_64_lists_the_periods(self):
        """64: several periods are open and none is named; the message lists them"""
        server = harness.Server()
        self.addCleanup(server.close)
        for id_ in ("hai-2025", "hai-2026"):
            heads = harness.open_for_scoring(server, definition([f"{id_}-xa"], id=id_))
        self.assertEqual(len(heads), 1)
        result = self.assertExit(64, server.admin("totals"))
        self.assertIn("hai-2025", result.err)
        self.assertIn("hai-2026", result.err)
        self.assertExit(0, server.admin("totals", "-p", "hai-2025"))
        self.assertExit(0, server.thidua("totals", env=dict(server.env, THIDUA_PERIOD="hai-2026")))

    def test_65(self):
        """65: refused by data or by a rule"""
        self.assertExit(65, self.heads[UNIT]("score", "TC1=99"))
        self.assertExit(65, self.heads[UNIT]("sign", "-p", PERIOD))

    def test_66(self):
        """66: no input file"""
        self.assertExit(66, self.server.admin("period", "load", "/nonexistent/period.conf"))
        self.assertExit(66, self.server.admin("period", "load", self.server.home))

    def test_69(self):
        """69: the server cannot be reached"""
        listener = listening()
        address = address_of(listener)
        listener.close()
        self.assertExit(69, self.server.thidua("ping", server=address))
        self.assertExit(69, self.server.thidua("ping", server=f"unix:{self.server.home}/no.sock"))
        self.assertExit(69, self.heads[UNIT]("ping", "-s", "host.invalid:22022"))

    def test_69_timeout(self):
        """69: a read that is not answered in time"""
        with listening() as silent:
            began = time.monotonic()
            self.assertExit(69, self.server.thidua("totals", "--timeout", "1", server=address_of(silent)))
            self.assertLess(time.monotonic() - began, 5)

    def test_73(self):
        """73: the output cannot be written"""
        with open("/dev/full", "w", encoding="ascii") as full:
            for output in ("table", "json", "csv"):
                done = subprocess.run([harness.THIDUA, "-s", self.server.unix, "totals", "-o", output], env=self.server.env,
                                      stdout=full, stderr=subprocess.PIPE, timeout=30, check=False)
                self.assertEqual(done.returncode, 73, done)

    def test_76_protocol(self):
        """76: what answers does not speak the protocol"""
        for answer in (b"HTTP/1.1 400 Bad Request\r\n" * 8, b"\x00\x00\x00\x00", b"\xff" * 64, b"\x05hello"):
            with listening() as listener:
                threading.Thread(target=self.answer_with, args=(listener, answer), daemon=True).start()
                with self.subTest(repr(answer)):
                    self.assertExit(76, self.server.thidua("ping", "--timeout", "5", server=address_of(listener)))

    @staticmethod
    def answer_with(listener, answer):
        stream, _ = listener.accept()
        with stream, contextlib.suppress(OSError):
            stream.sendall(answer)
            stream.settimeout(5)
            while stream.recv(4096):
                pass

    def test_76_pin(self):
        """76: the server's key is not the pinned one, and nothing was sent to it"""
        other = harness.Server()
        self.addCleanup(other.close)
        before = other.seq()
        result = self.assertExit(76, self.heads[UNIT]("score", "TC1=1", "-s", other.tls, "--no-spool"))
        self.assertTrue(result.err)
        self.assertEqual(other.seq(), before)
        line = self.server.invite(UNIT, "officer")
        wrong = re.sub(r":[0-9a-f]{64}:", ":" + "0" * 64 + ":", line)
        self.assertNotEqual(line, wrong)
        self.assertExit(76, self.server.thidua("--profile", f"{self.server.home}/wrong-pin", "enrol", wrong))
        self.assertExit(0, self.server.thidua("--profile", f"{self.server.home}/right-pin", "enrol", line))

    def test_77(self):
        """77: not permitted"""
        self.assertExit(77, self.heads[UNIT]("audit"))
        self.assertExit(77, self.council("score", "TC1=1"))

    def test_78(self):
        """78: configuration, with the file and line where there is one"""
        profile = f"{self.server.home}/bad-profile"
        with open(profile, "w", encoding="utf-8") as file:
            file.write("this is = no profile {\n")
        os.chmod(profile, 0o600)
        result = self.assertExit(78, self.server.thidua("--profile", profile, "ping"))
        self.assertIn(profile, result.err)

    def test_79(self):
        """79: the revision has moved on"""
        assert_done(self.heads[UNIT]("score", "TC1=1"))
        self.assertExit(79, self.heads[UNIT]("score", "TC1=2", "--if-revision", "0"))

    def test_80(self):
        """80: sent and not answered; the id is printed, and a resend with it settles the outcome"""
        before = self.server.seq()
        cutter = Cutter(self.server.tls, lambda: self.server.seq() > before)
        self.addCleanup(cutter.close)
        result = self.assertExit(80, self.heads[UNIT]("score", "TC8=7,25", "-s", cutter.address, "--no-spool"))
        self.assertGreater(cutter.cuts, 1)  # it has tried again
        id_ = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", result.err)[0]
        again = self.assertExit(0, self.heads[UNIT]("score", "TC8=7,25", "--id", id_, "-o", "json")).json
        self.assertEqual((again["replayed"], again["seq"]), (True, before + 1))
        self.assertEqual(self.server.seq(), before + 1)

    def test_80_and_the_id_given(self):
        """80 names the id that was given"""
        id_, before = str(uuid.uuid4()), self.server.seq()
        cutter = Cutter(self.server.tls, lambda: self.server.seq() > before)
        self.addCleanup(cutter.close)
        result = self.assertExit(80, self.heads[UNIT]("score", "TC8=1", "-s", cutter.address, "--id", id_, "--no-spool"))
        self.assertIn(id_, result.err)

    def test_130(self):
        """130: interrupted"""
        with listening() as silent:
            process = harness.spawn([harness.THIDUA, "-s", address_of(silent), "totals", "--timeout", "20"], self.server.env,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stream, _ = silent.accept()  # it has begun
            with stream:
                stream.recv(1)
                process.send_signal(signal.SIGINT)
                # a shell shows 130 for a program that ends by the signal itself, too
                self.assertIn(process.wait(10), (130, -signal.SIGINT))
            harness.end(process)


class Damaged(ServerCase):
    def test_70(self):
        """70: a row that is damaged on disk is reported as such, never read back as good"""
        head = harness.open_for_scoring(self.server, definition(["xa-hong"]))[0]
        link = self.server.login(head)
        link.score({code: 825 for code in CODES}, note="dấu vết để tìm lại")
        link.score({"TC1": 850})
        link.close()
        self.assertEqual(self.server.stop(), 0)
        path = f"{self.server.state}/data.mdb"
        with open(path, "r+b") as file:
            whole = file.read()
            begin, count = 0, 0
            while (begin := whole.find("dấu vết để tìm lại".encode(), begin)) >= 0:
                file.seek(begin)
                file.write(bytes([whole[begin] ^ 1]))
                begin, count = begin + 1, count + 1
        self.assertGreater(count, 0)
        self.server.start()
        result = self.assertExit(70, self.server.admin("history", "xa-hong", "-p", "lon-2026", "-o", "json"), "ROW_DAMAGED")
        self.assertEqual(result.error["status"], "INTERNAL")
        self.assertExit(0, self.server.admin("ping"))


if __name__ == "__main__":
    harness.main()
