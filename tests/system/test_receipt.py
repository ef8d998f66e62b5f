#!/usr/bin/python3
"""receipt verify: an office proves that it handed in, and a receipt that was tampered with proves nothing."""
import json
import os

import harness
from harness import CODES, UNITS, Case, Cluster, Server, assert_done


class Receipt(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.cluster = Cluster(cls.server, heads=UNITS)
        cls.unit = list(UNITS)[0]
        cls.head = cls.cluster.heads[cls.unit]
        assert cls.head("score", *[f"{code}=12" for code in CODES]).status == 0
        cls.submitted = cls.head("submit", "-o", "json")
        assert cls.submitted.status == 0, cls.submitted
        cls.line = cls.submitted.json["receipt"]
        cls.server.office(cls.unit, "officer")  # entries behind the receipt's
        cls.export = assert_done(cls.server.admin("audit", "-o", "ndjson")).out

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def verify(self, text, person=None):
        return (person or self.head)("receipt", "verify", "-", "-o", "json", input=text)

    def test_genuine(self):
        """the line that submit printed is genuine, alone or as part of its whole answer, for the office and a peer"""
        peer = self.cluster.heads[list(UNITS)[1]]
        for text, person in ((self.line, None), (self.line + "\n", peer), (self.submitted.out, None)):
            result = self.verify(text, person)
            self.assertExit(0, result)
            found = result.json
            self.assertEqual((found["valid"], found["verdict"], found["unit"], found["event"]),
                             (True, "genuine", self.unit, "sheet_submitted"))
            self.assertEqual(found["seq"], self.submitted.json["seq"])
            self.assertEqual(found["time"], self.submitted.json["time"])

    def test_tampered(self):
        """another hash, time, number or ledger: exit 1, with what it is that differs, and nothing told of the entry"""
        word = self.line.split(":")
        cases = [(5, "0" * 64, "another_entry"), (4, str(int(word[4]) + 1), "another_entry"),
                 (3, str(int(word[3]) - 1), "another_entry"), (3, "999999", "no_such_entry"),
                 (2, "0" * 32, "another_ledger")]
        for place, value, verdict in cases:
            result = self.verify(":".join(word[:place] + [value] + word[place + 1:]))
            self.assertExit(1, result)
            self.assertEqual((result.json["valid"], result.json["verdict"]), (False, verdict))
            self.assertIsNone(result.json["unit"])

    def test_no_receipt(self):
        """a file that holds no whole receipt is bad data; one that is not there is no input"""
        self.assertExit(65, self.verify(self.line[:-1]))
        self.assertExit(65, self.verify("nothing of the kind"))
        self.assertExit(66, self.head("receipt", "verify", f"{self.server.home}/absent"))

    # -- offline --

    def journal(self, text, name="export.ndjson"):
        path = f"{self.server.home}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def ask(self, receipt, journal, env=None):
        """Asked where there is neither a server nor a profile."""
        words = [harness.THIDUA, "--lang", "en", "receipt", "verify", "-", "--journal", journal, "-o", "json"]
        return harness.run(words, env or self.alone(), receipt)

    def alone(self):
        return harness.clean_env(f"{self.server.home}/alone")

    def test_offline_genuine(self):
        """against an exported journal the answer is the very one that the server gives, and it tells the export's end"""
        result = self.assertExit(0, self.ask(self.line, self.journal(self.export)))
        last = json.loads(self.export.splitlines()[-1])
        end = {key: last[key] for key in ("seq", "time", "hash")}
        self.assertEqual(result.json, {**self.verify(self.line).json, "export": end})
        self.assertFalse(os.path.exists(f"{self.server.home}/alone/config/thidua"), "a profile was made")

    def test_offline_tampered(self):
        """another hash, time, number or ledger: exit 1 offline too, and the finding of the server"""
        word, journal = self.line.split(":"), self.journal(self.export)
        for place, value in ((5, "0" * 64), (4, str(int(word[4]) + 1)), (3, str(int(word[3]) - 1)), (3, "1"), (2, "0" * 32)):
            receipt = ":".join(word[:place] + [value] + word[place + 1:])
            result = self.assertExit(1, self.ask(receipt, journal))
            self.assertEqual({**result.json, "export": None}, self.verify(receipt).json)

    def test_offline_earlier(self):
        """an export that ends before the receipt's entry can say nothing of it, and tells where it ends"""
        lines, seq = self.export.splitlines(keepends=True), self.submitted.json["seq"]
        path = self.journal("".join(lines[:seq - 1]))
        result = self.assertExit(1, self.ask(self.line, path))
        self.assertEqual((result.json["valid"], result.json["verdict"], result.json["export"]["seq"]),
                         (False, "beyond_export", seq - 1))
        words = [harness.THIDUA, "receipt", "verify", self.journal(self.line, "receipt.txt"), "--journal", path, "--lang"]
        for lang, said in (("en", "can neither confirm nor deny"), ("vi", "không thể xác nhận hay bác bỏ")):
            self.assertIn(said, self.assertExit(1, harness.run(words + [lang], self.alone())).out)

    def test_offline_damaged(self):
        """an export that was changed, also behind the receipt's entry, proves nothing: the line is named"""
        lines = self.export.splitlines(keepends=True)
        at, last = 10, len(lines)
        flipped = lines[at].replace('"record":"C', '"record":"D', 1)
        self.assertNotEqual(flipped, lines[at])
        for text, line, words in (("".join(lines[:at] + [flipped] + lines[at + 1:]), at + 1, "hash"),
                                  ("".join(lines[:at] + lines[at + 1:]), at + 1, "missing"),
                                  (self.export[:-30], last, "cut short"), (lines[-1], 1, "--since"), ("", 1, "no entry"),
                                  ("seq\n", 1, "no entry"), ("".join(lines + lines[-1:]), last + 1, "out of order")):
            path = self.journal(text)
            result = self.assertExit(65, self.ask(self.line, path), "BAD_DATA")
            self.assertIn(f"{path}:{line}: ", result.error["message"])
            self.assertIn(words, result.err)
            self.assertEqual(result.out, "")

    def test_offline_no_input(self):
        """an export that is not there is no input; one standard input is not two"""
        self.assertExit(66, self.ask(self.line, f"{self.server.home}/absent"))
        self.assertExit(66, self.ask(self.line, self.server.home))
        self.assertExit(64, self.ask(self.line, "-"))

    def test_offline_words(self):
        """in Vietnamese nothing of it is left in English"""
        receipt = self.journal(self.line, "receipt.txt")
        words = [harness.THIDUA, "--lang", "vi", "receipt", "verify", receipt, "--journal"]
        damaged = harness.run(words + [self.journal(self.export[:-30])], self.alone())
        self.assertExit(65, damaged)
        self.assertNotIn("cut short", damaged.err)
        self.assertExit(0, harness.run(words + [self.journal(self.export)], self.alone()))

    def test_what_it_proves(self):
        """people are told in a sentence what was found, and that an agreement is worth what the export is worth"""
        receipt, journal = self.journal(self.line, "receipt.txt"), self.journal(self.export)
        words = [harness.THIDUA, "receipt", "verify", receipt, "--journal", journal, "--lang"]
        for lang, found, compare in (("en", "Receipt and export agree.", "compare its last hash"),
                                     ("vi", "Biên nhận và tệp nhật ký đã xuất khớp nhau.", "so mã băm cuối")):
            result = self.assertExit(0, harness.run(words + [lang], self.alone()))
            self.assertIn(found, result.out)
            self.assertIn(json.loads(self.export.splitlines()[-1])["hash"], result.out)
            self.assertIn(compare, result.err)
        live = self.assertExit(0, self.head("receipt", "verify", receipt))
        self.assertIn("The journal holds this entry", live.out)
        self.assertNotIn("genuine", live.out)


if __name__ == "__main__":
    harness.main()
