"""A network of several hosts inside of network namespaces, for the tests written in Python.

isolate() runs the test anew in namespaces of its own, so that all that it starts ends with it and
nothing of it reaches the machine. A Host is a network namespace on one bridge; what it runs sees
the programs that `make deps` unpacked, on a file system of their own.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

from installation import HERE, wait_for

TOP = HERE.parent.parent
PEERS = TOP / os.environ.get("BUILD", "build") / "peers"
CLONE_NEWNET = 0x40000000
NEEDED = ("nsd", "unbound", "exim4", "smtpd", "smtp-sink")
libc = ctypes.CDLL(None, use_errno=True)

# What the peers' file system gets beside the unpacked programs.
USERS = ("postfix", "Debian-exim", "opensmtpd", "opensmtpq", "bob")
FILE_SYSTEM = f"""
set -eu
work=$1
mount -t tmpfs tmpfs "$work"
for d in usr/sbin usr/bin usr/lib usr/libexec usr/share; do # what is there and what was unpacked, by links
	mkdir -p "$work/old/$d" "$work/$d"
	mount --bind "/$d" "$work/old/$d"
	ln -s "$work/old/$d"/* "$work/$d/"
	[ ! -d "{PEERS}/$d" ] || for f in "{PEERS}/$d"/*; do
		[ -e "$work/$d/${{f##*/}}" ] || ln -s "$f" "$work/$d/"
	done
done
cp -a /etc "$work/etc"
cp -a "{PEERS}/etc/." "$work/etc/"
for d in usr/sbin usr/bin usr/share usr/libexec usr/lib etc; do mount --bind "$work/$d" "/$d"; done
for d in /home /run /var/spool /var/lib /var/mail /var/log; do mount -t tmpfs -o mode=755 tmpfs $d; done
rm -f /etc/resolv.conf
echo 'nameserver '"$2" >/etc/resolv.conf
n=53001
for user in {' '.join(USERS)}; do
	sed -i "/^$user:/d" /etc/passwd /etc/group
	home=/home/$user
	[ $user = bob ] || home=/var/lib/$user
	echo "$user:x:$n:$n::$home:/bin/sh" >>/etc/passwd
	echo "$user:x:$n:" >>/etc/group
	mkdir -p $home
	chown $n:$n $home
	n=$((n + 1))
done
echo "postdrop:x:$n:" >>/etc/group
echo ready
exec sleep infinity
"""


def missing():
    """The programs that are not there, for a SKIP."""
    found = [name for name in NEEDED if not (PEERS / "usr" / "sbin" / name).exists()]
    return found + ([] if os.path.exists("/usr/sbin/ip") or os.path.exists("/sbin/ip") else ["ip"])


def isolate():
    """Run this program again where it can make a network."""
    if os.environ.get("NETWORK") == "inside":
        return
    os.environ["NETWORK"] = "inside"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                          "--mount-proc", sys.executable, "-IS", *sys.argv])


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, **options).stdout.decode()


def at_once(*functions):
    """What each function returns, called in threads; the first exception of any."""
    results, errors = [None] * len(functions), []

    def call(i):
        try:
            results[i] = functions[i]()
        except Exception as error:  # for the caller
            errors.append(error)
    threads = [threading.Thread(target=call, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


class Host:
    """A network namespace with addresses on the bridge."""

    count = 0

    def __init__(self, network, *addresses):
        Host.count += 1
        self.network, self.addresses, self.daemons = network, addresses, []
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"],
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        cable = f"cable{Host.count}"
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns",
            str(self.holder.pid))
        run("ip", "link", "set", cable, "master", "bridge0", "up")
        lines = ["link set lo up", "link set eth0 up"]
        lines += [f"address add {a}/{64 if ':' in a else 16} dev eth0" + (" nodad" if ":" in a else "")
                  for a in addresses]
        run("nsenter", *self.net(), "ip", "-batch", "-", input="\n".join(lines).encode())

    def net(self):
        return [f"--net=/proc/{self.holder.pid}/ns/net"]

    def enter(self, *words):
        """The command line that runs words here, on the peers' file system."""
        return ["nsenter", *self.net(), f"--mount=/proc/{self.network.peers.pid}/ns/mnt",
                "--", *words]

    def start(self, *words, log="log"):
        """Start a daemon; its output goes to a file of the network's directory."""
        with open(self.network.dir / log, "ab") as out:
            process = subprocess.Popen(self.enter(*words), stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL)
        self.daemons.append(process)
        return process

    @contextlib.contextmanager
    def inside(self):
        """Sockets made in the body are this host's."""
        back = os.open("/proc/self/ns/net", os.O_RDONLY)
        here = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        try:
            assert not libc.setns(here, CLONE_NEWNET)
            yield
        finally:
            assert not libc.setns(back, CLONE_NEWNET)
            os.close(back)
            os.close(here)

    def connects(self, address, port):
        try:
            with self.inside():
                socket.create_connection((address, port), 1).close()
        except OSError:
            return False
        return True

    def wait_listening(self, port, address=None, seconds=15):
        assert wait_for(lambda: self.connects(address or self.addresses[0], port), seconds, 0.05), \
            f"nothing listens on {address or self.addresses[0]}:{port}: " + self.network.tail()


