"""What systemd does for the daemon, in small: holds the listening sockets while daemons come and go, and hears what they
tell it."""
import signal
import socket
import subprocess
import sys
import threading
import time

import harness

# Runs before the daemon in its process: the descriptors begin at 3, and the process id is the one they are meant for.
EXEC = """
import fcntl, os, sys
fds = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 64) for fd in sys.argv[1].split(",")]
for number, fd in enumerate(fds, 3):
    os.dup2(fd, number)
    os.close(fd)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)), WATCHDOG_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def unix_socket(path):
    held = socket.socket(socket.AF_UNIX)
    held.bind(path)
    held.listen(4096)
    return held


def tcp_socket():
    """Both address families on one socket, as ListenStream=22022 with BindIPv6Only=both."""
    held = socket.socket(socket.AF_INET6)
    held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    held.bind(("::", 0))
    held.listen(4096)
    return held


class Parent(harness.Server):
    """A daemon that listens on sockets of ours. `sockets` is [(name, socket)]; given None, admin and tls are made."""

    def __init__(self, sockets=None, names=True, start=True, watchdog_ms=0, **more):
        super().__init__(listen=(), start=False, **more)
        self.sockets = sockets or [("admin", unix_socket(f"{self.home}/admin.sock")), ("tls", tcp_socket())]
        self.names = names
        self.told, self._notify = [], socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(f"{self.home}/notify")
        self.env.update(NOTIFY_SOCKET=f"{self.home}/notify")
        if watchdog_ms:
            self.env.update(WATCHDOG_USEC=str(watchdog_ms * 1000))
        threading.Thread(target=self._hear, daemon=True).start()
        if start:
            self.start()

    def _hear(self):
        while True:
            for line in self._notify.recv(4096).decode().splitlines():
                self.told.append(line)

    def hears(self, line, after=0):
        """Whether the daemon says this, waited for; `after` counts what was said before."""
        until = time.monotonic() + harness.PATIENCE
        while line not in self.told[after:] and time.monotonic() < until:
            time.sleep(0.01)
        return line in self.told[after:]

    def launch(self):
        """A daemon with the sockets passed, and no wait for it."""
        env = dict(self.env)
        if self.names:
            env["LISTEN_FDNAMES"] = ":".join(name for name, _ in self.sockets)
        fds = [held.fileno() for _, held in self.sockets]
        command = [sys.executable, "-c", EXEC, ",".join(map(str, fds)), *self.command()]
        self.log = []
        self.process = harness.spawn(command, env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, pass_fds=fds)
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr, ready), daemon=True)
        self._reader.start()
        return ready

    def start(self, clock=0):
        ready = self.launch()
        if not ready.wait(harness.PATIENCE) or self.process.poll() is not None:
            raise AssertionError("the daemon did not get ready:\n" + "".join(self.log))
        self.unix = f"unix:{self.home}/admin.sock"
        self.tls = f"127.0.0.1:{self.sockets[1][1].getsockname()[1]}"
        self.plain = None
        return self

    def restart(self, number=signal.SIGTERM):
        """As systemd does: the next one starts once the one before has ended."""
        self.signal(number)
        status = self.wait()
        self.start()
        return status

    def close(self):
        super().close()
        for _, held in self.sockets:
            held.close()
