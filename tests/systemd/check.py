#!/usr/bin/python3
"""The packages on a Debian 12 with a real systemd: from their installation to their purge, with all that happens to a server
in between. What was acknowledged is there after each step.

usage: check.py DEBS BASE    the folder of the packages; where to make and keep the root

Each step is a test and prints a line (TAP); the last line is `N passed, N failed`. Where systemd cannot be booted, that is
said, and the exit status is 2.
"""
import glob
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
import traceback

from machine import Machine, Unable, make_base, need
from served import PERIOD, SOCKETS, TIMERS, UNITS, World, done, equal, preset_text

STATE, BACKUPS = "/var/lib/thiduad", "/var/backups/thidua"
STEPS = []


def step(function):
    STEPS.append(function)
    return function


# ---- the steps, in this order ----

@step
def install(world):
    """install: sockets, service and timers run at once; nothing has failed; who owns what"""
    machine = world.machine
    world.before = machine.files()
    world.install(world.debs)
    world.is_well()
    for unit in ("thiduad.service", *SOCKETS, *TIMERS):
        equal(machine("systemctl", "is-enabled", unit).out.strip(), "enabled", unit)
    for path, expected in ((STATE, "700 thiduad thiduad"), (f"{STATE}/data.mdb", "600 thiduad thiduad"),
                           (f"{STATE}/tls.key", "600 thiduad thiduad"), ("/run/thidua/admin.sock", "660 thiduad thidua-admin"),
                           (BACKUPS, "700 thiduad thiduad"), ("/etc/thidua/thiduad.conf", "644 root root")):
        equal(done(machine("stat", "-c", "%a %U %G", path)).out.strip(), expected, path)
    status = done(machine("systemctl", "--no-pager", "status", "thiduad.service")).out
    assert "active (running)" in status, status


@step
def sandbox(world):
    """the sandbox is in force: no capability, no new privileges, a filter of system calls, no network, no way to write"""
    with open(f"/proc/{host_pid(world)}/status", encoding="ascii") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    equal(int(status["CapBnd"], 16), 0, "CapBnd")
    equal(int(status["CapEff"], 16), 0, "CapEff")
    equal(status["NoNewPrivs"], "1", "NoNewPrivs")
    equal(status["Seccomp"], "2", "Seccomp")
    pid = world.pid()
    inside = ["nsenter", f"--target={pid}", "--net", "cat", "/proc/net/dev"]
    devices = [line for line in world.machine(*inside).out.splitlines() if ":" in line]
    equal([line.split(":")[0].strip() for line in devices], ["lo"], "network devices")
    result = world.machine("nsenter", f"--target={pid}", "--mount", "touch", "/etc/thidua/x", "/usr/x", "/var/x")
    equal(result.err.count("Read-only file system"), 3, "read-only folders")


def host_pid(world):
    """The daemon's process as this machine sees it."""
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/status", encoding="ascii") as file:
                numbers = re.search(r"^NSpid:\t(.*)$", file.read(), re.M)
            if numbers and numbers[1].split()[1:] == [world.pid()] and \
                    os.readlink(f"/proc/{entry}/ns/pid") == os.readlink(f"/proc/{world.machine.leader}/ns/pid"):
                return entry
        except (OSError, TypeError):
            continue
    raise AssertionError("the daemon is not to be seen")


@step
def administrators(world):
    """a member of thidua-admin administers, somebody else on the machine does not even reach the socket"""
    machine = world.machine
    for name in ("an", "binh"):
        done(machine("useradd", "--create-home", name))
    done(machine("usermod", "--append", "--groups", "thidua-admin", "an"))
    equal(machine("runuser", "-u", "an", "--", "thidua", "admin", "stats").status, 0, "a member")
    equal(machine("runuser", "-u", "binh", "--", "thidua", "admin", "stats").status, 77, "somebody else")


@step
def first_scores(world):
    """enrol over TLS, sign, score: over IPv4 and IPv6"""
    world.machine.write("/root/period.conf", preset_text())
    done(world.thidua("period", "load", "/root/period.conf"))
    for number, unit in enumerate(UNITS):
        world.enrol(unit, unit, "head", "[::1]:22022" if number % 2 else "127.0.0.1:22022")
        done(world.person(unit, "sign", "-p", PERIOD))
    world.enrol("council", "-", "council")
    for state in ("signed", "scoring"):
        done(world.person("council", "period", "advance", state, "-p", PERIOD))
    for unit in UNITS:
        done(world.score(unit, 5))
    world.settle()


