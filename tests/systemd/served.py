"""The packages on a machine: who is enrolled there, and what has been acknowledged."""
import ctypes
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

sys.path.append(f"{os.path.dirname(os.path.abspath(__file__))}/../system")

from harness import PERIOD, UNITS, preset_text  # noqa: E402, F401

CLONE_NEWNET = 0x40000000
SOCKETS = ("thiduad.socket", "thiduad-admin.socket")
TIMERS = ("thiduad-backup.timer", "thiduad-check.timer")


def equal(found, expected, what=""):
    assert found == expected, f"{what}: {found!r} is not {expected!r}"


def done(result, *statuses):
    assert result.status in (statuses or (0,)), f"\n{result}"
    return result


class World:
    """The machine, who is enrolled on it, and what it has acknowledged."""

    def __init__(self, machine, debs):
        self.machine, self.debs = machine, debs
        self.acknowledged, self.kept = {}, {}
        self.lock = threading.Lock()

    def thidua(self, *words, **more):
        return self.machine("thidua", "--lang", "en", "--no-input", *words, **more)

    def person(self, who, *words):
        return self.thidua("--profile", f"/root/{who}", *words)

    def enrol(self, who, unit, role, host="127.0.0.1:22022"):
        made = done(self.thidua("admin", "invite", unit, "--role", role, "--host", host))
        line = re.search(r"^thidua enrol (\S+)$", made.out, re.M)[1]
        done(self.person(who, "enrol", line))

    def score(self, unit, points):
        """The exit status; what was acknowledged is remembered."""
        result = self.person(unit, "score", f"TC1={points}", "-p", PERIOD, "-o", "json")
        with self.lock:
            if result.status == 0:
                answer = json.loads(result.out)
                self.acknowledged[answer["id"]] = (unit, answer["seq"])
            elif result.status == 75:
                self.kept[json.loads(result.err.splitlines()[-1])["arguments"]["id"]] = unit
        return result

    def settle(self):
        """What an office has kept is sent; then every acknowledged score is where it was said to be."""
        for unit in UNITS:
            done(self.person(unit, "spool", "flush"))
        result = done(self.thidua("audit", "-o", "ndjson"))
        rows = [row for row in map(json.loads, result.out.splitlines()) if row["event"] == "score_set"]
        written = {row["id"]: (row["unit"], row["seq"]) for row in rows}
        equal(len(written), len(rows), "entries of one id")
        lost = {id for id, where in self.acknowledged.items() if written.get(id) != where}
        equal(lost, set(), "acknowledged and lost")
        equal({id: written[id][0] for id in written.keys() - self.acknowledged.keys()}, self.kept, "kept and sent")

    def show(self, unit, name):
        return self.machine("systemctl", "show", "--value", f"--property={name}", unit).out.strip()

    def wait(self, what, condition, seconds=30):
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, f"{what}: not within {seconds} s"
            time.sleep(0.1)

    def pid(self):
        return self.show("thiduad.service", "MainPID")

    def is_well(self):
        equal(self.machine("systemctl", "--failed", "--no-legend", "--plain").out, "", "failed units")
        for unit in ("thiduad.service", *SOCKETS, *TIMERS):
            equal(self.show(unit, "ActiveState"), "active", unit)

    def install(self, debs):
        os.makedirs(self.machine.path("/debs"), exist_ok=True)
        names = []
        for deb in debs:
            subprocess.run(["cp", deb, self.machine.path("/debs/")], check=True)
            names.append(f"/debs/{os.path.basename(deb)}")
        return done(self.machine("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", "install", *names,
                                 timeout=300))

    def knock(self, over, failures):
        """Connections that nobody may refuse, from within the machine's network."""
        with open(f"/proc/{self.machine.leader}/ns/net", "rb") as network:
            entered = ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET)  # for this thread alone
        if entered != 0:
            failures.append(f"the machine's network: {os.strerror(ctypes.get_errno())}")
        local = f"/proc/{self.machine.leader}/root/run/thidua/admin.sock"
        while not over.is_set():
            for family, address in ((socket.AF_UNIX, local), (socket.AF_INET, ("127.0.0.1", 22022)),
                                    (socket.AF_INET6, ("::1", 22022))):
                try:
                    with socket.socket(family) as peer:
                        peer.settimeout(30)
                        peer.connect(address)
                except OSError as failure:
                    failures.append(f"{address}: {failure}")
            time.sleep(0.01)

    def restart_under_load(self, act):
        """Everybody scores and reads while `act` runs, and nobody meets an error. Gives how many calls there were."""
        over, failures, calls = threading.Event(), [], [0]

        def work(call):
            n = 0
            while not over.is_set():
                n += 1
                result = call(n)
                with self.lock:
                    calls[0] += 1
                    if result.status != 0:
                        failures.append(str(result))

        workers = [threading.Thread(target=work, args=(lambda n, unit=unit: self.score(unit, n % 12),)) for unit in UNITS]
        workers += [threading.Thread(target=work, args=(lambda n: self.person("council", "totals", "-p", PERIOD),)),
                    threading.Thread(target=self.knock, args=(over, failures))]
        for worker in workers:
            worker.start()
        try:
            time.sleep(0.5)
            act()
            time.sleep(0.5)
        finally:
            over.set()
            for worker in workers:
                worker.join()
        equal(failures[:5], [], f"{len(failures)} failed calls, the first of them")
        self.settle()
        return calls[0]
