#ifndef SMTPD_TALLY_H
#define SMTPD_TALLY_H

/*
 * tally - what all connections together remember of logging in: failures of an address and of
 * a user, and how much a user has sent. Kept as notes (lib/notes.h) under a digest of the
 * name; without the file (fd -1) nothing is remembered.
 */

#include <stddef.h>
#include <stdint.h>

#define TALLY_FORGET 180          /* seconds after which one failure is forgotten */
#define TALLY_KNOWN  (30 * 86400) /* seconds for which a user's address stays known */
#define TALLY_HOUR   3600

/* What a name is the name of. */
enum tally_kind {
	TALLY_ADDRESS = 'a',
	TALLY_USER = 'u',
	TALLY_PAIR = 'p', /* a user and his address */
	TALLY_SENT = 's', /* a user, by what he sent */
};

struct tally {
	int fd;
};

/* tally_open - the file (it is made if it is not there): 1, or 0 with errno; t can be used. */
int tally_open(struct tally *t, char const *path);

/*
 * tally_failures - failures that are not forgotten yet; now is in seconds since 1970.
 * tally_fail - one more: how many there are with it. tally_forgive - it was none.
 */
uint64_t tally_failures(
    struct tally const *t, enum tally_kind kind, char const *name, uint64_t now);
uint64_t tally_fail(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now);
void tally_forgive(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now);

/* tally_known - whether tally_know was told that name lately. */
int tally_known(struct tally const *t, char const *name, uint64_t now);
void tally_know(struct tally const *t, char const *name, uint64_t now);

/* tally_send - count recipients of an hour, of which rate are allowed: 1, or 0 they are too many.
 */
int tally_send(
    struct tally const *t, char const *name, uint64_t now, uint64_t rate, uint64_t count);

#endif
