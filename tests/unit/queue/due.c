#include "due.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct due due;

static int
empty(void **state)
{
	(void)state;
	due_init(&due);
	return 0;
}

static int
done(void **state)
{
	(void)state;
	due_free(&due);
	return 0;
}

static uint32_t
add(uint64_t time, uint32_t at)
{
	uint32_t const number = due_add(&due, time, time + 7);

	assert_int_not_equal(number, DUE_NONE);
	assert_int_equal(due_put(&due, number, at), 1);
	return number;
}

static void
earliest_first_and_not_before_its_time(void **state)
{
	uint32_t a, b, c;

	(void)state;
	assert_int_equal(due_next(&due, 0), DUE_NEVER);
	assert_int_equal(due_take(&due, UINT32_MAX, 0), DUE_NONE);
	a = add(1, 300);
	b = add(2, 100);
	c = add(3, 200);
	assert_int_equal(due_next(&due, 0), 100);
	assert_int_equal(due_take(&due, 99, 0), DUE_NONE);
	assert_int_equal(due_take(&due, 250, 0), b);
	assert_int_equal(due_take(&due, 250, 0), c);
	assert_int_equal(due_take(&due, 250, 0), DUE_NONE);
	assert_int_equal(due_take(&due, 300, 0), a);
	assert_int_equal(due.count, 3);
	assert_int_equal(due_put(&due, b, 400), 1);
	assert_int_equal(due_next(&due, 0), 400);
}

static void
a_message_is_known_once(void **state)
{
	uint32_t const a = add(1, 300);

	(void)state;
	assert_int_equal(due_add(&due, 1, 8), a);
	assert_int_equal(due.count, 1);
	assert_int_equal(due_find(&due, 1, 8), a);
	assert_int_equal(due_find(&due, 1, 9), DUE_NONE);
	assert_int_equal(due_take(&due, 300, 0), a);
	assert_int_equal(due_find(&due, 1, 8), a); /* being worked on */
	due_forget(&due, a);
	assert_int_equal(due_find(&due, 1, 8), DUE_NONE);
	assert_int_equal(due.count, 0);
}

static void
held_messages_are_never_due(void **state)
{
	uint32_t const a = add(1, DUE_NEVER), b = add(2, 500);

	(void)state;
	due_all(&due, 10);
	assert_int_equal(due_take(&due, 10, 0), b);
	assert_int_equal(due_take(&due, UINT32_MAX - 1, 0), DUE_NONE);
	assert_int_equal(due_put(&due, a, 5), 1);
	assert_int_equal(due_take(&due, 10, 0), a);
}

static void
all_at_once_the_oldest_first(void **state)
{
	(void)state;
	for (uint32_t i = 1000; i; i--)
		add(i, 5000 - i);
	due_all(&due, 3);
	for (uint32_t i = 1; i <= 1000; i++)
		assert_int_equal(due.entry[due_take(&due, 3, 0)].time, i);
}

static void
lanes_take_turns(void **state)
{
	uint32_t single;
	int before = 0;

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++)
		assert_int_equal(due_lane(&due, add(i, 10), 5), 1);
	single = add(5000, 20);
	assert_int_equal(due_lane(&due, single, 6), 1);
	while (due_take(&due, 20, 0) != single)
		before++;
	assert_in_range(before, 0, 1);
}

static void
what_arrives_and_what_was_there_take_turns(void **state)
{
	uint32_t single;
	int before = 0;

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++)
		add(i, 10);
	single = add(5000, 20);
	assert_int_equal(due_arrived(&due), DUE_NONE);
	assert_int_equal(due_lane(&due, single, DUE_ARRIVED), 1);
	assert_int_equal(due_arrived(&due), single);
	while (due_take(&due, 20, 0) != single)
		before++;
	assert_in_range(before, 0, 1);
}

static void
a_closed_lane_is_passed_over(void **state)
{
	uint32_t a, b;

	(void)state;
	a = add(1, 10);
	b = add(2, 20);
	assert_int_equal(due_lane(&due, a, 5), 1);
	assert_int_equal(due_lane(&due, b, 61), 1);
	assert_int_equal(due_next(&due, 1 << 5), 20);
	assert_int_equal(due_take(&due, 30, UINT64_MAX), DUE_NONE);
	assert_int_equal(due_next(&due, UINT64_MAX), DUE_NEVER);
	assert_int_equal(due_take(&due, 30, 1 << 5), b);
	assert_int_equal(due_take(&due, 30, 0), a);
}

/* Against the plainest possible list. */
#define MODEL 300

static void
agrees_with_a_plain_list(void **state)
{
	struct {
		uint32_t at;
		int known, waits;
	} model[MODEL] = { { 0, 0, 0 } };

	(void)state;
	srandom(42);
	for (int step = 0; step < 200000; step++) {
		uint32_t const k = (uint32_t)random() % MODEL;
		uint32_t number = due_find(&due, k, k * 3), earliest = DUE_NEVER;

		assert_int_equal(number != DUE_NONE, model[k].known);
		switch (random() % 5) {
		case 0:
		case 1:
			number = due_add(&due, k, k * 3);
			model[k].known = model[k].waits = 1;
			model[k].at = (uint32_t)random() % 1000;
			assert_int_equal(due_put(&due, number, model[k].at), 1);
			break;
		case 2:
			if (model[k].known) {
				due_forget(&due, number);
				model[k].known = model[k].waits = 0;
			}
			break;
		case 3:
			if (model[k].known)
				assert_int_equal(
				    due_lane(&due, number, (unsigned int)random() % 63), 1);
			break;
		case 4:
			number = due_take(&due, 300, 0);
			if (number != DUE_NONE) {
				uint64_t const t = due.entry[number].time;

				assert_true(model[t].waits && model[t].at <= 300);
				model[t].waits = 0;
			}
			break;
		}
		for (int i = 0; i < MODEL; i++)
			if (model[i].waits && model[i].at < earliest)
				earliest = model[i].at;
		assert_int_equal(due_next(&due, 0), earliest);
	}
}

static void
a_million_fit_in_a_few_dozen_octets_each(void **state)
{
	struct mallinfo2 const before = mallinfo2();
	struct mallinfo2 after;
	size_t used;

	(void)state;
	for (uint32_t i = 0; i < 1000000; i++)
		add(1800000000000000 + i * 17, 1800000000 + i % 1000);
	after = mallinfo2();
	used = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
	assert_in_range(used, 0, 48 * 1000000);
	assert_int_equal(due.count, 1000000);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(
		    earliest_first_and_not_before_its_time, empty, done),
		cmocka_unit_test_setup_teardown(a_message_is_known_once, empty, done),
		cmocka_unit_test_setup_teardown(held_messages_are_never_due, empty, done),
		cmocka_unit_test_setup_teardown(all_at_once_the_oldest_first, empty, done),
		cmocka_unit_test_setup_teardown(lanes_take_turns, empty, done),
		cmocka_unit_test_setup_teardown(
		    what_arrives_and_what_was_there_take_turns, empty, done),
		cmocka_unit_test_setup_teardown(a_closed_lane_is_passed_over, empty, done),
		cmocka_unit_test_setup_teardown(agrees_with_a_plain_list, empty, done),
		cmocka_unit_test_setup_teardown(
		    a_million_fit_in_a_few_dozen_octets_each, empty, done),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
