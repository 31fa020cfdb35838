#ifndef QUEUE_REPORT_H
#define QUEUE_REPORT_H

/*
 * report - the text of a delivery status notification: RFC 3464 in a multipart/report
 * (RFC 6522), with the types of RFC 6533 where an address or a header is not ASCII.
 * Pure: what it needs is given, the message is made in memory.
 */

#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

#define REPORT_RCPTS_MAX 500 /* recipients of one report; more make more reports */

enum report_kind {
	REPORT_FAILED,    /* never delivered */
	REPORT_DELAYED,   /* still trying */
	REPORT_DELIVERED, /* as NOTIFY=SUCCESS asked */
	REPORT_RELAYED,   /* the same, to a server that will not say more (RFC 3461 5.2.2) */
};

#define REPORT_RELAYED_TEXT "relayed: " /* how relay's text begins then, and only then */

struct report_rcpt {
	char const *address;
	char const *orcpt;  /* "rfc822;xtext" (RFC 3461 4.2), or null */
	char const *reason; /* "5.1.1 no such user", or null */
};

struct report {
	enum report_kind kind;
	int twice;        /* the message that failed is a report itself */
	char const *me;   /* this host */
	char const *from; /* the address that reports come from */
	char const *to;
	char const *id;    /* the message's queue id */
	char const *envid; /* xtext (RFC 3461 4.4), or null */
	time_t arrival, now;
	time_t until; /* REPORT_DELAYED: when it is given up */
	struct report_rcpt const *rcpt;
	size_t rcpts;
	int utf8;             /* the message was sent with SMTPUTF8 */
	char const *original; /* the message, or the beginning of it */
	size_t originallen;
	int whole; /* quote all of it; else its header only */
};

/* What the envelope of a report must say. */
struct report_needs {
	int eightbit; /* BODY=8BITMIME */
	int utf8;     /* SMTPUTF8 */
};

/* report_compose - append the message, lines ended by LF. 1, or 0: no memory. */
int report_compose(stralloc *to, struct report const *r, struct report_needs *needs);

/* report_action - "failed", "delayed", "delivered" or "relayed" (RFC 3464 2.3.3). */
char const *report_action(enum report_kind kind);

/* report_header_len - octets of a message's header, without the empty line. */
size_t report_header_len(char const *message, size_t len);

#endif
