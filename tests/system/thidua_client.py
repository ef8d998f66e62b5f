"""A client for thiduad in Python, written from proto/README.md and proto/thidua.proto alone: TLS 1.3 with a pinned key,
frames, and the requests of an office. It shares no code with the client that is shipped."""
import hashlib
import os
import socket
import ssl

import thidua_pb2 as pb


class Refused(Exception):
    """The server answered with a status other than OK."""

    def __init__(self, response):
        self.response = response
        self.status = pb.Status.Name(response.status)
        self.reasons = [problem.reason for problem in response.problems]
        super().__init__(f"{self.status} {' '.join(self.reasons)}")


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def frame(body):
    return varint(len(body)) + body


def element(der, at):
    """The DER element at `at`: (where it begins, where its content begins, where it ends)."""
    size, head = der[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, head = int.from_bytes(der[head:head + count], "big"), head + count
    return at, head, head + size


def spki_pin(certificate):
    """SHA-256 of the SubjectPublicKeyInfo of a DER certificate, as hex."""
    at = element(certificate, element(certificate, 0)[1])[1]  # into Certificate, into TBSCertificate
    fields = 6 if certificate[at] == 0xA0 else 5              # [version] serial algorithm issuer validity subject
    for _ in range(fields):
        at = element(certificate, at)[2]
    begin, _, end = element(certificate, at)
    return hashlib.sha256(certificate[begin:end]).hexdigest()


def dial(address, pin, timeout):
    """A connected stream to "unix:PATH", "plain:HOST:PORT" or "HOST:PORT" (TLS)."""
    kind, _, rest = address.partition(":")
    if kind == "unix":
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(timeout)
        stream.connect(rest)
        return stream
    host, _, port = (rest if kind == "plain" else address).rpartition(":")
    stream = socket.create_connection((host.strip("[]"), int(port)), timeout)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if kind == "plain":
        return stream
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the pin stands for both
    stream = context.wrap_socket(stream)
    if pin is not None and spki_pin(stream.getpeercert(binary_form=True)) != pin:
        stream.close()
        raise ssl.SSLError("the server's key is not the pinned one")
    return stream


class Client:
    def __init__(self, address, pin=None, timeout=20, hello=True):
        self.stream = dial(address, pin, timeout)
        self.buffer, self.last_id = b"", 0
        self.greeting = self.ask(hello=pb.Hello(version_min=1, version_max=1, program="python")).hello if hello else None

    def request(self, submission=None, **body):
        self.last_id += 1
        return pb.Request(id=self.last_id, submission=submission, **body)

    def send(self, *requests):
        self.stream.sendall(b"".join(frame(request.SerializeToString()) for request in requests))

    def fill(self, size):
        while len(self.buffer) < size:
            more = self.stream.recv(65536)
            if not more:
                raise EOFError(f"closed by the server with {len(self.buffer)} of {size} bytes there")
            self.buffer += more

    def receive(self):
        size = shift = used = 0
        while True:
            self.fill(used + 1)
            byte, used = self.buffer[used], used + 1
            size, shift = size | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                break
        self.fill(used + size)
        body, self.buffer = self.buffer[used:used + size], self.buffer[used + size:]
        return pb.Response.FromString(body)

    def answer(self):
        """The next answer; a refusal is an exception, a series of frames is merged."""
        response = self.receive()
        while response.more:
            response.more = False
            response.MergeFrom(self.receive())
        if response.status != pb.OK:
            raise Refused(response)
        return response

    def ask(self, submission=None, **body):
        request = self.request(submission, **body)
        self.send(request)
        response = self.answer()
        assert response.id == request.id, f"answer to {response.id}, asked {request.id}"
        return response

    def write(self, submission=None, **body):
        return self.ask(submission or os.urandom(16), **body)

    def enrol(self, code):
        token = os.urandom(32)
        reply = self.ask(enrol=pb.Enrol(code=code, verifier=hashlib.sha256(token).digest())).enrol
        return reply.account, token

    def authenticate(self, account, token):
        return self.ask(authenticate=pb.Authenticate(account=account, token=token)).authenticate

    def score(self, points, submission=None, **more):
        """points: {"TC3": 1250} in hundredths."""
        lines = [pb.LineInput(criterion=code, points_cp=value) for code, value in points.items()]
        return self.write(submission, score=pb.Score(lines=lines, **more)).score

    def submit(self, submission=None, **more):
        return self.write(submission, submit=pb.Submit(**more)).submit

    def totals(self, **more):
        return self.ask(totals=pb.TotalsQuery(**more)).totals

    def close(self):
        self.stream.close()
