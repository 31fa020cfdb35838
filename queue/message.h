#ifndef QUEUE_MESSAGE_H
#define QUEUE_MESSAGE_H

/*
 * message - the queue's one file a message, queue(5): written by queue-inject, read by
 * queue-send and queue-list. The format, in order:
 *
 *   header    MESSAGE_HEADER_SIZE octets of text: "sallyport/1", then message offset,
 *             message length, envelope offset, envelope length, each a blank and 20
 *             decimal digits; then LF
 *   regions   envelope and message, in either order (a classic qmail-queue caller
 *             sends the message first); together they fill the rest of the file
 *
 * The envelope is mail stream frames: C (there may be none), one M, then one R or
 * more. A file that was linked into the queue is whole; a header that does not add
 * up is damage, never a crash.
 *
 * On disk: mess/NN/ID, mode 0640, owner user-queue, group user-send. ID is
 * message_id's: 11 characters of time, '-', the inode number, both in base 32 with
 * digits that sort as the numbers do. NN (message_split, decimal) is the time modulo
 * CONF_SPLIT. That lets a process that injects work in a single directory, opened
 * once: it picks NN when it starts and then takes only times that belong there, each
 * less than CONF_SPLIT microseconds ahead of the clock. Two processes that take the
 * same time differ in the inode. State (queue/state.h) is in state/NN/ID.
 */

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "stream.h"

#define MESSAGE_HEADER_SIZE  96
#define MESSAGE_ID_MAX       32         /* octets, NUL included (11 + 1 + 13 + 1 are used) */
#define MESSAGE_ENVELOPE_MAX (1U << 24) /* octets: queue-send has all of it in memory */
#define MESSAGE_RCPTS_MAX    100000     /* recipients of one message */

struct message_regions {
	uint64_t message, messagelen;
	uint64_t envelope, envelopelen;
};

/*
 * message_header - write the header for regions. message_header_parse reads it: 1, or
 * 0 if it is no header of ours or does not describe a file of that size.
 */
void message_header(char to[MESSAGE_HEADER_SIZE], struct message_regions const *r);
int message_header_parse(
    struct message_regions *r, char const from[MESSAGE_HEADER_SIZE], uint64_t filesize);

/*
 * message_time - a new id's time part for the directory split (< CONF_SPLIT):
 * microseconds since 1970, never the same twice in a process, growing even when the
 * clock is set back. message_id makes the id of a time and an inode; message_id_parse
 * takes one apart: 1, or 0 if text is not exactly one id as message_id writes it.
 */
uint64_t message_time(unsigned int split);
void message_id(char to[MESSAGE_ID_MAX], uint64_t time, uint64_t inode);
int message_id_parse(char const *text, size_t len, uint64_t *time, uint64_t *inode);

/* message_split - which of the CONF_SPLIT directories an id with this time is in. */
unsigned int message_split(uint64_t time);

/* message_birth - the id's time in seconds. */
time_t message_birth(uint64_t time);

/* An envelope in memory: the frames as they are in the file. Start with frames = STRALLOC_ZERO. */
struct envelope {
	stralloc frames;    /* the region */
	char const *sender; /* canonical, not NUL-terminated; see mail */
	size_t senderlen;
	struct frame client, mail; /* C (empty if there was none) and M */
	size_t rcpts;              /* how many R frames */
	size_t first;              /* offset in frames of the first R */
};

/*
 * envelope_parse - check and index e->frames: 1, 0 damaged (errno EPROTO).
 * envelope_next - walk the R frames: start with *pos = e->first; 1 and *rcpt, 0 at the end.
 */
int envelope_parse(struct envelope *e);
int envelope_next(struct envelope const *e, size_t *pos, struct frame *rcpt);

/*
 * message_read - read header and envelope of an open queue file (with pread: no
 * matter where the descriptor stands): 1, 0 damaged (EPROTO), -1 with errno
 * (ENOMEM, EIO …: try later). What e held before is overwritten.
 */
int message_read(int fd, struct message_regions *r, struct envelope *e);

#endif
