#include "notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/stralloc.h>

#include "verp.h"

#define HEADER_MAX 65536 /* octets of a message that are looked at for its header */

int
notify_on_failure(struct job const *job, uint32_t n, struct sendconf const *set)
{
	if (job_is_sender(job, NOTIFY_TWICE) || !(job_notify(job, n) & JOB_FAILURE))
		return 0;
	return job->envelope.senderlen || *set->double_bounce.s;
}

int
notify_on_success(struct job const *job, uint32_t n)
{
	return job->envelope.senderlen && !job_is_sender(job, NOTIFY_TWICE) &&
	       job_notify(job, n) & JOB_SUCCESS;
}

/* is_late - whether it is time to tell the sender that recipient n waits. */
static int
is_late(struct job const *job, uint32_t n, struct sendconf const *set, uint32_t now)
{
	struct rcpt const *r = &job->state.rcpt[n];
	uint64_t const birth = (uint64_t)message_birth(job->time);

	return set->delay_notice && now >= birth + set->delay_notice && !r->told_late &&
	       r->attempts && job->envelope.senderlen && !job_is_sender(job, NOTIFY_TWICE) &&
	       job_notify(job, n) & JOB_DELAY;
}

/* is_relayed - whether another server has it; the reason begins with a status and a blank. */
static int
is_relayed(struct rcpt const *r)
{
	char const *const text = r->reason ? strchr(r->reason, ' ') : 0;

	return text && !strncmp(text + 1, REPORT_RELAYED_TEXT, strlen(REPORT_RELAYED_TEXT));
}

/* is_owed - whether recipient n belongs in a report of that kind. */
static int
is_owed(struct job const *job, uint32_t n, int kind, struct sendconf const *set, uint32_t now)
{
	switch (job->state.rcpt[n].fate) {
	case FATE_FAILED: return kind == REPORT_FAILED;
	case FATE_DELIVERED:
		return kind ==
		       (is_relayed(&job->state.rcpt[n]) ? REPORT_RELAYED : REPORT_DELIVERED);
	case FATE_WAITING: return kind == REPORT_DELAYED && is_late(job, n, set, now);
	default: return 0;
	}
}

int
notify_next(struct job const *job, struct sendconf const *set, uint32_t now)
{
	for (int kind = REPORT_FAILED; kind <= REPORT_RELAYED; kind++)
		for (uint32_t n = 0; n < job->state.rcpts; n++)
			if (is_owed(job, n, kind, set, now))
				return kind;
	return NOTIFY_NONE;
}

/* has_flag - a parameter without a value. */
static int
has_flag(struct frame const *mail, char const *name)
{
	size_t pos = strlen(mail->data) + 1, len;
	char const *p;

	while ((p = stream_field(mail, &pos, &len)))
		if (!strcasecmp(p, name))
			return 1;
	return 0;
}

/* choose - the recipients of this report; how many. */
static size_t
choose(struct job *job, int kind, struct sendconf const *set, uint32_t now, struct report_rcpt *to)
{
	size_t count = 0;

	job->report_kind = kind;
	job->report_time = now;
	for (uint32_t n = 0; n < job->state.rcpts && count < REPORT_RCPTS_MAX; n++) {
		struct frame f;

		if (!is_owed(job, n, kind, set, now))
			continue;
		job_rcpt(job, n, &f);
		to[count++] = (struct report_rcpt){
			.address = f.data,
			.orcpt = frame_param(&f, "ORCPT"),
			.reason = job->state.rcpt[n].reason,
		};
		job->report_last = n;
	}
	return count;
}

/* read_original - the message, or enough of it to hold the header: a buffer, or null. */
static char *
read_original(struct job const *job, int whole, size_t *len)
{
	uint64_t const size = job->where.messagelen;
	size_t const wanted = whole || size < HEADER_MAX ? (size_t)size : HEADER_MAX;
	char *const text = malloc(wanted + 1);

	*len = 0;
	while (text && *len < wanted) {
		ssize_t const r = pread(
		    job->fd, text + *len, wanted - *len, (off_t)(job->where.message + *len));

		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0) { /* a file in the queue never gets shorter */
			free(text);
			errno = EIO;
			return 0;
		}
		*len += (size_t)r;
	}
	return text;
}

/* wants_whole - RET, and our own limit; only a failure quotes more than the header. */
static int
wants_whole(struct job const *job, int kind, struct sendconf const *set)
{
	char const *const ret = frame_param(&job->envelope.mail, "RET");

	return kind == REPORT_FAILED && job->where.messagelen <= set->bounce_max &&
	       (!ret || strcasecmp(ret, "HDRS") != 0);
}

static int
send_report(struct report const *r, struct post *post)
{
	stralloc text = STRALLOC_ZERO;
	struct report_needs needs;
	int ok;

	errno = ENOMEM;
	ok = report_compose(&text, r, &needs);
	if (ok) {
		struct post_message const m = {
			.sender = r->twice ? NOTIFY_TWICE : "",
			.rcpt = r->to,
			.eightbit = needs.eightbit,
			.utf8 = needs.utf8,
			.text = text.s,
			.len = text.len,
		};
		ok = post_send(post, &m);
	}
	stralloc_free(&text);
	return ok;
}

int
notify_send(struct job *job, int kind, struct sendconf const *set, struct post *post, uint32_t now)
{
	struct report_rcpt *const rcpt = calloc(REPORT_RCPTS_MAX, sizeof *rcpt);
	int const twice = !job->envelope.senderlen;
	int const whole = wants_whole(job, kind, set);
	char owner[2 * ADDRESS_MAX + 1];
	struct report r = {
		.kind = (enum report_kind)kind,
		.twice = twice,
		.me = set->me.s,
		.from = set->bounce_from.s,
		.to = twice ? set->double_bounce.s : job->envelope.sender,
		.id = job->id,
		.envid = frame_param(&job->envelope.mail, "ENVID"),
		.arrival = message_birth(job->time),
		.now = now,
		.until = message_birth(job->time) + (time_t)set->lifetime,
		.rcpt = rcpt,
		.utf8 = has_flag(&job->envelope.mail, "SMTPUTF8"),
		.whole = whole,
	};
	char *original = rcpt ? read_original(job, whole, &r.originallen) : 0;
	size_t const ownerlen =
	    twice ? 0 : verp_owner(owner, job->envelope.sender, job->envelope.senderlen);
	int ok = 0;

	if (ownerlen) {
		owner[ownerlen] = 0;
		r.to = owner;
	}
	if (original) {
		r.original = original;
		r.rcpts = choose(job, kind, set, now, rcpt);
		ok = send_report(&r, post);
	}
	free(original);
	free(rcpt);
	return ok;
}

void
notify_sent(struct job *job, struct sendconf const *set)
{
	for (uint32_t n = 0; n <= job->report_last; n++) {
		struct rcpt *const r = &job->state.rcpt[n];

		if (!is_owed(job, n, job->report_kind, set, job->report_time))
			continue;
		if (r->fate == FATE_WAITING) {
			r->told_late = 1;
		} else {
			r->fate = FATE_DONE;
			job->unfinished--;
		}
		job->changed = 1;
	}
}
