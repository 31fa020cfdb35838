#include "auth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "die.h"

/* An answer did not come in time, and may come still: none that follows is to be believed. */
static int astray;

int
auth_take(void)
{
	struct timeval const limit = { .tv_sec = AUTH_WAIT };
	char const *const value = getenv(AUTH_ENV);
	unsigned int fd;

	if (!value)
		return 0;
	if (!uint0_scan(value, &fd) || fd > 65535)
		die_perm("environment variable " AUTH_ENV " is no descriptor's number");
	unsetenv(AUTH_ENV);
	if (fd == AUTH_FD ? fcntl(AUTH_FD, F_SETFD, FD_CLOEXEC) == -1
			  : dup3((int)fd, AUTH_FD, O_CLOEXEC) == -1 || close((int)fd) == -1)
		die_temp("use the descriptor for AUTH");
	if (setsockopt(AUTH_FD, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
		die_temp("set a time limit on the socket for AUTH");
	return 1;
}

static void
trouble(struct answer *a)
{
	stream_answer_set(a, 'Z', "4.3.0", "Authentication is not possible now, try again later");
}

/* ask - and keep nothing of it. */
static int
ask(char *packet, size_t len)
{
	ssize_t r = -1;

	while (!astray && (r = send(AUTH_FD, packet, len, MSG_NOSIGNAL)) == -1 && errno == EINTR)
		;
	explicit_bzero(packet, len);
	return r != -1;
}

/* hear - one packet: its length, or 0 if none comes that fits. */
static size_t
hear(char to[AUTH_PACKET_MAX])
{
	ssize_t r;

	do
		r = recv(AUTH_FD, to, AUTH_PACKET_MAX, MSG_TRUNC);
	while (r == -1 && errno == EINTR);
	astray = r <= 0;
	return r > 0 && r <= AUTH_PACKET_MAX ? (size_t)r : 0;
}

/* hear_answer - trouble if it is none. */
static void
hear_answer(struct answer *a)
{
	char packet[AUTH_PACKET_MAX];
	size_t const n = hear(packet);

	if (!n || !stream_answer_parse(a, packet, n))
		trouble(a);
}

void
auth_list(char to[AUTH_LIST_MAX])
{
	char type = AUTH_LIST;
	struct answer a = { 0 };

	if (ask(&type, 1))
		hear_answer(&a);
	*to = 0;
	if (a.code == 'K' && strlen(a.text) < AUTH_LIST_MAX)
		memcpy(to, a.text, strlen(a.text) + 1);
}

/* step - send what was put together, take what comes. */
static enum auth_result
step(char *packet, size_t n, char *to, size_t *len, struct answer *a)
{
	size_t got = 0;

	*len = 0;
	if (ask(packet, n))
		got = hear(to);
	if (got && *to == AUTH_CHALLENGE) {
		*len = got - 1;
		memmove(to, to + 1, *len);
		return AUTH_MORE;
	}
	if (!got || !stream_answer_parse(a, to, got) ||
	    (a->code == 'K' && (!*a->text || strlen(a->text) >= AUTH_USER_MAX)))
		trouble(a);
	return AUTH_OVER;
}

char const *
auth_unbound(char const *list)
{
	char const *plus;

	while ((plus = strstr(list, "-PLUS ")))
		list = plus + 6;
	return list;
}

enum auth_result
auth_begin(struct auth_start const *s, char *to, size_t *len, struct answer *a)
{
	char packet[AUTH_PACKET_MAX];
	size_t const room = sizeof packet - 4; /* the type, two NULs and '=' */
	size_t const mechanism = strlen(s->mechanism), binding = strlen(s->binding);
	char *p = packet;

	if (mechanism > room || binding > room - mechanism ||
	    s->initiallen > room - mechanism - binding) {
		trouble(a);
		return AUTH_OVER;
	}
	*p++ = AUTH_BEGIN;
	memcpy(p, s->mechanism, mechanism + 1);
	p += mechanism + 1;
	memcpy(p, s->binding, binding + 1);
	p += binding + 1;
	if (s->initial) {
		*p++ = '=';
		memcpy(p, s->initial, s->initiallen);
		p += s->initiallen;
	}
	return step(packet, (size_t)(p - packet), to, len, a);
}

enum auth_result
auth_go(char const *response, size_t responselen, char *to, size_t *len, struct answer *a)
{
	char packet[AUTH_PACKET_MAX];

	if (responselen > sizeof packet - 1) {
		trouble(a);
		return AUTH_OVER;
	}
	packet[0] = AUTH_GO;
	memcpy(packet + 1, response, responselen);
	return step(packet, responselen + 1, to, len, a);
}

void
auth_cancel(void)
{
	char type = AUTH_CANCEL;

	ask(&type, 1);
}

void
auth_ticket(size_t rcpts, struct answer *a)
{
	char packet[32];
	int const n = snprintf(packet, sizeof packet, "%c%zu", AUTH_TICKET, rcpts);

	if (ask(packet, (size_t)n))
		hear_answer(a);
	else
		trouble(a);
}
