#include "schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"
#include "pass.h"

#define ROOM_KEEP  (SCHEDULE_JOBS / 4) /* messages for one destination that may stay */
#define ROOM_PAUSE 10                  /* seconds that the others are put off */
#define ROOM_LARGE 300 /* seconds that a message is put off which is too large for what is left */
#define ROOM_TIME  5   /* seconds in which, of those that take all room, … */
#define ROOM_MOVE  (SCHEDULE_JOBS / 10) /* … so many end, if nobody need be put off */
#define REPORT_RETRY                                                                               \
	300            /* seconds until a report is tried again that queue-inject did not take     \
			*/
#define REMOTE_FIRST 2 /* connections to another host's domain, at first */
#define REPORT_GRACE 172800 /* seconds beyond its lifetime that a message waits for its report */

void
schedule_init(struct schedule *s, int local, int remote, int post, uint64_t seed)
{
	struct channel_calls const calls = { pass_result, pass_put_off };

	due_init(&s->due);
	s->local.name = "local";
	s->local.spawner = local;
	s->local.batch = 1;
	s->remote.name = "remote";
	s->remote.spawner = remote;
	s->remote.batch = 100;
	s->remote.domains = 1;
	s->local.calls = s->remote.calls = calls;
	s->local.owner = s->remote.owner = s;
	channel_init(&s->local, 1, seed);
	channel_init(&s->remote, 1, seed * 0x9e3779b97f4a7c15ULL);
	s->remote.fair.first = REMOTE_FIRST;
	post_init(&s->post, post);
	s->slice = SCHEDULE_SLICE;
	schedule_apply(s);
}

void
schedule_apply(struct schedule *s)
{
	s->local.concurrency = (unsigned int)s->settings.concurrency_local;
	s->remote.concurrency = (unsigned int)s->settings.concurrency_remote;
	fair_limit(&s->local.fair, (unsigned int)s->settings.per_address);
	fair_limit(&s->remote.fair, (unsigned int)s->settings.per_domain);
}

/* --- the list of jobs, and the list of those to look at --- */

static void
push(struct look *list, struct job *job)
{
	job->look_next = 0;
	*(list->head ? &list->tail->look_next : &list->head) = job;
	list->tail = job;
}

void
schedule_look(struct schedule *s, struct job *job)
{
	if (job->listed || job->reporting)
		return;
	job->listed = 1;
	push(&s->look, job);
}

/* look_first - new mail does not wait until what is known of a thousand others is saved. */
static void
look_first(struct schedule *s, struct job *job)
{
	job->listed = 1;
	job->look_next = s->look.head;
	if (!s->look.head)
		s->look.tail = job;
	s->look.head = job;
}

void
schedule_report(struct schedule *s, struct job *job)
{
	job->reporting = 1;
	push(&s->reports, job);
}

void
schedule_later(struct schedule *s, struct job *job)
{
	if (!s->later.head)
		s->later_at = s->now + SCHEDULE_PAUSE;
	job->listed = 1;
	push(&s->later, job);
}

static struct job *
pop(struct look *list)
{
	struct job *const job = list->head;

	if (job)
		list->head = job->look_next;
	return job;
}

/* look_at_later - those whose time has come. */
static void
look_at_later(struct schedule *s)
{
	struct job *job;

	while ((job = pop(&s->later)))
		push(&s->look, job);
}

static void
add_job(struct schedule *s, struct job *job, uint32_t number)
{
	job->number = number;
	job->prev = 0;
	job->next = s->jobs;
	if (s->jobs)
		s->jobs->prev = job;
	s->jobs = job;
	s->active++;
	s->memory += job->memory;
	s->lane[job->lane].jobs++;
	s->lane[job->lane].memory += job->memory;
}

static void
remove_job(struct schedule *s, struct job *job)
{
	*(job->prev ? &job->prev->next : &s->jobs) = job->next;
	if (job->next)
		job->next->prev = job->prev;
	s->active--;
	s->left++;
	s->memory -= job->memory;
	s->lane[job->lane].jobs--;
	s->lane[job->lane].memory -= job->memory;
	job_free(job);
}

