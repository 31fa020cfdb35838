#ifndef SMTPD_SETTINGS_H
#define SMTPD_SETTINGS_H

/*
 * settings - what smtpd reads from control/ and, going before it, from the environment
 * that the listener set for this client. Does file I/O; dies of what is wrong.
 */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "control.h"

struct settings {
	stralloc me;          /* this host's name */
	stralloc greeting;    /* smtpgreeting: what follows 220 */
	stralloc localiphost; /* the domain that our address literal stands for */
	stralloc rcpthosts;   /* domains taken; decides alone if has_rcpthosts */
	stralloc badmailfrom; /* senders, "user@host" or "@host", that are refused */
	stralloc defaulthost; /* for submission: the domain of addresses that have none */
	stralloc senders;     /* for submission: "login:address", what more a login may use */
	int submission;       /* RFC 6409: who has not authenticated sends nothing */
	int auth_in_clear;    /* AUTH is offered without TLS, too */
	uint64_t rate;        /* for submission: recipients an hour; 0: smtpd-auth is not asked */
	int hide_client;      /* for submission: no address of the client in Received */
	int has_rcpthosts;
	uint64_t databytes; /* octets of a message; 0 no limit */
	uint64_t idle;      /* timeoutsmtpd: seconds */
	uint64_t total;     /* timeouttransaction: seconds */
	uint64_t maxrcpt;   /* recipients of a message */
	uint64_t maxmail;   /* messages of a connection */
	uint64_t maxhops;   /* Received fields */
	uint64_t maxerrors; /* 5yz replies until one message is accepted */
	int convert;        /* barelf: convert, not refuse */
	int refuse_early;   /* earlytalk: refuse, not tolerate */
	int lenient;        /* brackets: lenient, not strict */
	char const *relay;  /* RELAYCLIENT: may relay; what is put behind each recipient. Or null */
};

/* settings_read - all of them; submission is the caller's word. c is open, and is left open. */
void settings_read(struct settings *s, struct control *c, int submission);

#endif
