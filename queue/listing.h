#ifndef QUEUE_LISTING_H
#define QUEUE_LISTING_H

/*
 * listing - a message of the queue as queue-list shows it. Pure.
 */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "job.h"

/* listing_add - append the lines of one message. 1, or 0: no memory. */
int listing_add(stralloc *to, struct job const *job, uint32_t now);

#endif
