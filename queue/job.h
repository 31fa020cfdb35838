#ifndef QUEUE_JOB_H
#define QUEUE_JOB_H

/*
 * job - a message that queue-send is working on: its open file, its envelope and what
 * is known of each recipient. Reads files (job_load) and closes them; nothing else.
 */

#include <stddef.h>
#include <stdint.h>

#include "fair.h"
#include "message.h"
#include "state.h"
#include "stream.h"

struct job {
	struct job *next, *prev; /* the scheduler's list of all */
	struct job *look_next;   /* its list of those to look at, or to report about */
	uint64_t time, inode;    /* the id */
	uint32_t number;         /* in due */
	char id[MESSAGE_ID_MAX];
	char path[STATE_PATH_MAX];
	int fd;      /* the message's file; always pread, sinks share its offset */
	int statefd; /* open for appending, or -1 */
	struct message_regions where;
	struct envelope envelope;
	struct state state;
	size_t memory;             /* octets that the job takes, about */
	unsigned int lane;         /* of its sender, for due and fair; less than FAIR_LANES */
	uint32_t unfinished;       /* recipients whose fate is not FATE_DONE */
	uint32_t cursor;           /* recipients before it have their place in this pass */
	uint32_t waiting, running; /* recipients in a channel; in a delivery */
	uint32_t appended;         /* facts since the last sync */
	uint32_t not_before;       /* a report could not be sent: when to try it again, or 0 */
	int report_kind;           /* enum report_kind, while reporting */
	uint32_t report_last;      /* the recipients up to that one are in the report */
	uint32_t report_time;
	unsigned int has_state : 1; /* there is a state file (or there may be) */
	unsigned int changed : 1;   /* the state file is not up to date */
	unsigned int listed : 1;    /* it is in the list of those to look at */
	unsigned int reporting : 1; /* a report about it is being sent, or waits for that */
	unsigned int dropped : 1;   /* an admin removed it */
	unsigned int hurry : 1;     /* this pass is for all that wait, due or not */
	unsigned int again : 1;     /* when it is over, make another such pass */
	unsigned int bounce : 1;    /* an admin wants all that wait to be returned */
};

enum job_result {
	JOB_OK,
	JOB_GONE,    /* no such message (any more) */
	JOB_DAMAGED, /* it, or its state, is not what it must be */
	JOB_TROUBLE, /* errno: try later */
};

/* What a sender wants to be told about (RFC 3461 4.1). */
enum job_notify {
	JOB_SUCCESS = 1,
	JOB_FAILURE = 2,
	JOB_DELAY = 4,
};

/* job_load - mess, state: the open directories; state_too: look for a state file. */
enum job_result job_load(
    struct job **job, int mess, int state, uint64_t time, uint64_t inode, int state_too);
void job_free(struct job *job);

/* job_lane - the lane of a sender, for due and fair. */
unsigned int job_lane(char const *sender, size_t len);

/* job_rcpt - recipient n's frame; the address is NUL-terminated. */
void job_rcpt(struct job const *job, uint32_t n, struct frame *f);

/* job_is_sender - whether the sender is exactly that. */
int job_is_sender(struct job const *job, char const *sender);

/* frame_param - the value of a parameter of an M or R frame ("RET"): NUL-terminated, or null. */
char const *frame_param(struct frame const *f, char const *name);

/* frame_fact - the value of a C frame's key: NUL-terminated, or null. */
char const *frame_fact(struct frame const *f, char const *key);

/* job_notify - the bits that recipient n's NOTIFY asks for, FAILURE and DELAY without one. */
unsigned int job_notify(struct job const *job, uint32_t n);

/*
 * job_put - add C (with id), M and R for a batch to a stream, as much as fits one
 * flight: *count recipients of it from b->first on. 1, or 0: not even one.
 */
int job_put(struct job const *job, struct stream *s, struct batch const *b, uint32_t *count);

#endif
