#ifndef DELIVER_QUOTA_H
#define DELIVER_QUOTA_H

/*
 * quota - the Maildir++ quota of a Maildir: the file maildirsize in it, whose first
 * line holds the limits ("1000000S,100C": octets, messages) and whose other lines, "octets
 * messages", add up to what is there. quota_parse is pure; the others do file I/O below
 * the Maildir's directory.
 *
 * The sum is counted anew from the files when the file has grown to QUOTA_FILE_MAX, and
 * when it says "over", unless it has one line and is younger than QUOTA_AGE. The
 * Trash folder and messages with the flag T do not count.
 */

#include <stddef.h>
#include <stdint.h>

#include "stream.h"

#define QUOTA_FILE        "maildirsize"
#define QUOTA_FILE_MAX    5120    /* octets */
#define QUOTA_AGE         900     /* seconds */
#define QUOTA_ENTRIES_MAX 2000000 /* files that are counted; then the rest is left out */

struct quota {
	uint64_t bytes, count;  /* the limits; 0 is none */
	int64_t used, messages; /* the sums; they may be negative in a damaged file */
	size_t lines;           /* of sums */
};

/* quota_parse - read the file's text: 1, or 0 if its first line holds no limits. */
int quota_parse(struct quota *q, char const *text, size_t len);

/* quota_judge - whether size octets more fit: 1, or 0 with the answer; see maildir_fits. */
int quota_judge(struct quota const *q, uint64_t size, struct answer *why);

/*
 * quota_fits - the same for the Maildir open at top, with its file, which is counted
 * anew when it is due. A file that cannot be read is no limit: mail is not kept back.
 */
int quota_fits(int top, uint64_t size, struct answer *why);

/* quota_add - note that a message of size octets came in; in vain if that fails. */
void quota_add(int top, uint64_t size);

/* quota_size - the size that a Maildir file's name tells (",S=n"); 1, or 0 none. */
int quota_size(char const *name, uint64_t *size);

#endif
