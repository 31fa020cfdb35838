#ifndef LIB_ALIAS_H
#define LIB_ALIAS_H

/*
 * alias - look a name up in aliases.cdb, which deliver-aliases compiles from aliases
 * (aliases(5)). No I/O: the cdb is memory.
 *
 * A key is an alias's name, lower-case; its data is the owner's address or nothing, a NUL,
 * then instructions as in a .qmail file. The key "" has the names of the files that it was
 * compiled from, each ended by NUL.
 */

#include <stddef.h>

#include <skalibs/cdb.h>

#define ALIAS_NAME_MAX 1024       /* octets of a name */
#define ALIAS_TEXT_MAX (1U << 20) /* octets of one alias's instructions */
#define ALIAS_CATCHALL "default"

/* Both texts are in the cdb; owner is ended by NUL, text is not. */
struct alias {
	char const *owner, *text;
	size_t ownerlen, textlen;
};

/* alias_find - name is lower-case. 1, 0 there is none, -1 the file is damaged. */
int alias_find(cdb const *aliases, char const *name, size_t len, struct alias *a);

/*
 * alias_find_default - the same for a name that has no alias of its own, cut at each of the
 * delimiters from the right: "a-b-c" is taken by "a-b-default", "a-b", "a-default", "a" or
 * "default". An empty extension is never cut off.
 */
int alias_find_default(
    cdb const *aliases, char const *name, size_t len, char const *delimiters, struct alias *a);

#endif
