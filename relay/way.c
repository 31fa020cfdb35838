#include "way.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "dane.h"
#include "dial.h"
#include "level.h"
#include "log.h"

#define SLICE 8 /* hosts that are looked up in one flight */

_Static_assert(SLICE *DANE_BASES_MAX <= LOOKUP_QUESTIONS_MAX, "one flight");

/* What is asked about a slice of hosts. */
static struct answers a_of[SLICE], aaaa_of[SLICE], cname_of[SLICE];
static struct answers tlsa_of[SLICE][DANE_BASES_MAX];
static char tlsa_name[SLICE][DANE_BASES_MAX][DANE_NAME_MAX];
static struct answers mx_answers, txt_answers;

static uint64_t
seed(void)
{
	uint64_t n = 0;

	(void)!getrandom(&n, sizeof n, 0);
	return n;
}

static int
failed(struct answers const *a)
{
	return a->result == ANSWERS_TROUBLE || a->result == ANSWERS_MALFORMED;
}

/* why_failed - what became of a look-up, for people. */
static char const *
why_failed(struct answers const *a)
{
	switch (a->rcode) {
	case -1: return "no name server answered";
	case 2: return "the name server failed (SERVFAIL)";
	case 5: return "the name server refused";
	default: break;
	}
	return a->result == ANSWERS_MALFORMED ? "the reply makes no sense"
					      : "the name server could not say";
}

static void
note_ttl(struct way *w, uint32_t ttl)
{
	uint32_t const seconds = ttl < WAY_TTL_MIN   ? WAY_TTL_MIN
				 : ttl > WAY_TTL_MAX ? WAY_TTL_MAX
						     : ttl;
	int64_t const end = dial_now() + (int64_t)seconds * 1000;

	if (end < w->expires)
		w->expires = end;
}

int
way_is_old(struct way const *w)
{
	return dial_now() >= w->expires;
}

/* ---- the hosts */

/* add_host - one, with nothing known of it. */
static struct plan_host *
add_host(struct way *w, char const *name)
{
	int const i = plan_add(&w->plan, name, 0);

	return i == -1 ? 0 : w->plan.host + i;
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
		    why_failed(mx));
		return 0;
	case ANSWERS_NO_NAME:
		verdict_note(v, VERDICT_DNS, "D5.1.2", "%s: there is no such domain", w->domain);
		return 0;
	case ANSWERS_NONE: add_host(w, w->domain); break;
	case ANSWERS_OK:
		switch (mx_order(&w->plan.mx, mx, seed())) {
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
	note_ttl(w, mx->ttl);
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

/* ---- their addresses, and DANE */

/* A slice of the plan's hosts while they are being looked up. */
struct slice {
	struct way *w;
	size_t first, count;
	struct dane_bases bases[SLICE];
};

static struct plan_host *
host_of(struct slice const *s, size_t i)
{
	return s->w->plan.host + s->first + i;
}

static char const *
name_of(struct slice const *s, size_t i)
{
	return s->w->plan.mx.host[s->first + i].name;
}

static struct dane_host
dane_of(struct slice const *s, size_t i)
{
	return (struct dane_host){ name_of(s, i), a_of + i, aaaa_of + i, cname_of + i };
}

static enum hop_tls
base_of(struct slice const *s, size_t i)
{
	return level_base(
	    &s->w->conf->routes, s->w->domain, name_of(s, i), host_of(s, i)->hop.port);
}

static void
ask_addresses(struct slice *s)
{
	struct lookup_question q[2 * SLICE];

	for (size_t i = 0; i < s->count; i++) {
		q[2 * i] = (struct lookup_question){
			.name = name_of(s, i), .type = ANSWERS_A, .answers = a_of + i
		};
		q[2 * i + 1] = (struct lookup_question){
			.name = name_of(s, i), .type = ANSWERS_AAAA, .answers = aaaa_of + i
		};
	}
	lookup_ask(&s->w->lookup, q, 2 * s->count);
}

/* ask_cnames - of the hosts that are an alias and not secure: of few, and so one by one. */
static void
ask_cnames(struct slice *s)
{
	struct lookup_question q[SLICE];
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		struct dane_host const h = dane_of(s, i);

		answers_clear(cname_of + i, ANSWERS_NONE);
		if (dane_wants_cname(&h))
			q[n++] = (struct lookup_question){
				.name = h.name, .type = ANSWERS_CNAME, .answers = cname_of + i
			};
	}
	if (n)
		lookup_ask(&s->w->lookup, q, n);
}

