#include "hopfacts.h"

#include <stdio.h>
#include <string.h>

#include <skalibs/fmtscan.h>
#include <skalibs/types.h>

#include "packet.h"

static char const *const levels[] = {
	[HOP_TLS_NEVER] = "never",
	[HOP_TLS_MAY] = "may",
	[HOP_TLS_MUST] = "must",
	[HOP_TLS_VERIFY] = "verify",
	[HOP_TLS_DANE] = "dane",
};

#define LEVELS (sizeof levels / sizeof *levels)

static void
put_number(char *to, size_t max, size_t *len, char const *key, unsigned int n)
{
	char number[UINT_FMT];

	number[uint_fmt(number, n)] = 0;
	if (n)
		packet_fact(to, max, len, key, number);
}

/* put_tlsa - "3 1 1 hex" */
static void
put_tlsa(char *to, size_t max, size_t *len, struct hop_tlsa const *t)
{
	char text[16 + HOP_TLSA_DATA * 2];
	int n;

	if (t->len > HOP_TLSA_DATA)
		return;
	n = snprintf(text, sizeof text, "%u %u %u ", t->usage, t->selector, t->matching);
	ucharn_fmt(text + n, (char const *)t->data, t->len);
	text[(size_t)n + t->len * 2u] = 0;
	packet_fact(to, max, len, "tlsa", text);
}

void
hop_put_facts(char *to, size_t max, size_t *len, struct hop const *h)
{
	packet_fact(to, max, len, "host", h->host);
	packet_fact(to, max, len, "ip", h->ip);
	put_number(to, max, len, "port", h->port);
	packet_fact(to, max, len, "tls", levels[h->tls]);
	put_number(to, max, len, "implicit", h->implicit != 0);
	put_number(to, max, len, "testing", h->testing != 0);
	put_number(to, max, len, "secure", h->secure != 0);
	put_number(to, max, len, "route", h->route != 0);
	put_number(to, max, len, "anybody", h->anybody != 0);
	put_number(to, max, len, "rate", h->rate != 0);
	for (size_t i = 0; i < h->names && i < HOP_NAMES_MAX; i++)
		packet_fact(to, max, len, "name", h->name[i]);
	for (size_t i = 0; i < h->tlsas && i < HOP_TLSA_MAX; i++)
		put_tlsa(to, max, len, &h->tlsa[i]);
}

int
hop_get_number(char const *value, unsigned int max, unsigned int *to)
{
	return uint0_scan(value, to) && *to <= max;
}

int
hop_get_string(char const *value, char *to, size_t max)
{
	size_t const len = strlen(value);

	if (len >= max)
		return 0;
	memcpy(to, value, len + 1);
	return 1;
}

static int
get_flag(char const *value, int *to)
{
	unsigned int n;

	if (!hop_get_number(value, 1, &n))
		return 0;
	*to = (int)n;
	return 1;
}

static int
get_port(char const *value, uint16_t *to)
{
	unsigned int n;

	if (!hop_get_number(value, 65535, &n))
		return 0;
	*to = (uint16_t)n;
	return 1;
}

static int
get_level(char const *value, enum hop_tls *to)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (!strcmp(value, levels[i])) {
			*to = (enum hop_tls)i;
			return 1;
		}
	return 0;
}

static int
get_name(char const *value, struct hop *h)
{
	return h->names < HOP_NAMES_MAX &&
	       hop_get_string(value, h->name[h->names++], sizeof *h->name);
}

/* get_octet - a number of "3 1 1 hex" and the blank after it. */
static int
get_octet(char const **p, uint8_t *to)
{
	unsigned int n;
	size_t const len = uint_scan(*p, &n);

	if (!len || n > 255 || (*p)[len] != ' ')
		return 0;
	*to = (uint8_t)n;
	*p += len + 1;
	return 1;
}

static int
get_tlsa(char const *value, struct hop *h)
{
	struct hop_tlsa *const t = &h->tlsa[h->tlsas];
	size_t len;

	if (h->tlsas == HOP_TLSA_MAX || !get_octet(&value, &t->usage) ||
	    !get_octet(&value, &t->selector) || !get_octet(&value, &t->matching))
		return 0;
	len = strlen(value);
	if (len % 2 || len / 2 > HOP_TLSA_DATA ||
	    ucharn_scan(value, (char *)t->data, len / 2) != len)
		return 0;
	t->len = (uint16_t)(len / 2);
	h->tlsas++;
	return 1;
}

static int
get_fact(char const *key, char const *value, struct hop *h)
{
	if (!strcmp(key, "host"))
		return hop_get_string(value, h->host, sizeof h->host);
	if (!strcmp(key, "ip"))
		return hop_get_string(value, h->ip, sizeof h->ip);
	if (!strcmp(key, "port"))
		return get_port(value, &h->port);
	if (!strcmp(key, "tls"))
		return get_level(value, &h->tls);
	if (!strcmp(key, "implicit"))
		return get_flag(value, &h->implicit);
	if (!strcmp(key, "testing"))
		return get_flag(value, &h->testing);
	if (!strcmp(key, "secure"))
		return get_flag(value, &h->secure);
	if (!strcmp(key, "route"))
		return get_flag(value, &h->route);
	if (!strcmp(key, "anybody"))
		return get_flag(value, &h->anybody);
	if (!strcmp(key, "rate"))
		return get_flag(value, &h->rate);
	if (!strcmp(key, "name"))
		return get_name(value, h);
	if (!strcmp(key, "tlsa"))
		return get_tlsa(value, h);
	return 1;
}

int
hop_get_facts(char *data, size_t len, struct hop *h)
{
	char const *key, *value;
	size_t pos = 0;

	memset(h, 0, sizeof *h);
	while (pos < len && (key = packet_next(data, len, &pos, &value)))
		if (!get_fact(key, value, h))
			return 0;
	return pos == len;
}
