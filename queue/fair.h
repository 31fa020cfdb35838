#ifndef QUEUE_FAIR_H
#define QUEUE_FAIR_H

/*
 * fair - who is next. No I/O, no clock.
 *
 * Recipients wait in groups: those of one message for one destination. A turn is all that
 * one lane (a hash of the sender) has waiting for one destination. Lanes take turns, and
 * in a lane its destinations do, and for a destination its messages do: so a mailing
 * of many recipients, or of many messages, or to a destination that is slow, delays
 * nobody else's single message by more than a delivery.
 *
 * A destination has a limit of deliveries at once. One that is down is left alone until
 * a time (the caller asks fair_is_down before adding), and after that tried with one
 * delivery until one succeeds. Where a destination is another's machine (first is set), its
 * window begins small, grows by one when as many deliveries as it holds have worked, and is
 * small again after a failure. A destination that says it is busy keeps what it has, and
 * is asked for more only after FAIR_PATIENCE deliveries.
 */

#include <stddef.h>
#include <stdint.h>

#include "state.h"

#define FAIR_LANES    62         /* as many as due has: DUE_LANES */
#define FAIR_DOWN_MAX 20000      /* destinations remembered as down; beyond that, forgotten */
#define FAIR_PATIENCE 100        /* deliveries */
#define FAIR_LAST     UINT32_MAX /* ends a chain of recipients */

struct job;
struct turn;

struct destination {
	struct destination *next; /* of the same hash */
	struct turn *turns;
	unsigned int running;  /* deliveries */
	unsigned int waiting;  /* groups */
	unsigned int sinks;    /* the channel's, for this destination */
	unsigned int failures; /* in a row; 0: it is up */
	unsigned int window;   /* deliveries at once for now, if fair.first is set */
	unsigned int ceiling;  /* of the window, since the destination was busy; 0: none known */
	unsigned int worked;   /* deliveries since the window or the ceiling grew */
	uint32_t resume;       /* if it is down: not before */
	size_t len;
	char name[];
};

/* Recipients of one job for one destination, chained by their link, FAIR_LAST at the end. */
struct batch {
	struct destination *destination;
	struct job *job;
	struct rcpt *rcpt; /* the job's */
	uint32_t first, count;
};

struct fair {
	struct destination **table;
	size_t size, count;
	size_t down;                   /* destinations with failures */
	struct turn *lane[FAIR_LANES]; /* rings of turns that may start */
	unsigned int next_lane;
	unsigned int limit;   /* deliveries at once for a destination */
	unsigned int first;   /* and at first; 0: the limit counts from the start */
	unsigned int waiting; /* groups, of all destinations */
	uint64_t seed;
};

/* fair_init - first is set afterwards, if it is to be; seed: anything a sender cannot know.
 * fair_free: all batches must be taken. */
void fair_init(struct fair *f, unsigned int limit, uint64_t seed);
void fair_free(struct fair *f);

/* fair_destination - the one of that name (octets are octets), made if need be; null: no memory. */
struct destination *fair_destination(struct fair *f, char const *name, size_t len);

int fair_is_down(struct destination const *d, uint32_t now);

/*
 * fair_add - recipient n of rcpt[] (job's) waits for the destination. Returns the
 * number of groups added (0 or 1), or -1: no memory, and it does not wait.
 */
int fair_add(struct fair *f, struct destination *d, unsigned int lane, struct job *job,
    struct rcpt *rcpt, uint32_t n);

/*
 * fair_take - the batch whose turn it is, of at most max recipients; it counts as a
 * delivery that runs, until fair_finished. 1, or 0: nothing can start now.
 */
int fair_take(struct fair *f, uint32_t max, struct batch *b);

/* fair_take_from - the same of one destination, whose lanes take turns. */
int fair_take_from(struct fair *f, struct destination *d, uint32_t max, struct batch *b);

/*
 * fair_drain - take a batch that waits for that destination out again, to be put off; it
 * does not run. The latest of each turn comes first. 1, or 0: none waits.
 */
int fair_drain(struct fair *f, struct destination *d, struct batch *b);

/* fair_finished - a delivery that ran is over; fair_release - forget d if nothing needs it. */
void fair_finished(struct fair *f, struct destination *d);
void fair_release(struct fair *f, struct destination *d);

/*
 * fair_failed - it is down, until that time; fair_worked - a delivery worked: it is up;
 * fair_busy - it takes no more than the other deliveries that run now (one at the least).
 */
void fair_failed(struct fair *f, struct destination *d, uint32_t resume);
void fair_worked(struct fair *f, struct destination *d);
void fair_busy(struct fair *f, struct destination *d);

/* fair_limit - a new limit, for all. */
void fair_limit(struct fair *f, unsigned int limit);

/* fair_purge - forget what was down, and was not heard of since that time. */
void fair_purge(struct fair *f, uint32_t since);

/* fair_fullest - the destination with the most groups waiting; null: nobody waits. */
struct destination *fair_fullest(struct fair const *f);

#endif
