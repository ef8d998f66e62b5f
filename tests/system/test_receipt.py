#!/usr/bin/python3
"""receipt verify: an office proves that it handed in, and a receipt that was tampered with proves nothing."""
import harness
from harness import CODES, UNITS, Case, Cluster, Server


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


if __name__ == "__main__":
    harness.main()
