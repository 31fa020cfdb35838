#include "recipient.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alias.h"
#include "assign.h"
#include "config.h"
#include "passwd.h"
#include "route.h"

_Static_assert(RECIPIENT_USER_MAX >= PASSWD_NAME_MAX && RECIPIENT_HOME_MAX >= PASSWD_HOME_MAX,
    "what passwd has must fit");
_Static_assert(RECIPIENT_EXT_MAX > RECIPIENT_PREFIX_MAX + 1 + ADDRESS_LOCAL_MAX &&
		   ASSIGN_LOCAL_MAX > RECIPIENT_PREFIX_MAX + 1 + ADDRESS_LOCAL_MAX,
    "a local part with a prefix must fit");

/* A local part that is looked up: as given, and lower-case for comparing. */
struct name {
	char const *given;
	char lower[RECIPIENT_EXT_MAX + 1];
	size_t len;
};

/* copy - from, not ended by NUL, into to[max + 1]; 0 if it does not fit. */
static int
copy(char *to, size_t max, char const *from, size_t len)
{
	if (len > max)
		return 0;
	memcpy(to, from, len);
	to[len] = 0;
	return 1;
}

/* set_extension - what is behind the hyphen in a .qmail file's name; a local part fits. */
static void
set_extension(struct recipient *r, char const *ext)
{
	copy(r->dash, sizeof r->dash - 1, "-", 1);
	copy(r->ext, RECIPIENT_EXT_MAX, ext, strlen(ext));
}

static void
name_set(struct name *n, char const *given, size_t len)
{
	n->given = given;
	n->len = len;
	for (size_t i = 0; i < len; i++)
		n->lower[i] = (char)tolower((unsigned char)given[i]);
	n->lower[len] = 0;
}

static int
is_delimiter(struct recipient_db const *db, char ch)
{
	return memchr(db->delimiters.s, ch, db->delimiters.len) != 0;
}

static enum recipient_kind
result(struct recipient *r, enum recipient_kind kind)
{
	return r->kind = kind;
}

/* ---- 1: users/cdb */

static enum recipient_kind
take_assign(struct recipient *r, struct assign const *a, struct name const *n)
{
	char const *rest = n->given + a->used;
	size_t const restlen = n->len - a->used;

	if (!copy(r->user, RECIPIENT_USER_MAX, a->user, a->userlen) ||
	    !copy(r->home, RECIPIENT_HOME_MAX, a->home, a->homelen) ||
	    !copy(r->dash, sizeof r->dash - 1, a->dash, a->dashlen) ||
	    !copy(r->ext, RECIPIENT_EXT_MAX, a->ext, a->extlen) ||
	    !copy(r->ext + a->extlen, RECIPIENT_EXT_MAX - a->extlen, rest, restlen))
		return result(r, RECIPIENT_TROUBLE);
	r->uid = a->uid;
	r->gid = a->gid;
	return result(r, RECIPIENT_LOCAL);
}

static enum recipient_kind
find_assign(struct recipient_db const *db, struct recipient *r, struct name const *n)
{
	struct assign a;
	struct name bare;
	int found;

	if (db->usersfd == -1)
		return result(r, RECIPIENT_UNKNOWN);
	found = assign_find(&db->users, n->lower, n->len, &a);
	if (found == 1)
		return take_assign(r, &a, n);
	if (!found && n->len > 1 && is_delimiter(db, n->lower[n->len - 1])) {
		name_set(&bare, n->given, n->len - 1);
		found = assign_find(&db->users, bare.lower, bare.len, &a);
		if (found == 1)
			return take_assign(r, &a, &bare);
	}
	return result(r, found ? RECIPIENT_TROUBLE : RECIPIENT_UNKNOWN);
}

/* ---- 3: passwd */

static enum recipient_kind
take_passwd(struct recipient *r, struct passwd_entry const *e)
{
	if (!copy(r->user, RECIPIENT_USER_MAX, e->name, strlen(e->name)) ||
	    !copy(r->home, RECIPIENT_HOME_MAX, e->home, strlen(e->home)))
		return result(r, RECIPIENT_TROUBLE);
	r->uid = e->uid;
	r->gid = e->gid;
	return result(r, RECIPIENT_LOCAL);
}

static enum recipient_kind
find_passwd(struct recipient_db const *db, struct recipient *r, struct name const *n)
{
	struct passwd_entry e;
	size_t used = 0;
	int const found = passwd_find_mailbox(
	    db->passwd, n->lower, n->len, db->delimiters.s, (uid_t)db->minuid, &e, &used);

	if (found != 1)
		return result(r, found ? RECIPIENT_TROUBLE : RECIPIENT_UNKNOWN);
	if (used + 1 < n->len)
		set_extension(r, n->given + used + 1);
	return take_passwd(r, &e);
}

/* ---- 2, 4 and 5: aliases, and the user who owns them */