@step
def killed(world):
    """kill -9: the service is back by itself"""
    before, began = world.pid(), time.monotonic()
    done(world.machine("systemctl", "kill", "--signal=KILL", "thiduad.service"))
    world.wait("another process", lambda: world.pid() not in ("0", before) and
               world.show("thiduad.service", "ActiveState") == "active")
    print(f"# back after {time.monotonic() - began:.1f} s")
    done(world.score(UNITS[0], 6))
    world.settle()


@step
def hung(world):
    """a daemon that hangs (SIGSTOP) is restarted by the watchdog"""
    drop_in = "/etc/systemd/system/thiduad.service.d/quick.conf"
    world.machine.write(drop_in, "[Service]\nWatchdogSec=3s\n")
    done(world.machine("systemctl", "daemon-reload"))
    done(world.machine("systemctl", "restart", "thiduad.service"))
    before, began = world.pid(), time.monotonic()
    time.sleep(7)
    equal(world.pid(), before, "the process of a daemon that is well, after two watchdog times")
    began = time.monotonic()
    done(world.machine("systemctl", "kill", "--signal=STOP", "thiduad.service"))
    world.wait("another process", lambda: world.pid() not in ("0", before) and
               world.show("thiduad.service", "ActiveState") == "active")
    print(f"# restarted {time.monotonic() - began:.1f} s after it hung, WatchdogSec=3s")
    os.remove(world.machine.path(drop_in))
    done(world.machine("systemctl", "daemon-reload"))
    done(world.machine("systemctl", "restart", "thiduad.service"))
    assert "Watchdog timeout" in world.machine("journalctl", "-u", "thiduad.service").out
    done(world.score(UNITS[1], 6))
    world.settle()


@step
def reload(world):
    """reload takes the configuration over; one with a mistake fails, says where, and changes nothing"""
    before = world.pid()
    conf = "/etc/thidua/thiduad.conf"
    world.machine.write(conf, 'public = "diem.example.vn:22022"\n')
    done(world.machine("systemctl", "reload", "thiduad.service"))
    world.wait("the new public address", lambda: "diem.example.vn:22022:" in world.thidua(
        "admin", "invite", "-", "--role", "auditor").out)
    world.machine.write(conf, 'public = "diem.example.vn:22022"\nmax_conections = 5\n')
    assert world.machine("systemctl", "reload", "thiduad.service").status != 0, "a wrong configuration is no failure"
    assert f"{conf}:2" in world.machine("journalctl", "-u", "thiduad.service").out
    equal(world.pid(), before, "the process")
    equal(world.show("thiduad.service", "ActiveState"), "active", "the service")
    world.machine.write(conf, 'public = "diem.example.vn:22022"\n')
    done(world.machine("systemctl", "reload", "thiduad.service"))
    done(world.score(UNITS[2], 6))
    world.settle()


@step
def restarted(world):
    """five restarts under load: no connection is refused, no client exits with an error, nothing is lost or written twice"""
    def act():
        for _ in range(5):
            done(world.machine("systemctl", "restart", "thiduad.service"))
            time.sleep(0.5)
    calls = world.restart_under_load(act)
    print(f"# {calls} calls, none with an error")


@step
def own_key(world):
    """a key in the credential store is the one that is served, and without it the daemon's own again"""
    def pin():
        return re.search(r":([0-9a-f]{64}):", done(world.thidua("admin", "invite", "-", "--role", "auditor")).out)[1]
    own = pin()
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    der = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=key, check=True, stdout=subprocess.PIPE).stdout
    world.machine.write("/etc/credstore/thidua.key", key.decode(), 0o600)
    done(world.machine("systemctl", "restart", "thiduad.service"))
    equal(pin(), hashlib.sha256(der).hexdigest(), "the pin with a given key")
    os.remove(world.machine.path("/etc/credstore/thidua.key"))
    done(world.machine("systemctl", "restart", "thiduad.service"))
    equal(pin(), own, "the pin without one")
    world.settle()


