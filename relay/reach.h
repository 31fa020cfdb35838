#ifndef RELAY_REACH_H
#define RELAY_REACH_H

/*
 * reach - relay-connect's answers to the requests of hop.h: the next host that can be connected
 * to, with what is known of it. Does I/O, by way, dial and hosts.
 */

#include "hop.h"
#include "hosts.h"
#include "way.h"

struct reach {
	struct way way;
	struct hosts hosts;
	struct verdict verdict;
	int found;         /* way has a plan */
	int is_busy;       /* a host that would take mail has no room for one more connection */
	uint16_t busy;     /* its preference: hosts that are less preferred are not tried */
	int is_on;         /* there is a last host … */
	struct plan_at at; /* … and where it is in the plan */
	int is_good;       /* it was said to be good since */
	struct hop hop;    /* what was answered last */
};

/*
 * reach_answer - do what the request asks. Returns 1 with *answer to be sent (and *fd, a
 * socket of r->hop that is to go along, the caller's to close; else -1); 0 nothing is answered.
 */
int reach_answer(
    struct reach *r, enum hop_request type, char const *text, struct answer *answer, int *fd);

#endif
