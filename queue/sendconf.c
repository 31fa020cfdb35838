#include "sendconf.h"

#include <string.h>

#include "address.h"

#define BOUNCE_MAX_LIMIT (1U << 24) /* a report is made in memory */

static int
no_memory(struct control *c, char const *name)
{
	return control_bad(c, name, "cannot be read: out of memory");
}

/* text - one value, with its default, NUL-terminated. */
static int
text(struct control *c, char const *name, stralloc *out, char const *otherwise)
{
	int const r = control_line(c, name, out);

	if (!r && !(stralloc_copys(out, otherwise) && stralloc_0(out)))
		return no_memory(c, name);
	return r;
}

/* A mailbox that two files make, as qmail has it: the value of to, or to@host. */
struct mailbox {
	char const *to, *otherwise, *host;
};

static int
mailbox(struct control *c, stralloc *out, struct mailbox const *from, char const *me)
{
	stralloc host = STRALLOC_ZERO;
	struct address parsed;
	int r = text(c, from->to, out, from->otherwise);

	if (r == -1 || !*out->s)
		return r;
	if (!strchr(out->s, '@')) {
		out->len = strlen(out->s);
		r = text(c, from->host, &host, me);
		if (r != -1 &&
		    !(stralloc_cats(out, "@") && stralloc_cats(out, host.s) && stralloc_0(out)))
			r = no_memory(c, from->to);
		stralloc_free(&host);
	}
	if (r != -1 &&
	    address_parse(&parsed, out->s, strlen(out->s), ADDRESS_NO_BRACKETS_OK) != ADDRESS_OK)
		return control_bad(
		    c, from->to, "makes no mail address: write one, such as postmaster");
	return r;
}

/* is_set - a file that was emptied means nothing here. */
static int
is_set(struct control *c, char const *name, stralloc const *value)
{
	if (*value->s)
		return 1;
	control_bad(c, name, "is no mail address: write one, such as postmaster");
	return 0;
}

static int
numbers(struct sendconf *s, struct control *c)
{
	struct {
		char const *name;
		uint64_t *value, otherwise, min, max;
	} const number[] = {
		{ "concurrencylocal", &s->concurrency_local, 20, 0, SENDCONF_CONCURRENCY_MAX },
		{ "concurrencyremote", &s->concurrency_remote, 20, 0, SENDCONF_CONCURRENCY_MAX },
		{ "concurrencyaddress", &s->per_address, 10, 1, SENDCONF_CONCURRENCY_MAX },
		{ "concurrencydomain", &s->per_domain, 10, 1, SENDCONF_CONCURRENCY_MAX },
		{ "queuelifetime", &s->lifetime, 432000, 0, 31536000 },
		{ "delaynotice", &s->delay_notice, 14400, 0, 31536000 },
		{ "bouncemaxbytes", &s->bounce_max, 50000, 0, BOUNCE_MAX_LIMIT },
	};

	for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
		*number[i].value = number[i].otherwise;
		if (control_number(
			c, number[i].name, number[i].value, number[i].min, number[i].max) == -1)
			return -1;
	}
	return 1;
}

int
sendconf_read(struct sendconf *s, struct control *c)
{
	static struct mailbox const bounce = { "bouncefrom", "MAILER-DAEMON", "bouncehost" };
	static struct mailbox const twice = { "doublebounceto", "postmaster", "doublebouncehost" };

	*s = (struct sendconf){ .routes = { .passwd = -1, .usersfd = -1, .aliasesfd = -1 } };
	if (control_me(c, &s->me) != -1 && mailbox(c, &s->bounce_from, &bounce, s->me.s) != -1 &&
	    is_set(c, bounce.to, &s->bounce_from) &&
	    mailbox(c, &s->double_bounce, &twice, s->me.s) != -1 && numbers(s, c) != -1 &&
	    recipient_open_routes(&s->routes, c) != -1)
		return 1;
	sendconf_free(s);
	return -1;
}

void
sendconf_free(struct sendconf *s)
{
	stralloc_free(&s->me);
	stralloc_free(&s->bounce_from);
	stralloc_free(&s->double_bounce);
	recipient_close(&s->routes);
}
