#!/usr/bin/python3
"""What cannot be sent is kept, sent later in order, and recorded exactly once."""
import json
import os
import re
import socket
import stat
import subprocess
import time
import uuid

import harness
from cutter import ByteCutter
from harness import CODES, PERIOD, assert_done
from spool_case import UNIT, SpoolCase


def listening():
    return socket.create_server(("127.0.0.1", 0))


class Keeping(SpoolCase):
    def test_kept_and_sent_in_order(self):
        """server down: exit 75, nothing on standard output; a later call of any verb sends all in order, each once"""
        assert_done(self.head("sheet"))
        self.server.stop()
        kept = [self.kept(self.head("score", f"TC1={n}")) for n in (1, 2, 3)]
        result = self.head("score", "TC2=4", "-o", "json")
        self.assertEqual((result.status, result.out), (75, ""))
        self.assertEqual((result.error["status"], result.error["reason"]), ("UNAVAILABLE", "KEPT_IN_SPOOL"))
        kept.append(result.error["arguments"]["id"])
        self.assertIn("spool list", result.error["hint"])
        rows = self.rows(self.head)
        self.assertEqual([row["id"] for row in rows], kept)
        self.assertEqual(rows[0]["lines"], ["TC1=1"])
        self.assertEqual({(row["state"], row["verb"], row["unit"], row["period"]) for row in rows},
                         {("waiting", "score", UNIT, PERIOD)})
        self.server.start()
        result = assert_done(self.head("whoami"))
        self.assertIn("acknowledged: 4", result.err)
        self.assertEqual(self.ids(), kept)
        self.assertEqual(self.rows(self.head), [])
        self.assertEqual(self.sheet(self.head)["TC1"], 3)

    def test_no_spool(self):
        """--no-spool: exit 69, nothing is kept, and what waits is neither sent nor waited for"""
        self.server.stop()
        self.assertExit(69, self.head("score", "TC1=1", "--no-spool"))
        self.assertEqual(self.rows(self.head), [])
        self.kept(self.head("score", "TC1=1"))
        self.server.start()
        assert_done(self.head("score", "TC2=1", "--no-spool"))
        self.assertEqual((len(self.ids()), self.states(self.head)), (1, ["waiting"]))

    def test_files(self):
        """the files are for their owner alone, and no token is in them"""
        self.server.stop()
        self.kept(self.head("score", "TC1=1"))
        with open(self.head.profile, encoding="utf-8") as file:
            token = re.search(r'token = "([0-9a-f]{64})"', file.read())[1]
        folder = self.folder()
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        for name in os.listdir(folder):
            path = f"{folder}/{name}"
            if os.path.isfile(path):
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, name)
                with open(path, "rb") as file:
                    content = file.read()
                self.assertNotIn(token.encode(), content)
                self.assertNotIn(bytes.fromhex(token), content)
        self.server.start()

    def test_only_its_own_profile(self):
        """another profile does not see, and does not send, what one has kept"""
        self.server.stop()
        self.kept(self.head("score", "TC1=1"))
        self.assertEqual(self.rows(self.officer), [])
        self.server.start()
        assert_done(self.officer("whoami"))
        self.assertEqual((self.ids(), self.states(self.head)), ([], ["waiting"]))

    def test_another_account_in_the_profile(self):
        """a profile that was enrolled anew does not send what the account before it has kept, and shows it"""
        profile = f"{self.server.home}/renewed-profile"
        person = harness.Person(self.server, profile)
        assert_done(person("enrol", self.server.invite(UNIT, "officer")))
        self.server.stop()
        self.kept(person("score", "TC1=1"))
        self.server.start()
        assert_done(person("enrol", self.server.invite(UNIT, "officer"), "--force"))
        assert_done(person("spool", "flush"))
        self.assertEqual([(row["state"], row["reason"]) for row in self.rows(person)], [("waiting", "SPOOL_ACCOUNT")])
        self.assertNotIn("score_set", [entry.event.WhichOneof("body") for entry in self.journal()])

    def test_another_server(self):
        """what was kept for one server is not sent to another"""
        assert_done(self.head("score", "TC1=1"))
        other = harness.Server()
        self.addCleanup(other.close)
        self.server.stop()
        self.kept(self.head("score", "TC1=2"))
        before = other.seq()
        self.head("whoami", "-s", other.plain)
        self.assertExit(76, self.head("spool", "flush", "-s", other.tls))
        self.assertEqual((other.seq(), self.states(self.head)), (before, ["waiting"]))

    def test_another_server_with_the_same_account_number(self):
        """nor where the profile has been enrolled there, and its account happens to have the same number"""
        first, second = harness.Server(), harness.Server()
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        person = harness.Person(first, f"{first.home}/profile")
        assert_done(person("enrol", first.invite(None, "auditor")))
        first.stop()
        self.kept(person("score", "TC1=1"))
        assert_done(person("enrol", second.invite(None, "auditor"), "--force"))
        result = self.assertExit(76, person("spool", "flush"))
        self.assertIn("another server", result.err)
        self.assertEqual(self.states(person), ["waiting"])

    def test_cannot_be_kept(self):
        """73 where the spool cannot be written, and it says that nothing was kept"""
        self.server.stop()
        for place in ("/dev/null/state", "/proc/thidua-state"):
            result = self.assertExit(73, self.head("score", "TC1=1", env=dict(self.server.env, XDG_STATE_HOME=place)))
            self.assertIn("NOT kept", result.err)
            self.assertIn("--id", result.err)

    def test_damaged(self):
        """a damaged file is shown, never sent, never deleted; what does not build on it goes on"""
        assert_done(self.head("sheet"))
        self.server.stop()
        first = self.kept(self.head("score", "TC1=1"))
        name = next(name for name in os.listdir(self.folder()) if name.endswith(".request"))
        path = f"{self.folder()}/{name}"
        with open(path, "r+b") as file:
            file.seek(200)
            byte = file.read(1)
            file.seek(200)
            file.write(bytes([byte[0] ^ 1]))
        self.server.start()
        flushed = assert_done(self.head("spool", "flush", "-o", "json")).json["rows"]
        self.assertEqual((flushed, self.ids()), ([], []))
        row = self.rows(self.head)[0]
        self.assertEqual((row["id"], row["state"], row["reason"]), (first, "damaged", "SPOOL_DAMAGED"))
        self.assertTrue(os.path.exists(path))
        assert_done(self.head("score", "TC2=1"))

    def test_outputs(self):
        """spool list in all outputs and both languages"""
        self.server.stop()
        id_ = self.kept(self.head("score", "TC1=1,5"))
        for output in ("table", "json", "ndjson", "csv"):
            for lang in ("en", "vi"):
                self.assertIn(id_, assert_done(self.head("spool", "list", "-o", output, lang=lang)).out)
        self.assertEqual(json.loads(self.head("spool", "list", "-o", "ndjson").out)["lines"], ["TC1=1.5"])


