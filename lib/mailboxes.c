#include "mailboxes.h"

#include <string.h>

/* One element of the list while it is read. */
struct element {
	char const *text;
	size_t len, pos;
	struct mailbox *m;
	int angle;  /* inside < and > */
	int angled; /* they were there: what follows is passed over */
	int gap;    /* blanks or a comment came since the last octet */
	int phrase; /* two words stand beside each other: a name, not an address */
	int too_long;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
forget(struct element *e)
{
	e->m->len = 0;
	e->m->qualified = 0;
	e->gap = e->phrase = e->too_long = 0;
}

/* add - an octet of the address, if this is one. */
static void
add(struct element *e, char c)
{
	struct mailbox *const m = e->m;

	if (e->angled && !e->angle)
		return;
	if (e->gap && m->len && c != '.' && c != '@' && m->spec[m->len - 1] != '.' &&
	    m->spec[m->len - 1] != '@')
		e->phrase = 1;
	e->gap = 0;
	if (m->len == ADDRESS_MAX)
		e->too_long = 1;
	else
		m->spec[m->len++] = c;
	m->end = e->pos;
}

/* skip_comment - nested; 0 if it does not end. */
static int
skip_comment(struct element *e)
{
	size_t depth = 1;

	while (depth && e->pos < e->len) {
		char const c = e->text[e->pos++];

		if (c == '\\')
			e->pos++;
		depth += c == '(';
		depth -= c == ')';
	}
	e->gap = 1;
	return !depth && e->pos <= e->len;
}

/* take_quoted - until close; 0 if it does not end. The first octet is taken already. */
static int
take_quoted(struct element *e, char close)
{
	while (e->pos < e->len) {
		char const c = e->text[e->pos++];

		add(e, c);
		if (c == close)
			return 1;
		if (c == '\\' && e->pos < e->len) {
			char const next = e->text[e->pos++];

			add(e, next);
		}
	}
	return 0;
}

/* take - one token; 1, 0 the element is over, -1 this is no list. */
static int
take(struct element *e)
{
	char const c = e->text[e->pos++];

	switch (c) {
	case '(': return skip_comment(e) ? 1 : -1;
	case '"': add(e, c); return take_quoted(e, '"') ? 1 : -1;
	case '[': add(e, c); return take_quoted(e, ']') ? 1 : -1;
	case '<':
		if (e->angle || e->angled)
			return -1;
		e->angle = e->angled = 1;
		forget(e);
		return 1;
	case '>':
		if (!e->angle)
			return -1;
		e->angle = 0;
		return 1;
	case ':': /* a group's name, or a route */
		if (e->angled && !e->angle)
			return -1;
		forget(e);
		return 1;
	case ';': return e->angle ? -1 : 0;
	case ',':
		if (!e->angle)
			return 0;
		forget(e); /* of a route */
		return 1;
	default: break;
	}
	if (is_blank(c)) {
		e->gap = 1;
		return 1;
	}
	add(e, c);
	if (c == '@')
		e->m->qualified = 1;
	return 1;
}

int
mailboxes_next(char const *text, size_t len, size_t *pos, struct mailbox *m)
{
	while (*pos < len) {
		struct element e = { .text = text, .len = len, .pos = *pos, .m = m };
		int r = 1;

		forget(&e);
		while (e.pos < len && (r = take(&e)) == 1)
			;
		if (r == -1 || e.angle || e.phrase || e.too_long || memchr(m->spec, 0, m->len))
			return -1;
		*pos = e.pos;
		m->spec[m->len] = 0;
		if (m->len)
			return 1;
	}
	return 0;
}
