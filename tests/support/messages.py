"""messages - what clients send, and what must be in the Maildir: the same octets."""
import re

HEADER = b"From: alice@crepes.fr\nTo: bob@hamburger.edu\nSubject: %s\n" \
         b"Date: Tue, 24 Nov 2026 07:45:29 +0000\nMessage-ID: <%s@crepes.fr>\n\n"

BODIES = {
    "plain": b"Do you like ketchup?\nHow about pickles?\n",
    "dots": b".\n..\n...\n.a\n..b\n. c\na.\n.\n",
    "empty": b"",
    "blank lines": b"\n\n \n\t\n\nend\n\n\n",
    "trailing blanks": b"a \nb\t\n c\n\td \t \n",
    "longest line": b"x" * 998 + b"\n." + b"y" * 997 + b"\n",
    "8 bit": "Ünïcødé €, 日本語\n".encode() + b"latin-1: \xe9\xff\n",
    "every octet": bytes(x for x in range(1, 256) if x not in (10, 13)) + b"\n",
    "From_": b"From here\n>From there\n\nFrom anywhere\n",
    "buffer edge": (b"z" * 63 + b"\n") * 2048 + b".\n" + b"w" * 4095 + b"\n.\n",
    "1 MB": b"".join(b"%070d\n" % i for i in range(14800)),
}


def message(name, body):
    tag = re.sub(r"\W", "-", name).encode()
    return HEADER % (tag, tag) + body


def all_messages():
    """[(name, message with LF line ends)]"""
    return [(name, message(name, body)) for name, body in BODIES.items()]


def without_trace(data):
    """A delivered message without the lines that we wrote before it; returns (lines, message)."""
    trace = re.match(rb"(?:(?:Return-Path|Delivered-To|Received):.*\n(?:[ \t].*\n)*)*", data).group()
    return trace, data[len(trace):]


def crlf(data):
    return data.replace(b"\n", b"\r\n")
