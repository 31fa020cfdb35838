#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "source.h"

static void
reads_up_to_a_limit(void **state)
{
	static char many[200000];
	char path[] = "/tmp/source.XXXXXX";
	stralloc text = STRALLOC_ZERO;
	int fd = mkstemp(path);

	(void)state;
	unlink(path);
	assert_int_equal(source_read(fd, &text, 10), 1);
	assert_int_equal(text.len, 0);
	assert_int_equal(write(fd, many, sizeof many), sizeof many);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(source_read(fd, &text, sizeof many), 1);
	assert_int_equal(text.len, sizeof many);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(source_read(fd, &text, sizeof many - 1), 0);
	close(fd);
	assert_int_equal(source_read(fd, &text, 10), -1);
	stralloc_free(&text);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(reads_up_to_a_limit),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
