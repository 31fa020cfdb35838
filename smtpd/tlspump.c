#include "tlspump.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { IN, OUT, PLAIN, ALL };

/* Octets that one side sent and the other has not taken: text[at..len). */
struct queue {
	size_t at, len;
	char text[TLSSERVER_PLAIN];
};

static struct pump {
	int in, out, plain;
	struct queue up, down; /* for the client; for the plain end */
	int full;              /* the client's descriptor takes nothing now */
	int client_ended;      /* it sends no more */
	int plain_ended;       /* nothing comes from there any more */
	int closed;            /* and the client knows */
	int plain_gone;        /* nor does it read */
	int64_t until;         /* when the time to linger is over; 0 it has not begun */
} pump;

static char const *why;

char const *
tlspump_why(void)
{
	return why;
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
is_later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* has_words - whether the plain end, which is gone, has left something to be said. */
static int
has_words(int plain)
{
	char octet;

	return recv(plain, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

int
tlspump_handshake(int in, int out, int plain, unsigned int seconds)
{
	int64_t until = now() + (int64_t)seconds * 1000;

	for (;;) {
		enum tlsserver_result const r = tlsserver_handshake();
		struct pollfd x[] = {
			{ .fd = r == TLSSERVER_WRITE ? out : in,
			    .events = r == TLSSERVER_WRITE ? POLLOUT : POLLIN },
			{ .fd = plain },
		};
		int64_t const left = until - now();

		if (r == TLSSERVER_DONE)
			return 1;
		why = tlsserver_why();
		if (r == TLSSERVER_FAILED)
			return 0;
		why = "the handshake takes too long";
		if (left <= 0 || poll(x, 2, (int)left) == 0)
			return 0;
		if (!(x[1].revents & (POLLHUP | POLLERR)))
			continue;
		why = "the server is gone";
		if (!has_words(plain))
			return 0;
		plain = -1;
		if (left > TLSPUMP_LINGER * 1000)
			until = now() + TLSPUMP_LINGER * 1000;
	}
}

static int
has(struct queue const *q)
{
	return q->at < q->len;
}

/* ---- to the plain end */

/* put_down - as far as that goes without waiting. */
static void
put_down(struct pump *p)
{
	while (has(&p->down) && !p->plain_gone) {
		ssize_t const n = send(p->plain, p->down.text + p->down.at,
		    p->down.len - p->down.at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n >= 0)
			p->down.at += (size_t)n;
		else if (is_later())
			return;
		else
			p->plain_gone = 1;
	}
	p->down.at = p->down.len = 0;
}

/* end_client - it sends no more: so does the plain end get no more. */
static void
end_client(struct pump *p)
{
	p->client_ended = 1;
	shutdown(p->plain, SHUT_WR);
}

/* from_client - decrypt what came, and hand it on: 1, or 0 TLS is broken. */
static int
from_client(struct pump *p)
{
	do {
		int const n = tlsserver_read(p->down.text);

		if (n == TLSSERVER_CLOSED)
			end_client(p);
		if (n == TLSSERVER_WRITE)
			p->full = 1;
		if (n <= 0)
			return n != TLSSERVER_FAILED;
		p->down.len = (size_t)n;
		put_down(p);
	} while (!has(&p->down) && tlsserver_buffered());
	return 1;
}

/* ---- to the client */

/* put_up - as far as that goes without waiting; then, if that was all, the end: 1, or 0 broken. */
static int
put_up(struct pump *p)
{
	p->full = 0;
	while (has(&p->up)) {
		int const n = tlsserver_write(p->up.text + p->up.at, p->up.len - p->up.at);

		p->full = n == TLSSERVER_WRITE;
		if (n <= 0)
			return p->full || n == TLSSERVER_READ;
		p->up.at += (size_t)n;
	}
	p->up.at = p->up.len = 0;
	if (p->plain_ended && !p->closed) {
		p->closed = 1;
		tlsserver_close();
		shutdown(p->out, SHUT_WR);
	}
	return 1;
}

/* from_plain - encrypt what came, or that no more comes: 1, or 0 TLS is broken. */
static int
from_plain(struct pump *p)
{
	ssize_t const n = recv(p->plain, p->up.text, sizeof p->up.text, MSG_DONTWAIT);

	if (n > 0)
		p->up.len = (size_t)n;
	else if (n == 0 || !is_later())
		p->plain_ended = 1;
	return put_up(p);
}

/* ---- both */

/* is_over - nothing is left to do. */
static int
is_over(struct pump const *p)
{
	return p->closed && p->client_ended;
}

/* watch - what can be done next: with x, until when. */
static int
watch(struct pump *p, struct pollfd x[ALL])
{
	int const more = !has(&p->down) && !p->client_ended;

	x[IN] = (struct pollfd){ .fd = more ? p->in : -1, .events = POLLIN };
	x[OUT] = (struct pollfd){ .fd = p->full ? p->out : -1, .events = POLLOUT };
	x[PLAIN] = (struct pollfd){ .fd = p->plain };
	if (!has(&p->up) && !p->plain_ended)
		x[PLAIN].events = POLLIN;
	if (has(&p->down))
		x[PLAIN].events |= POLLOUT;
	if (p->plain_gone && !x[PLAIN].events)
		x[PLAIN].fd = -1; /* what is over is ready for ever */
	if (!p->plain_gone)
		return -1;
	if (!p->until)
		p->until = now() + TLSPUMP_LINGER * 1000;
	return p->until > now() ? (int)(p->until - now()) : 0;
}

/* step - wait, and do what can be done: 1, or 0 it is over. */
static int
step(struct pump *p)
{
	struct pollfd x[ALL];
	int const r = poll(x, ALL, watch(p, x));

	if (r == -1)
		return errno == EINTR;
	if (!r)
		return 0;
	if (x[PLAIN].revents & (POLLHUP | POLLERR))
		p->plain_gone = 1;
	if (x[PLAIN].revents & POLLOUT || p->plain_gone)
		put_down(p);
	if (p->full && x[OUT].revents && !put_up(p))
		return 0;
	if (!has(&p->up) && !p->plain_ended && x[PLAIN].revents && !from_plain(p))
		return 0;
	return !(x[IN].revents || (tlsserver_buffered() && !p->client_ended)) || has(&p->down) ||
	       from_client(p);
}

void
tlspump_copy(int in, int out, int plain)
{
	struct pump *const p = &pump;

	p->in = in;
	p->out = out;
	p->plain = plain;
	if (tlsserver_buffered() && !from_client(p))
		return;
	while (!is_over(p) && step(p))
		;
}
