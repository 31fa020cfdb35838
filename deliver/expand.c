#include "expand.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "lines.h"
#include "qmail.h"
#include "route.h"

#define OWNER "owner-"

/* One alias that is being taken apart, and the one in whose targets it stands. */
struct level {
	struct aliases_name const *name;
	struct level const *outer;
	size_t depth;
};

struct work {
	struct expand *x;
	struct lines lines;
	struct aliases_error *error;
};

static int expand_targets(struct work *w, struct level const *at, size_t first, size_t count);

static int
bad(struct work *w, size_t line, size_t file, char const *text)
{
	w->error->line = line;
	w->error->file = file;
	w->error->text = text;
	return ALIASES_BAD;
}

static int
add(struct work *w, char prefix, char const *text)
{
	return lines_add(&w->lines, prefix, text) == -1 ? ALIASES_NOMEM : ALIASES_OK;
}

static char const *
text_of(struct expand const *x, size_t at)
{
	return x->aliases->pool.s + at;
}

/* owner_of - the alias owner-NAME, or null. */
static struct aliases_name const *
owner_of(struct expand const *x, struct aliases_name const *name)
{
	char owner[sizeof OWNER + ALIASES_NAME_MAX];

	snprintf(owner, sizeof owner, OWNER "%s", text_of(x, name->text));
	return aliases_find(x->aliases, owner);
}

/* local_name - the lower-case name of an address that is local, into to; 0 for others. */
static int
local_name(struct expand const *x, struct address const *a, char to[ADDRESS_LOCAL_MAX + 1])
{
	struct route route;
	size_t len;

	route_find(&route, &x->db->locals, &x->db->virtualdomains, a);
	if (!route.local || route.prefix)
		return 0;
	len = address_local(a, to);
	for (size_t i = 0; i < len; i++)
		to[i] = (char)tolower((unsigned char)to[i]);
	to[len] = 0;
	return 1;
}

/* qualify - an address of ours for a local name, with tail behind the local part. */
static int
qualify(struct address *a, struct expand const *x, char const *local, char const *tail)
{
	char text[2 * ADDRESS_LOCAL_MAX + ADDRESS_DOMAIN_MAX + 8];
	size_t n = 0;

	/* quoted, whatever it is: address_parse takes off what is not needed */
	text[n++] = '"';
	for (size_t part = 0; part < 2; part++)
		for (char const *s = part ? tail : local; *s; s++) {
			if (*s == '"' || *s == '\\')
				text[n++] = '\\';
			text[n++] = *s;
		}
	n += (size_t)snprintf(text + n, sizeof text - n, "\"@%s", x->domain);
	return address_parse(a, text, n, ADDRESS_UTF8_OK) == ADDRESS_OK;
}

/* is_default - whether the names that no alias has for itself may have a "default" one. */
static int
has_default(struct expand const *x)
{
	struct aliases_name const *name = genalloc_s(struct aliases_name, &x->aliases->names);
	size_t const n = genalloc_len(struct aliases_name, &x->aliases->names);

	for (size_t i = 0; i < n; i++) {
		char const *text = text_of(x, name[i].text);
		size_t const len = strlen(text);

		if (len >= 7 && !strcmp(text + len - 7, "default"))
			return 1;
	}
	return 0;
}

/* add_user - a local name that is no alias, or is meant past it. */
static int
add_user(struct work *w, struct aliases_target const *t, char const *local, int past)
{
	char const *delimiters = w->x->db->delimiters.s;
	char const tail[2] = { strchr(delimiters, '+') ? '+' : *delimiters, 0 };
	struct address a;

	if (past && !*tail)
		return bad(w, t->line, t->file,
		    "needs an octet between user and extension: put one into control/delimiters");
	if (!qualify(&a, w->x, local, past ? tail : ""))
		return bad(w, t->line, t->file, "has too long a name: make it shorter");
	if (recipient_find(w->x->db, &a, &w->x->recipient) == RECIPIENT_UNKNOWN &&
	    (past || !has_default(w->x)))
		w->x->unknown(w->x->context, t);
	return add(w, '&', a.text);
}

static int
in_circle(struct level const *at, struct aliases_name const *name)
{
	for (; at; at = at->outer)
		if (at->name == name)
			return 1;
	return 0;
}

/* add_alias - an alias among the targets of another, or of itself. */
static int
add_alias(struct work *w, struct level const *at, struct aliases_target const *t,
    struct aliases_name const *name)
{
	struct level const inner = { name, at, at->depth + 1 };
	struct address a;

