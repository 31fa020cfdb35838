#ifndef LIB_DIALOGUE_H
#define LIB_DIALOGUE_H

/*
 * dialogue - commands to a server and its replies, each wait bounded (RFC 5321 4.5.3.2).
 * Does I/O: blocking, on the one connection at DIALOGUE_FD. Commands wait until a reply is
 * wanted, so that what is pipelined goes out in one piece.
 */

#include <stddef.h>
#include <stdint.h>

#include "replies.h"

#define DIALOGUE_FD  6     /* the connection, in plain text; policies name it */
#define DIALOGUE_IN  16384 /* octets */
#define DIALOGUE_OUT 16384 /* octets */

/* Seconds to wait (RFC 5321 4.5.3.2). */
#define DIALOGUE_GREETING 300
#define DIALOGUE_COMMAND  300 /* EHLO, MAIL, RCPT */
#define DIALOGUE_DATA     120 /* DATA, STARTTLS, AUTH */
#define DIALOGUE_BLOCK    180 /* to get rid of one buffer */
#define DIALOGUE_DOT      600
#define DIALOGUE_QUIT     2

enum dialogue_result {
	DIALOGUE_OK = 1,
	DIALOGUE_LOST = 0,  /* closed, or an error: d->error */
	DIALOGUE_LATE = -1, /* the time is over */
	DIALOGUE_BAD = -2,  /* that is no SMTP */
};

struct dialogue {
	int open;
	int error;                   /* errno of what failed; 0: the server closed */
	enum dialogue_result unsent; /* the first failed write's result, else DIALOGUE_OK */
	int64_t cap;                 /* milliseconds that no wait exceeds */
	int64_t in_limit, out_limit; /* what the socket's own limits are */
	size_t start, end, used;
	struct replies reply; /* the last one */
	char in[DIALOGUE_IN];
	char out[DIALOGUE_OUT];
};

/* dialogue_init - cap: seconds that no wait exceeds, 0 for none. */
void dialogue_init(struct dialogue *d, uint64_t cap);

/* dialogue_start - begin on a connection, which is moved to DIALOGUE_FD. 1, or 0 with errno. */
int dialogue_start(struct dialogue *d, int fd);

/* dialogue_detach - give the connection (at DIALOGUE_FD) away: it is the caller's to close. */
void dialogue_detach(struct dialogue *d);
void dialogue_close(struct dialogue *d);

/*
 * dialogue_put - add octets to be sent; trouble shows at dialogue_flush, and at the next
 * reply: what the server said before it closed is read all the same.
 */
void dialogue_put(struct dialogue *d, char const *data, size_t len);
enum dialogue_result dialogue_flush(struct dialogue *d);

/* dialogue_reply - send what waits, then read one reply, whole, in at most so many seconds. */
enum dialogue_result dialogue_reply(struct dialogue *d, unsigned int seconds);

/* dialogue_has_more - whether octets behind the last reply have been read. */
int dialogue_has_more(struct dialogue const *d);

/* dialogue_why - a result as a phrase: "connection lost". */
char const *dialogue_why(struct dialogue const *d, enum dialogue_result r);

#endif
