#ifndef QUEUE_SCAN_H
#define QUEUE_SCAN_H

/*
 * scan - find every message in the queue, a slice at a time, so that deliveries go on
 * meanwhile. Reads the directories state/NN and mess/NN, and removes from the former what
 * belongs to no message (see state.h). Used at the start, and if the trigger overflowed.
 *
 * Names come first: a message without a state file is due at once, and found even among a
 * million that wait within seconds. When those are due is asked of each state file after
 * that, in the order in which they were made, which is about that of their inodes.
 */

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

#include "due.h"

#define SCAN_SLICE 16 /* names or files looked at in one step */

enum scan_phase {
	SCAN_STATE, /* reading the names in state/NN … */
	SCAN_MESS,  /* … and in mess/NN … */
	SCAN_MATCH, /* … the former in order: messages, or litter; then the next NN */
	SCAN_HINTS, /* asking state files */
};

/* A name in state/NN. */
struct scan_name {
	uint64_t time, inode;
	int in_mess;
};

struct scan {
	int mess, state;    /* the open directories */
	unsigned int split; /* the NN being read */
	enum scan_phase phase;
	DIR *dir;
	struct scan_name *name; /* of state/NN, in order when all are there */
	size_t names, size;     /* used, allocated */
	size_t at;              /* SCAN_MATCH: the next name; SCAN_HINTS: the next entry of due */
	int running;
	uint32_t found; /* messages not known before */
};

/* scan_start - begin, or begin again. scan_stop - give up its memory and descriptor. */
void scan_start(struct scan *s, int mess, int state);
void scan_stop(struct scan *s);

/* scan_step - read on, adding to due what it does not know. 1, or 0 with errno: no memory or I/O.
 */
int scan_step(struct scan *s, struct due *due, uint32_t now);

#endif