static struct job *
find_job(struct schedule const *s, uint64_t time, uint64_t inode)
{
	for (struct job *job = s->jobs; job; job = job->next)
		if (job->time == time && job->inode == inode)
			return job;
	return 0;
}

/* due_again - put it where it is found; without memory it is found at the next start. */
static void
due_again(struct schedule *s, uint32_t number, uint32_t at)
{
	if (!due_put(&s->due, number, at))
		s->broken = 1; /* so start again now */
}

void
schedule_put(struct schedule *s, struct job *job, uint32_t at)
{
	s->due.entry[job->number].has_state = job->has_state;
	due_again(s, job->number, at);
	remove_job(s, job);
}

void
schedule_end(struct schedule *s, struct job *job)
{
	due_forget(&s->due, job->number);
	remove_job(s, job);
}

/* --- messages become jobs --- */

static void
log_new(struct job const *job)
{
	char const *const session = frame_fact(&job->envelope.client, "session");

	log_begin("new");
	log_str("id", job->id);
	if (session)
		log_str("session", session);
	log_num("size", job->where.messagelen);
	log_bytes("from", job->envelope.sender, job->envelope.senderlen);
	log_num("rcpts", job->state.rcpts);
	log_end();
}

static void
log_file(char const *event, uint64_t time, uint64_t inode, int error)
{
	char id[MESSAGE_ID_MAX];

	message_id(id, time, inode);
	log_begin(event);
	log_str("id", id);
	if (error)
		log_str("error", strerrordesc_np(error));
	log_end();
}

/* fits - whether room for others is left beside it. */
static int
fits(struct schedule const *s, struct job const *job)
{
	return !s->active ||
	       (s->memory < SCHEDULE_MEMORY && job->memory <= (SCHEDULE_MEMORY - s->memory) / 2);
}

/* learn - what a message says of itself. */
static void
learn(struct schedule *s, uint32_t number, struct job const *job)
{
	if (s->due.entry[number].is_new)
		log_new(job);
	s->due.entry[number].is_new = 0;
	due_lane(&s->due, number, job->lane);
}

/* load - the message as a job, or null; then it is dealt with. anyway: an admin wants it. */
static struct job *
load(struct schedule *s, uint32_t number, int anyway)
{
	struct due_entry e = s->due.entry[number];
	struct job *job;
	uint32_t pause;

	s->due.entry[number].unread = 0;
	switch (job_load(&job, s->mess, s->state, e.time, e.inode, e.has_state)) {
	case JOB_OK: break;
	case JOB_GONE: due_forget(&s->due, number); return 0;
	case JOB_DAMAGED:
		/* nothing of it can be trusted, so nothing is done: an admin must look */
		log_file("damaged", e.time, e.inode, 0);
		due_again(s, number, DUE_NEVER);
		return 0;
	case JOB_TROUBLE:
		/* too many files: not this message's fault, and soon over */
		pause = errno == EMFILE || errno == ENFILE ? 1 : SCHEDULE_PAUSE;
		log_file("trouble", e.time, e.inode, errno);
		s->fill_after = s->now + 1;
		due_again(s, number, s->now + pause);
		return 0;
	}
	learn(s, number, job);
	if (!anyway && !fits(s, job)) {
		job_free(job);
		due_again(s, number, s->now + ROOM_LARGE);
		return 0;
	}
	job->hurry = e.hurry & 1;
	s->due.entry[number].hurry = 0;
	add_job(s, job, number);
	if (e.is_new)
		look_first(s, job);
	else
		schedule_look(s, job);
	return job;
}

/*
 * has_room - for one more job of a lane. None has more than what is left for all others,
 * so one that has little always finds room. Of messages whose sender is not known there
 * may be as many as leave a quarter to those who are.
 */
