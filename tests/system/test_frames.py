#!/usr/bin/python3
"""Hostile bytes: one clear refusal each, nothing changed, and the daemon serves on."""
import os
import random
import socket
import time

import harness
from harness import ServerCase, definition, open_for_scoring, pb
from thidua_client import frame, varint

SUBMISSION = bytes(range(16))
MIB = 1024 * 1024


def field(number, content):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def number(tag, value):
    return varint(tag << 3) + varint(value)


def score(lines=b"", more=b""):
    """A Request of a score whose lines and further fields are raw bytes."""
    return number(1, 7) + field(2, SUBMISSION) + field(40, lines + more)


LINE = field(2, field(1, b"TC1") + number(2, 25))


def nested(depth):
    body = b""
    for _ in range(depth):
        body = field(9, body)
    return body


# Whole frames, or beginnings of one, after which no further frame can be found: the connection ends.
FRAMES = {
    "an empty frame": (b"\x00", {"FRAME_BAD"}),
    "a prefix longer than needed": (b"\x85\x00" + b"x" * 5, {"FRAME_BAD"}),
    "a length of 2^63": (varint(1 << 63) + b"x" * 20, {"FRAME_BAD", "FRAME_TOO_LONG"}),
    "a length of 2^32": (varint(1 << 32) + b"x" * 20, {"FRAME_TOO_LONG", "FRAME_BAD"}),
    "a length without end": (b"\xff" * 16, {"FRAME_BAD", "FRAME_TOO_LONG"}),
    "a megabyte and one": (varint(MIB + 1) + b"x" * 64, {"FRAME_TOO_LONG"}),
}

# Frames whose body is no acceptable request.
MESSAGES = {
    "garbage": (random.Random(1).randbytes(200), {"MESSAGE_BAD", "UNKNOWN_FIELD", "NOT_CANONICAL", "NO_BODY"}),
    "text": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", {"MESSAGE_BAD", "UNKNOWN_FIELD", "NOT_CANONICAL", "NO_BODY"}),
    "a field cut off": (score(LINE)[:-3], {"MESSAGE_BAD"}),
    "no body": (number(1, 7), {"NO_BODY"}),
    "an unknown field": (score(LINE) + number(99, 1), {"UNKNOWN_FIELD"}),
    "an unknown field inside": (score(field(2, field(1, b"TC1") + number(2, 25) + number(77, 1))), {"UNKNOWN_FIELD"}),
    "a field twice": (number(1, 7) + score(LINE), {"NOT_CANONICAL"}),
    "two bodies": (score(LINE) + field(41, b""), {"NOT_CANONICAL"}),
    "a number at more length than needed": (b"\x08\x87\x00" + score(LINE)[2:], {"NOT_CANONICAL"}),
    "a group": (number(1, 7) + b"\x9b\x06" * 8, {"MESSAGE_BAD", "UNKNOWN_FIELD"}),
    "not UTF-8": (score(LINE, field(3, b"\xff\xfe")), {"TEXT_NOT_UTF8"}),
    "an overlong UTF-8 letter": (score(LINE, field(3, b"\xc0\xaf")), {"TEXT_NOT_UTF8"}),
    "a NUL in a text": (score(LINE, field(3, b"a\0b")), {"NOT_CANONICAL", "TEXT_CONTROL"}),
    "a line break in a text": (score(LINE, field(3, b"a\nb")), {"TEXT_CONTROL"}),
    "an escape in a text": (score(LINE, field(3, b"\x1b[2J")), {"TEXT_CONTROL"}),
    "a C1 control in a text": (score(LINE, field(3, "\u009b2J".encode())), {"TEXT_CONTROL"}),
    "letters and marks apart": (score(LINE, field(3, "Ba \u0110i\u0300nh".encode())), {"TEXT_NOT_NFC"}),
    "no submission id": (number(1, 7) + field(40, LINE), {"ID_MISSING"}),
    "a short submission id": (number(1, 7) + field(2, b"x" * 15) + field(40, LINE), {"ID_MISSING", "FIELD_LENGTH"}),
    "a submission id on a read": (number(1, 7) + field(2, SUBMISSION) + field(44, b""), {"ID_ON_READ"}),
    "no line": (score(), {"FIELD_COUNT", "FIELD_MISSING"}),
    "a criterion of 1,000 letters": (score(field(2, field(1, b"T" * 1000) + number(2, 25))), {"FIELD_LENGTH"}),
    "points below nothing": (score(field(2, field(1, b"TC1") + number(2, (1 << 64) - 100))), {"FIELD_RANGE", "POINTS_RANGE"}),
    "points above everything": (score(field(2, field(1, b"TC1") + number(2, (1 << 31) - 1))), {"FIELD_RANGE", "POINTS_RANGE"}),
    "an unknown column": (number(1, 7) + field(44, number(2, 99)), {"FIELD_VALUE"}),
    "60 KiB of empty lines": (score(field(2, b"") * 30000), {"MESSAGE_TOO_LARGE", "FIELD_COUNT"}),
    "60 KiB of small lines": (score(LINE * 5000), {"MESSAGE_TOO_LARGE", "FIELD_COUNT"}),
    "60 KiB of evidence": (score(LINE, field(4, field(1, b"1")) * 12000), {"MESSAGE_TOO_LARGE", "FIELD_COUNT"}),
    "60 KiB of one field nested": (number(1, 7) + field(99, nested(13000)), {"UNKNOWN_FIELD"}),
    "60 KiB of unknown fields": (score(LINE) + number(99, 1) * 20000, {"UNKNOWN_FIELD", "MESSAGE_TOO_LARGE"}),
    "60 KiB of one text": (score(LINE, field(3, b"a" * 60000)), {"FIELD_LENGTH"}),
}


