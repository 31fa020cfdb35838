#ifndef QUEUE_CHANNEL_H
#define QUEUE_CHANNEL_H

/*
 * channel - one kind of delivery, local or remote: a spawner (lib/sinks.h) and the sinks
 * it handed out. Whoever fair says is next gets a sink for its destination; a sink that
 * is done is kept a few seconds for more mail to the same destination.
 *
 * Does I/O on sockets, never waiting: the owner polls the descriptors of channel_poll and
 * hands the events to channel_events. A transaction is sent in one flight (C M R… F E, a
 * few KB into an empty socket) and the answers are read as they come.
 */

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "fair.h"
#include "job.h"
#include "sinks.h"
#include "stream.h"

#define CHANNEL_IDLE         3     /* seconds that a sink is kept without work */
#define CHANNEL_SINK_MAX     60    /* seconds after which a sink gets no more: settings change */
#define CHANNEL_IN_A_ROW     20    /* deliveries of one sink while others wait for a place */
#define CHANNEL_ASK_MAX      300   /* seconds that a spawner may take to hand one out */
#define CHANNEL_DELIVERY_MAX 21600 /* seconds that one delivery may take */
#define CHANNEL_BUSY         1     /* seconds until a destination that is busy is tried again */
#define CHANNEL_IS_BUSY                                                                            \
	"4.4.5" /* status of an answer to M: not tried, the other end has                          \
		    as many connections as it gets (RFC 3463 3.5) */

/* What happened to one recipient. */
struct outcome {
	struct job *job;
	uint32_t n; /* the recipient */
	struct answer const *answer;
	uint32_t ms; /* how long the delivery took */
	struct destination *destination;
};

struct channel;

/* What the scheduler does about it; none of them may call back into the channel. */
struct channel_calls {
	/* a delivery was made, or tried */
	void (*result)(struct channel *ch, struct outcome const *o);
	/* not tried: the destination is down until that time, or, without a reason, we are busy */
	void (*put_off)(struct channel *ch, struct job *job, uint32_t n, uint32_t until,
	    struct answer const *reason);
};

struct channel {
	char const *name; /* for the log */
	struct channel_calls calls;
	void *owner;
	int spawner;              /* a SOCK_SEQPACKET, non-blocking; -1: there is none */
	unsigned int concurrency; /* sinks at once */
	uint32_t batch;           /* recipients of a delivery, at the most */
	int domains;              /* destinations are domains, not mailboxes: what is said of one
				     recipient or message says nothing about the next */
	struct fair fair;
	struct sink **sink; /* those in use */
	size_t sinks, size;
	size_t polled; /* of them, in the last channel_poll */
	struct sink *spare;
	unsigned int busy; /* sinks with work */
	uint32_t serial;
	uint32_t random; /* state of a generator for jitter */
};

/* channel_init - calls, owner, spawner, batch and limits are set by the caller first. */
void channel_init(struct channel *ch, unsigned int limit, uint64_t seed);
void channel_free(struct channel *ch);

/*
 * channel_add - recipient n of the job waits for a delivery to that destination (its name
 * in lower case); job->waiting counts it. 1, or 0: no memory. If the destination is down,
 * calls.put_off comes at once.
 */
int channel_add(
    struct channel *ch, struct job *job, uint32_t n, char const *name, size_t len, uint32_t now);

/* channel_run - start what can start. */
void channel_run(struct channel *ch, uint32_t now);

/*
 * channel_poll - put what to wait for into to[] (CHANNEL_POLL_MAX(ch) elements); how many.
 * channel_events - look at what poll found in them. 1, or 0: the spawner is gone.
 * channel_expire - what took too long, or was idle for too long.
 * channel_deadline - when channel_expire has something to do next; UINT32_MAX: never.
 */
#define CHANNEL_POLL_MAX(ch) ((ch)->sinks + 1)
size_t channel_poll(struct channel *ch, struct pollfd *to);
int channel_events(struct channel *ch, struct pollfd const *from, uint32_t now);
void channel_expire(struct channel *ch, uint32_t now);
uint32_t channel_deadline(struct channel const *ch);

/*
 * channel_put_off - take all but keep of the batches that wait for a destination out again,
 * until about that time (calls.put_off). How many recipients.
 */
size_t channel_put_off(
    struct channel *ch, struct destination *d, unsigned int keep, uint32_t until);

/* channel_stop - put everything off that waits; what runs goes on. */
void channel_stop(struct channel *ch, uint32_t now);

/* channel_random - a number for jitter. */
uint32_t channel_random(struct channel *ch);

#endif