static int
has_room(struct schedule const *s, unsigned int lane)
{
	size_t const jobs = s->active < SCHEDULE_JOBS ? SCHEDULE_JOBS - s->active : 0;
	size_t const memory = s->memory < SCHEDULE_MEMORY ? SCHEDULE_MEMORY - s->memory : 0;

	if (!s->active)
		return 1;
	if (lane >= FAIR_LANES)
		return jobs > SCHEDULE_JOBS / 4 && memory > SCHEDULE_MEMORY / 4;
	return s->lane[lane].jobs < jobs && s->lane[lane].memory < memory;
}

/* closed - the lanes without room, as due wants them. */
static uint64_t
closed(struct schedule const *s)
{
	uint64_t lanes = 0;

	for (unsigned int i = 0; i < DUE_ALL; i++)
		lanes |= (uint64_t)!has_room(s, i) << i;
	return lanes;
}

/*
 * make_room - if all room is taken by who waits for a few slow destinations, put some of
 * them off. Where messages come and go, those that wait outside get their turn anyway.
 */
static void
make_room(struct schedule *s)
{
	struct channel *const both[] = { &s->local, &s->remote };
	int const moves = s->left >= ROOM_MOVE;

	if (s->now < s->room_at)
		return;
	s->room_at = s->now + ROOM_TIME;
	s->left = 0;
	for (size_t i = 0; i < 2 && !moves; i++) {
		struct destination *const d = fair_fullest(&both[i]->fair);

		if (d && d->waiting > ROOM_KEEP)
			channel_put_off(both[i], d, ROOM_KEEP, s->now + ROOM_PAUSE);
	}
}

/* monotonic - milliseconds, whatever is done to the clock. */
static uint64_t
monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* take - what is due and has room, a slice of it: each is read from the disk. */
static void
take(struct schedule *s)
{
	uint64_t const end = monotonic() + s->slice;
	uint32_t number;

	while (s->fill_after <= s->now &&
	       (number = due_take(&s->due, s->now, closed(s))) != DUE_NONE) {
		load(s, number, 0);
		if (monotonic() >= end)
			break;
	}
}

/* place_arrived - there is no room for them as they are: find out whose they are. */
static void
place_arrived(struct schedule *s)
{
	uint32_t number;

	while (!has_room(s, DUE_ARRIVED) && (number = due_arrived(&s->due)) != DUE_NONE) {
		struct due_entry const e = s->due.entry[number];
		struct job *job;

		if (job_load(&job, s->mess, s->state, e.time, e.inode, 0) == JOB_OK) {
			learn(s, number, job);
			job_free(job);
		} else {
			due_lane(&s->due, number, DUE_UNKNOWN); /* its time comes */
		}
		if (s->due.entry[number].lane == DUE_ARRIVED)
			break; /* no memory */
	}
}

static void
fill(struct schedule *s)
{
	if (s->stopping || s->fill_after > s->now)
		return;
	take(s);
	place_arrived(s);
	take(s);
	if (due_next(&s->due, 0) > s->now) {
		s->room_at = s->now + ROOM_TIME;
		s->left = 0;
	} else {
		make_room(s);
	}
}

void
schedule_arrived(struct schedule *s, uint64_t time, uint64_t inode)
{
	uint32_t number;

	if (due_find(&s->due, time, inode) != DUE_NONE)
		return;
	number = due_add(&s->due, time, inode);
	if (number == DUE_NONE) {
		s->broken = 1;
		return;
	}
	s->due.entry[number].is_new = 1;
	s->due.entry[number].has_state = !s->scanned;
	due_lane(&s->due, number, DUE_ARRIVED);
	due_again(s, number, s->now);
}

/* --- orders --- */

void
schedule_retry_all(struct schedule *s)
{
	log_begin("retry");
	log_num("messages", s->due.count);
	log_end();
	fair_purge(&s->local.fair, UINT32_MAX);
	fair_purge(&s->remote.fair, UINT32_MAX);
	due_all(&s->due, s->now);
	for (struct job *job = s->jobs; job; job = job->next)
		job->again = 1;
}

