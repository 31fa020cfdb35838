/* unit tests of relay/content: a message kept, in a file, or gone by */
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct content c;

static int
file(char const *text, size_t len, size_t times)
{
	int const fd = memfd_create("message", 0);

	while (times--)
		assert_int_equal(write(fd, text, len), len);
	return fd;
}

/* frame - F, with a descriptor that is the content's from now on. */
static int
give(int fd, char const *text)
{
	return content_file(&c, &(struct frame){ STREAM_FILE, text, strlen(text), fd });
}

struct sum {
	size_t len, calls, stop;
};

static int
add(void *to, char const *data, size_t len)
{
	struct sum *s = to;

	(void)data;
	s->len += len;
	errno = EPIPE; /* a taker's own trouble is none of reading */
	return ++s->calls != s->stop;
}

static void
test_kept(void **state)
{
	struct sum s = { 0 };
	char const *wire;
	size_t len;

	(void)state;
	content_begin(&c);
	assert_int_equal(content_data(&c, "Subject: x\n\n", 12), 1);
	assert_int_equal(content_data(&c, ".y\n", 3), 1);
	assert_int_equal(content_survey(&c), 1);
	assert_int_equal(c.survey.size, 18);
	wire = content_wire(&c, &len);
	assert_int_equal(len, 18);
	assert_memory_equal(wire, "Subject: x\r\n\r\n.y\r\n", 18);
	assert_int_equal(content_each(&c, add, &s), 1);
	assert_int_equal(s.len, 15);
	content_begin(&c);
	wire = content_wire(&c, &len);
	assert_non_null(wire);
	assert_int_equal(len, 0);
}

static void
test_worst(void **state)
{
	static char lines[CONTENT_SMALL];
	size_t len;

	(void)state;
	content_begin(&c);
	memset(lines, '\n', sizeof lines);
	assert_int_equal(content_data(&c, lines, sizeof lines), 1);
	assert_non_null(content_wire(&c, &len));
	assert_int_equal(len, 2 * sizeof lines);
	content_begin(&c);
	memset(lines, 'x', sizeof lines);
	assert_int_equal(content_data(&c, lines, sizeof lines), 1);
	assert_non_null(content_wire(&c, &len));
	assert_in_range(len, sizeof lines, sizeof lines + 400);
}

static void
test_too_much(void **state)
{
	static char text[CONTENT_SMALL];
	size_t len;

	(void)state;
	content_begin(&c);
	assert_int_equal(content_data(&c, text, sizeof text), 1);
	assert_int_equal(content_data(&c, text, 1), 0);
	assert_true(c.passing);
	assert_int_equal(content_data(&c, text, 0), 0);
	assert_null(content_wire(&c, &len));
}

static void
test_small_file(void **state)
{
	int const fd = file("envelope: hi\n\nxx", 16, 1);
	size_t len;

	(void)state;
	assert_int_equal(give(fd, "10 4"), 1);
	assert_int_equal(content_survey(&c), 1);
	assert_int_equal(c.survey.size, 6);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it is of no more use */
	assert_memory_equal(content_wire(&c, &len), "hi\r\n\r\n", 6);
}

static void
test_large_file(void **state)
{
	int const fd = file("0123456789abcde\n", 16, 10000);
	struct sum s = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(give(fd, "16 159984"), 1);
	assert_int_equal(content_survey(&c), 1);
	assert_int_equal(c.survey.size, 9999 * 17);
	assert_null(content_wire(&c, &len));
	for (int i = 0; i < 2; i++) {
		s = (struct sum){ 0 };
		assert_int_equal(content_each(&c, add, &s), 1);
		assert_int_equal(s.len, 159984);
	}
	s = (struct sum){ .stop = 2 };
	assert_int_equal(content_each(&c, add, &s), 0);
	assert_int_equal(errno, 0);
	content_begin(&c);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void
test_bad_file(void **state)
{
	static char const *const bad[] = { "", "1", " 1", "1 ", "1 x", "-1 1", "1  1", "1 1 1",
		"99999999999999999999 1", "1 99999999999999999999",
		"9223372036854775000 9223372036854775000" };
	struct sum s = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int const fd = file("x", 1, 1);

		assert_int_equal(give(fd, bad[i]), 0);
		content_begin(&c);
		assert_int_equal(fcntl(fd, F_GETFD), -1);
	}
	assert_int_equal(give(file("x", 1, 1), "0 2"), 1);
	assert_int_equal(content_survey(&c), 0);
	assert_int_equal(errno, ENODATA);
	assert_int_equal(give(file("x", 1, 100000), "0 100001"), 1);
	assert_int_equal(content_survey(&c), 0);
	assert_int_equal(content_each(&c, add, &s), 0);
	assert_int_equal(errno, ENODATA);
	assert_int_equal(give(open("/dev/null", O_WRONLY), "0 1"), 1);
	assert_int_equal(content_survey(&c), 0);
	assert_int_equal(errno, EBADF);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_small_file),
		cmocka_unit_test(test_large_file),
		cmocka_unit_test(test_bad_file),
	};

	content_init(&c);
	return cmocka_run_group_tests(tests, 0, 0);
}
