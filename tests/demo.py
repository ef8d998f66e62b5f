#!/usr/bin/python3
"""The main job from start to end, with the shipped programs: six district offices submit their scores over TLS at the same
time, the city watches the totals. Everything lives in a temporary folder and is gone afterwards.

usage: demo.py BUILD_FOLDER
"""
import os
import re
import shlex
import sys
import threading
import time

os.environ["THIDUA_BUILD"] = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "system"))

import harness  # noqa: E402
from cutter import Cutter  # noqa: E402
from harness import CODES, PERIOD, UNITS  # noqa: E402

NAMES = dict(zip(UNITS, ["Ba Đình", "Hoàng Mai", "Hoàn Kiếm", "Đống Đa", "Hai Bà Trưng", "Long Biên"]))
POINTS = {  # self-scores by criterion, TC1 to TC8
    "quan-ba-dinh": ["12,5", "12,25", "11,5", "12", "12", "11,75", "12,25", "12"],
    "quan-hoang-mai": ["12", "12", "12,5", "11,5", "11,75", "12", "11", "12"],
    "quan-hoan-kiem": ["12,5", "12,5", "11", "12,5", "12", "12", "12", "11,75"],
    "quan-dong-da": ["12", "11,75", "12,25", "12", "11,5", "12", "11,75", "11,5"],
    "quan-hai-ba-trung": ["12,5", "12,25", "12,5", "12", "12", "11", "12", "12"],
    "quan-long-bien": ["11,75", "12", "12,5", "12", "11", "12", "10,5"],
}
ROUNDS = [CODES[:3], CODES[3:6], CODES[6:]]
CUT_OFF, NOT_HANDED_IN = "quan-dong-da", "quan-long-bien"

_printing = threading.Lock()


def say(text):
    with _printing:
        print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


# What is worth a line of the answers to writes, by verb; all of it where a verb is not named, or a command fails.
WORTH = {"enrol": ("Account", "Role", "Unit"), "sign": ("Entry", "Signed by"), "score": ("Entry", "TC"), "load": ("Entry", "State", "Hash"),
         "submit": ("Total", "Hand-in", "Receipt"), "advance": ("Entry", "State")}


