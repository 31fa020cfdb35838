#include "complete.h"

#include <string.h>
#include <strings.h>

#include "mailboxes.h"

enum state {
	NAME,  /* in a field's name, held back */
	VALUE, /* of a field that goes on, or is dropped */
	START, /* of a line: a fold, a field, or the end of the header */
	MBOX,  /* in a first line "From …", which is dropped */
	BODY,
};

enum field {
	FIELD_OTHER = 0,
	FIELD_DATE = 1,
	FIELD_ID = 2,
	FIELD_FROM = 4,
	FIELD_RESENT_DATE = 8,
	FIELD_RESENT_ID = 16,
	FIELD_RESENT_FROM = 32,
	FIELD_DROPPED = 64,
	FIELD_ADDRESSES = 128,
};

static struct {
	char const *name;
	unsigned int field;
} const fields[] = {
	{ "Date", FIELD_DATE },
	{ "Message-ID", FIELD_ID },
	{ "From", FIELD_FROM | FIELD_ADDRESSES },
	{ "Resent-Date", FIELD_RESENT_DATE },
	{ "Resent-Message-ID", FIELD_RESENT_ID },
	{ "Resent-From", FIELD_RESENT_FROM | FIELD_ADDRESSES },
	{ "To", FIELD_ADDRESSES },
	{ "Cc", FIELD_ADDRESSES },
	{ "Reply-To", FIELD_ADDRESSES },
	{ "Sender", FIELD_ADDRESSES },
	{ "Resent-To", FIELD_ADDRESSES },
	{ "Resent-Cc", FIELD_ADDRESSES },
	{ "Resent-Sender", FIELD_ADDRESSES },
	{ "Bcc", FIELD_DROPPED },
	{ "Resent-Bcc", FIELD_DROPPED },
	{ "Return-Path", FIELD_DROPPED },
	{ "Content-Length", FIELD_DROPPED },
};

void
complete_init(struct complete *c)
{
	c->state = START;
	c->drop = 0;
	c->seen = 0;
	c->begun = 0;
	c->heldlen = 0;
	c->kept = 0;
}

static int
add(struct complete *c, char const *name, char const *value)
{
	return c->put(c->to, name, strlen(name)) && c->put(c->to, ": ", 2) &&
	       c->put(c->to, value, strlen(value)) && c->put(c->to, "\n", 1);
}

/* add_missing - what the header should have had. */
static int
add_missing(struct complete *c)
{
	unsigned int const resent = FIELD_RESENT_DATE | FIELD_RESENT_ID | FIELD_RESENT_FROM;
	unsigned int missing = ~c->seen & (FIELD_DATE | FIELD_ID | FIELD_FROM);

	if (!c->date)
		return 1;
	if (c->seen & resent)
		missing |= ~c->seen & resent;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		char const *const value = fields[i].field & (FIELD_DATE | FIELD_RESENT_DATE)
					      ? c->date
					  : fields[i].field & (FIELD_ID | FIELD_RESENT_ID)
					      ? c->id
					      : c->from;

		if (missing & fields[i].field && !add(c, fields[i].name, value))
			return 0;
	}
	return 1;
}

/* end_header - with, or without, an empty line that is there already. */
static int
end_header(struct complete *c, int empty_line)
{
	c->state = BODY;
	return add_missing(c) && (empty_line || c->put(c->to, "\n", 1));
}

