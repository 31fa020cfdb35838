#include "pass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "notify.h"
#include "overquota.h"
#include "retry.h"

#define FEED     1000 /* recipients of a message that are given out at once */
#define AT_ONCE  100  /* of these, if they have their answer without waiting */
#define FEED_LOW 500  /* so few left: give out more */
#define SPREAD   30   /* seconds over which those come back who waited for a destination */
#define FULL     "4.2.2"

static void
log_trouble(struct job const *job, char const *what)
{
	log_begin("trouble");
	log_str("id", job->id);
	log_str("reason", what);
	log_str("error", strerrordesc_np(errno));
	log_end();
}

/* --- what is noted --- */

/*
 * note - append a recipient's fact while others are not done: a crash must not deliver
 * to all of them again. What cannot be written is written when the pass is over.
 */
static void
note(struct schedule *s, struct job *job, uint32_t n)
{
	int sync;

	job->changed = 1;
	if (!job->unfinished || job->state.rcpts == 1 || job->dropped)
		return;
	if (job->state.torn) {
		/* behind a torn end nothing is read: begin a new file */
		job->has_state = 1;
		job->state.torn = !state_replace(s->state, job->path, &job->state, s->now);
		if (job->statefd != -1)
			close(job->statefd);
		job->statefd = -1;
		return;
	}
	if (job->statefd == -1) {
		job->statefd = state_open(s->state, job->path);
		job->has_state = 1;
	}
	sync = ++job->appended % STATE_SYNC_EVERY == 0;
	if (job->statefd == -1 || !state_append(job->statefd, &job->state, n, sync)) {
		job->state.torn = 1;
		log_trouble(job, "unable to note a delivery");
	}
}

/* finish - the recipient's fate is final; owed: its sender is to be told. */
static void
finish(struct schedule *s, struct job *job, uint32_t n, enum fate owed)
{
	job->state.rcpt[n].fate = (uint8_t)owed;
	if (owed == FATE_DONE)
		job->unfinished--;
	note(s, job, n);
}

static void
failed(struct schedule *s, struct job *job, uint32_t n)
{
	int const owed = notify_on_failure(job, n, &s->settings);

	if (!owed) {
		struct frame f;

		job_rcpt(job, n, &f);
		log_begin("unreported");
		log_str("id", job->id);
		log_str("to", f.data);
		log_bytes("from", job->envelope.sender, job->envelope.senderlen);
		log_end();
	}
	finish(s, job, n, owed ? FATE_FAILED : FATE_DONE);
}

static uint32_t
end_of(struct schedule const *s, struct job const *job)
{
	return (uint32_t)((uint64_t)message_birth(job->time) + s->settings.lifetime);
}

/* deferred - the recipient waits for another attempt, or its time is over. */
static void
deferred(struct schedule *s, struct channel *ch, struct job *job, uint32_t n)
{
	struct rcpt *r = &job->state.rcpt[n];
	uint64_t const end = end_of(s, job);
	uint64_t next;

	if (s->now >= end) {
		failed(s, job, n);
		return;
	}
	next = retry_next((uint64_t)message_birth(job->time), s->now, r->attempts,
	    ch == &s->local ? RETRY_LOCAL : RETRY_REMOTE, end, channel_random(ch));
	r->next = next < DUE_NEVER ? (uint32_t)next : DUE_NEVER - 1;
	job->changed = 1;
}

/* --- what the channels say --- */

static void
log_delivery(struct channel const *ch, struct outcome const *o)
{
	struct rcpt const *r = &o->job->state.rcpt[o->n];
	struct frame f;

	job_rcpt(o->job, o->n, &f);
	log_begin("delivery");
	log_str("id", o->job->id);
	log_str("to", f.data);
	log_str("channel", ch->name);
	log_num("attempt", r->attempts);
	log_str("result", o->answer->code == 'K'   ? "success"
			  : o->answer->code == 'Z' ? "deferral"
						   : "failure");
	log_str("status", o->answer->status);
	log_num("ms", o->ms);
	log_str("text", o->answer->text);
	log_end();
}

