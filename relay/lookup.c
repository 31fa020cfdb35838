#include "lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "dial.h"
#include "names.h"

static unsigned char reply[ANSWERS_PACKET_MAX + 2];

static void
add_server(struct lookup *l, void const *address, socklen_t len, int trustad)
{
	struct ip ip;

	if (l->servers == LOOKUP_SERVERS_MAX)
		return;
	memcpy(&l->server[l->servers].address, address, len);
	l->server[l->servers].len = len;
	l->server[l->servers].trusted =
	    trustad ||
	    (names_of_sockaddr(&ip, (struct sockaddr const *)&l->server[l->servers].address) &&
		names_ip_is_loopback(&ip));
	l->validated |= l->server[l->servers].trusted;
	l->servers++;
}

void
lookup_keep_trusted(struct lookup *l)
{
	size_t kept = 0;

	for (size_t i = 0; l->validated && i < l->servers; i++)
		if (l->server[i].trusted)
			l->server[kept++] = l->server[i];
	if (l->validated)
		l->servers = kept;
}

static int
within(int n, int min, int max)
{
	return n < min ? min : n > max ? max : n;
}

int
lookup_init(struct lookup *l, int trustad)
{
	struct __res_state state = { 0 };

	*l = (struct lookup){ 0 };
	if (res_ninit(&state) == -1)
		return 0;
	for (int i = 0; i < state.nscount; i++) {
		struct sockaddr_in6 const *const six = state._u._ext.nsaddrs[i];

		if (state.nsaddr_list[i].sin_family == AF_INET)
			add_server(l, state.nsaddr_list + i, sizeof state.nsaddr_list[i], trustad);
		else if (six && six->sin6_family == AF_INET6)
			add_server(l, six, sizeof *six, trustad);
	}
	lookup_keep_trusted(l);
	l->timeout = 1000 * within(state.retrans, 1, 10);
	l->attempts = within(state.retry, 1, 4);
	res_nclose(&state);
	return l->servers > 0;
}

unsigned int
lookup_port(struct lookup const *l, size_t server)
{
	struct sockaddr_in any; /* the port is at the same place in both */

	memcpy(&any, &l->server[server].address, sizeof any);
	return ntohs(any.sin_port);
}

/* ---- one question */

/* prepare - write its packet: 1, or 0 no such name can be in DNS. */
static int
prepare(struct lookup const *l, struct lookup_question *q, uint16_t id)
{
	q->len = answers_question(
	    q->packet, id, q->name, q->type, !q->no_edns, !q->no_edns && l->validated);
	return q->len > 0;
}

static void
begin(struct lookup const *l, struct lookup_question *q, uint16_t id)
{
	q->done = q->failed = q->no_edns = 0;
	if (!prepare(l, q, id)) {
		answers_clear(q->answers, ANSWERS_NO_NAME);
		q->done = 1;
	}
}

/* get_all - len octets over TCP: 1, or 0. */
static int
get_all(int fd, unsigned char *to, size_t len, int64_t until)
{
	while (len) {
		ssize_t r;

		if (!dial_wait(fd, POLLIN, until))
			return 0;
		r = recv(fd, to, len, 0);
		if (r <= 0)
			return 0;
		to += r;
		len -= (size_t)r;
	}
	return 1;
}

/* ask_tcp - the same question without a limit to the reply: its length in reply[], or 0. */
static size_t
ask_tcp(struct lookup const *l, size_t server, struct lookup_question const *q, int64_t until)
{
	unsigned char packet[2 + ANSWERS_QUESTION_MAX];
	int64_t const left = until - dial_now();
	size_t len = 0;
	int fd;

	fd = dial(
	    &l->server[server].address, l->server[server].len, 0, 0, left > 0 ? (int)left : 0);
	if (fd == -1)
		return 0;
	packet[0] = (unsigned char)(q->len >> 8);
	packet[1] = (unsigned char)(q->len & 0xff);
	memcpy(packet + 2, q->packet, q->len);
	if (send(fd, packet, q->len + 2, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)q->len + 2 &&
	    get_all(fd, reply, 2, until)) {
		len = (size_t)reply[0] << 8 | reply[1];
		if (!get_all(fd, reply, len, until))
			len = 0;
	}
	close(fd);
	return len;
}

