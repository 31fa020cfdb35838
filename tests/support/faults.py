"""Faults in one program of an installation (tests/crash/fault.c), and what must hold then.

A test of tests/crash has a class of Test for each way in which mail goes, whose run(fault) sends
one message while one process is killed before one of its system calls, or while one call fails,
and raises Wrong when mail was lost, is half there, or something was left over. suite() does that
for each call that a program makes, and main() writes TAP.
"""
import argparse
import errno
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading

from installation import SERVE, children, name, status, wait_for

FAULT = SERVE.parents[1] / os.environ.get("BUILD", "build") / "tests" / "crash" / "fault"
KILL, SHORT = "kill", "short"
FAILURES = (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENOMEM, errno.EINTR)
FEWER = 2              # failing calls than kills in a sample
SIMILAR = 0.7          # two such runs differ by no more
CALLS_MAX = 3000       # a program that makes more of them for one message has gone mad
WRONG_MAX = 20         # that many wrong cases, and a suite is given up
CLIENT_S = 5
DRAIN_S = 8
LITTER_S = 3           # queue-send is still about it
PARTIES = ("queue-start", "queue-send", "deliver-spawn", "deliver-lmtp", "relay-spawn", "relay",
           "relay-connect", "relay-tls", "relay-sts", "relay-sts-fetch", "fault")


class Wrong(Exception):
    pass


class Hung(Wrong):
    """The other end neither answers nor closes."""


def body_of(token):
    return b"Subject: %s\r\n\r\n%sEND %s\r\n" % (token, b"line\r\n" * 500, token)


def is_whole(data, token):
    """Whether a message as it arrived has all that body_of made."""
    data = data.replace(b"\r\n", b"\n")
    return data.endswith(b"\n" + b"line\n" * 500 + b"END " + token + b"\n") and \
        b"Subject: " + token + b"\n" in data


