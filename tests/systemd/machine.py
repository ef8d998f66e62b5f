"""A Debian 12 of its own with a real systemd as PID 1: made by debootstrap, booted by systemd-nspawn, without a network but
its own loopback. Needs root."""
import atexit
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 90  # seconds that a boot or a shutdown may take
BASE = ["systemd", "systemd-sysv", "dbus", "ca-certificates"]


class Unable(Exception):
    """Why this cannot be done on this machine."""


def need(condition, why):
    if not condition:
        raise Unable(why)


def mirror():
    """The first Debian mirror of this machine's apt, in either of its formats."""
    if os.environ.get("MIRROR"):
        return os.environ["MIRROR"]
    found = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], stdout=subprocess.PIPE, text=True)
    for uri in found.stdout.split():
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise Unable("apt names no Debian mirror here: give MIRROR=http://deb.debian.org/debian")


def make_base(folder, packages):
    """A root with these packages, made once: the next call finds it."""
    need(os.geteuid() == 0, "making and booting a root needs root: run it with sudo")
    for program, package in (("debootstrap", "debootstrap"), ("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux")):
        need(shutil.which(program), f"{program} is missing: apt-get install {package}")
    packages = sorted(set(BASE + packages))
    mark, made = f"{folder}/.made", hashlib.sha256(" ".join(packages).encode()).hexdigest()
    if os.path.exists(mark) and open(mark, encoding="ascii").read() == made:
        return
    print(f"# making a root in {folder}, kept for the next time", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(f"{folder}.log", "w", encoding="utf-8") as log:
        done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", "bookworm", folder, mirror()],
                              stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    need(done.returncode == 0, f"debootstrap failed, see {folder}.log")
    with open(mark, "w", encoding="ascii") as file:
        file.write(made)


class Result:
    def __init__(self, command, done):
        self.command, self.status, self.out, self.err = command, done.returncode, done.stdout, done.stderr

    def __str__(self):
        return f"$ {' '.join(self.command)}\nexit {self.status}\n{self.out}{self.err}"


class Machine:
    """A copy of the base. Nothing of it is left after close()."""

    def __init__(self, base):
        self.home = tempfile.mkdtemp(prefix="thidua-machine-", dir=os.path.dirname(base))
        self.root = f"{self.home}/root"
        self.name = f"thidua-{os.getpid()}"
        self.process = self.leader = None
        atexit.register(self.close)
        subprocess.run(["cp", "-a", "--reflink=auto", base, self.root], check=True)
        with open(f"{self.root}/etc/machine-id", "w", encoding="ascii") as file:
            file.write("")  # this machine's own, made at its first boot

    # -- power --

    def boot(self):
        """Returns once the machine has started everything. Raises Unable where systemd cannot run as PID 1 here."""
        self.console = open(f"{self.home}/console", "ab")
        # Without a systemd on this machine there is no unit to put the new one into: it goes into ours.
        place = [] if os.path.isdir("/run/systemd/system") else ["--keep-unit"]
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}", f"--machine={self.name}",
             "--register=no", "--private-network", "--console=pipe", *place], stdin=subprocess.DEVNULL, stdout=self.console,
            stderr=subprocess.STDOUT, start_new_session=True)
        self.wait_until_up()

    def wait_until_up(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise Unable(f"systemd cannot be booted here: systemd-nspawn ended with {self.process.returncode}:\n" +
                             self.shown())
            self.leader = self.find_leader()
            if self.leader:
                state = self("systemctl", "is-system-running").out.strip()
                if state in ("running", "degraded"):
                    return state
            time.sleep(0.05)
        raise Unable("systemd does not finish booting here:\n" + self.shown())

    def find_leader(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
                children = file.read().split()
            if children and os.readlink(f"/proc/{children[0]}/ns/pid") != os.readlink("/proc/self/ns/pid"):
                return int(children[0])
        except OSError:
            pass
        return None

    def shown(self):
        with open(f"{self.home}/console", encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def reboot(self):
        before = self.leader
        self("systemctl", "reboot")
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and self.find_leader() in (None, before):
            assert time.monotonic() < until, "the machine does not go down:\n" + self.shown()
            time.sleep(0.05)
        # With --keep-unit systemd-nspawn leaves the next boot to whoever started it, telling so with this status.
        if self.process.poll() == 133:
            self.boot()
        else:
            self.wait_until_up()

    def cut_power(self):
        """Every process ends at once, and nobody is told."""
        os.kill(self.leader, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def close(self):
        if self.process and self.process.poll() is None:
            if self.leader:
                try:
                    os.kill(self.leader, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        try:
            os.rmdir(f"/run/systemd/nspawn/propagate/{self.name}")
        except OSError:
            pass

    # -- in it --

    def __call__(self, *command, input=None, check=False, timeout=120, **env):
        command = [str(word) for word in command]
        inside = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--",
                  "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                  "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *(f"{name}={value}" for name, value in env.items())]
        done = subprocess.run(inside + command, timeout=timeout, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))
        result = Result(command, done)
        if check and result.status != 0:
            raise AssertionError(str(result))
        return result

    def path(self, inside):
        return self.root + inside

    def write(self, inside, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        with open(self.path(inside), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(inside), mode)

    def files(self):
        """Every file and folder that is not another file system's."""
        found = subprocess.run(["find", self.root, "-xdev", "-mindepth", "1", "-printf", "/%P\n"], stdout=subprocess.PIPE, text=True)
        return set(found.stdout.splitlines())


if __name__ == "__main__":
    sys.exit("this is a module of check.py")
