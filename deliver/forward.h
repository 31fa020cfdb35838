#ifndef DELIVER_FORWARD_H
#define DELIVER_FORWARD_H

/*
 * forward - send a message on, to all of a recipient's forward lines at once, through
 * a queue-inject that is started before the sandbox closes. Does I/O.
 */

#include <skalibs/stralloc.h>

#include "body.h"
#include "stream.h"

/* forward_start - start queue-inject at CHAIN_FD; dies if that fails. */
void forward_start(void);

/* What is sent on. */
struct forward {
	char const *sender;         /* qmail_newsender's */
	stralloc const *params;     /* for M, each ended by NUL */
	stralloc const *rcpts;      /* addresses, each ended by NUL */
	stralloc const *rcptparams; /* for each R; see forward_params */
	stralloc const *head;       /* lines put before the message */
	char const *id;             /* the queue id that it had, or "" */
};

/*
 * forward_send - inject it: 1 with K and the next queue id in the answer, or 0 with
 * the reason. When the injector is gone, *gone is set: this process is of no more use.
 */
int forward_send(struct forward const *f, struct body *b, struct answer *a, int *gone);

/*
 * forward_params - the parameters that forwards get from those of the recipient (RFC 3461
 * 5.2.7): ORCPT stays; NOTIFY loses SUCCESS, since success was the delivery here, and
 * becomes NEVER where nothing else is left. Pure. 1, or 0 without memory.
 */
int forward_params(stralloc *to, char const *params, size_t len);

/*
 * forward_list_params - of the parameters of MAIL, those that a list's forwards keep, with
 * no parameter of RCPT: reports about them are for the list's owner, who knows nothing of
 * what the sender asked for (RFC 3461 5.2.7.1). Pure. 1, or 0 without memory.
 */
int forward_list_params(stralloc *to, char const *params, size_t len);

#endif
