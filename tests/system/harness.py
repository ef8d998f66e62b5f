"""Starts the real daemon on a temporary folder and drives the real client. What a test starts is ended with it."""
import atexit
import collections
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("THIDUA_BUILD", os.path.join(TOP, "build")))
THIDUAD = os.environ.get("THIDUAD", os.path.join(BUILD, "thiduad"))
THIDUA = os.environ.get("THIDUA", os.path.join(BUILD, "thidua"))
CLOCK_MOVED = os.path.join(BUILD, "tests", "fault", "clock_moved.so")
PRESET = os.path.join(TOP, "server", "presets", "hn-cum-1-2022.conf")
SCALE = float(os.environ.get("THIDUA_TEST_SCALE", "1"))  # of the long tests: 10 is ten times as much
PATIENCE = 30  # seconds that anything local may take before it counts as hanging

for folder in (os.path.join(BUILD, "gen", "python"), os.path.join(BUILD, "..", "gen", "python"), HERE):
    sys.path.insert(0, folder)

import thidua_client  # noqa: E402
from thidua_client import pb  # noqa: E402

UNITS = ["quan-ba-dinh", "quan-hoang-mai", "quan-hoan-kiem", "quan-dong-da", "quan-hai-ba-trung", "quan-long-bien"]
CODES = [f"TC{n}" for n in range(1, 9)]
PERIOD = "hn-cum-1-2022"

# ---- processes ----

_running = set()
_libc = ctypes.CDLL(None)


def _with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: whatever ends this program ends its daemons too


def _end_all():
    for process in list(_running):
        end(process)


def end(process):
    """Kills the process with its group, and reaps it."""
    _running.discard(process)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


atexit.register(_end_all)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def spawn(command, env, **more):
    process = subprocess.Popen(command, env=env, start_new_session=True, preexec_fn=_with_parent, **more)
    _running.add(process)
    return process


