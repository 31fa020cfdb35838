#ifndef TESTS_UNIT_DELIVER_LMTPSERVER_H
#define TESTS_UNIT_DELIVER_LMTPSERVER_H

/*
 * lmtpserver - an LMTP server that says what it is told to, as a child process of a unit test:
 * one connection. What it heard is in memory that both share.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The reply to what begins with verb; null: close the connection. GREETING and DOT too. */
struct lmtpserver_reply {
	char const *verb, *reply;
};

static struct {
	char heard[65536]; /* command lines, each with LF alone */
	char text[65536];  /* the last message */
	size_t messages;
} * lmtpserver;

static pid_t lmtpserver_pid;

/* lmtpserver_say - by the script, or else the usual; 0 for what is no success. */
static int
lmtpserver_say(int fd, struct lmtpserver_reply const *script, char const *line, char const *usual)
{
	for (; script->verb; script++)
		if (!strncmp(line, script->verb, strlen(script->verb))) {
			usual = script->reply;
			break;
		}
	if (!usual || write(fd, usual, strlen(usual)) == -1)
		_exit(0);
	return *usual < '4';
}

static void
lmtpserver_message(FILE *in, int fd, struct lmtpserver_reply const *script, size_t rcpts)
{
	char line[8192];

	*lmtpserver->text = 0;
	for (struct lmtpserver_reply const *s = script; s->verb; s++)
		if (!strcmp(s->verb, "TEXT") && fgets(line, sizeof line, in)) {
			/* to a message that did not end yet; then it is gone */
			_exit(write(fd, s->reply, strlen(s->reply)) == -1);
		}
	while (fgets(line, sizeof line, in) && strcmp(line, ".\r\n") != 0)
		strncat(lmtpserver->text, line + (*line == '.'),
		    sizeof lmtpserver->text - strlen(lmtpserver->text) - 1);
	lmtpserver->messages += !feof(in);
	while (rcpts--)
		lmtpserver_say(fd, script, "DOT", "250 2.0.0 saved\r\n");
}

static _Noreturn void
lmtpserver_serve(int fd, struct lmtpserver_reply const *script)
{
	static char const lhlo[] = "250-store\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
	FILE *in = fdopen(fd, "r");
	char line[8192];
	size_t rcpts = 0;

	lmtpserver_say(fd, script, "GREETING", "220 store\r\n");
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\r\n")] = 0;
		strcat(strcat(lmtpserver->heard, line), "\n");
		if (!strncmp(line, "LHLO", 4)) {
			lmtpserver_say(fd, script, line, lhlo);
		} else if (!strncmp(line, "MAIL", 4)) {
			rcpts = 0;
			lmtpserver_say(fd, script, line, "250 2.1.0 ok\r\n");
		} else if (!strncmp(line, "RCPT", 4)) {
			rcpts += (size_t)lmtpserver_say(fd, script, line, "250 2.1.5 ok\r\n");
		} else if (!strncmp(line, "DATA", 4)) {
			if (lmtpserver_say(fd, script, line, rcpts ? "354 go\r\n" : "503 no\r\n"))
				lmtpserver_message(in, fd, script, rcpts);
		} else {
			lmtpserver_say(fd, script, line, "250 2.0.0 ok\r\n");
		}
	}
	_exit(0);
}

/* lmtpserver_start - our end of the connection. lmtpserver_wait - for the server's end. */
static int
lmtpserver_start(struct lmtpserver_reply const *script)
{
	int pair[2];

	if (!lmtpserver) {
		lmtpserver = mmap(0, sizeof *lmtpserver, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (lmtpserver == MAP_FAILED)
			abort();
	}
	memset(lmtpserver, 0, sizeof *lmtpserver);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		abort();
	lmtpserver_pid = fork();
	if (!lmtpserver_pid) {
		close(pair[0]);
		lmtpserver_serve(pair[1], script);
	}
	close(pair[1]);
	return pair[0];
}

static void
lmtpserver_wait(void)
{
	waitpid(lmtpserver_pid, 0, 0);
}

#endif
