#ifndef QUEUE_DUE_H
#define QUEUE_DUE_H

/*
 * due - every message that is in the queue, and when each is due: the scheduler's whole
 * knowledge of messages that it is not working on. No I/O, no clock.
 *
 * Built for a million messages: an entry is 24 octets, 4 in a heap and 8 to 16 in a hash
 * table. Each lane (a hash of the sender) has its own heap and they take turns, so that
 * whoever has a hundred thousand messages due holds nobody else up. A message whose sender
 * is not known yet is in one of two more lanes: what was there at the start does not hold
 * up what arrives.
 */

#include <stdint.h>

#define DUE_LANES     62              /* of senders that are known */
#define DUE_UNKNOWN   DUE_LANES       /* the lane of messages not read yet */
#define DUE_ARRIVED   (DUE_LANES + 1) /* the lane of those that have just come */
#define DUE_ALL       (DUE_LANES + 2)
#define DUE_TIME_BITS 54         /* of an id's time: enough for 570 years */
#define DUE_MAX       (1U << 30) /* messages */
#define DUE_NEVER     UINT32_MAX
#define DUE_NONE      UINT32_MAX /* no entry */

/* A message. Everything but has_state, is_new and unread is due's to change. */
struct due_entry {
	uint64_t inode;
	uint64_t time : DUE_TIME_BITS; /* with inode, the id; see message.h */
	uint64_t lane : 6;
	uint64_t has_state : 1; /* a state file may be there: look for it */
	uint64_t is_new : 1;    /* no "new" line was logged for it yet */
	uint64_t unread : 1;    /* its state says when it is due, and was not looked at yet */
	uint64_t hurry : 1;     /* try every recipient when it is taken, due or not */
	uint32_t at;            /* when it is due, seconds since 1970; see due_put */
	uint32_t place;         /* in its lane's heap; free entries: the next one */
};

struct due {
	struct due_entry *entry;
	uint32_t entries, size; /* used (free ones too), allocated */
	uint32_t free;          /* a chain of unused entries, or DUE_NONE */
	uint32_t count;         /* messages known */
	uint32_t *table;        /* hash: entry number + 1, or 0 */
	uint32_t mask;          /* of the table; its size - 1 */
	struct due_heap {
		uint32_t *item;
		uint32_t count, size;
	} heap[DUE_ALL];
	unsigned int turn; /* the lane whose turn it is */
};

/* due_init - with nothing in it; due_free gives the memory back. */
void due_init(struct due *d);
void due_free(struct due *d);

/* due_find - a message's entry number, or DUE_NONE. */
uint32_t due_find(struct due const *d, uint64_t time, uint64_t inode);

/*
 * due_add - make a message known, in the unknown lane, not in any heap yet (due_put
 * does that). Returns its number, the old one if it was known, or DUE_NONE: no memory.
 * A number stays valid until due_forget; pointers into d->entry only until due_add.
 */
uint32_t due_add(struct due *d, uint64_t time, uint64_t inode);

/* due_put - the message is due at that time (DUE_NEVER: not by itself). 1, or 0: no memory. */
int due_put(struct due *d, uint32_t number, uint32_t at);

/* due_lane - move a message to its sender's lane. 1, or 0: no memory (it stays where it was). */
int due_lane(struct due *d, uint32_t number, unsigned int lane);

/*
 * due_take - the next message due at now, by turns; it leaves the heap. DUE_NONE: there is
 * none. due_next - the time of the earliest one in any heap; DUE_NEVER if there is none.
 * Both pass over the lanes whose bits are set in closed.
 */
uint32_t due_take(struct due *d, uint32_t now, uint64_t closed);
uint32_t due_next(struct due const *d, uint64_t closed);

/* due_arrived - a message that has just come, by order of age; DUE_NONE: there is none. */
uint32_t due_arrived(struct due const *d);

/* due_all - make all of them due at that time, in a hurry, except those that are never due. */
void due_all(struct due *d, uint32_t at);

/* due_forget - the message is no longer in the queue. */
void due_forget(struct due *d, uint32_t number);

#endif
