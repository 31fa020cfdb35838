"""queuefiles - read queue files, and speak the mail stream with a sink, for the tests in Python."""
import re
import socket
import subprocess

from installation import SERVE, wait_for

HEADER = re.compile(rb"sallyport/1 (\d{20}) (\d{20}) (\d{20}) (\d{20})\n")
ID = re.compile(r"[0-9a-hjkmnp-tv-z]{11}-[0-9a-hjkmnp-tv-z]{1,13}")


def netstrings(octets):
    at = 0
    while at < len(octets):
        colon = octets.index(b":", at)
        end = colon + 1 + int(octets[at:colon])
        assert octets[end:end + 1] == b",", f"no netstring: {octets[at:at + 40]}"
        yield octets[colon + 1:end]
        at = end + 1


class Message:
    """One queue file, taken apart: facts, mail and rcpts are lists of fields."""

    def __init__(self, data):
        match = HEADER.match(data)
        assert match, f"no header: {data[:100]}"
        at, length, eat, elength = map(int, match.groups())
        assert {at, eat} == {96, 96 + (elength if eat < at else length)}, "regions"
        assert len(data) == 96 + length + elength, "size"
        self.text = data[at:at + length]
        frames = [(x[:1], x[1:].split(b"\0")[:-1]) for x in netstrings(data[eat:eat + elength])]
        assert [kind for kind, _ in frames] == [b"C", b"M"] + [b"R"] * (len(frames) - 2)
        self.facts, self.mail = frames[0][1], frames[1][1]
        self.rcpts = [fields for _, fields in frames[2:]]

    @property
    def sender(self):
        return self.mail[0]

    @property
    def recipients(self):
        return [fields[0] for fields in self.rcpts]


def messages(place):
    """{id: Message} of everything in the queue of an Installation."""
    paths = (place.dir / "queue" / "mess").glob("*/*")
    return {path.name: Message(path.read_bytes()) for path in paths}


def clear(place):
    for path in (place.dir / "queue" / "mess").glob("*/*"):
        path.unlink()


def inside(place, user, words):
    """The command line that runs words as user in an Installation."""
    return [str(SERVE), "--exec", str(place.dir)] + (["--as", user] if user else []) + ["--", *words]


def frame(kind, *fields):
    content = kind + b"".join(x + b"\0" for x in fields)
    return b"%d:%s," % (len(content), content)


def data(octets):
    return b"%d:D%s," % (len(octets) + 1, octets)


END, RESET = b"1:E,", b"1:X,"


def whole(sender, recipients, text):
    return frame(b"M", sender) + b"".join(frame(b"R", x) for x in recipients) + data(text) + END


class Sink:
    """A running sink, and our end of its stream."""

    def __init__(self, words, **options):
        self.sock, theirs = socket.socketpair()
        self.sock.settimeout(30)
        self.process = subprocess.Popen(words, stdin=theirs, stdout=theirs,
                                        stderr=subprocess.PIPE, **options)
        theirs.close()
        self.waiting = b""

    def send(self, octets):
        self.sock.sendall(octets)

    def answer(self):
        """The next answer as text, or "" at the end of the stream."""
        while True:
            match = re.match(rb"(\d+):", self.waiting)
            size = match and match.end() + int(match.group(1)) + 1
            if match and len(self.waiting) >= size:
                text, self.waiting = self.waiting[match.end():size - 1], self.waiting[size:]
                return text.decode()
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return ""
            self.waiting += more

    def octets(self, count):
        """The next count octets of the stream, whatever they are; fewer at its end."""
        while len(self.waiting) < count:
            more = self.sock.recv(65536)
            if not more:
                break
            self.waiting += more
        got, self.waiting = self.waiting[:count], self.waiting[count:]
        return got

    def answers(self, octets, count):
        self.send(octets)
        return [self.answer() for _ in range(count)]

    def end(self):
        """Close the stream: the sink's exit code, and what it said on descriptor 2."""
        self.sock.close()
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said.decode()


def gone(pid):
    """Wait until a process is gone."""
    return wait_for(lambda: not subprocess.run(["kill", "-0", str(pid)], check=False,
                                               stderr=subprocess.DEVNULL).returncode == 0)
