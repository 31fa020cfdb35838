#ifndef QUEUE_SCAN_H
#define QUEUE_SCAN_H

/*
 * scan - find every message in the queue, a slice at a time, so that deliveries go on
 * meanwhile. Reads the directories mess/NN and state/NN, and removes from the latter what
 * belongs to no message (see state.h). Used at the start, and if the trigger overflowed.
 */

#include <dirent.h>
#include <stdint.h>

#include "due.h"

#define SCAN_SLICE 256 /* names looked at in one step */

struct scan {
	int mess, state;    /* the open directories */
	unsigned int split; /* the NN being read */
	int in_state;       /* of state/, else of mess/ */
	DIR *dir;
	int running;
	uint32_t found; /* messages not known before */
};

/* scan_start - begin, or begin again. */
void scan_start(struct scan *s, int mess, int state);

/* scan_step - read on, adding to due what it does not know. 1, or 0 with errno: no memory or I/O.
 */
int scan_step(struct scan *s, struct due *due, uint32_t now);

#endif
