#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "reason.h"

#define ANSWER_GRACE 60 /* seconds more than a program's time to wait for the runner */

struct request {
	size_t line;
	char sender[RUNNER_SENDER_MAX + 1];
};

struct reply {
	enum runner_result result;
	struct answer answer;
};

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

/* What the runner knows since it was forked. */
static struct {
	struct qmail const *instructions;
	struct qmail_facts facts;
	int owner;
	unsigned int seconds;
} job;

enum runner_result
runner_judge(int code, char const *output, size_t len, struct answer *a)
{
	static unsigned char const final[] = { 100, 64, 65, 70, 76, 77, 78, 112 };
	char text[RUNNER_OUTPUT_MAX + 2];
	char number[32];
	int status = WEXITSTATUS(code);

	if (len > RUNNER_OUTPUT_MAX)
		len = RUNNER_OUTPUT_MAX;
	while (len && strchr(" \n\r\t", output[len - 1]))
		len--;
	memcpy(text + 1, output, len);
	text[len + 1] = 0;
	if (WIFSIGNALED(code)) {
		snprintf(number, sizeof number, "%d", WTERMSIG(code));
		reason_set(a, 'Z', "4.3.0", "the program was killed by signal ", number,
		    len ? ": " : "", text + 1, (char const *)0);
		return RUNNER_FAIL;
	}
	if (!status || status == 99) {
		reason_set(a, 'K', "2.0.0", text + 1, (char const *)0);
		return status ? RUNNER_STOP : RUNNER_NEXT;
	}
	*text = memchr(final, status, sizeof final) ? 'D' : 'Z';
	if (stream_answer_parse(a, text, len + 1))
		return RUNNER_FAIL;
	snprintf(number, sizeof number, "%d", status);
	reason_set(a, *text, *text == 'D' ? "5.3.0" : "4.3.0", "the program exited ", number,
	    len ? ": " : "", text + 1, (char const *)0);
	return RUNNER_FAIL;
}

/* environment - the vector of a variable list. */
static char const **
environment(stralloc *list, struct qmail_facts const *facts)
{
	size_t n = qmail_environment(list, facts);
	char const **env = n ? calloc(n + 1, sizeof *env) : 0;
	size_t i = 0;

	for (size_t at = 0; env && at < list->len; at += strlen(list->s + at) + 1)
		env[i++] = list->s + at;
	return env;
}

/* spawn - start the shell with message and output as its descriptors. */
static int
spawn(pid_t *pid, char const *line, char const **env, int const fd[2])
{
	char const *const argv[] = { "sh", "-c", line, 0 };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int e;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[0], 0);
	posix_spawn_file_actions_adddup2(&actions, fd[1], 1);
	posix_spawn_file_actions_adddup2(&actions, fd[1], 2);
	posix_spawnattr_init(&attributes);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attributes, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attributes, &set);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	e = posix_spawn(
	    pid, "/bin/sh", &actions, &attributes, (char *const *)argv, (char *const *)env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	errno = e;
	return !e;
}

/* take - read what there is: 1, 0 at the end, -1 errno. What is too much is thrown away. */
static int
take(int fd, char *output, size_t *len)
{
	char rest[4096];
	size_t room = RUNNER_OUTPUT_MAX - *len;
	ssize_t r = room ? read(fd, output + *len, room) : read(fd, rest, sizeof rest);

	if (room && r > 0)
		*len += (size_t)r;
	return r > 0 ? 1 : (int)r;
}

static int
milliseconds_until(time_t end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec >= end ? 0 : (int)(end - now.tv_sec) * 1000;
}

/*
 * watch - take the output until the program has ended: 1, or 0 if its time was over.
 * What it left running in the background may keep the pipe open, and is let run.
 */
static int
watch(int pidfd, int out, char *output, size_t *len)
{
	struct pollfd x[2] = { { .fd = pidfd, .events = POLLIN }, { .fd = out, .events = POLLIN } };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (;;) {
		int left = milliseconds_until(now.tv_sec + job.seconds);
		int r = poll(x, 2, left);

		if ((!r || !left) && !x[0].revents)
			return 0;
		if (r == -1)
			continue;
		if (x[1].revents && !take(out, output, len))
			x[1].fd = -1;
		if (x[0].revents) {
			while (x[1].fd != -1 && *len < RUNNER_OUTPUT_MAX &&
			       take(out, output, len) == 1)
				;
			return 1;
		}
	}
}

/* finish - wait for a program that was started, within its time. */
static void
finish(pid_t pid, int out, struct reply *reply)
{
	char output[RUNNER_OUTPUT_MAX];
	char number[32];
	size_t len = 0;
	int pidfd = pidfd_open(pid, 0);
	int in_time, code;

	in_time = pidfd == -1 || watch(pidfd, out, output, &len);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &code, 0) == -1 && errno == EINTR)
		;
	if (pidfd != -1)
		close(pidfd);
	reply->result = runner_judge(code, output, len, &reply->answer);
	if (in_time)
		return;
	snprintf(number, sizeof number, "%u", job.seconds);
	reply->result = RUNNER_FAIL;
	reason_set(&reply->answer, 'Z', "4.3.0", "the program took more than ", number, " seconds",
	    (char const *)0);
}

