#ifndef SMTPD_RECEIVE_H
#define SMTPD_RECEIVE_H

/*
 * receive - one message on its way from the client to the next program: what is
 * sent, what is counted, why it is refused. Does I/O on both. What is refused is read on
 * to its end, and no longer sent.
 */

#include "bdat.h"
#include "complete.h"
#include "data.h"
#include "header.h"
#include "next.h"
#include "recipients.h"
#include "session.h"
#include "settings.h"
#include "wire.h"

struct receive {
	struct settings const *set;
	struct wire *wire;
	struct next *next;
	struct recipients const *rcpts; /* for whom it is: loops */
	struct data data;
	struct header header;
	enum outcome outcome;
	int mends;                /* a submission: the header is completed as it passes */
	struct complete complete; /* its texts are the owner's to set before receive_begin */
};

/* receive_begin - a message by DATA (dots) or BDAT; field is its Received field. */
void receive_begin(struct receive *r, int dots, char const *field, size_t len);

/* receive_data - all of a message by DATA; WIRE_OK when its end has come. */
enum wire_result receive_data(struct receive *r);

/* receive_chunk - one chunk of BDAT; the last one ends the message. */
enum wire_result receive_chunk(struct receive *r, struct bdat *b);

/* receive_skip - read a chunk and throw it away. */
enum wire_result receive_skip(struct wire *w, struct bdat *b);

#endif