@step
def backup(world):
    """the nightly backup, started by hand: a store that checks, and the key; the oldest go; and the weekly check"""
    machine = world.machine
    today = done(machine("date", "+%Y-%m-%d")).out.strip()
    old = [f"thidua-2020-{month:02}-{day:02}.mdb" for month in (1, 2, 3) for day in range(1, 29)]
    for name in old + ["thidua-2019-12-31.mdb", "mine.mdb"]:
        machine.write(f"{BACKUPS}/{name}", "x")
    machine("chown", "-R", "thiduad:", BACKUPS)
    machine.write("/etc/systemd/system/thiduad-backup.service.d/keep.conf", "[Service]\nEnvironment=KEEP_DAYS=10 KEEP_MONTHS=3\n")
    done(machine("systemctl", "daemon-reload"))
    done(machine("systemctl", "start", "thiduad-backup.service"))
    newest = sorted(old)[-9:] + [f"thidua-{today}.mdb"]
    firsts = ["thidua-2020-02-01.mdb", "thidua-2020-03-01.mdb"]
    equal(sorted(os.listdir(machine.path(BACKUPS))), sorted(newest + firsts + ["mine.mdb", "tls.key"]), "what is kept")
    for name in (f"thidua-{today}.mdb", "tls.key"):
        equal(stat.S_IMODE(os.stat(machine.path(f"{BACKUPS}/{name}")).st_mode), 0o600, name)
    done(machine("mkdir", "-m", "700", "/root/drill"))
    done(machine("cp", f"{BACKUPS}/thidua-{today}.mdb", "/root/drill/data.mdb"))
    done(machine("thiduad", "check", "--state", "/root/drill"))
    done(machine("systemctl", "start", "thiduad-check.service"))
    equal(world.show("thiduad-check.service", "ExecMainStatus"), "0", "the check")
    assert "thiduad-check.service: Deactivated successfully" in machine("journalctl", "-u", "thiduad-check.service").out
    listed = machine("systemctl", "list-timers", "--no-legend").out
    for timer in TIMERS:
        assert timer in listed, listed
    world.is_well()


@step
def stopped(world):
    """stopping the sockets stops all; starting the service brings all back"""
    done(world.machine("systemctl", "stop", *SOCKETS))
    for unit in ("thiduad.service", *SOCKETS):
        equal(world.show(unit, "ActiveState"), "inactive", unit)
    done(world.machine("systemctl", "start", "thiduad-backup.service"))  # nothing has changed: there is nothing to do
    equal(world.show("thiduad.service", "ActiveState"), "inactive", "the service after the timer")
    done(world.machine("systemctl", "start", "thiduad.service"))
    world.is_well()
    world.settle()


@step
def activated(world):
    """a daemon that was stopped starts when somebody connects"""
    done(world.machine("systemctl", "stop", "thiduad.service"))
    done(world.score(UNITS[3], 6))
    world.is_well()


@step
def rebooted(world):
    """a reboot: all is back"""
    world.machine.reboot()
    world.is_well()
    world.settle()
    done(world.score(UNITS[4], 6))


@step
def power_cut(world):
    """every process ends at once under load: all is back, nothing acknowledged is lost"""
    over = threading.Event()

    def work(unit):
        n = 0
        while not over.is_set():
            n += 1
            world.score(unit, n % 12)  # whatever the last one ends with: its machine was cut off

    workers = [threading.Thread(target=work, args=(unit,)) for unit in UNITS[:3]]
    for worker in workers:
        worker.start()
    time.sleep(1)
    world.machine.cut_power()
    over.set()
    for worker in workers:
        worker.join()
    world.machine.boot()
    world.is_well()
    result = done(world.thidua("audit", "-o", "ndjson"))
    written = {row["id"]: (row["unit"], row["seq"]) for row in map(json.loads, result.out.splitlines())
               if row["event"] == "score_set"}
    equal({id for id, where in world.acknowledged.items() if written.get(id) != where}, set(), "acknowledged and lost")
    world.acknowledged = written  # the clients that would have kept theirs were cut off as well
    world.kept = {}


@step
def upgraded(world):
    """an upgrade under load: no connection is refused, no client exits with an error, nothing is lost; the administrator's configuration stays"""
    before = world.pid()
    world.newer = [rebuild(deb, world.machine.home) for deb in world.debs]
    calls = world.restart_under_load(lambda: world.install(world.newer))
    print(f"# {calls} calls, none with an error")
    assert world.pid() != before, "the daemon was not restarted"
    assert "+newer" in world.machine("dpkg-query", "-W", "thiduad").out
    with open(world.machine.path("/etc/thidua/thiduad.conf"), encoding="utf-8") as file:
        equal(file.read(), 'public = "diem.example.vn:22022"\n', "thiduad.conf")
    world.is_well()


