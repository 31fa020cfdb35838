#include "transfer.h"

#include <string.h>

#include "base64.h"
#include "mime.h"

#define QP_COLUMNS     75 /* and the = of a soft line break: 76 (RFC 2045 6.7) */
#define BASE64_COLUMNS 76
#define ESCAPE_COLUMNS 3

void
transfer_init(struct transfer *t, enum transfer_how how)
{
	t->how = how;
	t->column = 0;
	t->held = 0;
	t->triplelen = 0;
}

unsigned int
transfer_needs(struct transfer_piece const *p)
{
	unsigned int all = 0, needs = 0;

	for (size_t i = 0; i < p->len; i++)
		all |= (unsigned char)p->text[i];
	if (all & 0x80)
		needs |= MIME_EIGHT;
	if (p->first && p->end == TRANSFER_GOES_ON)
		needs |= MIME_LONG;
	if (memchr(p->text, '\r', p->len) || memchr(p->text, 0, p->len))
		needs |= MIME_BINARY;
	return needs;
}

static int
is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

/* is_odd - an octet that no encoded text has. */
static int
is_odd(char ch)
{
	return (ch & 0x80) || ch == '\r' || !ch;
}

static char *
escape(struct transfer *t, char *to, char ch)
{
	static char const hex[] = "0123456789ABCDEF";

	*to++ = '=';
	*to++ = hex[(unsigned char)ch >> 4];
	*to++ = hex[ch & 15];
	t->column += ESCAPE_COLUMNS;
	return to;
}

static char *
soft_break(struct transfer *t, char *to)
{
	*to++ = '=';
	*to++ = '\n';
	t->column = 0;
	return to;
}

/* disguised - whether this octet, at a line's start, has to look like something else. */
static int
disguised(struct transfer_piece const *p, size_t i)
{
	static char const from[] = "From ";
	size_t const left = p->len - i;

	if (p->text[i] == '-') /* of a boundary, maybe */
		return left > 1 ? p->text[i + 1] == '-' : p->end == TRANSFER_GOES_ON;
	return left >= sizeof from - 1 && !memcmp(p->text + i, from, sizeof from - 1);
}

static char *
qp_octet(struct transfer *t, char *to, char ch, int plain)
{
	if (t->column + (plain ? 1 : ESCAPE_COLUMNS) > QP_COLUMNS)
		to = soft_break(t, to);
	if (!plain)
		return escape(t, to, ch);
	*to++ = ch;
	t->column++;
	return to;
}

/* qp_held - the blank that ended the last piece: it must not end a line. */
static char *
qp_held(struct transfer *t, char *to, int last)
{
	if (t->held)
		to = qp_octet(t, to, (char)t->held, !last);
	t->held = 0;
	return to;
}

static char *
qp(struct transfer *t, struct transfer_piece const *p, char *to)
{
	to = qp_held(t, to, !p->len);
	for (size_t i = 0; i < p->len; i++) {
		char const ch = p->text[i];
		int plain = (ch >= ' ' && ch <= '~' && ch != '=') || ch == '\t';

		if (is_blank(ch) && i + 1 == p->len) {
			if (p->end == TRANSFER_GOES_ON) {
				t->held = (unsigned char)ch;
				break;
			}
			plain = 0;
		}
		if (t->column + (plain ? 1 : ESCAPE_COLUMNS) > QP_COLUMNS)
			to = soft_break(t, to);
		if (!t->column && disguised(p, i))
			plain = 0;
		to = qp_octet(t, to, ch, plain);
	}
	if (p->end == TRANSFER_LF) {
		*to++ = '\n';
		t->column = 0;
	}
	return to;
}

/* base64_group - the octets in triple, and = for those that are missing. */
static char *
base64_group(struct transfer *t, char *to)
{
	to += base64_encode(to, t->triple, t->triplelen);
	t->triplelen = 0;
	t->column += 4;
	if (t->column == BASE64_COLUMNS) {
		*to++ = '\n';
		t->column = 0;
	}
	return to;
}

