#ifndef RELAY_FLIGHT_H
#define RELAY_FLIGHT_H

/*
 * flight - the commands of a transaction that are due, together or one by one, and what the
 * server's replies make of it. A part of transaction; does I/O through its dialogue, and
 * reads the message.
 */

#include "transaction.h"

enum flight_result {
	FLIGHT_OK = 1,          /* there was a reply to each command, whatever it was */
	FLIGHT_LOST = 0,        /* the connection is of no more use: t->why */
	FLIGHT_UNREADABLE = -1, /* the message is: t->why */
};

/*
 * flight_run - MAIL unless it was accepted before, RCPT for those of the batch that were
 * not asked for, and with t->final the message.
 */
enum flight_result flight_run(struct transaction *t);

/*
 * flight_stream - DATA alone; with t->go the message may be given to t->posting, and
 * flight_finish ends it.
 */
enum flight_result flight_stream(struct transaction *t);
enum flight_result flight_finish(struct transaction *t);

/* flight_answer - a recipient's answer, unless it has one. */
void flight_answer(struct transaction_rcpt *r, struct answer const *a);

/* flight_unreadable - t->why from errno. */
enum flight_result flight_unreadable(struct transaction *t);

#endif