/* make_final - sync the directory: a power cut must not bring back what was dropped. */
static void
make_final(struct schedule *s, uint64_t time, uint64_t inode)
{
	char path[STATE_PATH_MAX];
	int fd;

	state_path(path, time, inode);
	path[strcspn(path, "/")] = 0;
	fd = openat(s->mess, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fdatasync(fd) == -1)
		log_file("trouble", time, inode, errno);
	if (fd != -1)
		close(fd);
}

static void
drop(struct schedule *s, struct job *job)
{
	job->dropped = 1;
	job->has_state = 1;
	if (!pass_remove(s, job)) {
		log_file("trouble", job->time, job->inode, errno);
		job->dropped = 0;
		return;
	}
	make_final(s, job->time, job->inode);
	log_begin("dropped");
	log_str("id", job->id);
	log_bytes("from", job->envelope.sender, job->envelope.senderlen);
	log_num("rcpts", job->unfinished);
	log_end();
}

/* drop_damaged - a message that cannot be loaded; what its envelope says does not matter. */
static void
drop_damaged(struct schedule *s, uint64_t time, uint64_t inode)
{
	char path[STATE_PATH_MAX];
	uint32_t const number = due_find(&s->due, time, inode);

	if (number == DUE_NONE)
		return;
	state_path(path, time, inode);
	if (unlinkat(s->mess, path, 0) == -1 && errno != ENOENT) {
		log_file("trouble", time, inode, errno);
		return;
	}
	state_remove(s->state, path);
	due_forget(&s->due, number);
	make_final(s, time, inode);
	log_file("dropped", time, inode, 0);
}

static void
obey(struct schedule *s, enum order order, struct job *job)
{
	switch (order) {
	case ORDER_RETRY:
		fair_purge(&s->local.fair, UINT32_MAX);
		fair_purge(&s->remote.fair, UINT32_MAX);
		job->again = 1;
		break;
	case ORDER_HOLD:
	case ORDER_RELEASE:
		job->state.held = order == ORDER_HOLD;
		job->again |= order == ORDER_RELEASE;
		job->changed = 1;
		break;
	case ORDER_DROP: drop(s, job); break;
	case ORDER_BOUNCE: job->bounce = 1; break;
	default: break;
	}
	schedule_look(s, job);
}

void
schedule_order(struct schedule *s, enum order order, uint64_t time, uint64_t inode)
{
	struct job *job;
	uint32_t number;

	if (order == ORDER_RETRY_ALL)
		schedule_retry_all(s);
	if (order <= ORDER_NEW || order == ORDER_RETRY_ALL)
		return;
	log_file(order_name(order), time, inode, 0);
	job = find_job(s, time, inode);
	if (!job) {
		number = due_find(&s->due, time, inode);
		if (number == DUE_NONE) {
			number = due_add(&s->due, time, inode);
			if (number == DUE_NONE)
				return;
			s->due.entry[number].has_state = 1;
		} else {
			due_put(&s->due, number, DUE_NEVER);
		}
		job = load(s, number, 1);
		/* this order is the reason for the pass: nothing else happens in it */
		if (job)
			job->cursor = job->state.rcpts;
	}
	if (job)
		obey(s, order, job);
	else if (order == ORDER_DROP)
		drop_damaged(s, time, inode);
}

/* --- reports --- */

/* give_up_report - nobody will take it, ever: the message must not stay for that. */
static void
give_up_report(struct schedule *s, struct job *job)
{
	log_begin("unreported");
	log_str("id", job->id);
	log_str("reason", s->post.answer.text);
	log_end();
	notify_sent(job, &s->settings);
}

