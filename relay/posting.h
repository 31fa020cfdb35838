#ifndef RELAY_POSTING_H
#define RELAY_POSTING_H

/*
 * posting - a message on its way through a dialogue, behind DATA: converted where the server
 * needs that (mime.h), then as the wire wants it (wireform.h). Does I/O through dialogue.
 */

#include <stddef.h>

#include "dialogue.h"
#include "mime.h"
#include "wireform.h"

#define POSTING_BUFFER 65536

struct posting {
	struct dialogue *d;
	int convert;
	struct wireform form;
	struct mime mime;
	char text[POSTING_BUFFER]; /* from mime to wireform */
	char wire[POSTING_BUFFER]; /* from there to the dialogue */
};

/*
 * posting_begin - remove: enum mime_need, what must not get to the server as it is; 0 for no
 * conversion. plan: of this message, or null.
 */
void posting_begin(
    struct posting *p, struct dialogue *d, unsigned int remove, struct mime_plan const *plan);

/* posting_data - the next octets; 1, or 0 when the connection takes no more. */
int posting_data(struct posting *p, char const *data, size_t len);

/* posting_end - the rest, and the final dot. */
void posting_end(struct posting *p);

#endif
