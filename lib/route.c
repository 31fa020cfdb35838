#include "route.h"

#include <string.h>
#include <strings.h>

#include "control.h"

/* colon_of - where an entry's prefix begins; an address literal has colons too. */
static char const *
colon_of(char const *entry, size_t len)
{
	return memrchr(entry, ':', len);
}

/* find_virtual - the entry with this key: sets the prefix and returns 1, or 0. */
static int
find_virtual(struct route *to, stralloc const *virtualdomains, char const *key, size_t keylen)
{
	char const *entry;
	size_t len, pos = 0;

	while ((entry = control_next(virtualdomains, &pos, &len))) {
		char const *colon = colon_of(entry, len);

		if (!colon || (size_t)(colon - entry) != keylen || strncasecmp(entry, key, keylen))
			continue;
		to->prefix = colon + 1;
		to->prefixlen = len - keylen - 1;
		return 1;
	}
	return 0;
}

static int
find_any_virtual(struct route *to, stralloc const *virtualdomains, struct address const *a)
{
	char const *domain = a->text + a->at + 1;
	char const *end = a->text + a->len;

	if (find_virtual(to, virtualdomains, a->text, a->len) ||
	    find_virtual(to, virtualdomains, domain, (size_t)(end - domain)))
		return 1;
	for (char const *s = domain; *domain != '[' && s < end; s++)
		if (*s == '.' && find_virtual(to, virtualdomains, s, (size_t)(end - s)))
			return 1;
	return find_virtual(to, virtualdomains, "", 0);
}

void
route_find(struct route *to, stralloc const *locals, stralloc const *virtualdomains,
    struct address const *a)
{
	to->prefix = 0;
	to->prefixlen = 0;
	to->local = a->at == a->len ||
		    control_has_domain(locals, a->text + a->at + 1, a->len - a->at - 1);
	if (to->local)
		return;
	to->local = find_any_virtual(to, virtualdomains, a) && to->prefixlen;
	if (!to->local)
		to->prefix = 0;
}

static int
is_domain(char const *s, size_t len)
{
	return address_domain_is_valid(s, len, 1, 1);
}

char const *
route_check_local(char const *entry, size_t len)
{
	if (*entry == '.')
		return "begins with a dot: name each host, or use virtualdomains for all below one";
	if (memchr(entry, ':', len) && *entry != '[')
		return "holds a colon: prefixes belong into virtualdomains";
	if (!is_domain(entry, len))
		return "is not a domain: write one host or domain name a line";
	return 0;
}

/* is_virtual_key - "", ".suffix", "domain" or "user@domain". */
static int
is_virtual_key(char const *key, size_t len)
{
	char const *at = memrchr(key, '@', len);

	if (!len)
		return 1;
	if (at)
		return at > key && is_domain(at + 1, len - (size_t)(at - key) - 1);
	return is_domain(key + (*key == '.'), len - (*key == '.'));
}

char const *
route_check_virtual(char const *entry, size_t len, size_t max)
{
	char const *colon = colon_of(entry, len);
	size_t prefix;

	if (!colon || memchr(colon, ']', len - (size_t)(colon - entry)))
		return "has no colon: write domain:prefix, where prefix is a user's name";
	prefix = len - (size_t)(colon - entry) - 1;
	if (!is_virtual_key(entry, (size_t)(colon - entry)))
		return "does not begin with a domain, .suffix or user@domain: write domain:prefix";
	if (prefix > max)
		return "has a prefix of more than 128 octets: make it shorter";
	if (memchr(colon, '@', prefix + 1) || memchr(colon, '/', prefix + 1) ||
	    memchr(colon, ' ', prefix + 1) || memchr(colon, '\t', prefix + 1))
		return "has a prefix with a blank, @ or /: it must be the beginning of a local part";
	return 0;
}
