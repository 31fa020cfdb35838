#include "wireform.h"

#include <string.h>

#define FREE_COLUMNS (WIREFORM_LINE_MAX - WIREFORM_HOLD) /* octets that go out at once */

void
wireform_begin(struct wireform *w, unsigned int how)
{
	*w = (struct wireform){ .how = how };
}

static void
put(struct wireform *w, char const *s, size_t len)
{
	memcpy(w->out + w->outlen, s, len);
	w->outlen += len;
}

static void
end_line(struct wireform *w)
{
	put(w, w->hold, w->held);
	put(w, "\r\n", 2);
	w->held = w->column = 0;
}

/* fold_at - where in hold the line is broken; *blank: no blank is there, one must be added. */
static size_t
fold_at(struct wireform const *w, int *blank)
{
	size_t n;

	*blank = 0;
	for (n = w->held; n > 1; n--)
		if (w->hold[n - 1] == ' ' || w->hold[n - 1] == '\t')
			return n - 1;
	*blank = 1;
	for (n = w->held; n > w->held - 4; n--)
		if ((w->hold[n - 1] & 0xc0) != 0x80)
			break; /* a character's first octet, or ASCII */
	return n > w->held - 4 && w->hold[n - 1] & 0x80 ? n - 1 : w->held;
}

/* fold - hold is full and the line goes on. */
static void
fold(struct wireform *w)
{
	int blank;
	size_t const n = fold_at(w, &blank);

	put(w, w->hold, n);
	put(w, "\r\n ", blank ? 3 : 2);
	w->column = w->held - n + (size_t)blank;
	put(w, w->hold + n, w->held - n);
	w->held = 0;
}

/* add - octets of one line, none of them CR or LF. */
static void
add(struct wireform *w, char const *s, size_t len)
{
	if (w->how & WIREFORM_DOTS && len && !w->column && *s == '.')
		put(w, ".", 1); /* not counted: RFC 5321 4.5.3.1.6 */
	while (len) {
		size_t n;

		if (w->held == sizeof w->hold)
			fold(w);
		if (w->how & WIREFORM_LONG || w->column < FREE_COLUMNS) {
			n = w->how & WIREFORM_LONG ? len : FREE_COLUMNS - w->column;
			if (n > len)
				n = len;
			put(w, s, n);
		} else {
			n = sizeof w->hold - w->held;
			if (n > len)
				n = len;
			memcpy(w->hold + w->held, s, n);
			w->held += n;
		}
		w->column += n;
		s += n;
		len -= n;
	}
}

/* span - octets up to the next CR or LF, at most len. */
static size_t
span(char const *s, size_t len)
{
	char const *lf = memchr(s, '\n', len);
	char const *cr;

	if (lf)
		len = (size_t)(lf - s);
	cr = memchr(s, '\r', len);
	return cr ? (size_t)(cr - s) : len;
}

/* step - a piece of one line, or a line's end; how many octets it was. */
static size_t
step(struct wireform *w, char const *in, size_t len)
{
	size_t n;

	if (*in == '\n') {
		w->cr = 0;
		end_line(w);
		return 1;
	}
	if (w->cr)
		add(w, " ", 1);
	w->cr = *in == '\r';
	if (w->cr)
		return 1;
	n = span(in, len);
	add(w, in, n);
	return n;
}

size_t
wireform_feed(
    struct wireform *w, char const *in, size_t len, char *out, size_t room, size_t *outlen)
{
	size_t used = 0;

	w->out = out;
	w->outlen = 0;
	while (used < len && room - w->outlen >= WIREFORM_ROOM) {
		/* a step writes its octets, what is held, a fold for each 870 octets, a dot */
		size_t max = (room - w->outlen - WIREFORM_HOLD - 16) / 2;

		if (max > len - used)
			max = len - used;
		used += step(w, in + used, max);
	}
	*outlen = w->outlen;
	return used;
}

size_t
wireform_end(struct wireform *w, char *out)
{
	w->out = out;
	w->outlen = 0;
	if (w->cr)
		add(w, " ", 1);
	w->cr = 0;
	if (w->column)
		end_line(w);
	if (w->how & WIREFORM_DOTS)
		put(w, ".\r\n", 3);
	return w->outlen;
}
