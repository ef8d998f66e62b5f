"""A TCP proxy that cuts a link in mid-request: the request has arrived and been carried out, its answer is lost."""
import selectors
import socket
import threading


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
