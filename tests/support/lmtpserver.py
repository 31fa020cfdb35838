"""A scripted LMTP server for tests: what it is told to say, and a record of what it heard.

    server = Server(path="/tmp/x/lmtp", rcpt={"carol@x": "550 5.1.1 who?"}, dot=["250 2.0.0 ok"])
    ...
    server.heard            # list of events: ("connect",), ("line", b"..."), ("message", b"...", when it spoke last)

Each of greeting, lhlo, mail, rcpt, data, dot and noop is a reply, a list of replies for one
after the other (the last goes on), bytes to be sent as they are, or a function of the connection.
A reply of None closes the connection. rcpt may be a dictionary by address.
"""
import os
import re
import socket
import threading
import time


class Closed(Exception):
    pass


class Connection:
    def __init__(self, server, sock):
        self.server, self.sock, self.buffer = server, sock, b""
        self.rcpts, self.spoke = [], 0

    def line(self):
        while b"\n" not in self.buffer:
            got = self.sock.recv(65536)
            if not got:
                raise Closed
            self.server.chunks.append(len(got))
            self.buffer += got
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.removesuffix(b"\r")

    def say(self, what):
        if callable(what):
            what = what(self)
        if what is None:
            raise Closed
        if isinstance(what, str):
            what = what.encode() + b"\r\n"
        self.spoke = time.monotonic_ns()
        self.sock.sendall(what)

    def reply(self, name, default):
        what = self.server.script.get(name, default)
        if isinstance(what, list):
            what = what.pop(0) if len(what) > 1 else what[0]
        return what

    def message(self):
        text = []
        while (line := self.line()) != b".":
            text.append(line[1:] if line.startswith(b".") else line)
        self.server.heard.append(("message", b"\n".join(text) + b"\n" if text else b"", self.spoke))
        for _ in self.rcpts:
            self.say(self.reply("dot", "250 2.0.0 saved"))
        self.rcpts = []

    def rcpt(self, line):
        address = re.search(rb"<(.*)>", line)[1].decode()
        what = self.server.script.get("rcpt", "250 2.1.5 ok")
        if isinstance(what, dict):
            what = what.get(address, "250 2.1.5 ok")
        elif isinstance(what, list):
            what = self.reply("rcpt", None)
        if isinstance(what, str) and what.startswith("2"):
            self.rcpts.append(address)
        self.say(what)

    def talk(self):
        self.server.heard.append(("connect",))
        self.say(self.reply("greeting", "220 store LMTP"))
        while True:
            line = self.line()
            self.server.heard.append(("line", line))
            verb = line[:4].upper()
            if verb == b"LHLO":
                self.say(self.reply("lhlo", "250-store\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
                                    "250-ENHANCEDSTATUSCODES\r\n250 SIZE"))
            elif verb == b"MAIL":
                self.rcpts = []
                self.say(self.reply("mail", "250 2.1.0 ok"))
            elif verb == b"RCPT":
                self.rcpt(line)
            elif verb == b"DATA":
                what = self.reply("data", "354 go on" if self.rcpts else "503 5.5.1 nobody")
                self.say(what)
                if str(what).startswith("354"):
                    self.message()
            elif verb == b"QUIT":
                self.say("221 bye")
                raise Closed
            else:
                self.say(self.reply(verb.decode("latin-1").lower(), "250 2.0.0 ok"))

    def run(self):
        try:
            self.talk()
        except (Closed, OSError):
            pass
        self.server.heard.append(("closed",))
        self.sock.close()


class Server:
    def __init__(self, path=None, **script):
        self.script, self.heard, self.chunks = script, [], []
        if path:
            self.sock = socket.socket(socket.AF_UNIX)
            if os.path.exists(path):
                os.unlink(path)
            self.sock.bind(path)
            os.chmod(path, 0o666)
            self.sock.listen(64)
        else:
            self.sock = socket.create_server(("127.0.0.1", 0))
            self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=Connection(self, sock).run, daemon=True).start()

    def lines(self):
        return [x[1].decode("utf-8", "replace") for x in self.heard if x[0] == "line"]

    def messages(self):
        return [x[1] for x in self.heard if x[0] == "message"]

    def close(self):
        self.sock.close()
