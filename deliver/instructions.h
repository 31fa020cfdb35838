#ifndef DELIVER_INSTRUCTIONS_H
#define DELIVER_INSTRUCTIONS_H

/*
 * instructions - find, check and read what a recipient wants done with mail
 * (dot-qmail(5)), and see whether it has changed. Does file I/O, as the recipient, in the
 * recipient's home directory, which is the working directory.
 */

#include <sys/stat.h>

#include <skalibs/stralloc.h>

#include "qmail.h"
#include "stream.h"

/* Where to look. */
struct instructions_source {
	char const *home, *dash, *ext;
	stralloc const *alias;       /* the text of an alias, or empty */
	char const *defaultdelivery; /* in the same language */
};

/* One file whose change makes the instructions out of date. */
struct instructions_stamp {
	char const *path;
	int known; /* it was there */
	struct stat st;
};

struct instructions {
	char name[QMAIL_NAME_MAX]; /* of the file */
	stralloc text;             /* start with STRALLOC_ZERO */
	struct qmail qmail;        /* start with GENALLOC_ZERO lines */
	int is_default;            /* it is the default delivery, not the recipient's own words */
	char const *rest;          /* what "default" in the name stands for, or null */
	int owner;                 /* qmail_newsender's: 1 -owner file, 2 and -owner-default */
	struct instructions_stamp home, file;
};

/*
 * instructions_find - all of it. Without an alias's text, the files .qmail DASH EXT, … and .qmail
 * are tried. Returns 1, or 0 with the answer: Z where home or file are not fit (gone, writable by
 * others, being edited, not understood).
 */
int instructions_find(
    struct instructions *in, struct instructions_source const *from, struct answer *why);

/*
 * instructions_settle - take the home directory as it is now for the state that
 * instructions_changed compares with: call it when mailboxes may have been made in it.
 */
void instructions_settle(struct instructions *in);

/* instructions_changed - whether they are to be found again. At most two system calls. */
int instructions_changed(struct instructions const *in);

#endif