def clean_env(home):
    """An environment in which nothing of the person who runs the tests is seen."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("THIDUA", "XDG_", "NOTIFY_", "LISTEN_")) and name != "NO_COLOR"}
    env.update(HOME=home, XDG_CONFIG_HOME=f"{home}/config", XDG_STATE_HOME=f"{home}/state", XDG_RUNTIME_DIR=f"{home}/run",
               LC_ALL="C.UTF-8", LANG="C.UTF-8")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        os.makedirs(env[name], mode=0o700, exist_ok=True)
    return env


class Result(collections.namedtuple("Result", "status out err command")):
    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        """The error object on standard error under -o json; {} where there is none."""
        for line in reversed(self.err.splitlines()):
            if line.startswith("{"):
                return json.loads(line)
        return {}

    def __str__(self):
        return f"$ {' '.join(self.command)}\nexit {self.status}\n{self.out}{self.err}"


def run(command, env, input=None, timeout=PATIENCE):
    done = subprocess.run([str(word) for word in command], env=env, input=input, timeout=timeout, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **({} if input is not None else {"stdin": subprocess.DEVNULL}))
    return Result(done.returncode, done.stdout, done.stderr, [str(word) for word in command])


# ---- the daemon ----

LISTEN = ("unix:{state}/admin.sock", "127.0.0.1:0", "plain:127.0.0.1:0")


class Server:
    """One daemon on a folder of its own. Leaves nothing behind after close()."""

    def __init__(self, listen=LISTEN, conf="", binary=None, start=True):
        self.home = tempfile.mkdtemp(prefix="thidua-")
        self.env = clean_env(self.home)
        self.state = f"{self.home}/ledger"
        self.listen = [address.format(state=self.state, home=self.home) for address in listen]
        self.conf = f"{self.home}/thiduad.conf"
        self.binary = binary or THIDUAD
        self.process, self.log = None, []
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(conf)
        atexit.register(self.close)
        if start:
            self.start()

    def command(self, *more):
        words = [self.binary, "-c", self.conf, "--state", self.state]
        for address in self.listen:
            words += ["--listen", address]
        return words + list(more)

    def start(self, clock=0):
        """Returns once the daemon says that it is ready. Its wall clock reads `clock` seconds later than ours."""
        self.log, ready = [], threading.Event()
        env = dict(self.env, LD_PRELOAD=CLOCK_MOVED, THIDUA_CLOCK_MOVED=str(clock)) if clock else self.env
        self.process = spawn(self.command(), env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr, ready), daemon=True)
        self._reader.start()
        if not ready.wait(PATIENCE) or self.process.poll() is not None:
            raise AssertionError("the daemon did not get ready:\n" + "".join(self.log))
        self.read_addresses()
        return self

    def _read_log(self, stream, ready):
        with stream:
            for line in stream:
                self.log.append(line.decode("utf-8", "replace"))
                if b"ready" in line:
                    ready.set()
        ready.set()

    def read_addresses(self):
        self.unix = self.tls = self.plain = None
        with open(f"{self.state}/addresses", encoding="utf-8") as file:
            for line in file.read().splitlines():
                if line.startswith("unix:"):
                    self.unix = line
                elif line.startswith("plain:"):
                    self.plain = line
                else:
                    self.tls = line.removeprefix("tls").lstrip(" :")
        # A restart takes the same ports, so that profiles go on pointing at it.
        self.listen = [address for address in (self.unix, self.tls, self.plain) if address]

    def logged(self, pattern):
        """The first line of the log that matches, waited for; None where none comes."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for line in list(self.log):
                if re.search(pattern, line):
                    return line
            time.sleep(0.02)
        return None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        """The exit status; the whole log is there afterwards."""
        status = self.process.wait(timeout)
        self._reader.join(PATIENCE)
        _running.discard(self.process)
        return status

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        end(self.process)
        self._reader.join(PATIENCE)

    def close(self):
        if self.process and self.process.poll() is None:
            end(self.process)
        shutil.rmtree(self.home, ignore_errors=True)

    def check(self, state=None):
        return run([self.binary, "check", "--state", state or self.state], self.env, timeout=120)

    # -- the shipped client --

    def thidua(self, *words, input=None, env=None, server=None, lang="en"):
        """The client as local administration, or with the flags given."""
        words = [str(word) for word in words]
        if "--profile" not in words and "-s" not in words and "--server" not in words:
            words = ["-s", server or self.unix] + words
        return run([THIDUA, "--lang", lang] + words, env or self.env, input)

    def admin(self, *words, **more):
        return self.thidua(*words, **more)

    def invite(self, unit, role, *more):
        """The LINE of an invitation."""
        result = self.admin("admin", "invite", unit or "-", "--role", role, "--host", self.tls, *more)
        assert result.status == 0, result
        match = re.search(r"^thidua enrol (\S+)$", result.out, re.M)
        assert match, result
        return match[1]

    def office(self, unit, role):
        """A person with a profile of its own, enrolled over TLS by the shipped client."""
        person = Person(self, tempfile.mkdtemp(prefix="profile-", dir=self.home) + "/profile")
        result = person("enrol", self.invite(unit, role))
        assert result.status == 0, result
        return person

    # -- the independent client --

    def connect(self, address=None, **more):
        return thidua_client.Client(address or self.plain or self.unix, **more)

    def enrol_all(self, pairs):
        """[(unit or None, role number)] to [(account, token)], through the independent client."""
        local, accounts = self.connect(self.unix), []
        for unit, role in pairs:
            code = os.urandom(16)
            local.write(invite=pb.Invite(unit=unit, role=role, code_hash=thidua_client.hashlib.sha256(code).digest(),
                                         ttl_ms=3600 * 1000))
            link = self.connect()
            accounts.append(link.enrol(code))
            link.close()
        local.close()
        return accounts

    def login(self, account, address=None, **more):
        link = self.connect(address, **more)
        link.authenticate(*account)
        return link

    def seq(self):
        """The number of the last entry: unchanged means that nothing was written."""
        link = self.connect(self.unix)
        seq = link.ask(ping=pb.Ping()).ping.seq
        link.close()
        return seq


class Person:
    """The client with one profile."""

    def __init__(self, server, profile):
        self.server, self.profile = server, profile

    def __call__(self, *words, **more):
        return self.server.thidua("--profile", self.profile, *words, **more)


# ---- periods ----

def preset_text(deadline="2099-11-30", total="100,00", step="0,25", titles=("Tuyên truyền, vận động, đại đoàn kết",
                                                               "Dân chủ, giám sát, phản biện xã hội",
                                                               "Đối ngoại nhân dân")):
    """The preset that is shipped, its three unnamed criteria given texts marked suggested; a step and a deadline."""
    with open(PRESET, encoding="utf-8") as file:
        text = file.read()
    for code, title in zip(("TC6", "TC7", "TC8"), titles):
        begin = re.search(rf'^\s*criterion\s+"{code}"\s*\{{', text, re.M).start()
        end_ = text.index("}", begin)
        block = re.sub(r'title\s*=\s*"[^"]*"', f'title = "{title}"', text[begin:end_])
        block = re.sub(r"provenance\s*=\s*unnamed", "provenance = suggested", block)
        text = text[:begin] + block + text[end_:]
    text = re.sub(r'^\s*(#\s*)?(deadline)\s*=.*\n', "", text, flags=re.M)
    text = re.sub(r'^(total\s*=).*$', rf'\1 "{total}"', text, flags=re.M)
    text = re.sub(r'^(\s*max\s*=.*)$', rf'\1\n  step = "{step}"', text, flags=re.M)
    return re.sub(r'^(year\s*=.*)$', rf'\1\ndeadline = "{deadline}"', text, count=1, flags=re.M)


