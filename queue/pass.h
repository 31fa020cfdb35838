#ifndef QUEUE_PASS_H
#define QUEUE_PASS_H

/*
 * pass - one time that a message is tried: its recipients go to the channels, their
 * results are noted (in the order that state.h explains), and at the end the message is
 * finished, or its state saved. Does file I/O, through state.h.
 */

#include "schedule.h"

/* pass_result, pass_put_off - what a channel has to say: its calls. */
void pass_result(struct channel *ch, struct outcome const *o);
void pass_put_off(
    struct channel *ch, struct job *job, uint32_t n, uint32_t until, struct answer const *reason);

/* pass_look - give the job's recipients out, or settle it when all are back. */
void pass_look(struct schedule *s, struct job *job);

/* pass_remove - take the message's files out of the queue. 1, or 0 with errno. */
int pass_remove(struct schedule *s, struct job *job);

#endif
