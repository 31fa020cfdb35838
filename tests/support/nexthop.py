"""A next mail server for tests of relay: polite by default, and whatever else a test wants.

    with NextHop(ehlo=["PIPELINING", "SIZE 1000"]) as server:
        ... relay to 127.0.0.1, server.port ...
    server.sessions[0].commands, .messages, .flights

replies maps a verb (or "RCPT 2", the second of a transaction; "GREETING"; "DOT"; "CHUNK") to
octets to answer with, to None (close the connection), or to a function of the session that does
what it likes and returns one of these. A handler does all of it by itself.
"""
import socket
import ssl
import threading
import time

TIMEOUT_S = 30
ALL = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING")
DEFAULT = {
    "GREETING": b"220 next.example ESMTP\r\n",
    "HELO": b"250 next.example\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go\r\n",
    "DOT": b"250 2.0.0 queued as 4711\r\n",
    "CHUNK": b"250 2.0.0 queued as 4711\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
    "STARTTLS": b"220 2.0.0 go\r\n",
    "AUTH": b"235 2.7.0 ok\r\n",
}


class Closed(Exception):
    pass


class Session:
    def __init__(self, server, sock):
        self.server, self.sock, self.buffer = server, sock, b""
        self.commands, self.messages, self.flights = [], [], []
        self.rcpts, self.tls, self.silent = 0, None, False
        sock.settimeout(TIMEOUT_S)

    def read(self):
        try:
            got = self.sock.recv(1 << 20)
        except (ConnectionResetError, TimeoutError, ssl.SSLError):
            got = b""
        if not got:
            raise Closed
        self.flights.append(got)
        self.buffer += got

    def line(self):
        while b"\n" not in self.buffer:
            self.read()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"

    def take(self, count):
        while len(self.buffer) < count:
            self.read()
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def until_dot(self):
        """What comes behind DATA, as it comes, without the final dot."""
        seen = 0
        while not self.buffer.startswith(b".\r\n"):
            at = self.buffer.find(b"\r\n.\r\n", max(seen - 4, 0))
            if at >= 0:
                return self.take(at + 5)[:-3]
            seen = len(self.buffer)
            self.read()
        return self.take(3)[:-3]

    def send(self, octets):
        try:
            self.sock.sendall(octets)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError) as error:
            raise Closed from error

    def answer(self, *verbs):
        """Send what the script has for the first of the verbs that it knows; return it."""
        for verb in verbs:
            if verb in self.server.replies:
                reply = self.server.replies[verb]
                break
        else:
            reply = DEFAULT.get(verbs[-1], b"502 5.5.1 what?\r\n")
        if callable(reply):
            reply = reply(self)
        if reply is None:
            raise Closed
        if reply:
            self.send(reply)
        if reply and reply[:3] == b"421":
            raise Closed
        return reply

    def hello(self):
        lines = ["next.example"] + list(self.server.ehlo)
        if self.server.context and not self.tls:
            lines.append("STARTTLS")
        return "".join(f"250{'-' if i + 1 < len(lines) else ' '}{line}\r\n"
                       for i, line in enumerate(lines)).encode()

    def start_tls(self):
        if not self.server.context:
            raise Closed
        self.tls = self.server.context.wrap_socket(self.sock, server_side=True)
        self.sock, self.buffer = self.tls, b""

    def command(self):
        line = self.line()
        self.commands.append(line.rstrip(b"\r\n").decode("utf-8", "replace"))
        words = self.commands[-1].upper().split() or [""]
        verb = words[0]
        if verb == "EHLO":
            if "EHLO" in self.server.replies:
                self.answer("EHLO")
            else:
                self.send(self.hello())
        elif verb == "MAIL":
            self.rcpts = 0
            self.answer("MAIL")
        elif verb == "RCPT":
            self.rcpts += 1
            self.answer(f"RCPT {self.rcpts}", "RCPT")
        elif verb == "DATA":
            if self.answer("DATA")[:3] == b"354":
                self.messages.append(self.until_dot())
                self.answer("DOT")
        elif verb == "BDAT":
            self.messages.append(self.take(int(words[1])))
            self.answer("CHUNK")
        elif verb == "STARTTLS":
            if self.answer("STARTTLS")[:3] == b"220":
                self.start_tls()
        else:
            self.answer(verb)
        return verb != "QUIT"

    def run(self):
        if self.server.implicit:
            self.start_tls()
        self.answer("GREETING")
        while self.command():
            pass


class NextHop:
    def __init__(self, handler=None, ehlo=ALL, replies=None, context=None, implicit=False, ip="127.0.0.1",
                 port=0, session=Session):
        self.handler, self.session = handler or Session.run, session
        self.ehlo, self.replies = ehlo, dict(replies or {})
        self.context, self.implicit = context, implicit
        self.sessions, self.threads = [], []
        self.sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((ip, port))
        self.sock.listen(50)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            session = self.session(self, sock)
            self.sessions.append(session)
            thread = threading.Thread(target=self.one, args=(session,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def one(self, session):
        try:
            self.handler(session)
        except (Closed, OSError):
            pass
        finally:
            session.sock.close()

    @property
    def commands(self):
        return [command for session in self.sessions for command in session.commands]

    @property
    def messages(self):
        return [message for session in self.sessions for message in session.messages]

    def wait(self, seconds=10):
        """Until all connections are over."""
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(end - time.monotonic(), 0))

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
