#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "retry.h"
#include "verp.h"

#define PURGE_AFTER 14400 /* seconds after which a destination that was down is unknown again */

enum sink_state {
	SINK_WANTED, /* the spawner's socket was full: ask again */
	SINK_ASKED,
	SINK_BUSY,
	SINK_IDLE,
	SINK_GONE, /* closed; taken out of the list by the next channel_poll */
};

struct sink {
	struct sink *next; /* spare ones */
	enum sink_state state;
	int fd;
	uint32_t serial;
	uint32_t since;   /* when this state began */
	uint32_t born;    /* when the spawner gave it */
	uint64_t started; /* the delivery, monotonic milliseconds */
	int reused;       /* it had a message before this one */
	unsigned int row; /* deliveries since it was started, or could have been another's */
	struct destination *destination;
	struct batch batch;               /* being delivered */
	int refused;                      /* M was: what follows says nothing new */
	uint32_t answers;                 /* that came */
	uint32_t cursor;                  /* the recipient whose R is answered next */
	uint32_t accepted, accepted_last; /* a chain of those whose R was answered with K */
	struct stream stream;
};

static uint64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void
channel_init(struct channel *ch, unsigned int limit, uint64_t seed)
{
	fair_init(&ch->fair, limit, seed);
	ch->random = (uint32_t)(seed >> 32) | 1;
}

uint32_t
channel_random(struct channel *ch)
{
	ch->random ^= ch->random << 13;
	ch->random ^= ch->random >> 17;
	ch->random ^= ch->random << 5;
	return ch->random;
}

/* --- results --- */

static void
result(struct channel *ch, struct sink const *k, uint32_t n, struct answer const *a)
{
	uint64_t const ms = k->started ? milliseconds() - k->started : 0;
	struct outcome const o = {
		.job = k->batch.job,
		.n = n,
		.answer = a,
		.ms = (uint32_t)ms,
		.destination = k->destination,
	};

	o.job->running--;
	ch->calls.result(ch, &o);
}

/* results - the same answer for each of a chain. */
static void
results(struct channel *ch, struct sink const *k, uint32_t chain, struct answer const *a)
{
	while (chain != FAIR_LAST) {
		uint32_t const n = chain;

		chain = k->batch.rcpt[n].link;
		result(ch, k, n, a);
	}
}

