#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LINGER_READS 64   /* buffers read away in wire_end, at the most */
#define LINGER_TIME  2000 /* milliseconds */

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* set_limit - a time limit in milliseconds for one direction of a socket; 0 if it is none. */
static int
set_limit(int fd, int option, int64_t limit)
{
	struct timeval const t = {
		.tv_sec = limit / 1000,
		.tv_usec = limit % 1000 * 1000,
	};

	return setsockopt(fd, SOL_SOCKET, option, &t, sizeof t) == 0;
}

/* use - begin on descriptors, with limits set if they are sockets. */
static void
use(struct wire *w, int in, int out)
{
	w->in = in;
	w->out = out;
	w->start = w->end = w->used = 0;
	w->limit = set_limit(in, SO_RCVTIMEO, w->idle) ? w->idle : 0;
	if (w->limit)
		set_limit(out, SO_SNDTIMEO, w->idle);
}

void
wire_init(struct wire *w, int in, int out, uint64_t idle, uint64_t total)
{
	w->idle = (int64_t)idle * 1000;
	w->total = (int64_t)total * 1000;
	w->dead = WIRE_OK;
	use(w, in, out);
	wire_renew(w);
}

void
wire_move(struct wire *w, int in, int out)
{
	use(w, in, out);
}

void
wire_renew(struct wire *w)
{
	w->deadline = now() + w->total;
}

/* How long one wait may be, and why no longer. */
struct wait {
	int64_t until; /* on the monotonic clock */
	enum wire_result over;
};

static struct wait
next_wait(struct wire const *w)
{
	int64_t const idle = now() + w->idle;

	if (w->deadline < idle)
		return (struct wait){ w->deadline, WIRE_LATE };
	return (struct wait){ idle, WIRE_IDLE };
}

/* ready - wait until fd can be read or written: WIRE_OK, or what is over. */
static enum wire_result
ready(int fd, short events, struct wait const *wait)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t const left = wait->until - now();
		int const r = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (!r)
			return wait->over;
		if (r == 1)
			return WIRE_OK;
		if (errno != EINTR)
			return WIRE_ERROR;
	}
}

/*
 * before_read - see that the read will not wait too long. A socket's own limit does for
 * most of a connection's life without a system call; near the deadline it is lowered.
 */
static enum wire_result
before_read(struct wire *w, struct wait const *wait)
{
	int64_t const left = wait->until - now();

	if (!w->limit)
		return ready(w->in, POLLIN, wait);
	if (left <= 0)
		return wait->over;
	if (wait->over == WIRE_LATE || w->limit != w->idle) {
		if (!set_limit(w->in, SO_RCVTIMEO, left))
			return WIRE_ERROR;
		w->limit = wait->over == WIRE_LATE ? left : w->idle;
	}
	return WIRE_OK;
}

enum wire_result
wire_fill(struct wire *w)
{
	struct wait const wait = next_wait(w);
	enum wire_result r = wire_flush(w);

	if (r != WIRE_OK)
		return r;
	if (w->start == w->end)
		w->start = w->end = 0;
	if (w->end == sizeof w->inbuf) {
		memmove(w->inbuf, w->inbuf + w->start, w->end - w->start);
		w->end -= w->start;
		explicit_bzero(w->inbuf + w->end, w->start); /* it may be half of a password */
		w->start = 0;
	}
	r = before_read(w, &wait);
	while (r == WIRE_OK) {
		ssize_t const n = read(w->in, w->inbuf + w->end, sizeof w->inbuf - w->end);

		if (n > 0) {
			w->end += (size_t)n;
			return WIRE_OK;
		}
		if (!n)
			return WIRE_EOF;
		if (errno == EAGAIN) /* the limit is over, or the descriptor does not block */
			r = ready(w->in, POLLIN, &wait);
		else if (errno != EINTR)
			return WIRE_ERROR;
	}
	return r;
}

void
wire_take(struct wire *w, size_t len)
{
	w->start += len;
}

enum wire_result
wire_flush(struct wire *w)
{
	struct wait const wait = next_wait(w);
	size_t done = 0;

	while (done < w->used && w->dead == WIRE_OK) {
		ssize_t const n = write(w->out, w->outbuf + done, w->used - done);

		if (n >= 0) {
			done += (size_t)n;
			if (done < w->used &&
			    wait.until <= now()) /* a client that reads by drops */
				w->dead = wait.over;
		} else if (errno == EAGAIN)
			w->dead = ready(w->out, POLLOUT, &wait);
		else if (errno != EINTR)
			w->dead = WIRE_ERROR;
	}
	w->used = 0;
	return w->dead;
}

void
wire_put(struct wire *w, char const *data, size_t len)
{
	while (len) {
		size_t n = sizeof w->outbuf - w->used;

		if (n > len)
			n = len;
		memcpy(w->outbuf + w->used, data, n);
		w->used += n;
		data += n;
		len -= n;
		if (len)
			wire_flush(w);
	}
}

int
wire_has_input(struct wire const *w)
{
	struct pollfd p = { .fd = w->in, .events = POLLIN };

	return w->start < w->end || (poll(&p, 1, 0) == 1 && p.revents & POLLIN);
}

void
wire_end(struct wire *w, int abrupt)
{
	struct wait const wait = { now() + LINGER_TIME, WIRE_IDLE };

	if (wire_flush(w) != WIRE_OK || !abrupt || !w->limit || shutdown(w->out, SHUT_WR) == -1)
		return;
	for (int i = 0; i < LINGER_READS; i++)
		if (ready(w->in, POLLIN, &wait) != WIRE_OK ||
		    read(w->in, w->inbuf, sizeof w->inbuf) <= 0)
			return;
}
