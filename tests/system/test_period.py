#!/usr/bin/python3
"""Periods: loading, redefining, signing, the guards of each advance, and sizes other than six and eight."""
import hashlib
import os
import subprocess
import sys

import harness
from harness import CODES, PERIOD, PRESET, UNITS, Case, Cluster, ServerCase, assert_done, preset_text

MAKE_PERIOD = os.path.join(harness.HERE, "make_period.py")


class Guards(ServerCase):
    def setUp(self):
        self.council = getattr(Guards, "person", None) or self.server.office(None, "council")
        Guards.person = self.council

    def load(self, text, who=None):
        path = f"{self.server.home}/period.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return (who or self.server.admin)("period", "load", path, "-o", "json")

    def advance(self, state, *more, id_=PERIOD):
        return self.council("period", "advance", state, "-p", id_, "-o", "json", *more)

    def test_preset_cannot_be_signed_as_it_stands(self):
        """the preset as shipped: advancing to signed names each unnamed title, and each unit that has not signed"""
        with open(PRESET, encoding="utf-8") as file:
            assert_done(self.load(file.read().replace(PERIOD, "nguyen-ban")))
        before = self.server.seq()
        result = self.assertExit(65, self.advance("signed", id_="nguyen-ban"))
        for code in ("TC6", "TC7", "TC8"):
            self.assertIn(code, result.err)
        for code in CODES[:5]:
            self.assertNotIn(code, result.err)
        for unit in UNITS:
            self.assertIn(unit, result.err)
        self.assertEqual(self.server.seq(), before)

    def test_sum(self):
        """maxima that do not add up to the total are named with both sums"""
        assert_done(self.load(preset_text(total="90,00").replace(PERIOD, "lech-tong")))
        result = self.assertExit(65, self.advance("signed", id_="lech-tong"))
        self.assertRegex(result.err, r"100[.,]00|\b100\b")
        self.assertRegex(result.err, r"90[.,]00|\b90\b")

    def test_deadline_is_required_before_scoring(self):
        """without a deadline a period does not get as far as scoring"""
        text = "\n".join(line for line in preset_text().replace(PERIOD, "khong-han").splitlines() if not line.startswith("deadline"))
        assert_done(self.load(text))
        heads = {unit: self.server.office(unit, "head") for unit in UNITS}
        for head in heads.values():
            assert_done(head("sign", "-p", "khong-han"))
        statuses = [self.advance("signed", id_="khong-han"), self.advance("scoring", id_="khong-han")]
        self.assertEqual(statuses[-1].status, 65, statuses[-1])
        self.assertIn("deadline", (statuses[0].err + statuses[1].err).lower())

    def test_signatures(self):
        """a period is signed once all have signed; a redefinition voids every signature and says whose"""
        assert_done(self.load(preset_text().replace(PERIOD, "ky-lai")))
        heads = {unit: self.server.office(unit, "head") for unit in UNITS}
        for unit in UNITS[:5]:
            assert_done(heads[unit]("sign", "-p", "ky-lai"))
        result = self.assertExit(65, self.advance("signed", id_="ky-lai"), "ADVANCE_NOT_SIGNED")
        self.assertIn(UNITS[5], result.err)
        self.assertNotIn(UNITS[0], result.err)
        self.assertExit(65, heads[UNITS[0]]("sign", "-p", "ky-lai", "-o", "json"), "ALREADY_SIGNED")
        again = assert_done(self.load(preset_text(deadline="2098-01-01").replace(PERIOD, "ky-lai")))
        for unit in UNITS[:5]:
            self.assertIn(unit, again.out + again.err)
        self.assertExit(65, self.advance("signed", id_="ky-lai"), "ADVANCE_NOT_SIGNED")
        for head in heads.values():
            assert_done(head("sign", "-p", "ky-lai"))
        before = self.server.seq()
        self.assertExit(65, self.advance("scoring", id_="ky-lai"), "ADVANCE_NOT_NEXT")
        self.assertEqual(self.server.seq(), before)
        assert_done(self.advance("signed", id_="ky-lai"))
        self.assertExit(65, self.load(preset_text().replace(PERIOD, "ky-lai")), "PERIOD_NOT_DRAFT")
        self.assertExit(65, heads[UNITS[0]]("score", "TC1=1", "-p", "ky-lai", "-o", "json"), "PERIOD_STATE")
        assert_done(self.advance("scoring", id_="ky-lai"))
        assert_done(heads[UNITS[0]]("score", "TC1=1", "-p", "ky-lai"))

    def test_period_files(self):
        """wrong period files are refused with file and line, and nothing is loaded"""
        good, before = preset_text(), self.server.seq()
        wrong = {
            "an unknown key": good + "\nno_such_key = 1\n",
            "a unit twice": good + '\nunit "quan-ba-dinh" { name = "Ba Đình" }\n',
            "a criterion twice": good + '\ncriterion "TC1" { title = "x"\n max = "1" }\n',
            "no id": good.replace(f'id = "{PERIOD}"', "", 1),
            "a maximum that is no number": good.replace('max = "12,50"', 'max = "nhiều"', 1),
            "a maximum off the step": good.replace('max = "12,50"', 'max = "12,60"', 1),
            "a unit without a name": good.replace('name = "Ba Đình"', "", 1),
            "an unknown leader": good.replace("year =", 'leader = "quan-nao"\nyear =', 1),
            "a word for visibility": good.replace("after_deadline", "sometimes", 1),
            "a string without end": good.replace('"Ba Đình"', '"Ba Đình', 1),
            "a wrong deadline": good.replace("2099-11-30", "2099-13-30"),
            "not UTF-8": None,
        }
        for name, text in wrong.items():
            path = f"{self.server.home}/wrong.conf"
            with open(path, "wb") as file:
                file.write(text.encode() if text else good.encode().replace('"Ba Đình"'.encode(), b'"Ba \xd0\xecnh"', 1))
            with self.subTest(name):
                result = self.assertExit(65, self.server.admin("period", "load", path))
                self.assertTrue(result.err)
                self.assertEqual(self.server.seq(), before)
                if name in ("an unknown key", "a string without end", "a word for visibility", "a maximum that is no number"):
                    self.assertRegex(result.err, rf"{path}:\d+")

    def test_bom_and_crlf(self):
        """a file with a BOM and CRLF is the same definition"""
        first = assert_done(self.load(preset_text().replace(PERIOD, "windows"))).json
        path = f"{self.server.home}/windows.conf"
        with open(path, "wb") as file:
            file.write(b"\xef\xbb\xbf" + preset_text().replace(PERIOD, "windows").replace("\n", "\r\n").encode())
        second = assert_done(self.server.admin("period", "load", path, "-o", "json")).json
        self.assertEqual(second.get("hash"), first.get("hash"))

    def test_list_and_show(self):
        """period list and show give what was loaded, titles byte for byte"""
        assert_done(self.load(preset_text().replace(PERIOD, "de-xem")))
        rows = assert_done(self.server.admin("period", "list", "-o", "json")).json
        self.assertIn("de-xem", [row["id"] for row in rows["rows"]])
        shown = assert_done(self.server.admin("period", "show", "de-xem", "-o", "json")).json
        with open(os.path.join(harness.HERE, "article_criteria.txt"), encoding="utf-8") as file:
            article = file.read()
        for row in shown["criteria"][:5]:
            self.assertIn(row["title"][1:], article)
            self.assertIn(row["title"][0], "HTKC")
        self.assertEqual([row["provenance"] for row in shown["criteria"]], ["named"] * 5 + ["suggested"] * 3)
        self.assertEqual([unit["name"] for unit in shown["units"]],
                         ["Ba Đình", "Hoàng Mai", "Hoàn Kiếm", "Đống Đa", "Hai Bà Trưng", "Long Biên"])
        self.assertEqual(shown["state"], "draft")