class Frames(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = open_for_scoring(cls.server, definition(["quan-thu"]))[0]

    def setUp(self):
        self.before = self.server.seq()

    def tearDown(self):
        self.assertEqual(self.server.seq(), self.before, "something was written")

    def refusal(self, link, reasons):
        answer = link.receive()
        self.assertEqual(pb.Status.Name(answer.status), "INVALID_ARGUMENT", answer)
        self.assertIn(answer.problems[0].reason, reasons, answer)
        self.assertEqual(answer.WhichOneof("body"), None)
        return answer

    def links(self):
        """Ways to the daemon as the head of an office, named."""
        return {"plain": self.server.login(self.head), "tls": self.server.login(self.head, self.server.tls)}

    def each(self, cases):
        for name, (content, reasons) in cases.items():
            for way, link in self.links().items():
                yield f"{name} over {way}", link, content, reasons
                link.close()

    def test_frames(self):
        """what is no frame: one refusal, then the connection ends"""
        for name, link, content, reasons in self.each(FRAMES):
            with self.subTest(name):
                link.stream.sendall(content)
                self.assertEqual(self.refusal(link, reasons).id, 0)
                self.assertClosed(link)

    def test_messages(self):
        """what is no request: one refusal that names the request where it can, and the connection serves on or ends"""
        for name, link, content, reasons in self.each(MESSAGES):
            with self.subTest(name):
                link.stream.sendall(frame(content))
                self.assertIn(self.refusal(link, reasons).id, (0, 7))
                self.assertServesOnOrEnds(link)

    def test_before_authentication(self):
        """before authentication a frame of 1,025 bytes is refused by its prefix alone"""
        for address in (self.server.plain, self.server.tls):
            link = self.server.connect(address)
            link.stream.sendall(varint(1025))
            self.refusal(link, {"FRAME_TOO_LONG"})
            self.assertClosed(link)

    def test_office_limit(self):
        """an office's frame of 64 KiB and one is refused by its prefix alone; the council's is not"""
        link = self.server.login(self.head)
        link.stream.sendall(varint(64 * 1024 + 1))
        self.refusal(link, {"FRAME_TOO_LONG"})
        local = self.server.connect(self.server.unix)
        local.stream.sendall(varint(64 * 1024 + 1) + b"\xff" * (64 * 1024 + 1))
        self.refusal(local, {"MESSAGE_BAD", "UNKNOWN_FIELD", "NOT_CANONICAL"})

    def test_requests_before_authentication(self):
        """without an account nothing but hello, ping, enrol and authenticate is answered"""
        for name, body in {"totals": pb.TotalsQuery(), "audit": pb.AuditQuery(), "stats": pb.StatsQuery(),
                           "accounts": pb.AccountsQuery(), "periods": pb.PeriodsQuery()}.items():
            link = self.server.connect()
            refused = self.assertRefused("UNAUTHENTICATED", "NOT_AUTHENTICATED", link.ask, **{name: body})
            self.assertEqual(refused.response.WhichOneof("body"), None)
            link.close()

    def test_truncated(self):
        """a frame that ends with the connection leaves nothing behind"""
        for address in (self.server.plain, self.server.tls):
            for size in (0, 1, 30):
                link = self.server.login(self.head, address)
                link.stream.sendall(frame(score(LINE))[:1 + size])
                link.close()
        link = self.server.login(self.head)
        link.stream.sendall(varint(1000) + b"x" * 10)
        link.stream.shutdown(socket.SHUT_WR)
        self.assertClosed(link, answers=1)

    def test_wrong_version(self):
        """a client of another protocol version is told which one is spoken"""
        link = self.server.connect(hello=False)
        self.assertRefused("FAILED_PRECONDITION", "VERSION_UNSUPPORTED", link.ask,
                           hello=pb.Hello(version_min=7, version_max=9, program="later"))

    def test_plain_bytes_to_tls(self):
        """plain bytes on the TLS port end the connection"""
        _, port = self.server.tls.rsplit(":", 1)
        with socket.create_connection(("127.0.0.1", int(port)), 10) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\n\r\n" * 20)
            try:
                while stream.recv(4096):
                    pass
            except ConnectionResetError:
                pass

    def test_slow_peer(self):
        """who has not authenticated after 5 s is put out, a byte each second or not"""
        link = self.server.connect(hello=False)
        began = time.monotonic()
        with self.assertRaises((EOFError, OSError)):
            for byte in frame(pb.Request(id=1, hello=pb.Hello(version_min=1, version_max=1, program="slow")).SerializeToString()):
                link.stream.sendall(bytes([byte]))
                link.stream.settimeout(1)
                try:
                    link.receive()
                except TimeoutError:
                    pass
        self.assertLess(time.monotonic() - began, 9)

    def test_memory(self):
        """hundreds of hostile frames leave the daemon's memory where it was"""
        if "asan" in self.server.binary or "tsan" in self.server.binary:
            self.skipTest("the sanitizer keeps freed memory")
        hostile = frame(MESSAGES["60 KiB of empty lines"][0])
        for rounds in (100, 400):
            link = self.server.login(self.head)
            for _ in range(rounds):
                try:
                    link.stream.sendall(hostile)
                    link.receive()
                except (EOFError, OSError):
                    link = self.server.login(self.head)
            link.close()
            before, after = locals().get("after", 0), self.resident()
        self.assertLess(after - before, 2 * MIB)

    def test_random_bytes(self):
        """a thousand random frames, and requests with random bytes turned: the daemon serves on"""
        noise, whole = random.Random(int(os.environ.get("THIDUA_TEST_SEED", "2022"))), score(field(2, field(1, b"TC9") + number(2, 25)))
        link = self.server.login(self.head)
        for round_ in range(1000):
            body = bytearray(whole if round_ % 2 else noise.randbytes(noise.randrange(1, 300)))
            for _ in range(noise.randrange(1, 4)):
                body[noise.randrange(len(body))] = noise.randrange(256)
            try:
                link.stream.sendall(frame(bytes(body)))
                self.assertNotEqual(link.receive().status, pb.INTERNAL)
            except (EOFError, ConnectionError):
                link = self.server.login(self.head)
        link.close()
        self.assertIsNone(self.server.process.poll())
        self.before = self.server.seq()  # a turned bit may have made a score of it

    def resident(self):
        with open(f"/proc/{self.server.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    def assertClosed(self, link, answers=0):
        try:
            for _ in range(answers + 1):
                link.receive()
        except (EOFError, ConnectionError):
            return
        self.fail("the connection goes on")

    def assertServesOnOrEnds(self, link):
        try:
            self.assertTrue(link.ask(ping=pb.Ping()).ping.seq)
        except (EOFError, ConnectionError):
            self.server.connect().ask(ping=pb.Ping())


if __name__ == "__main__":
    harness.main()
