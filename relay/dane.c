#include "dane.h"

#include <stdio.h>
#include <string.h>

static int
has_records(struct answers const *a)
{
	return a->result == ANSWERS_OK && a->count;
}

/* is_secure - all that was found out about its addresses was validated. */
static int
is_secure(struct dane_host const *h)
{
	if (!has_records(h->a) && !has_records(h->aaaa))
		return 0;
	return (h->a->secure || answers_failed(h->a)) &&
	       (h->aaaa->secure || answers_failed(h->aaaa));
}

static struct answers const *
with_records(struct dane_host const *h)
{
	return has_records(h->a) ? h->a : h->aaaa;
}

int
dane_wants_cname(struct dane_host const *h)
{
	return (has_records(h->a) || has_records(h->aaaa)) && with_records(h)->aliased &&
	       !is_secure(h);
}

void
dane_bases(struct dane_bases *b, struct dane_host const *h)
{
	b->count = 0;
	if (is_secure(h)) {
		if (with_records(h)->aliased)
			b->name[b->count++] = with_records(h)->name;
		b->name[b->count++] = h->name;
	} else if (dane_wants_cname(h) && h->cname && h->cname->result == ANSWERS_OK &&
		   h->cname->secure) {
		b->name[b->count++] = h->name;
	}
}

void
dane_tlsa_name(char *to, unsigned int port, char const *name)
{
	snprintf(to, DANE_NAME_MAX, "_%u._tcp.%s", port & 0xffff, name);
}

/* is_usable - for mail: DANE-TA and DANE-EE (RFC 7672 3.1), with data of the right length. */
static int
is_usable(struct hop_tlsa const *t)
{
	static size_t const sizes[] = { 0, 32, 64 }; /* matching: whole, SHA-256, SHA-512 */

	if ((t->usage != 2 && t->usage != 3) || t->selector > 1 || t->matching > 2)
		return 0;
	return t->matching ? t->len == sizes[t->matching] : t->len > 0;
}

/* take - one record into the hop, if it is usable and there is room. */
static void
take(struct hop *hop, unsigned char const *data, size_t len)
{
	struct hop_tlsa t = { .usage = data[0], .selector = data[1], .matching = data[2] };

	if (len - 3 > sizeof t.data || hop->tlsas == HOP_TLSA_MAX)
		return;
	t.len = (uint16_t)(len - 3);
	memcpy(t.data, data + 3, t.len);
	if (is_usable(&t))
		hop->tlsa[hop->tlsas++] = t;
}

enum dane_result
dane_judge(struct hop *hop, struct answers const *const *tlsa, size_t count, size_t *which)
{
	hop->tlsas = 0;
	for (size_t i = 0; i < count; i++) {
		struct answers const *const a = tlsa[i];

		if (answers_failed(a))
			return DANE_FAILED;
		if (!a->secure || !has_records(a))
			continue;
		for (size_t k = 0; k < a->count; k++)
			take(hop, (unsigned char const *)answers_data(a, k), a->record[k].len);
		*which = i;
		return hop->tlsas ? DANE_HOLDS : DANE_UNUSABLE;
	}
	return DANE_NONE;
}

static void
add_name(struct hop *hop, char const *name)
{
	size_t const len = name ? strlen(name) : 0;

	if (!len || len >= HOP_NAME_MAX || hop->names == HOP_NAMES_MAX)
		return;
	for (size_t i = 0; i < hop->names; i++)
		if (!strcmp(hop->name[i], name))
			return;
	memcpy(hop->name[hop->names++], name, len + 1);
}

void
dane_reference(
    struct hop *hop, char const *base, char const *domain, char const *expanded, char const *host)
{
	hop->names = 0;
	add_name(hop, base);
	add_name(hop, domain);
	add_name(hop, expanded);
	add_name(hop, host);
}
