#include "way.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "dial.h"
#include "level.h"

/* What is asked about a domain. */
static struct answers mx_answers, txt_answers;

uint64_t
way_seed(void)
{
	uint64_t n = 0;

	(void)!getrandom(&n, sizeof n, 0);
	return n;
}

void
way_note_ttl(struct way *w, uint32_t ttl)
{
	uint32_t const seconds = ttl < WAY_TTL_MIN   ? WAY_TTL_MIN
				 : ttl > WAY_TTL_MAX ? WAY_TTL_MAX
						     : ttl;
	int64_t const end = dial_now() + (int64_t)seconds * 1000;

	if (end < w->expires)
		w->expires = end;
}

void
way_forget_soon(struct way *w)
{
	w->expires = 0;
}

int
way_is_old(struct way const *w)
{
	return dial_now() >= w->expires;
}

/* ---- the hosts */

/* add_host - the plan's only one, with nothing known of it. */
static struct plan_host *
add_host(struct way *w, char const *name)
{
	plan_add(&w->plan, name, 0);
	return w->plan.host;
}

/* add_ip - a host that is an address: there is nothing to look up. */
static void
add_ip(struct way *w, char const *name, struct ip const *ip, unsigned int port)
{
	struct plan_host *const h = add_host(w, name);

	h->resolved = 1;
	h->count = 1;
	h->address[0].ip = *ip;
	snprintf(h->hop.host, sizeof h->hop.host, "%s", name);
	h->hop.port = (uint16_t)port;
	h->hop.secure = 1;
	h->hop.route = w->is_route;
	h->hop.rate = w->conf->rate > 0;
	level_set(&h->hop, level_base(&w->conf->routes, w->domain, name, port), DANE_NONE, 0);
}

static int
find_literal(struct way *w, struct verdict *v, struct ip const *ip)
{
	w->is_literal = 1;
	if (own_has(w->own, ip)) {
		verdict_note(
		    v, VERDICT_CONNECTED, "D5.4.6", "%s: this is our own address", w->target);
		return 0;
	}
	add_ip(w, w->target, ip, w->conf->port);
	return 1;
}

static int
find_route(struct way *w, struct route const *r)
{
	unsigned int const port = r->port ? r->port : w->conf->port;
	struct plan_host *h;

	w->is_route = 1;
	if (r->is_ip) {
		add_ip(w, r->host, &r->ip, port);
	} else {
		h = add_host(w, r->host);
		h->hop.port = (uint16_t)port;
	}
	return 1;
}

/* take_policy - the domain's MTA-STS policy, if it has one. */
static void
take_policy(struct way *w, struct answers const *txt)
{
	char id[STS_ID_MAX], found[STS_ID_MAX] = "";
	int count = 0;

	for (size_t i = 0; i < txt->count; i++) {
		int const r = sts_record(id, answers_data(txt, i), txt->record[i].len);

		count += r != 0;
		if (r == 1)
			memcpy(found, id, sizeof found);
	}
	if (count != 1)
		*found = 0;
	w->has_policy = stsfile_policy(&w->sts, w->domain, found, &w->policy);
}

/* take_mx - what the reply to the MX question says: 1, or 0 with the reason. */
static int
take_mx(struct way *w, struct verdict *v, struct answers const *mx)
{
	switch (mx->result) {
	case ANSWERS_TROUBLE:
	case ANSWERS_MALFORMED:
		verdict_note(v, VERDICT_DNS, "Z4.4.3", "%s: DNS look-up failed: %s", w->domain,
		    answers_why(mx));
		return 0;
	case ANSWERS_NO_NAME:
		verdict_note(v, VERDICT_DNS, "D5.1.2", "%s: there is no such domain", w->domain);
		return 0;
	case ANSWERS_NONE: add_host(w, w->domain); break;
	case ANSWERS_OK:
		switch (mx_order(&w->plan.mx, mx, way_seed())) {
		case MX_NULL:
			verdict_note(v, VERDICT_DNS, "D5.1.10",
			    "%s: the domain takes no mail (null MX)", w->domain);
			return 0;
		case MX_UNUSABLE:
			verdict_note(
			    v, VERDICT_DNS, "D5.4.4", "%s: its MX records name no host", w->domain);
			return 0;
		case MX_HOSTS: break;
		}
		plan_set_hosts(&w->plan);
		break;
	}
	w->secure = mx->secure;
	if (mx->aliased)
		memcpy(w->expanded, mx->name, sizeof w->expanded);
	way_note_ttl(w, mx->ttl);
	for (size_t i = 0; i < w->plan.mx.count; i++)
		w->plan.host[i].hop.port = (uint16_t)w->conf->port;
	return 1;
}

static int
find_mx(struct way *w, struct verdict *v)
{
	char txt[ANSWERS_NAME_MAX + 16];
	struct lookup_question q[2] = {
		{ .name = w->domain, .type = ANSWERS_MX, .answers = &mx_answers },
		{ .name = txt, .type = ANSWERS_TXT, .answers = &txt_answers },
	};

	snprintf(txt, sizeof txt, "_mta-sts.%s", w->domain);
	lookup_ask(&w->lookup, q, w->conf->mtasts ? 2 : 1);
	if (!take_mx(w, v, &mx_answers))
		return 0;
	if (w->conf->mtasts)
		take_policy(w, &txt_answers);
	return 1;
}

static void
clear(struct way *w)
{
	plan_clear(&w->plan);
	*w->domain = *w->expanded = 0;
	w->is_route = w->is_literal = w->secure = w->has_policy = 0;
	w->expires = dial_now() + WAY_TTL_MAX * 1000;
}

int
way_find(struct way *w, struct verdict *v)
{
	size_t const len = strlen(w->target);
	struct route route;
	struct ip ip;
	int literal;

	clear(w);
	if (!w->is_mail)
		return !routes_target(&route, w->target) && find_route(w, &route);
	literal = names_literal(&ip, w->target, len);
	if (!literal && !names_ascii(w->domain, w->target, len)) {
		*w->domain = 0;
		verdict_note(
		    v, VERDICT_DNS, "D5.1.2", "%s: no such domain can be in DNS", w->target);
		return 0;
	}
	if (routes_find(&w->conf->routes, w->target, literal ? w->target : w->domain, &route))
		return find_route(w, &route);
	if (literal == -1) {
		verdict_note(
		    v, VERDICT_DNS, "D5.1.2", "%s: no such address literal is known", w->target);
		return 0;
	}
	return literal ? find_literal(w, v, &ip) : find_mx(w, v);
}