def rebuild(deb, folder):
    """The same package under a later version."""
    tree = f"{folder}/{os.path.basename(deb)}.tree"
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    with open(f"{tree}/DEBIAN/control", encoding="utf-8") as file:
        control = file.read()
    version = re.search(r"^Version: (.*)$", control, re.M)[1]
    with open(f"{tree}/DEBIAN/control", "w", encoding="utf-8") as file:
        file.write(control.replace(f"Version: {version}", f"Version: {version}+newer").replace(
            f"(= {version})", f"(= {version}+newer)"))
    made = f"{folder}/newer-{os.path.basename(deb)}"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, made], check=True, stdout=subprocess.DEVNULL)
    return made


@step
def removed(world):
    """remove: nothing runs and nothing has failed; records and configuration stay, and the package finds them again"""
    machine = world.machine
    equal(world.show("thiduad-metrics.socket", "ActiveState"), "inactive", "what is off by default")
    done(machine("systemctl", "enable", "thiduad-metrics.socket"))
    done(machine("systemctl", "restart", "thiduad.service"))
    equal(world.show("thiduad-metrics.socket", "ActiveState"), "active", "what was enabled")
    done(machine("apt-get", "-qq", "-y", "remove", "thiduad"))
    running = machine("sh", "-c", "cat /proc/[0-9]*/comm").out.split()
    assert "systemd" in running and "thiduad" not in running, running
    equal(machine("systemctl", "--failed", "--no-legend", "--plain").out, "", "failed units")
    for unit in ("thiduad.service", "thiduad-metrics.socket", *SOCKETS):
        equal(world.show(unit, "ActiveState"), "inactive", unit)
    assert not os.path.exists(machine.path("/usr/sbin/thiduad"))
    for kept in (f"{STATE}/data.mdb", f"{STATE}/tls.key", BACKUPS, "/etc/thidua/thiduad.conf"):
        assert os.path.exists(machine.path(kept)), f"{kept} is gone"
    world.install(world.newer)
    world.is_well()
    world.settle()
    done(world.score(UNITS[5], 6))


@step
def purged(world):
    """purge: the records go, and nothing that the packages brought is left"""
    machine = world.machine
    done(machine("apt-get", "-qq", "-y", "purge", "thiduad", "thidua"))
    equal(machine("systemctl", "--failed", "--no-legend", "--plain").out, "", "failed units")
    done(machine("rm", "-rf", "/debs", "/etc/systemd/system/thiduad-backup.service.d", "/etc/systemd/system/thiduad.service.d"))
    ours = {path for path in machine.files() - world.before if re.search("thidua", path) and not path.startswith("/root/")}
    equal(ours, set(), "left behind")
    for name in ("passwd", "group"):
        assert re.search("thidua", machine("getent", name).out), "the users are kept, so that nobody gets their numbers"


# ---- running them ----

def run(world, function, number):
    began, good, text = time.monotonic(), True, ""
    try:
        function(world)
    except Exception:
        good, text = False, traceback.format_exc()
        if os.environ.get("KEEP") != "1":
            text += world.machine("journalctl", "-n", "60", "--no-pager").out if world.machine.leader else ""
    for line in text.splitlines():
        print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} {number} - {function.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
    return good


def packages_of(debs):
    """What the packages depend on, apart from each other: the first of each choice."""
    names = set()
    for deb in debs:
        text = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, stdout=subprocess.PIPE, text=True).stdout
        names |= {choice.split("|")[0].split("(")[0].strip() for choice in text.split(",")}
    return sorted(names - {"thidua", "thiduad", ""})


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, base = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    debs = sorted(deb for deb in glob.glob(f"{folder}/thidua*.deb") if "dbgsym" not in deb)
    try:
        need(len(debs) == 2, f"the packages are not in {folder}: run make deb")
        make_base(base, packages_of(debs))
        machine = Machine(base)
        began = time.monotonic()
        machine.boot()
        print(f"# a real systemd runs as PID 1, booted in {time.monotonic() - began:.1f} s")
    except Unable as why:
        print(f"check-systemd cannot run here: {why}", file=sys.stderr)
        sys.exit(2)
    world = World(machine, debs)
    results = []
    for number, function in enumerate(STEPS, 1):
        results.append(run(world, function, number))
        if not results[-1] and function in (install, first_scores):
            break  # nothing after it could tell anything
    machine.close()
    print(f"1..{len(results)}")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed", flush=True)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