class Sizes(Case):
    """Nothing knows about six or eight."""

    def size(self, units, leaves):
        server = harness.Server()
        self.addCleanup(server.close)
        path = f"{server.home}/large.conf"
        made = subprocess.run([sys.executable, MAKE_PERIOD, "--units", str(units), "--leaves", str(leaves), "--id", "co-lon"], stdout=subprocess.PIPE, check=True)
        with open(path, "wb") as file:
            file.write(made.stdout)
        council = server.office(None, "council")
        loaded = assert_done(council("period", "load", path, "-o", "json", "--timeout", "60")).json
        shown = assert_done(server.admin("period", "show", loaded["period"], "-o", "json")).json
        parents = {row["code"].rsplit(".", 1)[0] for row in shown["criteria"] if "." in row["code"]}
        self.assertEqual(len(shown["units"]), units)
        self.assertEqual(len([row for row in shown["criteria"] if row["code"] not in parents]), leaves)
        board = assert_done(server.admin("totals", "-p", loaded["period"], "-o", "json")).json
        self.assertEqual((len(board["rows"]), len(board["rows"][0]["criteria"]), board["units"]), (units, leaves, units))
        self.assertEqual({row["rank"] for row in board["rows"]}, {None})
        self.assertEqual({row["total"] for row in board["rows"]}, {None})
        self.assertEqual(server.stop(), 0)
        self.assertExit(0, server.check())

    def test_126_units(self):
        """126 units, the wards and communes of one city"""
        self.size(126, 8)

    def test_3321_units(self):
        """3,321 units with 40 leaves, loaded by the council"""
        self.size(3321, 40)


class Wire(Case):
    def test_definition_hash(self):
        """a signature names the hash of the definition's bytes; another definition is a conflict"""
        server = harness.Server()
        self.addCleanup(server.close)
        cluster = Cluster(server, until="draft")
        local = server.connect(server.unix)
        reply = local.ask(period=harness.pb.PeriodQuery(period=PERIOD)).period
        self.assertEqual(reply.hash, hashlib.sha256(reply.definition.SerializeToString(deterministic=True)).digest())
        head = server.login(server.enrol_all([(UNITS[0], harness.pb.HEAD)])[0])
        self.assertRefused("CONFLICT", "DEFINITION_CHANGED", head.write, sign=harness.pb.Sign(period=PERIOD, hash=b"x" * 32))
        self.assertEqual(head.write(sign=harness.pb.Sign(period=PERIOD, hash=reply.hash)).sign.hash, reply.hash)
        self.assertExit(0, cluster.heads[UNITS[1]]("sign", "-p", PERIOD))


if __name__ == "__main__":
    harness.main()
