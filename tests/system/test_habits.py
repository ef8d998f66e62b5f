#!/usr/bin/python3
"""What one expects of a program on a command line: help, guesses at what was meant, quiet pipes, secrets kept."""
import os
import re
import subprocess

import harness
from harness import THIDUA, TOP, ClusterCase, ServerCase, assert_done

VIETNAMESE = re.compile(r"[áàéèíìóòúùýăâđêôơưạảấầẩậắằặẻếềểễệỉịọỏốồổộớờởợụủứừửựỳỵỷỹ]")


def table_of_verbs():
    """{name: the line of its example}, as the source has them."""
    with open(os.path.join(TOP, "client", "verbs.c"), encoding="utf-8") as file:
        text = file.read()
    return dict(re.findall(r'^    \{"([a-z ]+)",\s*"[^"]*",\s*N_\("[^"]*"\),\s*"((?:[^"\\]|\\.)*)"', text, re.M))


class Help(ServerCase):
    def test_verbs(self):
        """every verb tells its use, summary and example, on standard output, with 0, in both languages"""
        verbs = table_of_verbs()
        self.assertGreater(len(verbs), 30)
        for verb, example in verbs.items():
            for lang, begin in (("en", "usage: thidua"), ("vi", "cách dùng: thidua")):
                with self.subTest(verb=verb, lang=lang):
                    help_ = self.assertExit(0, self.server.thidua(*verb.split(), "--help", lang=lang))
                    self.assertTrue(help_.out.startswith(begin), help_)
                    self.assertIn(f"thidua {example}".replace('\\"', '"'), help_.out)
                    self.assertEqual(help_.err, "")
                    self.assertEqual(bool(VIETNAMESE.search(re.split(r"\n(?:ví dụ|example): ", help_.out)[0])), lang == "vi")
                    self.assertEqual(self.assertExit(0, self.server.thidua("help", *verb.split(), lang=lang)).out, help_.out)

    def test_program(self):
        """the program and a group of verbs tell theirs; without a verb it is a mistake"""
        whole = self.assertExit(0, self.server.thidua("--help"))
        for verb in table_of_verbs():
            self.assertRegex(whole.out, rf"(?m)^  {verb}( |$)")
        self.assertEqual(self.assertExit(0, self.server.thidua("help")).out, whole.out)
        self.assertEqual(self.assertExit(0, self.server.thidua("-h")).out, whole.out)
        group = self.assertExit(0, self.server.thidua("period", "--help")).out
        self.assertIn("  period load FILE", group)
        self.assertNotIn("  score", group)
        self.assertEqual(self.assertExit(0, self.server.thidua("help", "period")).out, group)
        for words in ([], ["period"]):
            wrong = self.assertExit(64, self.server.thidua(*words))
            self.assertEqual(wrong.out, "")
            self.assertIn("usage: ", wrong.err)

    def test_version(self):
        """--version needs no server"""
        for flag in ("--version", "-V"):
            self.assertRegex(self.assertExit(0, self.server.thidua(flag, server="127.0.0.1:1")).out, r"^thidua \d+\.\d+\.\d+\n$")


