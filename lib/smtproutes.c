#include "smtproutes.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "address.h"

#define IP_TEXT_MAX INET6_ADDRSTRLEN

static int
is_ip(int family, char const *text, size_t len)
{
	char copy[IP_TEXT_MAX];
	unsigned char octet[16];

	if (len >= sizeof copy)
		return 0;
	memcpy(copy, text, len);
	copy[len] = 0;
	return inet_pton(family, copy, octet) == 1;
}

/* take_port - the decimal number from 1 to 65535 that is all of text; 0 it is none. */
static unsigned int
take_port(char const *text, size_t len)
{
	unsigned int port = 0;

	if (len > 5)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return 0;
		port = port * 10 + (unsigned int)(text[i] - '0');
	}
	return port <= 65535 ? port : 0;
}

/* take_key - up to the colon: its length, or what is wrong. A literal has colons of its own. */
static char const *
take_key(struct smtproute *r, char const *entry, size_t len)
{
	char const *const bracket = len && *entry == '[' ? memchr(entry, ']', len) : 0;
	size_t const skip = bracket ? (size_t)(bracket - entry) : 0;
	char const *const colon = memchr(entry + skip, ':', len - skip);
	size_t dot;

	if (!colon)
		return "has no colon: write domain:host, or :host for all domains";
	r->key = entry;
	r->keylen = (size_t)(colon - entry);
	dot = r->keylen && *entry == '.';
	if (r->keylen && !address_domain_is_valid(entry + dot, r->keylen - dot, 1, 1))
		return "begins with what is no domain: write a domain, a .suffix or nothing "
		       "before the colon";
	return 0;
}

/* take_bracketed - "[address]" with what follows it in *rest. */
static char const *
take_bracketed(struct smtproute *r, char const *text, size_t len, size_t *rest)
{
	char const *const end = memchr(text, ']', len);
	size_t skip;

	if (!end)
		return "has no ] behind its [: write [address]";
	skip = len > 6 && !strncasecmp(text, "[IPv6:", 6) ? 6 : 1;
	r->host = text + skip;
	r->hostlen = (size_t)(end - r->host);
	*rest = (size_t)(end - text) + 1;
	return is_ip(AF_INET6, r->host, r->hostlen) || is_ip(AF_INET, r->host, r->hostlen)
		   ? 0
		   : "has brackets around what is no address";
}

char const *
smtproutes_target(struct smtproute *r, char const *text, size_t len)
{
	char const *colon, *wrong = 0;
	size_t rest;

	r->port = 0;
	if (memchr(text, ' ', len) || memchr(text, '\t', len))
		return "has a blank in it: user and password of a host go into smarthostauth, "
		       "not here";
	if (len && *text == '[') {
		wrong = take_bracketed(r, text, len, &rest);
		if (wrong)
			return wrong;
	} else {
		colon = memchr(text, ':', len);
		if (colon && memchr(colon + 1, ':', len - (size_t)(colon - text) - 1))
			return "has too many colons: write an IPv6 address in brackets";
		rest = colon ? (size_t)(colon - text) : len;
		r->host = text;
		r->hostlen = rest;
		if (!address_domain_is_valid(text, rest, 0, 1))
			return "has no host where one must be: write a host's name or address";
	}
	if (rest == len)
		return 0;
	if (text[rest] != ':')
		return "has something behind the ]: write [address]:port";
	r->port = take_port(text + rest + 1, len - rest - 1);
	return r->port ? 0 : "has no port behind its last colon: write a number from 1 to 65535";
}

char const *
smtproutes_parse(struct smtproute *r, char const *entry, size_t len)
{
	char const *const wrong = take_key(r, entry, len);
	char const *host;
	size_t hostlen;

	if (wrong)
		return wrong;
	host = r->key + r->keylen + 1;
	hostlen = len - r->keylen - 1;
	r->host = host;
	r->hostlen = 0;
	r->port = 0;
	return hostlen ? smtproutes_target(r, host, hostlen) : 0;
}

char const *
tlsroutes_parse(struct smtproute *r, int *level, char const *entry, size_t len)
{
	static char const *const words[] = { "never", "may", "must", "verify" };
	char const *const wrong = take_key(r, entry, len);
	char const *word;
	size_t n;

	if (wrong)
		return wrong;
	word = r->key + r->keylen + 1;
	n = len - r->keylen - 1;
	r->host = word;
	r->hostlen = 0;
	r->port = 0;
	for (int i = 0; i < (int)(sizeof words / sizeof *words); i++)
		if (n == strlen(words[i]) && !strncasecmp(word, words[i], n)) {
			*level = i;
			return 0;
		}
	return "has no level behind its colon: write never, may, must or verify";
}

size_t
smtproutes_fits(struct smtproute const *r, char const *domain)
{
	size_t const len = strlen(domain);

	if (!r->keylen)
		return 1;
	if (*r->key == '.')
		return r->keylen < len && !strncasecmp(r->key, domain + len - r->keylen, r->keylen)
			   ? 1 + r->keylen
			   : 0;
	return r->keylen == len && !strncasecmp(r->key, domain, len) ? 2 + len : 0;
}