class Network:
    """A bridge, the hosts on it, and a directory for what they write."""

    def __init__(self, directory, resolver):
        self.dir = pathlib.Path(directory)
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bridge0", "type", "bridge")
        run("ip", "link", "set", "bridge0", "up")
        (self.dir / "peers").mkdir()
        self.peers = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", FILE_SYSTEM, "peers", str(self.dir / "peers"), resolver],
            stdout=subprocess.PIPE)
        assert self.peers.stdout.readline() == b"ready\n", "no file system for the peers"

    def host(self, *addresses):
        return Host(self, *addresses)

    def root(self, path):
        """A path of the peers' file system, seen from here."""
        return pathlib.Path(f"/proc/{self.peers.pid}/root") / path.lstrip("/")

    def write(self, path, text, mode=0o644):
        """A file on the peers' file system."""
        path = self.root(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def tail(self, log="log"):
        path = self.dir / log
        return path.read_text(errors="replace")[-1500:] if path.exists() else ""


# --- names and keys ---


class Authority:
    """A certificate authority, and what it certifies."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir()
        self.certificate = self.dir / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "9")

    def openssl(self, *words, **options):
        return subprocess.run(["openssl", *words], cwd=self.dir, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **options).stdout

    def certify(self, name, names=None, days=9, own=False):
        """A key and a certificate for names: [certificate, key]; own: signed by itself."""
        alt = ",".join(f"DNS:{x}" for x in names or [name])
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
               f"{name}.key", "-subj", f"/CN={name}"]
        if own:
            self.openssl("req", "-x509", *key, "-out", f"{name}.pem", "-days", str(days),
                         "-addext", f"subjectAltName={alt}")
        else:
            self.openssl("req", "-new", *key, "-out", f"{name}.csr",
                         "-addext", f"subjectAltName={alt}")
            when = ["-days", str(days)]
            if days <= 0:
                when = ["-days", "1"]
            self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                         "-CAcreateserial", "-copy_extensions", "copy", "-out", f"{name}.pem", *when)
        return [str(self.dir / f"{name}.pem"), str(self.dir / f"{name}.key")]

    def tlsa(self, certificate):
        """The data of a TLSA record 3 1 1 for a certificate."""
        key = self.openssl("x509", "-in", certificate, "-noout", "-pubkey")
        der = self.openssl("pkey", "-pubin", "-outform", "DER", input=key)
        return "3 1 1 " + self.openssl("dgst", "-sha256", "-r", input=der).decode().split()[0]


def zone(origin, address, records):
    """The text of a zone; records: lines."""
    return "\n".join([f"$ORIGIN {origin}.", "$TTL 60",
                      f"@ SOA ns.{origin}. root.{origin}. 1 3600 600 86400 30",
                      f"@ NS ns.{origin}.", f"ns A {address}", *records]) + "\n"


class Names:
    """nsd on one host with zones, signed or not; unbound on another, validating."""

    def __init__(self, network, authoritative, resolving):
        self.network, self.host, self.resolving = network, authoritative, resolving
        self.dir = network.dir / "names"
        self.dir.mkdir()
        self.zones, self.anchors = {}, []

    def add(self, origin, records, signed=False, expired=False):
        text = zone(origin, self.host.addresses[0], records)
        (self.dir / origin).write_text(text, encoding="utf-8")
        self.zones[origin] = origin
        if not signed:
            return
        name = run(*self.host.enter("sh", "-c", f"cd {self.dir} && ldns-keygen -a ECDSAP256SHA256 -k {origin}")).strip()
        when = ["-i", "20200101000000", "-e", "20200201000000"] if expired else []
        run(*self.host.enter("sh", "-c", f"cd {self.dir} && ldns-signzone {' '.join(when)} -f {origin}.signed {origin} {name}"))
        self.zones[origin] = f"{origin}.signed"
        self.anchors.append(self.dir / f"{name}.ds")

    def start(self):
        d = self.dir
        lines = ["server:", f"  ip-address: {self.host.addresses[0]}", '  username: ""', '  database: ""',
                 f'  zonesdir: "{d}"', '  pidfile: ""', f'  xfrdfile: "{d}/xfrd"', f'  xfrdir: "{d}"',
                 f'  zonelistfile: "{d}/zones"', "  server-count: 1", "  hide-version: yes",
                 "remote-control:", "  control-enable: no"]
        for origin, file in self.zones.items():
            lines += ["zone:", f"  name: {origin}", f"  zonefile: {file}"]
        (d / "nsd.conf").write_text("\n".join(lines) + "\n")
        self.host.start("nsd", "-d", "-c", str(d / "nsd.conf"), log="nsd.log")
        address = self.resolving.addresses[0]
        lines = ["server:", "  interface: 127.0.0.1", f"  interface: {address}", '  username: ""',
                 '  chroot: ""', f'  directory: "{d}"', '  pidfile: ""', "  do-daemonize: no",
                 "  use-syslog: no", "  access-control: 10.0.0.0/8 allow", "  do-ip6: no",
                 "  do-not-query-localhost: no", '  module-config: "validator iterator"',
                 "  num-threads: 1", "  harden-below-nxdomain: no", "  val-log-level: 2"]
        lines += [f'  trust-anchor-file: "{a}"' for a in self.anchors]
        lines += [x for o in self.zones for x in ("stub-zone:", f"  name: {o}",
                                                  f"  stub-addr: {self.host.addresses[0]}")]
        lines += ["remote-control:", "  control-enable: no"]
        (d / "unbound.conf").write_text("\n".join(lines) + "\n")
        self.host.wait_listening(53)
        self.resolving.start("unbound", "-d", "-c", str(d / "unbound.conf"), log="unbound.log")
        self.resolving.wait_listening(53)


# --- mail servers ---


def postfix(host, domain, certificate):
    """A full Postfix; mail for bob@domain is in /home/bob/Maildir.postfix."""
    n = host.network
    n.write("/tmp/postfix", f"""set -eu
cd /
touch /etc/postfix/dynamicmaps.cf
mkdir -p /var/spool/postfix /var/lib/postfix
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
cat >/etc/postfix/main.cf <<MAIN
compatibility_level = 3.6
queue_directory = /var/spool/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
data_directory = /var/lib/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.{domain}
mydestination = {domain}
inet_interfaces = all
inet_protocols = ipv4
home_mailbox = Maildir.postfix/
alias_maps =
maillog_file = /home/postfix.log
maillog_file_prefixes = /home
smtpd_tls_cert_file = {certificate[0]}
smtpd_tls_key_file = {certificate[1]}
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
MAIN
chown postfix /var/lib/postfix
exec postfix start-fg
""".replace("/tmp/postfix", ""))
    host.start("sh", "/tmp/postfix", log="postfix.log")


def exim(host, domain, certificate):
    """The same of Exim."""
    n = host.network
    for part in ("cert.pem", "key.pem"):
        source = certificate[part == "key.pem"]
        n.write(f"/etc/exim4/{part}", pathlib.Path(source).read_text())
    n.write("/etc/exim4/exim4.conf", f"""
primary_hostname = mx.{domain}
domainlist local_domains = {domain}
acl_smtp_rcpt = check_rcpt
tls_advertise_hosts = *
tls_certificate = /etc/exim4/cert.pem
tls_privatekey = /etc/exim4/key.pem
host_lookup =
rfc1413_query_timeout = 0s
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
never_users = root
keep_environment =
begin acl
check_rcpt:
  accept domains = +local_domains
         verify = recipient
  deny message = no
begin routers
local:
  driver = accept
  check_local_user
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = $home/Maildir.exim
  maildir_format
  create_directory
begin retry
* * F,2h,15m
""")
    n.write("/tmp/exim", """set -eu
mkdir -p /var/spool/exim4 /var/log/exim4
chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
chown root:Debian-exim /etc/exim4/key.pem
chmod 640 /etc/exim4/key.pem
exec /usr/sbin/exim4 -bdf -q30m
""")
    host.start("sh", "/tmp/exim", log="exim.log")


def opensmtpd(host, domain, certificate):
    """The same of OpenSMTPD."""
    n = host.network
    n.write("/etc/smtpd.conf", f"""
pki here cert "/etc/opensmtpd.pem"
pki here key "/etc/opensmtpd.key"
listen on 0.0.0.0 port 25 tls pki here hostname mx.{domain}
action "inbox" maildir "/home/bob/Maildir.opensmtpd"
match from any for domain "{domain}" action "inbox"
""")
    n.write("/etc/opensmtpd.pem", pathlib.Path(certificate[0]).read_text())
    n.write("/etc/opensmtpd.key", pathlib.Path(certificate[1]).read_text(), 0o600)
    n.write("/etc/mailname", f"mx.{domain}\n")
    n.write("/tmp/opensmtpd", """set -eu
mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd
chmod 711 /var/spool/smtpd /var/lib/opensmtpd /var/lib/opensmtpd/empty
chown -R root:root /var/lib/opensmtpd
exec /usr/sbin/smtpd -d
""")
    host.start("sh", "/tmp/opensmtpd", log="opensmtpd.log")


class Sink:
    """Postfix's smtp-sink, which counts."""

    def __init__(self, host, port=25, options=()):
        self.host, self.port = host, port
        self.log = host.network.dir / f"sink-{host.addresses[0]}-{port}.log"
        self.process = host.start("smtp-sink", "-c", *options, "-u", "postfix",
                                  f"{host.addresses[0]}:{port}", "1000", log=self.log.name)
        host.wait_listening(port)

    def counted(self):
        """(connections that have ended, those with QUIT, messages), without wait_listening's."""
        text = self.log.read_text(errors="replace").replace("\r", "\n")
        found = re.findall(r"sess=(\d+) quit=(\d+) mesg=(\d+)", text)
        return (int(found[-1][0]) - 1, int(found[-1][1]), int(found[-1][2])) if found else (0, 0, 0)


class Mailhosts:
    """The servers of mailhost.py, on one host."""

    def __init__(self, host, servers):
        self.events_path = host.network.dir / "events"
        self.events_path.touch()
        self.at = 0
        config = host.network.dir / "mailhosts.json"
        config.write_text(json.dumps(servers))
        self.process = subprocess.Popen(
            ["nsenter", *host.net(), sys.executable, "-IS", str(HERE / "mailhost.py"), str(config),
             str(self.events_path)], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def events(self, server=None, event=None):
        found = []
        with open(self.events_path, encoding="utf-8") as f:
            for line in f:
                if line.endswith("\n"):
                    e = json.loads(line)
                    if server in (None, e["server"]) and event in (None, e["event"]):
                        found.append(e)
        return found

    def messages(self, server=None, mark=""):
        """Those that hold the mark."""
        return [e for e in self.events(server, "message") if mark in e["text"]]


def maildir(network, peer):
    """The messages that bob has at a peer."""
    new = network.root(f"/home/bob/Maildir.{peer}/new")
    return [p.read_text(errors="replace") for p in sorted(new.iterdir())] if new.is_dir() else []
