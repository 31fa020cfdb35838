#ifndef SMTPD_TALK_H
#define SMTPD_TALK_H

/*
 * talk - the dialogue: takes the steps that the session machine asks for, between the
 * client, the next program and the log. Does I/O on what is open; opens nothing.
 */

#include "client.h"
#include "date.h"
#include "judge.h"
#include "line.h"
#include "next.h"
#include "receive.h"
#include "recipients.h"
#include "session.h"
#include "settings.h"
#include "tls.h"
#include "trace.h"
#include "wire.h"

#define TALK_OWED_MAX 32 /* recipients put to the next program before its answers are read */

struct talk {
	struct receive receive;
	struct session session;
	/* and from the session's end to where the wire begins */
	struct settings const *set;
	struct client *client;
	struct judge *judge;
	enum tls_kind tls;
	char id[TRACE_ID_MAX]; /* the session's */
	struct line line;
	struct recipients rcpts;
	int open;        /* the next program has a transaction */
	int sender_owed; /* it has not answered about the sender yet */
	int auth;        /* there is a process that does AUTH */
	char mechanisms[AUTH_LIST_MAX];
	struct talk_mends {
		char date[DATE_MAX], id[TRACE_ID_MAX + 300], from[ADDRESS_MAX + 1];
	} mends;           /* what a submission's header lacks */
	char const *over;  /* why the session ends; null while it does not */
	int abrupt;        /* it ends while the client may be sending */
	uint64_t accepted; /* messages */
	uint64_t refused;  /* replies of 4yz and 5yz */
	struct wire wire;
	struct next next;
};

/* talk_init - ready for talk_run; auth: AUTH can be done; tls: what tls_take said. */
void talk_init(struct talk *t, struct settings const *set, struct client *client,
    struct judge *judge, enum tls_kind tls, int auth);

/* talk_run - the whole session. */
void talk_run(struct talk *t);

#endif