/* ---- one server, all questions that are open */

static int
is_open(struct lookup_question const *q)
{
	return !q->done && !q->failed;
}

static size_t
count_open(struct lookup_question const *q, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += (size_t)is_open(q + i);
	return n;
}

/* take - what the reply says: the question is done, or has failed with this server. */
static void
take(struct lookup_question *q, size_t len, int trust)
{
	answers_read(q->answers, reply, len, q->type, trust);
	if (answers_failed(q->answers))
		q->failed = 1;
	else
		q->done = 1;
}

/* ask_again - in a way that the server may like better: 1 it was asked, 0 there is none. */
static int
ask_again(struct lookup const *l, struct lookup_question *q, int fd)
{
	int const rcode = q->answers->rcode;

	if (q->done || q->no_edns || (rcode != FORMERR && rcode != NOTIMP))
		return 0;
	q->no_edns = 1;
	q->failed = 0;
	if (!prepare(l, q, (uint16_t)(q->packet[0] << 8 | q->packet[1])))
		return 0;
	return send(fd, q->packet, q->len, MSG_NOSIGNAL) != -1;
}

/* handle - one packet from the server; whatever is no reply to us is passed over. */
static void
handle(struct lookup const *l, size_t server, int fd, struct lookup_question *q, size_t count,
    size_t len, int64_t until)
{
	int truncated;

	for (size_t i = 0; i < count; i++) {
		if (!is_open(q + i) ||
		    !answers_is_reply(reply, len, q[i].packet, q[i].len, &truncated))
			continue;
		if (truncated) {
			len = ask_tcp(l, server, q + i, until);
			if (!answers_is_reply(reply, len, q[i].packet, q[i].len, &truncated) ||
			    truncated) {
				q[i].failed = 1;
				return;
			}
		}
		take(q + i, len, l->server[server].trusted);
		if (q[i].failed && ask_again(l, q + i, fd))
			q[i].failed = 0;
		return;
	}
}

/* send_open - 1, or 0 if the server is not there (its host has refused the first packet). */
static int
send_open(int fd, struct lookup_question const *q, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_open(q + i) && send(fd, q[i].packet, q[i].len, MSG_NOSIGNAL) == -1)
			return 0;
	return 1;
}

static void
ask_server(
    struct lookup const *l, size_t server, struct lookup_question *q, size_t count, int64_t until)
{
	int const fd = socket(
	    l->server[server].address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return;
	/* connected: only this server's packets arrive, and its refusal is heard of at once */
	if (connect(fd, (struct sockaddr const *)&l->server[server].address,
		l->server[server].len) != -1) {
		int const sent = send_open(fd, q, count);

		while (sent && count_open(q, count) && dial_wait(fd, POLLIN, until)) {
			ssize_t const len = recv(fd, reply, sizeof reply, 0);

			if (len == -1 && errno != EAGAIN && errno != EINTR)
				break;
			if (len > 0)
				handle(l, server, fd, q, count, (size_t)len, until);
		}
	}
	close(fd);
}

/* ---- all */

void
lookup_ask(struct lookup *l, struct lookup_question *q, size_t count)
{
	uint16_t id[LOOKUP_QUESTIONS_MAX];
	int64_t const limit = dial_now() + LOOKUP_LIMIT;

	if (count > LOOKUP_QUESTIONS_MAX)
		count = LOOKUP_QUESTIONS_MAX;
	for (size_t i = 0; i < count; i++)
		answers_clear(q[i].answers, ANSWERS_TROUBLE);
	if (getrandom(id, sizeof id, 0) != sizeof id)
		return;
	for (size_t i = 0; i < count; i++)
		begin(l, q + i, id[i]);
	for (int attempt = 0; attempt < l->attempts; attempt++) {
		for (size_t s = 0; s < l->servers; s++) {
			int64_t const until = dial_now() + l->timeout;

			for (size_t i = 0; i < count; i++)
				q[i].failed = 0;
			if (!count_open(q, count))
				return;
			ask_server(l, s, q, count, until < limit ? until : limit);
			if (dial_now() >= limit)
				return;
		}
		/* every server was asked: who had an answer, even a bad one, gets no other */
		for (size_t i = 0; i < count; i++)
			q[i].done |= q[i].answers->rcode != -1;
	}
}
