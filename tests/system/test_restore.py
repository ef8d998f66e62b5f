#!/usr/bin/python3
"""thiduad restore --from-journal: an exported journal is the whole ledger, and a damaged one becomes none."""
import base64
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import time

import harness
from harness import PERIOD, UNITS, Server, assert_done, definition, open_for_scoring, pb
from whole_year import YearCase

# What people and programs ask, and the same answer must come from the restored ledger.
QUESTIONS = [["totals", "--column", column, *at] for column in ("self", "appraised", "final") for at in ([], ["--at", "50"], ["--at", "70"])]
QUESTIONS += [[verb, unit] for verb in ("sheet", "history") for unit in UNITS]
QUESTIONS += [["totals", "--explain"], ["status"], ["period", "show"], ["period", "list"], ["admin", "accounts"]]


def export_of(server):
    return assert_done(server.admin("audit", "-o", "ndjson")).out


def score(points_cp):
    return pb.Score(lines=[pb.LineInput(criterion="TC1", points_cp=points_cp)])


def changed(line, **fields):
    return json.dumps({**json.loads(line), **fields}) + "\n"


def paths(message, above=()):
    """The way to every field that is there, of lists to those of the first element."""
    for field, value in message.ListFields():
        yield above + (field.name,)
        one = value[0] if field.label == field.LABEL_REPEATED else value
        if field.message_type:
            yield from paths(one, above + (field.name,))


def clear(message, path):
    for name in path[:-1]:
        value = getattr(message, name)
        message = value if hasattr(value, "ListFields") else value[0]
    message.ClearField(path[-1])


class RestoreCase(YearCase):
    """A year that was exported once; nothing is written to its ledger afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = cls.export.splitlines(keepends=True)
        cls.last = json.loads(cls.lines[-1])

    def folder(self, name="new"):
        folder = f"{self.server.home}/{name}"
        shutil.rmtree(folder, ignore_errors=True)
        self.addCleanup(shutil.rmtree, folder, True)
        return folder

    def file(self, lines, name="export.ndjson"):
        path = f"{self.server.home}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(lines))
        return path

    def restore(self, source, folder, input=None):
        return harness.run([self.server.binary, "restore", "--from-journal", source, "--state", folder], self.server.env,
                           input=input, timeout=120)


class Whole(RestoreCase):
    def answers(self):
        """Everything that is asked of the server, as bytes."""
        found = {}
        for words in QUESTIONS:
            found[" ".join(words)] = assert_done(self.server.admin(*words, "-p", PERIOD, "-o", "json")).out
        for unit, head in self.heads.items():
            for words in (["whoami"], ["totals", "-p", PERIOD], ["status", "-p", PERIOD], ["sheet", "-p", PERIOD],
                          ["history", "-p", PERIOD]):
                found[f"{unit} {words[0]}"] = assert_done(head(*words, "-o", "json")).out
        for receipt in self.receipts:
            found[receipt] = assert_done(self.city("receipt", "verify", "-", "-o", "json", input=receipt)).out
        return found

    def test_same_answers(self):
        """a daemon on the restored folder answers every question with the same bytes, and goes on from there"""
        folder = self.folder()
        result = self.assertExit(0, self.restore(self.file(self.lines), folder))
        for said in (str(len(self.lines)), self.last["time"], self.last["hash"], "tls.key", f"check --state {folder}"):
            self.assertIn(said, result.out)
        self.assertRegex(result.out, r"periods +1\n")
        self.assertRegex(result.out, r"units +6\n")
        self.assertEqual(os.listdir(folder), ["data.mdb"])
        self.assertExit(0, self.server.check(folder))
        before, old = self.answers(), self.server.state
        self.move_to(folder)
        self.addCleanup(self.move_to, old)
        self.assertEqual(self.answers(), before)
        self.assertEqual(export_of(self.server), self.export)
        self.advance("reopened", "--decision", "13/QĐ-MTTQ", "--reason", "sửa lần nữa")
        self.assertEqual(self.server.seq(), len(self.lines) + 1)
        self.assertExit(0, self.server.check())

    def move_to(self, state):
        """The daemon goes on from another state folder, with the key that it has."""
        self.assertEqual(self.server.stop(), 0)
        if not os.path.exists(f"{state}/tls.key"):
            shutil.copy(f"{self.server.state}/tls.key", f"{state}/tls.key")
        self.server.state = state
        self.server.start()

    def test_standard_input(self):
        """- reads standard input; an empty folder that stands there is taken, and stays its owner's alone"""
        folder = self.folder()
        os.mkdir(folder, 0o700)
        self.assertExit(0, self.restore("-", folder, input=self.export))
        self.assertExit(0, self.server.check(folder))
        self.assertEqual(stat.S_IMODE(os.stat(f"{folder}/data.mdb").st_mode), 0o600)

    def test_long(self):
        """a journal of many batches is taken over whole"""
        server = Server()
        self.addCleanup(server.close)
        head = open_for_scoring(server, definition(["xa-mot"]))[0]
        link = server.login(head)
        for begin in range(0, int(2500 * harness.SCALE), 50):
            link.send(*[link.request(os.urandom(16), score=score(25 * (n % 40))) for n in range(begin, begin + 50)])
            for _ in range(50):
                link.answer()
        folder = self.folder()
        result = self.assertExit(0, self.restore("-", folder, input=export_of(server)))
        self.assertIn(f"last entry  {server.seq()}\n", result.out)
        self.assertExit(0, self.server.check(folder))


