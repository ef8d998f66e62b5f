#!/usr/bin/python3
"""Runs test programs, a few at once, and adds up what they say.

usage: run.py [--build DIR] [--jobs N] GROUP PROGRAM... [GROUP PROGRAM...]...

A program prints a line per test, "ok 1 - name" or "not ok 2 - name" (TAP); one that ends badly without saying what
failed counts as one failure, and so does one that says nothing. The last line is `N passed, N failed`. Exit status 0
only if something ran and nothing failed.
"""
import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time

TIME_LIMIT = float(os.environ.get("THIDUA_TEST_TIME", "120"))  # seconds for one program
RESULT = re.compile(r"^(ok|not ok) \d+(?: - | |$)(.*)$")

# What a group changes: the daemon under test, a command in front of the program.
DAEMONS = {"moved": "thiduad-moved", "asan": "asan/thiduad"}
PREFIXES = {"valgrind": ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite"]}


class Outcome:
    def __init__(self, group, program):
        self.label = f"{group} {os.path.splitext(os.path.basename(program))[0]}"
        self.passed, self.skipped = 0, 0
        self.failures = []  # names
        self.output = ""
        self.seconds = 0.0

    def read(self, output, status):
        self.output = output
        for line in output.splitlines():
            match = RESULT.match(line)
            if not match:
                continue
            if "# SKIP" in line:
                self.skipped += 1
            elif match[1] == "ok":
                self.passed += 1
            else:
                self.failures.append(match[2] or line)
        if status != 0 and not self.failures:
            self.failures.append(f"ended with status {status} without naming a failure")
        if self.passed + self.skipped + len(self.failures) == 0 and not re.search(r"^1\.\.0\b", output, re.M):
            self.failures.append("printed no result")

    def show(self, verbose):
        tail = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.label}: {self.passed} passed, {len(self.failures)} failed{tail} ({self.seconds:.1f} s)", flush=True)
        if self.failures or verbose:
            print("".join(f"    {line}\n" for line in self.output.splitlines()), end="")
        for name in self.failures:
            print(f"    FAILED {self.label}: {name}", flush=True)


def environment(group, build):
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", LC_ALL="C.UTF-8", THIDUA_BUILD=build)
    for name in ("THIDUA_SERVER", "THIDUA_PERIOD", "THIDUA_OUTPUT", "THIDUA_LANG", "THIDUA_PROFILE", "MAKEFLAGS"):
        env.pop(name, None)
    env.setdefault("ASAN_OPTIONS", "abort_on_error=1:detect_leaks=1:disable_coredump=1:verify_asan_link_order=0")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env.setdefault("TSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:second_deadlock_stack=1")
    if group in DAEMONS:
        env["THIDUAD"] = os.path.join(build, DAEMONS[group])
    return env


def run(group, program, build):
    outcome = Outcome(group, program)
    command = PREFIXES.get(group, []) + ([sys.executable] if program.endswith(".py") else []) + [os.path.abspath(program)]
    began = time.monotonic()
    if not os.path.exists(program):
        outcome.read("", "none: there is no such program")
        return outcome
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=environment(group, build), start_new_session=True)
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            output, _ = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
        status = f"none: stopped after {TIME_LIMIT:.0f} s"
    outcome.seconds = time.monotonic() - began
    outcome.read(output.decode("utf-8", "replace"), status)
    return outcome


def groups(words):
    """[("unit", "build/tests/unit/test_text"), ...]: a word without a slash names the group of those after it."""
    group = "test"
    for word in words:
        if "/" in word:
            yield group, word
        else:
            group = word


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        pending = [pool.submit(run, group, program, build) for group, program in groups(options.words)]
        for future in concurrent.futures.as_completed(pending):
            outcome = future.result()
            outcome.show(os.environ.get("V", "0") not in ("", "0"))
            passed += outcome.passed
            failed += len(outcome.failures)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