class Flushing(SpoolCase):
    def test_conflict_is_parked(self):
        """a line that another account has changed since is a CONFLICT: parked, shown, never sent again; the rest goes on"""
        assert_done(self.head("sheet"))
        self.server.stop()
        moved, other = self.kept(self.head("score", "TC1=2")), self.kept(self.head("score", "TC3=2"))
        behind = self.kept(self.head("score", "TC1=3", "TC4=1"))
        self.server.start()
        assert_done(self.officer("score", "TC1=7"))
        result = self.assertExit(79, self.head("spool", "flush", "-o", "json"))
        self.assertEqual({row["id"]: (row["state"], row["reason"]) for row in result.json["rows"]},
                         {moved: ("parked", "REVISION_MOVED"), other: ("acknowledged", None), behind: ("parked", "SPOOL_BEHIND")})
        self.assertEqual(self.sheet(self.head)["TC1"], 7)
        self.assertEqual([(row["id"], row["state"], row["reason"]) for row in self.rows(self.head)],
                         [(moved, "parked", "REVISION_MOVED"), (behind, "parked", "SPOOL_BEHIND")])
        self.assertIn("7", self.rows(self.head)[0]["message"])
        before = self.server.seq()
        assert_done(self.head("spool", "flush"))
        assert_done(self.head("totals"))
        self.assertEqual((self.server.seq(), self.states(self.head)), (before, ["parked", "parked"]))
        assert_done(self.head("score", "TC1=3"))

    def test_conflict_with_an_id_given(self):
        """the same with --id; where nothing has moved the request goes as it stands, and its command can be given again"""
        assert_done(self.head("sheet"))
        self.server.stop()
        moved, still = str(uuid.uuid4()), str(uuid.uuid4())
        self.kept(self.head("score", "TC1=2,5", "--id", moved))
        self.kept(self.head("score", "TC5=2", "--id", still))
        self.server.start()
        assert_done(self.officer("score", "TC1=7"))
        self.assertExit(79, self.head("spool", "flush"))
        self.assertEqual([(row["id"], row["state"]) for row in self.rows(self.head)], [(moved, "parked")])
        self.assertTrue(assert_done(self.head("score", "TC5=2", "--id", still, "-o", "json")).json["replayed"])

    def test_own_changes_are_no_conflict(self):
        """what this account itself has changed meanwhile is no conflict, with and without --id"""
        assert_done(self.head("sheet"))
        self.server.stop()
        kept = [self.kept(self.head("score", "TC1=3")), self.kept(self.head("score", "TC1=4")),
                self.kept(self.head("score", "TC2=4", "--id", str(uuid.uuid4())))]
        self.server.start()
        assert_done(self.head("score", "TC1=9", "TC2=9", "--no-spool"))
        assert_done(self.head("spool", "flush"))
        self.assertEqual((self.ids()[1:], self.rows(self.head)), (kept, []))

    def test_id_given_again_while_it_waits(self):
        """the same command with the same id while it waits is the same request; another one is refused"""
        id_ = str(uuid.uuid4())
        self.server.stop()
        for _ in range(2):
            self.kept(self.head("score", "TC5=3", "--id", id_))
        self.assertExit(65, self.head("score", "TC5=4", "--id", id_, "-o", "json"), "ID_REUSED")
        self.assertEqual(len(self.rows(self.head)), 1)
        self.server.start()
        self.assertEqual(assert_done(self.head("score", "TC5=3", "--id", id_, "-o", "json")).json["id"], id_)
        self.assertEqual((self.ids(), self.rows(self.head)), ([id_], []))

    def test_refused_is_parked(self):
        """what a rule refuses is parked with the refusal, and said; a person drops it"""
        self.server.stop()
        id_ = self.kept(self.head("score", "TC1=99"))
        self.server.start()
        result = assert_done(self.head("whoami"))
        self.assertIn(id_, result.err)
        row = self.rows(self.head)[0]
        self.assertEqual((row["state"], row["reason"]), ("parked", "POINTS_RANGE"))
        self.assertIn("99", row["message"])
        self.assertIn("ngoài", self.head("spool", "list", lang="vi").out)
        self.assertExit(64, self.head("spool", "drop", id_))
        self.assertExit(64, self.head("spool", "drop", id_, "--no-input"))
        self.assertIn(id_, assert_done(self.head("spool", "drop", id_, "--yes")).out)
        self.assertEqual(self.rows(self.head), [])
        self.assertExit(65, self.head("spool", "drop", id_, "--yes"))

    def test_drop_parks_what_builds_on_it(self):
        """dropping one that waits parks what builds on it"""
        assert_done(self.head("sheet"))
        self.server.stop()
        first, second = (self.kept(self.head("score", f"TC1={n}")) for n in (4, 5))
        assert_done(self.head("spool", "drop", first, "--yes"))
        self.assertEqual([(row["id"], row["state"], row["reason"]) for row in self.rows(self.head)],
                         [(second, "parked", "SPOOL_BEHIND")])

    def test_a_write_stands_in_line(self):
        """while anything waits a new score stands behind it; once the server is back it gets its own answer"""
        self.server.stop()
        first = self.kept(self.head("score", "TC1=6"))
        self.server.start()
        second = assert_done(self.head("score", "TC1=7", "-o", "json")).json
        self.assertEqual(self.ids(), [first, second["id"]])
        self.assertEqual(second["lines"][0]["points"], 7)

    def test_own_refusal_in_line(self):
        """a new score that is refused behind another says so itself, and is parked"""
        self.server.stop()
        self.kept(self.head("score", "TC1=6,25"))
        self.server.start()
        self.assertExit(65, self.head("score", "TC2=99", "-o", "json"), "POINTS_RANGE")
        self.assertEqual(self.states(self.head), ["parked"])

    def test_revoked_keeps_all(self):
        """a failed authentication keeps all"""
        person = self.server.office(UNIT, "officer")
        account = assert_done(person("whoami", "-o", "json")).json["account"]
        self.server.stop()
        for n in (1, 2):
            self.kept(person("score", f"TC6={n}"))
        self.server.start()
        assert_done(self.server.admin("admin", "revoke", account))
        self.assertExit(77, person("spool", "flush", "-o", "json"), "ACCOUNT_REVOKED")
        self.assertExit(77, person("whoami"))
        self.kept(person("score", "TC6=3"))
        self.assertEqual(self.states(person), ["waiting"] * 3)

    def test_wrong_key_keeps_all(self):
        """a key that is not the pinned one keeps all"""
        other = harness.Server()
        self.addCleanup(other.close)
        self.server.stop()
        self.kept(self.head("score", "TC6=3"))
        self.assertExit(76, self.head("spool", "flush", "-s", other.tls))
        self.assertEqual(self.states(self.head), ["waiting"])

    def test_two_at_once(self):
        """two that flush at once send each request once; the one that comes second leaves"""
        self.server.stop()
        kept = [self.kept(self.head("score", f"TC7={n}")) for n in range(1, 9)]
        self.server.start()
        before = self.server.seq()
        slow = ByteCutter(self.server.plain.removeprefix("plain:"), delay=0.05)
        self.addCleanup(slow.close)
        command = [harness.THIDUA, "--lang", "en", "--profile", self.head.profile, "-s", f"plain:{slow.address}", "spool", "flush"]
        both = [harness.spawn(command, self.server.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
        said = [(process.stderr.read().decode(), process.wait(30)) for process in both]
        for process in both:
            process.stderr.close()
            harness.end(process)
        self.assertEqual(sorted(status for _, status in said), [0, 75], said)
        self.assertTrue(any("another process" in text for text, _ in said), said)
        self.assertEqual((self.ids(), self.server.seq()), (kept, before + len(kept)))
        self.assertEqual(slow.requests_with(kept), {id_: 1 for id_ in kept})

    def test_brief_for_readers(self):
        """a reading verb is not held up by a server that takes connections and says nothing"""
        self.server.stop()
        self.kept(self.head("score", "TC6=1"))
        with listening() as silent:
            began = time.monotonic()
            self.assertExit(69, self.head("whoami", "--timeout", "2", "-s", "plain:127.0.0.1:%d" % silent.getsockname()[1]))
            self.assertLess(time.monotonic() - began, 7)


class HandIn(SpoolCase):
    def setUp(self):
        super().setUp()
        self.head = self.heads["quan-long-bien"]

    def fill(self, person, **points):
        assert_done(person("score", *(f"{code}={points.get(code, 5)}" for code in CODES)))

    def test_1_total_not_known(self):
        """a hand-in whose total was never seen here is not kept, and says so"""
        person = self.heads["quan-hai-ba-trung"]
        self.server.stop()
        result = self.assertExit(69, person("submit"))
        self.assertIn("not kept", result.err)
        self.kept(person("score", "TC1=1"))
        self.assertExit(69, person("submit"))
        self.assertEqual(self.states(person), ["waiting"])
        assert_done(person("spool", "drop", self.rows(person)[0]["id"], "--yes"))

    def test_2_behind_a_parked_score(self):
        """a hand-in behind a score that is refused is parked with it: nothing incomplete is handed in"""
        self.fill(self.head)
        self.server.stop()
        score = self.kept(self.head("score", "TC1=99"))
        submit = self.kept(self.head("submit"))
        self.server.start()
        self.assertExit(65, self.head("spool", "flush"))
        self.assertEqual([(row["id"], row["state"], row["reason"]) for row in self.rows(self.head)],
                         [(score, "parked", "POINTS_RANGE"), (submit, "parked", "SPOOL_BEHIND")])
        refused = self.head("submit", "--id", str(uuid.uuid4()), env=dict(self.server.env, THIDUA_PERIOD="khong-co"))
        self.assertIn("without 2 requests", refused.err)

    def test_3_total_moved(self):
        """a hand-in names the total that was seen: another one is a CONFLICT"""
        self.fill(self.head)
        self.server.stop()
        submit = self.kept(self.head("submit"))
        self.assertEqual([row["total"] for row in self.rows(self.head) if row["id"] == submit], [40])
        self.server.start()
        officer = self.server.office("quan-long-bien", "officer")
        assert_done(officer("score", "TC1=6"))
        self.assertExit(79, self.head("spool", "flush"))
        self.assertEqual([row["reason"] for row in self.rows(self.head) if row["id"] == submit], ["TOTAL_MOVED"])

    def test_4_behind_scores(self):
        """a hand-in behind scores names the total that they lead to, and is accepted"""
        self.fill(self.head)
        self.server.stop()
        kept = [self.kept(self.head("score", f"{code}={points}")) for code, points in (("TC1", 7), ("TC2", 6), ("TC1", 8))]
        kept.append(self.kept(self.head("submit")))
        self.assertEqual(self.rows(self.head)[-1]["total"], 44)
        self.server.start()
        assert_done(self.head("spool", "flush"))
        self.assertEqual(self.ids()[-4:], kept)
        self.assertEqual(self.journal()[-1].event.sheet_submitted.after.self_total_cp, 4400)


if __name__ == "__main__":
    harness.main()
