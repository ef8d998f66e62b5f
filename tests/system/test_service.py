#!/usr/bin/python3
"""The units of the system service: systemd understands every line, the sandbox is tight, and each of its lines says why."""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import harness
from harness import TOP, Case

UNITS = sorted(glob.glob(f"{TOP}/systemd/thiduad*.*"))
SERVICES = [unit for unit in UNITS if unit.endswith(".service")]
EXPOSURE = 0.5  # at most, of systemd's 10; a service that opened its TCP sockets itself has 1.2
SYSTEM = "/lib/systemd/system"


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Units(Case):
    def setUp(self):
        if not shutil.which("systemd-analyze") or not os.path.isdir(SYSTEM):
            self.skipTest("systemd is not installed here")

    def verify(self, change=lambda text: text):
        """What systemd has to say of the units, on a tree where their programs and systemd's own units are."""
        with tempfile.TemporaryDirectory() as tree:
            os.makedirs(f"{tree}{SYSTEM}")
            for unit in glob.glob(f"{SYSTEM}/*.target") + glob.glob(f"{SYSTEM}/*.slice"):
                if os.path.isfile(unit):
                    shutil.copy(unit, f"{tree}{SYSTEM}")
            programs = {"/bin/sh"}
            for unit in UNITS:
                if unit.endswith((".service", ".socket", ".timer")):
                    with open(unit, encoding="utf-8") as file:
                        text = file.read()
                    with open(f"{tree}{SYSTEM}/{os.path.basename(unit)}", "w", encoding="utf-8") as file:
                        file.write(change(text))
                    programs |= set(re.findall(r"^Exec\w+=(\S+)", text, re.M))
            for program in programs:
                os.makedirs(os.path.dirname(tree + program), exist_ok=True)
                shutil.copy("/bin/true", tree + program)
            names = [os.path.basename(unit) for unit in UNITS if unit.endswith((".service", ".socket", ".timer"))]
            return analyze(f"--root={tree}", "--man=no", "verify", *names).stderr

    def test_verify(self):
        """systemd-analyze verify has nothing to say; of a key that it does not know it would"""
        self.assertEqual(self.verify(), "")
        self.assertIn("ProtectSistem", self.verify(lambda text: text.replace("ProtectSystem", "ProtectSistem")))

    def test_security(self):
        """systemd-analyze security: each service is exposed by at most 0.5"""
        for service in SERVICES:
            with self.subTest(os.path.basename(service)):
                found = analyze("security", "--offline=true", "--no-pager", service)
                level = re.search(r"Overall exposure level for \S+: (\S+)", found.stdout)
                self.assertTrue(level, found.stdout + found.stderr)
                print(f"# {os.path.basename(service)}: {level[1]}")
                self.assertLessEqual(float(level[1]), EXPOSURE, found.stdout)


class Reasons(Case):
    def test_reasons(self):
        """every line of a sandbox stands under a comment of its own"""
        for service in SERVICES:
            with open(service, encoding="utf-8") as file, self.subTest(os.path.basename(service)):
                sandbox = re.search(r"^# The sandbox.*?(?=^\[|\Z)", file.read(), re.M | re.S)
                self.assertTrue(sandbox, "no sandbox")
                lines = [line for line in sandbox[0].splitlines() if line]
                bare = [line for before, line in zip(lines, lines[1:])
                        if not line.startswith("#") and not before.startswith("#")]
                self.assertEqual(bare, [])

    def test_configuration(self):
        """the commented configuration names every key, and with every # removed it is a right one"""
        with open(f"{TOP}/systemd/thiduad.conf", encoding="utf-8") as file:
            text = file.read()
        with open(f"{TOP}/server/options.c", encoding="utf-8") as file:
            known = set(re.findall(r'CFG_\w+_CB\("(\w+)"', file.read()))
        shown = re.findall(r"^#(\w+) = ", text, re.M)
        self.assertEqual(sorted(shown), sorted(known))
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/thiduad.conf", "w", encoding="utf-8") as file:
                file.write(re.sub(r"^#(?=\w+ = )", "", text, flags=re.M))
            result = harness.run([harness.THIDUAD, "--check-config", "-c", file.name], harness.clean_env(folder))
            self.assertExit(0, result)


@unittest.skipUnless(shutil.which("sh"), "no shell")
class Backup(Case):
    """systemd/nightly-backup on folders of its own, with the real client and daemon."""

    def setUp(self):
        self.server = harness.Server()
        self.addCleanup(self.server.close)
        self.folder = f"{self.server.home}/backups"
        os.mkdir(self.folder)

    def run_backup(self, **env):
        path = f"{os.path.dirname(harness.THIDUA)}:{os.environ['PATH']}"
        return harness.run([f"{TOP}/systemd/nightly-backup", self.server.state, self.folder],
                           dict(self.server.env, PATH=path, THIDUA_SERVER=self.server.unix, **env))

    def test_rotation(self):
        """the newest days and the first of the newest months stay; what is not ours stays; names are not mistaken"""
        names = [f"thidua-2020-{month:02}-{day:02}.mdb" for month in range(1, 5) for day in (1, 2, 15, 28)]
        for name in names + ["thidua-2020-01-01.mdb.old", "thidua.mdb"]:
            with open(f"{self.folder}/{name}", "w", encoding="ascii"):
                pass
        self.assertExit(0, self.run_backup(KEEP_DAYS="3", KEEP_MONTHS="4"))
        found = sorted(os.listdir(self.folder))
        today = [name for name in found if name.startswith("thidua-2") and name[7:11] != "2020"]
        self.assertEqual(len(today), 1)
        self.assertEqual(found, sorted(today + ["thidua-2020-04-15.mdb", "thidua-2020-04-28.mdb", "thidua-2020-02-01.mdb",
                                                "thidua-2020-03-01.mdb", "thidua-2020-04-01.mdb", "thidua-2020-01-01.mdb.old",
                                                "thidua.mdb", "tls.key"]))
        with open(f"{self.folder}/tls.key", "rb") as copy, open(f"{self.server.state}/tls.key", "rb") as key:
            self.assertEqual(copy.read(), key.read())

    def test_failure(self):
        """without a backup nothing is removed, and the exit status says so"""
        with open(f"{self.folder}/thidua-2020-01-01.mdb", "w", encoding="ascii"):
            pass
        self.assertEqual(self.run_backup(KEEP_DAYS="none").status, 64)
        self.server.stop()
        self.assertNotEqual(self.run_backup(KEEP_DAYS="1", KEEP_MONTHS="0").status, 0)
        self.assertEqual(os.listdir(self.folder), ["thidua-2020-01-01.mdb"])


if __name__ == "__main__":
    harness.main()
