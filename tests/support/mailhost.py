"""mailhost - mail servers that do as they are told, for the network test.

usage: mailhost.py CONFIG EVENTS

CONFIG is a JSON list of servers; each is a dictionary:

  name, ip, port      who it is and where it listens
  lacks               EHLO keywords that it does not offer
  tls                 [certificate, key] for STARTTLS, or null; "broken": it says 220 and then no TLS
  implicit            TLS from the first octet, with tls
  auth                "user password": AUTH PLAIN and LOGIN; MAIL without is refused
  answers             [[command's beginning, reply], …]: the reply to such a command
  wait                seconds before each reply
  drop                "greeting", "data" (at DATA), "dot" (behind the final dot, before the reply)
  http                {host: text}: no mail server, but HTTP: this text whatever is asked for
  least               messages of a connection after which it says 421

What happens is appended to EVENTS, a JSON object a line: server, event (connect, tls, auth,
mail, rcpt, message, quit), connection, and what belongs to it.
"""
import base64
import itertools
import json
import socket
import ssl
import sys
import threading
import time

OFFERS = ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 10000000", "DSN"]
numbers = itertools.count(1)
lock = threading.Lock()


class Hangup(Exception):
    pass


class Connection:
    """One client."""

    def __init__(self, server, sock, events):
        self.server, self.sock, self.events = server, sock, events
        self.number, self.messages, self.user = next(numbers), 0, None
        self.buffer, self.tls = b"", None

    def tell(self, event, **facts):
        line = json.dumps({"server": self.server["name"], "event": event, "connection": self.number,
                           "time": time.time(), **facts})
        with lock:
            self.events.write(line + "\n")
            self.events.flush()

    def say(self, *lines):
        time.sleep(self.server.get("wait", 0))
        self.sock.sendall(b"".join(line.encode() + b"\r\n" for line in lines))

    def line(self):
        while b"\r\n" not in self.buffer:
            got = self.sock.recv(65536)
            if not got:
                raise Hangup
            self.buffer += got
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def drops(self, where):
        return self.server.get("drop") == where

    def start_tls(self):
        name = []
        context = self.server["context"]  # one for all, so that sessions can be resumed
        try:
            self.sock = context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
            self.sock.names = name
            self.sock.do_handshake()
        except ssl.SSLError as error:
            self.tell("tls-failed", why=str(error))
            raise Hangup from error
        self.tls, self.buffer = self.sock.version(), b""
        self.tell("tls", version=self.tls, sni=name[0] if name else None,
                  resumed=self.sock.session_reused)

    def offers(self):
        offers = [x for x in OFFERS if x.split()[0] not in self.server.get("lacks", ())]
        if self.server.get("tls") and not self.tls:
            offers.append("STARTTLS")
        if self.server.get("auth"):
            offers.append("AUTH PLAIN LOGIN")
        lines = [self.server["name"], *offers]
        return ["250-" + x for x in lines[:-1]] + ["250 " + lines[-1]]

    def auth(self, words):
        if words[1].upper() == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.line().decode())
            given = base64.b64decode(words[2]).decode().split("\0")[1:]
        else:
            given = []
            for prompt in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"):
                if prompt[0] == "V" and len(words) > 2:
                    given.append(base64.b64decode(words[2]).decode())
                    continue
                self.say("334 " + prompt)
                given.append(base64.b64decode(self.line()).decode())
        good = " ".join(given) == self.server.get("auth")
        self.user = given[0] if good else None
        self.tell("auth", given=given, good=good, tls=self.tls)
        return "235 2.7.0 welcome" if good else "535 5.7.8 no"

    def data(self):
        if self.drops("data"):
            raise Hangup
        self.say("354 go on")
        text = []
        while True:
            line = self.line()
            if line == b".":
                break
            text.append(line[1:] if line.startswith(b".") else line)
        if self.drops("dot"):
            self.tell("dropped")
            raise Hangup
        self.messages += 1
        self.tell("message", tls=self.tls, user=self.user, sender=self.sender, rcpts=self.rcpts,
                  text=b"\n".join(text).decode("latin-1") + "\n")
        return "250 2.0.0 taken"

    def command(self, line):
        text = line.decode("utf-8", "replace")
        for start, reply in self.server.get("answers", ()):
            if text.upper().startswith(start.upper()):
                return reply
        verb = text.split(" ")[0].upper()
        if verb == "MAIL":
            if self.server.get("auth") and not self.user:
                return "530 5.7.0 who are you?"
            if self.messages >= self.server.get("least", 1 << 30):
                self.say("421 4.7.0 enough")
                raise Hangup
            self.sender, self.rcpts = text, []
        elif verb == "RCPT":
            self.rcpts.append(text)
        elif verb == "DATA":
            return self.data() if self.rcpts else "503 5.5.1 no recipients"
        elif verb == "AUTH":
            return self.auth(text.split())
        return "250 2.0.0 ok"

    def http(self):
        host = ""
        while line := self.line().decode("latin-1"):
            if line.lower().startswith("host:"):
                host = line.split(":")[1].strip()
        text = self.server["http"].get(host)
        self.tell("http", host=host)
        self.say("HTTP/1.1 200 OK" if text else "HTTP/1.1 404 Not Found",
                 "Content-Type: text/plain", f"Content-Length: {len(text or '')}",
                 "Connection: close", "")
        self.sock.sendall((text or "").encode())

    def talk(self):
        self.tell("connect", peer=self.sock.getpeername()[0])
        if self.server.get("implicit"):
            self.start_tls()
        if self.server.get("http"):
            self.http()
            raise Hangup
        if self.drops("greeting"):
            raise Hangup
        self.say("220 " + self.server["name"] + " ESMTP")
        while True:
            line = self.line()
            verb = line.split(b" ")[0].upper()
            own = [r for s, r in self.server.get("answers", ()) if s.encode() == verb]
            if verb == b"EHLO" and not own:
                self.say(*self.offers())
            elif verb == b"STARTTLS" and self.server.get("tls") and not own:
                self.say("220 2.0.0 go on")
                if self.server["tls"] == "broken":
                    self.sock.recv(65536)
                    self.sock.sendall(b"this is no TLS\r\n" * 3)
                    raise Hangup
                self.start_tls()
            elif verb == b"QUIT":
                self.tell("quit")
                self.say("221 2.0.0 bye")
                raise Hangup
            else:
                self.say(self.command(line))

    def run(self):
        try:
            self.talk()
        except (Hangup, OSError):
            pass
        self.tell("closed")
        try:
            self.sock.close()
        except OSError:
            pass


def listen(server, events):
    if server.get("tls") not in (None, "broken"):
        server["context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server["context"].load_cert_chain(*server["tls"])
        server["context"].sni_callback = lambda s, name, c: s.names.append(name)
    family = socket.AF_INET6 if ":" in server["ip"] else socket.AF_INET
    sock = socket.create_server((server["ip"], server["port"]), family=family, backlog=512)

    def accept():
        while True:
            client, _ = sock.accept()
            threading.Thread(target=Connection(server, client, events).run, daemon=True).start()
    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    return thread


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        servers = json.load(f)
    events = open(sys.argv[2], "a", encoding="utf-8")
    threads = [listen(server, events) for server in servers]
    print("ready", flush=True)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
