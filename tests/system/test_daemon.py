#!/usr/bin/python3
"""Starting, configuring, reloading, draining, and the folder that belongs to one daemon."""
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

import harness
from harness import Case, Server, assert_done, definition, open_for_scoring, pb


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Daemon(Case):
    def server(self, **more):
        server = Server(**more)
        self.addCleanup(server.close)
        return server

    @unittest.skipUnless(free(22022), "port 22022 is in use")
    def test_no_argument(self):
        """thiduad with no argument just runs, on the folders of the person who starts it"""
        server = self.server(start=False)
        process = harness.spawn([harness.THIDUAD], server.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(harness.end, process)
        for line in process.stderr:
            if b"ready" in line:
                break
        sock = f"{server.env['XDG_RUNTIME_DIR']}/thidua.sock"
        self.assertExit(0, server.thidua("ping", server=f"unix:{sock}"))
        self.assertExit(0, harness.run([harness.THIDUA, "whoami"], server.env))  # the client's default is this socket
        self.assertTrue(os.path.exists(f"{server.env['XDG_STATE_HOME']}/thiduad/data.mdb"))
        with socket.create_connection(("127.0.0.1", 22022), 5):
            pass
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_private_files(self):
        """key, store and folder are the daemon's alone; the key stays the same over a restart"""
        server = self.server()
        self.assertEqual(os.stat(server.state).st_mode & 0o077, 0)
        for name in os.listdir(server.state):
            if name.endswith((".key", ".mdb")):
                self.assertEqual(os.stat(f"{server.state}/{name}").st_mode & 0o077, 0, name)
        pin = server.connect().greeting.pin
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(server.connect().greeting.pin, pin)
        self.assertEqual(server.connect().greeting.ledger, server.connect(server.tls, pin=pin.hex()).greeting.ledger)

    def test_tls_1_3_only(self):
        """TLS below 1.3 is refused"""
        server = self.server()
        host, port = server.tls.rsplit(":", 1)
        context = harness.thidua_client.ssl.SSLContext(harness.thidua_client.ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, harness.thidua_client.ssl.CERT_NONE
        context.maximum_version = harness.thidua_client.ssl.TLSVersion.TLSv1_2
        with socket.create_connection((host, int(port)), 10) as stream, self.assertRaises(OSError):
            context.wrap_socket(stream)

    def test_second_daemon(self):
        """a second daemon on the same folder is refused with a message that names it, and the first serves on"""
        server = self.server()
        words = [harness.THIDUAD, "-c", server.conf, "--state", server.state, "--listen", f"unix:{server.home}/second.sock"]
        result = harness.run(words, server.env)
        self.assertNotEqual(result.status, 0)
        self.assertIn(server.state, result.err)
        self.assertExit(0, server.admin("ping"))

    def test_check_config(self):
        """--check-config says what is wrong with file and line, and exits 78; a good one 0"""
        server = self.server(start=False)
        for text, line in (('listen = {"unix:/tmp/x.sock"}\nno_such_key = 1\n', 2), ('\n\nlog_level = "loud"\n', 3),
                           ('listen = {"plain:192.0.2.1:22022"}\n', 1), ('max_connections = -5\n', 1), ('map_size = "x"\n', 1),
                           ('public = "no port"\n', 1), ('listen = {"127.0.0.1:99999"}\n', 1), ('log_level = "info\n', 2)):
            with open(server.conf, "w", encoding="utf-8") as file:
                file.write(text)
            with self.subTest(text):
                result = self.assertExit(78, harness.run([harness.THIDUAD, "--check-config", "-c", server.conf], server.env))
                self.assertRegex(result.err, rf"{server.conf}:{line}\b")
                self.assertExit(78, harness.run([harness.THIDUAD, "-c", server.conf, "--state", server.state], server.env))
        with open(server.conf, "w", encoding="utf-8") as file:
            file.write('listen = {"unix:/tmp/x.sock", "[::]:22022"}\npublic = "diem.example.vn:22022"\nlog_level = "info"\n')
        self.assertExit(0, harness.run([harness.THIDUAD, "--check-config", "-c", server.conf], server.env))
        missing = harness.run([harness.THIDUAD, "--check-config", "-c", f"{server.home}/missing.conf"], server.env)
        self.assertExit(78, missing)
        shipped = f"{harness.TOP}/systemd/thiduad.conf"
        self.assertExit(0, harness.run([harness.THIDUAD, "--check-config", "-c", shipped], server.env))

    def test_usage(self):
        """a wrong command line is 64; plain beyond loopback is refused"""
        server = self.server(start=False)
        for words in (["--no-such-flag"], ["no-such-verb"], ["--state"], ["check"]):
            with self.subTest(" ".join(words)):
                self.assertExit(64, harness.run([harness.THIDUAD, *words], server.env))
        result = harness.run([harness.THIDUAD, "--state", server.state, "--listen", "plain:192.0.2.1:1"], server.env)
        self.assertIn(result.status, (64, 78))
        self.assertIn("loopback", result.err)

    def test_drain(self):
        """SIGTERM: what is queued is committed and answered, nothing new is taken, exit 0"""
        server = self.server()
        heads = open_for_scoring(server, definition([f"xa-{number}" for number in range(4)]))
        links = [server.login(head) for head in heads]
        acknowledged, done = {}, threading.Barrier(5)

        def office(link):
            sent = {}
            done.wait()
            try:
                for n in range(100000):
                    request = link.request(os.urandom(16), score=pb.Score(lines=[pb.LineInput(criterion="TC1", points_cp=25 * (n % 51))]))
                    sent[request.id] = request.submission
                    link.send(request)
                    if len(sent) >= 32:
                        self.settle(link, sent, acknowledged)
            except OSError:
                pass
            try:
                while sent:
                    self.settle(link, sent, acknowledged)
            except (EOFError, OSError):
                pass

        threads = [threading.Thread(target=office, args=(link,), daemon=True) for link in links]
        for thread in threads:
            thread.start()
        done.wait()
        while len(acknowledged) < 200:
            time.sleep(0.001)  # load runs
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 10)
        for thread in threads:
            thread.join(20)
        self.assertExit(0, server.check())
        server.start()
        rows = server.connect(server.unix, timeout=60).ask(audit=pb.AuditQuery(since=0)).audit.rows
        entries = {entry.submission: entry.seq for entry in (pb.Entry.FromString(row.record) for row in rows)}
        self.assertEqual({submission: entries.get(submission) for submission in acknowledged}, acknowledged)

    def settle(self, link, sent, acknowledged):
        try:
            answer = link.answer()
        except harness.thidua_client.Refused as refused:
            assert refused.status == "UNAVAILABLE", refused
            sent.pop(refused.response.id)
            return
        acknowledged[sent.pop(answer.id)] = answer.score.seq

    def test_reload(self):
        """SIGHUP takes over what can be reloaded; a wrong file leaves things as they are and says so"""
        server = self.server(conf='public = "cu.example.vn:22022"\n')
        self.assertEqual(server.connect().greeting.public, "cu.example.vn:22022")
        for text, expected in (('public = "moi.example.vn:22022"\n', "moi.example.vn:22022"), ('public = "no port"\n', "moi.example.vn:22022")):
            with open(server.conf, "w", encoding="utf-8") as file:
                file.write(text)
            lines = len(server.log)
            server.signal(signal.SIGHUP)
            until = time.monotonic() + 10
            while len(server.log) == lines and time.monotonic() < until:
                time.sleep(0.01)
            self.assertGreater(len(server.log), lines, "a reload is not reported")
            self.assertEqual(server.connect().greeting.public, expected)
        self.assertIn(f"{server.conf}:1", "".join(server.log))

    def test_stale_socket(self):
        """a socket left over by kill -9 is no obstacle; a file that is no socket is not touched"""
        server = self.server()
        server.kill()
        server.start()
        self.assertEqual(server.stop(), 0)
        path = server.unix.removeprefix("unix:")
        with open(path, "w", encoding="ascii") as file:
            file.write("mine")
        result = harness.run(server.command(), server.env)
        self.assertNotEqual(result.status, 0)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")

    def test_address_in_use(self):
        """an address that is taken is named"""
        server = self.server()
        words = [harness.THIDUAD, "--state", f"{server.home}/other", "--listen", server.tls]
        result = harness.run(words, server.env)
        self.assertNotEqual(result.status, 0)
        self.assertIn(server.tls, result.err)

    def test_silent_connections_do_not_shut_out_offices(self):
        """a crowd of connections from one place that never speak leaves room for an office elsewhere"""
        server = self.server()
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        host, port = server.tls.rsplit(":", 1)
        crowd = []
        for _ in range(200):
            crowd.append(socket.create_connection((host, int(port)), 5, source_address=("127.0.0.2", 0)))
        link = server.login(head, timeout=2)
        self.assertEqual(link.score({"TC1": 25}).lines[0].revision, 1)
        for stream in crowd:
            stream.close()

    def test_stats(self):
        """admin stats counts: connections, entries, batches, refusals by status, file use"""
        server = self.server()
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        link = server.login(head)
        link.score({"TC1": 25})
        self.assertRefused("INVALID_ARGUMENT", "POINTS_STEP", link.score, {"TC1": 26})
        stats = server.connect(server.unix).ask(stats=pb.StatsQuery()).stats
        self.assertEqual(stats.seq, stats.entries)
        self.assertGreaterEqual(stats.connections, 2)
        self.assertTrue(0 < stats.batches <= stats.entries and 0 < stats.commit_p50_us <= stats.commit_p99_us)
        self.assertTrue(0 < stats.file_bytes < stats.map_bytes)
        self.assertEqual({pb.Status.Name(row.status): row.count for row in stats.refusals if row.count}, {"INVALID_ARGUMENT": 1})
        shown = assert_done(server.admin("admin", "stats", "-o", "json")).json
        self.assertEqual(shown["seq"], stats.seq)


class Clock(Case):
    def test_clock_stepping_back(self):
        """the sequence orders, not the clock: entries written while it reads earlier say so, and check warns"""
        server = Server()
        self.addCleanup(server.close)
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        self.assertEqual(server.stop(), 0)
        server.start(clock=-7200)
        link = server.login(head)
        seq = link.score({"TC1": 25}).seq
        rows = server.connect(server.unix).ask(audit=pb.AuditQuery(since=seq - 2)).audit.rows
        before, back = (pb.Entry.FromString(row.record) for row in rows)
        self.assertLess(back.time_ms, before.time_ms)
        self.assertEqual(back.clock_back_ms, before.time_ms - back.time_ms)
        self.assertEqual(server.connect(server.unix).ask(stats=pb.StatsQuery()).stats.clock_steps_back, 1)
        self.assertEqual(server.stop(), 0)
        result = self.assertExit(0, server.check())
        self.assertRegex((result.out + result.err).lower(), "clock|time")

    def test_deadline_passes_by_itself(self):
        """the passing of a deadline is an entry that nobody asks for"""
        server = Server()
        self.addCleanup(server.close)
        period = definition(["xa-mot"])
        period.deadline_ms = int(time.time() + 3) * 1000
        open_for_scoring(server, period)
        link, until, events = server.connect(server.unix), time.monotonic() + 20, []
        while "deadline_passed" not in events and time.monotonic() < until:
            time.sleep(0.1)  # the clock itself is what is waited for
            rows = [pb.Entry.FromString(row.record) for row in link.ask(audit=pb.AuditQuery(since=0)).audit.rows]
            events = [row.event.WhichOneof("body") for row in rows]
        self.assertEqual(events.count("deadline_passed"), 1)
        self.assertGreaterEqual(rows[events.index("deadline_passed")].time_ms, period.deadline_ms)

    def test_deadline_missed_while_down(self):
        """a deadline that passed while the daemon was down becomes an entry at its start"""
        server = Server()
        self.addCleanup(server.close)
        period = definition(["xa-mot"])
        period.deadline_ms = int(time.time() + 3600) * 1000
        head = open_for_scoring(server, period)[0]
        self.assertEqual(server.stop(), 0)
        for clock in (1800, 3700, 3800):
            server.start(clock)
            rows = server.connect(server.unix).ask(audit=pb.AuditQuery(since=0)).audit.rows
            events = [pb.Entry.FromString(row.record).event.WhichOneof("body") for row in rows]
            self.assertEqual(events.count("deadline_passed"), 0 if clock == 1800 else 1)
            if clock != 1800:
                self.assertTrue(server.login(head).score({"TC1": 25}).late)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
