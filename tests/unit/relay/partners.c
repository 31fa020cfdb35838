/* unit tests of relay/partners: who gets which descriptor */
#include "partners.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hop.h"

static char dir[64] = "/tmp/partners-XXXXXX";

/* start - partners that write which descriptors they have. */
static void
start(int sts)
{
	char const *const argv[] = { "relay-connect", "-m", "h.org", 0 };
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, sts, 0, fd), 0);
	assert_int_equal(dup2(fd[0], RELAY_STS), RELAY_STS);
	if (fd[0] != RELAY_STS)
		close(fd[0]);
	if (fd[1] != RELAY_STS)
		close(fd[1]);
	partners_start(argv);
	assert_int_equal(fcntl(RELAY_STS, F_GETFD), -1);
}

static void
says(int fd, char const *want)
{
	char got[256];
	ssize_t const n = read(fd, got, sizeof got - 1);

	assert_int_not_equal(n, -1);
	got[n] = 0;
	assert_string_equal(got, want);
}

static void
test_descriptors(void **state)
{
	(void)state;
	start(SOCK_SEQPACKET);
	says(RELAY_CONNECT, "relay-connect -m h.org sts\n");
	says(RELAY_TLS, "relay-tls\n");
	start(SOCK_STREAM); /* a caller's own */
	says(RELAY_CONNECT, "relay-connect -m h.org\n");
	says(RELAY_TLS, "relay-tls\n");
	assert_int_equal(fcntl(RELAY_CONNECT, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(RELAY_TLS, F_GETFD), FD_CLOEXEC);
}

static void
stub(char const *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f)
		exit(1);
	fputs("#!/bin/sh\ntest -e /proc/self/fd/5 && set -- \"$@\" sts\necho ${0##*/} \"$@\"\n", f);
	fclose(f);
	chmod(path, 0755);
}

int
main(void)
{
	struct CMUnitTest const tests[] = { cmocka_unit_test(test_descriptors) };
	char text[256];
	int failed;

	if (!mkdtemp(dir))
		return 1;
	stub("relay-connect");
	stub("relay-tls");
	snprintf(text, sizeof text, "%s:/bin:/usr/bin", dir);
	setenv("PATH", text, 1);
	failed = cmocka_run_group_tests(tests, 0, 0);
	snprintf(text, sizeof text, "%s/relay-tls", dir);
	unlink(text);
	snprintf(text, sizeof text, "%s/relay-connect", dir);
	unlink(text);
	rmdir(dir);
	return failed;
}
