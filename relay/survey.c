#include "survey.h"

#include <string.h>
#include <strings.h>

void
survey_begin(struct survey *s)
{
	*s = (struct survey){ .in_header = 1 };
}

static int
has_eight(char const *p, size_t len)
{
	uint64_t all = 0;

	for (; len >= sizeof all; p += sizeof all, len -= sizeof all) {
		uint64_t some;

		memcpy(&some, p, sizeof some);
		all |= some;
	}
	while (len--)
		all |= (unsigned char)*p++;
	return (all & 0x8080808080808080U) != 0;
}

/* judge_field - a header line has ended: its first octets are in field. */
static void
judge_field(struct survey *s)
{
	static char const name[] = "TLS-Required:";
	size_t const n = sizeof name - 1;
	size_t len = s->column < sizeof s->field ? s->column : sizeof s->field;
	char const *value = s->field + n;

	if (!len || (len == 1 && s->field[0] == '\r')) {
		s->in_header = 0;
		return;
	}
	if (s->column > sizeof s->field || len < n || strncasecmp(s->field, name, n) != 0)
		return;
	len -= n;
	while (len && memchr(" \t\r", value[len - 1], 3))
		len--;
	while (len && memchr(" \t", *value, 2))
		value++, len--;
	s->no_tls_needed |= len == 2 && !strncasecmp(value, "no", 2);
}

/* part - octets of one line. */
static void
part(struct survey *s, char const *p, size_t len)
{
	if (s->in_header) {
		if (s->column < sizeof s->field) {
			size_t const room = sizeof s->field - s->column;

			memcpy(s->field + s->column, p, len < room ? len : room);
		}
		s->eight_header |= has_eight(p, len);
	}
	s->column += len;
	s->size += len;
	s->long_line |= s->column > SURVEY_LINE_MAX;
}

void
survey_feed(struct survey *s, char const *data, size_t len)
{
	if (!s->eight)
		s->eight = has_eight(data, len);
	while (len) {
		char const *lf = memchr(data, '\n', len);
		size_t const n = lf ? (size_t)(lf - data) : len;

		part(s, data, n);
		if (!lf)
			return;
		if (s->in_header)
			judge_field(s);
		s->column = 0;
		s->size += 2;
		data += n + 1;
		len -= n + 1;
	}
}

void
survey_end(struct survey *s)
{
	if (s->column)
		s->size += 2;
}
