#ifndef QUEUE_NOTIFY_H
#define QUEUE_NOTIFY_H

/*
 * notify - which reports a message's sender is owed (RFC 3461), and the making of them.
 * Reads the message's file; notify_send hands the report to post.
 *
 * Nothing bounces twice: a report about a report (its sender is empty) goes to
 * doublebounceto from "#@[]", and about that there is none.
 */

#include "job.h"
#include "post.h"
#include "report.h"
#include "sendconf.h"

#define NOTIFY_NONE  -1
#define NOTIFY_TWICE "#@[]" /* the sender of reports about reports */

/* notify_on_failure, notify_on_success - whether recipient n's sender is owed a report of that. */
int notify_on_failure(struct job const *job, uint32_t n, struct sendconf const *set);
int notify_on_success(struct job const *job, uint32_t n);

/* notify_next - the kind of report to send next (enum report_kind), or NOTIFY_NONE. */
int notify_next(struct job const *job, struct sendconf const *set, uint32_t now);

/*
 * notify_send - make a report of that kind and begin to send it; job->report_… say what it
 * is about. 1, or 0 with errno (ENOMEM, EIO: try later; EPIPE: the injector is gone).
 */
int notify_send(
    struct job *job, int kind, struct sendconf const *set, struct post *post, uint32_t now);

/* notify_sent - it is in the queue: note that in the recipients it was about. */
void notify_sent(struct job *job, struct sendconf const *set);

#endif
