#include "recipients.h"

#include <string.h>

void
recipients_clear(struct recipients *r)
{
	r->list.len = 0;
	r->settled = 0;
}

int
recipients_add(struct recipients *r, char const *address, size_t len, int local)
{
	if (!stralloc_readyplus(&r->list, len + 2))
		return 0;
	stralloc_catb(&r->list, local ? "l" : "r", 1);
	stralloc_catb(&r->list, address, len);
	stralloc_0(&r->list);
	return 1;
}

char const *
recipients_owed(struct recipients const *r)
{
	return r->settled < r->list.len ? r->list.s + r->settled + 1 : 0;
}

void
recipients_settle(struct recipients *r, int accepted)
{
	size_t const len = strlen(r->list.s + r->settled) + 1;

	if (accepted) {
		r->settled += len;
		return;
	}
	memmove(
	    r->list.s + r->settled, r->list.s + r->settled + len, r->list.len - r->settled - len);
	r->list.len -= len;
}

char const *
recipients_only(struct recipients const *r)
{
	if (!r->settled || strlen(r->list.s) + 1 != r->settled)
		return 0;
	return r->list.s + 1;
}

int
recipients_has_local(struct recipients const *r, char const *address, size_t len)
{
	for (size_t i = 0; i < r->settled;) {
		size_t const n = strlen(r->list.s + i) - 1;

		if (r->list.s[i] == 'l' && n == len && !memcmp(r->list.s + i + 1, address, len))
			return 1;
		i += n + 2;
	}
	return 0;
}
