/*
 * sink - a mail stream's end that a test can read and command: sink FILE [WHEN=WHAT]...
 *
 * Every transaction that comes in is appended to FILE, one JSON object a line:
 * {"client": [...], "mail": [...], "rcpts": [[...]...], "data": "...", "end": "E", "X" or "EOF"};
 * octets are latin-1.
 *
 * WHEN is M, R, R2 (the second R), D (the first data), E or X; WHAT is an answer such as
 * "Z4.3.1 no room", several with ";" between them for one a recipient (E only), or one
 * of: exit, kill, hang, garbage. Whatever is not named is answered with K.
 *
 * It has a decoder of its own, and so is a second opinion on lib/stream.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAX (64U << 20)
#define DIGITS    10

static struct {
	FILE *in, *record;
	char **rules;
	char *client, *mail; /* JSON text, or null */
	char *rcpts, *data;  /* JSON text without its end; memory streams */
	FILE *rcpts_to, *data_to;
	size_t rcpts_len, data_len;
	unsigned int accepted, asked;
	int began;
} g;

_Noreturn static void
fail(char const *what)
{
	fprintf(stderr, "sink: %s\n", what);
	exit(100);
}

/* ---- JSON */

static void
put_text(FILE *to, unsigned char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\')
			putc(s[i], to);
		else
			fprintf(to, "\\u%04x", s[i]);
	}
}

/* fields - the fields of a frame as a JSON list; the caller frees it. */
static char *
fields(unsigned char const *s, size_t len)
{
	char *text = 0;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	size_t at = 0;

	if (!to)
		fail("no memory");
	putc('[', to);
	while (at < len) {
		unsigned char const *end = memchr(s + at, 0, len - at);

		if (!end)
			fail("a field without its NUL");
		fputs(at ? ", \"" : "\"", to);
		put_text(to, s + at, (size_t)(end - s) - at);
		putc('"', to);
		at = (size_t)(end - s) + 1;
	}
	putc(']', to);
	fclose(to);
	return text;
}

/* ---- the transaction */

static void
forget(void)
{
	if (g.rcpts_to) {
		fclose(g.rcpts_to);
		fclose(g.data_to);
		free(g.rcpts);
		free(g.data);
		free(g.mail);
	}
	g.mail = 0;
	g.accepted = g.asked = 0;
	g.began = 0;
	g.rcpts_to = open_memstream(&g.rcpts, &g.rcpts_len);
	g.data_to = open_memstream(&g.data, &g.data_len);
	if (!g.rcpts_to || !g.data_to)
		fail("no memory");
}

static void
record(char const *end)
{
	if (!g.mail && !strcmp(end, "EOF"))
		return;
	fflush(g.rcpts_to);
	fflush(g.data_to);
	fprintf(g.record,
	    "{\"client\": %s, \"mail\": %s, \"rcpts\": [%s], \"data\": \"%s\", \"end\": \"%s\"}\n",
	    g.client ? g.client : "[]", g.mail ? g.mail : "null", g.rcpts, g.data, end);
	fflush(g.record);
}

/* ---- answers */

static void
answer(char const *text, size_t len, int single)
{
	printf("%zu:%c%.*s,", len, single ? *text | 0x20 : *text, (int)len - 1, text + 1);
	fflush(stdout);
}

static char const *
rule(char const *when)
{
	size_t const len = strlen(when);

	for (char **r = g.rules; *r; r++)
		if (!strncmp(*r, when, len) && (*r)[len] == '=')
			return *r + len + 1;
	return 0;
}

/* act - do what the rules say, or give the standard answer (none where it is null); 1 it was K. */
static int
act(char const *when, char const *standard)
{
	char const *what = rule(when);

	if (!what)
		what = standard;
	if (!what)
		return 1;
	if (!strcmp(what, "exit"))
		exit(0);
	if (!strcmp(what, "kill"))
		kill(getpid(), SIGKILL);
	if (!strcmp(what, "hang"))
		sleep(3600);
	if (!strcmp(what, "garbage")) {
		fputs("999999999999:x", stdout);
		fflush(stdout);
		return 0;
	}
	if (!strchr(what, ';')) {
		answer(what, strlen(what), 0);
		return *what == 'K';
	}
	for (;;) {
		size_t const len = strcspn(what, ";");

		answer(what, len, 1);
		if (!what[len])
			return 1;
		what += len + 1;
	}
}

/* ---- frames */

static void
take_rcpt(unsigned char const *s, size_t len)
{
	char name[16];
	char *text;

	snprintf(name, sizeof name, "R%u", ++g.asked);
	if (!act(rule(name) ? name : "R", "K2.1.5 ok"))
		return;
	text = fields(s, len);
	fprintf(g.rcpts_to, "%s%s", g.accepted++ ? ", " : "", text);
	free(text);
}

static void
take(int type, unsigned char const *s, size_t len)
{
	char const name[] = { (char)type, 0 };

	switch (type) {
	case 'C':
		free(g.client);
		g.client = fields(s, len);
		break;
	case 'M':
		forget();
		g.mail = fields(s, len);
		act("M", "K2.1.0 ok");
		break;
	case 'R': take_rcpt(s, len); break;
	case 'D':
		if (!g.began)
			act("D", 0);
		g.began = 1;
		put_text(g.data_to, s, len);
		break;
	case 'E':
	case 'X':
		record(name);
		act(name, type == 'E' ? "K2.0.0 queued as TEST" : 0);
		forget();
		break;
	default: fail("a frame of an unknown type");
	}
}

/* frame - read one and take it: 1, or 0 at the end. */
static int
frame(void)
{
	char digits[DIGITS + 1];
	size_t n = 0, len;
	unsigned char *text;
	int c;

	while ((c = getc(g.in)) != ':') {
		if (c == EOF)
			return 0;
		if (c < '0' || c > '9' || n == DIGITS)
			fail("not a netstring");
		digits[n++] = (char)c;
	}
	digits[n] = 0;
	len = strtoul(digits, 0, 10);
	if (!n || !len || len > FRAME_MAX || (n > 1 && *digits == '0'))
		fail("not a frame's length");
	text = malloc(len);
	if (!text)
		fail("no memory");
	if (fread(text, 1, len, g.in) != len) {
		free(text);
		return 0;
	}
	c = getc(g.in);
	if (c == EOF) {
		free(text);
		return 0;
	}
	if (c != ',')
		fail("a netstring without its comma");
	take(*text, text + 1, len - 1);
	free(text);
	return 1;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		fail("usage: sink FILE [WHEN=WHAT]...");
	g.in = stdin;
	g.record = fopen(argv[1], "a");
	g.rules = argv + 2;
	if (!g.record)
		fail("cannot write the record");
	forget();
	while (frame())
		;
	record("EOF");
	return 0;
}
