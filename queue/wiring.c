#include "wiring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config.h"
#include "die.h"
#include "priv.h"

/*
 * program        runs as    descriptors
 * -------------  ---------  -----------------------------------------------------------
 * deliver-spawn  root       0, 1 requests and answers; 2 the log
 * relay-spawn    root       the same; it drops to its own users. May be absent
 * queue-inject   user-send  0, 1 mail stream; 2 the log. Its setuid bit makes it user-queue
 * queue-send     user-send  0 nothing; 1 nothing; 2 the log; the other ends at WIRING_…
 */
static struct wire {
	char const *program;
	char const *option; /* or null */
	char const *user;   /* null: stays root */
	int type;           /* of the socket pair */
	int ours;           /* our end's descriptor */
	int optional;
} const wires[] = {
	{ "deliver-spawn", 0, 0, SOCK_SEQPACKET, WIRING_DELIVER, 0 },
	{ "relay-spawn", 0, 0, SOCK_SEQPACKET, WIRING_RELAY, 1 },
	{ "queue-inject", "-w", CONF_USER_SEND, SOCK_STREAM, WIRING_INJECT, 0 },
};

static char path_variable[] = "PATH=" CONF_BINDIR ":/usr/local/bin:/usr/bin:/bin";
static char *environment[] = { path_variable, 0 };

static void
set_path(char path[4096], char const *program)
{
	snprintf(path, 4096, CONF_BINDIR "/%s", program);
}

/* run - in the new process: be that program. */
static _Noreturn void
run(struct wire const *w, int theirs, struct priv_user const *user)
{
	char const *const argv[] = { w->program, w->option, 0 };
	char path[4096];

	signal(SIGCHLD, SIG_DFL);
	set_path(path, w->program);
	if (dup2(theirs, 0) == -1 || dup2(theirs, 1) == -1 || close_range(3, ~0U, 0) == -1)
		die_temp("prepare descriptors");
	if (w->user)
		priv_drop(user);
	execve(path, (char *const *)argv, environment);
	die_temp("run ", path);
}

/* start - one process, our end of its socket at the descriptor it has in the table. */
static void
start(struct wire const *w, struct priv_user const *user)
{
	int fd[2];
	pid_t pid;

	/* every descriptor up to ours is taken, so ours is the lowest free one */
	if (socketpair(AF_UNIX, w->type | SOCK_CLOEXEC, 0, fd) == -1)
		die_temp("make a socket pair");
	if (fd[0] != w->ours) {
		errno = EBADF;
		die_temp("get the right descriptor for ", w->program);
	}
	pid = fork();
	if (!pid)
		run(w, fd[1], user);
	if (pid == -1)
		die_temp("start ", w->program);
	close(fd[1]);
	if (fcntl(fd[0], F_SETFD, 0) == -1)
		die_temp("keep a descriptor open");
}

/* absent - a process that is not installed: queue-send sees its descriptor closed. */
static int
absent(struct wire const *w)
{
	char path[4096];

	set_path(path, w->program);
	return w->optional && access(path, X_OK) == -1;
}

void
wiring_start(void)
{
	struct priv_user user;
	int placeholder[WIRING_FIRST_FREE], placeholders = 0;

	priv_find(CONF_USER_SEND, &user);
	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
		if (!absent(&wires[i])) {
			start(&wires[i], &user);
			continue;
		}
		placeholder[placeholders] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (placeholder[placeholders++] != wires[i].ours)
			die_temp("open /dev/null");
	}
	while (placeholders)
		close(placeholder[--placeholders]);
}

void
wiring_become(void)
{
	static char name[] = "queue-send";
	char *argv[] = { name, 0 };
	struct priv_user user;

	priv_find(CONF_USER_SEND, &user);
	priv_drop(&user);
	execve(CONF_BINDIR "/queue-send", argv, environment);
	die_temp("run " CONF_BINDIR "/queue-send");
}
