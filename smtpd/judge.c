#include "judge.h"

#include <string.h>
#include <strings.h>

#include "overquota.h"

void
judge_open(
    struct judge *j, struct control *c, struct settings const *set, struct client const *client)
{
	j->set = set;
	j->client = client;
	j->found.alias = (stralloc)STRALLOC_ZERO;
	if (recipient_open(&j->db, c) == -1)
		control_die(c);
	j->overquota = overquota_open();
	j->may_relay = 0;
}

/* rewrite - the address with another end, from octet from on: 1, or 0 if that is none. */
static int
rewrite(struct address *a, size_t from, char const *end)
{
	char text[ADDRESS_MAX + 1];
	size_t const len = strlen(end);

	if (len > ADDRESS_MAX - from)
		return 0;
	memcpy(text, a->text, from);
	memcpy(text + from, end, len);
	return address_parse(a, text, from + len, ADDRESS_UTF8_OK) == ADDRESS_OK;
}

/* is_our_literal - user@[1.2.3.4], the address that this connection came to (RFC 1123 5.2.17). */
static int
is_our_literal(struct judge const *j, struct address const *a)
{
	char ip[CLIENT_IP_MAX];
	char const *literal = a->text + a->at + 2;
	size_t len;

	if (a->at + 2 >= a->len || literal[-1] != '[')
		return 0;
	if (!strncmp(literal, "IPv6:", 5))
		literal += 5;
	len = strlen(literal) - 1; /* the ] */
	return client_ip(ip, literal, len) && *ip && !strcmp(ip, j->client->localip);
}

/* is_taken_domain - rcpthosts; <postmaster> alone has no domain that could be listed. */
static int
is_taken_domain(struct judge const *j, struct address const *a)
{
	size_t const domain = a->at < a->len ? a->at + 1 : a->len;

	return domain == a->len ||
	       control_has_domain(&j->set->rcpthosts, a->text + domain, a->len - domain);
}

static enum verdict
judge_local(struct judge *j, struct address const *a, time_t now)
{
	switch (recipient_find(&j->db, a, &j->found)) {
	case RECIPIENT_UNKNOWN: return VERDICT_NO_USER;
	case RECIPIENT_TROUBLE: return VERDICT_TROUBLE;
	default: break;
	}
	if (overquota_check(j->overquota, a->text, a->len, now))
		return VERDICT_OVER_QUOTA;
	return VERDICT_LOCAL;
}

enum verdict
judge_rcpt(struct judge *j, struct address *a, time_t now)
{
	int const relays = j->set->relay || j->may_relay;
	int listed;

	if (is_our_literal(j, a) && !rewrite(a, a->at + 1, j->set->localiphost.s))
		return VERDICT_TROUBLE;
	if (j->set->relay && *j->set->relay && a->at < a->len && !rewrite(a, a->len, j->set->relay))
		return VERDICT_NO_RELAY;
	listed = j->set->has_rcpthosts && is_taken_domain(j, a);
	if (recipient_route(&j->db, a) == RECIPIENT_LOCAL)
		return j->set->has_rcpthosts && !listed && !relays ? VERDICT_NO_RELAY
								   : judge_local(j, a, now);
	return listed || relays ? VERDICT_RELAY : VERDICT_NO_RELAY;
}

/* is_listed - whether senders has "login:address", "login:@domain" or "login:*". */
static int
is_listed(struct judge const *j, char const *login, struct address const *a)
{
	size_t const loginlen = strlen(login);
	char const *entry;
	size_t len, pos = 0;

	while ((entry = control_next(&j->set->senders, &pos, &len))) {
		char const *const what = entry + loginlen + 1;

		if (len <= loginlen || strncasecmp(entry, login, loginlen) || what[-1] != ':')
			continue;
		if (!strcmp(what, "*") || !strcasecmp(what, a->text) ||
		    (*what == '@' && a->at < a->len && !strcasecmp(what, a->text + a->at)))
			return 1;
	}
	return 0;
}

int
judge_sender(struct judge *j, char const *login, struct address const *a)
{
	if (!a->len || !strcasecmp(login, a->text) || is_listed(j, login, a))
		return 1;
	switch (recipient_find(&j->db, a, &j->found)) {
	case RECIPIENT_LOCAL: return !strcmp(j->found.user, login);
	case RECIPIENT_TROUBLE: return -1;
	default: return 0;
	}
}
