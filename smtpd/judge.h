#ifndef SMTPD_JUDGE_H
#define SMTPD_JUDGE_H

/*
 * judge - whether a recipient is taken: whose it is, whether we relay for this client,
 * whether the mailbox is full. Does file I/O when opened; look-ups afterwards only read
 * what is open.
 */

#include <time.h>

#include "client.h"
#include "recipient.h"
#include "session.h"
#include "settings.h"

struct judge {
	struct settings const *set;
	struct client const *client;
	struct recipient_db db;
	struct recipient found;
	int overquota; /* descriptor, or -1 */
	int may_relay; /* the client has authenticated */
};

/* judge_open - ready for judge_rcpt; dies of bad settings. */
void judge_open(
    struct judge *j, struct control *c, struct settings const *set, struct client const *client);

/*
 * judge_rcpt - the verdict on an address, which may be rewritten: our own address
 * literal becomes localiphost, and RELAYCLIENT's value is put behind it.
 */
enum verdict judge_rcpt(struct judge *j, struct address *a, time_t now);

/*
 * judge_sender - whether that login may send as a (RFC 6409 6.1): as nobody, as itself, as any
 * address whose mail it gets, and as what senders lists for it. 1, 0, or -1: trouble.
 */
int judge_sender(struct judge *j, char const *login, struct address const *a);

#endif
