"""The groups of rows of tests/bench/run.

A group is given start(**needs), a context with a system that has these needs (see
peers.System), and its needs (Needs in run); it returns figures by the names of rows.
"""
import base64
import crypt
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from peers import AIDS, POSTFIX_ENV, find

RCPT = "bob@hamburger.edu"
DELIVER_S = 120
IDLE = 100            # connections
CLIENTS = 10          # at once
REST_S = 6            # until daemons that have nothing to do have given memory back
TICK = os.sysconf("SC_CLK_TCK")


def busy_ticks():
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system = map(int, f.readline().split()[1:4])
    return user + nice + system


def cpu_ms(ticks, count):
    """The machine's CPU time since then, by count."""
    return (busy_ticks() - ticks) * 1000 / TICK / count


# --- receive ---


def load(system, sessions, count, size, many):
    """Send; returns accepted/s, in the Maildir/s, and the machine's CPU ms a message."""
    before, ticks, start = system.delivered(), busy_ticks(), time.monotonic()
    command = [find("smtp-source"), "-s", str(sessions), "-m", str(count), "-l", str(size),
               "-f", "alice@crepes.fr", "-t", RCPT] + (["-d"] if many else [])
    subprocess.run(command + [f"127.0.0.1:{system.port}"], check=True, timeout=300, env=POSTFIX_ENV)
    accepted = time.monotonic() - start
    while system.delivered() - before < count:
        if time.monotonic() - start > DELIVER_S:
            sys.exit(f"{system.name}: only {system.delivered() - before} of {count} delivered")
        time.sleep(0.005)
    delivered = time.monotonic() - start
    return count / accepted, count / delivered, cpu_ms(ticks, count)


def latency(system, count):
    out = subprocess.run([f"{AIDS}/session", str(system.port), str(count), RCPT],
                         check=True, capture_output=True, text=True).stdout
    return [float(x) / 1000 for x in out.split()]


def idle(system, port, tls=None):
    """KB that one idle connection takes, and KB of all daemons at rest."""
    time.sleep(REST_S)
    rest = system.memory()
    held = []
    for _ in range(IDLE):
        s = socket.create_connection(("127.0.0.1", port), timeout=30)
        if tls:
            s = tls.wrap_socket(s)
        if not s.recv(512).startswith(b"220"):
            sys.exit(f"{system.name} does not greet")
        held.append(s)
    time.sleep(0.5)
    each = (system.memory() - rest) / IDLE
    for s in held:
        s.close()
    time.sleep(0.5)
    return each, rest


CALLS = {"calls": None, "syncs": ("fsync", "fdatasync", "sync_file_range"),
         "forks": ("clone", "clone3", "fork", "vfork"), "execs": ("execve",)}


def traced(system, count, many):
    """System calls, syncs, forks and execs a message, from strace -f -c of every daemon."""
    with tempfile.NamedTemporaryFile("r") as out:
        pids = [x for pid in system.daemons() for x in ("-p", str(pid))]
        tracer = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", "-o", out.name] + pids,
                                  stderr=subprocess.DEVNULL)
        time.sleep(1)
        load(system, 5, count, 1024, many)
        time.sleep(0.5)
        tracer.send_signal(2)
        tracer.wait()
        table = {}
        for line in open(out.name, encoding="utf-8"):
            words = line.split()
            if len(words) == 2 and words[0].isdigit():
                table[words[1]] = int(words[0])
    total = table.pop("total", sum(table.values()))
    return {name: (total if calls is None else sum(table.get(c, 0) for c in calls)) / count
            for name, calls in CALLS.items()}


LOADS = [  # label, sessions, size, many a connection, share of --messages
    ("1 KB, 1 session, one", 1, 1024, False, 0.2),
    ("1 KB, 10 sessions, one", 10, 1024, False, 1),
    ("1 KB, 50 sessions, one", 50, 1024, False, 1),
    ("1 KB, 1 session, many", 1, 1024, True, 0.2),
    ("1 KB, 10 sessions, many", 10, 1024, True, 1),
    ("1 KB, 50 sessions, many", 50, 1024, True, 1),
    ("10 KB, 10 sessions, many", 10, 10240, True, 0.5),
    ("1 MB, 10 sessions, many", 10, 1 << 20, True, 0.1),
]


