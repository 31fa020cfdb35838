#ifndef RELAY_OUTCOME_H
#define RELAY_OUTCOME_H

/*
 * outcome - what a server's reply, or the lack of one, means for the message: an answer of
 * the mail stream. No I/O.
 */

#include "hop.h"
#include "replies.h"
#include "stream.h"

#define OUTCOME_WHERE_MAX (HOP_NAME_MAX + HOP_IP_MAX + 3) /* octets of "host[ip]", NUL included */

/* What was sent, or awaited. */
enum outcome_stage {
	OUTCOME_GREETING,
	OUTCOME_HELLO,
	OUTCOME_TLS,
	OUTCOME_AUTH,
	OUTCOME_MAIL,
	OUTCOME_RCPT,
	OUTCOME_DATA, /* DATA itself: may the message come? */
	OUTCOME_BODY, /* the message, on its way */
	OUTCOME_DOT,  /* its end, also BDAT LAST */
};

/* outcome_where - "host[ip]", or the literal alone. */
void outcome_where(char to[OUTCOME_WHERE_MAX], struct hop const *h);

/*
 * outcome_reply - a refusal (4yz and 5yz as they are, with the server's own status; what
 * does not belong there is 'Z'): "host[ip] said: 550 5.1.1 no such user". A reply to what
 * comes before MAIL is about the host: 'Z' and 4.4.x whatever it is.
 * outcome_taken - success: "relayed: host[ip]: 250 ok", or "passed: …" when the server
 * will report for itself (DSN).
 * outcome_lost - no reply; why is a phrase such as "connection lost".
 */
void outcome_reply(
    struct answer *a, char const *where, enum outcome_stage stage, struct replies const *r);
void outcome_taken(struct answer *a, char const *where, int dsn, struct replies const *r);
void outcome_lost(struct answer *a, char const *where, enum outcome_stage stage, char const *why);

/* outcome_trouble - "host[ip]: text", for what we find ourselves. */
void outcome_trouble(
    struct answer *a, char const *where, char code, char const *status, char const *text);

/* outcome_is_too_many - a refused RCPT that may be taken in another transaction. */
int outcome_is_too_many(struct replies const *r);

#endif
