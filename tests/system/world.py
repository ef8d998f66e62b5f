"""Everybody who takes part in a year, on the wire: an account and a connection for each, made when first asked for."""
import collections
import os
import re

from harness import TOP, pb

Caller = collections.namedtuple("Caller", "role unit", defaults=(None,))

CITY, COUNCIL, AUDITOR, ADMIN, NOBODY = (Caller(role) for role in ("city", "council", "auditor", "admin", "nobody"))
ROLES = {"officer": pb.OFFICER, "head": pb.HEAD, "city": pb.CITY, "council": pb.COUNCIL, "auditor": pb.AUDITOR}


def officer(unit):
    return Caller("officer", unit)


def head(unit):
    return Caller("head", unit)


def statuses_of_reasons():
    """{reason: the name of its status}, as the contract lists them."""
    with open(os.path.join(TOP, "proto", "reasons.def"), encoding="utf-8") as file:
        return dict(re.findall(r"^REASON\((\w+),\s*(\w+),", file.read(), re.M))


class World:
    """The accounts of one daemon. Units must have been registered by a period before they are asked for."""

    def __init__(self, server):
        self.server, self.accounts, self.links = server, {}, {}

    def enrol(self, *callers):
        """Accounts for all who have none yet, in one go."""
        new = [caller for caller in callers if caller.role in ROLES and caller not in self.accounts]
        made = self.server.enrol_all([(caller.unit, ROLES[caller.role]) for caller in new])
        self.accounts.update(zip(new, made))

    def __call__(self, caller):
        """The caller's connection. Nobody's is new each time: the server does not wait long for an account to be named."""
        if caller == NOBODY and caller in self.links:
            self.links.pop(caller).close()
        if caller not in self.links:
            self.enrol(caller)
            self.links[caller] = self.connect(caller)
        return self.links[caller]

    def connect(self, caller):
        if caller == ADMIN:
            return self.server.connect(self.server.unix)
        if caller == NOBODY:
            return self.server.connect()
        return self.server.login(self.accounts[caller])

    def hang_up(self):
        """Before a restart of the daemon; the accounts stay."""
        for link in self.links.values():
            link.close()
        self.links = {}

    def seq(self):
        return self(ADMIN).ask(ping=pb.Ping()).ping.seq

    def entries(self, since=0):
        return [pb.Entry.FromString(row.record) for row in self(ADMIN).ask(audit=pb.AuditQuery(since=since)).audit.rows]
