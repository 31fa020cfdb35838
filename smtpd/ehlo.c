#include "ehlo.h"

#include <stdio.h>

size_t
ehlo_format(char to[EHLO_MAX], struct session const *s)
{
	char first[REPLY_MAX], size[64] = "SIZE", limits[64], auth[AUTH_LIST_MAX + 8];
	char const *list[14] = { first, "PIPELINING", size, "8BITMIME", "SMTPUTF8",
		"ENHANCEDSTATUSCODES", "CHUNKING", "DSN", "HELP", limits };
	size_t count = 10, len = 0;

	if (s->tls_offered)
		list[count++] = "STARTTLS";
	if (s->tls)
		list[count++] = "REQUIRETLS";
	if (s->mechanisms && *s->mechanisms && (s->tls || s->set->auth_in_clear))
		list[count++] = auth;
	snprintf(auth, sizeof auth, "AUTH %s", s->mechanisms ? s->mechanisms : "");

	snprintf(first, sizeof first, "%s Hello %s", s->set->me.s, s->helo);
	if (s->set->databytes)
		snprintf(size, sizeof size, "SIZE %llu", (unsigned long long)s->set->databytes);
	snprintf(limits, sizeof limits, "LIMITS RCPTMAX=%llu MAILMAX=%llu",
	    (unsigned long long)s->set->maxrcpt, (unsigned long long)s->set->maxmail);
	for (size_t i = 0; i < count; i++)
		len += reply_line(to + len, i + 1 < count, list[i]);
	return len;
}
