#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"

static void
writes_all_parts(void **state)
{
	static char big[300000], got[sizeof big + 3];
	char a[] = "a", bc[] = "bc";
	struct iovec parts[4] = { { a, 1 }, { a, 0 }, { big, sizeof big }, { bc, 2 } };
	size_t len = 0;
	int fd[2];
	ssize_t r;

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(pipe(fd), 0); /* takes less at once */
	if (!fork()) {
		close(fd[0]);
		_exit(files_write(fd[1], parts, 4) == (ssize_t)sizeof got ? 0 : 1);
	}
	close(fd[1]);
	while (len < sizeof got && (r = read(fd[0], got + len, sizeof got - len)) > 0)
		len += (size_t)r;
	assert_int_equal(len, sizeof got);
	assert_int_equal(got[0], 'a');
	assert_memory_equal(got + 1, big, sizeof big);
	assert_memory_equal(got + 1 + sizeof big, "bc", 2);
}

static void
says_what_failed(void **state)
{
	char a[] = "a";
	struct iovec part = { a, 1 };
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(files_write(fd, &part, 1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(files_write(fd, &part, 0), 0);
	close(fd);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(writes_all_parts),
		cmocka_unit_test(says_what_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