class Damaged(RestoreCase):
    def refused(self, lines, line, words):
        """The export is refused, this line is named, and nothing is left."""
        folder = self.folder()
        path = self.file(lines)
        result = self.assertExit(65, self.restore(path, folder))
        self.assertIn(f"{path}:{line}: ", result.err)
        self.assertRegex(result.err, words)
        self.assertEqual(result.out, "")
        self.assertFalse(os.path.exists(folder), "a folder was left behind")

    def test_changed(self):
        """a changed record, hash or number is found on its line"""
        at = 20
        line = json.loads(self.lines[at])
        record = line["record"]
        for place in (0, len(record) // 2, len(record) - 5):
            flipped = record[:place] + ("A" if record[place] != "A" else "B") + record[place + 1:]
            self.refused(self.with_line(at, record=flipped), at + 1, "hash|record")
        self.refused(self.with_line(at, record=record + "===="), at + 1, "base64")
        self.refused(self.with_line(at, record=" " + record), at + 1, "base64")
        self.refused(self.with_line(at, hash="0" * 64), at + 1, "hash")
        self.refused(self.with_line(at, prev="0" * 64), at + 1, "prev is not the hash of entry 20")
        self.refused(self.with_line(at, prev="0" * 63 + "g"), at + 1, "hexadecimal")
        self.refused(self.with_line(at, hash=line["hash"][:-1]), at + 1, "hexadecimal")
        self.refused(self.with_line(at, seq=at + 2), at + 1, "missing")
        self.refused(self.with_line(at, seq=-1), at + 1, "no entry")
        self.refused(self.with_line(at, record=7), at + 1, "no entry")
        self.refused(self.with_line(at, hash=None), at + 1, "no entry")

    def with_line(self, at, **fields):
        return self.lines[:at] + [changed(self.lines[at], **fields)] + self.lines[at + 1:]

    def test_lines(self):
        """a missing, repeated, swapped, cut or foreign line is found"""
        lines, n = self.lines, len(self.lines)
        self.refused(lines[:9] + lines[10:], 10, "entry 11 stands behind entry 9; what was between them is missing")
        self.refused(lines[:9] + lines[8:], 10, "entry 9 stands behind entry 9; the lines are out of order")
        self.refused(lines[:9] + [lines[10], lines[9]] + lines[11:], 10, "missing")
        self.refused(lines[:-1] + [lines[-1][:-20]], n, "cut short")
        self.refused(lines[:-1] + [lines[-1][:-1]], n, "cut short")
        self.refused(lines[:5] + ["\n"] + lines[5:], 6, "no entry")
        self.refused(lines[:5] + [lines[5][:-1] + "{}\n"] + lines[6:], 6, "no entry")
        self.refused(["thidua\n"], 1, "no entry")
        self.refused(["\0\n"], 1, "no entry")
        self.refused([lines[0].replace('"seq"', '"seq":1,"seq"', 1)] + lines[1:], 1, "no entry")
        self.refused([], 1, "holds no entry")

    def test_partial(self):
        """an export of a part is refused, saying how to export the whole"""
        result = assert_done(self.server.admin("audit", "--since", "7", "-o", "ndjson"))
        self.refused(result.out.splitlines(keepends=True), 1, "begins with entry 8, not with entry 1\n.*--since")
        self.refused(self.lines[1:], 1, "begins with entry 2")

    def test_forged(self):
        """a chain that is whole, of entries that do not follow from each other, is refused at the first that does not"""
        for bend, words in ((self.no_founding, "found a ledger"), (self.other_seq, "another"), (self.other_total, "total|points|lines"),
                            (self.before_1970, "its time is before 1970"), (self.clock_back_unsaid, "the clock went back by 5 ms, and it says 0"),
                            (self.clock_back_untrue, "the clock went back by 0 ms, and it says 7"), (self.no_actor, "names nobody"),
                            (self.no_role, "has no such role"), (self.other_definition, "not one that thiduad has written")):
            rows = [json.loads(line) for line in self.lines]
            at = bend(rows)
            self.refused(self.chained(rows), at + 1, words)

    def chained(self, rows):
        prev = bytes(32)
        for row in rows:
            digest = hashlib.sha256(prev + base64.b64decode(row["record"])).digest()
            row.update(prev=prev.hex(), hash=digest.hex())
            prev = digest
        return [json.dumps(row) + "\n" for row in rows]

    def bend(self, row, change):
        entry = pb.Entry.FromString(base64.b64decode(row["record"]))
        change(entry)
        row["record"] = base64.b64encode(entry.SerializeToString()).decode()

    def no_founding(self, rows):
        self.bend(rows[0], lambda entry: entry.event.noted.SetInParent())
        return 0

    def other_seq(self, rows):
        self.bend(rows[4], lambda entry: setattr(entry, "seq", 50))
        return 4

    def other_total(self, rows):
        at = next(i for i, row in enumerate(rows) if row["event"] == "score_set")
        self.bend(rows[at], lambda entry: setattr(entry.event.score_set.after, "self_total_cp", 9999))
        return at

    def before_1970(self, rows):
        self.bend(rows[4], lambda entry: setattr(entry, "time_ms", -1))
        return 4

    def clock_back_unsaid(self, rows):
        before = pb.Entry.FromString(base64.b64decode(rows[3]["record"])).time_ms
        self.bend(rows[4], lambda entry: setattr(entry, "time_ms", before - 5))
        return 4

    def clock_back_untrue(self, rows):
        self.bend(rows[4], lambda entry: setattr(entry, "clock_back_ms", 7))
        return 4

    def no_actor(self, rows):
        self.bend(rows[0], lambda entry: entry.ClearField("actor"))
        return 0

    def no_role(self, rows):
        at = next(i for i, row in enumerate(rows) if row["event"] == "score_set")
        self.bend(rows[at], lambda entry: entry.actor.ClearField("role"))
        return at

    def other_definition(self, rows):
        """One that no daemon would have taken, with its own hash."""
        def change(entry):
            defined = entry.event.period_defined
            defined.definition.deputy = defined.definition.leader = defined.definition.units[0].id
            defined.hash = hashlib.sha256(defined.definition.SerializeToString(deterministic=True)).digest()

        at = next(i for i, row in enumerate(rows) if row["event"] == "period_defined")
        self.bend(rows[at], change)
        return at

    def test_never_dies(self):
        """entries with any part missing, in a chain that is whole, are refused or taken, and never end the program"""
        rows = [json.loads(line) for line in self.lines]
        last = {row["event"]: at for at, row in enumerate(rows)}  # the last of each kind
        for event, at in last.items():
            entry = pb.Entry.FromString(base64.b64decode(rows[at]["record"]))
            for path in paths(entry):
                bent = [dict(row) for row in rows[:at + 1]]
                self.bend(bent[at], lambda entry: clear(entry, path))
                folder = self.folder()
                result = self.restore("-", folder, input="".join(self.chained(bent)))
                self.assertIn(result.status, (0, 65), f"{event} without {path}: {result}")
                self.assertEqual(os.path.exists(folder), result.status == 0)

    def test_no_input(self):
        """a file that is not there or cannot be read is no input"""
        folder = self.folder()
        for source in (f"{self.server.home}/absent", self.server.home):
            result = self.assertExit(66, self.restore(source, folder))
            self.assertIn(source, result.err)
            self.assertFalse(os.path.exists(folder))

    def test_folder_in_the_way(self):
        """a folder that is not empty, a file, or one whose parent is missing is refused, and stays as it was"""
        path, folder = self.file(self.lines), self.folder()
        os.mkdir(folder, 0o700)
        with open(f"{folder}/letter.txt", "w", encoding="utf-8") as file:
            file.write("thư")
        result = self.assertExit(73, self.restore(path, folder))
        self.assertIn("letter.txt", result.err)
        self.assertEqual(os.listdir(folder), ["letter.txt"])
        self.assertExit(73, self.restore(path, self.server.state))
        self.assertExit(73, self.restore(path, f"{folder}/letter.txt"))
        self.assertExit(73, self.restore(path, f"{folder}/not/there"))
        self.assertEqual(os.listdir(folder), ["letter.txt"])

    def test_refused_in_a_folder_that_stood(self):
        """a folder that was there before stays, and stays empty"""
        folder = self.folder()
        os.mkdir(folder, 0o700)
        self.assertExit(65, self.restore(self.file(self.lines[:9] + self.lines[10:]), folder))
        self.assertEqual(os.listdir(folder), [])

    def test_interrupted(self):
        """an interrupted restore leaves nothing behind"""
        folder = self.folder()
        for number in (signal.SIGINT, signal.SIGTERM):
            process = harness.spawn([self.server.binary, "restore", "--from-journal", "-", "--state", folder], self.server.env,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdin.write("".join(self.lines[:5]).encode())
            process.stdin.flush()
            began = time.monotonic()
            while not os.path.exists(folder) or not any(os.scandir(folder)):
                self.assertLess(time.monotonic() - began, harness.PATIENCE)
                time.sleep(0.01)
            process.send_signal(number)
            _, said = process.communicate(timeout=harness.PATIENCE)
            self.assertEqual(process.returncode, 128 + number, said)
            self.assertIn(b"nothing has been restored", said)
            self.assertFalse(os.path.exists(folder))

    def test_no_output(self):
        """what is restored stays, though nobody can be told of it, and the exit status says so"""
        folder = self.folder()
        command = f"exec {self.server.binary} restore --from-journal - --state {folder} >/dev/full"
        result = self.assertExit(74, harness.run(["bash", "-c", command], self.server.env, input=self.export, timeout=120))
        self.assertIn("restored whole", result.err)
        self.assertIn(f"thiduad check --state {folder}", result.err)
        self.assertExit(0, self.server.check(folder))

    def test_full_disk(self):
        """a store that cannot grow is said to be so, and nothing stays"""
        folder = self.folder()
        command = f'trap "" XFSZ; ulimit -f 48; exec {self.server.binary} restore --from-journal - --state {folder}'
        result = harness.run(["bash", "-c", command], self.server.env, input=self.export)
        self.assertExit(73, result)
        self.assertIn("make room", result.err)
        self.assertFalse(os.path.exists(folder))


if __name__ == "__main__":
    harness.main()
