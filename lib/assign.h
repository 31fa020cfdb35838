#ifndef LIB_ASSIGN_H
#define LIB_ASSIGN_H

/*
 * assign - look a local part up in users/cdb, which deliver-users compiles from
 * users/assign (users(5), qmail's format). No I/O: the cdb is memory.
 */

#include <stddef.h>
#include <sys/types.h>

#include <skalibs/cdb.h>

#define ASSIGN_LOCAL_MAX 1024 /* octets of a local part that is looked up */

/* What an assignment says. The texts are in the cdb, none ended by NUL. */
struct assign {
	char const *user, *home, *dash, *ext;
	size_t userlen, homelen, dashlen, extlen;
	uid_t uid;
	gid_t gid;
	size_t used; /* octets of the local part that were matched: the rest belongs to ext */
};

/*
 * assign_find - exact first, then the longest wildcard; local is lower-case. 1, 0 not
 * in it, or -1: the file is damaged, or names uid 0, for which nothing ever runs.
 */
int assign_find(cdb const *users, char const *local, size_t len, struct assign *a);

#endif