def definition(units, codes=CODES, id="lon-2026", step_cp=25, total_cp=10000, **more):
    """A period on the wire whose maxima are equal and add up."""
    maxima = [total_cp // len(codes)] * len(codes)
    maxima[-1] += total_cp - sum(maxima)
    return pb.PeriodDefinition(
        id=id, name="Kỳ thử", cluster="cum-thu", year=2026, total_cp=total_cp, deadline_ms=4000000000000,
        hard_close=False, visibility=pb.AFTER_DEADLINE, bonus_cap_cp=0,
        units=[pb.UnitDefinition(id=unit, name=unit.replace("-", " ").title()) for unit in units],
        criteria=[pb.CriterionDefinition(code=code, title=f"Tiêu chí {code}", provenance=pb.NAMED, max_cp=maximum,
                                         step_cp=step_cp, formula=pb.MANUAL) for code, maximum in zip(codes, maxima)],
        **more)


def open_for_scoring(server, period, heads=None):
    """Loads a definition, has every head sign, and advances to scoring, all on the wire. Gives the heads' accounts."""
    local = server.connect(server.unix, timeout=60)
    local.write(period_load=pb.PeriodLoad(definition=period))
    local.close()
    heads = heads or server.enrol_all([(unit.id, pb.HEAD) for unit in period.units])
    for head in heads:
        link = server.login(head)
        link.write(sign=pb.Sign(period=period.id))
        link.close()
    council = server.login(server.enrol_all([(None, pb.COUNCIL)])[0])
    for state in (pb.SIGNED, pb.SCORING):
        council.write(period_advance=pb.PeriodAdvance(period=period.id, state=state))
    council.close()
    return heads


class Cluster:
    """The six districts, everybody enrolled with the shipped client, the period in scoring."""

    def __init__(self, server, text=None, until="scoring", heads=UNITS):
        self.server = server
        self.file = f"{server.home}/period.conf"
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text or preset_text())
        assert_done(server.admin("period", "load", self.file))
        self.heads = {unit: server.office(unit, "head") for unit in heads}
        self.council = server.office(None, "council")
        if until in ("signed", "scoring"):
            for head in self.heads.values():
                assert_done(head("sign", "-p", PERIOD))
            assert_done(self.council("period", "advance", "signed", "-p", PERIOD))
        if until == "scoring":
            assert_done(self.council("period", "advance", "scoring", "-p", PERIOD))


def assert_done(result):
    assert result.status == 0, f"\n{result}"
    return result


# ---- tests ----

class Case(unittest.TestCase):
    maxDiff = None

    def assertExit(self, status, result, reason=None):
        """The client's exit status and, where the command says -o json, the reason of its error."""
        self.assertEqual(result.status, status, f"\n{result}")
        if reason:
            self.assertEqual(result.error.get("reason"), reason, f"\n{result}")
        return result

    def assertRefused(self, status, reason, call, *args, **more):
        """The independent client is refused with this status and, as one of its problems, this reason."""
        with self.assertRaises(thidua_client.Refused) as caught:
            call(*args, **more)
        self.assertEqual(caught.exception.status, status, caught.exception)
        if reason:
            self.assertIn(reason, caught.exception.reasons)
        return caught.exception


class ServerCase(Case):
    """A daemon for the whole class."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()


class ClusterCase(ServerCase):
    """The same with the six districts in scoring."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = Cluster(cls.server)
        cls.heads, cls.council = cls.cluster.heads, cls.cluster.council


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0

    def line(self, good, test, text="", note=""):
        self.count += 1
        for part in text.splitlines():
            print(f"# {part}")
        name = test.shortDescription() or getattr(test, "_testMethodName", str(test))
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}{note}", flush=True)

    def addSuccess(self, test):
        self.line(True, test)

    def addSkip(self, test, reason):
        self.line(True, test, note=f" # SKIP {reason}")

    def addError(self, test, err):
        super().addError(test, err)
        self.line(False, test, "".join(traceback.format_exception(*err)))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(False, test, "".join(traceback.format_exception(*err)))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.line(False, subtest, "".join(traceback.format_exception(*err)))


def main():
    """Runs the tests of the program that calls it, or those whose names hold a word of the command line."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    tests = [test for group in suite for test in group]
    if sys.argv[1:]:
        tests = [test for test in tests if any(word in test.id() for word in sys.argv[1:])]
    result = Tap()
    began = time.monotonic()
    unittest.TestSuite(tests).run(result)
    print(f"1..{result.count}\n# {time.monotonic() - began:.1f} s", flush=True)
    sys.exit(0 if result.wasSuccessful() else 1)
