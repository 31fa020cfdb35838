#include "reason.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void
reason_set(struct answer *a, char code, char const *status, ...)
{
	char text[STREAM_TEXT_MAX + 1];
	size_t len = 0;
	char const *s;
	va_list parts;

	va_start(parts, status);
	while ((s = va_arg(parts, char const *))) {
		size_t n = strnlen(s, sizeof text - 1 - len);

		memcpy(text + len, s, n);
		len += n;
	}
	va_end(parts);
	text[len] = 0;
	stream_answer_set(a, code, status, text);
}

static char const *
status_of(int error, char const *otherwise)
{
	switch (error) {
	case ENOSPC:
	case EFBIG: return "4.3.1";
	case EDQUOT: return "4.2.2";
	default: return otherwise;
	}
}

void
reason_errno(struct answer *a, char const *status, char const *what, char const *name)
{
	int e = errno;
	char const *why = strerrordesc_np(e);

	reason_set(a, 'Z', status_of(e, status), "unable to ", what, *name ? " " : "", name, ": ",
	    why ? why : "unknown error", (char const *)0);
}
