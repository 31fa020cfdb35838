#include "replies.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

void
replies_begin(struct replies *r)
{
	r->code = r->this_code = 0;
	r->status[0] = r->text[0] = 0;
	r->len = r->lines = r->column = 0;
	r->last = r->cr = 0;
}

static void
keep(struct replies *r, char ch)
{
	if (r->len < sizeof r->text - 1)
		r->text[r->len++] = ch;
}

/* head - an octet of the code or of the separator behind it; 0 if it cannot be there. */
static int
head(struct replies *r, char ch)
{
	if (r->column < 3) {
		if (ch < '0' || ch > '9' || (!r->column && (ch < '2' || ch > '5')))
			return 0;
		r->this_code = r->this_code * 10 + (unsigned int)(ch - '0');
	} else {
		if (ch != ' ' && ch != '-')
			return 0;
		r->last = ch == ' ';
	}
	r->column++;
	return 1;
}

/* end_line - 0 if it is none of a reply. */
static int
end_line(struct replies *r)
{
	if (r->column < 3 || (r->lines && r->this_code != r->code))
		return 0;
	if (r->column == 3)
		r->last = 1; /* the code alone */
	r->code = r->this_code;
	r->this_code = 0;
	r->column = 0;
	if (++r->lines > REPLIES_LINES_MAX)
		return 0;
	if (!r->last)
		keep(r, '\n');
	return 1;
}

/* octet - one that does not end a line; 0 if the reply is bad. */
static int
octet(struct replies *r, char ch)
{
	if (r->column < 4)
		return head(r, ch);
	if (++r->column > REPLIES_LINE_MAX)
		return 0;
	keep(r, (unsigned char)ch < ' ' || ch == 0x7f ? ' ' : ch);
	return 1;
}

/* make_printable - what is no UTF-8 would be no text for the log or for a report. */
static void
make_printable(struct replies *r)
{
	char *end = r->text + r->len;
	size_t n;

	for (char *p = r->text; p < end; p += n) {
		n = 1;
		if (*p & 0x80) {
			n = utf8_size(p, end);
			if (!n) {
				*p = '?';
				n = 1;
			}
		}
	}
	*end = 0;
}

/* find_status - "5.1.1" and a blank or the end, of the code's class (RFC 2034 4). */
static void
find_status(struct replies *r)
{
	size_t len = strcspn(r->text, " \n");
	size_t dots = 0, digits = 0;

	if (len < 5 || len >= sizeof r->status || (unsigned int)(r->text[0] - '0') != r->code / 100)
		return;
	for (size_t i = 0; i < len; i++) {
		if (r->text[i] == '.') {
			if (!digits || ++dots > 2)
				return;
			digits = 0;
		} else if (r->text[i] < '0' || r->text[i] > '9' || ++digits > (dots ? 3 : 1)) {
			return;
		}
	}
	if (dots != 2 || !digits)
		return;
	memcpy(r->status, r->text, len);
	r->status[len] = 0;
}

static int
line_end(struct replies *r)
{
	r->cr = 0;
	if (!end_line(r))
		return 0;
	if (r->last) {
		make_printable(r);
		find_status(r);
	}
	return 1;
}

enum replies_result
replies_feed(struct replies *r, char const *in, size_t len, size_t *used)
{
	for (size_t i = 0; i < len; i++) {
		*used = i + 1;
		if (in[i] == '\n') {
			if (!line_end(r))
				return REPLIES_BAD;
			if (r->last)
				return REPLIES_WHOLE;
			continue;
		}
		if (r->cr && !octet(r, ' ')) /* the CR was not the line's end */
			return REPLIES_BAD;
		r->cr = in[i] == '\r';
		if (!r->cr && !octet(r, in[i]))
			return REPLIES_BAD;
	}
	*used = len;
	return REPLIES_MORE;
}

void
replies_line(char *to, size_t max, struct replies const *r)
{
	size_t const n = strlen(r->status);
	char const *s = r->text;
	size_t len = (size_t)snprintf(to, max, "%u", r->code);

	for (int first = 1; len + 2 < max; first = 0) {
		size_t m = strcspn(s, "\n");

		if (!first && n && m >= n && !strncmp(s, r->status, n) && (m == n || s[n] == ' ')) {
			s += n;
			m -= n;
		}
		while (m && *s == ' ')
			s++, m--;
		if (m) {
			if (m > max - len - 2)
				m = max - len - 2;
			to[len++] = ' ';
			memcpy(to + len, s, m);
			len += m;
		}
		s += m;
		s += strcspn(s, "\n");
		if (!*s++)
			break;
	}
	to[len] = 0;
}
