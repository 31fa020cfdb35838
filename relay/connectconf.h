#ifndef RELAY_CONNECTCONF_H
#define RELAY_CONNECTCONF_H

/*
 * connectconf - what relay-connect reads from control/. Does file I/O; dies of what is wrong.
 */

#include "control.h"
#include "names.h"
#include "routes.h"

struct connectconf {
	struct routes routes; /* smtproutes, tlsroutes */
	char me[NAMES_MAX];   /* this host's names, to know an MX that is us; or "" */
	char helohost[NAMES_MAX];
	struct ip from[2];        /* outgoingip: family is 0 where there is none */
	unsigned int timeout;     /* timeoutconnect: seconds */
	unsigned int port;        /* remoteport */
	unsigned int concurrency; /* concurrencyperhost */
	unsigned int rate;        /* ratehost; 0 no limit */
	int trustad;
	int mtasts;
};

void connectconf_read(struct connectconf *conf, struct control *c);

#endif