static char *
base64(struct transfer *t, char const *text, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++) {
		t->triple[t->triplelen++] = text[i];
		if (t->triplelen == sizeof t->triple)
			to = base64_group(t, to);
	}
	return to;
}

static char *
base64_line(struct transfer *t, struct transfer_piece const *p, char *to)
{
	if (t->held)
		to = base64(t, "\r\n", 2, to);
	t->held = p->end == TRANSFER_LF;
	return base64(t, p->text, p->len, to);
}

/* copy - a piece as it is. */
static char *
copy(struct transfer *t, struct transfer_piece const *p, char *to)
{
	memcpy(to, p->text, p->len);
	to += p->len;
	t->column += p->len;
	if (p->end == TRANSFER_LF) {
		*to++ = '\n';
		t->column = 0;
	}
	return to;
}

/* mend_qp - a line that is too long, or has octets that are not for quoted-printable. */
static char *
mend_qp(struct transfer *t, struct transfer_piece const *p, char *to)
{
	for (size_t i = 0; i < p->len; i++) {
		char const ch = p->text[i];
		/* what begins with = stays in one line, and leaves room for the last = */
		size_t const full = MIME_LINE_MAX - (ch == '=' || is_odd(ch) ? 8 : 2);

		if (t->column > full)
			to = soft_break(t, to);
		if (is_odd(ch) || (!t->column && disguised(p, i))) {
			to = escape(t, to, ch);
		} else {
			*to++ = ch;
			t->column++;
		}
	}
	if (p->end == TRANSFER_LF) {
		*to++ = '\n';
		t->column = 0;
	}
	return to;
}

static int
is_base64(char ch)
{
	return (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') ||
	       ch == '+' || ch == '/' || ch == '=' || is_blank(ch);
}

/*
 * blunt - '?' for what is odd, or for base64 only its alphabet; a long line is cut, with
 * a blank after the cut. A dash that begins such a line does not stay: what was no boundary
 * must not become one.
 */
static char *
blunt(struct transfer *t, struct transfer_piece const *p, char *to)
{
	int const drop = t->how == TRANSFER_MEND_BASE64;

	for (size_t i = 0; i < p->len; i++) {
		char ch = p->text[i];

		if (drop && !is_base64(ch))
			continue;
		if (is_odd(ch) || (ch == '-' && !i && p->first))
			ch = '?';
		if (t->column == MIME_LINE_MAX) {
			*to++ = '\n';
			*to++ = ' ';
			t->column = 1;
		}
		*to++ = ch;
		t->column++;
	}
	if (p->end == TRANSFER_LF) {
		*to++ = '\n';
		t->column = 0;
	}
	return to;
}

size_t
transfer_piece(struct transfer *t, struct transfer_piece const *p, char *out)
{
	char *to;

	if (t->how == TRANSFER_QP)
		to = qp(t, p, out);
	else if (t->how == TRANSFER_BASE64)
		to = base64_line(t, p, out);
	else if (t->how == TRANSFER_PASS || (p->first && !transfer_needs(p)))
		to = copy(t, p, out);
	else if (t->how == TRANSFER_MEND_QP)
		to = mend_qp(t, p, out);
	else
		to = blunt(t, p, out);
	return (size_t)(to - out);
}

size_t
transfer_finish(struct transfer *t, int boundary, char *out)
{
	char *to = out;

	if (t->how == TRANSFER_QP)
		to = qp_held(t, to, 1);
	if (t->how == TRANSFER_BASE64) {
		if (t->held && !boundary)
			to = base64(t, "\r\n", 2, to);
		if (t->triplelen)
			to = base64_group(t, to);
		if (t->column)
			*to++ = '\n';
		transfer_init(t, t->how);
	}
	return (size_t)(to - out);
}