def brief(text, verb):
    """The lines worth showing on one line, their columns a space apart."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.startswith(WORTH[verb])]
    return ", ".join(lines) + "\n" if lines else text


def show(result, who, words):
    """The command as a person would type it, and what came of it."""
    verb = next((word for word in words if word in WORTH), None)
    out = brief(result.out, verb) if verb and result.status == 0 and "json" not in words else result.out
    with _printing:
        print(f"{who} $ {shlex.join(str(word) for word in words)}", flush=True)
        print("".join(f"    {line}\n" for line in (out + result.err).splitlines()), end="", flush=True)
    return result


def must(result, status=0):
    if result.status != status:
        raise SystemExit(f"\nfailed: exit {result.status} where {status} was expected\n{result}")
    return result


class Demo:
    def __init__(self):
        self.server = harness.Server(listen=("unix:{state}/admin.sock", "127.0.0.1:0"))
        self.people = {}

    def central(self, *words):
        return must(show(self.server.admin(*words), "[server]", ["thidua", *words]))

    def office(self, unit, *words, status=0):
        name = NAMES.get(unit, unit)
        return must(show(self.people[unit](*words), f"[{name}]", ["thidua", *words]), status)

    def start(self):
        say("The daemon runs on a folder of its own; its key and store were made just now")
        print(f"thiduad on {self.server.tls} (TLS 1.3) and a local socket for administration")

    def load(self):
        say("The commitment of cluster 1 for 2022, as the preset has it; three unnamed criteria get suggested texts")
        path = os.path.join(self.server.home, "hn-cum-1-2022.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(harness.preset_text())
        must(show(self.server.admin("period", "load", path), "[server]", ["thidua", "period", "load", "hn-cum-1-2022.conf"]))
        self.central("period", "list")

    def invite(self):
        say("Six offices and the city are invited; each pastes one line and is enrolled over TLS, the server's key pinned")
        for unit, role in [*((unit, "head") for unit in UNITS), ("city", "council")]:
            line = self.server.invite(None if unit == "city" else unit, role)
            person = harness.Person(self.server, f"{self.server.home}/{unit}.profile")
            shown = re.sub(r"[0-9a-f]{20,}", lambda match: match[0][:6] + "…", line)
            must(show(person("enrol", line), f"[{NAMES.get(unit, unit)}]", ["thidua", "enrol", shown]))
            self.people[unit] = person

    def sign(self):
        say("The six heads sign; the council opens the scoring")
        for unit in UNITS:
            self.office(unit, "sign", "-p", PERIOD)
        self.office("city", "period", "advance", "signed", "-p", PERIOD)
        self.office("city", "period", "advance", "scoring", "-p", PERIOD)

    def score(self, unit, number, failures):
        points = dict(zip(CODES, POINTS[unit]))
        words = [f"{code}={points[code]}" for code in ROUNDS[number] if code in points]
        try:
            if (unit, number) == (CUT_OFF, 1):
                self.score_cut_off(words)
            elif words:
                self.office(unit, "score", *words)
        except BaseException as failure:  # of a thread: the main one ends the demonstration
            failures.append(failure)

    def score_cut_off(self, words):
        """The link breaks after the request has been carried out and before its answer: the outcome is unknown."""
        entries = self.entries_of(CUT_OFF)
        cutter = Cutter(self.server.tls, lambda: self.entries_of(CUT_OFF) > entries)
        cut = self.people[CUT_OFF]("score", *words, "--no-spool", "-s", cutter.address)
        must(show(cut, f"[{NAMES[CUT_OFF]}, link cut]", ["thidua", "score", *words]), 80)
        id_ = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", cut.err)[0]
        again = self.office(CUT_OFF, "score", *words, "--id", id_, "-o", "json")
        if not again.json["replayed"] or self.entries_of(CUT_OFF) != entries + 1:
            raise SystemExit("failed: the resend was not recognised")
        cutter.close()

    def entries_of(self, unit):
        return self.server.admin("audit", "-o", "ndjson").out.count(f'"unit":"{unit}"')

    def fill(self):
        for number, codes in enumerate(ROUNDS):
            say(f"All six score {codes[0]} to {codes[-1]} at the same time" +
                ("; one is cut off in mid-request and resumes with the same id" if number == 1 else ""))
            failures = []
            threads = [threading.Thread(target=self.score, args=(unit, number, failures)) for unit in UNITS]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if failures:
                raise failures[0]
            say("The board as it stands")
            self.office("city", "totals")

    def hand_in(self):
        say("Five of six hand in their sheets and get receipts")
        for unit in UNITS:
            if unit != NOT_HANDED_IN:
                self.office(unit, "submit")

    def finish(self):
        say("The city reads the totals")
        self.office("city", "totals")
        say("and who has handed in what (exit status 1 while anything is missing)")
        self.office("city", "status", "--check", status=1)
        board = must(self.people["city"]("totals", "-o", "json")).json
        expected = {unit: sum(float(points.replace(",", ".")) for points in given) for unit, given in POINTS.items()}
        if {row["unit"]: row["total"] for row in board["rows"]} != expected or board["units_submitted"] != 5:
            raise SystemExit("failed: the board is not the sum of what was sent")
        say("The daemon's own check: the journal replayed, every derived row compared")
        must(show(self.server.check(), "[server]", ["thiduad", "check", "--state", "STATE"]))
        say("and it stops")
        if self.server.stop() != 0:
            raise SystemExit("failed: the daemon did not stop cleanly")

    def run(self):
        began = time.monotonic()
        for step in (self.start, self.load, self.invite, self.sign, self.fill, self.hand_in, self.finish):
            step()
        say(f"Done in {time.monotonic() - began:.1f} s; nothing is left running")


def main():
    demo = Demo()
    try:
        demo.run()
    finally:
        demo.server.close()


if __name__ == "__main__":
    main()
