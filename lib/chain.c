#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "config.h"
#include "die.h"

extern char **environ;

int
chain_path(char *path, size_t max, char const *name)
{
	int n;

	n = snprintf(path, max, "%s%s", strchr(name, '/') ? "" : CONF_BINDIR "/", name);
	if (n < 0 || (size_t)n >= max)
		return 0;
	if (!strchr(name, '/') && access(path, X_OK) == -1)
		snprintf(path, max, "%s", name);
	return 1;
}

/* pair - both ends; ours moved to CHAIN_FD, theirs kept clear of 0 to 3. */
static int
pair(void)
{
	struct timeval const limit = { .tv_sec = CHAIN_TIMEOUT };
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == -1)
		die_temp("make a socket pair");
	if (fd[1] == CHAIN_FD) {
		int const swap = fd[0];

		fd[0] = fd[1];
		fd[1] = swap;
	}
	if (fd[0] != CHAIN_FD) {
		if (dup3(fd[0], CHAIN_FD, O_CLOEXEC) == -1)
			die_temp("move a descriptor");
		close(fd[0]);
	}
	if (setsockopt(CHAIN_FD, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1 ||
	    setsockopt(CHAIN_FD, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1)
		die_temp("set a time limit on a socket pair");
	return fd[1];
}

pid_t
chain_start(char const *const *argv)
{
	char path[4096];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	pid_t pid;
	int theirs, e;

	if (!argv[0])
		die_perm("no next program: name one at the end of the command line");
	if (!chain_path(path, sizeof path, argv[0]))
		die_perm("the next program's name is too long");
	theirs = pair();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, theirs, 0);
	posix_spawn_file_actions_adddup2(&actions, theirs, 1);
	posix_spawnattr_init(&attributes);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attributes, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attributes, &set);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	e = posix_spawnp(&pid, path, &actions, &attributes, (char *const *)argv, environ);
	if (e) {
		errno = e;
		die_temp("start ", argv[0]);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(theirs);
	return pid;
}
