#include "scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "place.h"

static struct due due;
static struct scan scan;

static int
begin(void **state)
{
	due_init(&due);
	return place_make(state);
}

static int
end(void **state)
{
	due_free(&due);
	return place_remove(state);
}

/* run - all of it; how many steps it took. */
static int
run(void)
{
	int steps = 0;

	scan_start(&scan, place_mess, place_state);
	for (; scan.running; steps++)
		assert_int_equal(scan_step(&scan, &due, PLACE_NOW), 1);
	return steps;
}

static uint32_t
number_of(unsigned int number)
{
	return due_find(&due, place_time(number), number);
}

static void
save(unsigned int number, uint32_t at)
{
	struct state const s = { .held = at == STATE_NEVER };
	char path[STATE_PATH_MAX];

	state_path(path, place_time(number), number);
	assert_int_equal(state_replace(place_state, path, &s, at), 1);
}

static void
an_empty_queue(void **state)
{
	(void)state;
	run();
	assert_int_equal(due.count, 0);
}

static void
finds_all_in_slices(void **state)
{
	int steps;

	(void)state;
	for (unsigned int i = 1; i <= 1000; i++)
		place_add(i, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	steps = run();
	assert_int_equal(due.count, 1000);
	assert_int_equal(scan.found, 1000);
	assert_true(steps >= 1000 / SCAN_SLICE);
	for (unsigned int i = 1; i <= 1000; i++)
		assert_int_equal(due.entry[number_of(i)].at, 0);
	run();
	assert_int_equal(scan.found, 0);
	assert_int_equal(due.count, 1000);
}

static void
the_hint_says_when(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= 5; i++)
		place_add(i, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	save(2, PLACE_NOW + 500);
	save(3, PLACE_NOW - 500);
	save(4, STATE_NEVER);
	save(5, PLACE_NOW + 40000000); /* the clock was wrong when it was written */
	run();
	assert_int_equal(due.entry[number_of(1)].has_state, 0);
	assert_int_equal(due.entry[number_of(1)].is_new, 1);
	for (unsigned int i = 2; i <= 5; i++) {
		assert_int_equal(due.entry[number_of(i)].has_state, 1);
		assert_int_equal(due.entry[number_of(i)].is_new, 0);
	}
	assert_int_equal(due.entry[number_of(2)].at, PLACE_NOW + 500);
	assert_int_equal(due.entry[number_of(3)].at, PLACE_NOW - 500);
	assert_int_equal(due.entry[number_of(4)].at, PLACE_NOW);
	assert_int_equal(due.entry[number_of(5)].at, PLACE_NOW);
}

static void
state_without_message_is_removed(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	save(1, PLACE_NOW);
	save(2, PLACE_NOW);
	run();
	assert_int_equal(place_has(place_state, 1), 1);
	assert_int_equal(place_has(place_state, 2), 0);
}

static void
other_names_are_left_alone(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	assert_int_equal(mkdirat(place_mess, "1/lost+found", 0700), 0);
	assert_int_equal(mkdirat(place_mess, "1/.hidden", 0700), 0);
	/* an id in a directory where nobody would look for it */
	assert_int_equal(
	    renameat(place_mess, place_path, place_mess,
		message_split(place_time(1)) ? "0/1k1066kntcd-af0bp" : "1/1k1066kntcd-af0bp"),
	    0);
	run();
	assert_int_equal(due.count, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_queue, begin, end),
		cmocka_unit_test_setup_teardown(finds_all_in_slices, begin, end),
		cmocka_unit_test_setup_teardown(the_hint_says_when, begin, end),
		cmocka_unit_test_setup_teardown(state_without_message_is_removed, begin, end),
		cmocka_unit_test_setup_teardown(other_names_are_left_alone, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
