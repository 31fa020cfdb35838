"""A throw-away installation, served by tests/serve, for the tests written in Python."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SERVE = HERE.parent / "serve"
DOMAIN = "hamburger.edu"
READY_S = 60
SANDBOXED = not os.environ.get("SANITIZED")  # make check-san: no sandbox lets a sanitizer live


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, seconds=10.0, step=0.01):
    """Call what() until it returns something true, and return that; None when time is over."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got or None
        time.sleep(step)


def status(pid):
    """/proc/PID/status as a dictionary, or {} if there is no such process."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def children(pid):
    """All descendants of a process, itself first."""
    found = [pid]
    for each in found:
        try:
            for task in os.listdir(f"/proc/{each}/task"):
                text = pathlib.Path(f"/proc/{each}/task/{task}/children").read_text()
                found += [int(child) for child in text.split()]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def command(pid):
    """The words with which a process was started."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [word.decode("latin-1") for word in words]


def name(pid):
    words = command(pid)
    return os.path.basename(words[0]) if words else ""


class Installation:
    """tests/serve in a directory of its own, with bob, alice and what else is asked for.

    through: words before that command, to run it somewhere else."""

    def __init__(self, *options, where=None, users=("bob", "alice", "carol"), domain=DOMAIN,
                 port=None, through=()):
        self.dir = pathlib.Path(where or tempfile.mkdtemp(prefix="sallyport-test-"))
        self.port = port or free_port()
        self.saved = {}
        words = [*through, str(SERVE), str(self.dir), "--smtp", str(self.port), "--domain", domain]
        for user in users:
            words += ["--user", user]
        self.errors = open(str(self.dir) + ".err", "ab")
        self.process = subprocess.Popen(words + list(options), stdout=subprocess.PIPE,
                                        stderr=self.errors, stdin=subprocess.DEVNULL)
        self.ready = self.wait_ready()
        self.init = int(self.ready["init"])

    def wait_ready(self):
        """The facts of the line "ready key=value …"."""
        for line in self.process.stdout:
            if line.startswith(b"ready"):
                return dict(word.split("=", 1) for word in line.decode().split()[1:])
        self.process.wait()
        raise RuntimeError("tests/serve did not start:\n" +
                           pathlib.Path(str(self.dir) + ".err").read_text()[-2000:])

    def enter(self, words):
        """The command line that runs words as root in the installation."""
        spaces = f"/proc/{self.init}/ns/"
        return ["nsenter", f"--mount={spaces}mnt", f"--pid={spaces}pid",
                f"--net={spaces}net", "--"] + list(words)

    def processes(self):
        """Every process of the installation, also what was begun with enter."""
        return children(self.process.pid) + children(os.getpid())

    def programs(self):
        """Where the programs are, seen from inside."""
        return (HERE.parent.parent / "conf-files" / "bindir").read_text().split()[0]

    def control(self, setting, value):
        """Set (or with None remove) a file of control/ until reset_controls."""
        path = self.dir / "control" / setting
        if setting not in self.saved:
            self.saved[setting] = path.read_bytes() if path.exists() else None
        if value is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(value + "\n", encoding="utf-8")
            path.chmod(0o644)

    def reset_controls(self):
        for setting, old in self.saved.items():
            path = self.dir / "control" / setting
            if old is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(old)
        self.saved = {}

    def maildir(self, user="bob"):
        return self.dir / "home" / user / "Maildir"

    def mail(self, user="bob"):
        """The messages in a mailbox, oldest name first."""
        new = self.maildir(user) / "new"
        return sorted(new.iterdir()) if new.is_dir() else []

    def clear(self, user="bob"):
        for path in self.mail(user):
            path.unlink()

    def queued(self):
        """The ids in the queue."""
        return {path.name for path in (self.dir / "queue" / "mess").glob("*/*")}

    def stop(self, keep=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process.stdout.close()
        self.errors.close()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
            os.unlink(str(self.dir) + ".err")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
