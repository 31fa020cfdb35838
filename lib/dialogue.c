#include "dialogue.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define TICK 20000 /* milliseconds: the socket's own limit, so that it is seldom set */

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
dialogue_init(struct dialogue *d, uint64_t cap)
{
	d->open = 0;
	d->cap = cap ? (int64_t)cap * 1000 : INT64_MAX;
}

int
dialogue_start(struct dialogue *d, int fd)
{
	int const on = 1;

	d->start = d->end = d->used = 0;
	d->in_limit = d->out_limit = 0;
	d->error = 0;
	d->unsent = DIALOGUE_OK;
	if (fd != DIALOGUE_FD) {
		if (dup3(fd, DIALOGUE_FD, O_CLOEXEC) == -1) {
			int const e = errno;

			close(fd);
			errno = e;
			return 0;
		}
		close(fd);
	}
	d->open = 1;
	/* a flight is written at once; fails, harmlessly, on what is no TCP */
	setsockopt(DIALOGUE_FD, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return 1;
}

void
dialogue_detach(struct dialogue *d)
{
	d->open = 0;
}

void
dialogue_close(struct dialogue *d)
{
	if (d->open)
		close(DIALOGUE_FD);
	d->open = 0;
}

/*
 * set_limit - see that one wait of the socket ends in time: 1; 0 the time is over. A tick
 * serves for all waits but a deadline's last one, without a system call for each.
 */
static int
set_limit(int option, int64_t *limit, int64_t until)
{
	int64_t want = until - now();
	struct timeval t;

	if (want <= 0)
		return 0;
	if (want > TICK)
		want = TICK;
	if (*limit == want || (*limit && *limit < want && want < TICK))
		return 1;
	t = (struct timeval){ .tv_sec = want / 1000, .tv_usec = want % 1000 * 1000 };
	if (!setsockopt(DIALOGUE_FD, SOL_SOCKET, option, &t, sizeof t))
		*limit = want;
	return 1;
}

static int64_t
deadline(struct dialogue const *d, unsigned int seconds)
{
	int64_t const wait = (int64_t)seconds * 1000;

	return now() + (wait < d->cap ? wait : d->cap);
}

static void
fail(struct dialogue *d, enum dialogue_result why, int error)
{
	if (d->unsent == DIALOGUE_OK) {
		d->unsent = why;
		d->error = error;
	}
}

/* send_parts - all octets of two parts. */
static void
send_parts(struct dialogue *d, struct iovec *part)
{
	int64_t const until = deadline(d, DIALOGUE_BLOCK);
	int first = part[0].iov_len ? 0 : 1;

	while (first < 2 && part[first].iov_len && d->unsent == DIALOGUE_OK) {
		ssize_t n;

		if (!set_limit(SO_SNDTIMEO, &d->out_limit, until)) {
			fail(d, DIALOGUE_LATE, 0);
			return;
		}
		n = writev(DIALOGUE_FD, part + first, 2 - first);
		if (n == -1) {
			if (errno != EINTR && errno != EAGAIN)
				fail(d, DIALOGUE_LOST, errno);
			continue;
		}
		while (first < 2 && (size_t)n >= part[first].iov_len) {
			n -= (ssize_t)part[first].iov_len;
			first++;
		}
		if (first < 2) {
			part[first].iov_base = (char *)part[first].iov_base + n;
			part[first].iov_len -= (size_t)n;
		}
	}
}

enum dialogue_result
dialogue_flush(struct dialogue *d)
{
	struct iovec part[2] = { { d->out, d->used }, { 0, 0 } };

	d->used = 0;
	if (part[0].iov_len)
		send_parts(d, part);
	return d->unsent;
}

void
dialogue_put(struct dialogue *d, char const *data, size_t len)
{
	if (len <= sizeof d->out - d->used) {
		memcpy(d->out + d->used, data, len);
		d->used += len;
	} else {
		struct iovec part[2] = { { d->out, d->used }, { (char *)data, len } };

		d->used = 0;
		send_parts(d, part);
	}
}

/* fill - at least one more octet. */
static enum dialogue_result
fill(struct dialogue *d, int64_t until)
{
	if (d->start == d->end)
		d->start = d->end = 0;
	for (;;) {
		ssize_t n;

		if (!set_limit(SO_RCVTIMEO, &d->in_limit, until))
			return DIALOGUE_LATE;
		n = read(DIALOGUE_FD, d->in + d->end, sizeof d->in - d->end);
		if (n > 0) {
			d->end += (size_t)n;
			return DIALOGUE_OK;
		}
		if (!n || (errno != EINTR && errno != EAGAIN)) {
			d->error = n ? errno : 0;
			return DIALOGUE_LOST;
		}
	}
}

/* has_last_words - whether a server that hears no more may have said why. */
static int
has_last_words(struct dialogue const *d)
{
	return d->unsent == DIALOGUE_LOST && (d->error == EPIPE || d->error == ECONNRESET);
}

enum dialogue_result
dialogue_reply(struct dialogue *d, unsigned int seconds)
{
	int64_t until;

	/* where only this end failed, the server would wait for us as we for it */
	if (dialogue_flush(d) != DIALOGUE_OK && !has_last_words(d))
		return d->unsent;
	until = deadline(d, seconds);
	replies_begin(&d->reply);
	for (;;) {
		size_t used = 0;
		enum replies_result r = REPLIES_MORE;
		enum dialogue_result got;

		if (d->start < d->end)
			r = replies_feed(&d->reply, d->in + d->start, d->end - d->start, &used);
		d->start += used;
		if (r != REPLIES_MORE)
			return r == REPLIES_WHOLE ? DIALOGUE_OK : DIALOGUE_BAD;
		got = fill(d, until);
		if (got != DIALOGUE_OK)
			return got;
	}
}

int
dialogue_has_more(struct dialogue const *d)
{
	return d->start < d->end;
}

char const *
dialogue_why(struct dialogue const *d, enum dialogue_result r)
{
	switch (r) {
	case DIALOGUE_LATE: return "no reply in time";
	case DIALOGUE_BAD: return "no SMTP";
	case DIALOGUE_OK:
	case DIALOGUE_LOST: break;
	}
	return d->error == ETIMEDOUT ? "connection timed out" : "connection lost";
}
