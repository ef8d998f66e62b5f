#!/usr/bin/python3
"""What others see of a unit's sheet, and how long the answers about it may be."""
import os

import harness
from harness import ServerCase, definition, pb
from thidua_client import hashlib

FRAME_MOST = 16 * 1024 * 1024


class Views(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        period = definition(["quan-mot", "quan-hai", "quan-ba"], ["A", "B"], id="nho", leader="quan-hai")
        cls.heads = harness.open_for_scoring(cls.server, period)
        cls.one, cls.leader, cls.peer = (cls.server.login(head) for head in cls.heads)

    def history(self, link, period="nho", unit="quan-mot", **more):
        return [(row.event, row.criterion, row.points_cp, row.HasField("from_cp"), row.HasField("total_cp"), row.note)
                for row in link.ask(history=pb.HistoryQuery(period=period, unit=unit, **more)).history.rows]

    def test_drafts_stay_with_the_unit(self):
        """history shows others the last hand-in and the entries that set its lines, no draft before it, in no figure"""
        for points, note in (({"A": 25, "B": 50}, "nháp"), ({"A": 75}, "nháp hai"), ({"A": 100}, "nộp")):
            self.one.score(points, note=note, period="nho")
        for link in (self.leader, self.peer):
            self.assertRefused("PERMISSION_DENIED", "NOT_VISIBLE", self.history, link)
        self.one.submit(period="nho")
        self.assertEqual(self.history(self.leader),
                         [("sheet_submitted", "", 0, False, True, ""), ("score_set", "A", 100, False, False, "nộp"),
                          ("score_set", "B", 50, False, False, "nháp")])
        self.assertEqual(self.history(self.leader, criterion="a"), [("score_set", "A", 100, False, False, "nộp")])
        self.assertRefused("PERMISSION_DENIED", "NOT_VISIBLE", self.history, self.peer)
        own = self.history(self.one)
        self.assertEqual([points for event, code, points, *_ in own if code == "A"], [100, 75, 25])
        self.assertEqual(self.history(self.one, criterion="A")[0], ("score_set", "A", 100, True, True, "nộp"))

    def test_long_histories_come_in_frames(self):
        """no frame of a history is longer than an answer may be, however many lines an entry has; all of it comes"""
        codes = [f"C{n}" for n in range(512)]
        head = harness.open_for_scoring(self.server, definition(["quan-dai"], codes, id="dai", total_cp=5120, step_cp=1))[0]
        link = self.server.login(head, timeout=60)
        for turn in range(40):
            link.score({code: turn % 10 for code in codes}, note="n" * 2000, period="dai")
        request = link.request(history=pb.HistoryQuery(period="dai"))
        link.send(request)
        rows, more = 0, True
        while more:
            response = link.receive()
            self.assertEqual(response.status, pb.OK)
            self.assertLess(response.ByteSize(), FRAME_MOST)
            rows, more = rows + len(response.history.rows), response.more
        self.assertEqual(rows, 40 * 512)

    def test_enrolment_has_no_submission_id(self):
        """an enrolment that carries a submission id is refused, keeps the code, and takes no id from anybody"""
        code, verifier, submission = os.urandom(16), os.urandom(32), os.urandom(16)
        local, link = self.server.connect(self.server.unix), self.server.connect()
        local.write(invite=pb.Invite(role=pb.CITY, code_hash=hashlib.sha256(code).digest(), ttl_ms=3600000))
        before = self.server.seq()
        self.assertRefused("INVALID_ARGUMENT", "ID_ON_READ", link.ask, submission=submission,
                           enrol=pb.Enrol(code=code, verifier=verifier))
        self.assertEqual(self.server.seq(), before)
        self.assertTrue(link.ask(enrol=pb.Enrol(code=code, verifier=verifier)).enrol.account)


if __name__ == "__main__":
    harness.main()
