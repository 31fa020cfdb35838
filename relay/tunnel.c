#include "tunnel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { SERVER, PLAIN };

void
tunnel_init(struct tunnel *t, struct tlsclient *tls, int server, int plain)
{
	t->out_at = t->out_len = t->down_at = t->down_len = 0;
	t->server_ended = t->plain_ended = t->plain_gone = 0;
	t->tls = tls;
	t->server = server;
	t->plain = plain;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* is_later - whether the call would have had to wait. */
static int
is_later(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static ssize_t
get(int fd, char *to, size_t max)
{
	return recv(fd, to, max, MSG_DONTWAIT);
}

/* put - write what is at from[*at..len), and move *at on: 1, or 0 the other end is gone. */
static int
put(int fd, char const *from, size_t *at, size_t len)
{
	ssize_t const n = send(fd, from + *at, len - *at, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		*at += (size_t)n;
	return n >= 0 || is_later();
}

/*
 * to_server - send what there is, as far as that goes without waiting: 1, or 0 the
 * connection is broken. What stays is in t->out.
 */
static int
to_server(struct tunnel *t)
{
	for (;;) {
		if (t->out_at == t->out_len) {
			t->out_at = 0;
			t->out_len = tlsclient_take(t->tls, t->out, sizeof t->out);
			if (!t->out_len)
				return 1;
		}
		if (!put(t->server, t->out, &t->out_at, t->out_len))
			return 0;
		if (t->out_at < t->out_len)
			return 1;
	}
}

static int
has_out(struct tunnel const *t)
{
	return t->out_at < t->out_len;
}

static int
has_down(struct tunnel const *t)
{
	return t->down_at < t->down_len;
}

/* from_server - what came goes to TLS: 1, 0 the connection ended, -1 it is broken. */
static int
from_server(struct tunnel *t)
{
	char in[TUNNEL_IN];
	ssize_t const n = get(t->server, in, sizeof in);

	if (n == -1)
		return is_later() ? 1 : -1;
	return n && tlsclient_feed(t->tls, in, (size_t)n) ? 1 : 0;
}

/* ---- the handshake */

/* wait_handshake - for the server, or that relay goes: 1, 0 time is over, -1 relay is gone. */
static int
wait_handshake(struct tunnel *t, int64_t until)
{
	struct pollfd x[] = {
		[SERVER] = { .fd = t->server, .events = POLLIN },
		[PLAIN] = { .fd = t->plain },
	};
	int64_t const left = until - now_ms();

	if (has_out(t))
		x[SERVER].events |= POLLOUT;
	if (left <= 0 || poll(x, 2, (int)left) == 0)
		return 0;
	return x[PLAIN].revents ? -1 : 1;
}

/* step - of the handshake: UP, BROKEN, UNVERIFIED with why; or GONE to wait for the server. */
static enum tunnel_result
step(struct tunnel *t, char *why, size_t max)
{
	switch (tlsclient_handshake(t->tls)) {
	case TLSCLIENT_DONE: return TUNNEL_UP;
	case TLSCLIENT_MORE: return TUNNEL_GONE;
	default: return tlsclient_why(t->tls, why, max) ? TUNNEL_UNVERIFIED : TUNNEL_BROKEN;
	}
}

/* give_up - the handshake failed for a reason that TLS does not know. */
static enum tunnel_result
give_up(char *why, size_t max, char const *text)
{
	snprintf(why, max, "%s", text);
	return TUNNEL_BROKEN;
}

enum tunnel_result
tunnel_handshake(struct tunnel *t, unsigned int seconds, char *why, size_t max)
{
	int64_t const until = now_ms() + (int64_t)seconds * 1000;

	for (;;) {
		enum tunnel_result const r = step(t, why, max);
		int n = to_server(t);

		/* The server's last words count even when it takes no more of ours. */
		if (r == TUNNEL_BROKEN || r == TUNNEL_UNVERIFIED || (r == TUNNEL_UP && !has_out(t)))
			return r;
		if (!n)
			return give_up(why, max, strerror(errno));
		n = wait_handshake(t, until);
		if (n == -1)
			return TUNNEL_GONE;
		if (!n) {
			snprintf(why, max, "no handshake within %u seconds", seconds);
			return TUNNEL_BROKEN;
		}
		n = r == TUNNEL_UP ? 1 : from_server(t);
		if (n == -1)
			return give_up(why, max, strerror(errno));
		if (!n)
			return give_up(why, max, "the server closed the connection");
	}
}

/* ---- copying */

/* end_server - it sends no more: so does the plain end get no more. */
static void
end_server(struct tunnel *t)
{
	t->server_ended = 1;
	shutdown(t->plain, SHUT_WR);
}

/*
 * to_plain - hand on what was decrypted, as far as that goes: 1, or 0 TLS is broken, or there is
 * trouble on this side, and relay would wait for what it never gets.
 */
static int
to_plain(struct tunnel *t)
{
	for (;;) {
		int n;

		if (t->plain_gone)
			t->down_at = t->down_len;
		if (has_down(t)) {
			int const sent = put(t->plain, t->down, &t->down_at, t->down_len);

			if (!sent && errno != EPIPE && errno != ECONNRESET)
				return 0;
			t->plain_gone |= !sent;
			if (sent && has_down(t))
				return 1;
			continue;
		}
		if (t->server_ended)
			return 1;
		n = tlsclient_read(t->tls, t->down);
		if (n == TLSCLIENT_CLOSED)
			end_server(t);
		if (n <= 0)
			return n != TLSCLIENT_FAILED;
		t->down_at = 0;
		t->down_len = (size_t)n;
	}
}

/* from_plain - encrypt what came, or that no more comes: 1, or 0 TLS is broken. */
static int
from_plain(struct tunnel *t)
{
	char in[TLSCLIENT_PLAIN];
	ssize_t const n = get(t->plain, in, sizeof in);

	if (n > 0)
		return tlsclient_write(t->tls, in, (size_t)n) == TLSCLIENT_DONE;
	if (n == 0 || !is_later()) {
		t->plain_ended = 1;
		tlsclient_close(t->tls);
	}
	return 1;
}

/* is_over - nothing is left to do. */
static int
is_over(struct tunnel const *t)
{
	return t->plain_ended && !has_out(t) && (t->plain_gone || t->server_ended);
}

/* wait_both - for what can be done next: 1, or 0 the time to linger is over. */
static int
wait_both(struct tunnel *t, struct pollfd x[2])
{
	int r;

	x[SERVER] = (struct pollfd){ .fd = t->server };
	x[PLAIN] = (struct pollfd){ .fd = t->plain };
	if (has_out(t))
		x[SERVER].events = POLLOUT;
	else if (!t->plain_ended)
		x[PLAIN].events = POLLIN;
	if (has_down(t))
		x[PLAIN].events |= POLLOUT;
	else if (!t->server_ended)
		x[SERVER].events |= POLLIN;
	/* What is over is ready for ever. */
	if (!x[SERVER].events)
		x[SERVER].fd = -1;
	if (t->plain_gone && !x[PLAIN].events)
		x[PLAIN].fd = -1;
	do
		r = poll(x, 2, t->plain_gone ? TUNNEL_LINGER * 1000 : -1);
	while (r == -1 && errno == EINTR);
	if (x[PLAIN].revents & (POLLHUP | POLLERR))
		t->plain_gone = 1;
	return r > 0;
}

void
tunnel_copy(struct tunnel *t)
{
	struct pollfd x[2];

	while (to_plain(t) && to_server(t) && !is_over(t) && wait_both(t, x)) {
		if (x[PLAIN].revents & (POLLIN | POLLHUP | POLLERR) && !has_out(t) &&
		    !t->plain_ended && !from_plain(t))
			return;
		if (x[SERVER].revents & (POLLIN | POLLHUP | POLLERR) && !has_down(t) &&
		    !t->server_ended && from_server(t) != 1)
			return; /* without a close_notify: nothing goes either way any more */
	}
}
