#!/usr/bin/python3
"""Numbers for Prometheus on a socket of their own, the line of systemctl status, and what of refusals and writes is logged."""
import http.client
import os
import re
import socket
import tempfile
import threading
import time

import harness
from activation import Parent, tcp_socket, unix_socket
from harness import Case, Server, definition, open_for_scoring, pb
from prometheus_client.parser import text_string_to_metric_families

VISITS_MAX = 8    # connections at a time (server/net/metrics.h)
VISIT_SECONDS = 3  # that each may last


def loopback_socket(address="127.0.0.1"):
    held = socket.socket()
    held.bind((address, 0))
    held.listen(16)
    return held


class UnixHTTP(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=harness.PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class MetricsCase(Case):
    def served(self, conf='metrics = "127.0.0.1:0"\n', **more):
        """A daemon with metrics, and where they are."""
        server = Server(conf=conf, **more)
        self.addCleanup(server.close)
        return server, re.search(r"metrics on (\S+)", server.logged("metrics on"))[1]

    def ask(self, place, method="GET", path="/metrics", body=None):
        """(status, headers, body) of one request."""
        if place.startswith("unix:"):
            link = UnixHTTP(place.removeprefix("unix:"))
        else:
            link = http.client.HTTPConnection(place, timeout=harness.PATIENCE)
        try:
            link.request(method, path, body)
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            link.close()

    def scrape(self, place):
        """{(name, labels): value}, read by Prometheus' own parser."""
        status, headers, text = self.ask(place)
        self.assertEqual(status, 200, text)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        return {(sample.name, *sample.labels.values()): sample.value for family in self.families.values() for sample in family.samples}


class Numbers(MetricsCase):
    def test_off(self):
        """without being asked for, nothing is served"""
        server = Server()
        self.addCleanup(server.close)
        self.assertEqual([line for line in server.log if "metrics" in line], [])
        self.assertEqual(len([line for line in server.log if "listening" in line]), 3)

    def test_counters_move(self):
        """requests, refusals, entries, connections: as many as there were; the same as admin stats says"""
        server, place = self.served()
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        before = self.scrape(place)
        link = server.login(head)
        for n in range(3):
            link.score({"TC1": 25 * n})
        self.assertRefused("INVALID_ARGUMENT", "POINTS_STEP", link.score, {"TC1": 26})
        self.assertRefused("PERMISSION_DENIED", None, link.ask, accounts=pb.AccountsQuery())
        after = self.scrape(place)
        moved = {key: after[key] - before[key] for key in after if key[0].endswith("_total") and after[key] != before[key]}
        self.assertEqual(moved, {("thidua_requests_total",): 7, ("thidua_entries_total",): 3, ("thidua_batches_total",): 3,
                                 ("thidua_refusals_total", "INVALID_ARGUMENT"): 1, ("thidua_refusals_total", "PERMISSION_DENIED"): 1})
        self.assertEqual(after["thidua_journal_seq",], server.seq())
        self.assertEqual(after["thidua_connections", "authenticated"], 1)
        self.assertEqual(after["thidua_commit_seconds_count",] - before["thidua_commit_seconds_count",], 3)
        self.assertTrue(0 < after["thidua_commit_seconds", "0.5"] <= after["thidua_commit_seconds", "0.99"])
        self.assertTrue(0 < after["thidua_store_used_bytes",] < after["thidua_store_map_bytes",])
        self.assertTrue(abs(after["process_start_time_seconds",] - time.time()) < 300)
        self.assertIn("unauthenticated", {key[1] for key in after if key[0] == "thidua_connections"})
        self.compare_with_stats(server, after)

    def compare_with_stats(self, server, metrics):
        stats = harness.assert_done(server.admin("admin", "stats", "-o", "json")).json
        for key, name in (("entries", "thidua_entries_total"), ("batches", "thidua_batches_total"), ("seq", "thidua_journal_seq"),
                          ("file_bytes", "thidua_store_used_bytes"), ("map_bytes", "thidua_store_map_bytes"),
                          ("clock_steps_back", "thidua_clock_steps_back_total"), ("commits", "thidua_commit_seconds_count"),
                          ("queued", "thidua_writer_queue"), ("watchers", "thidua_watchers")):
            self.assertEqual(stats[key], metrics[name,], key)
        self.assertEqual(stats["commits_us"], round(metrics["thidua_commit_seconds_sum",] * 1e6))
        self.assertEqual(stats["commit_p99_us"], round(metrics["thidua_commit_seconds", "0.99"] * 1e6))
        self.assertEqual(stats["refusals"]["INVALID_ARGUMENT"], metrics["thidua_refusals_total", "INVALID_ARGUMENT"])
        self.assertTrue(stats["started"] and stats["committed"])
        self.assertIn(stats["version"], {key[1] for key in metrics if key[0] == "thidua_build_info"})

    def test_conventions(self):
        """each family has a help and a type, counters end with _total, times are seconds and sizes bytes; nobody is named"""
        server, place = self.served()
        self.scrape(place)
        for family in self.families.values():
            self.assertNotIn(family.type, ("unknown", "untyped"), family.name)
            self.assertTrue(family.documentation.strip(), family.name)
            self.assertRegex(family.name, r"^(thidua|process)_[a-z_]+$")
            self.assertEqual(family.type == "counter", f"{family.name}_total" in [sample.name for sample in family.samples], family.name)
        self.assertTrue(all(server.state not in str(family) for family in self.families.values()))

    def test_unix(self):
        """on a Unix socket too; its path goes with the daemon"""
        home = tempfile.mkdtemp(prefix="thidua-")
        self.addCleanup(harness.shutil.rmtree, home)
        server, place = self.served(f'metrics = "unix:{home}/m.sock"\n')
        self.assertEqual(place, f"unix:{home}/m.sock")
        self.assertIn(("thidua_journal_seq",), self.scrape(place))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(os.listdir(home), [])


class Refused(MetricsCase):
    def test_paths_and_methods(self):
        """only GET /metrics; nothing that has a body or is too long is read"""
        _, place = self.served()
        for path in ("/", "/metrics/", "/metric", "/metrics2", "/../metrics", "//metrics", "/%6detrics2"):
            self.assertEqual(self.ask(place, path=path)[0], 404, path)
        for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"):
            status, headers, _ = self.ask(place, method)
            self.assertEqual((status, headers["Allow"]), (405, "GET"), method)
        self.assertIn(self.ask(place, "BREW")[0], (405, 501))
        self.assertEqual(self.ask(place, "POST", body="x")[0], 413)
        self.assertEqual(self.ask(place, path="/metrics?" + "x" * 3000)[0], 200)
        for long in ("/" + "x" * 5000, "/" + "x" * 100000):
            try:
                self.assertGreaterEqual(self.ask(place, path=long)[0], 400)
            except (OSError, http.client.HTTPException):
                pass  # closed without a word, which is as good
        self.assertEqual(self.ask(place)[0], 200)

    def test_beyond_loopback(self):
        """an address that others can reach is refused at start, with file and line"""
        server = Server(start=False)
        self.addCleanup(server.close)
        for address in ("0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "[2001:db8::1]:9464", "9464", "metrics.example.vn:9464"):
            with self.subTest(address):
                with open(server.conf, "w", encoding="utf-8") as file:
                    file.write(f'# one\nmetrics = "{address}"\n')
                for words in (server.command(), [harness.THIDUAD, "--check-config", "-c", server.conf]):
                    result = self.assertExit(78, harness.run(words, server.env))
                    self.assertIn(f"{server.conf}:2: metrics: {address}", result.err)

    def test_score_port(self):
        """HTTP is not answered by the score ports, nor scores by the port for metrics"""
        server, place = self.served()
        for address in (server.tls, server.plain.removeprefix("plain:")):
            with self.assertRaises((OSError, http.client.HTTPException)):
                self.ask(address)
        with self.assertRaises((EOFError, OSError, harness.thidua_client.Refused)):
            server.connect(f"plain:{place}").ask(ping=pb.Ping())
        self.assertEqual(self.ask(place)[0], 200)

    def test_reload(self):
        """another address takes effect at the next start, and that is said"""
        server, place = self.served()
        with open(server.conf, "w", encoding="utf-8") as file:
            file.write("")
        server.signal(harness.signal.SIGHUP)
        self.assertTrue(server.logged("metrics has changed"))
        self.assertEqual(self.ask(place)[0], 200)


class Limits(MetricsCase):
    def knock(self, place):
        host, port = place.rsplit(":", 1)
        return socket.create_connection((host, int(port)), harness.PATIENCE)

    def lasts(self, stream, began, feed=b""):
        """Seconds from `began` until the daemon ends the connection, while something is sent to it again and again."""
        stream.settimeout(0.2)
        while time.monotonic() - began < 5 * VISIT_SECONDS:
            try:
                if feed:
                    stream.sendall(feed)
                if not stream.recv(4096):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        return time.monotonic() - began

    def test_slow(self):
        """who sends nothing, or a byte now and then, is gone after some seconds; others are served meanwhile"""
        server, place = self.served()
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        link = server.login(head)
        for feed in (b"", b"G", b"GET /metrics HTTP/1.1\r\nX: 1\r\n"):
            with self.subTest(feed), self.knock(place) as stream:
                began = time.monotonic()
                self.assertEqual(self.ask(place)[0], 200)
                link.score({"TC1": 25})
                self.assertLess(time.monotonic() - began, 1)
                self.assertLess(self.lasts(stream, began, feed), VISIT_SECONDS + 1.5)

    def test_crowd(self):
        """a crowd that never speaks takes few places and none of those who score; then metrics are served again"""
        server, place = self.served()
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        link = server.login(head)
        before = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        crowd = [self.knock(place) for _ in range(VISITS_MAX + 4)]
        began, slowest = time.monotonic(), 0
        for n in range(50):
            start = time.monotonic()
            link.score({"TC1": 25 * (n % 2)})
            slowest = max(slowest, time.monotonic() - start)
        self.assertLess(slowest, 1)
        held = len(os.listdir(f"/proc/{server.process.pid}/fd")) - before
        self.assertTrue(0 < held <= VISITS_MAX, held)
        self.assertEqual(self.ask(place)[0], 200)  # once the first of them are gone
        self.assertLess(time.monotonic() - began, 4 * VISIT_SECONDS)
        for stream in crowd:
            stream.close()

    def test_many(self):
        """hundreds one after the other, and at once: each is answered, and none is left over"""
        server, place = self.served()
        before, failures = len(os.listdir(f"/proc/{server.process.pid}/fd")), []

        def many():
            for _ in range(50):
                try:
                    if self.ask(place)[0] != 200:
                        failures.append("refused")
                except OSError as failure:
                    failures.append(failure)

        threads = [threading.Thread(target=many) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(failures, [])
        until = time.monotonic() + 5
        while len(os.listdir(f"/proc/{server.process.pid}/fd")) > before and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(len(os.listdir(f"/proc/{server.process.pid}/fd")), before)
        self.assertEqual(server.stop(), 0)

    def test_huge(self):
        """a request without end is cut off and costs next to no memory"""
        server, place = self.served()
        with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
            before = int(file.read().split()[1])
        with self.knock(place) as stream:
            stream.settimeout(5)
            sent = 0
            try:
                while sent < 64 << 20:
                    sent += stream.send(b"x" * 65536)
            except OSError:
                pass
        self.assertLess(sent, 16 << 20)
        with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
            self.assertLess(int(file.read().split()[1]) - before, 1024)  # pages
        self.assertEqual(self.ask(place)[0], 200)

    def test_stop(self):
        """a connection that is open does not keep the daemon from stopping"""
        server, place = self.served()
        with self.knock(place) as stream:
            stream.sendall(b"GET /met")
            began = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - began, 2)


class Passed(MetricsCase):
    def parent(self, *metrics, conf="", **more):
        parent = Parent(start=False, conf=conf, **more)
        parent.sockets += [("metrics", held) for held in metrics]
        self.addCleanup(parent.close)
        return parent

    def test_passed(self):
        """sockets of that name are served, TCP or Unix, and stand in for that of the configuration; they stay at the end"""
        home = tempfile.mkdtemp(prefix="thidua-")
        self.addCleanup(harness.shutil.rmtree, home)
        tcp, local = loopback_socket(), unix_socket(f"{home}/m.sock")
        parent = self.parent(tcp, local, conf=f'metrics = "unix:{home}/other.sock"\n').start()
        for place in (f"127.0.0.1:{tcp.getsockname()[1]}", f"unix:{home}/m.sock"):
            self.assertIn(("thidua_journal_seq",), self.scrape(place))
        self.assertExit(0, parent.admin("ping"))
        self.assertEqual(parent.restart(), 0)
        self.assertIn(("thidua_journal_seq",), self.scrape(f"unix:{home}/m.sock"))
        self.assertEqual(parent.stop(), 0)
        self.assertEqual(os.listdir(home), ["m.sock"])

    def test_alone(self):
        """passed alone, it leaves the other addresses as they are"""
        held = loopback_socket()
        parent = Parent([("metrics", held)], start=False, conf="")
        self.addCleanup(parent.close)
        parent.listen = [f"unix:{parent.home}/own.sock"]
        self.assertTrue(parent.launch().wait(harness.PATIENCE))
        self.assertExit(0, parent.thidua("ping", server=f"unix:{parent.home}/own.sock"))
        self.assertEqual(self.ask(f"127.0.0.1:{held.getsockname()[1]}")[0], 200)

    def test_beyond_loopback(self):
        """one that others can reach is refused at start"""
        for held in (tcp_socket(), loopback_socket("0.0.0.0")):
            parent = self.parent(held)
            parent.launch()
            self.assertEqual(parent.wait(), 69)
            self.assertRegex("".join(parent.log), 'the socket "metrics" that systemd passed cannot be used: .*loopback')

    def test_status(self):
        """the line of systemctl status says where the journal is and who is there, and is kept current"""
        parent = Parent()
        self.addCleanup(parent.close)
        self.assertTrue(self.says(parent, r"STATUS=entry 1; 0 connections, 0 watching; last commit at \S+Z, 99 of 100 within \S+ ms$"))
        head = open_for_scoring(parent_with_plain(parent), definition(["xa-mot"]))[0]
        self.assertTrue(head)
        self.assertTrue(self.says(parent, rf"STATUS=entry {parent.seq()}; \d+ connections"))
        parent.stop()

    def says(self, parent, pattern):
        until = time.monotonic() + harness.PATIENCE
        while time.monotonic() < until:
            if any(re.search(pattern, line) for line in list(parent.told)):
                return True
            time.sleep(0.05)
        return False


def parent_with_plain(parent):
    """The independent client reaches it by the local socket as whoever it says it is."""
    parent.plain = parent.unix
    return parent


class Log(Case):
    FACTS = re.compile(r" (unit|account|verb|status|reason|seq)=(\S+)")

    def facts(self, line):
        return dict(self.FACTS.findall(line))

    def test_writes_and_refusals(self):
        """accepted writes and refusals for want of permission or authentication say who, what and the answer; no secret"""
        server = Server()
        self.addCleanup(server.close)
        (account, token), = open_for_scoring(server, definition(["xa-mot"]))
        link = server.login((account, token))
        time.sleep(1.1)  # what came before has its lines of this second
        note = "Ghi chú mật 4711"
        submission = os.urandom(16)
        body = pb.Score(lines=[pb.LineInput(criterion="TC1", points_cp=25)], note=note)
        seq = link.ask(submission, score=body).score.seq
        self.assertEqual(self.facts(server.logged("accepted: score")),
                         {"unit": "xa-mot", "account": str(account), "verb": "score", "status": "OK", "seq": str(seq)})
        link.ask(submission, score=body)
        self.assertEqual(self.facts(server.logged("accepted before: score"))["seq"], str(seq))
        self.assertRefused("PERMISSION_DENIED", None, link.ask, accounts=pb.AccountsQuery())
        refused = self.facts(server.logged("refused: accounts"))
        self.assertEqual({key: refused[key] for key in ("unit", "account", "verb", "status")},
                         {"unit": "xa-mot", "account": str(account), "verb": "accounts", "status": "PERMISSION_DENIED"})
        self.assertTrue(refused["reason"].isupper() and "seq" not in refused)
        self.assertRefused("UNAUTHENTICATED", None, server.connect().authenticate, account, b"\x11" * 32)
        refused = self.facts(server.logged("refused: authenticate"))
        self.assertEqual((refused["account"], refused["status"], refused.get("unit")), (str(account), "UNAUTHENTICATED", None))
        self.assertRefused("INVALID_ARGUMENT", "POINTS_STEP", link.score, {"TC1": 26})
        self.assertRefused("NOT_FOUND", "CRITERION_UNKNOWN", link.score, {"TC99": 25})
        server.stop()
        log = "".join(server.log)
        for reason in ("POINTS_STEP", "CRITERION_UNKNOWN"):
            self.assertNotIn(reason, log)  # that is between the office and its data
        for secret in (note, "4711", token.hex(), "11" * 32):
            self.assertNotIn(secret, log)

    def test_limited(self):
        """a flood of writes leaves some lines a second, and how many were left out; refusals keep theirs"""
        server = Server()
        self.addCleanup(server.close)
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        link = server.login(head)
        began = time.monotonic()
        for n in range(400):
            link.score({"TC1": 25 * (n % 2)})
        seconds = time.monotonic() - began
        self.assertRefused("PERMISSION_DENIED", None, link.ask, accounts=pb.AccountsQuery())
        self.assertTrue(server.logged("refused: accounts"))
        self.assertTrue(server.logged("more lines about accepted writes were left out"))
        self.assertLessEqual(sum("accepted: score" in line for line in server.log), 20 * (seconds + 2))

    def test_level(self):
        """at log_level notice, accepted writes leave no line"""
        server = Server(conf="log_level = notice\n")
        self.addCleanup(server.close)
        open_for_scoring(server, definition(["xa-mot"]))
        self.assertEqual(server.stop(), 0)
        self.assertEqual([line for line in server.log if "accepted" in line], [])


if __name__ == "__main__":
    harness.main()
