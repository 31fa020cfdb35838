#ifndef RELAY_VERDICT_H
#define RELAY_VERDICT_H

/*
 * verdict - why mail cannot go to a destination: of all that went wrong with its hosts, what
 * came nearest to a delivery. No I/O.
 */

#include "stream.h"

/* How near it came, from least to most. */
enum verdict_rank {
	VERDICT_NOTHING,
	VERDICT_NO_HOST,   /* a host has no address */
	VERDICT_DNS,       /* a look-up failed */
	VERDICT_POLICY,    /* DANE or MTA-STS keeps mail from the host */
	VERDICT_LEFT,      /* it is left alone for a while */
	VERDICT_CONNECT,   /* no connection */
	VERDICT_CONNECTED, /* a connection, but no mail was taken */
	VERDICT_BUSY,      /* no failure: as many connections as it gets are open */
};

struct verdict {
	enum verdict_rank rank;
	struct answer answer;
};

void verdict_clear(struct verdict *v);

/*
 * verdict_note - it counts if it came nearer than what is there (or as near: the last
 * counts). Code and enhanced status ("Z4.4.1"), then printf's format for the text.
 */
__attribute__((format(printf, 4, 5))) void verdict_note(
    struct verdict *v, enum verdict_rank rank, char const *status, char const *format, ...);

#endif
