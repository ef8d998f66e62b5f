#!/usr/bin/python3
"""thiduad check: the journal replayed, every derived row compared, damage named."""
import os
import re
import shutil

import harness
from harness import CODES, Case, Server, definition, open_for_scoring, pb

NOTE = "Báo cáo số 15 của Ban Thường trực"


class Check(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        heads = open_for_scoring(cls.server, definition([f"xa-{number}" for number in range(5)]))
        for head in heads:
            link = cls.server.login(head)
            link.score({code: 1000 for code in CODES}, note=NOTE)
            link.score({"TC3": 1225})
            link.submit()
            link.close()
        cls.last = cls.server.seq()
        assert cls.server.stop() == 0
        with open(f"{cls.server.state}/data.mdb", "rb") as file:
            cls.whole = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def copy(self, data):
        """A folder with the store's files and this content."""
        folder = f"{self.server.home}/copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.server.state, folder, ignore=shutil.ignore_patterns("*.sock"))
        with open(f"{folder}/data.mdb", "wb") as file:
            file.write(data)
        return folder

    def bent(self, places):
        """Results of checking copies with one bit bent at each of the places."""
        for place in places:
            data = bytearray(self.whole)
            data[place] ^= 1
            yield place, self.server.check(self.copy(bytes(data)))

    def places(self, needle):
        found = [match.start() for match in re.finditer(re.escape(needle), self.whole)]
        self.assertTrue(found, "the record is not in the file")
        return found

    def test_untouched(self):
        """an untouched folder passes, and nothing in it is changed"""
        self.assertExit(0, self.server.check())
        with open(f"{self.server.state}/data.mdb", "rb") as file:
            self.assertEqual(file.read(), self.whole)

    def test_bent_journal(self):
        """one bit bent in a record of the journal: check fails and names the row"""
        named = set()
        for _, result in self.bent(self.places(NOTE.encode())):
            self.assertIn(result.status, (0, 1), result)  # 0: a page that is no longer in use
            if result.status == 1:
                row = re.search(r"journal[ :]+(?:0x)?([0-9a-f]+)", result.out + result.err)
                self.assertTrue(row, f"the row is not named: {result}")
                named.add(int(row[1], 16))
        self.assertEqual(len(named), 5, "each of the five records, once bent, is found")
        self.assertLessEqual(max(named), self.last)

    def test_bent_rows(self):
        """bits bent anywhere in the pages: check passes only where nothing reads them, and never dies"""
        step = max(1, len(self.whole) // int(60 * harness.SCALE))
        failed = 0
        for place, result in self.bent(range(8192 + 37, len(self.whole), step)):
            self.assertIn(result.status, (0, 1), f"at {place}: {result}")
            failed += result.status
            if result.status:
                self.assertTrue((result.out + result.err).strip())
        self.assertGreater(failed, 0)

    def test_bent_derived_row(self):
        """a bit bent in an account's row, outside the journal, is found and named too"""
        rows = [result for _, result in self.bent(self.places("xa-3".encode())) if result.status == 1]
        self.assertTrue(rows)
        self.assertTrue(any("journal" not in (result.out + result.err) for result in rows), "only journal rows were found")

    def test_truncated(self):
        """a file cut short is said to be so"""
        for size in (len(self.whole) // 2, 8192, 100, 0):
            with self.subTest(size):
                result = self.server.check(self.copy(self.whole[:size]))
                self.assertNotIn(result.status, (0, -7, -11), result)
                self.assertIn("data.mdb", result.out + result.err)

    def test_no_folder(self):
        """a folder that is not there, or holds no store, is no pass"""
        for folder in (f"{self.server.home}/missing", self.server.env["XDG_STATE_HOME"]):
            self.assertNotEqual(self.server.check(folder).status, 0)
            self.assertFalse(os.path.exists(f"{folder}/data.mdb"), "check has made a store")

    def test_in_use(self):
        """of a folder in use it checks a fresh copy"""
        server = Server()
        self.addCleanup(server.close)
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        server.login(head).score({"TC1": 25})
        self.assertExit(0, server.check())
        self.assertEqual(server.connect(server.unix).ask(ping=pb.Ping()).ping.seq, server.seq())


if __name__ == "__main__":
    harness.main()
