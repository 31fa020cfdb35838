#include "dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int listener;
static struct sockaddr_storage address;
static socklen_t len;

static int
begin(void **state)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	(void)state;
	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	len = sizeof address;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	return bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 0) ||
	       getsockname(listener, (struct sockaddr *)&address, &len);
}

static int
end(void **state)
{
	(void)state;
	return close(listener);
}

static void
connected_and_blocking(void **state)
{
	int const fd = dial(&address, len, 0, 0, 1000);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
}

static void
from_an_address(void **state)
{
	struct sockaddr_storage from = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t n = sizeof from;
	int fd;

	(void)state;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8);
	memcpy(&from, &in, sizeof in);
	fd = dial(&address, len, &from, sizeof in, 1000);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&from, &n), 0);
	memcpy(&in, &from, sizeof in);
	assert_int_equal(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK + 8);
	close(fd);
	in.sin_addr.s_addr = htonl(0x01020304);
	memcpy(&from, &in, sizeof in);
	assert_int_equal(dial(&address, len, &from, sizeof in, 1000), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
}

static void
refused(void **state)
{
	(void)state;
	close(listener);
	assert_int_equal(dial(&address, len, 0, 0, 1000), -1);
	assert_int_equal(errno, ECONNREFUSED);
	listener = dup(0);
}

/* The queue of connections is full: nobody answers. */
static void
in_time(void **state)
{
	int fd[8];
	int64_t const start = dial_now();

	(void)state;
	for (size_t i = 0; i < 8; i++)
		fd[i] = dial(&address, len, 0, 0, 50);
	assert_int_equal(fd[7], -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_in_range(dial_now() - start, 50, 2000);
	for (size_t i = 0; i < 8; i++)
		if (fd[i] != -1)
			close(fd[i]);
}

static void
waiting(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(dial_wait(fd[0], POLLIN, dial_now() + 20), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_int_equal(dial_wait(fd[0], POLLIN, dial_now() + 1000), 1);
	/* what is ready does not count when time is over: a flood ends, too */
	assert_int_equal(dial_wait(fd[0], POLLIN, dial_now() - 1), 0);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(connected_and_blocking, begin, end),
		cmocka_unit_test_setup_teardown(from_an_address, begin, end),
		cmocka_unit_test_setup_teardown(refused, begin, end),
		cmocka_unit_test_setup_teardown(in_time, begin, end),
		cmocka_unit_test(waiting),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