/* use_alias_user - make it user-alias's; the whole name is the extension, as in qmail. */
static enum recipient_kind
use_alias_user(struct recipient_db const *db, struct recipient *r, struct name const *n)
{
	struct passwd_entry e;

	if (passwd_find(db->passwd, CONF_USER_ALIAS, &e) != 1 || !e.uid ||
	    !copy(e.home, PASSWD_HOME_MAX, CONF_HOME_ALIAS, strlen(CONF_HOME_ALIAS)))
		return result(r, RECIPIENT_TROUBLE);
	set_extension(r, n->given);
	return take_passwd(r, &e);
}

static enum recipient_kind
take_alias(
    struct recipient_db const *db, struct recipient *r, struct alias const *a, struct name const *n)
{
	if (!stralloc_copyb(&r->alias, a->text, a->textlen) ||
	    !copy(r->owner, ADDRESS_MAX, a->owner, a->ownerlen))
		return result(r, RECIPIENT_TROUBLE);
	return use_alias_user(db, r, n);
}

static enum recipient_kind
find_alias(struct recipient_db const *db, struct recipient *r, struct name const *n)
{
	struct alias a;
	int found;

	if (db->aliasesfd == -1)
		return result(r, RECIPIENT_UNKNOWN);
	found = alias_find(&db->aliases, n->lower, n->len, &a);
	if (found != 1)
		return result(r, found ? RECIPIENT_TROUBLE : RECIPIENT_UNKNOWN);
	return take_alias(db, r, &a, n);
}

static enum recipient_kind
find_alias_default(struct recipient_db const *db, struct recipient *r, struct name const *n)
{
	struct alias a;
	int found;

	if (db->aliasesfd == -1)
		return result(r, RECIPIENT_UNKNOWN);
	found = alias_find_default(&db->aliases, n->lower, n->len, db->delimiters.s, &a);
	if (found != 1)
		return result(r, found ? RECIPIENT_TROUBLE : RECIPIENT_UNKNOWN);
	return take_alias(db, r, &a, n);
}

/* is_promised - names that RFC 5321 4.5.1 and RFC 2142, and cron, want to exist. */
static int
is_promised(struct name const *n)
{
	return !strcmp(n->lower, "postmaster") || !strcmp(n->lower, "abuse") ||
	       !strcmp(n->lower, "root");
}

/* find_name - the steps 1 to 4 of the header. */
static enum recipient_kind
find_name(struct recipient_db const *db, struct recipient *r, struct name const *n)
{
	static enum recipient_kind (*const steps[])(
	    struct recipient_db const *, struct recipient *, struct name const *) = {
		find_assign,
		find_alias,
		find_passwd,
		find_alias_default,
	};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i](db, r, n) != RECIPIENT_UNKNOWN)
			return r->kind;
	return result(r, RECIPIENT_UNKNOWN);
}

/* find_promised - step 5, for the local part without a prefix. */
static enum recipient_kind
find_promised(struct recipient_db const *db, struct recipient *r, char const *local, size_t len)
{
	struct name n;

	name_set(&n, local, len);
	if (!is_promised(&n))
		return result(r, RECIPIENT_UNKNOWN);
	copy(r->local, RECIPIENT_EXT_MAX, local, len);
	n.given = r->local;
	if (find_name(db, r, &n) != RECIPIENT_UNKNOWN)
		return r->kind;
	return use_alias_user(db, r, &n);
}

static void
clear(struct recipient *r)
{
	r->kind = RECIPIENT_REMOTE;
	r->user[0] = r->home[0] = r->dash[0] = r->ext[0] = r->local[0] = r->owner[0] = 0;
	r->uid = (uid_t)-1;
	r->gid = (gid_t)-1;
	r->alias.len = 0;
}

/* doubt - nobody by that name in a passwd that was replaced since: perhaps in the new one. */
static enum recipient_kind
doubt(struct recipient_db const *db, struct recipient *r)
{
	return result(r, passwd_is_stale(db->passwd) ? RECIPIENT_TROUBLE : RECIPIENT_UNKNOWN);
}

enum recipient_kind
recipient_find(struct recipient_db *db, struct address const *a, struct recipient *r)
{
	char local[ADDRESS_LOCAL_MAX + 1];
	size_t const len = address_local(a, local);
	struct route route;
	struct name n;

	clear(r);
	route_find(&route, &db->locals, &db->virtualdomains, a);
	if (!route.local)
		return r->kind;
	local[len] = 0;
	snprintf(r->local, sizeof r->local, "%.*s%s%s", (int)route.prefixlen,
	    route.prefix ? route.prefix : "", route.prefix ? "-" : "", local);
	name_set(&n, r->local, strlen(r->local));
	if (find_name(db, r, &n) != RECIPIENT_UNKNOWN)
		return r->kind;
	if (find_promised(db, r, local, len) != RECIPIENT_UNKNOWN)
		return r->kind;
	return doubt(db, r);
}

enum recipient_kind
recipient_route(struct recipient_db const *db, struct address const *a)
{
	struct route route;

	route_find(&route, &db->locals, &db->virtualdomains, a);
	return route.local ? RECIPIENT_LOCAL : RECIPIENT_REMOTE;
}
