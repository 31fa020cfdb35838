#ifndef DELIVER_LMTPANSWER_H
#define DELIVER_LMTPANSWER_H

/*
 * lmtpanswer - what an LMTP server's reply means as an answer of the mail stream. No I/O.
 */

#include "replies.h"
#include "stream.h"

/* What the reply is to. */
enum lmtpanswer_stage {
	LMTPANSWER_HELLO, /* the greeting, or LHLO */
	LMTPANSWER_MAIL,
	LMTPANSWER_RCPT,
	LMTPANSWER_DATA,
	LMTPANSWER_DOT,
};

/*
 * lmtpanswer_set - 2yz is K, 4yz Z and 5yz D, with the server's own enhanced status or
 * else one that fits. Z also: a reply to what comes before MAIL, 421, a code that says the server
 * did not understand us (500, 502, 503), and one that does not belong there.
 */
void lmtpanswer_set(
    struct answer *a, char const *where, enum lmtpanswer_stage stage, struct replies const *r);

#endif
