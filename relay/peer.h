#ifndef RELAY_PEER_H
#define RELAY_PEER_H

/*
 * peer - the server at the other end: find one that is there (relay-connect), greet it, TLS
 * (relay-tls), AUTH; keep it for the next message, or look for another. Does I/O on the
 * connection and with both partners; dies (EXIT_TEMP) when one of them is gone.
 */

#include "capabilities.h"
#include "dialogue.h"
#include "hop.h"
#include "needs.h"
#include "outcome.h"
#include "relayconf.h"
#include "secure.h"

#define PEER_MAILS_MAX 100 /* transactions on one connection */
#define PEER_TRIES_MAX 10  /* connections made for one message: each may wait for long */

struct peer {
	struct relayconf const *conf;
	struct hop hop;
	struct secured secured;
	struct capabilities can;
	char where[OUTCOME_WHERE_MAX];
	int is_tls;
	int any;               /* it was reached as a message with "TLS-Required: No" may be only */
	unsigned int mails;    /* transactions begun here */
	int good;              /* relay-connect knows that it works */
	int dirty;             /* a transaction is open that is to be forgotten: RSET */
	int asked;             /* relay-connect was asked for a host before */
	unsigned int tries;    /* of PEER_TRIES_MAX, since peer_begin */
	enum hop_request next; /* how to ask for the next one */
	struct answer why;     /* what the host before it said; its code is 0 if there was none */
	struct dialogue d;
};

void peer_init(struct peer *p, struct relayconf const *conf);

/* peer_begin - before each message: all hosts may be tried, if a new connection is needed. */
void peer_begin(struct peer *p);

/*
 * peer_get - a connection that the message may use: 1 and *reused (it has had a transaction
 * before), or 0 and *why there is none.
 */
int peer_get(struct peer *p, enum needs_tls tls, int *reused, struct answer *why);

/* peer_is_verified - whether TLS is what REQUIRETLS demands (RFC 8689 4.2.1). */
int peer_is_verified(struct peer const *p);

/*
 * peer_dropped - a connection that was used before is gone: try the same hosts again.
 * peer_failed - the host did not stay long enough to take a message: try the next one.
 * peer_close - it is of no use any more. peer_quit - say goodbye.
 */
void peer_dropped(struct peer *p);
void peer_failed(struct peer *p, struct answer const *why);
void peer_close(struct peer *p);
void peer_quit(struct peer *p);

/* peer_ticket - whether a message may go there now (ratehost): 1, or 0 and *why not. */
int peer_ticket(struct peer *p, struct answer *why);

/* peer_worked - it was there, and answered for a message. */
void peer_worked(struct peer *p);

#endif
