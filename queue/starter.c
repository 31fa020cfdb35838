#include "starter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "die.h"

#define CLEAR_OF 10 /* the starter's own descriptors: PROG's have lower numbers */

extern char **environ;

enum request {
	REQUEST_RUN = 'r',
	REQUEST_WAIT = 'w',
};

static int
exited(enum exits code)
{
	return (int)code << 8;
}

/* --- the reader's side --- */

static int
ask(enum request request)
{
	char const octet = (char)request;

	return send(STARTER_FD, &octet, 1, MSG_NOSIGNAL) == 1;
}

/* get_end - the starter's answer, and the descriptors that came with it: how many, or -1. */
static int
get_end(struct starter_end *end, int fd[2])
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec part = { end, sizeof *end };
	struct msghdr msg = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space,
	};
	struct cmsghdr const *c;
	ssize_t r;

	do
		r = recvmsg(STARTER_FD, &msg, MSG_CMSG_CLOEXEC);
	while (r == -1 && errno == EINTR);
	if (r != (ssize_t)sizeof *end || end->len > sizeof end->said) {
		if (r != -1)
			errno = EPIPE;
		return -1;
	}
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(2 * sizeof(int)))
		return 0;
	memcpy(fd, CMSG_DATA(c), 2 * sizeof(int));
	return 2;
}

int
starter_run(struct starter_run *run, struct starter_end *end)
{
	int fd[2];
	int n;

	if (!ask(REQUEST_RUN))
		return -1;
	n = get_end(end, fd);
	if (n == 2)
		*run = (struct starter_run){ fd[0], fd[1] };
	return n == 2 ? 1 : n;
}

int
starter_wait(struct starter_end *end)
{
	int fd[2];

	return ask(REQUEST_WAIT) && get_end(end, fd) == 0 ? 1 : -1;
}

/* --- the starter itself --- */

static void
answer(int to, struct starter_end const *end, int const *fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { .space = { 0 } };
	struct iovec part = { (void *)end, sizeof *end };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd) {
		control.align = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(2 * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&control.align), fd, 2 * sizeof(int));
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof control.space;
	}
	if (sendmsg(to, &msg, MSG_NOSIGNAL) == -1)
		_exit(EXIT_TEMP); /* the reader is gone */
}

/* Pipes to PROG, and from it: [0] is read, [1] written. */
struct pipes {
	int message[2], envelope[2], said[2];
};

static void
make_pipes(struct pipes *p)
{
	if (pipe2(p->message, O_CLOEXEC) == -1 || pipe2(p->envelope, O_CLOEXEC) == -1 ||
	    pipe2(p->said, O_CLOEXEC) == -1 || fcntl(p->message[1], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(p->envelope[1], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(p->said[0], F_SETFL, O_NONBLOCK) == -1)
		die_temp("make a pipe");
}

/* spawn - PROG with its descriptors, leader of its own process group: 0, or errno. */
static int
spawn(pid_t *pid, struct pipes const *p, char const *const *argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int e;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, p->message[0], 0);
	posix_spawn_file_actions_adddup2(&actions, p->envelope[0], 1);
	posix_spawn_file_actions_adddup2(&actions, p->said[1], 4);
	posix_spawn_file_actions_adddup2(&actions, p->said[1], 6);
	posix_spawnattr_init(&attributes);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attributes, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attributes, &set);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	e = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return e;
}

/* run - start PROG and give the reader its pipes: its process id, or 0. */
static pid_t
run(int to, char const *const *argv, int *said)
{
	struct starter_end end = { .status = 0 };
	struct pipes p;
	pid_t pid = 0;
	int e;

	make_pipes(&p);
	e = spawn(&pid, &p, argv);
	if (e) {
		pid = 0;
		end.status = exited(e == ENOMEM || e == EAGAIN ? EXITS_NO_MEMORY : EXITS_EXEC);
		answer(to, &end, 0);
	} else {
		answer(to, &end, (int const[2]){ p.message[1], p.envelope[1] });
	}
	close(p.message[0]);
	close(p.message[1]);
	close(p.envelope[0]);
	close(p.envelope[1]);
	close(p.said[1]);
	*said = p.said[0];
	if (!pid)
		close(*said);
	return pid;
}

/* wait_for - the end of PROG, which is killed with what it started when it takes too long. */
static void
wait_for(pid_t pid, struct starter_end *end)
{
	struct timespec const limit = { .tv_sec = STARTER_LIMIT };
	sigset_t set;
	int late = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (waitpid(pid, &end->status, WNOHANG) != pid)
		if (sigtimedwait(&set, 0, &limit) == -1 && errno == EAGAIN) {
			late = 1;
			kill(-pid, SIGKILL);
			waitpid(pid, &end->status, 0);
			break;
		}
	if (late)
		end->status = exited(EXITS_TIMEOUT);
}

/* serve - requests until the reader is gone. */
static _Noreturn void
serve(int from, char const *const *argv)
{
	struct starter_end end;
	pid_t pid = 0;
	int said = -1;
	char request;

	while (recv(from, &request, 1, 0) == 1) {
		if (request == REQUEST_RUN && !pid) {
			pid = run(from, argv, &said);
		} else if (request == REQUEST_WAIT && pid) {
			ssize_t r;

			memset(&end, 0, sizeof end);
			wait_for(pid, &end);
			r = read(said, end.said, sizeof end.said);
			end.len = r > 0 ? (size_t)r : 0;
			close(said);
			pid = 0;
			answer(from, &end, 0);
		} else {
			break; /* a reader that was taken over */
		}
	}
	if (pid)
		wait_for(pid, &end); /* its input ended: let it clean up */
	_exit(EXIT_DONE);
}

/* lead_path - programs of ours are found by their names alone. */
static void
lead_path(void)
{
	char const *path = getenv("PATH");
	char *led;

	if (asprintf(&led, "%s:%s", CONF_BINDIR, path ? path : "/usr/bin:/bin") == -1 ||
	    setenv("PATH", led, 1) == -1)
		die_nomem();
	free(led);
}

/* settle - the starter's descriptors: none of the stream's, all of its own clear of PROG's. */
static int
settle(int control)
{
	sigset_t set;
	int moved = fcntl(control, F_DUPFD_CLOEXEC, CLEAR_OF);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (moved == -1 || null == -1)
		die_temp("prepare descriptors");
	for (int fd = 0; fd < CLEAR_OF; fd++)
		if (fd != 2 && fd != null && dup3(null, fd, O_CLOEXEC) == -1)
			die_temp("prepare descriptors");
	if (null >= CLEAR_OF)
		close(null);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, 0);
	signal(SIGCHLD, SIG_DFL);
	return moved;
}

void
starter_begin(char const *const *argv)
{
	int pair[2];
	pid_t pid;

	close_range(STARTER_FD, ~0U, 0);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		die_temp("make a socket pair");
	if (pair[0] != STARTER_FD) {
		errno = EBADF;
		die_temp("begin: descriptor 0 or 1 is closed");
	}
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	if (!pid) {
		lead_path();
		serve(settle(pair[1]), argv);
	}
	close(pair[1]);
}