static void
ask_tlsa(struct slice *s)
{
	struct lookup_question q[SLICE * DANE_BASES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		struct dane_host const h = dane_of(s, i);

		s->bases[i].count = 0;
		if (base_of(s, i) != HOP_TLS_NEVER)
			dane_bases(s->bases + i, &h);
		for (size_t b = 0; b < s->bases[i].count; b++) {
			dane_tlsa_name(
			    tlsa_name[i][b], host_of(s, i)->hop.port, s->bases[i].name[b]);
			q[n++] = (struct lookup_question){ .name = tlsa_name[i][b],
				.type = ANSWERS_TLSA,
				.answers = &tlsa_of[i][b] };
		}
	}
	if (n)
		lookup_ask(&s->w->lookup, q, n);
}

/* judge - whether DANE holds for a host; sets the names that its certificate may be for. */
static enum dane_result
judge(struct slice *s, size_t i, struct hop *hop)
{
	struct answers const *tlsa[DANE_BASES_MAX] = { &tlsa_of[i][0], &tlsa_of[i][1] };
	size_t which = 0;
	enum dane_result const r = dane_judge(hop, tlsa, s->bases[i].count, &which);

	if (r == DANE_HOLDS)
		dane_reference(
		    hop, s->bases[i].name[which], s->w->domain, s->w->expanded, name_of(s, i));
	return r;
}

/*
 * set_names - without DANE. A name that only an unsigned MX record gave proves nothing: where
 * the certificate decides, it must be for the domain then.
 */
static void
set_names(struct slice const *s, size_t i, struct hop *hop, int by_policy)
{
	int const only_domain = !s->w->is_route && !s->w->secure && !by_policy &&
				hop->tls == HOP_TLS_VERIFY && *s->w->domain;

	if (only_domain)
		dane_reference(hop, s->w->domain, 0, 0, 0);
	else
		dane_reference(
		    hop, name_of(s, i), s->w->is_route || by_policy ? 0 : s->w->domain, 0, 0);
}

/* policy_for - the MTA-STS policy, if it lets mail go to the host; *banned if it forbids that. */
static struct sts_policy const *
policy_for(struct slice const *s, size_t i, enum dane_result dane, int *banned)
{
	struct way const *const w = s->w;

	*banned = 0;
	if (!w->has_policy || w->policy.mode == STS_NONE || dane == DANE_HOLDS)
		return 0;
	if (sts_matches(&w->policy, name_of(s, i)))
		return &w->policy;
	log_begin("policy");
	log_str("domain", w->domain);
	log_str("host", name_of(s, i));
	log_str("reason", "the MTA-STS policy does not list this host");
	log_str("mode", w->policy.mode == STS_ENFORCE ? "enforce" : "testing");
	log_end();
	*banned = w->policy.mode == STS_ENFORCE && base_of(s, i) != HOP_TLS_NEVER;
	return 0;
}

/* note_no_address - why there is none. */
static void
note_no_address(struct slice const *s, size_t i, struct verdict *v)
{
	struct answers const *const bad = failed(a_of + i) ? a_of + i : aaaa_of + i;
	char const *const name = name_of(s, i);
	struct way const *const w = s->w;

	if (failed(bad))
		verdict_note(
		    v, VERDICT_DNS, "Z4.4.3", "%s: DNS look-up failed: %s", name, why_failed(bad));
	else if (w->is_route) /* that is the admin's mistake, and not the sender's */
		verdict_note(v, VERDICT_NO_HOST, "Z4.4.3", "%s: the host has no address", name);
	else if (!strcmp(name, w->domain))
		verdict_note(v, VERDICT_NO_HOST, "D5.4.4",
		    "%s: the domain has no mail server: no MX record and no address", name);
	else
		verdict_note(v, VERDICT_NO_HOST, "D5.4.4",
		    "%s: the domain's mail server %s has no address", w->domain, name);
}