/* note_quota - have smtpd say that a mailbox is full, until we try again. */
static void
note_quota(struct schedule *s, struct outcome const *o, int was_full)
{
	struct rcpt const *r = &o->job->state.rcpt[o->n];
	struct frame f;

	job_rcpt(o->job, o->n, &f);
	if (o->answer->code == 'K' && was_full)
		overquota_clear(s->overquota, f.data, strlen(f.data));
	else if (o->answer->code == 'Z' && !strcmp(o->answer->status, FULL))
		overquota_mark(s->overquota, f.data, strlen(f.data), s->now, r->next);
}

static int
wants_look(struct job const *job)
{
	uint32_t const out = job->waiting + job->running;

	return !out || (out < FEED_LOW && job->cursor < job->state.rcpts);
}

/* is_last - whether we are the last who can report the delivery (RFC 3461 5.2.2). */
static int
is_last(struct schedule const *s, struct channel const *ch, struct answer const *a)
{
	return ch == &s->local ||
	       !strncmp(a->text, REPORT_RELAYED_TEXT, strlen(REPORT_RELAYED_TEXT));
}

void
pass_result(struct channel *ch, struct outcome const *o)
{
	struct schedule *const s = ch->owner;
	struct job *const job = o->job;
	struct rcpt *const r = &job->state.rcpt[o->n];
	int const was_full = r->reason && !strncmp(r->reason, FULL " ", sizeof FULL);

	if (r->attempts < UINT16_MAX)
		r->attempts++;
	log_delivery(ch, o);
	state_reason(r, o->answer->status, o->answer->text);
	if (o->answer->code == 'Z')
		deferred(s, ch, job, o->n);
	else if (o->answer->code == 'D')
		failed(s, job, o->n);
	else
		finish(s, job, o->n,
		    is_last(s, ch, o->answer) && notify_on_success(job, o->n) ? FATE_DELIVERED
									      : FATE_DONE);
	if (ch == &s->local)
		note_quota(s, o, was_full);
	if (wants_look(job))
		schedule_look(s, job);
}

void
pass_put_off(
    struct channel *ch, struct job *job, uint32_t n, uint32_t until, struct answer const *reason)
{
	struct schedule *const s = ch->owner;
	struct rcpt *const r = &job->state.rcpt[n];
	uint32_t spread;

	if (!until)
		until = s->now + SCHEDULE_PAUSE;
	if (reason && !r->reason)
		state_reason(r, reason->status, reason->text);
	spread = until > s->now ? until - s->now : 1;
	r->next = until + channel_random(ch) % (spread < SPREAD ? spread : SPREAD);
	/* however old it is: who was not tried for a reason of ours alone has not failed */
	if (reason && s->now >= end_of(s, job) && !s->stopping)
		failed(s, job, n);
	if (wants_look(job))
		schedule_look(s, job);
}

/* --- giving out --- */

/* answer_at_once - a recipient that no channel can take. */
static void
answer_at_once(struct channel *ch, struct job *job, uint32_t n, char code, char const *status,
    char const *text)
{
	struct answer a;
	struct outcome const o = { .job = job, .n = n, .answer = &a };

	stream_answer_set(&a, code, status, text);
	pass_result(ch, &o);
}

/* lower - a destination's name: ASCII letters in lower case. */
static size_t
lower(char *to, char const *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] | 0x20 : from[i]);
	return len;
}

/* give_out - recipient n to its channel. */
static void
give_out(struct schedule *s, struct job *job, uint32_t n)
{
	unsigned int const flags = ADDRESS_NO_BRACKETS_OK | ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK;
	char name[ADDRESS_MAX];
	struct address a;
	struct frame f;
	struct channel *ch = &s->local;
	size_t len;

	job_rcpt(job, n, &f);
	if (address_parse(&a, f.data, strlen(f.data), flags) != ADDRESS_OK) {
		answer_at_once(ch, job, n, 'D', "5.1.3", "this is no mail address");
		return;
	}
	len = lower(name, a.text, a.len);
	if (recipient_route(&s->settings.routes, &a) == RECIPIENT_REMOTE) {
		ch = &s->remote;
		len = a.at < a.len ? lower(name, a.text + a.at + 1, a.len - a.at - 1) : len;
	}
	if (ch->spawner == -1)
		answer_at_once(ch, job, n, 'Z', "4.4.0",
		    "no relay agent is installed: mail for other hosts waits in the queue");
	else if (!channel_add(ch, job, n, name, len, s->now))
		pass_put_off(ch, job, n, 0, 0);
}

