#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define THERE 40

static void
moves(void **state)
{
	int fd = open("/dev/null", O_RDONLY);
	char c;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_not_equal(dup2(fd, THERE), -1); /* it is taken */
	close(fd);
	fd = open("/dev/zero", O_RDONLY);
	assert_int_equal(descriptor_move(fd, THERE), THERE);
	assert_int_equal(read(THERE, &c, 1), 1);
	assert_int_equal(fcntl(THERE, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(descriptor_move(THERE, THERE), THERE); /* it stays, and stays open */
	assert_int_equal(read(THERE, &c, 1), 1);
	close(THERE);
}

static void
nothing_stays_nothing(void **state)
{
	(void)state;
	errno = ENOENT;
	assert_int_equal(descriptor_move(-1, THERE), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fcntl(THERE, F_GETFD), -1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(moves),
		cmocka_unit_test(nothing_stays_nothing),
	};

	return cmocka_run_group_tests_name("descriptor", tests, 0, 0);
}
