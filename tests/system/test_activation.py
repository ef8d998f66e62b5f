#!/usr/bin/python3
"""Sockets that systemd holds: told apart by name, and nobody is refused or loses anything while the daemon restarts."""
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time

import harness
from activation import Parent, tcp_socket, unix_socket
from harness import PERIOD, SCALE, UNITS, Case, Cluster, pb

RESTARTS = int(6 * SCALE)


class Passed(Case):
    def test_both_kinds(self):
        """a Unix socket and one of both IP families are served; nothing else is opened; TLS alone on TCP"""
        parent = Parent()
        self.assertEqual(len([line for line in parent.log if "listening" in line]), 2)
        self.assertExit(0, parent.admin("admin", "stats"))
        person = parent.office("-", "council")
        self.assertExit(0, person("whoami"))
        port = parent.tls.rpartition(":")[2]
        self.assertExit(0, person("-s", f"[::1]:{port}", "whoami"))
        with self.assertRaises((EOFError, OSError, harness.thidua_client.Refused)):
            parent.connect(f"plain:127.0.0.1:{port}").ask(ping=pb.Ping())
        self.assertEqual(parent.stop(), 0)
        self.assertTrue(os.path.exists(f"{parent.home}/admin.sock"), "the socket is systemd's to remove")
        parent.close()

    def test_names(self):
        """names are believed: one that does not suit the socket, or that is of something else, is refused at start"""
        home = tempfile.mkdtemp(prefix="thidua-")
        for number, (first, second) in enumerate((("tls", "admin"), ("admin", "elsewhere"), ("elsewhere", "tls"))):
            with self.subTest(f"{first} {second}"):
                parent = Parent([(first, unix_socket(f"{home}/{number}")), (second, tcp_socket())], start=False)
                parent.launch()
                self.assertEqual(parent.wait(), 69)
                self.assertIn("that systemd passed cannot be used", "".join(parent.log))
                parent.close()
        for number, names in enumerate((("thiduad-admin.socket", "thiduad.socket"), None)):
            with self.subTest(f"{names}"):
                parent = Parent([((names or ("", ""))[0], unix_socket(f"{home}/ok-{number}")),
                                 ((names or ("", ""))[1], tcp_socket())], names=bool(names))
                self.assertExit(0, parent.thidua("-s", f"unix:{home}/ok-{number}", "admin", "stats"))
                parent.close()
        shutil.rmtree(home)

    def test_notifications(self):
        """ready, reloading and ready again, stopping; the watchdog is fed while it runs"""
        parent = Parent(watchdog_ms=1500)
        self.assertTrue(parent.hears("READY=1"))
        for _ in range(2):
            self.assertTrue(parent.hears("WATCHDOG=1", after=len(parent.told)))
        said = len(parent.told)
        parent.signal(signal.SIGHUP)
        self.assertTrue(parent.hears("RELOADING=1", after=said))
        self.assertTrue(parent.hears("READY=1", after=said))
        self.assertTrue(any(line.startswith("MONOTONIC_USEC=") for line in parent.told))
        self.assertEqual(parent.stop(), 0)
        self.assertTrue(parent.hears("STOPPING=1"))
        parent.close()


class Load:
    """The shipped client, again and again, by several people at once."""

    def __init__(self, parent, cluster):
        self.parent, self.cluster, self.over = parent, cluster, threading.Event()
        self.failures, self.acknowledged, self.calls = [], {}, 0
        self.threads = [threading.Thread(target=work, daemon=True)
                        for work in [lambda unit=unit: self.score(unit) for unit in UNITS] + [self.read, self.knock]]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def call(self, person, *words):
        result = person(*words)
        self.calls += 1
        if result.status != 0:
            self.failures.append(str(result))
        return result

    def score(self, unit):
        n = 0
        while not self.over.is_set():
            n += 1
            result = self.call(self.cluster.heads[unit], "score", f"TC1={n % 12}", "-p", PERIOD, "-o", "json")
            if result.status == 0:
                self.acknowledged[result.json["id"]] = (unit, result.json["seq"])

    def read(self):
        while not self.over.is_set():
            self.call(self.cluster.council, "totals", "-p", PERIOD, "-o", "json")

    def knock(self):
        """Connections that nobody may refuse."""
        port = int(self.parent.tls.rpartition(":")[2])
        while not self.over.is_set():
            for family, address in ((socket.AF_UNIX, f"{self.parent.home}/admin.sock"), (socket.AF_INET, ("127.0.0.1", port)),
                                    (socket.AF_INET6, ("::1", port))):
                try:
                    with socket.socket(family) as peer:
                        peer.settimeout(harness.PATIENCE)
                        peer.connect(address)
                except OSError as failure:
                    self.failures.append(f"{address}: {failure}")
            time.sleep(0.005)


class Restart(Case):
    def restart_under_load(self, number, status):
        parent = Parent()
        cluster = Cluster(parent)
        with Load(parent, cluster) as load:
            for _ in range(RESTARTS):
                time.sleep(0.7)
                self.assertEqual(parent.restart(number), status)
            time.sleep(0.5)
        print(f"# {load.calls} calls, {len(load.acknowledged)} scores acknowledged, {RESTARTS} restarts")
        self.assertEqual(load.failures, [], f"{len(load.failures)} of {load.calls} calls failed")
        self.assertGreater(len(load.acknowledged), 10 * RESTARTS)
        self.compare(parent, load)
        self.assertEqual(parent.stop(), 0)
        self.assertExit(0, parent.check())
        parent.close()

    def compare(self, parent, load):
        """Every acknowledged score is one entry, where it said; and nothing else was written."""
        result = self.assertExit(0, parent.admin("audit", "-o", "ndjson"))
        rows = [row for row in map(json.loads, result.out.splitlines()) if row["event"] == "score_set"]
        written = {row["id"]: (row["unit"], row["seq"]) for row in rows}
        self.assertEqual(len(written), len(rows), "a score was written twice")
        self.assertEqual(written, load.acknowledged)

    def test_restart(self):
        """restarts by SIGTERM under load: no client exits with an error, nothing is lost or written twice"""
        self.restart_under_load(signal.SIGTERM, 0)

    def test_kill(self):
        """restarts after kill -9 under load: the same; an outcome that was unknown is settled by its id"""
        self.restart_under_load(signal.SIGKILL, -signal.SIGKILL)


if __name__ == "__main__":
    harness.main()
