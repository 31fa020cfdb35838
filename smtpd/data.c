#include "data.h"

#include <string.h>

enum {
	LINE_START, /* behind CR LF, or at the message's first octet */
	IN_LINE,    /* behind a bare LF too: no dot is special there */
	CR,         /* kept back until the next octet shows what it is */
	DOT,        /* at LINE_START; it is not part of the message */
	DOT_CR,
};

void
data_init(struct data *d, int dots)
{
	d->dots = dots;
	d->state = LINE_START;
	d->bare = 0;
	d->ended = 0;
	d->size = 0;
}

/* run - octets up to the next CR; a LF among them is bare, and stays as it is. */
static size_t
run(struct data *d, char const *p, size_t len)
{
	char const *cr = memchr(p, '\r', len);
	size_t const n = cr ? (size_t)(cr - p) : len;

	if (memchr(p, '\n', n))
		d->bare = 1;
	d->state = cr ? CR : IN_LINE;
	return n;
}

/* behind_cr - the octet behind CR, with or without a dot before it. */
static void
behind_cr(struct data *d, char ch)
{
	if (ch == '\n') {
		d->ended = d->state == DOT_CR;
		d->state = LINE_START;
	} else {
		d->bare = 1; /* this CR is dropped */
		d->size++;
		d->state = ch == '\r' ? CR : IN_LINE;
	}
}

size_t
data_feed(struct data *d, char *text, size_t len, size_t *out)
{
	char *to = text;
	size_t i = 0;

	while (i < len && !d->ended) {
		size_t n;

		switch (d->state) {
		case LINE_START:
			if (d->dots && text[i] == '.') {
				d->state = DOT;
				i++;
				break;
			}
			d->state = IN_LINE;
			break;
		case DOT:
			d->state = text[i] == '\r' ? DOT_CR : IN_LINE;
			i += text[i] == '\r';
			break;
		case CR:
		case DOT_CR:
			behind_cr(d, text[i]);
			if (d->state == LINE_START && !d->ended) {
				*to++ = '\n';
				d->size += 2;
			}
			i += d->state != IN_LINE;
			break;
		default:
			n = run(d, text + i, len - i);
			if (to != text + i)
				memmove(to, text + i, n);
			to += n;
			d->size += n;
			i += n + (d->state == CR);
		}
	}
	*out = (size_t)(to - text);
	return i;
}

int
data_finish(struct data *d)
{
	d->ended = 1;
	if (d->state == CR)
		d->bare = 1;
	return d->state != LINE_START;
}