class Client:
    """Speaks SMTP as far as it gets: acknowledged, or how it ended."""

    def __init__(self, sock, token, rcpt=b"bob@hamburger.edu"):
        self.sock, self.token, self.rcpt = sock, token, rcpt
        self.acknowledged, self.refused, self.replies, self.closed = False, False, [], False
        sock.settimeout(CLIENT_S)
        self.file = sock.makefile("rb")

    def reply(self):
        while True:
            try:
                line = self.file.readline()
            except TimeoutError:
                raise Hung(f"no reply after {self.replies[-1:]}") from None
            except ConnectionResetError:
                line = b""
            if not line:
                self.closed = True
                return b""
            self.replies.append(line.rstrip(b"\r\n"))
            if line[3:4] != b"-":
                return line[:3]

    def ask(self, text):
        try:
            self.sock.sendall(text + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self.reply()

    def greet(self):
        return self.reply() == b"220" and self.ask(b"EHLO crepes.fr") == b"250"

    def send(self, sender=b"alice@crepes.fr"):
        """One message: whether it was taken."""
        steps = [(b"MAIL FROM:<" + sender + b">", b"250"), (b"RCPT TO:<" + self.rcpt + b">", b"250"),
                 (b"DATA", b"354"), (body_of(self.token) + b".", b"250")]
        self.acknowledged = all(self.ask(text) == wanted for text, wanted in steps)
        return self.acknowledged

    def run(self):
        if self.greet():
            self.send()
        if not self.closed:
            self.ask(b"QUIT")

    def end(self):
        self.file.close()
        self.sock.close()


class Fault:
    """One run of a command with one fault in it."""

    def __init__(self, who, number, what):
        self.who, self.number, self.what = who, number, what
        self.report = tempfile.mktemp(prefix="sallyport-fault-")
        self.log = pathlib.Path(self.report + ".log")

    def words(self, command):
        return [str(FAULT), self.who, str(self.number), str(self.what), self.report, *command]

    def reported(self, which="hit"):
        """The call that it hit and when (nanoseconds, monotonic); or None."""
        try:
            with open(self.report, encoding="ascii") as report:
                for line in report:
                    word, number, when = line.split()
                    if word == which:
                        return int(number), int(when)
        except (FileNotFoundError, ValueError):
            pass
        return None

    def hit(self):
        found = self.reported()
        return None if found is None else found[0]

    def when(self):
        found = self.reported()
        return None if found is None else found[1]

    def said(self):
        """What the programs logged, where the test gave them self.log to write to."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def is_failure(self):
        """A call failed; nobody was killed, and none did a part, which is no failure."""
        return self.what not in (KILL, SHORT)

    def done(self):
        for path in (self.report, self.log):
            if os.path.exists(path):
                os.unlink(path)

    def __str__(self):
        what = {KILL: "killed", SHORT: "does a part"}.get(self.what)
        return f"{self.who}, call {self.number} (number {self.hit()}) " + \
            (what or f"fails with {errno.errorcode[self.what]}")


def inside(root):
    """The processes in the installation's process namespace, whoever their parents are."""
    space, found = os.readlink(f"/proc/{root.init}/ns/pid"), []
    for each in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{each}/ns/pid") == space:
                found.append(int(each))
        except OSError:
            pass
    return found


def kill_all(pids):
    for each in pids:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Test:
    marks = ()             # what must be in the log where all is well
    label = ""             # how it differs from others with the same programs
    parallel = 1           # how many runs there may be at once

    def __init__(self, root):
        self.root, self.serial, self.lock = root, 0, threading.Lock()
        self.programs = root.programs()
        self.twice = {}    # what came more than once: {who: [calls]}
        self.calls = {}    # of a run that nothing disturbed: {who: how many}

    def token(self):
        with self.lock:
            self.serial += 1
            return b"token-%d-%06d" % (os.getpid(), self.serial)

    def start_queue(self, fault=None, log=os.devnull):
        words = [f"{self.programs}/queue-start"]
        with open(log, "ab") as errors:
            return subprocess.Popen(self.root.enter(fault.words(words) if fault else words),
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)

    def queue_processes(self):
        return [pid for pid in inside(self.root) if name(pid) in PARTIES]

    def killed_queue(self):
        """Kill what is left; whether nothing was."""
        found = self.queue_processes()
        kill_all(found)
        return not found

    def kill_queue(self, start):
        """All that queue-start began, once who watched it has said how many calls there were."""
        for pid in children(start.pid):
            if name(pid) == "fault":
                os.kill(pid, signal.SIGTERM)
                start.wait(CLIENT_S)
        kill_all(children(start.pid))
        start.wait()
        if not wait_for(self.killed_queue):
            raise Wrong(f"cannot be killed: {self.queue_processes()}")

    def copies(self, token):
        """The files that hold the message, each of them whole."""
        found = []
        for path in self.root.mail():
            try:
                data = path.read_bytes()
            except FileNotFoundError:  # another run's, which has counted it
                continue
            if token in data:
                if not is_whole(data, token):
                    raise Wrong(f"a message in the Maildir that is not whole: {path.name}, {len(data)} octets")
                found.append(path)
        return found

    def forget(self, token):
        """Take the message's copies away: how many there were."""
        found = self.copies(token)
        for path in found:
            path.unlink()
        return len(found)

    def drained(self):
        return not self.root.queued()

    def litter(self):
        """What is left when all mail is gone."""
        places = (self.root.maildir() / "tmp", *(self.root.dir / "queue" / "state").glob("*"))
        return [str(path) for place in places for path in place.iterdir()]

    def look_for_litter(self):
        if not wait_for(lambda: not self.litter(), LITTER_S):
            raise Wrong(f"left over: {self.litter()}")

    def check(self, token, acknowledged):
        """The message is out of the queue, and arrived if it was acknowledged: how often."""
        if not wait_for(self.drained, DRAIN_S):
            raise Wrong(f"still queued: {sorted(self.root.queued())}")
        copies = self.forget(token)
        if acknowledged and not copies:
            raise Wrong("acknowledged and lost")
        self.look_for_litter()
        return copies

    def note_twice(self, fault, copies):
        with self.lock:
            self.twice.setdefault(fault.who, []).extend([fault.number] * (copies - 1))

    def states(self):
        """What each process of the queue is doing, for whoever wonders why nothing happens."""
        lines = []
        for pid in self.queue_processes():
            facts = status(pid)
            lines.append(f"{pid} {name(pid)}: {facts.get('State')}, traced by {facts.get('TracerPid')}, "
                         f"call {calls_of(pid)}")
        return "\n".join(lines)

    def retry_now(self):
        """What was deferred for a while is tried at once on SIGALRM."""
        for pid in self.queue_processes():
            if name(pid) == "queue-send" and status(pid).get("Seccomp", "").strip() == "2":
                os.kill(pid, signal.SIGALRM)


def calls_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/syscall").read_text().strip()
    except OSError:
        return None


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def point(self, what, wrong, comments=()):
        self.count += 1
        self.failed += bool(wrong)
        for line in [*wrong[:8], *([f"… and {len(wrong) - 8} more"] if len(wrong) > 8 else []), *comments]:
            print(f"#   {line}")
        print(f"{'not ok' if wrong else 'ok'} {self.count} - crash {what}", flush=True)

    def finish(self):
        print(f"1..{self.count}")
        raise SystemExit(1 if self.failed else 0)


class Play:
    """Faults at call 1, 2 … until the program makes no such call."""

    def __init__(self, test, who, faults):
        self.test, self.who, self.faults = test, who, faults
        self.number, self.over, self.hits, self.wrong = 0, False, 0, []
        self.lock = threading.Lock()

    def next(self):
        """The next fault, or None."""
        with self.lock:
            while not self.over and self.number < CALLS_MAX:
                self.number += 1
                what = self.faults(self.number)
                if what is not None:
                    return Fault(self.who, self.number, what)
        return None

    def one(self, fault):
        wrong = None
        try:
            self.test.run(fault)
        except Exception as error:  # in whatever way it fails, the next one goes on
            wrong = f"{fault}: {type(error).__name__}: {error}"
        hit = fault.hit()
        if hit is None and not wrong:
            wrong = self.end_of_calls(fault)
        with self.lock:
            if wrong:
                self.wrong.append(wrong)
            self.hits += hit is not None
            if len(self.wrong) > WRONG_MAX:
                self.wrong.append("and so on: given up")
            self.over |= len(self.wrong) > WRONG_MAX or hit is None
        fault.done()

    def end_of_calls(self, fault):
        """What is wrong with a fault that never came, if it is not that there are fewer calls."""
        counted = fault.reported("count")
        count, most = counted[0] if counted else 0, self.test.calls.get(self.who, 0)
        if fault.what != SHORT:
            self.test.calls[self.who] = max(count, most)
        if counted and count < fault.number and (fault.what == SHORT or count > SIMILAR * most):
            return None
        return f"{fault}: it never came, after {count} calls (once there were {most}): {fault.said()[-1500:]}"

    def work(self):
        while (fault := self.next()):
            self.one(fault)

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(self.test.parallel)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.hits, self.wrong


def sample(step, *whats, first=0):
    """Every step-th call, and for each the next of whats."""
    return lambda number: None if (number - first) % step else whats[number // step % len(whats)]


def undisturbed(test, who, tap):
    """That it goes well where nothing is wrong, and by the programs that are meant."""
    fault = Fault(who, 0, KILL)
    try:
        test.run(fault)
        missing = [word for word in test.marks if word not in fault.said()]
        wrong = [f"the log has no {word}: {fault.said()}" for word in missing]
    except Exception as error:  # so there is no sense in what follows
        wrong = [f"{type(error).__name__}: {error}"]
    fault.done()
    tap.point(f"without a fault{test.label}", wrong)


def suite(test, who, step, tap):
    """Kill who at each of its calls, and let each fail in each way; step 0: all, else a sample."""
    parts = "when {} of its calls do only a part"  # some have no such call

    def report(text, faults):
        hits, wrong = Play(test, who, faults).run()
        twice = test.twice.pop(who, [])
        if not hits and text is not parts:
            wrong.append("it made no call")
        tap.point(f"{who}{test.label} {text.format(hits)}", wrong,
                  [f"{len(twice)} came again, at calls {sorted(set(twice))}"] if twice else [])

    report("killed before {} of its calls", sample(step or 1, KILL))
    for failures in [FAILURES] if step else [(each,) for each in FAILURES]:
        report(f"when {{}} of its calls fail ({', '.join(errno.errorcode[each] for each in failures)})",
               sample(FEWER * step or 1, *failures))
    report(parts, sample(step or 1, SHORT, first=1))


def main(usage, groups):
    """
    groups: of what the command line may want: {program: how many calls apart those of the short
    form are}, and a function whose context is the test.
    """
    parser = argparse.ArgumentParser(usage=usage)
    parser.add_argument("--all", action="store_true", default=bool(os.environ.get("LONG")))
    parser.add_argument("who", nargs="*")
    options = parser.parse_args()
    tap = Tap()
    for programs, begin in groups:
        wanted = {who: step for who, step in programs.items() if not options.who or who in options.who}
        if wanted:
            with begin() as test:
                undisturbed(test, next(iter(wanted)), tap)
                for who, step in wanted.items():
                    suite(test, who, 0 if options.all else step, tap)
    tap.finish()


def connect():
    """A connection over TCP: both its ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sock = socket.create_connection(listener.getsockname())
        return sock, listener.accept()[0]
