#ifndef DELIVER_MAILDIR_H
#define DELIVER_MAILDIR_H

/*
 * maildir - put messages into one Maildir. Does file I/O below the directory only.
 *
 * A message is written nameless (O_TMPFILE) in new/, synced, and linked to its
 * name there: it is whole when it can be seen, and a crash leaves nothing behind. Where
 * the file system has no nameless files (NFS), it is written in tmp/ and linked from
 * there. Before maildir_commit says yes the name is durable, too (durable.h): two syncs a
 * message.
 *
 * Names are SECONDS.MmicrosecondsPpidQcountRrandom.HOST,S=SIZE: never the same twice,
 * on whatever machines and in whatever containers a Maildir is used. Files have mode
 * 0600. Where there is a maildirsize file, its quota holds (quota.h).
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "durable.h"
#include "sandbox.h"
#include "stream.h"

#define MAILDIR_NAME_MAX 240 /* octets of a file's name, NUL included; room for ":2,FLAGS" */
#define MAILDIR_TREES    2   /* of the sandbox, that one Maildir needs */

struct maildir {
	char const *path; /* for people */
	int top;          /* the directory, where it is needed: with a quota or tmp; else -1 */
	int new;          /* new/ */
	int tmp;          /* tmp/ where there are no nameless files, else -1 */
	int has_quota;
	enum durable_how how;             /* new/'s file system */
	int fd;                           /* the file being written, or -1 */
	uint64_t size;                    /* octets written to it */
	char temporary[MAILDIR_NAME_MAX]; /* its name in tmp/ */
	char name[MAILDIR_NAME_MAX];      /* of the last message committed, in new/ */
};

/*
 * maildir_open - open everything, before the sandbox closes; with create, a Maildir that
 * is not there is made. Returns 1, or 0 with the answer that says why mail must wait.
 */
int maildir_open(struct maildir *m, char const *path, int create, struct answer *why);

/* maildir_trees - what the sandbox must leave open for it: into trees[MAILDIR_TREES]; how many. */
size_t maildir_trees(struct maildir const *m, struct sandbox_tree *trees);

/*
 * maildir_fits - whether a message of size octets may be added: 1, or 0 with the answer
 * (Z 4.2.2 the mailbox is full, Z 4.2.3 or D 5.2.3 only this message is too large).
 */
int maildir_fits(struct maildir const *m, uint64_t size, struct answer *why);

/*
 * maildir_begin, maildir_write (which changes parts), maildir_commit. Each returns 1, or
 * 0 with the answer, and then nothing is left of the message. maildir_abort forgets it.
 */
int maildir_begin(struct maildir *m, struct answer *why);
int maildir_write(struct maildir *m, struct iovec *parts, int count, struct answer *why);
int maildir_commit(struct maildir *m, struct answer *why);
void maildir_abort(struct maildir *m);

#endif
