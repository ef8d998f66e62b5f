#!/usr/bin/python3
"""Invitations, enrolment, tokens, revocation, local administration."""
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import threading
import time
import unittest

import harness
import thidua_client
from cutter import Cutter
from harness import ServerCase, assert_done, definition, pb

NOBODY = 65534


class Identity(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        harness.open_for_scoring(cls.server, definition(["quan-thu", "quan-hai"]))

    def profile(self, name):
        return f"{self.server.home}/{self.id()}-{name}"

    def enrol(self, line, name="profile", *more):
        return self.server.thidua("--profile", self.profile(name), "enrol", line, *more)

    def test_invitation(self):
        """an invitation is one line with host, pin and code; the server never sees the code before it is used"""
        result = assert_done(self.server.admin("admin", "invite", "quan-thu", "--role", "officer"))
        line = re.fullmatch(r"thidua enrol (127\.0\.0\.1:\d+):([0-9a-f]{64}):([0-9a-f]{32})\n", result.out)
        self.assertTrue(line, result)
        self.assertEqual(line[1], self.server.tls)
        link = self.server.connect(self.server.tls, pin=line[2])
        self.assertEqual(link.greeting.pin.hex(), line[2])
        link.close()
        with open(f"{self.server.state}/data.mdb", "rb") as file:
            stored = file.read()
        self.assertNotIn(bytes.fromhex(line[3]), stored)
        self.assertIn(hashlib.sha256(bytes.fromhex(line[3])).digest(), stored)

    def test_enrol_and_whoami(self):
        """enrol makes a profile that only its owner reads; whoami says who it is"""
        assert_done(self.enrol(self.server.invite("quan-thu", "head", "--label", "Máy của chủ tịch")))
        mode = os.stat(self.profile("profile")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        me = assert_done(self.server.thidua("--profile", self.profile("profile"), "whoami", "-o", "json")).json
        self.assertEqual((me["role"], me["unit"]), ("head", "quan-thu"))
        self.assertRegex(me["expires"], r"^\d{4}-\d\d-\d\dT")
        self.assertRegex(str(me["account"]), r"^\d+$")
        rows = assert_done(self.server.admin("admin", "accounts", "-o", "json")).json["rows"]
        mine = [row for row in rows if str(row["account"]) == str(me["account"])][0]
        self.assertEqual((mine["role"], mine["unit"], mine["state"], mine["label"]),
                         ("head", "quan-thu", "active", "Máy của chủ tịch"))

    def test_spent_invitation(self):
        """a code enrols one device: another device is refused, the same one gets the same answer"""
        line = self.server.invite("quan-thu", "officer")
        assert_done(self.enrol(line, "first"))
        before = self.server.seq()
        self.assertExit(77, self.enrol(line, "second", "-o", "json"), "CODE_REFUSED")
        self.assertEqual(self.server.seq(), before)
        code = bytes.fromhex(line.rsplit(":", 1)[1])
        self.assertRefused("UNAUTHENTICATED", "CODE_REFUSED", self.server.connect(self.server.tls).enrol, code)
        assert_done(self.server.thidua("--profile", self.profile("first"), "whoami"))

    def test_expired(self):
        """an invitation past its time and a token past its 400 days are refused"""
        line = self.server.invite("quan-thu", "officer", "--ttl", "1h")
        assert_done(self.enrol(self.server.invite("quan-thu", "officer"), "old"))
        try:
            self.restart(clock=3700)
            before = self.server.seq()
            self.assertExit(77, self.enrol(line, "late", "-o", "json"), "CODE_REFUSED")
            self.assertExit(0, self.server.thidua("--profile", self.profile("old"), "whoami"))
            self.restart(clock=380 * 86400)
            near = assert_done(self.server.thidua("--profile", self.profile("old"), "whoami"))
            self.assertTrue(near.err, "in the last 30 days every verb warns")
            self.restart(clock=401 * 86400)
            self.assertExit(77, self.server.thidua("--profile", self.profile("old"), "whoami", "-o", "json"), "TOKEN_EXPIRED")
            self.assertEqual(self.server.seq(), before)
        finally:
            self.restart(clock=0)

    def restart(self, clock):
        self.assertEqual(self.server.stop(), 0)
        self.server.start(clock)

    def test_made_up_code(self):
        """a code that was never given is refused like a spent one"""
        line = re.sub(r"[0-9a-f]{32}$", "0" * 32, self.server.invite("quan-thu", "officer"))
        self.assertExit(77, self.enrol(line, "made-up", "-o", "json"), "CODE_REFUSED")

    def test_enrolment_cut_off(self):
        """an enrolment whose answer was lost is finished by the same line again"""
        before = [0]
        cutter = Cutter(self.server.tls, lambda: self.server.seq() > before[0])
        self.addCleanup(cutter.close)
        line = self.server.invite("quan-thu", "officer")
        through = cutter.address + line[line.index(":", line.index(":") + 1):]
        before[0] = self.server.seq()
        self.assertExit(80, self.enrol(through, "cut"))
        before[0] = self.server.seq()
        assert_done(self.enrol(through, "cut"))
        self.assertEqual(self.server.seq(), before[0])
        me = assert_done(self.server.thidua("--profile", self.profile("cut"), "whoami", "-o", "json")).json
        self.assertEqual(me["role"], "officer")

    def test_bad_lines(self):
        """a line that is no invitation is 64 or 65 and asks nobody"""
        for line in ("x", "host:22022", "host:22022:zz:zz", "127.0.0.1:1:" + "0" * 64, "127.0.0.1:99999:" + "0" * 64 + ":" + "0" * 32):
            with self.subTest(line):
                self.assertIn(self.enrol(line, "bad").status, (64, 65))
                self.assertFalse(os.path.exists(self.profile("bad")))

    def test_roles_and_units(self):
        """roles of a unit need one, the others take none; an unknown unit is refused"""
        for words, reason in ((["-", "--role", "head"], "ROLE_NEEDS_UNIT"), (["quan-thu", "--role", "city"], "ROLE_WITHOUT_UNIT"),
                              (["khong-co", "--role", "head"], "UNIT_UNKNOWN")):
            with self.subTest(" ".join(words)):
                self.assertExit(65, self.server.admin("admin", "invite", *words, "--host", "a:1", "-o", "json"), reason)
        self.assertExit(64, self.server.admin("admin", "invite", "quan-thu", "--role", "chairman", "--host", "a:1"))
        self.assertExit(64, self.server.admin("admin", "invite", "quan-thu", "--host", "a:1"))

    def test_revocation_ends_live_connections(self):
        """revoke: the account's live connection ends within a second, and its token is refused"""
        account = self.server.enrol_all([("quan-thu", pb.OFFICER)])[0]
        live = {address: self.server.login(account, address) for address in (self.server.plain, self.server.tls)}
        for link in live.values():
            link.score({"TC1": 25})
        assert_done(self.server.admin("admin", "revoke", account[0]))
        began = time.monotonic()
        for link in live.values():
            with self.assertRaises((EOFError, ConnectionError)):
                link.receive()
        self.assertLess(time.monotonic() - began, 1)
        before = self.server.seq()
        self.assertRefused("UNAUTHENTICATED", "ACCOUNT_REVOKED", self.server.login, account)
        self.assertEqual(self.server.seq(), before)
        self.assertExit(65, self.server.admin("admin", "revoke", "999999", "-o", "json"), "ACCOUNT_UNKNOWN")

    def test_revocation_is_judged_at_the_write(self):
        """a write that arrives behind the revocation is refused even on a connection that still lives"""
        account = self.server.enrol_all([("quan-thu", pb.OFFICER)])[0]
        link = self.server.login(account)
        local = self.server.connect(self.server.unix)
        local.write(revoke=pb.Revoke(account=account[0]))
        before = self.server.seq()
        with self.assertRaises((EOFError, ConnectionError, thidua_client.Refused)):
            link.score({"TC1": 25})
        self.assertEqual(self.server.seq(), before)

    def test_a_replaced_token_writes_nothing_more(self):
        """from the entry that replaces a token on, nothing that its old holder has on the way is written"""
        local = self.server.connect(self.server.unix)
        old = self.server.enrol_all([("quan-thu", pb.HEAD)])[0]
        for _ in range(3):
            code, token = os.urandom(16), os.urandom(32)
            local.write(invite=pb.Invite(replaces=old[0], code_hash=hashlib.sha256(code).digest(), ttl_ms=3600000))
            link, other = self.server.login(old), self.server.connect()

            def pour():
                try:
                    while True:
                        link.send(*(link.request(os.urandom(16), score=pb.Score(
                            lines=[pb.LineInput(criterion="TC1", points_cp=25)])) for _ in range(50)))
                        for _ in range(50):
                            link.answer()
                except (OSError, EOFError, thidua_client.Refused):
                    pass

            pouring = threading.Thread(target=pour)
            pouring.start()
            time.sleep(0.05)
            replaced = other.ask(enrol=pb.Enrol(code=code, verifier=hashlib.sha256(token).digest())).enrol.seq
            pouring.join(harness.PATIENCE)
            time.sleep(0.1)
            later = [pb.Entry.FromString(row.record) for row in local.ask(audit=pb.AuditQuery(since=replaced)).audit.rows]
            self.assertEqual([entry.seq for entry in later if entry.actor.account == old[0]], [])
            old = (old[0], token)

    def test_wrong_token(self):
        """a wrong token and an unknown account are refused alike"""
        account = self.server.enrol_all([("quan-thu", pb.OFFICER)])[0]
        for number, token in ((account[0], b"x" * 32), (999999, account[1])):
            self.assertRefused("UNAUTHENTICATED", "TOKEN_REFUSED", self.server.login, (number, token))

    def test_host_of_the_invitation(self):
        """--host, else public from the configuration, else the listener; for a wildcard exit 78"""
        server = harness.Server(listen=("unix:{state}/admin.sock", "0.0.0.0:0"))
        self.addCleanup(server.close)
        result = self.assertExit(78, server.admin("admin", "invite", "-", "--role", "city"))
        self.assertTrue(result.err)
        words = ("admin", "invite", "-", "--role", "city")
        self.assertIn("thidua enrol diem.example.vn:443:", assert_done(server.admin(*words, "--host", "diem.example.vn:443")).out)
        public = harness.Server(listen=("unix:{state}/admin.sock", "0.0.0.0:0"), conf='public = "diem.example.vn:22022"\n')
        self.addCleanup(public.close)
        self.assertIn("thidua enrol diem.example.vn:22022:", assert_done(public.admin(*words)).out)

    @unittest.skipUnless(os.geteuid() == 0, "takes root, to become somebody else")
    def test_peer_credentials(self):
        """on the local socket somebody else is nobody until they present a token"""
        for folder in (self.server.home, self.server.state):
            os.chmod(folder, 0o755)
        os.chmod(self.server.unix.removeprefix("unix:"), 0o666)
        home = f"{self.server.home}/nobody"
        env = harness.clean_env(home)
        for folder, _, _ in os.walk(home):
            os.chown(folder, NOBODY, NOBODY)
        thidua = shutil.copy(harness.THIDUA, home)  # the checkout may lie where only its owner looks, such as /root

        def as_nobody(*words):
            done = subprocess.run([thidua, "-s", self.server.unix, *words, "-o", "json"], env=env, user=NOBODY, group=NOBODY,
                                  extra_groups=[], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
            return harness.Result(done.returncode, done.stdout, done.stderr, list(words))

        self.assertExit(0, as_nobody("ping"))
        before = self.server.seq()
        for words in (["admin", "accounts"], ["admin", "invite", "-", "--role", "city", "--host", "a:1"], ["totals"], ["whoami"]):
            self.assertExit(77, as_nobody(*words), "NOT_AUTHENTICATED")
        self.assertEqual(self.server.seq(), before)

    def test_accounts_keep_no_secret(self):
        """accounts and audit show no code, token or verifier's origin"""
        account, token = self.server.enrol_all([("quan-thu", pb.OFFICER)])[0]
        shown = self.server.admin("admin", "accounts", "-o", "json").out + self.server.admin("audit", "-o", "json").out
        self.assertNotIn(token.hex(), shown)
        self.assertIn(str(account), shown)
        json.loads(self.server.admin("admin", "accounts", "-o", "json").out)


if __name__ == "__main__":
    harness.main()
