#ifndef SMTPD_NEXT_H
#define SMTPD_NEXT_H

/*
 * next - the next program of the chain, as smtpd talks to it. Does I/O, on the stream
 * that chain_start made. When that program is gone, or no longer makes sense, this
 * is logged once, dead is set and every later answer is Z 4.3.0: callers go on.
 */

#include <stddef.h>

#include "address.h"
#include "client.h"
#include "params.h"
#include "stream.h"

#define NEXT_FACTS_MAX 2048 /* octets of a C frame */

/* What the C frame says; see mailstream(5). */
struct next_facts {
	struct client const *client;
	char const *protocol;
	char const *helo;
	char const *session;
	char const *auth; /* who authenticated; null or empty: nobody */
};

struct next {
	int dead;
	char const *session; /* for the log */
	size_t factslen;
	char facts[NEXT_FACTS_MAX]; /* as they were sent last */
	struct stream stream;
};

void next_init(struct next *n, int fd, char const *session);

/* next_facts - send them if they are not what was sent before. */
void next_facts(struct next *n, struct next_facts const *facts);

/* next_path - M or R; its answer is owed. */
void next_path(
    struct next *n, enum stream_type type, struct address const *a, struct params const *p);

void next_data(struct next *n, char const *data, size_t len);

/* next_end, next_reset - E (its answer is owed) and X. */
void next_end(struct next *n);
void next_reset(struct next *n);

/* next_answer - wait for one answer that is owed. */
void next_answer(struct next *n, struct answer *a);

/*
 * next_result - the answer to E: that for all recipients, or, of one for each of count
 * recipients, the one that is true for the message as a whole. If some took it and others
 * did not, the client is told to come again: rather twice than never.
 */
void next_result(struct next *n, struct answer *a, size_t count);

#endif
