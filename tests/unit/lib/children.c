/* unit tests of lib/children */
#include "children.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
sees_a_child_end(void **state)
{
	struct pollfd x = { .fd = children_watch(), .events = POLLIN };
	struct signalfd_siginfo info;
	pid_t pid;

	(void)state;
	assert_int_equal(fcntl(x.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(poll(&x, 1, 0), 0);
	pid = fork();
	if (!pid)
		_exit(7);
	assert_int_equal(poll(&x, 1, 10000), 1);
	assert_int_equal(read(x.fd, &info, sizeof info), sizeof info);
	assert_int_equal(info.ssi_pid, pid);
	assert_int_equal(waitpid(pid, 0, 0), pid);
	assert_int_equal(read(x.fd, &info, sizeof info), -1); /* it does not wait */
	close(x.fd);
}

int
main(void)
{
	struct CMUnitTest const tests[] = { cmocka_unit_test(sees_a_child_end) };

	return cmocka_run_group_tests(tests, 0, 0);
}
