/*
 * Any octets as a message that a program hands to sendmail: its header ends at one place, however
 * it comes; completed, it has the same fields and recipients; nothing is lost but what
 * lib/complete takes out. And any octets as a name: it stays one, with one address.
 */

#include <string.h>
#include <strings.h>

#include "../fuzz.h"
#include "complete.h"
#include "letterhead.h"
#include "mailboxes.h"

#define INPUT_MAX 4096
#define DOMAIN    "d.example"
#define ADDED     (sizeof "@" DOMAIN - 1)
#define WORD_MAX  75 /* octets of an encoded word (RFC 2047 2) */

static char const *text;
static size_t len;

/* is_start - where a line begins. */
static int
is_start(size_t pos)
{
	return !pos || (pos < len && text[pos - 1] == '\n');
}

/* header_len - as sendmail finds it: from more and more of the message. */
static size_t
header_len(void)
{
	size_t const end = letterhead_end(text, len);

	must(end <= len + 1 && (end > len || is_start(end)));
	for (size_t n = 0; n < len; n += 1 + len / 16) {
		size_t const so_far = letterhead_end(text, n);

		must(so_far == n + 1 || so_far == end);
	}
	return end < len ? end : len;
}

/* ---- recipients */

/* is_list - of addresses, NUL-ended, all of which were in from octets. */
static void
is_list(stralloc const *list, size_t from)
{
	must(list->len <= from + 1);
	for (size_t i = 0; i < list->len; i += strlen(list->s + i) + 1) {
		must(list->s[i] && memchr(list->s + i, 0, list->len - i));
		must(strlen(list->s + i) <= ADDRESS_MAX);
	}
}

/* are_same - the addresses, of which the second may be completed. */
static void
are_same(stralloc const *before, stralloc const *after)
{
	size_t k = 0;

	for (size_t i = 0; i < before->len; i += strlen(before->s + i) + 1) {
		char const *const a = before->s + i, *const b = after->s + k;

		must(k < after->len && !strncmp(a, b, strlen(a)));
		must(strlen(a) == strlen(b) || !strcmp(b + strlen(a), "@" DOMAIN));
		k += strlen(b) + 1;
	}
	must(k == after->len);
}

/* is_within - all of text is in out, in its order. */
static void
is_within(char const *out, size_t outlen, size_t header)
{
	size_t k = 0;

	for (size_t i = 0; i < header; i++, k++)
		while (k < outlen && out[k] != text[i])
			k++;
	must(k <= outlen);
}

/* complete_addresses - and see that this is all that happens. */
static void
complete_addresses(stralloc *out, size_t header)
{
	static stralloc before = STRALLOC_ZERO, after = STRALLOC_ZERO, again = STRALLOC_ZERO;
	char const *field = 0, *later = 0;
	int r;

	out->len = again.len = before.len = after.len = 0;
	must(letterhead_qualify(out, text, header, DOMAIN));
	must(out->len >= header && !((out->len - header) % ADDED));
	must((out->len - header) / ADDED <= header);
	is_within(out->s, out->len, header);
	must(letterhead_qualify(&again, out->s, out->len, DOMAIN));
	must(again.len == out->len && (!out->len || !memcmp(again.s, out->s, out->len)));

	r = letterhead_rcpts(&before, text, header, &field);
	must(r == 1 || (!r && field >= text && is_start((size_t)(field - text))));
	is_list(&before, header);
	if (letterhead_rcpts(&after, out->s, out->len, &later) == 1) {
		must(r == 1);
		are_same(&before, &after);
	} /* else one may be too long now */
	must(r == 1 || later);
}

/* ---- what is sent */

static struct {
	char text[(2 + ADDED) * INPUT_MAX];
	size_t len;
} sent;

static int
put(void *to, char const *octets, size_t n)
{
	(void)to;
	must(n <= sizeof sent.text - sent.len);
	memcpy(sent.text + sent.len, octets, n);
	sent.len += n;
	return 1;
}

static int
is_taken_out(char const *line, size_t n)
{
	static char const *const names[] = { "Bcc", "Resent-Bcc", "Return-Path", "Content-Length" };
	char const *const colon = memchr(line, ':', n);
	size_t name = colon ? (size_t)(colon - line) : 0;

	while (name && (line[name - 1] == ' ' || line[name - 1] == '\t'))
		name--;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name == strlen(names[i]) && !strncasecmp(line, names[i], name))
			return 1;
	return 0;
}

/* is_mbox - "From " and no colon, in a first line. */
static int
is_mbox(char const *line, size_t n)
{
	size_t i = 4;

	if (n < 5 || memcmp(line, "From ", 5) != 0)
		return 0;
	while (i < n && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i == n || line[i] != ':' || i >= COMPLETE_NAME_MAX;
}

/* send_all - the message, and see what of its header is there; header is whole lines. */
static void
send_all(stralloc const *header, char const *rest, size_t restlen)
{
	struct complete c = { .put = put };
	size_t k = 0;
	int out = 0;

	sent.len = 0;
	complete_init(&c);
	must(complete_feed(&c, header->s, header->len));
	must(complete_feed(&c, rest, restlen));
	must(complete_finish(&c));
	for (size_t i = 0, n; i < header->len; i += n) {
		char const *const line = header->s + i;
		char const *const lf = memchr(line, '\n', header->len - i);

		n = lf ? (size_t)(lf - line) + 1 : header->len - i;
		if (!i || (*line != ' ' && *line != '\t'))
			out = is_taken_out(line, n) || (!i && is_mbox(line, n));
		if (out)
			continue;
		must(n <= sent.len - k && !memcmp(sent.text + k, line, n));
		k += n;
	}
	if (*rest != '\n')
		must(sent.text[k++] == '\n'); /* the empty line that is not there */
	must(sent.len - k == restlen && !memcmp(sent.text + k, rest, restlen));
}

/* ---- names */

/* are_words - lines that are folded, and encoded words no longer than they may be. */
static void
are_words(char const *value)
{
	for (char const *p = value; *p; p++)
		must((*p >= ' ' && *p < 127) || (*p == '\n' && p[1] == ' '));
	for (char const *p = value; (p = strstr(p, "=?utf-8?q?")); p += 10)
		must(strstr(p + 10, "?=") && strstr(p + 10, "?=") + 2 - p <= WORD_MAX);
}

static void
name_somebody(char const *name)
{
	static stralloc value = STRALLOC_ZERO;
	struct mailbox m;
	size_t pos = 0;

	value.len = 0;
	must(letterhead_from(&value, name, "b@x") && stralloc_0(&value));
	must(value.len <= 5 * strlen(name) + 40);
	if (!strstr(name, "=?")) /* a name that has words already, in quotes */
		are_words(value.s);
	must(mailboxes_next(value.s, value.len - 1, &pos, &m) == 1 && !strcmp(m.spec, "b@x"));
	must(!mailboxes_next(value.s, value.len - 1, &pos, &m));
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static stralloc header = STRALLOC_ZERO, list = STRALLOC_ZERO;
	char name[INPUT_MAX + 1];
	size_t end;

	if (size > INPUT_MAX)
		return 0;
	text = (char const *)data;
	len = size;
	end = header_len();
	complete_addresses(&header, end);
	if (end < len)
		send_all(&header, text + end, len - end);

	list.len = 0;
	if (letterhead_list(&list, text, len) == 1)
		is_list(&list, len);
	memcpy(name, data, size);
	name[size] = 0;
	name_somebody(name);
	return 0;
}
