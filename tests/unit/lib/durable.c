#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "durable.h"

static void
names_a_file_either_way(void **state)
{
	static enum durable_how const hows[] = { DURABLE_ANYWHERE, DURABLE_ORDERED };
	char place[] = "/tmp/durable-XXXXXX", self[64];
	int dir;

	(void)state;
	assert_non_null(mkdtemp(place));
	dir = open(place, O_RDONLY | O_DIRECTORY);
	assert_int_not_equal(dir, -1);
	for (size_t i = 0; i < 2; i++) {
		char const name[2] = { (char)('a' + i), 0 };
		int fd = openat(dir, ".", O_TMPFILE | O_WRONLY, 0600);
		struct stat st;

		assert_int_equal(write(fd, "mail", 4), 4);
		assert_int_equal(durable_data(fd, hows[i]), 1);
		snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
		assert_int_equal(linkat(AT_FDCWD, self, dir, name, AT_SYMLINK_FOLLOW), 0);
		assert_int_equal(durable_name(fd, dir, hows[i]), 1);
		assert_int_equal(fstatat(dir, name, &st, 0), 0);
		assert_int_equal(st.st_size, 4);
		close(fd);
		unlinkat(dir, name, 0);
	}
	close(dir);
	rmdir(place);
}

static void
says_what_went_wrong(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(durable_how(p[0]), DURABLE_ANYWHERE);
	assert_int_equal(durable_data(p[1], DURABLE_ANYWHERE), 0);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(durable_data(p[1], DURABLE_ORDERED), 0);
	assert_int_equal(durable_name(-1, p[1], DURABLE_ORDERED), 0);
	assert_int_equal(errno, EBADF);
	assert_int_equal(durable_name(p[1], -1, DURABLE_ANYWHERE), 0);
	close(p[0]);
	close(p[1]);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(names_a_file_either_way),
		cmocka_unit_test(says_what_went_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
