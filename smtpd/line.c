#include "line.h"

#include <string.h>

/* without_cr - all of it, but not a CR at the end, whose LF may still come. */
static size_t
without_cr(char const *text, size_t len)
{
	return len && text[len - 1] == '\r' ? len - 1 : len;
}

enum line_result
line_next(struct line *l, char const *text, size_t len, size_t *used)
{
	char const *lf = memchr(text, '\n', len);
	size_t const n = lf ? (size_t)(lf - text) + 1 : len;
	int const crlf = lf && n > 1 && text[n - 2] == '\r';

	if (!lf && !l->skipping && n < LINE_MAX) {
		*used = 0;
		return LINE_MORE;
	}
	*used = lf ? n : without_cr(text, n);
	if (l->skipping) {
		l->skipping = !crlf;
		return crlf ? LINE_SKIPPED : lf ? LINE_BARE : LINE_MORE;
	}
	l->skipping = !crlf;
	if (n > LINE_MAX || !lf)
		return LINE_TOO_LONG;
	return crlf ? LINE_WHOLE : LINE_BARE;
}
