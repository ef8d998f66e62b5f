#!/usr/bin/python3
"""The proof: who has the exported journal makes every board again, at any entry and in all columns, and the hash that a
locked period prints. recompute.py does it, which was written from the protocol's document and shares no code with ours."""
import base64
import hashlib
import json

import harness
import recompute
from harness import PERIOD, assert_done, pb
from whole_year import BA_DINH, DONG_DA, HAI_BA_TRUNG, HOAN_KIEM, HOANG_MAI, LONG_BIEN, YearCase

COLUMNS = ["self", "appraised", "final"]


class Proof(YearCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries = recompute.read_export(cls.export.splitlines())

    def shown(self, column, *more):
        board = assert_done(self.server.admin("totals", "-p", PERIOD, "--column", column, *more, "-o", "json")).json
        wanted = recompute.whole_board(self.entries, PERIOD)
        rows = [{key: row[key] for key in wanted["rows"][0]} for row in board["rows"]]
        return {**{key: board[key] for key in wanted}, "rows": rows}

    def compare(self, column, seq, *more):
        wanted = recompute.whole_board(self.entries, PERIOD, seq, column)
        self.assertEqual(self.shown(column, *more), wanted, f"{column} at {seq}")
        return wanted

    def test_live(self):
        """the live boards are those that the journal gives"""
        for column in COLUMNS:
            self.compare(column, None)

    def test_every_entry(self):
        """the boards of all three columns at every entry since the definition"""
        defined = max(entry.seq for entry in self.entries if entry.event.HasField("period_defined"))
        words = set()
        for seq in range(defined, len(self.entries) + 1):
            for column in COLUMNS:
                board = self.compare(column, seq, "--at", str(seq))
                words |= {row[key] for row in board["rows"] for key in ("class", "sheet")}
        self.assertEqual(words, {None, "Hoàn thành tốt", "Hoàn thành xuất sắc", "none", "draft", "submitted", "returned",
                                 "appraised", "explained", "final"})

    def test_ties(self):
        """equal totals: two share a rank, and of two others the one with more in TC1 and its items stands above"""
        found = [(row["rank"], row["tied"], row["unit"], row["total"]) for row in self.compare("self", self.tied, "--at", str(self.tied))["rows"]]
        self.assertEqual(found[:4], [(1, True, BA_DINH, 55), (1, True, HOANG_MAI, 55), (3, False, HOAN_KIEM, 47.75),
                                     (4, False, DONG_DA, 47.75)])

    def test_by_hand(self):
        """the final board is the one that was added up with pencil and paper"""
        found = [(row["rank"], row["tied"], row["unit"], row["base"], row["bonus"], row["deduction"], row["total"])
                 for row in recompute.board(self.entries, PERIOD, None, "final")]
        # TC2: Ba Đình 25 × 2/3, Hoàng Mai 25 × 5/7, Hai Bà Trưng 25 × 5/9, Long Biên 25 × 5/100, the others next to nothing.
        # TC3: Ba Đình all of it, Đống Đa 97 %, Long Biên 96 %; Hoàng Mai and Hoàn Kiếm less than half.
        self.assertEqual(found, [
            (1, False, BA_DINH, 91.17, 0, 0, 91.17),         # 19,50 + 10 + 16,67 + 20 + 25
            (2, False, HOANG_MAI, 72.86, 0, 0.5, 72.36),     # 20 + 10 + 17,86 + 0 + 25
            (3, False, DONG_DA, 60, 0, 0, 60),               # 17 + 8 + 0 + 15 + 20
            (4, False, HAI_BA_TRUNG, 57.89, 0, 0.5, 57.39),  # 12 + 7 + 13,89 + 25
            (5, False, HOAN_KIEM, 47.75, 4.25, 0, 52),       # 18,50 + 9,25 + 0 + 0 + 20
            (6, False, LONG_BIEN, 36.25, 5, 0, 41.25),       # 20 + 1,25 + 15 + 0
        ])

    def test_final_hash(self):
        """each locking printed the hash of the board that stood; the reopening changed it, and both can be made again"""
        self.assertEqual(len(self.hashes), 2)
        for seq, printed in self.hashes:
            self.assertEqual(recompute.final_board_hash(self.entries, PERIOD, seq), printed)
            self.assertEqual(recompute.period_at(self.entries, PERIOD, seq).board_hash.hex(), printed)
        self.assertNotEqual(self.hashes[0][1], self.hashes[1][1])
        shown = assert_done(self.server.admin("period", "show", PERIOD, "-o", "json")).json
        self.assertEqual(shown["board_hash"], self.hashes[1][1])

    def test_hash_by_hand(self):
        """the text that is hashed, written out"""
        definition = assert_done(self.server.admin("period", "show", PERIOD, "-o", "json")).json["hash"]
        text = (f"thidua-board 1\nperiod {PERIOD}\ndefinition {definition}\ncriteria TC1.1 TC1.2 TC2 TC3 TC4\n"
                f"unit {BA_DINH} 1 9117 0 0 9117 1950 1000 1667 2000 2500\n"
                f"unit {HOANG_MAI} 2 7286 0 50 7236 2000 1000 1786 0 2500\n"
                f"unit {HOAN_KIEM} 5 4775 425 0 5200 1850 925 0 0 2000\n"
                f"unit {DONG_DA} 3 6000 0 0 6000 1700 800 0 1500 2000\n"
                f"unit {HAI_BA_TRUNG} 4 5789 0 50 5739 1200 700 1389 - 2500\n"
                f"unit {LONG_BIEN} 6 3625 500 0 4125 2000 - 125 1500 0\n")
        self.assertEqual(recompute.final_board_text(self.entries, PERIOD), text)
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), self.hashes[1][1])

    def test_nothing_disappears(self):
        """what stood before the correction is still there, with the decision that allowed it"""
        first, second = (seq for seq, _ in self.hashes)
        before, after = (recompute.board(self.entries, PERIOD, seq, "final") for seq in (first, second))
        self.assertEqual([row["total"] for row in before if row["unit"] == LONG_BIEN], [37.25])
        self.assertEqual([row["total"] for row in after if row["unit"] == LONG_BIEN], [41.25])
        reopened = [entry.event.period_advanced for entry in self.entries[first:second]
                    if entry.event.HasField("period_advanced") and entry.event.period_advanced.state == pb.REOPENED]
        self.assertEqual([(event.decision, event.reason) for event in reopened], [("12/QĐ-MTTQ", "cộng sót điểm thưởng")])

    def test_contradiction(self):
        """a journal whose chain was made anew around a changed fact contradicts itself"""
        for name, change in (("score_set", lambda event: setattr(event.lines[0], "points_cp", event.lines[0].points_cp - 50)),
                             ("lines_appraised", lambda event: setattr(event.lines[0], "points_cp", 0)),
                             ("adjusted", lambda event: setattr(event, "points_cp", event.points_cp + 25)),
                             ("sheets_finalized", lambda event: setattr(event.sheets[0].after.final, "total_cp", 10000))):
            entries = recompute.read_export(self.forged(name, change))
            with self.assertRaises(recompute.Damaged, msg=name):
                recompute.board(entries, PERIOD)

    def forged(self, name, change):
        """The export with the first such event changed, and every hash after it made again."""
        rows, prev, done = [json.loads(line) for line in self.export.splitlines()], bytes(32), False
        for row in rows:
            entry = pb.Entry.FromString(base64.b64decode(row["record"]))
            if not done and entry.event.WhichOneof("body") == name:
                change(getattr(entry.event, name))
                done = True
            record = entry.SerializeToString()
            row["record"], row["prev"] = base64.b64encode(record).decode(), prev.hex()
            prev = hashlib.sha256(prev + record).digest()
            row["hash"] = prev.hex()
        return [json.dumps(row) for row in rows]


if __name__ == "__main__":
    harness.main()
