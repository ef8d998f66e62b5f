#!/usr/bin/python3
"""Who may do what: every verb by every role, through the real client. The table below is CLI.md's, written again."""
import harness
from harness import PERIOD, ClusterCase, assert_done, preset_text

UNIT, OTHER, DRAFT = "quan-ba-dinh", "quan-dong-da", "nhap-2023"
ROLES = ["officer", "head", "city", "council", "auditor", "admin", "nobody", "revoked"]
N = 77  # not permitted
ALL = dict.fromkeys(["officer", "head", "city", "council", "auditor", "admin"], 0)
CENTRE = dict.fromkeys(["city", "council", "auditor", "admin"], 0)

# verb -> role -> exit status; a role that is not named is not permitted. Where a permitted role meets a rule, 65.
MATRIX = [
    (["ping"], {**ALL, "nobody": 0}),
    (["version"], dict.fromkeys(ROLES, 0)),
    (["whoami"], ALL),
    (["period", "list"], ALL),
    (["period", "show"], ALL),
    (["period", "load", "{draft}"], {"admin": 0, "council": 0}),
    (["period", "advance", "signed", "-p", DRAFT], {"council": 65}),   # nobody has signed
    (["period", "advance", "scoring", "-p", DRAFT], {"council": 65}),  # not the next state
    (["sign", "-p", PERIOD], {"head": 65}),                            # signed long ago
    (["score", "TC1=1"], {"officer": 0, "head": 0}),
    (["score", "TC1=1", "--if-revision", "77"], {"officer": 79, "head": 79}),
    (["score", "TC1=99"], {"officer": 65, "head": 65}),
    (["submit"], {"head": 65}),                                        # not all criteria are scored
    (["sheet"], {"officer": 0, "head": 0, **dict.fromkeys(CENTRE, 65)}),  # who has no unit must name one
    (["sheet", UNIT], ALL),
    (["sheet", OTHER], CENTRE),
    (["history", UNIT], ALL),
    (["history", OTHER], CENTRE),
    (["totals"], ALL),
    (["status"], ALL),
    (["audit"], CENTRE),
    (["admin", "accounts"], {"admin": 0}),
    (["admin", "stats"], {"admin": 0}),
    (["admin", "invite", UNIT, "--role", "officer", "--host", "diem.example.vn:22022"], {"admin": 0}),
    (["admin", "revoke", "{spare}"], {"admin": 0}),
]

# What a role may ask changes nothing when it is refused; these verbs write when they are permitted.
READS = {"ping", "version", "whoami", "list", "show", "sheet", "history", "totals", "status", "audit", "accounts", "stats"}


class Roles(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = cls.server
        cls.draft = f"{server.home}/draft.conf"
        with open(cls.draft, "w", encoding="utf-8") as file:
            file.write(preset_text().replace(PERIOD, DRAFT))
        assert_done(server.admin("period", "load", cls.draft))
        cls.people = {
            "officer": server.office(UNIT, "officer"), "head": cls.heads[UNIT], "city": server.office(None, "city"),
            "council": cls.council, "auditor": server.office(None, "auditor"), "admin": server.admin,
            "nobody": lambda *words: server.thidua(*words, server=server.plain),
            "revoked": server.office(UNIT, "head")}
        cls.number = assert_done(cls.people["revoked"]("whoami", "-o", "json")).json["account"]
        assert_done(server.admin("admin", "revoke", cls.number))
        assert_done(cls.people["officer"]("score", "TC1=1"))

    def spare(self):
        """An account to revoke."""
        person = self.server.office(OTHER, "officer")
        return assert_done(person("whoami", "-o", "json")).json["account"]

    def test_matrix(self):
        """every verb by every role: the exit status, and a refusal writes nothing"""
        spare, cells = self.spare(), 0
        for words, allowed in MATRIX:
            words = [word.format(draft=self.draft, spare=spare) for word in words]
            for role in ROLES:
                before = self.server.seq()
                with self.subTest(f"{' '.join(words)} by {role}"):
                    expected = allowed.get(role, N)
                    self.assertExit(expected, self.people[role](*words))
                    if expected != 0 or set(words) & READS:
                        self.assertEqual(self.server.seq(), before)
                    else:
                        self.assertEqual(self.server.seq(), before + 1)
                cells += 1
        print(f"# {cells} cells", flush=True)

    def test_admin_verbs_stay_local(self):
        """admin verbs are refused over TCP whatever the role, and say where they are done"""
        for role in ("council", "city", "auditor", "head"):
            result = self.assertExit(77, self.people[role]("admin", "accounts", "-o", "json"))
            self.assertIn(result.error["reason"], ("LOCAL_ONLY", "ROLE_NOT_PERMITTED"))

    def test_administration_never_scores(self):
        """local administration may neither score nor sign nor hand in"""
        for words in (["score", "TC1=1"], ["submit"], ["sign", "-p", PERIOD]):
            self.assertExit(77, self.server.admin(*words))


if __name__ == "__main__":
    harness.main()
