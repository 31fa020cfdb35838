#ifndef DELIVER_SERVE_H
#define DELIVER_SERVE_H

/*
 * serve - a sink: take messages from the mail stream on descriptors 0 and 1 and give them
 * to a delivery. Does I/O.
 */

#include "delivery.h"
#include "instructions.h"

#define SERVE_RCPTS_MAX 100 /* recipients of one message, where it may have several */

struct serve {
	struct delivery *delivery;
	char const *only; /* the one address that it is for; null: any, all in one delivery */
	struct instructions const *watch; /* look for changes before each message; or null */
	struct answer refusal; /* with a code: no message can be taken, and this is why */
};

/*
 * serve - until the source closes the stream: 1. Also when the instructions have
 * changed (then M stays without an answer, and the source asks for a new sink), and after
 * one refused message. 0 when the stream is malformed or broken.
 */
int serve(struct serve const *s);

#endif
