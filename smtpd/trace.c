#include "trace.h"

#include <stdio.h>
#include <string.h>

#include "date.h"

/* add36 - a number in base 36, in the alphabet that file names and domains share. */
static size_t
add36(char *to, uint64_t value)
{
	char digits[13];
	size_t n = 0;

	do
		digits[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
	while (value /= 36);
	for (size_t i = 0; i < n; i++)
		to[i] = digits[n - 1 - i];
	return n;
}

void
trace_session(char to[TRACE_ID_MAX], uint64_t microseconds, uint64_t pid)
{
	size_t n = add36(to, microseconds);

	to[n++] = '-';
	n += add36(to + n, pid);
	to[n] = 0;
}

char const *
trace_protocol(int extended, int utf8, int tls, int auth)
{
	static char const *const names[2][2][2] = {
		{ { "ESMTP", "ESMTPA" }, { "ESMTPS", "ESMTPSA" } },
		{ { "UTF8SMTP", "UTF8SMTPA" }, { "UTF8SMTPS", "UTF8SMTPSA" } },
	};

	return extended ? names[utf8 != 0][tls != 0][auth != 0] : "SMTP";
}

/* literal - the client's address as RFC 5321 4.1.3 has it; to is 64 octets. */
static void
literal(char *to, char const *ip)
{
	snprintf(to, 64, "[%s%s]", strchr(ip, ':') ? "IPv6:" : "", ip);
}

/* from - "from helo (rdns [ip])", with what of these there is. */
static size_t
from(char *to, size_t max, struct trace const *t)
{
	struct client const *c = t->client;
	int const named = address_domain_is_valid(t->helo, strlen(t->helo), 1, 0);
	char ip[64];
	int n;

	if (t->hide) {
		n = snprintf(to, max, "from localhost");
	} else if (!*c->ip) {
		n = snprintf(to, max, "from %s", named ? t->helo : "localhost");
	} else {
		literal(ip, c->ip);
		n = snprintf(to, max, "from %s (%s%s%s)", named ? t->helo : ip, c->rdns,
		    *c->rdns ? " " : "", ip);
	}
	return (size_t)n;
}

/* has_domain - a "for" clause needs a whole mailbox: <postmaster> alone is none. */
static int
has_domain(struct trace const *t)
{
	return t->rcpt && memchr(t->rcpt, '@', t->rcptlen);
}

size_t
trace_field(char to[TRACE_MAX], struct trace const *t)
{
	char date[DATE_MAX];
	size_t n;

	date_rfc5322(date, t->when);
	n = (size_t)snprintf(to, TRACE_MAX, "Received: ");
	n += from(to + n, TRACE_MAX - n, t);
	n += (size_t)snprintf(to + n, TRACE_MAX - n, "\n\tby %s with %s%s%s%s id %s-%u", t->me,
	    t->protocol, *t->client->tls ? " (" : "", t->client->tls, *t->client->tls ? ")" : "",
	    t->session, t->message);
	if (has_domain(t))
		n += (size_t)snprintf(
		    to + n, TRACE_MAX - n, "\n\tfor <%.*s>; %s\n", (int)t->rcptlen, t->rcpt, date);
	else
		n += (size_t)snprintf(to + n, TRACE_MAX - n, ";\n\t%s\n", date);
	return n;
}
