#ifndef RELAY_CONTENT_H
#define RELAY_CONTENT_H

/*
 * content - the message itself: a small one is kept, one in a file is read when it is
 * wanted, as often as it is wanted; what is neither is gone when it has passed. Reads with
 * pread(2) from a descriptor that came with an F frame; no other I/O.
 */

#include <stddef.h>
#include <stdint.h>

#include "stream.h"
#include "survey.h"
#include "wireform.h"

#define CONTENT_SMALL 65536 /* octets of a message that is kept, and of a piece of a file */

struct content {
	int fd;           /* of the file, or -1 */
	uint64_t at, len; /* what of it is the message */
	size_t used;      /* octets of small */
	int passing;      /* it was too much to be kept, and has gone by */
	int surveyed;
	struct survey survey;
	char small[CONTENT_SMALL];
	char piece[CONTENT_SMALL];
	char wire[2 * CONTENT_SMALL + WIREFORM_ROOM + WIREFORM_END_MAX];
};

void content_init(struct content *c);

/* content_begin - forget the message before, and close its file. */
void content_begin(struct content *c);

/* content_data - keep more of it: 1, or 0 when there is too much: then nothing more is kept. */
int content_data(struct content *c, char const *data, size_t len);

/* content_file - an F frame: 1, or 0 if it is malformed. Its descriptor is taken in any case. */
int content_file(struct content *c, struct frame const *f);

/* content_survey - look it through, once: 1, or 0 with errno. */
int content_survey(struct content *c);

/* content_each - hand it over in pieces, until take returns 0: 1, or 0 with errno (0: take's). */
int content_each(struct content *c, int (*take)(void *to, char const *data, size_t len), void *to);

/* content_wire - a small message as BDAT sends it, whole, or null. */
char const *content_wire(struct content *c, size_t *len);

#endif
