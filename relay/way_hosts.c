/* way_hosts - the hosts of a plan: addresses, DANE, MTA-STS, and whether they are us; see way.h */

#include "way.h"

#include <stdio.h>
#include <string.h>

#include "dane.h"
#include "level.h"
#include "log.h"

#define SLICE 8 /* hosts that are looked up in one flight */

_Static_assert(SLICE *DANE_BASES_MAX <= LOOKUP_QUESTIONS_MAX, "one flight");

/* What is asked about a slice of hosts. */
static struct answers a_of[SLICE], aaaa_of[SLICE], cname_of[SLICE];
static struct answers tlsa_of[SLICE][DANE_BASES_MAX];
static char tlsa_name[SLICE][DANE_BASES_MAX][DANE_NAME_MAX];

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
	struct answers const *const bad = answers_failed(a_of + i) ? a_of + i : aaaa_of + i;
	char const *const name = name_of(s, i);
	struct way const *const w = s->w;

	if (answers_failed(bad)) {
		way_forget_soon(s->w);
		verdict_note(
		    v, VERDICT_DNS, "Z4.4.3", "%s: DNS look-up failed: %s", name, answers_why(bad));
	} else if (w->is_route) { /* that is the admin's mistake, and not the sender's */
		verdict_note(v, VERDICT_NO_HOST, "Z4.4.3", "%s: the host has no address", name);
	} else if (!strcmp(name, w->domain)) {
		verdict_note(v, VERDICT_NO_HOST, "D5.4.4",
		    "%s: the domain has no mail server: no MX record and no address", name);
	} else {
		verdict_note(v, VERDICT_NO_HOST, "D5.4.4",
		    "%s: the domain's mail server %s has no address", w->domain, name);
	}
}

static void
set_addresses(struct slice const *s, size_t i, struct verdict *v)
{
	struct plan_host *const h = host_of(s, i);

	plan_set_addresses(h, a_of + i, aaaa_of + i, way_seed());
	if (!h->count)
		note_no_address(s, i, v);
	if (a_of[i].count)
		way_note_ttl(s->w, a_of[i].ttl);
	if (aaaa_of[i].count)
		way_note_ttl(s->w, aaaa_of[i].ttl);
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
	if (dane == DANE_FAILED) {
		way_forget_soon(s->w);
		verdict_note(v, VERDICT_POLICY, "Z4.4.3",
		    "%s: the look-up of its TLSA records failed: no mail may go there",
		    name_of(s, i));
	}
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
