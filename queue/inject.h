#ifndef QUEUE_INJECT_H
#define QUEUE_INJECT_H

/*
 * inject - one message on its way into the queue: a file without a name, which gets one
 * when all of it is on the disk. Does I/O, on two descriptors with fixed numbers so that
 * queue-inject's policy can name them. Nothing here allocates.
 *
 * What is added waits in a buffer, so that a small message is one write; the file itself
 * is made at the first write. After a failure nothing more is written, and inject_commit
 * says what it was: callers need not look at each step.
 */

#include <stddef.h>
#include <stdint.h>

#include "message.h"

#define INJECT_MESS_FD    3 /* the one directory of mess/ that this process adds to */
#define INJECT_TRIGGER_FD 4
#define INJECT_BUFFER     131072 /* octets */
#define INJECT_MODE       0640   /* of a file: queue-send's group reads it */

struct inject {
	int fd;                         /* the file, or -1 */
	int error;                      /* errno of the first failure, 0 while there is none */
	uint64_t flushed;               /* octets that are in the file */
	size_t used;                    /* octets in buffer */
	uint64_t time, inode;           /* the id's parts, once there is a file */
	struct message_regions regions; /* the caller's, from inject_size */
	char buffer[INJECT_BUFFER];
};

/*
 * inject_open - open directory and trigger as INJECT_MESS_FD and INJECT_TRIGGER_FD, which
 * must be the lowest free descriptors: 1, or 0 with errno and *what it was about.
 */
int inject_open(char const **what);

/* inject_begin - a new message; the one before must be committed or forgotten. */
void inject_begin(struct inject *in);

/* inject_size - octets of the file so far: where the next one goes. */
uint64_t inject_size(struct inject const *in);

/*
 * inject_put adds octets, inject_frame one mail stream frame of the envelope.
 * inject_room is buffer that can be filled in place (*max > 0), inject_filled tells how
 * much of it was.
 */
void inject_put(struct inject *in, char const *data, size_t len);
void inject_frame(struct inject *in, enum stream_type type, char const *data, size_t len);
char *inject_room(struct inject *in, size_t *max);
void inject_filled(struct inject *in, size_t len);

/* inject_id - which id it will have, before that is committed: 1, or 0 (error is set). */
int inject_id(struct inject *in, char id[MESSAGE_ID_MAX]);

/*
 * inject_commit - header, data, name, all of it on the disk, trigger: 1 and id, the
 * message is queued; or 0 (error is set), and it is not. Only when the last sync fails it
 * may be queued nevertheless: it cannot be taken back, and is whole.
 * inject_forget - drop it; the file was never more than this process's descriptor.
 */
int inject_commit(struct inject *in, char id[MESSAGE_ID_MAX]);
void inject_forget(struct inject *in);

/* inject_no_room - whether the error means that the disk, or a quota or limit, is full. */
int inject_no_room(struct inject const *in);

#endif
