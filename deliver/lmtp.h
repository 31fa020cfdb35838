#ifndef DELIVER_LMTP_H
#define DELIVER_LMTP_H

/*
 * lmtp - give messages to an LMTP server (RFC 2033), one after the other on one connection.
 * Does I/O through dialogue; reads a message of a file with pread(2).
 *
 * A transaction is lmtp_mail, lmtp_rcpt, then the message, then lmtp_end. Nothing is sent
 * before lmtp_settle, a piece of the message or lmtp_end, so that an envelope goes in one
 * flight, DATA with it where the message is there already. A message goes out as it
 * comes; nothing of it is kept.
 */

#include <stddef.h>
#include <stdint.h>

#include "capabilities.h"
#include "dialogue.h"
#include "letter.h"
#include "stream.h"
#include "wireform.h"

#define LMTP_RCPTS_MAX 100   /* recipients of one message */
#define LMTP_PIECE     16384 /* octets of the message at a time */
#define LMTP_HELO_MAX  255   /* octets of our name */

enum lmtp_state {
	LMTP_WAITS,    /* the server was not asked */
	LMTP_ACCEPTED, /* it took the RCPT; answer is what became of the message */
	LMTP_OVER,     /* it did not, and answer says why */
};

struct lmtp_rcpt {
	enum lmtp_state state;
	size_t letter;        /* its number there */
	struct answer answer; /* its code is 0 until it is known */
};

struct lmtp {
	struct dialogue d;
	char const *where;  /* the server, for texts */
	char const *helo;   /* our name */
	struct answer down; /* with a code: the connection is of no use, and this is why */

	int open;           /* in a transaction */
	struct answer mail; /* to MAIL; its code is 0 until it is known */
	size_t rcpts, accepted;
	struct lmtp_rcpt rcpt[LMTP_RCPTS_MAX];

	/* private */
	int greeted; /* LHLO was said */
	int begun;   /* MAIL was accepted, the transaction is the server's too */
	int go;      /* 354: the message is on its way */
	int posted;  /* DATA was answered, whatever it was */
	struct capabilities can;
	struct letter letter;
	struct wireform form;
	char piece[LMTP_PIECE];
	char wire[2 * LMTP_PIECE + WIREFORM_ROOM + WIREFORM_END_MAX];
};

/* lmtp_init - on an open connection; or fd -1: there is none, and errno says why. */
void lmtp_init(struct lmtp *l, char const *where, char const *helo, int fd);

/*
 * lmtp_mail - begin, with an M frame. lmtp_rcpt - an R frame: 1, or 0 if there is no room
 * for one more. lmtp_settle - have an answer for all that was asked so far.
 */
void lmtp_mail(struct lmtp *l, struct frame const *f);
int lmtp_rcpt(struct lmtp *l, struct frame const *f);
void lmtp_settle(struct lmtp *l);

/*
 * lmtp_data - a piece of the message. lmtp_file - all of it, len octets of an open file from
 * at on; when it cannot be read, the connection is given up, since nothing else ends what was
 * begun, and the answer is Z.
 */
void lmtp_data(struct lmtp *l, char const *data, size_t len);
void lmtp_file(struct lmtp *l, int fd, uint64_t at, uint64_t len);

/* lmtp_end - the message is complete: all answers are there afterwards. */
void lmtp_end(struct lmtp *l);

/*
 * lmtp_reset - give the transaction up. In the middle of a message only the end of the
 * connection does that, and no other message can follow.
 */
void lmtp_reset(struct lmtp *l);

/* lmtp_keep - say something, so that the server does not take us for dead. lmtp_quit - take leave.
 */
void lmtp_keep(struct lmtp *l);
void lmtp_quit(struct lmtp *l);

#endif
