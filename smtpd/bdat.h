#ifndef SMTPD_BDAT_H
#define SMTPD_BDAT_H

/*
 * bdat - the argument of BDAT, and how much of its chunk is still to come (RFC 3030
 * 2). A chunk is counted and never searched for lines or dots. No I/O.
 */

#include <stddef.h>
#include <stdint.h>

struct bdat {
	uint64_t size; /* octets of the chunk */
	uint64_t left; /* of these, still to be read */
	int last;
};

/* bdat_parse - read "size" or "size LAST": 1, or 0 (501; the size is not known). */
int bdat_parse(struct bdat *b, char const *arg, size_t len);

/* bdat_share - how many of len octets belong to the chunk; they count as read. */
size_t bdat_share(struct bdat *b, size_t len);

#endif
