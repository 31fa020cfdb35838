#ifndef DELIVER_NEWCDB_H
#define DELIVER_NEWCDB_H

/*
 * newcdb - write a cdb that takes its place at once: under a temporary name, synced,
 * then renamed, so that a reader has the old one or the new one, whatever happens.
 * Does file I/O in one directory that is opened before the sandbox closes.
 */

#include <stddef.h>

#include <skalibs/cdbmake.h>

#define NEWCDB_NAME_MAX 64

struct newcdb {
	int dir;                    /* where it goes */
	int fd;                     /* of the temporary file */
	char const *name;           /* what it will be called */
	char temp[NEWCDB_NAME_MAX]; /* what it is called until then */
	cdbmaker maker;
};

/*
 * newcdb_open - make the temporary file in the open directory dir.
 * newcdb_add - one pair; the same key twice gives the first one when looked up.
 * newcdb_commit - end it, sync it, and give it its name.
 * All return 1, or 0 with errno. newcdb_drop - take the temporary file away instead.
 */
int newcdb_open(struct newcdb *n, int dir, char const *name);
int newcdb_add(struct newcdb *n, char const *key, size_t keylen, char const *data, size_t len);
int newcdb_commit(struct newcdb *n);
void newcdb_drop(struct newcdb *n);

#endif
