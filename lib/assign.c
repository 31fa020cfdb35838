#include "assign.h"

#include <string.h>

#include <skalibs/types.h>

#include "records.h"

/*
 * Keys: "!" and local part and NUL for an exact one, without the NUL for a wildcard; ""
 * has the last octets of all wildcards, so that few prefixes need a look.
 */

/* take - the field at *p, ended by NUL, which *p moves behind. 0 if there is none. */
static int
take(char const **p, char const *end, char const **field, size_t *len)
{
	char const *nul = memchr(*p, 0, (size_t)(end - *p));

	if (!nul)
		return 0;
	*field = *p;
	*len = (size_t)(nul - *p);
	*p = nul + 1;
	return 1;
}

static int
take_id(char const **p, char const *end, unsigned int *id)
{
	char const *text;
	size_t len;

	return take(p, end, &text, &len) && len && uint0_scan(text, id) && *id != (unsigned int)-1;
}

/* parse - user, uid, gid, home, dash, ext; the last one ends with the data. */
static int
parse(struct assign *a, cdb_data const *d)
{
	char const *p = d->s;
	char const *end = d->s + d->len;

	if (!take(&p, end, &a->user, &a->userlen) || !take_id(&p, end, &a->uid) ||
	    !take_id(&p, end, &a->gid) || !take(&p, end, &a->home, &a->homelen) ||
	    !take(&p, end, &a->dash, &a->dashlen))
		return -1;
	a->ext = p;
	a->extlen = strnlen(p, (size_t)(end - p));
	return a->uid && a->userlen && a->homelen && *a->home == '/' && a->dashlen < 2 ? 1 : -1;
}

static int
look(cdb const *users, char const *key, size_t len, struct assign *a)
{
	cdb_data d;
	int const r = records_find(users, &d, key, len);

	return r == 1 ? parse(a, &d) : r;
}

/* may_be_wildcard - whether a prefix with this last octet is worth a look. */
static int
may_be_wildcard(cdb_data const *breaks, char last)
{
	return breaks->len && memchr(breaks->s, last, breaks->len);
}

int
assign_find(cdb const *users, char const *local, size_t len, struct assign *a)
{
	char key[ASSIGN_LOCAL_MAX + 2];
	cdb_data breaks = { .s = "", .len = 0 };
	int r;

	if (len > ASSIGN_LOCAL_MAX)
		return 0;
	key[0] = '!';
	memcpy(key + 1, local, len);
	key[len + 1] = 0;
	a->used = len;
	r = look(users, key, len + 2, a);
	if (r || records_find(users, &breaks, "", 0) == -1)
		return r ? r : -1;
	for (a->used = len; !r; a->used--) {
		if (!a->used)
			return look(users, key, 1, a); /* +: everyone */
		if (may_be_wildcard(&breaks, local[a->used - 1]))
			r = look(users, key, a->used + 1, a);
		if (r)
			break;
	}
	return r;
}
