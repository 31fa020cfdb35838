"""What tests/bench/run measures: the systems, and the servers that they need beside them."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
TOOLS = os.path.join(BUILD, "tools")
HERE = os.path.join(TOP, "tests", "bench")
AIDS = os.path.join(BUILD, "tests", "bench")
IMAGE_SIZE = 6 << 30  # octets, sparse
START_S = 60
POSTFIX_ENV = {"LD_LIBRARY_PATH": f"{TOOLS}/usr/lib/postfix", "PATH": "/usr/bin:/bin"}


def find(name):
    for folder in (f"{TOOLS}/usr/sbin", f"{TOOLS}/usr/lib/postfix/sbin", "/usr/sbin"):
        if os.access(f"{folder}/{name}", os.X_OK):
            return f"{folder}/{name}"
    return None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    os.chmod(path, mode)


class Image:
    """A new ext4 file system in a file, mounted until close()."""

    def __init__(self, place):
        self.file, self.path = f"{place}/image", f"{place}/mounted"
        with open(self.file, "wb") as f:
            f.truncate(IMAGE_SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", self.file], check=True)
        os.makedirs(self.path)
        subprocess.run(["mount", "-o", "loop", self.file, self.path], check=True)
        os.chmod(self.path, 0o755)

    def close(self):
        subprocess.run(["umount", self.path], check=True)
        os.unlink(self.file)


class System:
    """A mail server in namespaces of its own; new = bob's Maildir/new.

    It is made from what start() in run gives: a directory; where it relays to, port by domain
    ("" is all others); a certificate, if it is to serve submission; who judges passwords, if
    any, "dovecot" (its socket is DIRECTORY/home/auth) or, Sallyport alone, "file"; and the
    lines of passwords(5)."""

    def __init__(self, command, directory, new):
        self.new = new
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.directory = directory
        end = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                break
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    sys.exit(f"{self.name} does not start ({self.process.poll()}): {' '.join(command)}")
                time.sleep(0.05)
        time.sleep(1)

    def take_ports(self):
        self.port, self.submission, self.smtps = free_port(), free_port(), free_port()

    def delivered(self):
        try:
            return sum(1 for _ in os.scandir(self.new))
        except FileNotFoundError:
            return 0

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def pids(self):
        """Every process of the system: those in the process namespace of its children."""
        mine = os.readlink("/proc/self/ns/pid")
        names = set()
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                ns = os.readlink(f"/proc/{pid}/ns/pid")
                with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
                    parent = int(f.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if ns != mine:
                found.append((int(pid), ns))
                if parent == self.process.pid:
                    names.add(ns)
        return [pid for pid, ns in found if ns in names]

    def named(self, wanted):
        """The processes whose name is one that wanted() takes."""
        found = []
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/comm", encoding="latin-1") as f:
                    if wanted(f.read().strip()):
                        found.append(pid)
            except OSError:
                pass
        return found

    def daemons(self):
        """All but the helpers that the benchmark itself needs."""
        return self.named(lambda name: name not in ("sh", "unshare") and
                          not name.startswith(("serve", "python")))

    def memory(self, pids=None):
        """KB of these processes, or of all daemons."""
        total = 0
        for pid in self.daemons() if pids is None else pids:
            try:
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                    total += sum(int(x.split()[1]) for x in f if x.startswith("Pss:"))
            except (OSError, ValueError):
                pass
        return total


class Sallyport(System):
    name = "sallyport"
    relaying = "relay", ("relay", "relay-connect", "relay-tls")  # a worker, and all that belongs to it
    auth = "dovecot", "file"

    def __init__(self, directory, routes, certificate=None, auth=None, passwords=""):
        self.take_ports()
        here = f"{directory}/s"
        hops = "\n".join(f"{domain}:127.0.0.1:{port}" for domain, port in routes.items())
        words = [f"{TOP}/tests/serve", here, "--smtp", str(self.port), "--user", "bob",
                 "--control", f"smtproutes={hops}", "--env", "RELAYCLIENT="]
        if certificate:
            write(f"{here}/control/servercert.pem", certificate, 0o600)
            words += ["--submission", str(self.submission), "--smtps", str(self.smtps)]
        if auth:
            judge = "checkpassword-file" if auth == "file" else f"-d {directory}/home/auth"
            words += ["--chain", f"smtpd-auth {judge} -- smtpd -s queue-inject"]
        super().__init__(words, directory, f"{here}/home/bob/Maildir/new")
        if auth:
            self.write_passwords(here, passwords)

    @staticmethod
    def write_passwords(here, passwords):
        path = f"{here}/control/passwords"
        write(path, passwords, 0o640)
        with open(f"{here}/passwd", encoding="ascii") as f:
            os.chown(path, 0, next(int(x.split(":")[2]) for x in f if x.startswith("auth:")))


class Postfix(System):
    name = "postfix"
    relaying = "smtp", ("smtp",)
    auth = ("dovecot",)

    def __init__(self, directory, routes, certificate=None, auth=None, passwords=""):
        self.take_ports()
        main, master = [f"relayhost = [127.0.0.1]:{routes['']}"], []
        hops = ", ".join(f"{{ {domain} = smtp:[127.0.0.1]:{port} }}"
                         for domain, port in routes.items() if domain)
        if hops:
            main += [f"transport_maps = inline:{{ {hops} }}", "smtp_tls_security_level = may",
                     "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache"]
        if certificate:
            write(f"{directory}/home/servercert.pem", certificate, 0o600)
            main += ["smtpd_tls_chain_files = /home/servercert.pem"]
            master += [f"127.0.0.1:{port} inet n - n - - smtpd -o {how}" for port, how in (
                (self.submission, "smtpd_tls_security_level=encrypt"),
                (self.smtps, "smtpd_tls_wrappermode=yes"))]
        if auth:
            main += ["smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = dovecot",
                     "smtpd_sasl_path = /home/auth"]
        write(f"{directory}/main.cf", "\n".join(main) + "\n")
        write(f"{directory}/master.cf", "\n".join(master) + "\n")
        super().__init__([f"{HERE}/peer-postfix", directory, TOOLS, str(self.port)], directory,
                         f"{directory}/home/bob/Maildir/new")


class PlainSink:
    """Postfix's smtp-sink as the server that mail is relayed to; it counts."""

    def __init__(self):
        self.port = free_port()
        self.out = tempfile.NamedTemporaryFile("r+b")
        self.process = subprocess.Popen(
            [find("smtp-sink"), "-u", "nobody", "-c", f"127.0.0.1:{self.port}", "1000"], stdout=self.out,
            stderr=subprocess.DEVNULL, env=POSTFIX_ENV)

    def counts(self):
        """Connections and messages so far."""
        with open(self.out.name, "rb") as f:
            f.seek(max(0, os.path.getsize(self.out.name) - 200))
            found = re.findall(rb"sess=(\d+) quit=\d+ mesg=(\d+)", f.read())
        return tuple(map(int, found[-1])) if found else (0, 0)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class TlsSink:
    """nextserver.c in one of its ways; it counts."""

    def __init__(self, certificate, way):
        self.process = subprocess.Popen([f"{AIDS}/nextserver", certificate, way], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def counts(self):
        """Connections, messages, handshakes and resumed sessions so far."""
        self.process.stdin.write("\n")
        return tuple(map(int, self.process.stdout.readline().split()))

    def stop(self):
        self.process.communicate()


DOVECOT = """
protocols =
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = daemon
default_internal_group = daemon
default_login_user = nobody
auth_mechanisms = plain login
passdb {{
	driver = passwd-file
	args = scheme=CRYPT username_format=%u {place}/passwords
}}
userdb {{
	driver = static
	args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
	unix_listener {socket} {{
		mode = 0666
	}}
}}
"""


class Dovecot:
    """Dovecot, for its judgement of passwords alone, at a socket that both systems reach."""

    def __init__(self, place, path, passwords):
        for folder in (place, f"{place}/run", f"{place}/state", os.path.dirname(path)):
            os.makedirs(folder, mode=0o755, exist_ok=True)
        write(f"{place}/passwords", passwords)
        write(f"{place}/dovecot.conf", DOVECOT.format(place=place, socket=path))
        self.process = subprocess.Popen(
            [f"{TOP}/tests/support/dovecot", TOOLS, place, f"{place}/dovecot.conf"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while not os.path.exists(path):
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit(f"dovecot does not start: see {place}/log")
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()
