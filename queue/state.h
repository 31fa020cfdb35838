#ifndef QUEUE_STATE_H
#define QUEUE_STATE_H

/*
 * state - what is known about a message beyond its one file: queue-send's own notes,
 * state/NN/ID. A message has one only when there is something to note: most never do.
 *
 * A list of netstrings (len:bytes,), each one fact; numbers are decimal, n counts the
 * message's R frames from 0, status is an enhanced status code (RFC 3463):
 *
 *   V1                        the format; first in a file
 *   W n attempts next status text
 *                             n is waiting: tried so often, next at (seconds since
 *                             1970), the last answer. "W n attempts next" if never tried
 *   L n                       the sender was told that n is late
 *   S n status text           n was delivered, and the sender is owed a success report
 *   F n status text           n failed for good, and the sender is owed a report
 *   D n  or  D n m            there is nothing left to do for n (from n to m)
 *   H  and  R                 an admin held the message back, or released it
 *
 * A later fact replaces an earlier one about the same recipient; an unknown letter is
 * passed over. The file is replaced whole (a new file, renamed) when recipients are put
 * off, and appended to while a pass goes on, after each recipient but the last. It holds
 * facts only: no address, no route, no order.
 *
 * What survives a crash, at any point:
 * - A torn end (or damage) ends the list; what is not known is tried again. So a lost
 *   fact can mean a second delivery or a second report, never a lost message.
 * - A recipient's fact is written after its delivery was answered and, if it failed,
 *   before the report; D only after queue-inject said that the report is on disk. A
 *   crash between the two repeats the one recipient or the one report.
 * - The message's file is removed first, then its state. In between a state file is
 *   litter, which the scan at the next start removes; the other way round the crash
 *   would leave a message that looks untried.
 * - Appends are synced every STATE_SYNC_EVERY facts, a replaced file before its rename
 *   when it says that somebody is done: a power cut repeats a few deliveries of a big
 *   mailing, not all of it.
 * - The file's mtime is when the message is due next, so that the scan at a start need
 *   not read it. It is a hint: a wrong one means an early look, no more.
 */

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#define STATE_REASON_MAX 300 /* octets of a status and its text; longer ones are cut */
#define STATE_PATH_MAX   64  /* octets of "NN/ID", NUL included */
#define STATE_FILE_MAX   (1U << 27)
#define STATE_SYNC_EVERY 64
#define STATE_NEVER      UINT32_MAX /* mtime of a message that is held */

enum fate {
	FATE_WAITING,   /* to be tried, at next */
	FATE_DELIVERED, /* a success report is owed */
	FATE_FAILED,    /* a failure report is owed */
	FATE_DONE,      /* nothing is left to do */
};

struct rcpt {
	char *reason;      /* the last answer, "4.2.2 text", from malloc; or null */
	uint32_t next;     /* when it is due, if it is waiting */
	uint32_t frame;    /* the scheduler's: offset of its R frame */
	uint32_t link;     /* the scheduler's: the next recipient of a delivery */
	uint16_t attempts; /* made so far */
	uint8_t fate;      /* enum fate */
	uint8_t told_late;
};

struct state {
	struct rcpt *rcpt;
	uint32_t rcpts;
	int held;
	int torn; /* the file has a bad end: replace it before appending */
};

/* state_path - "NN/ID", the same below mess/ and state/. */
void state_path(char to[STATE_PATH_MAX], uint64_t time, uint64_t inode);

/* state_reason - set a recipient's reason, cut to STATE_REASON_MAX. 1, or 0: no memory. */
int state_reason(struct rcpt *r, char const *status, char const *text);

/* state_free - the recipients, with their reasons. */
void state_free(struct state *s);

/*
 * state_parse - apply a file's text to s (whose rcpt[] is there, as of a new message):
 * 1, or 0 with errno (ENOMEM, EPROTO: a format of another version).
 * state_format - append the text of a whole file; state_fact - one recipient's netstring.
 * 1, or 0: no memory.
 */
int state_parse(struct state *s, char const *text, size_t len);
int state_format(stralloc *to, struct state const *s);
int state_fact(stralloc *to, struct state const *s, uint32_t n);

/* The rest does file I/O below dir, the open directory state/; path is state_path's. */

/* state_load - 1, 0 there is no such file, -1 with errno. */
int state_load(int dir, char const *path, struct state *s);

/* state_due - the hint: when the message is due; 0 if there is no state file. */
uint32_t state_due(int dir, char const *path);

/* state_replace - write the whole file anew, with its hint. 1, or 0 with errno. */
int state_replace(int dir, char const *path, struct state const *s, uint32_t due);

/*
 * state_open - for appending; makes the file if need be. A descriptor, or -1 with errno.
 * state_append - one recipient's fact, synced if asked. 1, or 0 with errno.
 */
int state_open(int dir, char const *path);
int state_append(int fd, struct state const *s, uint32_t n, int sync);

/* state_remove - 1, also if there was none; 0 with errno. */
int state_remove(int dir, char const *path);

#endif
