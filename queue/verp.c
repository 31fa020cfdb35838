#include "verp.h"

#include <string.h>

static char const suffix[] = "-@[]";

#define SUFFIX_LEN (sizeof suffix - 1)

int
verp_is(char const *sender, size_t len)
{
	return len > SUFFIX_LEN && !memcmp(sender + len - SUFFIX_LEN, suffix, SUFFIX_LEN) &&
	       memchr(sender, '@', len - SUFFIX_LEN);
}

/* at - where the domain's @ is, among the len octets. */
static size_t
at(char const *s, size_t len)
{
	while (len && s[len - 1] != '@')
		len--;
	return len ? len - 1 : 0;
}

size_t
verp_sender(char *to, char const *sender, size_t len, char const *rcpt)
{
	size_t const rcptlen = strlen(rcpt);
	size_t base, middle;

	if (!verp_is(sender, len) || len + rcptlen > 2 * ADDRESS_MAX)
		return 0;
	len -= SUFFIX_LEN;
	base = at(sender, len);
	middle = at(rcpt, rcptlen);
	memcpy(to, sender, base);
	memcpy(to + base, rcpt, rcptlen);
	if (middle)
		to[base + middle] = '=';
	memcpy(to + base + rcptlen, sender + base, len - base);
	return len + rcptlen;
}

size_t
verp_owner(char *to, char const *sender, size_t len)
{
	if (!verp_is(sender, len) || len > 2 * ADDRESS_MAX)
		return 0;
	memcpy(to, sender, len - SUFFIX_LEN);
	return len - SUFFIX_LEN;
}
