#ifndef TESTS_UNIT_RELAY_NEXTHOP_H
#define TESTS_UNIT_RELAY_NEXTHOP_H

/*
 * nexthop - a next mail server and relay's two partners, as child processes of a unit test:
 * at RELAY_CONNECT whoever asks gets a connection to a server that answers by a script, at
 * RELAY_TLS every handshake fails. What was asked and heard is in memory that all share.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hop.h"
#include "secure.h"

/* The reply to a command that begins with verb; null: close the connection. */
struct nexthop_reply {
	char const *verb, *reply;
};

static struct {
	char asked[1024];  /* the types of requests */
	char heard[65536]; /* command lines, each with LF alone */
	size_t messages;
} * nexthop;

static pid_t nexthop_pid[2];

static void
nexthop_say(int fd, char const *s)
{
	if (write(fd, s, strlen(s)) == -1)
		_exit(0);
}

static char const *
nexthop_reply(struct nexthop_reply const *script, char const *line, char const *usual)
{
	for (; script->verb; script++)
		if (!strncmp(line, script->verb, strlen(script->verb)))
			return script->reply;
	return usual;
}

/* nexthop_serve - one connection, to its end. */
static void
nexthop_serve(int fd, struct nexthop_reply const *script)
{
	FILE *in = fdopen(fd, "r");
	char line[8192];
	char const *reply = nexthop_reply(script, "GREETING", "220 hi\r\n");
	int data = 0;

	if (!reply)
		_exit(0);
	nexthop_say(fd, reply);
	while (fgets(line, sizeof line, in)) {
		reply = "250 ok\r\n";
		if (data) {
			char const *const early = nexthop_reply(script, "TEXT", 0);

			if (early) { /* to a message that did not end yet; then it is gone */
				nexthop_say(fd, early);
				_exit(0);
			}
			data = strcmp(line, ".\r\n") != 0;
			if (data)
				continue;
			nexthop->messages++;
			reply = nexthop_reply(script, "DOT", reply);
		} else {
			line[strcspn(line, "\r\n")] = 0;
			strcat(strcat(nexthop->heard, line), "\n");
			if (!strncmp(line, "BDAT ", 5)) {
				for (long n = strtol(line + 5, 0, 10); n > 0; n--)
					fgetc(in);
				nexthop->messages++;
			}
			reply = nexthop_reply(
			    script, line, !strcmp(line, "DATA") ? "354 go\r\n" : "250 ok\r\n");
			data = reply && !strncmp(reply, "354", 3);
		}
		if (!reply)
			_exit(0);
		nexthop_say(fd, reply);
	}
	_exit(0);
}

static void
nexthop_connect(int fd, struct hop const *h, struct nexthop_reply const *script, int hosts)
{
	enum hop_request type;
	char text[HOP_PACKET_MAX];
	struct answer a;
	int used = 0;

	while (hop_wait(fd, &type, text) == 1) {
		size_t const n = strlen(nexthop->asked);
		int pair[2];

		nexthop->asked[n] = (char)type;
		if (type == HOP_AGAIN)
			used = 0;
		stream_answer_set(&a, 'K', "2.0.0", "there");
		if (type == HOP_TICKET)
			hop_tell(fd, &a, 0, -1);
		if (type != HOP_NEXT && type != HOP_AGAIN && type != HOP_SAME)
			continue;
		if (type != HOP_SAME && used++ == hosts) {
			stream_answer_set(&a, 'Z', "4.4.1", "no host is left");
			hop_tell(fd, &a, 0, -1);
			continue;
		}
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
			_exit(1);
		if (!fork()) {
			close(pair[0]);
			nexthop_serve(pair[1], script);
		}
		close(pair[1]);
		hop_tell(fd, &a, h, pair[0]);
		close(pair[0]);
	}
	_exit(0);
}

static void
nexthop_tls(int fd)
{
	struct secured const none = { .protocol = "" };
	struct answer a;
	struct hop h;
	int connection, plain;

	while (secure_wait(fd, &h, &connection, &plain) == 1) {
		close(connection);
		close(plain);
		stream_answer_set(&a, 'Z', SECURE_HANDSHAKE, "no");
		secure_tell(fd, &a, &none);
	}
	_exit(0);
}

/* nexthop_start - begin anew: so many hosts that all are as h says and do as the script says. */
static void
nexthop_start(struct hop const *h, struct nexthop_reply const *script, int hosts)
{
	int const at[] = { RELAY_CONNECT, RELAY_TLS };

	signal(SIGPIPE, SIG_IGN);
	if (!nexthop)
		nexthop = mmap(
		    0, sizeof *nexthop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++) {
		close(at[i]);
		if (nexthop_pid[i])
			waitpid(nexthop_pid[i], 0, 0);
	}
	memset(nexthop, 0, sizeof *nexthop);
	for (int i = 0; i < 2; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
			abort();
		nexthop_pid[i] = fork();
		if (!nexthop_pid[i]) {
			close(pair[0]);
			if (pair[1] < 10)
				pair[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, 10);
			close_range(3, 9, 0);
			signal(SIGCHLD, SIG_IGN);
			if (i)
				nexthop_tls(pair[1]);
			nexthop_connect(pair[1], h, script, hosts);
		}
		close(pair[1]);
		if (pair[0] != at[i]) {
			dup3(pair[0], at[i], O_CLOEXEC);
			close(pair[0]);
		}
	}
}

/* nexthop_asked - the types of the requests, as soon as there are that many. */
static inline char const *
nexthop_asked(size_t count)
{
	for (int i = 0; i < 2000 && strlen(nexthop->asked) < count; i++)
		usleep(1000);
	return nexthop->asked;
}

#define assert_asked(want) assert_string_equal(nexthop_asked(strlen(want)), want)

#endif
