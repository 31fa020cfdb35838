#ifndef RELAY_SINK_H
#define RELAY_SINK_H

/*
 * sink - the mail stream on descriptors 0 and 1 (mailstream(5)), each message of it to the
 * server. Does I/O: on the stream, and all that transaction does. Requests are gathered
 * until the source waits for an answer.
 */

#include "transaction.h"

/* sink_run - until the source closes: 1; 0 when the stream is malformed or broken, with errno. */
int sink_run(struct transaction *t);

/*
 * sink_verdict - E's answer when it is one for all: 1 and *a; 0: the accepted recipients have
 * different ones.
 */
int sink_verdict(struct transaction const *t, struct answer *a);

#endif
