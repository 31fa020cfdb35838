#include "alias.h"

#include <string.h>

#include "records.h"

int
alias_find(cdb const *aliases, char const *name, size_t len, struct alias *a)
{
	cdb_data d;
	char const *nul;
	int const r = len ? records_find(aliases, &d, name, len) : 0;

	if (r != 1)
		return r;
	nul = memchr(d.s, 0, d.len);
	if (!nul)
		return -1;
	a->owner = d.s;
	a->ownerlen = (size_t)(nul - d.s);
	a->text = nul + 1;
	a->textlen = d.len - a->ownerlen - 1;
	return 1;
}

/* find_catchall - the alias "PREFIXdefault", where PREFIX ends with a delimiter or is empty. */
static int
find_catchall(cdb const *aliases, char const *prefix, size_t len, struct alias *a)
{
	char name[ALIAS_NAME_MAX + sizeof ALIAS_CATCHALL];

	memcpy(name, prefix, len);
	memcpy(name + len, ALIAS_CATCHALL, sizeof ALIAS_CATCHALL - 1);
	return alias_find(aliases, name, len + sizeof ALIAS_CATCHALL - 1, a);
}

int
alias_find_default(
    cdb const *aliases, char const *name, size_t len, char const *delimiters, struct alias *a)
{
	int r = 0;

	if (len > ALIAS_NAME_MAX)
		return 0;
	for (size_t cut = len; !r && cut-- > 0;) {
		if (!strchr(delimiters, name[cut]) || cut + 1 == len)
			continue;
		r = find_catchall(aliases, name, cut + 1, a);
		if (!r)
			r = alias_find(aliases, name, cut, a);
	}
	return r ? r : find_catchall(aliases, name, 0, a);
}
