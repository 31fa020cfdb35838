"""Dovecot, of Debian, unpacked by make deps, in the foreground inside an installation."""
import os
import pathlib
import socket
import subprocess

from installation import free_port, wait_for

TOP = pathlib.Path(__file__).resolve().parents[2]
TOOLS = (TOP / os.environ.get("BUILD", "build") / "tools").resolve()
HOMES = os.path.join(os.path.dirname((TOP / "conf-files/home-alias").read_text().split()[0]), "home")
READY_S = 20
USERS = ("dovecot", "dovenull")

# What a configuration of conf-files/ gets, so that it runs beside a Dovecot of the machine.
HERE = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
listen = 127.0.0.1
auth_verbose = yes
service imap-login {{
	inet_listener imap {{
		port = {imap}
	}}
	inet_listener imaps {{
		port = {imaps}
	}}
}}
service pop3-login {{
	inet_listener pop3 {{
		port = {pop3}
	}}
	inet_listener pop3s {{
		port = {pop3s}
	}}
}}
"""


def is_there():
    return (TOOLS / "usr/sbin/dovecot").exists()


class Dovecot:
    """Serves an installation by a configuration of conf-files/service/dovecot/."""

    def __init__(self, installation, conf, more=""):
        self.dir = pathlib.Path(installation.dir) / "dovecot"
        for path in (self.dir, self.dir / "run", self.dir / "state"):
            path.mkdir(mode=0o755, exist_ok=True)
        self.ports = {name: free_port() for name in ("imap", "imaps", "pop3", "pop3s")}
        text = (TOP / "conf-files/service/dovecot" / conf).read_text()
        text = text.replace("/run/dovecot/", f"{self.dir}/run/").replace("/home/vmail/", f"{HOMES}/vmail/")
        path = self.dir / conf
        path.write_text(text + HERE.format(dir=self.dir, **self.ports) + more)
        words = [str(TOP / "tests/support/dovecot"), str(TOOLS), str(self.dir), str(path)]
        self.errors = open(self.dir / "err", "wb")
        self.process = subprocess.Popen(installation.enter(words), stdin=subprocess.DEVNULL,
                                        stdout=self.errors, stderr=self.errors)
        if not wait_for(self.answers, READY_S):
            raise RuntimeError("dovecot did not start: " + self.said())

    def said(self):
        log = self.dir / "log"
        return (self.dir / "err").read_text() + (log.read_text()[-3000:] if log.exists() else "")

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.ports["imap"]), 5) as s:
                return s.recv(100).startswith(b"* OK")
        except OSError:
            return False

    def path(self, name):
        return str(self.dir / "run" / name)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
