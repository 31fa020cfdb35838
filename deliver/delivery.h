#ifndef DELIVER_DELIVERY_H
#define DELIVER_DELIVERY_H

/*
 * delivery - carry out one recipient's instructions on one message after another. Does
 * the I/O that the instructions ask for; everything is opened by delivery_open.
 */

#include <skalibs/stralloc.h>

#include "body.h"
#include "maildir.h"
#include "mbox.h"
#include "qmail.h"
#include "sandbox.h"
#include "stream.h"

#define DELIVERY_TREES (QMAIL_FILES_MAX * MAILDIR_TREES)

/* A message with its envelope. */
struct mail {
	char id[64];         /* its name in the queue, or "" */
	stralloc sender;     /* ended by NUL */
	stralloc params;     /* of M, what a forward keeps of them, each ended by NUL */
	stralloc rcptparams; /* of the last R, each ended by NUL */
	stralloc delivered;  /* Delivered-To lines */
	stralloc head;       /* Return-Path and Delivered-To lines */
	struct body body;
};

struct delivery {
	struct qmail const *qmail;
	struct qmail_facts facts; /* all but sender, newsender, now */
	int owner;                /* qmail_newsender's */
	char const *alias_owner;  /* the sender of an alias's forwards, or "" */
	stralloc forwards;        /* the addresses of all forward lines, each ended by NUL */
	struct maildir maildir[QMAIL_FILES_MAX]; /* the nth file of the instructions is … */
	struct mbox mbox[QMAIL_FILES_MAX];       /* … in one or the other */
	int gone; /* a process that is needed is gone: end after the answer */
};

/* What a sandbox must let it do; each has a policy. */
enum delivery_needs {
	DELIVERY_MAILDIR, /* nameless files in at most one Maildir */
	DELIVERY_FILES,   /* mboxes, quotas, several Maildirs */
	DELIVERY_PROCESS, /* these, and to talk with runner and queue-inject */
};

/*
 * delivery_open - open what the instructions name; me is the domain of addresses
 * without one, and create lets a missing Maildir be made. The other fields are set by the
 * caller. Returns 1, or 0 with the answer that says why mail must wait.
 */
int delivery_open(struct delivery *d, char const *me, int create, struct answer *why);

enum delivery_needs delivery_needs(struct delivery const *d);
size_t delivery_trees(struct delivery const *d, struct sandbox_tree trees[DELIVERY_TREES]);

/*
 * delivery_spill - find a place for a message of D frames that outgrew memory: the Maildir
 * itself where that is all there is, else a file in memory. 1, or 0 with the answer.
 */
int delivery_spill(struct delivery *d, struct mail *m, struct answer *why);

/* delivery_run - carry all out, in order, up to the first failure; the answer for E. */
void delivery_run(struct delivery *d, struct mail *m, struct answer *a);

/* delivery_forget - leave nothing of a message that was not, or is no longer, to be delivered. */
void delivery_forget(struct delivery *d, struct mail *m);

#endif
