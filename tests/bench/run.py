#!/usr/bin/python3
"""Durable submits and live totals a second, on this machine, over plain loopback; client and server share its cores.

usage: run.py BUILD_FOLDER          THIDUA_BENCH_SECONDS: length of each run, 3 by default
"""
import os
import platform
import subprocess
import sys

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
os.environ["THIDUA_BUILD"] = BUILD
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

import harness  # noqa: E402

SECONDS = os.environ.get("THIDUA_BENCH_SECONDS", "3")
UNITS, PERIOD = 526, "bench-2026"
SHAPES = [(connections, depth) for connections in (1, 50, UNITS) for depth in (1, 16)]


def prepare(server):
    """A period of 526 units in scoring; the file of accounts: every head, and an auditor last."""
    units = [f"xa-{number:03}" for number in range(UNITS)]
    heads = harness.open_for_scoring(server, harness.definition(units, id=PERIOD))
    auditor = server.enrol_all([(None, harness.pb.AUDITOR)])[0]
    path = os.path.join(server.home, "accounts")
    with open(path, "w", encoding="ascii") as file:
        for (number, token), unit in zip([*heads, auditor], [*units, "-"]):
            file.write(f"{number} {token.hex()} {unit}\n")
    return path


def measure(server, accounts, kind, connections, depth):
    done = subprocess.run([os.path.join(BUILD, "tests", "bench", "load"), server.plain.rsplit(":", 1)[1], accounts, PERIOD, kind,
                           str(connections), str(depth), SECONDS], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{kind} at {connections} x {depth} failed")
    return [int(word) for word in done.stdout.split()]


def main():
    server = harness.Server()
    accounts = prepare(server)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}; {UNITS} units, 8 criteria, {SECONDS} s each")
    print(f"{'':<16} {'connections':>11} {'deep':>5} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8} {'longest':>8}")
    for kind, label in (("submit", "durable submits"), ("totals", "live totals")):
        for connections, depth in SHAPES:
            rate, p50, p99, longest = measure(server, accounts, kind, connections, depth)
            print(f"{label:<16} {connections:>11} {depth:>5} {rate:>9} {p50 / 1000:>8.2f} {p99 / 1000:>8.2f} {longest / 1000:>8.1f}",
                  flush=True)
    if server.stop() != 0 or server.check().status != 0:
        raise SystemExit("the daemon or its check failed afterwards")
    server.close()


if __name__ == "__main__":
    main()
