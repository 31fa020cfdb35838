#ifndef DELIVER_EXPAND_H
#define DELIVER_EXPAND_H

/*
 * expand - what an alias comes to in the end: the text of a .qmail file in which no
 * alias is left that has no owner of its own. No I/O but what recipient_find does.
 *
 * An alias within an alias is replaced by its targets, each kept once. One with an
 * owner-NAME keeps its own envelope sender, so it is mailed to instead. An alias that
 * names itself means the user of that name; a longer circle is a mistake.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "aliases.h"
#include "recipient.h"

#define EXPAND_DEPTH_MAX 50 /* aliases within aliases */

struct expand {
	struct aliases const *aliases; /* sorted */
	struct recipient_db *db;       /* with no aliases.cdb, so that the old one is not asked */
	char const *domain;            /* a local domain: names without one get it */
	/* called for a local name that is nobody's, with the line that names it */
	void (*unknown)(void const *context, struct aliases_target const *target);
	void const *context;
	struct recipient recipient; /* space for look-ups; begin with zeros */
};

/*
 * expand_alias - the instructions of one alias into text, the address of its owner (or
 * nothing) into owner, ended by NUL. ALIASES_OK, ALIASES_BAD with *error, or ALIASES_NOMEM.
 */
enum aliases_result expand_alias(struct expand *x, struct aliases_name const *name, stralloc *text,
    stralloc *owner, struct aliases_error *error);

#endif
