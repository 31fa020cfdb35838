/* unit tests of lib/rest: memory is given back, what is in it is not lost, and who waits is served
 */
#include "rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY ((size_t)1 << 20)

/* Constants that take room in the program, and data that has been changed. */
static unsigned char const constant[MANY] = { 1, [MANY - 1] = 2 };
static unsigned char changed[1 << 16] = { 3 };

/* resident - KB of this process's memory that are pages of the file that it was started from. */
static unsigned long
resident(void)
{
	char line[512], self[256];
	unsigned long sum = 0;
	int ours = 0;
	FILE *f;
	ssize_t const n = readlink("/proc/self/exe", self, sizeof self - 1);

	assert_true(n > 0);
	self[n] = 0;
	f = fopen("/proc/self/smaps", "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		if (line[0] >= 'a' || (line[0] >= '0' && line[0] <= '9'))
			ours = strstr(line, self) && strstr(line, " r--p ");
		else if (ours && !strncmp(line, "Rss:", 4))
			sum += strtoul(line + 4, 0, 10);
	fclose(f);
	return sum;
}

static unsigned long
touch(void)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < sizeof constant; i += 512)
		sum += ((unsigned char const volatile *)constant)[i];
	return sum + ((unsigned char const volatile *)constant)[MANY - 1];
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
gives_back_what_can_be_read_again(void **state)
{
	(void)state;
	assert_int_equal(touch(), 3);
	assert_true(resident() >= MANY / 1024);
	rest();
	assert_true(resident() < MANY / 1024 / 2);
	assert_int_equal(touch(), 3);
	assert_true(resident() >= MANY / 1024);
}

static void
keeps_what_was_written(void **state)
{
	unsigned char local[4096];

	(void)state;
	memset(local, 5, sizeof local);
	memset(changed, 4, sizeof changed);
	rest();
	for (size_t i = 0; i < sizeof changed; i++)
		assert_int_equal(changed[i], 4);
	for (size_t i = 0; i < sizeof local; i++)
		assert_int_equal(local[i], 5);
}

static void
an_event_comes_at_once(void **state)
{
	int fd[2];
	struct pollfd x;
	int64_t const begun = now_ms();

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	x = (struct pollfd){ fd[0], POLLIN, 0 };
	assert_int_equal(rest_poll(&x, 1, -1), 1);
	assert_int_equal(x.revents, POLLIN);
	assert_true(now_ms() - begun < REST_MS);
	close(fd[0]);
	close(fd[1]);
}

static void
a_short_wait_is_no_rest(void **state)
{
	int64_t const begun = now_ms();

	(void)state;
	touch();
	assert_int_equal(rest_poll(0, 0, 20), 0);
	assert_true(now_ms() - begun >= 20 && now_ms() - begun < REST_MS);
	assert_true(resident() >= MANY / 1024);
	assert_int_equal(rest_poll(0, 0, 0), 0);
}

static void
a_long_wait_is_one_and_ends_in_time(void **state)
{
	int64_t const begun = now_ms();

	(void)state;
	touch();
	assert_int_equal(rest_poll(0, 0, REST_MS + 200), 0);
	assert_true(now_ms() - begun >= REST_MS + 200);
	assert_true(resident() < MANY / 1024 / 2);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(gives_back_what_can_be_read_again),
		cmocka_unit_test(keeps_what_was_written),
		cmocka_unit_test(an_event_comes_at_once),
		cmocka_unit_test(a_short_wait_is_no_rest),
		cmocka_unit_test(a_long_wait_is_one_and_ends_in_time),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