static void
feed(struct schedule *s, struct job *job)
{
	uint32_t const before = job->waiting;
	uint32_t given = 0;

	/* some have an answer at once: not too many, nothing else happens meanwhile */
	while (job->cursor < job->state.rcpts && job->waiting + job->running < FEED &&
	       given - (job->waiting - before) < AT_ONCE) {
		uint32_t const n = job->cursor++;
		struct rcpt const *r = &job->state.rcpt[n];

		if (r->fate != FATE_WAITING || (r->next > s->now && !job->hurry))
			continue;
		give_out(s, job, n);
		given++;
	}
}

/* --- settling --- */

int
pass_remove(struct schedule *s, struct job *job)
{
	if (unlinkat(s->mess, job->path, 0) == -1 && errno != ENOENT)
		return 0;
	return !job->has_state || state_remove(s->state, job->path);
}

/* end - nobody is left: the message leaves the queue. */
static void
end(struct schedule *s, struct job *job)
{
	uint64_t const birth = (uint64_t)message_birth(job->time);

	if (!pass_remove(s, job)) {
		log_trouble(job, "unable to remove the message");
		schedule_later(s, job);
		return;
	}
	log_begin("end");
	log_str("id", job->id);
	log_num("seconds", s->now > birth ? s->now - birth : 0);
	log_end();
	schedule_end(s, job);
}

/* next_of - when the earliest recipient is due. */
static uint32_t
next_of(struct job const *job)
{
	uint32_t next = job->not_before ? job->not_before : DUE_NEVER;

	for (uint32_t n = 0; n < job->state.rcpts; n++) {
		struct rcpt const *r = &job->state.rcpt[n];

		if (r->fate == FATE_WAITING && r->next < next)
			next = r->next;
	}
	return next;
}

/* save - what is known, and the message back to due. */
static void
save(struct schedule *s, struct job *job)
{
	uint32_t const next = job->state.held ? DUE_NEVER : next_of(job);

	if (job->changed) {
		job->has_state = 1;
		if (!state_replace(s->state, job->path, &job->state, next)) {
			/* kept in memory: forgetting who is done would deliver to them again */
			log_trouble(job, "unable to save what is known of a message");
			schedule_later(s, job);
			return;
		}
	}
	schedule_put(s, job, next);
}

/* return_all - an admin's order: those that wait have failed. */
static void
return_all(struct schedule *s, struct job *job)
{
	job->bounce = 0;
	job->state.held = 0;
	for (uint32_t n = 0; n < job->state.rcpts; n++) {
		struct rcpt *const r = &job->state.rcpt[n];

		if (r->fate != FATE_WAITING)
			continue;
		state_reason(r, "5.0.0", "returned by the mail server's administrator");
		failed(s, job, n);
	}
}

/* report - the next report that is owed: 1 if it waits to be sent. */
static int
report(struct schedule *s, struct job *job)
{
	if (job->not_before || s->stopping || notify_next(job, &s->settings, s->now) == NOTIFY_NONE)
		return 0;
	schedule_report(s, job);
	return 1;
}

static void
settle(struct schedule *s, struct job *job)
{
	if (job->bounce)
		return_all(s, job);
	if (report(s, job))
		return;
	if (!job->unfinished) {
		end(s, job);
		return;
	}
	if (job->again && !job->state.held && !s->stopping) {
		job->again = 0;
		job->hurry = 1;
		job->not_before = 0;
		job->cursor = 0;
		schedule_look(s, job);
		return;
	}
	save(s, job);
}

void
pass_look(struct schedule *s, struct job *job)
{
	if (job->dropped) {
		if (!job->waiting && !job->running && !job->reporting)
			schedule_end(s, job);
		return;
	}
	if (!s->stopping && !job->state.held && !job->bounce)
		feed(s, job);
	if (job->listed) /* some had an answer at once */
		return;
	if (!job->waiting && !job->running && !job->reporting)
		settle(s, job);
}