	if (at->name == name)
		return add_user(w, t, text_of(w->x, name->text), 1);
	if (in_circle(at, name))
		return bad(w, t->line, t->file,
		    "closes a circle of aliases: let one of them end at a user or another host");
	if (inner.depth > EXPAND_DEPTH_MAX)
		return bad(
		    w, t->line, t->file, "is more than 50 aliases deep: name the targets directly");
	if (owner_of(w->x, name))
		return qualify(&a, w->x, text_of(w->x, name->text), "") ? add(w, '&', a.text)
									: ALIASES_NOMEM;
	return expand_targets(w, &inner, name->first, name->count);
}

static int
expand_address(struct work *w, struct level const *at, struct aliases_target const *t)
{
	char local[ADDRESS_LOCAL_MAX + 1];
	char const *text = text_of(w->x, t->text);
	struct aliases_name const *name;
	struct address a;

	if (address_parse(&a, text, strlen(text), ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK) !=
	    ADDRESS_OK)
		return bad(w, t->line, t->file, "has a target that is no address");
	if (!local_name(w->x, &a, local))
		return add(w, '&', a.text);
	if (t->kind == ALIASES_PAST)
		return add_user(w, t, local, 1);
	name = aliases_find(w->x->aliases, local);
	return name ? add_alias(w, at, t, name) : add_user(w, t, local, 0);
}

static int
expand_targets(struct work *w, struct level const *at, size_t first, size_t count)
{
	struct aliases_target const *t = genalloc_s(struct aliases_target, &w->x->aliases->targets);
	int r = ALIASES_OK;

	for (size_t i = first; i < first + count && r == ALIASES_OK; i++)
		switch (t[i].kind) {
		case ALIASES_ADDRESS:
		case ALIASES_PAST: r = expand_address(w, at, t + i); break;
		case ALIASES_PROGRAM: r = add(w, '|', text_of(w->x, t[i].text)); break;
		case ALIASES_FILE:
			if (strcmp(text_of(w->x, t[i].text), "/dev/null"))
				r = add(w, 0, text_of(w->x, t[i].text));
			break;
		case ALIASES_INCLUDE: r = expand_targets(w, at, t[i].first, t[i].count); break;
		}
	return r;
}

/* set_owner - the address of the alias owner-NAME; an owner's own mail keeps its sender. */
static int
set_owner(struct work *w, struct aliases_name const *name, stralloc *owner)
{
	struct aliases_name const *o = owner_of(w->x, name);
	struct address a;

	owner->len = 0;
	if (!o || !strncmp(text_of(w->x, name->text), OWNER, sizeof OWNER - 1))
		return stralloc_0(owner) ? ALIASES_OK : ALIASES_NOMEM;
	if (!qualify(&a, w->x, text_of(w->x, o->text), ""))
		return bad(w, o->line, 0, "has too long a name: make it shorter");
	return stralloc_copyb(owner, a.text, a.len + 1) ? ALIASES_OK : ALIASES_NOMEM;
}

/* check - that deliver-local will take the text: its own parser has the limits. */
static int
check(struct work *w, struct aliases_name const *name, stralloc const *text)
{
	struct qmail q = { .lines = GENALLOC_ZERO };
	stralloc copy = STRALLOC_ZERO;
	int const r = stralloc_copy(&copy, text) ? qmail_parse(&q, &copy, 0) : -1;

	genalloc_free(struct qmail_line, &q.lines);
	stralloc_free(&copy);
	if (r == -1)
		return ALIASES_NOMEM;
	return r ? ALIASES_OK
		 : bad(w, name->line, 0,
		       "comes to more than one alias may have: at most "
		       "20000 targets and 1 MiB of text, 16 files and 100 programs");
}

enum aliases_result
expand_alias(struct expand *x, struct aliases_name const *name, stralloc *text, stralloc *owner,
    struct aliases_error *error)
{
	struct work w = { .x = x, .error = error };
	struct level const top = { name, 0, 0 };
	int r;

	lines_begin(&w.lines, text);
	r = expand_targets(&w, &top, name->first, name->count);
	if (r == ALIASES_OK && !text->len) /* all was /dev/null: a comment is instructions enough */
		r = add(&w, '#', "");
	lines_free(&w.lines);
	if (r == ALIASES_OK)
		r = check(&w, name, text);
	if (r == ALIASES_OK)
		r = set_owner(&w, name, owner);
	return (enum aliases_result)r;
}
