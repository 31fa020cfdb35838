"""A source of the mail stream (mailstream(5)), and an asker for sinks, for tests.

    stream = Stream.start(["deliver-maildir", "./Maildir"])   # or Stream(a connected socket)
    assert stream.mail("alice@crepes.fr") == "K2.1.0 ok"
    stream.rcpt("bob@hamburger.edu")
    stream.data(b"Subject: hi\\n\\nhello\\n")
    answer = stream.end()
    stream.close()

mail, rcpt and end wait for their answer and return it as text; None means that the sink
closed the stream. send does everything in one flight, as queue-send does.
"""
import array
import os
import socket
import struct
import subprocess

TIMEOUT_S = 30


class Stream:
    def __init__(self, sock, process=None):
        self.sock, self.process, self.buffer = sock, process, b""
        sock.settimeout(TIMEOUT_S)

    @classmethod
    def start(cls, argv, **options):
        """Start a sink with one end of a socket pair as its descriptors 0 and 1."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, **options)
        return cls(ours, process)

    @staticmethod
    def octets(text):
        return text if isinstance(text, bytes) else text.encode()

    @classmethod
    def frame(cls, kind, content=b""):
        content = kind.encode() + cls.octets(content)
        return str(len(content)).encode() + b":" + content + b","

    @classmethod
    def fields(cls, *fields):
        return b"".join(cls.octets(field) + b"\0" for field in fields)

    def put(self, kind, content=b""):
        try:
            self.sock.sendall(self.frame(kind, content))
        except BrokenPipeError:
            pass  # the answer, or that there is none, tells

    def answer(self):
        """The next answer, or None when there is none any more."""
        while True:
            head, colon, rest = self.buffer.partition(b":")
            if colon and len(rest) > int(head):
                text, self.buffer = rest[:int(head)], rest[int(head) + 1:]
                return text.decode()
            try:
                got = self.sock.recv(65536)
            except ConnectionResetError:
                got = b""
            if not got:
                return None
            self.buffer += got

    def client(self, **facts):
        self.put("C", self.fields(*(f"{key}={value}" for key, value in facts.items())))

    def mail(self, sender, *params):
        self.put("M", self.fields(sender, *params))
        return self.answer()

    def rcpt(self, address, *params):
        self.put("R", self.fields(address, *params))
        return self.answer()

    def data(self, octets):
        if octets:
            self.put("D", octets)

    def pass_on(self, octets, fd):
        """Send octets with a descriptor."""
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
        try:
            sent = self.sock.sendmsg([octets], ancillary)
            if octets[sent:]:
                self.sock.sendall(octets[sent:])
        except BrokenPipeError:
            pass

    def file(self, fd, offset, length):
        self.pass_on(self.frame("F", f"{offset} {length}"), fd)

    def end(self):
        self.put("E")
        return self.answer()

    def reset(self):
        self.put("X")

    def send(self, sender, rcpts, fd, offset, length, **facts):
        """A whole message of a file in one flight; all answers, to the first None."""
        flight = b""
        if facts:
            flight += self.frame("C", self.fields(*(f"{k}={v}" for k, v in facts.items())))
        flight += self.frame("M", self.fields(sender))
        for rcpt in rcpts:
            flight += self.frame("R", self.fields(rcpt))
        flight += self.frame("F", f"{offset} {length}") + self.frame("E")
        self.pass_on(flight, fd)
        answers = []
        for _ in range(len(rcpts) + 2):
            answers.append(self.answer())
            if answers[-1] is None:
                break
        return answers

    def close(self):
        """Close; the exit code of the sink if it was started here."""
        self.sock.close()
        return self.process.wait(TIMEOUT_S) if self.process else None


class Sinks:
    """Asks a spawner for sinks, as queue-send does (lib/sinks.h)."""

    def __init__(self, argv, **options):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(TIMEOUT_S)
        with theirs:
            self.process = subprocess.Popen(argv, stdin=theirs, stdout=subprocess.DEVNULL, **options)
        self.serial = 0

    def ask(self, name):
        """The answer's text, and a Stream or None."""
        self.serial += 1
        self.sock.send(struct.pack("<I", self.serial) + name.encode())
        octets, fds, _, _ = socket.recv_fds(self.sock, 65536, 4)
        assert octets[:4] == struct.pack("<I", self.serial), octets
        streams = [Stream(socket.socket(fileno=fd)) for fd in fds]
        return octets[4:].decode(), streams[0] if streams else None

    def close(self):
        self.sock.close()
        return self.process.wait(TIMEOUT_S)


def memory(octets):
    """A descriptor of an open file that holds octets."""
    fd = os.memfd_create("message")
    os.write(fd, octets)
    return fd
