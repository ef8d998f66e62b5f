#!/usr/bin/python3
"""The manual: every page renders without a warning and has every verb, flag, key, variable and exit status."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

import harness
from harness import BUILD, THIDUA, TOP, Case
from test_habits import VIETNAMESE, table_of_verbs

PAGES = ["thidua.1", "vi/thidua.1", "thidua-period.5", "thidua-protocol.7", "thiduad.8", "thiduad.conf.5"]
# Of scdoc's own paragraphs, and of style that mandoc would have otherwise.
HARMLESS = re.compile(r"STYLE: |skipping paragraph macro: PP (empty|after S[HS])")


def source(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def rendered(page):
    text = subprocess.run(["mandoc", "-Tutf8", "-O", "width=1000", f"{BUILD}/man/{page}"], capture_output=True, text=True, check=True)
    return re.sub(".\b", "", text.stdout)


class Manual(Case):
    def setUp(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")

    def assert_all_in(self, words, page):
        text = rendered(page)
        words = sorted(set(words))
        self.assertGreater(len(words), 3)
        self.assertEqual([word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)], [], page)

    def test_render(self):
        """every page renders without a warning; none is left out"""
        made = {os.path.relpath(path, f"{BUILD}/man") for path in glob.glob(f"{BUILD}/man/**/*.[1-8]", recursive=True)}
        self.assertEqual(made, set(PAGES))
        for page in PAGES:
            done = subprocess.run(["mandoc", "-Tlint", f"{BUILD}/man/{page}"], capture_output=True, text=True, check=False)
            said = [line for line in (done.stdout + done.stderr).splitlines() if not HARMLESS.search(line)]
            self.assertEqual(said, [], page)
            self.assertNotIn("@", re.sub(r"= \+ - @", "", rendered(page)).replace("@[", ""), "a table was not put in")

    def test_client(self):
        """thidua(1) has every verb, flag, variable and exit status, in both languages"""
        flags = [f"--{name}" for path in ("verbs.c", "options.c")
                 for name in re.findall(r'^    \{"([a-z-]+)", (?:0|\'.\'), ', source("client", path), re.M)]
        variables = re.findall(r'"(THIDUA_[A-Z]+|NO_COLOR|LC_[A-Z]+|LANG|XDG_[A-Z_]+)"',
                               "".join(source("client", name) for name in ("options.c", "profile.c", "address.c")))
        statuses = re.findall(r"^    EXIT_\w+ = (\d+)", source("client", "exit_status.h"), re.M)
        self.assertGreater(len(flags), 30)
        for page in ("thidua.1", "vi/thidua.1"):
            self.assert_all_in([*table_of_verbs(), *flags, *variables], page)
            self.assertEqual(re.findall(r"(?m)^       (\d+)$", rendered(page)), statuses)

    def test_language(self):
        """the Vietnamese page is Vietnamese throughout"""
        text = rendered("vi/thidua.1")
        for english in ("why.", "show the", "Example", "the server"):
            self.assertNotIn(english, text)
        self.assertGreater(len(VIETNAMESE.findall(text)), 1000)

    def test_daemon(self):
        """thiduad(8) and thiduad.conf(5) have every flag, key and exit status"""
        options = source("server", "options.c")
        self.assert_all_in([f"--{name}" for name in re.findall(r'\{"([a-z-]+)", (?:required|no)_argument', options)], "thiduad.8")
        keys = re.findall(r'CFG_\w+\("(\w+)"', options)
        self.assert_all_in(keys, "thiduad.conf.5")
        for key in keys:
            self.assertRegex(rendered("thiduad.conf.5"), rf"(?m)^       {key} = ", key)
            self.assertRegex(source("systemd", "thiduad.conf"), rf"(?m)^#?{key} = ", key)

    def test_period(self):
        """thidua-period(5) has every key and word of a period file; its example is one that loads"""
        text = source("client", "period_file.c")
        self.assert_all_in(re.findall(r'CONF_(?:TEXT|LIST)\("(\w+)"', text), "thidua-period.5")
        self.assert_all_in(["always", "after_deadline", "after_publication", "named", "suggested", "unnamed", "manual", "linear",
                            "bands"], "thidua-period.5")
        server = harness.Server()
        self.addCleanup(server.close)
        page = source("client", "man", "thidua-period.5.scd")
        path = f"{server.home}/example.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.search(r"# EXAMPLE\n\n```\n(.*?)```", page, re.S)[1])
        self.assertExit(0, server.admin("period", "load", path))

    def test_protocol(self):
        """thidua-protocol(7) has every reason with its status and exit status"""
        reasons = re.findall(r"^REASON\((\w+),\s*(\w+),", source("proto", "reasons.def"), re.M)
        text = rendered("thidua-protocol.7")
        for reason, status in reasons:
            self.assertRegex(text, rf"(?m)^       {reason} \({status}, (64|65|69|70|76|77|79)\)$")

    def test_examples(self):
        """every example of the manual is a line that the program can read"""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        env = dict(harness.clean_env(folder.name), HOME="/nonexistent")
        for page in ("thidua.1", "vi/thidua.1"):
            lines = re.findall(r"(?m)^\s+(?:Example: |Ví dụ: )?(thidua [^[\n]*)$", rendered(page))
            self.assertGreater(len(lines), 40)
            for line in (line for line in lines if not re.search("PIN:CODE|thidua - ", line)):
                words = re.sub(r" (>|\||&&) .*", "", line)
                done = subprocess.run(["bash", "-c", f"{words.replace('thidua', THIDUA, 1)} -s 127.0.0.1:1 --no-spool < /dev/null"],
                                      env=env, cwd=folder.name, capture_output=True, text=True, timeout=harness.PATIENCE,
                                      check=False)
                self.assertNotEqual(done.returncode, 64, f"{line}\n{done.stderr}")


if __name__ == "__main__":
    harness.main()
