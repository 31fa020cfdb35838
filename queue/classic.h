#ifndef QUEUE_CLASSIC_H
#define QUEUE_CLASSIC_H

/*
 * classic - qmail-queue's interface: the message on descriptor 0 until its end, then on
 * descriptor 1 F, sender, NUL, for each recipient T, recipient, NUL, and one more NUL.
 * Does I/O: blocking reads of both. Before the last NUL nothing is queued.
 */

#include <stddef.h>
#include <sys/types.h>

#include "exits.h"
#include "inject.h"

#define CLASSIC_ADDRESS_MAX 1002 /* octets of an address; qmail's own limit */
#define CLASSIC_TIMEOUT                                                                            \
	86400 /* seconds for all of it; its caller's descriptors may be anything                   \
	       */

/* How far an envelope has been read; classic_next's own. Start with all 0. */
struct classic_envelope {
	enum { CLASSIC_SENDER, CLASSIC_RCPT, CLASSIC_ADDRESS } expect;
	enum stream_type type; /* of the address being read */
	size_t senders, len;
	char address[CLASSIC_ADDRESS_MAX];
};

enum classic_event {
	CLASSIC_MORE,  /* nothing yet */
	CLASSIC_PATH,  /* e->address (e->len octets) is complete; e->type says whose */
	CLASSIC_END,   /* the last NUL */
	CLASSIC_LONG,  /* an address of more than CLASSIC_ADDRESS_MAX octets */
	CLASSIC_WRONG, /* no such letter may be here */
};

/* classic_next - the event that one more octet brings. */
enum classic_event classic_next(struct classic_envelope *e, char octet);

/*
 * classic_queue - read one message and queue it; in is this process's only one. uid is
 * the caller's, prog and pid go into its Received line. Returns what to exit with.
 */
enum exits classic_queue(struct inject *in, uid_t uid, pid_t pid);

#endif
