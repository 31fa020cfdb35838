#include "header.h"

#include <string.h>
#include <strings.h>

enum { LINE, NAME, BLANK_AFTER_NAME, VALUE, REST_OF_LINE, BODY };

void
header_init(struct header *h)
{
	h->state = LINE;
	h->received = 0;
	h->found = 0;
	h->valuelen = 0;
	h->namelen = 0;
}

int
header_over(struct header const *h)
{
	return h->state == BODY;
}

static int
name_is(struct header const *h, char const *name)
{
	return h->namelen == strlen(name) && !strncasecmp(h->name, name, h->namelen);
}

/* at_line - what the first octet of a line makes of it. */
static int
at_line(char ch)
{
	if (ch == ' ' || ch == '\t')
		return REST_OF_LINE; /* the field before goes on */
	return ch == '\n' || ch == ':' ? BODY : NAME;
}

/* in_name - one octet of a field name: the next state. */
static int
in_name(struct header *h, char ch)
{
	if (ch == ':') {
		h->received += (unsigned int)name_is(h, "received");
		h->valuelen = 0;
		return name_is(h, "delivered-to") ? VALUE : REST_OF_LINE;
	}
	if (ch == ' ' || ch == '\t')
		return BLANK_AFTER_NAME; /* RFC 5322 4.5: obsolete, but read */
	if (h->state == BLANK_AFTER_NAME || ch < ' ' || ch > '~')
		return BODY;
	if (h->namelen < sizeof h->name)
		h->name[h->namelen] = ch;
	h->namelen++;
	return NAME;
}

/* skip_line - octets up to and with the LF; all if there is none. */
static size_t
skip_line(struct header *h, char const *data, size_t len)
{
	char const *lf = memchr(data, '\n', len);

	if (!lf)
		return len;
	h->state = LINE;
	return (size_t)(lf - data) + 1;
}

/* end_value - the line of a Delivered-To field is over: show it unless it was too long. */
static void
end_value(struct header *h)
{
	while (h->valuelen && h->valuelen <= sizeof h->value &&
	       strchr(" \t\r", h->value[h->valuelen - 1]))
		h->valuelen--;
	h->found = h->valuelen && h->valuelen <= sizeof h->value;
	h->state = LINE;
}

static void
in_value(struct header *h, char ch)
{
	if (ch == '\n') {
		end_value(h);
	} else if (h->valuelen || (ch != ' ' && ch != '\t')) {
		if (h->valuelen < sizeof h->value)
			h->value[h->valuelen] = ch;
		if (h->valuelen <= sizeof h->value)
			h->valuelen++;
	}
}

size_t
header_scan(struct header *h, char const *data, size_t len)
{
	size_t i = 0;

	h->found = 0;
	while (i < len && !h->found) {
		switch (h->state) {
		case LINE:
			h->state = at_line(data[i]);
			h->namelen = 0;
			break;
		case NAME:
		case BLANK_AFTER_NAME: h->state = in_name(h, data[i++]); break;
		case VALUE: in_value(h, data[i++]); break;
		case REST_OF_LINE: i += skip_line(h, data + i, len - i); break;
		default: return len;
		}
	}
	return i;
}
