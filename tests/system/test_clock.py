#!/usr/bin/python3
"""A clock that leaps while the daemon runs, or went back while it did not: it is survived and told, once, and reopens
nothing."""
import re
import time

import harness
from harness import Case, Server, definition, open_for_scoring, pb

HOUR = 3600
UNIT = "xa-mot"


class Clock(Case):
    def setUp(self):
        self.server = Server(start=False)
        self.addCleanup(self.server.close)
        self.path = f"{self.server.home}/clock"
        self.set_clock(0)
        self.server.env.update(LD_PRELOAD=harness.CLOCK_MOVED, THIDUA_CLOCK_FILE=self.path)
        self.server.start()
        self.deadline_ms = int(time.time() + HOUR) * 1000

    def set_clock(self, seconds):
        """The daemon's wall clock reads so many seconds later than ours, from now on."""
        with open(self.path, "w", encoding="ascii") as file:
            file.write(str(seconds))

    def open_period(self, **more):
        period = definition([UNIT], ["TC1"], id="ky")
        period.deadline_ms = self.deadline_ms
        for name, value in more.items():
            setattr(period, name, value)
        return open_for_scoring(self.server, period)[0]

    def events(self):
        rows = self.server.connect(self.server.unix).ask(audit=pb.AuditQuery()).audit.rows
        return [pb.Entry.FromString(row.record).event.WhichOneof("body") for row in rows]

    def wait_for(self, event):
        until = time.monotonic() + harness.PATIENCE
        while event not in self.events():
            self.assertLess(time.monotonic(), until, f"no {event}")
            time.sleep(0.05)

    def warnings(self):
        return [line for line in self.server.log if "the clock has leapt" in line]

    def test_leap_is_told_once_and_reopens_nothing(self):
        """a clock that leaps past the deadline and back again has let it pass: what comes then is late"""
        link = self.server.login(self.open_period())
        link.score({"TC1": 100}, period="ky")
        self.set_clock(2 * HOUR)
        self.assertTrue(self.server.logged(r"the clock has leapt forward by (7200|7199|7201)\.\d{3} s"))
        self.wait_for("deadline_passed")
        self.set_clock(0)
        self.assertTrue(self.server.logged(r"the clock has leapt back by (7200|7199|7201)\.\d{3} s"))
        reply = link.submit(period="ky")
        self.assertTrue(reply.late)
        self.assertEqual(reply.late_ms, 0)
        self.assertTrue(self.server.logged("1 entries were written while the clock read earlier"))
        time.sleep(2.5)  # two more looks at the clock
        self.assertEqual(len(self.warnings()), 2, self.warnings())
        self.assertEqual(self.events().count("deadline_passed"), 1)
        self.assertEqual(self.server.stop(), 0)
        self.assertExit(0, self.server.check())

    def test_hard_close_stays_closed(self):
        """nor does a clock that went back open what was closed hard"""
        account = self.open_period(hard_close=True)
        self.set_clock(2 * HOUR)
        self.wait_for("deadline_passed")
        self.set_clock(-24 * HOUR)
        self.assertTrue(self.server.logged("the clock has leapt back"))
        link = self.server.login(account)
        self.assertRefused("FAILED_PRECONDITION", "DEADLINE_PASSED", link.score, {"TC1": 100}, period="ky")

    def test_small_steps_are_no_leaps(self):
        """a clock that is set right by a second or two is not worth a line"""
        self.set_clock(2)
        time.sleep(2.5)
        self.set_clock(0)
        time.sleep(2.5)
        self.assertEqual(self.warnings(), [])

    def test_clock_that_went_back_while_nobody_watched(self):
        """at the start the clock is compared with the last entry"""
        self.open_period()
        self.assertEqual(self.server.stop(), 0)
        self.set_clock(-3 * HOUR)
        self.server.start()
        line = self.server.logged(r"the clock has leapt back by \d+\.\d{3} s since the last entry")
        self.assertIsNotNone(line)
        self.assertGreater(int(re.search(r"by (\d+)\.", line).group(1)), 3 * HOUR - 60)


if __name__ == "__main__":
    harness.main()
