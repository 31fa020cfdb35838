#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H

/*
 * schedule - what queue-send works on, and what happens to it. Messages come from scan
 * and trigger into due; a bounded number of those that are due are taken as jobs, and no
 * sender's have more of the room than is left for all others; a job's pass (pass.h) gives its
 * recipients to the channels; when all had an answer it is settled: reported about, and finished or
 * put back. Does file I/O.
 */

#include <stddef.h>
#include <stdint.h>

#include "channel.h"
#include "due.h"
#include "job.h"
#include "orders.h"
#include "post.h"
#include "scan.h"
#include "sendconf.h"

#define SCHEDULE_JOBS   1000        /* messages worked on at once: each is an open file */
#define SCHEDULE_MEMORY (48U << 20) /* octets that they may take, all together */
#define SCHEDULE_SLICE  20 /* milliseconds for one kind of work; then others have their turn */
#define SCHEDULE_PAUSE  60 /* seconds until a message is tried again that could not be read */

/* A list of jobs, by look_next. */
struct look {
	struct job *head, *tail;
};

struct schedule {
	uint32_t now;    /* seconds since 1970; the owner keeps it right */
	int mess, state; /* the open directories */
	int overquota;   /* for lib/overquota.h, or -1 */
	struct sendconf settings;
	struct due due;
	struct scan scan;
	struct channel local, remote;
	struct post post;
	struct job *jobs; /* all, the latest first */
	size_t active;
	size_t memory;
	struct {
		size_t jobs, memory;
	} lane[FAIR_LANES]; /* what each has of them */
	struct look look;   /* jobs with something to decide */
	struct look
	    reports;       /* jobs with a report to send; the first is being sent if post is busy */
	struct look later; /* jobs whose files could not be written: looked at again, all at once */
	uint32_t later_at;
	uint32_t fill_after; /* trouble with files: no new jobs before that */
	uint32_t scan_after; /* no descriptor for the scan: it goes on then */
	uint32_t room_at;    /* if there is still no room then, somebody may be put off */
	uint32_t left;       /* jobs that ended since somebody waits for room */
	uint32_t slice;      /* SCHEDULE_SLICE; a test may want another */
	int scanned;         /* once from beginning to end: what the trigger brings is new */
	int stopping;        /* no new deliveries */
	int broken;          /* a process that we need is gone */
};

/* schedule_init - mess, state, overquota and settings are set by the caller. */
void schedule_init(struct schedule *s, int local, int remote, int post, uint64_t seed);

/* schedule_apply - settings were read anew. */
void schedule_apply(struct schedule *s);

/* schedule_arrived - the trigger brought an id. */
void schedule_arrived(struct schedule *s, uint64_t time, uint64_t inode);

/* schedule_order - an admin wants something done. */
void schedule_order(struct schedule *s, enum order order, uint64_t time, uint64_t inode);

/* schedule_retry_all - SIGALRM, or the order: everything that waits is due now. */
void schedule_retry_all(struct schedule *s);

/* schedule_work - do all that can be done now without waiting. */
void schedule_work(struct schedule *s);

/* schedule_posted - post has the outcome of a report. */
void schedule_posted(struct schedule *s);

/* schedule_stop - start nothing new; schedule_is_over - and nothing runs any more. */
void schedule_stop(struct schedule *s);
int schedule_is_over(struct schedule const *s);

/* schedule_next - when there is something to do by the clock; DUE_NEVER: not at all. */
uint32_t schedule_next(struct schedule const *s);

/* schedule_look - have a look at the job (again), soon; for pass.c. */
void schedule_look(struct schedule *s, struct job *job);

/* schedule_report - a report about the job is to be sent; for pass.c. */
void schedule_report(struct schedule *s, struct job *job);

/* schedule_later - have another look in a minute: what the job knows is in memory only; for pass.c.
 */
void schedule_later(struct schedule *s, struct job *job);

/* schedule_put - the job is over for now: it is due again at that time; for pass.c. */
void schedule_put(struct schedule *s, struct job *job, uint32_t at);

/* schedule_end - the message is out of the queue; for pass.c. */
void schedule_end(struct schedule *s, struct job *job);

#endif
