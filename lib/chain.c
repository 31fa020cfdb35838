#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
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

/* move - to the lowest descriptor that is free from at on. */
static int
move(int fd, int at)
{
	int const moved = fcntl(fd, F_DUPFD_CLOEXEC, at);
	int const e = errno;

	close(fd);
	errno = e;
	return moved;
}

/*
 * pair - ours at the descriptor at, which the caller has closed; returns theirs, kept clear of
 * 0 to 2, or dup2 would leave it as it is; or -1 with errno.
 */
static int
pair(int type, int at)
{
	struct timeval const limit = { .tv_sec = CHAIN_TIMEOUT };
	int fd[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd) == -1)
		return -1;
	if (fd[1] == at) {
		fd[1] = fd[0];
		fd[0] = at;
	} else if (fd[0] != at) {
		fd[0] = move(fd[0], at);
	}
	if (fd[1] < 3)
		fd[1] = move(fd[1], 3);
	if (fd[0] != -1 && fd[1] != -1 &&
	    setsockopt(at, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != -1 &&
	    setsockopt(at, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != -1)
		return fd[1];
	close(fd[0]);
	close(fd[1]);
	return -1;
}

/*
 * run - in the new process, which has our memory until it has become the program: only
 * system calls. Returns if it cannot be run.
 */
static void
run(char const *path, char const *const *argv, int theirs)
{
	static int const signals[] = { SIGPIPE, SIGALRM, SIGTERM, SIGCHLD };
	sigset_t none;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, 0) != -1 && dup2(theirs, 0) != -1 &&
	    dup2(theirs, 1) != -1)
		execvpe(path, (char *const *)argv, environ);
}

/*
 * begin - the new process; -1 with errno. posix_spawn would ask for the state of 64 signals; what
 * run does in our memory is what that does in it, so clang-tidy's warnings do not hold here.
 */
static pid_t
begin(char const *path, char const *const *argv, int theirs)
{
	int volatile failed = 0;   /* set by the child, in our memory */
	pid_t const pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

	if (!pid) {
		run(path, argv, theirs); /* NOLINT(clang-analyzer-unix.Vfork) */
		failed = errno;
		_exit(EXIT_TEMP);
	}
	if (!failed)
		return pid;
	waitpid(pid, 0, 0);
	errno = failed;
	return -1;
}

pid_t
chain_try_at(char const *const *argv, int type, int at)
{
	char path[4096];
	sigset_t mask, all;
	pid_t pid;
	int theirs, e;

	if (!chain_path(path, sizeof path, argv[0])) {
		errno = ENAMETOOLONG;
		return -1;
	}
	close(at);
	theirs = pair(type, at);
	if (theirs == -1)
		return -1;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask); /* no handler of ours runs in the child */
	pid = begin(path, argv, theirs);
	e = errno;
	sigprocmask(SIG_SETMASK, &mask, 0);
	close(theirs);
	if (pid == -1)
		close(at);
	errno = e;
	return pid;
}

/* find - the file of a program that there must be. */
static void
find(char *path, size_t max, char const *name)
{
	if (name && chain_path(path, max, name))
		return;
	die_perm(name ? "the next program's name is too long"
		      : "no next program: name one at the end of the command line");
}

void
chain_exec(char const *const *argv)
{
	char path[4096];

	find(path, sizeof path, argv[0]);
	execvpe(path, (char *const *)argv, environ);
	die_temp("start ", argv[0]);
}

pid_t
chain_start_at(char const *const *argv, int type, int at)
{
	char path[4096];
	pid_t pid;

	find(path, sizeof path, argv[0]);
	pid = chain_try_at(argv, type, at);
	if (pid == -1)
		die_temp("start ", argv[0]);
	return pid;
}

pid_t
chain_start(char const *const *argv)
{
	return chain_start_at(argv, SOCK_STREAM, CHAIN_FD);
}