def receive(start, needs):
    rows = {}
    with start() as system:
        load(system, 10, 100, 1024, True)  # warm up
        for label, sessions, size, many, share in LOADS:
            accepted, delivered, cpu = load(system, sessions, needs.count(share, sessions), size, many)
            rows[f"accepted/s: {label}"] = accepted
            rows[f"in Maildir/s: {label}"] = delivered
            rows[f"CPU ms/message: {label}"] = cpu
        banner, banner99, session, session99 = latency(system, 300)
        rows |= {"connect to 220, median ms": banner, "connect to 220, p99 ms": banner99,
                 "one session, median ms": session, "one session, p99 ms": session99}
        rows["KB an idle connection"], rows["KB at rest"] = idle(system, system.port)
        for many in (False, True) if needs.strace else ():
            for name, value in traced(system, 200, many).items():
                rows[f"{name}/message, {'many' if many else 'one'} a connection"] = value
    return rows


# --- relay ---


def relayed(system, sink, sessions, count, domains):
    """Send to these domains, that many messages in all; returns seconds until the next server has
    them, what its counts() have grown by, and CPU ms a message."""
    before, ticks, start = sink.counts(), busy_ticks(), time.monotonic()
    each = count // len(domains)
    senders = [subprocess.Popen(
        [find("smtp-source"), "-d", "-s", str(max(1, sessions // len(domains))), "-m", str(each), "-l", "1024",
         "-f", "alice@crepes.fr", "-t", f"bob@{domain}", f"127.0.0.1:{system.port}"], env=POSTFIX_ENV)
        for domain in domains]
    for sender in senders:
        if sender.wait(300):
            sys.exit(f"{system.name}: smtp-source failed")
    while (now := sink.counts())[1] - before[1] < each * len(domains):
        if time.monotonic() - start > DELIVER_S:
            sys.exit(f"{system.name}: only {now[1] - before[1]} of {count} relayed")
        time.sleep(0.005)
    seconds = time.monotonic() - start
    return seconds, [x - y for x, y in zip(now, before)], cpu_ms(ticks, count)


def workers(system, kind):
    """How many there are, just after mail was relayed, and KB of one with what belongs to it."""
    worker, all_of_it = system.relaying
    count = len(system.named(lambda name: name == worker))
    if not count:
        sys.exit(f"{system.name}: no {worker} is left to be measured")
    kb = system.memory(system.named(lambda name: name in all_of_it)) / count
    return {f"workers then: {kind}": count, f"KB a relay worker: {kind}": kb}


def several(count):
    return [f"d{i}.example" for i in range(count)]


RELAYS = [  # label, sessions, destinations, share of --messages
    ("1 session, 1 destination", 1, 1, 0.2),
    ("10 sessions, 1 destination", 10, 1, 1),
    ("50 sessions, 1 destination", 50, 1, 1),
    ("10 sessions, 10 destinations", 10, 10, 1),
]


def relay(start, needs):
    rows = {}
    sink = needs.sink()
    with start(routes={"": sink.port}) as system:
        relayed(system, sink, CLIENTS, 2 * CLIENTS, ["warm.example"])
        for label, sessions, domains, share in RELAYS:
            count = needs.count(share, sessions)
            seconds, (connections, _), cpu = relayed(system, sink, sessions, count, several(domains))
            rows[f"at the next server/s: {label}"] = count / seconds
            rows[f"connections/message: {label}"] = connections / count
            rows[f"CPU ms/message: relayed, {label}"] = cpu
        rows |= workers(system, "plain")  # of the last of RELAYS
    return rows


TLS_RELAYS = [  # label, domains, way of the sink, share of --messages
    ("connection a message, full", ["fresh.example"], "fresh", 0.5),
    ("connection a message, resumed", ["resumed.example"], "resumed", 0.5),
    ("kept, 1 destination", several(10)[:1], "kept", 1),
    ("kept, 10 destinations", several(10), "kept", 1),
]


def relay_tls(start, needs):
    rows = {}
    sinks = {way: needs.sink(way) for way in ("fresh", "resumed", "kept")}
    routes = {"fresh.example": sinks["fresh"].port, "resumed.example": sinks["resumed"].port,
              **dict.fromkeys(several(10), sinks["kept"].port), "": sinks["kept"].port}
    with start(routes=routes) as system:
        relayed(system, sinks["kept"], CLIENTS, 2 * CLIENTS, ["warm.example"])
        for label, domains, way, share in TLS_RELAYS:
            count = needs.count(share, CLIENTS)
            seconds, (_, _, handshakes, resumed), cpu = relayed(system, sinks[way], CLIENTS, count, domains)
            rows[f"at the next server by TLS/s: {label}"] = count / seconds
            rows[f"handshakes out/s: {label}"] = handshakes / seconds
            rows[f"handshakes/message: {label}"] = handshakes / count
            rows[f"resumed/handshake: {label}"] = resumed / max(handshakes, 1)
            rows[f"CPU ms/message: by TLS, {label}"] = cpu
        rows |= workers(system, "TLS")  # of the last of TLS_RELAYS, whose connections are kept
    return rows


# --- submission ---


def tls_sessions(system, port, count, clients, *flags):
    """Sessions/s, ms to the first reply under TLS, median and p99, and those of a whole session."""
    done = subprocess.run([f"{AIDS}/tlssession", *flags, str(port), str(count), str(clients)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{system.name}: tlssession {' '.join(flags)}: {done.stderr}")
    rate, resumed, *times = map(float, done.stdout.split())
    if resumed != (count if "-r" in flags else 0):
        sys.exit(f"{system.name}: {resumed:.0f} of {count} sessions were resumed")
    return rate, *(x / 1000 for x in times)


def submission(start, needs):
    rows = {}
    with start(certificate=needs.certificate) as system:
        count = needs.count(0.5, CLIENTS)
        for name, port, how in (("465", system.smtps, ()), ("STARTTLS", system.submission, ("-s",))):
            for label, more in (("full", ()), ("resumed", ("-r",))):
                tls_sessions(system, port, CLIENTS, CLIENTS, *how, *more)  # warm up
                ticks = busy_ticks()
                rows[f"TLS sessions in/s: {name}, {label}"] = tls_sessions(
                    system, port, count, CLIENTS, *how, *more)[0]
                rows[f"CPU ms/session: {name}, {label}"] = cpu_ms(ticks, count)
                _, first, first99, _, _ = tls_sessions(system, port, needs.count(0.1, 20), 1, *how, *more)
                rows[f"connect to first reply under TLS, median ms: {name}, {label}"] = first
                rows[f"connect to first reply under TLS, p99 ms: {name}, {label}"] = first99
        rows["KB an idle TLS connection"], _ = idle(system, system.smtps, anybody())
    return rows


def anybody():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


# --- auth ---

SECRET = "ketchup+mustard"
JUDGES = {"dovecot": "Dovecot", "file": "checkpassword-file"}
HASHES = {  # by user: the kind of hash, as rows call it, and the setting for crypt(3)
    "dear": ("yescrypt", "$y$j9T$abcdefghijklmnop"),  # as checkpassword-set makes it
    "cheap": ("quick hash", "$6$rounds=1000$abcdefgh"),
}


def auth(start, needs):
    passwords = "".join(f"{user}:{crypt.crypt(SECRET, setting)}\n" for user, (_, setting) in HASHES.items())
    rows = {}
    for judge in start.kind.auth:
        with start(certificate=needs.certificate, auth=judge, passwords=passwords) as system:
            count, alone = needs.count(0.2, CLIENTS), needs.count(0.05, 10)
            for user in (None, *HASHES):
                label = f"{JUDGES[judge]}, {HASHES[user][0] if user else 'without'}"
                secret = base64.b64encode(f"\0{user}\0{SECRET}".encode()).decode()
                flags = ("-a", secret) if user else ()
                ticks = busy_ticks()
                rows[f"AUTH sessions/s: {label}"] = tls_sessions(system, system.smtps, count, CLIENTS, *flags)[0]
                rows[f"CPU ms/AUTH session: {label}"] = cpu_ms(ticks, count)
                rows[f"one AUTH session, median ms: {label}"] = tls_sessions(
                    system, system.smtps, alone, 1, *flags)[3]
    return rows | {f"one {name} alone, CPU ms": hash_ms(setting) for name, setting in HASHES.values()}


def hash_ms(setting):
    start = time.process_time()
    for _ in range(5):
        crypt.crypt(SECRET, setting)
    return (time.process_time() - start) * 1000 / 5


GROUPS = {"receive": receive, "relay": relay, "relay-tls": relay_tls, "submission": submission, "auth": auth}
