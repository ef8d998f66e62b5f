#!/usr/bin/python3
"""The shells complete verbs, flags and values, without asking a server."""
import os
import re
import shutil
import subprocess
import tempfile

import harness
from harness import THIDUA, Case, assert_done
from test_habits import table_of_verbs

FLAGS = {"--server", "--period", "--output", "--lang", "--help", "--version", "--excel", "--profile"}
STATES = {"signed", "scoring", "appraisal", "finalized", "published", "locked", "reopened"}
# The words so far, the last being completed, and what must and what must not be among what is offered.
CASES = [
    ([""], {"score", "period", "admin", "totals", "help", "completion"}, {"load", "invite", "--help"}),
    (["per"], {"period"}, {"score"}),
    (["period", ""], {"load", "list", "show", "advance", "extend"}, {"score", "invite"}),
    (["-o", "json", "period", "l"], {"load", "list"}, {"show"}),
    (["help", "period", "s"], {"show"}, {"score"}),
    (["period", "advance", ""], STATES, {"draft", "load"}),
    (["totals", "--col"], {"--column"}, {"--reason"}),
    (["totals", "--column", ""], {"self", "appraised", "final"}, {"json"}),
    (["-"], FLAGS, {"--column", "--reason"}),
    (["score", "--"], {"--note", "--evidence", "--output"}, {"--column"}),
    (["-o", ""], {"table", "json", "ndjson", "csv"}, {"score"}),
    (["--lang", "v"], {"vi"}, {"en"}),
    (["admin", "invite", "-", "--role", ""], {"officer", "head", "city", "council", "auditor"}, {"admin"}),
    (["completion", ""], {"bash", "zsh", "fish"}, set()),
    (["totals", "--explain", "--at", "scor"], set(), {"score"}),
    (["--note", "x", "-p", "y", "swor"], set(), {"sword"}),
]


class Completion(Case):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="thidua-")
        cls.env = harness.clean_env(cls.home)
        cls.scripts = {}
        for shell in ("bash", "zsh", "fish"):
            # nobody may be asked: no server is there, and the local socket is none
            cls.scripts[shell] = f"{cls.home}/{shell}"
            with open(cls.scripts[shell], "w", encoding="utf-8") as file:
                file.write(assert_done(harness.run([THIDUA, "completion", shell], cls.env)).out)
        for name in ("period-one.conf", "two words.conf"):
            with open(os.path.join(cls.home, name), "w", encoding="utf-8"):
                pass

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.home, ignore_errors=True)

    def shell(self, *command):
        done = subprocess.run(command, env=self.env, cwd=self.home, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout.splitlines()

    def needs(self, shell):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")

    def bash(self, words):
        line = "COMP_WORDS=(thidua \"$@\"); COMP_CWORD=$#; _thidua; printf '%s\\n' \"${COMPREPLY[@]}\""
        return self.shell("bash", "--norc", "-c", f"source '{self.scripts['bash']}' && {line}", "bash", *words)

    def zsh(self, words):
        """The function itself, with what the shell would do with its findings told instead."""
        stubs = ("compdef() { : }; compset() { cur=${cur#*=} }; _files() { print -l *(N) };"
                 "_describe() { local -a found; found=(\"${(@P)argv[-1]}\"); print -l -- ${found%%:*} };")
        line = f"{stubs} source '{self.scripts['zsh']}'; words=(thidua \"$@\"); CURRENT=$(( $# + 1 )); _thidua"
        offered = self.shell("zsh", "-f", "-c", line, "zsh", *words)
        return [word for word in offered if word.startswith(words[-1].split("=")[-1])]

    def fish(self, words):
        line = "thidua " + " ".join("'x'" if word == "x" else word for word in words)
        return [row.split("\t")[0] for row in self.shell("fish", "--no-config", "-c",
                                                         f"source '{self.scripts['fish']}'; complete -C '{line}'")]

    def judge(self, complete):
        for words, wanted, unwanted in CASES:
            with self.subTest(words):
                offered = set(complete(words))
                self.assertEqual(wanted - offered, set())
                self.assertEqual(unwanted & offered, set())
        self.assertIn("period-one.conf", complete(["period", "load", "period-"]))
        self.assertNotIn("period-one.conf", complete(["score", ""]))
        two_words = {verb.split()[0]: verb.split()[1] for verb in table_of_verbs() if " " in verb}
        for group, second in two_words.items():
            self.assertIn(second, complete([group, ""]))

    def test_bash(self):
        """bash completes"""
        self.judge(self.bash)
        self.assertIn("two words.conf", self.bash(["period", "load", "two"]))
        self.assertEqual(self.bash(["--output", "=", "nd"]), ["ndjson"])  # so this shell parts it
        self.assertEqual(set(self.bash(["totals", "--column", "="])), {"self", "appraised", "final"})

    def test_zsh(self):
        """zsh completes"""
        self.needs("zsh")
        self.judge(self.zsh)
        self.assertEqual(self.zsh(["--output=nd"]), ["ndjson"])

    def test_fish(self):
        """fish completes"""
        self.needs("fish")
        self.judge(self.fish)

    def test_syntax(self):
        """the scripts are sound, in Vietnamese too"""
        for shell in ("bash", "zsh", "fish"):
            if shutil.which(shell):
                for lang in ("en", "vi"):
                    script = assert_done(harness.run([THIDUA, "--lang", lang, "completion", shell], self.env)).out
                    with open(f"{self.home}/script", "w", encoding="utf-8") as file:
                        file.write(script)
                    self.assertEqual(self.shell(shell, "-n", f"{self.home}/script"), [])
                    self.assertEqual(bool(re.search("[ạảấầậệếềểọộớờợụứừự]", script)), lang == "vi" and shell != "bash")

    def test_unknown(self):
        """another shell is a mistake that names those that are known"""
        wrong = self.assertExit(64, harness.run([THIDUA, "completion", "tcsh"], self.env))
        self.assertIn("bash, zsh, fish", wrong.err)


if __name__ == "__main__":
    harness.main()
