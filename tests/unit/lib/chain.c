/* unit tests of lib/chain: what the next program of a chain is started with */
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "die.h"

/* run - what in a child; its exit code, or 1000 + the signal that ended it. */
static int
run(void (*what)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (!pid) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* ask - start a shell with this script as the next program, and compare what it writes. */
static void
ask(char const *script, char const *say, char const *want)
{
	char const *const argv[] = { "/bin/sh", "-c", script, 0 };
	char got[1024];
	size_t len = 0;
	ssize_t r;
	pid_t pid = chain_start(argv);
	int status;

	if (*say && write(CHAIN_FD, say, strlen(say)) != (ssize_t)strlen(say))
		_exit(10);
	while ((r = read(CHAIN_FD, got + len, sizeof got - 1 - len)) > 0)
		len += (size_t)r;
	got[len] = 0;
	if (waitpid(pid, &status, 0) != pid || status)
		_exit(11);
	if (strcmp(got, want)) {
		dprintf(2, "# got: %s# wanted: %s", got, want);
		_exit(12);
	}
	if (fcntl(CHAIN_FD, F_GETFD) != FD_CLOEXEC)
		_exit(13);
}

static unsigned int closed; /* the descriptors that are not open, as bits */

static void
with_descriptors_closed(void)
{
	for (int fd = 0; fd < 8; fd++)
		if (closed & 1U << fd)
			close(fd);
	/* /proc/self/fd is ls's: 0 and 1 the pair, 2 if it was open, 3 its own */
	ask("read word; echo $word; test /proc/$$/fd/0 -ef /proc/$$/fd/1 && test -S /proc/$$/fd/0 "
	    "&& echo pair; for fd in 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$fd && echo $fd; done; :",
	    "hello\n", "hello\npair\n");
}

/* Whatever is open or not, the next program has the pair as 0 and 1 and no other descriptor. */
static void
descriptors(void **state)
{
	(void)state;
	for (closed = 0; closed < 256; closed++)
		if (!(closed & 4)) /* log_open sees to 2 */
			assert_int_equal(run(with_descriptors_closed), 0);
}

static void
with_chain_fd_in_use(void)
{
	int other = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup3(other, CHAIN_FD, 0);
	ask("echo ok", "", "ok\n");
}

static void
signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, 0);
	signal(SIGHUP, SIG_DFL); /* nohup ignores it, and so it stays */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	/* 32 and 33 are the C library's own: nobody can set them, whoever started us may have */
	ask("sed -n '/^SigBlk/p;/^SigIgn/{s/80000000$/00000000/;s/1\\(00000000\\)$/0\\1/;p;}' "
	    "/proc/self/status",
	    "", "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

static void
environment(void)
{
	setenv("TCPREMOTEIP", "192.0.2.7", 1);
	ask("echo $TCPREMOTEIP", "", "192.0.2.7\n");
}

static void
time_limits(void)
{
	struct timeval limit;
	socklen_t size = sizeof limit;

	ask("exit 0", "", "");
	if (getsockopt(CHAIN_FD, SOL_SOCKET, SO_RCVTIMEO, &limit, &size) ||
	    limit.tv_sec != CHAIN_TIMEOUT)
		_exit(1);
	if (getsockopt(CHAIN_FD, SOL_SOCKET, SO_SNDTIMEO, &limit, &size) ||
	    limit.tv_sec != CHAIN_TIMEOUT)
		_exit(2);
}

static void
found_in_path(void)
{
	char const *const argv[] = { "sh", "-c", "exit 7", 0 };
	int status;

	if (waitpid(chain_start(argv), &status, 0) == -1 || WEXITSTATUS(status) != 7)
		_exit(1);
}

static void
starts_the_next_program(void **state)
{
	(void)state;
	assert_int_equal(run(with_chain_fd_in_use), 0);
	assert_int_equal(run(signals), 0);
	assert_int_equal(run(environment), 0);
	assert_int_equal(run(time_limits), 0);
	assert_int_equal(run(found_in_path), 0);
}

static char long_name[5000];
static char const *name;

static void
start_name(void)
{
	char const *const argv[] = { name, 0 };

	chain_start(argv);
}

static void
cannot_be_started(void **state)
{
	static struct {
		char const *name;
		int code;
	} const cases[] = {
		{ 0, EXIT_PERM },
		{ long_name, EXIT_PERM },
		{ "/nonexistent/program", EXIT_TEMP },
		{ "no-such-program-anywhere", EXIT_TEMP },
		{ "/etc/passwd", EXIT_TEMP }, /* not executable */
		{ "", EXIT_TEMP },
		{ "/", EXIT_TEMP },
		{ ".", EXIT_TEMP },
	};
	int const kept = dup(2), null = open("/dev/null", O_WRONLY);

	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	dup2(null, 2);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		name = cases[i].name;
		assert_int_equal(run(start_name), cases[i].code);
	}
	dup2(kept, 2);
	close(kept);
	close(null);
}

static void
paths(void **state)
{
	char path[64], want[64];

	(void)state;
	snprintf(want, sizeof want, "%s/%s", CONF_BINDIR, "no-such");
	assert_int_equal(chain_path(path, sizeof path, "no-such"), 1);
	assert_string_equal(path, "no-such"); /* not in bindir: PATH decides */
	assert_int_equal(chain_path(path, sizeof path, "./no-such"), 1);
	assert_string_equal(path, "./no-such");
	assert_int_equal(chain_path(path, sizeof path, "/a/b"), 1);
	assert_string_equal(path, "/a/b");
	assert_int_equal(chain_path(path, strlen(want), "no-such"), 0);
	assert_int_equal(chain_path(path, strlen(want) + 1, "no-such"), 1);
	assert_int_equal(chain_path(path, 4, "/a/b"), 0);
	assert_int_equal(chain_path(path, 5, "/a/b"), 1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(starts_the_next_program),
		cmocka_unit_test(cannot_be_started),
		cmocka_unit_test(paths),
	};

	/* what the test's own parent left open is not the matter here */
	for (int fd = 3; fd < 64; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return cmocka_run_group_tests_name("lib/chain", tests, 0, 0);
}
