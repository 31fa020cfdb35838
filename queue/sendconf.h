#ifndef QUEUE_SENDCONF_H
#define QUEUE_SENDCONF_H

/*
 * sendconf - what control/ tells queue-send, checked. Does file I/O; read at the start
 * and again on SIGHUP.
 */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "control.h"
#include "recipient.h"

#define SENDCONF_CONCURRENCY_MAX 500 /* deliveries at once of one kind */

struct sendconf {
	stralloc me;            /* NUL-terminated, as all of them */
	stralloc bounce_from;   /* bouncefrom@bouncehost: whom reports come from */
	stralloc double_bounce; /* doublebounceto@doublebouncehost; empty: none is sent */
	uint64_t concurrency_local, concurrency_remote;
	uint64_t per_address, per_domain; /* deliveries at once to one of them */
	uint64_t lifetime;                /* seconds that a message may wait */
	uint64_t delay_notice; /* seconds until its sender is told that it waits; 0: never */
	uint64_t bounce_max;   /* octets of a message that a report quotes whole */
	struct recipient_db routes;
};

/* sendconf_read - 1, or -1 with c->error; then *s holds nothing. */
int sendconf_read(struct sendconf *s, struct control *c);
void sendconf_free(struct sendconf *s);

#endif
