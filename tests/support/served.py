"""served - tests/serve for tests written in Python.

    with Served(users=["bob"], control={"databytes": "1000"}) as server:
        with server.connect() as client:      # an smtplib.SMTP
            client.sendmail(...)
        server.mail("bob")                    # waits: [bytes of each file in new/]
        server.run("queue-list")              # inside, as root: (exit code, output)
"""
import os
import signal
import smtplib
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVE = os.path.join(TOP, "tests/serve")
ADDRESS = "127.0.0.1"
WAIT_S = 20  # for a delivery, on a busy machine


class Served:
    """One server; directory=None makes one that is removed at the end."""

    def __init__(self, directory=None, users=(), control=None, env=None, options=()):
        self.made = None if directory else tempfile.TemporaryDirectory(prefix="sallyport-")
        self.dir = directory or os.path.join(self.made.name, "server")
        self.options = list(options)
        for user in users:
            self.options += ["--user", user]
        for name, value in (control or {}).items():
            self.options += ["--control", f"{name}={value}"]
        for name, value in (env or {}).items():
            self.options += ["--env", f"{name}={value}"]
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.made:
            self.made.cleanup()

    def start(self):
        self.process = subprocess.Popen([SERVE, self.dir, *self.options], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.process.wait()
            raise RuntimeError(f"tests/serve said {line!r}\n{self.log('smtpd')}{self.log('queue')}")
        facts = dict(word.split("=", 1) for word in line.split()[1:])
        self.port, self.init, self.listener = (int(facts[x]) for x in ("port", "init", "listener"))

    def stop(self, number=signal.SIGTERM):
        """End it as a supervisor would (SIGTERM), or as a power cut (SIGKILL)."""
        if self.process:
            self.process.send_signal(number)
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def connect(self, name="client.example"):
        return smtplib.SMTP(ADDRESS, self.port, local_hostname=name, timeout=WAIT_S)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def log(self, name="smtpd"):
        try:
            with open(self.path("log", name), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def files(self, user):
        """The paths of a user's new mail, oldest first."""
        new = self.path("home", user, "Maildir/new")
        return sorted((os.path.join(new, x) for x in os.listdir(new)), key=os.path.getmtime)

    def mail(self, user, count=1, wait=WAIT_S):
        """A user's new mail, once there are count messages (or the time is over)."""
        end = time.monotonic() + wait
        while len(self.files(user)) < count and time.monotonic() < end:
            time.sleep(0.01)
        return [open(path, "rb").read() for path in self.files(user)]

    def run(self, *command, user=None, stdin=b""):
        """Run a command inside; returns (exit code, output and errors)."""
        as_user = ["--as", user] if user else []
        done = subprocess.run([SERVE, "--exec", self.dir, *as_user, "--", *command], input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def processes(self):
        """The processes of this server, as the machine numbers them: {pid: name}."""
        space = os.readlink(f"/proc/{self.init}/ns/pid")
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if int(pid) != self.init and os.readlink(f"/proc/{pid}/ns/pid") == space:
                    with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
                        found[int(pid)] = f.read().strip()
            except OSError:
                continue
        return found
