#ifndef RELAY_TRANSACTION_H
#define RELAY_TRANSACTION_H

/*
 * transaction - one message to one server: MAIL, RCPTs, DATA or BDAT, in as few flights as
 * the server and the source allow (PIPELINING, RFC 2920; CHUNKING, RFC 3030). Does I/O
 * through peer, and reads the message from the descriptor that came with it.
 *
 * Nothing is sent before transaction_settle or transaction_end must know what the server
 * says, so that an envelope and a message that are there together go in one flight. Until
 * an answer is known to the source, a connection that is lost costs nothing: the whole is sent
 * again on another.
 */

#include <stddef.h>

#include "content.h"
#include "letter.h"
#include "peer.h"
#include "posting.h"

#define TRANSACTION_RCPTS_MAX 100 /* of one SMTP transaction; RFC 5321 4.5.3.1.8 asks for it */

enum transaction_state {
	RCPT_WAITS,    /* the server was not asked */
	RCPT_ASKED,    /* it is in the SMTP transaction that runs */
	RCPT_ACCEPTED, /* the server took the RCPT; answer is what became of the message */
	RCPT_OVER,     /* it did not, and answer says why */
};

struct transaction_rcpt {
	enum transaction_state state;
	size_t letter;        /* its number there */
	struct answer answer; /* its code is 0 until it is known */
};

struct transaction {
	struct peer *peer;
	int open;
	struct answer mail; /* to MAIL; its code is 0 until it is known */
	size_t rcpts;
	struct transaction_rcpt rcpt[LETTER_RCPTS_MAX];
	char id[64]; /* the source's name for the message, for the log */

	/* private */
	struct letter letter;
	struct content content;
	struct mime_plan plan;
	struct posting posting;
	size_t batch[TRANSACTION_RCPTS_MAX]; /* those of the SMTP transaction that runs */
	size_t batched, asked;
	int reused;    /* the connection has had other transactions */
	int begun;     /* MAIL was accepted, the transaction is the server's too */
	int replied;   /* to MAIL, in this flight */
	int settled;   /* the source knows answers: they hold */
	int final;     /* the message is there, whole */
	int streaming; /* it goes out as it comes in */
	int go;        /* 354 */
	int sent;      /* all of the message went out */
	size_t accepted;
	struct answer why; /* the server refused MAIL, or was lost */
};

void transaction_init(struct transaction *t, struct peer *peer);

/* transaction_mail - begin with an M frame. transaction_reset - give it up (X, or the end). */
void transaction_mail(struct transaction *t, struct frame const *f);
void transaction_reset(struct transaction *t);

/* transaction_rcpt - an R frame: 1, or 0 if there is no room for one more. */
int transaction_rcpt(struct transaction *t, struct frame const *f);

/* transaction_data, transaction_file - the message; file returns 0 for a malformed frame. */
void transaction_data(struct transaction *t, char const *data, size_t len);
int transaction_file(struct transaction *t, struct frame const *f);

/* transaction_settle - have an answer for all that was asked so far. */
void transaction_settle(struct transaction *t);

/* transaction_end - the message is complete: all answers are there afterwards. */
void transaction_end(struct transaction *t);

#endif
