#!/usr/bin/python3
"""admin backup, and thiduad check of a folder in use: a verified copy is fetched while scores come in."""
import os
import stat
import threading

import harness
from harness import Case, Server, definition, open_for_scoring, pb
from thidua_client import Refused


class Backup(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.heads = open_for_scoring(cls.server, definition([f"xa-{number}" for number in range(6)]))

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def scoring(self):
        """Offices that score until the returned function is called; it gives the number of acknowledged scores."""
        done, counts = threading.Event(), []

        def office(head):
            link, count = self.server.login(head), 0
            while not done.is_set():
                link.score({"TC1": 25 * (count % 50)})
                count += 1
            link.close()
            counts.append(count)

        threads = [threading.Thread(target=office, args=(head,)) for head in self.heads]
        for thread in threads:
            thread.start()

        def end():
            done.set()
            for thread in threads:
                thread.join()
            return sum(counts)
        return end

    def test_backup_under_load(self):
        """a backup made while scores come in is whole, and holds all that was acknowledged before it began"""
        end = self.scoring()
        before = self.server.seq()
        path = f"{self.server.home}/backup.mdb"
        result = self.server.admin("admin", "backup", path, "-o", "json")
        acknowledged = end()
        self.assertExit(0, result)
        facts = result.json
        self.assertGreater(acknowledged, 0)
        self.assertGreaterEqual(facts["seq"], before)
        self.assertEqual(os.path.getsize(path), facts["size"])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        folder = f"{self.server.home}/restored"
        os.mkdir(folder, 0o700)
        os.rename(path, f"{folder}/data.mdb")
        check = self.server.check(folder)
        self.assertExit(0, check)
        self.assertIn(f"{facts['seq']} entries", check.out)

    def test_check_in_use(self):
        """a folder in use is checked by a fresh backup while scores come in; nothing is left in it"""
        end = self.scoring()
        before = self.server.seq()
        check = self.server.check()
        end()
        self.assertExit(0, check)
        self.assertIn("in use", check.out)
        entries = int(check.out.splitlines()[-1].split()[0])
        self.assertGreaterEqual(entries, before)
        self.assertEqual([name for name in os.listdir(self.server.state) if name.startswith("backup-")], [])

    def test_only_administration(self):
        """over TCP an account gets no backup, whatever its role; its file is not made"""
        council = self.server.office(None, "council")
        result = council("admin", "backup", f"{self.server.home}/stolen.mdb")
        self.assertExit(77, result)
        self.assertFalse(os.path.exists(f"{self.server.home}/stolen.mdb"))

    def test_refused_claim(self):
        """on the local socket a refused token ends the connection: it does not go on as local administration"""
        link = self.server.connect(self.server.unix)
        link.send(link.request(authenticate=pb.Authenticate(account=1, token=bytes(32))),
                  link.request(stats=pb.StatsQuery()))
        with self.assertRaises(Refused):
            link.answer()
        with self.assertRaises((EOFError, OSError)):
            link.answer()
        link.close()


if __name__ == "__main__":
    harness.main()
