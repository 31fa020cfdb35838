#include "retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BIRTH 1800000000ULL
#define END   (BIRTH + 432000)

static void
pauses_grow_quadratically(void **state)
{
	static struct {
		unsigned int attempts, skip;
		uint64_t age, pause;
	} const cases[] = {
		{ 1, RETRY_LOCAL, 0, 100 },
		{ 2, RETRY_LOCAL, 100, 300 },
		{ 3, RETRY_LOCAL, 400, 500 },
		{ 1, RETRY_REMOTE, 0, 400 },
		{ 2, RETRY_REMOTE, 400, 1200 },
		{ 10, RETRY_LOCAL, 8100, 1900 },
		/* asked for ten times in the first second: as its age says */
		{ 10, RETRY_LOCAL, 1, 120 },
		/* the server was off for a day: as its attempts say */
		{ 1, RETRY_LOCAL, 86400, 100 },
		/* an order came before any attempt */
		{ 0, RETRY_LOCAL, 0, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t const now = BIRTH + cases[i].age;

		assert_int_equal(retry_next(BIRTH, now, cases[i].attempts, cases[i].skip, END, 0),
		    now + cases[i].pause);
	}
}

static void
jitter_only_adds_and_is_bounded(void **state)
{
	(void)state;
	for (uint32_t random = 0; random < 5000; random++) {
		uint64_t const next = retry_next(BIRTH, BIRTH, 1, RETRY_REMOTE, END, random);

		assert_in_range(next, BIRTH + 400, BIRTH + 440);
	}
}

static void
the_last_attempt_is_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(retry_next(BIRTH, END - 10, 60, RETRY_REMOTE, END, 0), END);
	assert_true(retry_next(BIRTH, END, 60, RETRY_REMOTE, END, 0) > END);
}

static void
a_clock_that_went_back_does_no_harm(void **state)
{
	(void)state;
	assert_int_equal(retry_next(BIRTH, BIRTH - 5000, 1, 10, END, 0), BIRTH - 5000 + 100);
	assert_true(retry_next(0, UINT32_MAX, 65535, 20, 432000, ~0U) > UINT32_MAX);
}

static void
a_destination_is_left_alone_for_an_hour_at_most(void **state)
{
	(void)state;
	assert_int_equal(retry_pause(1, 0), 30);
	assert_int_equal(retry_pause(2, 0), 120);
	for (unsigned int n = 10; n < 100000; n++)
		assert_in_range(retry_pause(n, n), 3000, 3960);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(pauses_grow_quadratically),
		cmocka_unit_test(jitter_only_adds_and_is_bounded),
		cmocka_unit_test(the_last_attempt_is_at_the_end),
		cmocka_unit_test(a_clock_that_went_back_does_no_harm),
		cmocka_unit_test(a_destination_is_left_alone_for_an_hour_at_most),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
