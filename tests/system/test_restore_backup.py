#!/usr/bin/python3
"""thiduad restore FILE: the drill. A backup becomes a ledger again, on a branch of its own; offices are let in once its
accounts are confirmed; receipts from what was lost are told apart from forged ones."""
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import time

import harness
from activation import Parent
from harness import CODES, PERIOD, UNITS, Case, Cluster, Server, assert_done, pb

SCORES = [f"{code}=12" for code in CODES]
FIRST, SECOND, THIRD = UNITS[:3]


def restore(server, source, folder, **more):
    return harness.run([server.binary, "restore", source, "--state", folder], server.env, timeout=120, **more)


def hand_in(head):
    assert_done(head("score", *SCORES, "-p", PERIOD))
    return assert_done(head("submit", "-p", PERIOD, "-o", "json")).json


def branch_of(receipt):
    return receipt.split(":")[2]


def backup_of(server, name="backup.mdb"):
    path = f"{server.home}/{name}"
    return path, assert_done(server.admin("admin", "backup", path, "-o", "json")).json


def move_to(server, folder, key=True):
    """The daemon goes on from another folder, with the key that it has."""
    if key:
        shutil.copy(f"{server.state}/tls.key", f"{folder}/tls.key")
    server.state = folder
    server.start()


def refuses(address):
    """Whether a TCP connection to HOST:PORT is refused."""
    host, _, port = address.removeprefix("plain:").rpartition(":")
    try:
        socket.create_connection((host, int(port)), harness.PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


class Drill(Case):
    """Everything up to the moment at which the restored ledger has been started."""

    @classmethod
    def setUpClass(cls):
        cls.server = server = Server()
        cls.cluster = Cluster(server, heads=UNITS)
        cls.heads, cls.council = cls.cluster.heads, cls.cluster.council
        cls.officer = server.office(FIRST, "officer")
        cls.kept = hand_in(cls.heads[FIRST])
        cls.backup, cls.facts = backup_of(server)
        cls.lost = hand_in(cls.heads[SECOND])
        number = assert_done(cls.officer("whoami", "-o", "json")).json["account"]
        assert_done(server.admin("admin", "revoke", number))
        cls.revoked = number
        assert server.stop() == 0
        cls.folder = f"{server.home}/restored"
        cls.said = assert_done(restore(server, cls.backup, cls.folder))

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    # -- what is asked again and again --

    def verdict(self, receipt, journal=None):
        more = ["--journal", journal] if journal else []
        result = self.server.admin("receipt", "verify", "-", "-o", "json", *more, input=receipt)
        self.assertIn(result.status, (0, 1), result)
        self.assertEqual(result.status == 0, result.json["valid"])
        return result.json["verdict"]

    def export(self, name="export.ndjson"):
        path = f"{self.server.home}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(assert_done(self.server.admin("audit", "-o", "ndjson")).out)
        return path

    def assertVerdicts(self, wanted):
        """The same live and offline."""
        journal = self.export()
        for receipt, verdict in wanted.items():
            self.assertEqual(self.verdict(receipt), verdict, receipt)
            self.assertEqual(self.verdict(receipt, journal), verdict, f"{receipt} offline")

    def unconfirmed(self):
        return self.server.connect(self.server.unix).ask(stats=pb.StatsQuery()).stats.unconfirmed

    def branch(self):
        return self.server.connect(self.server.unix).greeting.branch.hex()

    def shut(self):
        """Whether offices are kept out, and local administration is not."""
        self.assertExit(0, self.server.admin("ping"))
        closed = refuses(self.server.tls)
        self.assertEqual(closed, refuses(self.server.plain))
        self.assertEqual(closed, self.unconfirmed())
        return closed

    # -- the drill --

    def test_drill(self):
        """restore, look at the accounts, confirm, go on: receipts, branches, check, export and a second restore"""
        self.what_was_said()
        self.nobody_is_let_in()
        self.accounts_are_confirmed()
        self.offices_go_on()
        self.receipts_are_judged()
        self.the_journal_restores_it()
        self.it_is_restored_again()

    def what_was_said(self):
        facts, out = self.facts, self.said.out
        entry = json.loads(next(line for line in open(self.first_export(), encoding="utf-8")
                                if json.loads(line)["seq"] == facts["seq"]))
        for said in (f"last entry  {facts['seq']}\n", entry["time"], entry["hash"], "tls.key", "admin accounts --confirm",
                     f"check --state {self.folder}"):
            self.assertIn(said, out)
        self.assertRegex(out, r"periods +1\n")
        self.assertRegex(out, r"units +6\n")
        self.assertRegex(out, r"accounts +8\n")
        self.assertEqual(os.listdir(self.folder), ["data.mdb"])
        self.assertExit(0, self.server.check(self.folder))

    def first_export(self):
        """The journal as it was before the loss, from the folder that was."""
        self.server.start()
        path = self.export("before.ndjson")
        self.assertEqual(self.verdict(self.lost["receipt"]), "genuine")
        self.assertEqual(self.server.stop(), 0)
        return path

    def nobody_is_let_in(self):
        """closed after a restart too, and the log says why once"""
        server = self.server
        move_to(server, self.folder)
        self.assertTrue(self.shut())
        self.assertEqual(self.heads[FIRST]("whoami").status, 69)
        self.assertEqual(len([line for line in server.log if "accounts --confirm" in line]), 1)
        self.assertFalse([line for line in server.log if "listening on" in line and "unix:" not in line])
        self.assertIn("yes", server.admin("admin", "stats").out)
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertTrue(self.shut())

    def accounts_are_confirmed(self):
        server = self.server
        rows = {row["account"]: row for row in assert_done(server.admin("admin", "accounts", "-o", "json")).json["rows"]}
        self.assertEqual(rows[self.revoked]["state"], "active", "the backup knows nothing of the revocation")
        assert_done(server.admin("admin", "revoke", self.revoked.removeprefix("account:")))
        before = server.seq()
        self.assertExit(64, server.admin("admin", "accounts", "--confirm"))
        self.assertExit(64, server.admin("admin", "accounts", "--confirm", "--no-input"))
        self.assertExit(64, server.admin("admin", "accounts", "--yes"))
        self.assertExit(1, self.answered("n"))
        self.assertEqual(server.seq(), before)
        self.assertTrue(self.shut())
        words = ["--id", "0192c3a0-0000-7000-8000-000000000001", "admin", "accounts", "--confirm", "--yes", "-o", "json"]
        confirmed = assert_done(server.admin(*words)).json
        self.assertEqual([row["account"] for row in confirmed["rows"]], list(rows))
        self.assertEqual(confirmed["seq"], before + 1)
        self.assertFalse(self.shut())
        self.assertTrue(server.logged("listening on 127"))
        self.assertEqual(assert_done(server.admin(*words)).json["seq"], before + 1)
        self.assertExit(65, server.admin("admin", "accounts", "--confirm", "--yes", "-o", "json"), "CONFIRMED_ALREADY")

    def answered(self, answer):
        """--confirm on a terminal at which somebody answers so: the accounts are shown first."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([harness.THIDUA, "--lang", "en", "-s", self.server.unix, "admin", "accounts", "--confirm"],
                                   env=self.server.env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        out, err = process.communicate(timeout=harness.PATIENCE)
        os.close(ours)
        self.assertIn(FIRST, out)
        self.assertIn("[y/N]", err)
        return harness.Result(process.returncode, out, err, ["admin", "accounts", "--confirm"])

    def offices_go_on(self):
        """with the tokens they have; what they sent and what was lost is sent again"""
        self.assertExit(0, self.heads[FIRST]("whoami"))
        self.assertExit(77, self.officer("whoami"))
        local = self.assertRefused("PERMISSION_DENIED", "LOCAL_ONLY", self.over_tcp)
        self.assertTrue(local)
        again = assert_done(self.heads[FIRST]("--id", self.kept["id"], "submit", "-p", PERIOD, "-o", "json")).json
        self.assertEqual((again["receipt"], again["replayed"]), (self.kept["receipt"], True))
        type(self).new = hand_in(self.heads[THIRD])

    def over_tcp(self):
        """The confirmation, asked by an account of the council."""
        account = self.server.enrol_all([(None, pb.COUNCIL)])[0]
        self.server.login(account).write(accounts_confirm=pb.AccountsConfirm())

    def receipts_are_judged(self):
        first, second = branch_of(self.kept["receipt"]), branch_of(self.new["receipt"])
        self.assertEqual(second, self.branch())
        self.assertNotEqual(second, first)
        self.assertIn(second, self.said.out)
        self.assertVerdicts({
            self.kept["receipt"]: "genuine",
            self.new["receipt"]: "genuine",
            self.lost["receipt"]: "lost_by_restore",
            self.kept["receipt"].replace(first, second): "another_entry",
            self.new["receipt"].replace(second, first): "lost_by_restore",
            self.kept["receipt"][:-1] + ("0" if self.kept["receipt"][-1] != "0" else "1"): "another_entry",
            self.kept["receipt"].replace(first, "0" * 32): "another_ledger",
        })
        shown = self.server.admin("receipt", "verify", "-", input=self.lost["receipt"])
        self.assertExit(1, shown)
        self.assertIn("after the backup", " ".join(shown.out.split()))
        self.assertExit(0, self.server.check())
        events = [row["event"] for row in map(json.loads, open(self.export(), encoding="utf-8"))]
        self.assertEqual(events[self.facts["seq"]], "restored")
        self.assertEqual(events.count("accounts_confirmed"), 1)
        entry = [json.loads(line) for line in open(self.export(), encoding="utf-8")][self.facts["seq"]]
        self.assertEqual((entry["actor"], entry["role"]), ("daemon", None))

    def the_journal_restores_it(self):
        """an exported journal keeps the branches, and wants no second confirmation"""
        server, folder, branch = self.server, f"{self.server.home}/from-journal", self.branch()
        journal = self.export()
        self.assertEqual(server.stop(), 0)
        assert_done(harness.run([server.binary, "restore", "--from-journal", journal, "--state", folder], server.env))
        self.assertExit(0, server.check(folder))
        old = server.state
        move_to(server, folder)
        self.assertEqual(self.branch(), branch)
        self.assertFalse(self.shut())
        self.assertVerdicts({self.kept["receipt"]: "genuine", self.new["receipt"]: "genuine",
                             self.lost["receipt"]: "lost_by_restore"})
        self.assertEqual(server.stop(), 0)
        server.state = old
        server.start()

    def it_is_restored_again(self):
        """a restored ledger is backed up and restored like any other"""
        server, folder, branch = self.server, f"{self.server.home}/twice", self.branch()
        path, facts = backup_of(server, "again.mdb")
        later = hand_in(self.heads[SECOND])
        self.assertEqual(branch_of(later["receipt"]), branch)
        self.assertEqual(server.stop(), 0)
        assert_done(restore(server, path, folder))
        move_to(server, folder)
        self.assertTrue(self.shut())
        self.assertNotIn(self.branch(), (branch, branch_of(self.kept["receipt"])))
        self.assertEqual(self.answered("y").status, 0)
        self.assertFalse(self.shut())
        self.assertEqual(server.seq(), facts["seq"] + 2)
        newest = hand_in(self.heads[SECOND])
        self.assertVerdicts({self.kept["receipt"]: "genuine", self.new["receipt"]: "genuine",
                             self.lost["receipt"]: "lost_by_restore", later["receipt"]: "lost_by_restore",
                             newest["receipt"]: "genuine"})
        self.assertExit(0, server.check())


class Refused(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.cluster = Cluster(cls.server, heads=UNITS)
        hand_in(cls.cluster.heads[FIRST])
        cls.backup, cls.facts = backup_of(cls.server)
        with open(cls.backup, "rb") as file:
            cls.whole = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def folder(self):
        folder = f"{self.server.home}/new"
        shutil.rmtree(folder, ignore_errors=True)
        self.addCleanup(shutil.rmtree, folder, True)
        return folder

    def refused(self, status, source, words="", **more):
        folder = self.folder()
        result = self.assertExit(status, restore(self.server, source, folder, **more))
        self.assertRegex(result.err, words)
        self.assertEqual(result.out, "")
        self.assertFalse(os.path.exists(folder), "a folder was left behind")
        return result

    def bent(self, data):
        path = f"{self.server.home}/bent.mdb"
        with open(path, "wb") as file:
            file.write(data)
        return path

    def test_damaged(self):
        """a bit bent in a record is found, and the record named"""
        place = self.whole.index(b"quan-hoang-mai")
        places = [i for i in range(len(self.whole)) if self.whole.startswith(b"quan-hoang-mai", i)]
        self.assertIn(place, places)
        data = bytearray(self.whole)
        for place in places:
            data[place] ^= 1
        result = self.refused(65, self.bent(bytes(data)), "checksum")
        self.assertIn("Take another backup", result.err)

    def test_bent_anywhere(self):
        """bits bent anywhere: refused, or where nothing reads them taken; never a folder that is half made"""
        step, seen = max(1, len(self.whole) // int(25 * harness.SCALE)), set()
        for place in range(37, len(self.whole), step):
            data, folder = bytearray(self.whole), self.folder()
            data[place] ^= 0x10
            result = restore(self.server, self.bent(bytes(data)), folder)
            self.assertIn(result.status, (0, 65), f"at {place}: {result}")
            self.assertEqual(os.path.exists(folder), result.status == 0)
            if result.status == 0:
                self.assertExit(0, self.server.check(folder))
            seen.add(result.status)
        self.assertIn(65, seen)

    def test_no_backup(self):
        """a file cut short, an empty one, another file, one that is not there"""
        self.refused(65, self.bent(self.whole[:len(self.whole) // 2]), "cut off|damaged")
        self.refused(65, self.bent(self.whole[:100]), "backup")
        self.refused(65, self.bent(b""), "is empty")
        self.refused(65, self.bent(b"thidua\n" * 5000), "backup")
        self.refused(66, f"{self.server.home}/absent", "absent")
        self.refused(66, self.server.home, "cannot be read")

    def test_folder_in_the_way(self):
        """a folder that is not empty, and the one of a daemon, stay as they are"""
        folder = self.folder()
        os.mkdir(folder, 0o700)
        with open(f"{folder}/letter.txt", "w", encoding="utf-8") as file:
            file.write("thư")
        result = self.assertExit(73, restore(self.server, self.backup, folder))
        self.assertIn("letter.txt", result.err)
        self.assertEqual(os.listdir(folder), ["letter.txt"])
        self.assertExit(73, restore(self.server, self.backup, self.server.state))
        self.assertExit(73, restore(self.server, self.backup, f"{folder}/not/there"))

    def test_interrupted(self):
        """an interrupted restore leaves nothing behind; a whole one takes - and an empty folder"""
        folder = self.folder()
        process = harness.spawn([self.server.binary, "restore", "-", "--state", folder], self.server.env,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(self.whole[:200000])
        process.stdin.flush()
        began = time.monotonic()
        while not os.path.exists(folder) or not any(os.scandir(folder)):
            self.assertLess(time.monotonic() - began, harness.PATIENCE)
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM, said)
        self.assertFalse(os.path.exists(folder))
        os.mkdir(folder, 0o700)
        with open(self.backup, "rb") as file:
            done = subprocess.run([self.server.binary, "restore", "-", "--state", folder], env=self.server.env, stdin=file,
                                  stdout=subprocess.PIPE, check=False, timeout=120)
        self.assertEqual(done.returncode, 0)
        self.assertExit(0, self.server.check(folder))

    def test_full_disk(self):
        """a folder that cannot take the copy is said to be so, and nothing stays"""
        folder = self.folder()
        command = f'trap "" XFSZ; ulimit -f 48; exec {self.server.binary} restore {self.backup} --state {folder}'
        self.assertExit(73, harness.run(["bash", "-c", command], self.server.env))
        self.assertFalse(os.path.exists(folder))

    def test_passed_sockets(self):
        """sockets that systemd holds: the local one is served, TCP waits until the accounts are confirmed"""
        folder = self.folder()
        assert_done(restore(self.server, self.backup, folder))
        parent = Parent(start=False)
        self.addCleanup(parent.close)
        parent.state = folder
        shutil.copy(f"{self.server.state}/tls.key", f"{folder}/tls.key")
        parent.start()
        self.assertFalse([line for line in parent.log if "listening on" in line and "unix:" not in line])
        head = self.cluster.heads[FIRST]
        waiting = subprocess.Popen([harness.THIDUA, "--profile", head.profile, "-s", parent.tls, "whoami"], env=parent.env,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        with self.assertRaises(subprocess.TimeoutExpired):
            waiting.wait(1)
        assert_done(parent.admin("admin", "accounts", "--confirm", "--yes"))
        out, _ = waiting.communicate(timeout=harness.PATIENCE)
        self.assertEqual(waiting.returncode, 0, out)
        self.assertEqual(parent.stop(), 0)


if __name__ == "__main__":
    harness.main()
