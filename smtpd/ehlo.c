#include "ehlo.h"

#include <stdio.h>

size_t
ehlo_format(char to[EHLO_MAX], struct session const *s)
{
	char first[REPLY_MAX], size[64] = "SIZE", limits[64];
	char const *const list[] = { first, "PIPELINING", size, "8BITMIME", "SMTPUTF8",
		"ENHANCEDSTATUSCODES", "CHUNKING", "DSN", "HELP", limits, "STARTTLS" };
	size_t const count = sizeof list / sizeof *list - !s->tls_offered;
	size_t len = 0;

	snprintf(first, sizeof first, "%s Hello %s", s->set->me.s, s->helo);
	if (s->set->databytes)
		snprintf(size, sizeof size, "SIZE %llu", (unsigned long long)s->set->databytes);
	snprintf(limits, sizeof limits, "LIMITS RCPTMAX=%llu MAILMAX=%llu",
	    (unsigned long long)s->set->maxrcpt, (unsigned long long)s->set->maxmail);
	for (size_t i = 0; i < count; i++)
		len += reply_line(to + len, i + 1 < count, list[i]);
	return len;
}