static void
run(char const *line, char const **env, int message, struct reply *reply)
{
	int out[2];
	pid_t pid;

	reply->result = RUNNER_FAIL;
	if (!env || lseek(message, 0, SEEK_SET) == -1 || pipe2(out, O_CLOEXEC) == -1) {
		reason_errno(&reply->answer, "4.3.0", "prepare a program", "");
		return;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	if (spawn(&pid, line, env, (int const[]){ message, out[1] })) {
		close(out[1]);
		finish(pid, out[0], reply);
	} else {
		reason_errno(&reply->answer, "4.3.0", "run /bin/sh", "");
		close(out[1]);
	}
	close(out[0]);
}

/* serve - one request. */
static void
serve(struct request const *request, int message, struct reply *reply)
{
	struct qmail_line const *line = genalloc_s(struct qmail_line, &job.instructions->lines);
	size_t lines = genalloc_len(struct qmail_line, &job.instructions->lines);
	stralloc list = STRALLOC_ZERO, newsender = STRALLOC_ZERO;
	char const **env = 0;

	reply->result = RUNNER_FAIL;
	reason_set(&reply->answer, 'Z', "4.3.0", "no such program", (char const *)0);
	if (request->line >= lines || line[request->line].kind != QMAIL_PROGRAM)
		return;
	job.facts.sender = request->sender;
	job.facts.now = time(0);
	errno = ENOMEM;
	if (qmail_newsender(&newsender, &job.facts, job.owner)) {
		job.facts.newsender = newsender.s;
		env = environment(&list, &job.facts);
	}
	run(line[request->line].arg, env, message, reply);
	free(env);
	stralloc_free(&list);
	stralloc_free(&newsender);
}

/* receive - a request and its message: 1, or 0 when the other end is gone. */
static int
receive(struct request *request, int *message)
{
	union control control;
	struct iovec part = { request, sizeof *request };
	struct msghdr msg = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space,
	};
	struct cmsghdr const *c;
	ssize_t r;

	do
		r = recvmsg(RUNNER_FD, &msg, MSG_CMSG_CLOEXEC);
	while (r == -1 && errno == EINTR);
	c = r > 0 ? CMSG_FIRSTHDR(&msg) : 0;
	if (r != sizeof *request || !c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	memcpy(message, CMSG_DATA(c), sizeof *message);
	request->sender[sizeof request->sender - 1] = 0;
	return 1;
}

static _Noreturn void
be_runner(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	static struct request request;
	static struct reply reply;
	int message;

	/* the mail stream must end when the other process does, so no copy of it here */
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1)
		die_temp("open /dev/null");
	if (fd != RUNNER_FD && dup3(fd, RUNNER_FD, O_CLOEXEC) == -1)
		die_temp("move a descriptor");
	close_range(3, RUNNER_FD - 1, 0);
	close_range(RUNNER_FD + 1, ~0U, 0);
	prctl(PR_SET_NAME, "runner");
	while (receive(&request, &message)) {
		serve(&request, message, &reply);
		close(message);
		if (send(RUNNER_FD, &reply, sizeof reply, MSG_NOSIGNAL) == -1)
			break;
	}
	_exit(EXIT_DONE);
}

void
runner_start(
    struct qmail const *q, struct qmail_facts const *facts, int owner, unsigned int seconds)
{
	struct timeval const limit = { .tv_sec = seconds + ANSWER_GRACE };
	int fd[2];
	pid_t pid;

	job.instructions = q;
	job.facts = *facts;
	job.owner = owner;
	job.seconds = seconds;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		die_temp("make a socket pair");
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	if (!pid)
		be_runner(fd[1]);
	close(fd[1]);
	if (fd[0] != RUNNER_FD) {
		if (dup3(fd[0], RUNNER_FD, O_CLOEXEC) == -1)
			die_temp("move a descriptor");
		close(fd[0]);
	}
	if (setsockopt(RUNNER_FD, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
		die_temp("set a time limit on a socket pair");
}

static int
ask(struct request *request, int message)
{
	union control control = { .space = { 0 } };
	struct iovec part = { request, sizeof *request };
	struct msghdr msg = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space,
	};

	control.align = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof message),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.align), &message, sizeof message);
	return sendmsg(RUNNER_FD, &msg, MSG_NOSIGNAL) != -1;
}

enum runner_result
runner_run(size_t line, char const *sender, int message, struct answer *a)
{
	static struct request request;
	static struct reply reply;
	size_t len = strnlen(sender, RUNNER_SENDER_MAX);
	struct iovec part = { &reply, sizeof reply };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	memset(&request, 0, sizeof request);
	request.line = line;
	memcpy(request.sender, sender, len);
	if (!ask(&request, message) || recvmsg(RUNNER_FD, &msg, 0) != sizeof reply) {
		reason_set(
		    a, 'Z', "4.3.0", "the process that runs programs is gone", (char const *)0);
		return RUNNER_FAIL;
	}
	*a = reply.answer;
	return reply.result;
}