static unsigned int
field_of(char const *name, size_t len)
{
	while (len && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (strlen(fields[i].name) == len && !strncasecmp(fields[i].name, name, len))
			return fields[i].field;
	return FIELD_OTHER;
}

/* release - what was held goes on, unless it is dropped. */
static int
release(struct complete *c)
{
	size_t const len = c->heldlen;

	c->heldlen = 0;
	return c->drop || !len || c->put(c->to, c->held, len);
}

/* ---- addresses */

/* is_list - whether all of the value can be read. */
static int
is_list(struct complete const *c)
{
	struct mailbox m;
	size_t pos = 0;
	int r;

	while ((r = mailboxes_next(c->value, c->valuelen, &pos, &m)) == 1)
		;
	return r == 0;
}

/* end_value - of a field that was kept, if one was: it goes on with whole addresses. */
static int
end_value(struct complete *c)
{
	struct mailbox m;
	size_t pos = 0, done = 0;
	int const readable = c->kept && is_list(c);

	if (!c->kept)
		return 1;
	c->kept = 0;
	while (readable && mailboxes_next(c->value, c->valuelen, &pos, &m) == 1) {
		if (m.qualified)
			continue;
		if (!c->put(c->to, c->value + done, m.end - done) || !c->put(c->to, "@", 1) ||
		    !c->put(c->to, c->domain, strlen(c->domain)))
			return 0;
		done = m.end;
	}
	return c->put(c->to, c->value + done, c->valuelen - done);
}

/* value - some of one: kept, as long as there is room, or put. */
static int
value(struct complete *c, char const *text, size_t len)
{
	if (c->drop)
		return 1;
	if (c->kept && len <= sizeof c->value - c->valuelen) {
		memcpy(c->value + c->valuelen, text, len);
		c->valuelen += len;
		return 1;
	}
	if (c->kept && !c->put(c->to, c->value, c->valuelen))
		return 0;
	c->kept = 0;
	return c->put(c->to, text, len);
}

/* ---- octets */

/* name_octet - one more octet of a name; the colon ends it, and what is no name the header. */
static int
name_octet(struct complete *c, char x)
{
	int const blank = x == ' ' || x == '\t';
	int const after = c->heldlen &&
			  (c->held[c->heldlen - 1] == ' ' || c->held[c->heldlen - 1] == '\t');
	int const ok = c->heldlen < COMPLETE_NAME_MAX &&
		       (x == ':' || blank ? c->heldlen > 0 : !after && x > ' ' && x < 127);

	if (!c->begun && c->heldlen >= 5 && !memcmp(c->held, "From ", 5) &&
	    ((!blank && x != ':') || c->heldlen == COMPLETE_NAME_MAX)) {
		c->drop = 1; /* with what is folded behind it */
		c->state = x == '\n' ? START : MBOX;
		c->begun = x == '\n';
		c->heldlen = 0;
		return 1;
	}
	if (ok)
		c->held[c->heldlen++] = x;
	if (ok && x == ':') {
		unsigned int const field = field_of(c->held, c->heldlen - 1);

		c->seen |= field;
		c->drop = field == FIELD_DROPPED;
		c->state = VALUE;
		c->kept = c->domain && field & FIELD_ADDRESSES;
		c->valuelen = 0;
		return release(c);
	}
	if (ok)
		return 1;
	/* no field: the header is over, and has no empty line */
	return end_header(c, 0) && release(c) && c->put(c->to, &x, 1);
}

/* start_octet - the first of a line. */
static int
start_octet(struct complete *c, char x)
{
	if ((x == ' ' || x == '\t') && c->begun) {
		c->state = VALUE; /* folded: as the line before */
		return value(c, &x, 1);
	}
	if (!end_value(c))
		return 0;
	if (x == '\n')
		return end_header(c, 1) && c->put(c->to, &x, 1);
	c->drop = 0;
	c->state = NAME;
	return name_octet(c, x);
}

/* rest_of_line - in a value: as much as is there; how many octets, or 0: put failed. */
static size_t
rest_of_line(struct complete *c, char const *text, size_t len)
{
	char const *const end = memchr(text, '\n', len);
	size_t const n = end ? (size_t)(end - text) + 1 : len;

	if (c->state == VALUE && !value(c, text, n))
		return 0;
	if (end) {
		c->begun = 1;
		c->state = START;
	}
	return n;
}

int
complete_feed(struct complete *c, char const *text, size_t len)
{
	while (len) {
		size_t n = 1;
		int ok = 1;

		switch ((enum state)c->state) {
		case BODY: return c->put(c->to, text, len);
		case VALUE:
		case MBOX: ok = (n = rest_of_line(c, text, len)) != 0; break;
		case START: ok = start_octet(c, *text); break;
		case NAME: ok = name_octet(c, *text); break;
		}
		if (!ok)
			return 0;
		text += n;
		len -= n;
	}
	return 1;
}

int
complete_finish(struct complete *c)
{
	int const name = c->state == NAME;

	if (c->state == BODY)
		return 1;
	if ((c->state == VALUE && !value(c, "\n", 1)) || !end_value(c)) /* cut within a line */
		return 0;
	return end_header(c, !name) && release(c);
}