static int
starts_with(char const *s, char const *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* is_about_destination - whether the next message to it would hear the same. */
static int
is_about_destination(struct answer const *a)
{
	return a->code == 'Z' && (starts_with(a->status, "4.4.") || !strcmp(a->status, "4.2.1") ||
				     !strcmp(a->status, "4.2.2"));
}

static void
put_off_batch(
    struct channel *ch, struct batch const *b, uint32_t until, struct answer const *reason)
{
	uint32_t chain = b->first;

	while (chain != FAIR_LAST) {
		uint32_t const n = chain;

		chain = b->rcpt[n].link;
		b->job->waiting--;
		ch->calls.put_off(ch, b->job, n, until, reason);
	}
}

/* fail - leave the destination alone for a while, and all that waits for it. */
static void
fail(struct channel *ch, struct destination *d, struct answer const *a, uint32_t now)
{
	uint32_t const until = now + (uint32_t)retry_pause(d->failures + 1, channel_random(ch));
	struct batch b;

	fair_failed(&ch->fair, d, until);
	log_begin("down");
	log_str("channel", ch->name);
	log_bytes("destination", d->name, d->len);
	log_num("failures", d->failures);
	log_num("until", until);
	log_str("status", a->status);
	log_str("text", a->text);
	log_end();
	while (fair_drain(&ch->fair, d, &b))
		put_off_batch(ch, &b, until, a);
}

/* judge - whether the destination is up; of_all: the answer is not about one recipient or message.
 */
static void
judge(struct channel *ch, struct destination *d, struct answer const *a, int of_all, uint32_t now)
{
	if (a->code == 'K')
		fair_worked(&ch->fair, d);
	else if (of_all && is_about_destination(a) && !fair_is_down(d, now))
		fail(ch, d, a, now);
}

/* --- sinks --- */

static struct sink *
new_sink(struct channel *ch)
{
	struct sink *k = ch->spare;

	if (ch->sinks == ch->size) {
		size_t const size = ch->size ? ch->size * 2 : 16;
		struct sink **more = reallocarray(ch->sink, size, sizeof *more);

		if (!more)
			return 0;
		ch->sink = more;
		ch->size = size;
	}
	if (k)
		ch->spare = k->next;
	else if (!(k = malloc(sizeof *k)))
		return 0;
	memset(k, 0, offsetof(struct sink, stream)); /* the buffers stay untouched: no memory */
	k->fd = -1;
	ch->sink[ch->sinks++] = k;
	return k;
}

static void
close_sink(struct channel *ch, struct sink *k)
{
	if (k->fd != -1)
		close(k->fd);
	k->fd = -1;
	k->state = SINK_GONE;
	k->destination->sinks--;
	fair_release(&ch->fair, k->destination);
	k->destination = 0;
}

/* busy - nobody has failed: the batch, and what waits if nothing else runs there, comes later. */
static void
busy(struct channel *ch, struct sink *k, uint32_t now)
{
	struct destination *const d = k->destination;
	uint32_t const until = now + CHANNEL_BUSY;
	struct batch b = k->batch;

	fair_busy(&ch->fair, d);
	/* what is open and not used may be what it lacks: one host can serve many domains */
	for (size_t i = 0; i < ch->sinks; i++)
		if (ch->sink[i]->state == SINK_IDLE && now > ch->sink[i]->since)
			close_sink(ch, ch->sink[i]);
	b.job->running -= b.count;
	b.job->waiting += b.count;
	put_off_batch(ch, &b, until, 0);
	while (d->running == 1 && fair_drain(&ch->fair, d, &b))
		put_off_batch(ch, &b, until, 0);
}

/* compact - take those that are gone out of the list. */
static void
compact(struct channel *ch)
{
	size_t kept = 0;

	for (size_t i = 0; i < ch->sinks; i++) {
		struct sink *const k = ch->sink[i];

		if (k->state != SINK_GONE) {
			ch->sink[kept++] = k;
			continue;
		}
		k->next = ch->spare;
		ch->spare = k;
	}
	ch->sinks = kept;
}

/* over - the delivery ended; the sink is to be kept, or is broken. */
static void
over(struct channel *ch, struct sink *k, int keep, uint32_t now)
{
	ch->busy--;
	fair_finished(&ch->fair, k->destination);
	k->batch.job = 0;
	k->state = SINK_IDLE;
	k->since = now;
	if (!keep || now - k->born >= CHANNEL_SINK_MAX)
		close_sink(ch, k);
}

/* give_up - every recipient without a final answer gets this one. */
static void
give_up(struct channel *ch, struct sink *k, char code, char const *status, char const *text,
    uint32_t now)
{
	struct answer a;

	stream_answer_set(&a, code, status, text);
	judge(ch, k->destination, &a, 1, now);
	results(ch, k, k->cursor, &a);
	results(ch, k, k->accepted, &a);
	over(ch, k, 0, now);
}

static void
ask(struct channel *ch, struct sink *k, uint32_t now)
{
	k->state = SINK_ASKED;
	k->since = now;
	k->serial = ++ch->serial;
	if (sinks_ask(ch->spawner, k->serial, k->destination->name, k->destination->len))
		return;
	k->state = SINK_WANTED;
	if (errno != EAGAIN && errno != ENOBUFS)
		give_up(
		    ch, k, 'Z', "4.3.0", "the spawner cannot be asked for a delivery agent", now);
}

/* leftover - recipients of the batch that did not fit the flight wait again. */
static void
leftover(struct channel *ch, struct sink *k, uint32_t count)
{
	struct batch *const b = &k->batch;
	struct job *const job = b->job;
	uint32_t n = b->first, chain;

	for (uint32_t i = 1; i < count; i++)
		n = b->rcpt[n].link;
	chain = b->rcpt[n].link;
	b->rcpt[n].link = FAIR_LAST;
	b->count = count;
	while (chain != FAIR_LAST) {
		n = chain;
		chain = b->rcpt[n].link;
		job->running--;
		if (fair_add(&ch->fair, k->destination, job->lane, job, b->rcpt, n) == -1)
			ch->calls.put_off(ch, job, n, 0, 0);
		else
			job->waiting++;
	}
}

/* send_flight - the whole transaction at once. */
static void
send_flight(struct channel *ch, struct sink *k, uint32_t now)
{
	struct job const *const job = k->batch.job;
	uint32_t count;

	k->state = SINK_BUSY;
	k->since = now;
	k->started = milliseconds();
	k->answers = 0;
	k->refused = 0;
	k->cursor = k->batch.first;
	k->accepted = FAIR_LAST;
	if (!job_put(job, &k->stream, &k->batch, &count)) {
		give_up(ch, k, 'Z', "4.3.0", "the envelope does not fit the mail stream", now);
		return;
	}
	if (count < k->batch.count)
		leftover(ch, k, count);
	/* an error here is seen as the end of the stream when the answers are read */
	if (!stream_file_end(&k->stream, job->fd, job->where.message, job->where.messagelen))
		shutdown(k->fd, SHUT_RDWR);
}

static struct sink *
idle_sink(struct channel *ch, struct destination const *d)
{
	for (size_t i = 0; i < ch->sinks; i++)
		if (ch->sink[i]->state == SINK_IDLE && (!d || ch->sink[i]->destination == d))
			return ch->sink[i];
	return 0;
}

static size_t
live_sinks(struct channel const *ch)
{
	size_t n = 0;

	for (size_t i = 0; i < ch->sinks; i++)
		n += ch->sink[i]->state != SINK_GONE;
	return n;
}

/* start - a sink for the batch: one that is idle there, or a new one. */
static void
start(struct channel *ch, struct batch const *b, uint32_t now)
{
	struct sink *k = b->destination->sinks ? idle_sink(ch, b->destination) : 0;
	int const reused = k != 0;

	if (!k && live_sinks(ch) >= ch->concurrency && (k = idle_sink(ch, 0))) {
		close_sink(ch, k);
		k = 0;
	}
	b->job->waiting -= b->count;
	if (!k && !(k = new_sink(ch))) {
		b->job->waiting += b->count;
		fair_finished(&ch->fair, b->destination);
		put_off_batch(ch, b, 0, 0);
		return;
	}
	b->job->running += b->count;
	ch->busy++;
	k->batch = *b;
	k->cursor = b->first;
	k->accepted = FAIR_LAST;
	k->reused = reused;
	if (reused) {
		if (k->row >= CHANNEL_IN_A_ROW)
			k->row = 0; /* its turn has come again */
		send_flight(ch, k, now);
		return;
	}
	k->destination = b->destination;
	k->destination->sinks++;
	ask(ch, k, now);
}

/*
 * take_for_idle - work for a sink that is there: a connection is worth more than a turn, but
 * not for ever. 1, or 0.
 */
static int
take_for_idle(struct channel *ch, struct batch *b)
{
	for (size_t i = 0; ch->domains && i < ch->sinks; i++) {
		struct sink *const k = ch->sink[i];

		if (k->state == SINK_IDLE && k->row < CHANNEL_IN_A_ROW &&
		    fair_take_from(&ch->fair, k->destination, ch->batch, b)) {
			k->row++;
			return 1;
		}
	}
	return 0;
}

static int
take_work(struct channel *ch, struct batch *b)
{
	return take_for_idle(ch, b) || fair_take(&ch->fair, ch->batch, b);
}

void
channel_run(struct channel *ch, uint32_t now)
{
	struct batch b;

	while (ch->busy < ch->concurrency && take_work(ch, &b)) {
		if (b.job->dropped) {
			fair_finished(&ch->fair, b.destination);
			put_off_batch(ch, &b, 0, 0);
			fair_release(&ch->fair, b.destination);
		} else {
			start(ch, &b, now);
		}
	}
}

int
channel_add(
    struct channel *ch, struct job *job, uint32_t n, char const *name, size_t len, uint32_t now)
{
	struct destination *const d = fair_destination(&ch->fair, name, len);
	struct answer down;
	int added;

	if (!d)
		return 0;
	if (fair_is_down(d, now)) {
		stream_answer_set(&down, 'Z', "4.4.0", "its destination takes no mail at present");
		ch->calls.put_off(ch, job, n, d->resume, &down);
		return 1;
	}
	added = fair_add(&ch->fair, d, job->lane, job, job->state.rcpt, n);
	if (added == -1)
		return 0;
	job->waiting++;
	return 1;
}

/* --- answers --- */

/* accept - R was answered with K: the recipient now waits for E's answer. */
static void
accept_rcpt(struct sink *k, uint32_t n)
{
	k->batch.rcpt[n].link = FAIR_LAST;
	if (k->accepted == FAIR_LAST)
		k->accepted = n;
	else
		k->batch.rcpt[k->accepted_last].link = n;
	k->accepted_last = n;
}

/* end_answer - an answer to E; 1 if more must come. */
static int
end_answer(struct channel *ch, struct sink *k, struct answer const *a)
{
	uint32_t const n = k->accepted;

	if (!a->single || n == FAIR_LAST) {
		results(ch, k, n, a);
		k->accepted = FAIR_LAST;
		return 0;
	}
	k->accepted = k->batch.rcpt[n].link;
	result(ch, k, n, a);
	return k->accepted != FAIR_LAST;
}

/* take_answer - the next answer of a delivery. */
static void
take_answer(struct channel *ch, struct sink *k, struct answer const *a, uint32_t now)
{
	uint32_t const which = k->answers++; /* 0 is M, then each R, then E */
	uint32_t const n = k->cursor;

	if (!which) {
		k->refused = a->code != 'K';
		if (k->refused && !strcmp(a->status, CHANNEL_IS_BUSY)) {
			busy(ch, k, now);
			k->cursor = FAIR_LAST;
		} else if (k->refused) {
			judge(ch, k->destination, a, 1, now);
			results(ch, k, n, a);
			k->cursor = FAIR_LAST;
		}
	} else if (which <= k->batch.count) {
		if (k->refused)
			return;
		k->cursor = k->batch.rcpt[n].link;
		if (a->code == 'K') {
			accept_rcpt(k, n);
		} else {
			judge(ch, k->destination, a, !ch->domains, now);
			result(ch, k, n, a);
		}
	} else {
		if (k->accepted != FAIR_LAST)
			judge(ch, k->destination, a, !ch->domains, now);
		if (!end_answer(ch, k, a))
			over(ch, k, 1, now);
	}
}

/* broken - the sink is gone, or talks nonsense, in the middle of a delivery. */
static void
broken(struct channel *ch, struct sink *k, uint32_t now)
{
	if (k->reused && !k->answers) {
		/* it left just as we came: that is nobody's failure */
		close(k->fd);
		k->fd = -1;
		k->reused = 0;
		ask(ch, k, now);
		return;
	}
	give_up(ch, k, 'Z', "4.3.0",
	    errno == EPROTO ? "the delivery agent does not speak the mail stream"
			    : "the delivery agent ended before it answered",
	    now);
}

static void
read_answers(struct channel *ch, struct sink *k, uint32_t now)
{
	if (k->state == SINK_IDLE) {
		close_sink(ch, k);
		return;
	}
	do {
		struct answer a;
		enum stream_result const r = stream_get_answer(&k->stream, &a);

		if (r == STREAM_ERROR && errno == EAGAIN)
			return;
		if (r != STREAM_OK) {
			if (r == STREAM_EOF)
				errno = EPIPE;
			broken(ch, k, now);
			return;
		}
		take_answer(ch, k, &a, now);
	} while (k->state == SINK_BUSY && stream_has_answer(&k->stream));
	if (k->state == SINK_IDLE && stream_pending(&k->stream))
		close_sink(ch, k);
}

/* --- the spawner --- */

static struct sink *
asked(struct channel *ch, uint32_t serial)
{
	for (size_t i = 0; i < ch->sinks; i++)
		if (ch->sink[i]->state == SINK_ASKED && ch->sink[i]->serial == serial)
			return ch->sink[i];
	return 0;
}

static void
got_sink(struct channel *ch, struct sink *k, struct answer const *a, int fd, uint32_t now)
{
	if (a->code != 'K') {
		/* no sink at all: whatever the reason, the next message would get none either */
		if (a->code == 'Z' && !fair_is_down(k->destination, now))
			fail(ch, k->destination, a, now);
		results(ch, k, k->cursor, a);
		over(ch, k, 0, now);
		return;
	}
	k->fd = fd;
	k->born = now;
	fcntl(fd, F_SETFL, O_NONBLOCK); /* never wait for a sink, whatever it does */
	stream_init(&k->stream, fd, fd);
	if (k->batch.job->dropped) {
		give_up(ch, k, 'Z', "4.3.5", "the message was removed", now);
		return;
	}
	send_flight(ch, k, now);
}

/* spawner_answers - all that are there. 1, or 0: it is gone. */
static int
spawner_answers(struct channel *ch, uint32_t now)
{
	for (;;) {
		struct answer a;
		struct sink *k;
		uint32_t serial;
		int fd;
		int const r = sinks_next_answer(ch->spawner, &serial, &a, &fd);

		if (!r)
			return 0;
		if (r == -1) {
			if (errno == EPROTO)
				continue;
			return errno == EAGAIN;
		}
		if ((k = asked(ch, serial)))
			got_sink(ch, k, &a, fd, now);
		else if (fd != -1)
			close(fd);
	}
}

/* spawner_gone - nobody will answer who was asked: as if they had not been. */
static void
spawner_gone(struct channel *ch, uint32_t now)
{
	for (size_t i = 0; i < ch->sinks; i++) {
		struct sink *const k = ch->sink[i];

		if (k->state != SINK_ASKED && k->state != SINK_WANTED)
			continue;
		k->batch.job->running -= k->batch.count;
		k->batch.job->waiting += k->batch.count;
		put_off_batch(ch, &k->batch, now, 0);
		over(ch, k, 0, now);
	}
}

/* --- for the event loop --- */

size_t
channel_poll(struct channel *ch, struct pollfd *to)
{
	size_t n = 0;
	int wanted = 0;

	compact(ch);
	for (; n < ch->sinks; n++) {
		struct sink const *const k = ch->sink[n];

		wanted |= k->state == SINK_WANTED;
		to[n] = (struct pollfd){ .fd = k->fd, .events = POLLIN };
	}
	ch->polled = n;
	to[n] = (struct pollfd){ .fd = ch->spawner,
		.events = (short)(wanted ? POLLIN | POLLOUT : POLLIN) };
	return n + 1;
}

int
channel_events(struct channel *ch, struct pollfd const *from, uint32_t now)
{
	short const spawner = from[ch->polled].revents;

	for (size_t i = 0; i < ch->polled; i++) {
		struct sink *const k = ch->sink[i];

		/* what an earlier event closed, or gave other work, has another descriptor */
		if (from[i].revents && k->fd == from[i].fd &&
		    (k->state == SINK_BUSY || k->state == SINK_IDLE))
			read_answers(ch, k, now);
	}
	if (spawner & POLLOUT)
		for (size_t i = 0; i < ch->polled; i++)
			if (ch->sink[i]->state == SINK_WANTED)
				ask(ch, ch->sink[i], now);
	if (!(spawner & (POLLIN | POLLHUP | POLLERR)) || spawner_answers(ch, now))
		return 1;
	spawner_gone(ch, now);
	return 0;
}

static uint32_t
earlier(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
deadline_of(struct sink const *k)
{
	switch (k->state) {
	case SINK_ASKED:
	case SINK_WANTED: return k->since + CHANNEL_ASK_MAX;
	case SINK_BUSY: return k->since + CHANNEL_DELIVERY_MAX;
	case SINK_IDLE: return earlier(k->since + CHANNEL_IDLE, k->born + CHANNEL_SINK_MAX);
	default: return UINT32_MAX;
	}
}

uint32_t
channel_deadline(struct channel const *ch)
{
	uint32_t earliest = UINT32_MAX;

	for (size_t i = 0; i < ch->sinks; i++)
		if (deadline_of(ch->sink[i]) < earliest)
			earliest = deadline_of(ch->sink[i]);
	return earliest;
}

void
channel_expire(struct channel *ch, uint32_t now)
{
	for (size_t i = 0; i < ch->sinks; i++) {
		struct sink *const k = ch->sink[i];

		if (deadline_of(k) > now)
			continue;
		if (k->state == SINK_IDLE)
			close_sink(ch, k);
		else
			give_up(ch, k, 'Z', "4.4.2", "the delivery agent took too long", now);
	}
	if (ch->fair.down && now > PURGE_AFTER)
		fair_purge(&ch->fair, now - PURGE_AFTER);
}

size_t
channel_put_off(struct channel *ch, struct destination *d, unsigned int keep, uint32_t until)
{
	struct batch b;
	size_t n = 0;

	while (d->waiting > keep && fair_drain(&ch->fair, d, &b)) {
		n += b.count;
		put_off_batch(ch, &b, until, 0);
	}
	return n;
}

void
channel_stop(struct channel *ch, uint32_t now)
{
	struct destination *d;

	while ((d = fair_fullest(&ch->fair))) {
		channel_put_off(ch, d, 0, now);
		fair_release(&ch->fair, d);
	}
}

void
channel_free(struct channel *ch)
{
	channel_stop(ch, 0);
	for (size_t i = 0; i < ch->sinks; i++) {
		if (ch->sink[i]->fd != -1)
			close(ch->sink[i]->fd);
		free(ch->sink[i]);
	}
	while (ch->spare) {
		struct sink *const k = ch->spare;

		ch->spare = k->next;
		free(k);
	}
	free(ch->sink);
	fair_free(&ch->fair);
}