void
schedule_posted(struct schedule *s)
{
	struct job *const job = pop(&s->reports);
	uint64_t const end = (uint64_t)message_birth(job->time) + s->settings.lifetime +
			     REPORT_GRACE;

	job->reporting = 0;
	log_begin("report");
	log_str("id", job->id);
	log_str("kind", report_action((enum report_kind)job->report_kind));
	log_str("result", s->post.answer.code == 'K' ? "success" : "deferral");
	log_str("text", s->post.answer.text);
	log_end();
	if (s->post.answer.code == 'K')
		notify_sent(job, &s->settings);
	else if (s->now > end)
		give_up_report(s, job);
	else
		job->not_before = s->now + REPORT_RETRY;
	schedule_look(s, job);
}

/* send_report - the first one that waits, if none is on its way. */
static void
send_report(struct schedule *s)
{
	while (!s->post.busy && s->reports.head) {
		struct job *const job = s->reports.head;
		int const kind = notify_next(job, &s->settings, s->now);

		if (kind != NOTIFY_NONE && !job->dropped && !s->stopping && !s->broken) {
			if (notify_send(job, kind, &s->settings, &s->post, s->now))
				return;
			log_file("trouble", job->time, job->inode, errno);
			s->broken = errno == EPIPE || errno == EAGAIN;
			job->not_before = s->now + REPORT_RETRY;
		}
		pop(&s->reports);
		job->reporting = 0;
		schedule_look(s, job);
	}
}

/* --- the work --- */

/* scan - a slice; without a descriptor for it, jobs that end have some in a moment. */
static void
scan(struct schedule *s)
{
	uint64_t const end = monotonic() + s->slice;
	int ok;

	do
		ok = scan_step(&s->scan, &s->due, s->now);
	while (ok && s->scan.running && monotonic() < end);
	if (!ok) {
		log_begin("trouble");
		log_str("reason", "unable to read the queue's directories");
		log_str("error", strerrordesc_np(errno));
		log_end();
		s->scan_after = s->now + 1;
		s->broken |= errno != EMFILE && errno != ENFILE;
	}
	if (s->scanned || s->scan.running)
		return;
	s->scanned = 1;
	log_begin("scanned");
	log_num("messages", s->due.count);
	log_end();
}

void
schedule_work(struct schedule *s)
{
	struct job *job;
	uint64_t end;

	if (s->scan.running && !s->stopping && s->scan_after <= s->now)
		scan(s);
	fill(s);
	if (s->later.head && s->later_at <= s->now)
		look_at_later(s);
	end = monotonic() + s->slice;
	do {
		while ((job = pop(&s->look))) {
			job->listed = 0;
			pass_look(s, job);
			if (monotonic() >= end)
				break;
		}
		if (!s->stopping) {
			channel_run(&s->local, s->now);
			channel_run(&s->remote, s->now);
		}
		send_report(s);
	} while (s->look.head && monotonic() < end);
}

void
schedule_stop(struct schedule *s)
{
	if (s->stopping)
		return;
	s->stopping = 1;
	channel_stop(&s->local, s->now);
	channel_stop(&s->remote, s->now);
	look_at_later(s);
	for (struct job *job = s->jobs; job; job = job->next)
		schedule_look(s, job);
}

int
schedule_is_over(struct schedule const *s)
{
	return s->stopping && !s->local.busy && !s->remote.busy && !s->post.busy && !s->look.head;
}

uint32_t
schedule_next(struct schedule const *s)
{
	uint32_t next = channel_deadline(&s->local);
	uint32_t const remote = channel_deadline(&s->remote);
	uint32_t due = DUE_NEVER;

	if (!s->stopping) {
		due = due_next(&s->due, 0);
		/* who has no room waits for who has it; look each second */
		if (due <= s->now && due_next(&s->due, closed(s)) > s->now)
			due = s->now + 1;
		if (due < s->fill_after)
			due = s->fill_after;
		if (s->scan.running && s->scan_after < due)
			due = s->scan_after;
	}
	if (s->look.head)
		return s->now;
	if (remote < next)
		next = remote;
	if (s->later.head && s->later_at < next)
		next = s->later_at;
	return due < next ? due : next;
}