static void
set_addresses(struct slice const *s, size_t i, struct verdict *v)
{
	struct plan_host *const h = host_of(s, i);

	plan_set_addresses(h, a_of + i, aaaa_of + i, seed());
	if (!h->count)
		note_no_address(s, i, v);
	if (a_of[i].count)
		note_ttl(s->w, a_of[i].ttl);
	if (aaaa_of[i].count)
		note_ttl(s->w, aaaa_of[i].ttl);
}

/* set_host - all that is known of a host now. */
static void
set_host(struct slice *s, size_t i, struct verdict *v)
{
	struct plan_host *const h = host_of(s, i);
	struct hop *const hop = &h->hop;
	struct sts_policy const *policy;
	enum dane_result dane;
	int banned;

	h->resolved = 1;
	set_addresses(s, i, v);
	if (!h->count)
		return;
	snprintf(hop->host, sizeof hop->host, "%s", name_of(s, i));
	hop->route = s->w->is_route;
	hop->rate = s->w->conf->rate > 0;
	dane = judge(s, i, hop);
	policy = policy_for(s, i, dane, &banned);
	level_set(hop, base_of(s, i), dane, policy);
	if (dane != DANE_HOLDS)
		set_names(s, i, hop, policy != 0);
	hop->secure = s->w->is_route || s->w->secure || (policy && policy->mode == STS_ENFORCE);
	if (dane == DANE_FAILED)
		verdict_note(v, VERDICT_POLICY, "Z4.4.3",
		    "%s: the look-up of its TLSA records failed: no mail may go there",
		    name_of(s, i));
	if (banned)
		verdict_note(v, VERDICT_POLICY, "Z4.7.5",
		    "%s: the MTA-STS policy of %s does not list this host", name_of(s, i),
		    s->w->domain);
	if (dane == DANE_FAILED || banned)
		h->count = 0;
}

static void
resolve_slice(struct slice *s, struct verdict *v)
{
	ask_addresses(s);
	for (size_t i = 0; i < s->count; i++)
		s->bases[i].count = 0;
	if (s->w->lookup.validated && (s->w->is_route || s->w->secure)) {
		ask_cnames(s);
		ask_tlsa(s);
	}
	for (size_t i = 0; i < s->count; i++)
		set_host(s, i, v);
}

/* ---- whether it is ourselves */

static int
is_us(struct way const *w, size_t i)
{
	struct plan_host const *const h = w->plan.host + i;
	char const *const name = w->plan.mx.host[i].name;

	if (!strcmp(name, w->conf->me) || !strcmp(name, w->conf->helohost))
		return 1;
	for (size_t k = 0; k < h->count; k++)
		if (own_has(w->own, &h->address[k].ip))
			return 1;
	return 0;
}

static void
cut_us(struct way *w, size_t first, size_t end, struct verdict *v)
{
	for (size_t i = first; i < end; i++) {
		if (!is_us(w, i))
			continue;
		if (first)
			verdict_note(v, VERDICT_NO_HOST, "Z4.4.1",
			    "%s: behind its better mail servers comes this host itself", w->domain);
		else
			verdict_note(v, VERDICT_CONNECTED, "D5.4.6",
			    "%s: mail for this domain would come back to us: its mail server %s is "
			    "this host, but the domain is not among its own",
			    w->domain, w->plan.mx.host[i].name);
		plan_cut(&w->plan, i);
		return;
	}
}

void
way_resolve(struct way *w, size_t first, struct verdict *v)
{
	size_t const end = mx_end_of_group(&w->plan.mx, first);

	for (size_t i = first; i < end; i += SLICE) {
		struct slice s = { .w = w, .first = i };

		s.count = end - i < SLICE ? end - i : SLICE;
		resolve_slice(&s, v);
	}
	if (!w->is_route)
		cut_us(w, first, end, v);
}
