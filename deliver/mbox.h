#ifndef DELIVER_MBOX_H
#define DELIVER_MBOX_H

/*
 * mbox - append messages to one mbox file. mbox_quote is pure; the rest does I/O on the
 * file, which is opened before the sandbox closes and never again.
 *
 * The file is locked as mail readers lock it (an fcntl lock and flock; not by a .lock
 * file), within MBOX_LOCK_SECONDS. A message that cannot be written whole is
 * cut off again. The file is synced before mbox_deliver says yes.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "body.h"
#include "stream.h"

#define MBOX_LOCK_SECONDS 30

struct mbox {
	char const *path;
	int fd;
	int skip_flock; /* on NFS flock is an fcntl lock too, and would wait for ours */
};

/*
 * mbox_open - open the file, made with mode 0600 if it is not there. Returns 1, or 0
 * with the answer that says why mail must wait.
 */
int mbox_open(struct mbox *m, char const *path, struct answer *why);

/*
 * mbox_deliver - append head (the From_ line and header lines of ours), the message
 * with each line that begins with >*From quoted by one more >, and an empty line. 1, or 0 with
 * the answer.
 */
int mbox_deliver(struct mbox *m, stralloc const *head, struct body *b, struct answer *why);

/* Quoting, for octets that come in any pieces. */
struct mbox_quote {
	int state; /* private */
	char last; /* the last octet that went in */
};

void mbox_quote_init(struct mbox_quote *q);

/*
 * mbox_quote - quote len octets to out, which has room for mbox_quote_room(len); returns
 * how many it wrote. mbox_quote_end writes what was held back, and the LF that
 * the last line lacks, and the empty line.
 */
#define mbox_quote_room(len) ((len) + (len) / 6 + 8)
size_t mbox_quote(struct mbox_quote *q, char const *data, size_t len, char *out);
size_t mbox_quote_end(struct mbox_quote *q, char *out);

#endif
