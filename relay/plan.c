#include "plan.h"

#include <string.h>
#include <sys/socket.h>

void
plan_clear(struct plan *p)
{
	p->mx.count = 0;
	p->tries = 0;
}

static void
clear_host(struct plan_host *h)
{
	memset(h, 0, sizeof *h);
}

int
plan_add(struct plan *p, char const *name, uint16_t preference)
{
	size_t const i = p->mx.count;
	size_t const len = strlen(name);

	if (i == MX_MAX || len >= sizeof p->mx.host[i].name)
		return -1;
	memcpy(p->mx.host[i].name, name, len + 1);
	p->mx.host[i].preference = preference;
	p->mx.count++;
	clear_host(p->host + i);
	return (int)i;
}

void
plan_set_hosts(struct plan *p)
{
	p->tries = 0;
	for (size_t i = 0; i < p->mx.count; i++)
		clear_host(p->host + i);
}

/* nth - the record numbered n, counted from one that the seed names. */
static void
nth(struct ip *ip, struct answers const *a, size_t n, uint64_t seed, int family)
{
	size_t const i = (size_t)(seed % a->count + n) % a->count;

	names_ip_set(ip, family, answers_data(a, i));
}

void
plan_set_addresses(
    struct plan_host *h, struct answers const *a, struct answers const *aaaa, uint64_t seed)
{
	size_t four = 0, six = 0;

	h->count = 0;
	while (h->count < PLAN_ADDRESSES_MAX && (six < aaaa->count || four < a->count)) {
		struct plan_address *const to = h->address + h->count++;
		int const is_6 = six < aaaa->count && (six <= four || four == a->count);

		memset(to, 0, sizeof *to);
		if (is_6)
			nth(&to->ip, aaaa, six++, seed, AF_INET6);
		else
			nth(&to->ip, a, four++, seed, AF_INET);
	}
}

enum plan_step
plan_next(struct plan *p, struct plan_at *at)
{
	for (at->host = 0; at->host < p->mx.count; at->host++) {
		struct plan_host *const h = p->host + at->host;

		if (!h->resolved)
			return PLAN_RESOLVE;
		for (at->address = 0; at->address < h->count; at->address++) {
			if (h->address[at->address].tried)
				continue;
			if (p->tries == PLAN_TRIES_MAX)
				return PLAN_END;
			p->tries++;
			h->address[at->address].tried = 1;
			return PLAN_TRY;
		}
	}
	return PLAN_END;
}

void
plan_again(struct plan *p)
{
	p->tries = 0;
	for (size_t i = 0; i < p->mx.count; i++)
		for (size_t k = 0; k < p->host[i].count; k++)
			p->host[i].address[k].tried = 0;
}

void
plan_cut(struct plan *p, size_t i)
{
	mx_cut(&p->mx, i);
}
