"""A head and an officer of one unit, each with a spool that is empty when a test begins."""
import hashlib
import os
import re
import uuid

from harness import ClusterCase, assert_done, pb

UNIT = "quan-dong-da"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SpoolCase(ClusterCase):
    def setUp(self):
        """A head and an officer of one unit, each with a spool that is empty, and a server that runs."""
        if self.server.process.poll() is not None:
            self.server.start()
        self.head, self.officer = self.heads[UNIT], self.second
        for person in (self.head, self.officer):
            for row in self.rows(person):
                assert_done(person("spool", "drop", row["id"] or row["file"], "--yes"))
        self.since = self.server.seq()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.server.office(UNIT, "officer")

    def rows(self, person, *flags):
        return assert_done(person("spool", "list", "-o", "json", *flags)).json["rows"]

    def states(self, person):
        return [row["state"] for row in self.rows(person)]

    def kept(self, result):
        """A request that was kept: its id."""
        self.assertExit(75, result)
        self.assertIn("NOT YET ACKNOWLEDGED", result.err)
        return UUID.search(result.err)[0]

    def journal(self):
        """What was written since the test began."""
        link = self.server.connect(self.server.unix)
        entries = [pb.Entry.FromString(row.record) for row in link.ask(audit=pb.AuditQuery(since=self.since)).audit.rows]
        link.close()
        return entries

    def ids(self):
        return [str(uuid.UUID(bytes=entry.submission)) for entry in self.journal() if entry.submission]

    def sheet(self, person):
        return {line["criterion"]: line["points"] for line in assert_done(person("sheet", "-o", "json")).json["lines"]}

    def folder(self):
        """The folder of the head's spool."""
        name = hashlib.sha256(os.path.realpath(self.head.profile).encode()).hexdigest()[:16]
        return f"{self.server.env['XDG_STATE_HOME']}/thidua/spool/{name}"
