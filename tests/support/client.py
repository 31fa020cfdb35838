"""An SMTP client that says whatever it is told to, for tests that lean on a server."""
import socket


class Client:
    """A connection; window is the receive buffer's size if it is to be small."""

    def __init__(self, place, window=0, timeout=120):
        self.sock = socket.socket()
        if window:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.sock.settimeout(timeout)
        self.sock.connect(("127.0.0.1", place.port))
        self.file = self.sock.makefile("rb")

    def line(self):
        return self.file.readline()

    def send(self, octets):
        self.sock.sendall(octets)

    def ask(self, text):
        """The reply's line to a line."""
        self.send(text + b"\r\n")
        return self.line()

    def close(self):
        self.file.close()
        self.sock.close()


def hello(place, **options):
    """A client who has been greeted."""
    client = Client(place, **options)
    assert client.line().startswith(b"220 ")
    client.send(b"EHLO crepes.fr\r\n")
    while (line := client.line())[3:4] == b"-":
        pass
    assert line.startswith(b"250 "), line
    return client


def begin(client, last=b"DATA", rcpt=b"bob@hamburger.edu"):
    """An envelope, and the command that brings the message."""
    assert client.ask(b"MAIL FROM:<alice@crepes.fr>")[:3] == b"250"
    assert client.ask(b"RCPT TO:<" + rcpt + b">")[:3] == b"250"
    if last.startswith(b"BDAT"):
        client.send(last + b"\r\n")
    else:
        assert client.ask(last)[:3] == b"354"
