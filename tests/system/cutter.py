"""TCP proxies that cut a link: where the request has been carried out and its answer is lost, or after any byte."""
import selectors
import socket
import threading
import time
import uuid


class Cutter:
    """Forwards to `upstream` ("HOST:PORT"). While `cut_when()` is true, what the server sends is dropped and both sides
    of the link are closed. Every link is cut at most once each time the condition comes true."""

    def __init__(self, upstream, cut_when):
        host, _, port = upstream.rpartition(":")
        self.upstream, self.cut_when, self.cuts = (host, int(port)), cut_when, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection(self.upstream) as server, selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in selector.select():
                    data = self._read(key.fileobj)
                    if key.fileobj is server and data and self.cut_when():
                        self.cuts += 1
                        return
                    if not data or not self._write(key.data, data):
                        return

    @staticmethod
    def _read(stream):
        try:
            return stream.recv(65536)
        except OSError:
            return b""

    @staticmethod
    def _write(stream, data):
        try:
            stream.sendall(data)
        except OSError:
            return False
        return True

    def close(self):
        self.listener.close()


class ByteCutter(Cutter):
    """Forwards at most `sent_limit` bytes to the server and `answered_limit` bytes from it, then closes both sides; None: no
    limit. Waits `delay` seconds before each answer. Counts what went through, of all links together."""

    def __init__(self, upstream, sent_limit=None, answered_limit=None, cut_when=lambda: False, delay=0):
        self.limits, self.delay = {True: sent_limit, False: answered_limit}, delay
        self.sent = self.answered = 0
        self.passed = b""  # of the clients, as it was sent
        super().__init__(upstream, cut_when)

    def _serve(self, client):
        left = dict(self.limits)
        with client, socket.create_connection(self.upstream) as server, selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while all(limit != 0 for limit in left.values()):
                for key, _ in selector.select():
                    mine = key.fileobj is client
                    data = self._read(key.fileobj)[:left[mine]]
                    if not data or (not mine and self.cut_when()):
                        return
                    self._count(mine, data)
                    if left[mine] is not None:
                        left[mine] -= len(data)
                    if not self._write(key.data, data):
                        return

    def _count(self, mine, data):
        if mine:
            self.sent += len(data)
            self.passed += data
        else:
            self.answered += len(data)
            time.sleep(self.delay)

    def requests_with(self, ids):
        """How often each submission id went through a link without TLS."""
        return {id_: self.passed.count(uuid.UUID(id_).bytes) for id_ in ids}