class Guesses(ClusterCase):
    def hint(self, result, wanted):
        self.assertIn(result.status, (64, 65), result)
        self.assertRegex(result.err, rf"hint: Did you mean: {re.escape(wanted)}$", result)

    def test_line(self):
        """a verb, its second word and a flag that are mistyped are guessed"""
        for words, wanted in ((["totls"], "thidua totals"), (["period", "lst"], "thidua period list"),
                              (["help", "period", "lod"], "thidua period load"), (["invite"], "thidua admin invite"),
                              (["totals", "--colum", "self"], "--column"), (["--perod", "x", "totals"], "--period")):
            with self.subTest(words):
                self.hint(self.server.thidua(*words), wanted)

    def test_names(self):
        """a unit or criterion that is mistyped, with or without marks, is guessed; what is like nothing is not"""
        for name, wanted in (("ba-dih", "quan-ba-dinh"), ("Hoàng Ma", "quan-hoang-mai"), ("lon bien", "quan-long-bien"),
                             ("ĐỐNG ĐÁA", "quan-dong-da"), ("Trưng", "quan-hai-ba-trung")):
            with self.subTest(name):
                self.hint(self.council("sheet", name), wanted)
                self.hint(self.server.admin("admin", "invite", name, "--role", "head", "--host", "a.vn:1"), wanted)
        self.hint(self.heads["quan-ba-dinh"]("score", "TTC1=1"), "TC1")
        far = self.assertExit(65, self.council("sheet", "tay-ho"))
        self.assertIn("thidua period show", far.err)
        error = self.assertExit(65, self.council("sheet", "ba-dih", "-o", "json"), "UNIT_UNKNOWN").error
        self.assertEqual(error["hint"], "Did you mean: quan-ba-dinh")
        self.assertEqual(error["arguments"]["near"], "quan-ba-dinh")
        self.assertIn("Có phải ý bạn là: quan-ba-dinh", self.council("sheet", "ba-dih", lang="vi").err)


class Pipes(ClusterCase):
    def test_reader_gone(self):
        """where the reader of the output has gone the program ends with 141, as others do, and says nothing"""
        for words in (["audit"], ["totals"], ["totals", "-o", "json"], ["status", "-o", "csv"], ["--help"], ["completion", "bash"]):
            with self.subTest(words):
                read, write = os.pipe()
                os.close(read)
                done = subprocess.run([THIDUA, "-s", self.server.unix, *words], env=self.server.env, stdout=write,
                                      stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=harness.PATIENCE, check=False)
                os.close(write)
                self.assertEqual((done.returncode, done.stderr), (141, b""))

    def test_head(self):
        """thidua … | head gives its line and no word more"""
        command = f"set -o pipefail; '{THIDUA}' -s '{self.server.unix}' audit -o ndjson | head -n 1"
        done = harness.run(["bash", "-c", command], self.server.env)
        self.assertEqual(done.out.count("\n"), 1)
        self.assertIn(done.status, (0, 141))
        self.assertEqual(done.err, "")


class Secrets(ServerCase):
    def test_kept(self):
        """neither code nor token stands in what daemon and client print or log, in no command line, whatever goes wrong"""
        server = harness.Server(conf="log_level = debug\n")
        self.addCleanup(server.close)
        assert_done(server.admin("period", "load", self.period(server)))
        line = server.invite("quan-ba-dinh", "head")
        code = line.rsplit(":", 1)[1]
        profile = f"{server.home}/profile"
        said = [server.thidua("--profile", profile, "enrol", line, "-o", output) for output in ("json", "table")]
        self.assertEqual(said[0].status, 0, said[0])
        with open(profile, encoding="utf-8") as file:
            token = re.search(r'token\s*=\s*"?([0-9A-Za-z+/=_-]{20,})', file.read())[1]
        self.assertEqual(os.stat(profile).st_mode & 0o777, 0o600)
        said += [server.thidua("--profile", profile, *words) for words in
                 (["whoami"], ["whoami", "-o", "json"], ["score", "TC1=1"], ["sheet", "no-such"], ["version"],
                  ["whoami", "-s", "127.0.0.1:1"])]
        said.append(server.thidua("--profile", f"{server.home}/other", "enrol", line))  # spent
        wrong = line[:-4] + "0000"
        said.append(server.thidua("--profile", f"{server.home}/other", "enrol", wrong))
        server.stop()
        said.append(server.thidua("--profile", f"{server.home}/other", "enrol", line))
        self.assertTrue(said[-1].status and said[-2].status)
        everything = "".join(server.log) + "".join(result.out + result.err for result in said)
        for name, secret in (("the code", code), ("a wrong code", wrong.rsplit(":", 1)[1]), ("the token", token)):
            self.assertGreater(len(secret), 16)
            self.assertNotIn(secret.lower(), everything.lower(), name)
        self.assertNotIn(token, "".join(" ".join(result.command) for result in said))

    @staticmethod
    def period(server):
        path = f"{server.home}/period.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(harness.preset_text())
        return path


if __name__ == "__main__":
    harness.main()
