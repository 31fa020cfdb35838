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

/* until_asking - begin, up to the point where all names are known and no state file was asked. */
static void
until_asking(void)
{
	for (unsigned int i = 1; i <= 600; i++) {
		place_add(i, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
		if (i % 2)
			save(i, PLACE_NOW + i);
	}
	scan_start(&scan, place_mess, place_state);
	while (scan.phase != SCAN_HINTS)
		assert_int_equal(scan_step(&scan, &due, PLACE_NOW), 1);
}

static void
untried_mail_is_due_before_states_are_asked(void **state)
{
	(void)state;
	until_asking();
	assert_int_equal(due.count, 600);
	for (int i = 0; i < 300; i++)
		assert_int_equal(due.entry[due_take(&due, PLACE_NOW, 0)].time % 2, 0);
	while (scan.running)
		assert_int_equal(scan_step(&scan, &due, PLACE_NOW), 1);
	assert_int_equal(due_take(&due, PLACE_NOW, 0), DUE_NONE);
	assert_int_equal(due_next(&due, 0), PLACE_NOW + 1);
}

static void
what_was_taken_meanwhile_is_not_put_back(void **state)
{
	uint32_t n, gone = DUE_NONE;

	(void)state;
	until_asking();
	for (n = due.entries - 1; !due.entry[n].unread || gone == DUE_NONE; n--)
		if (due.entry[n].unread)
			gone = n;
	due.entry[n].unread = 0; /* as an admin's order does, which takes it at once */
	due_forget(&due, gone);
	while (scan.running)
		assert_int_equal(scan_step(&scan, &due, PLACE_NOW), 1);
	assert_int_equal(due.entry[n].at, DUE_NEVER);
	assert_int_equal(due.count, 599);
}

static void
all_at_once_means_the_unread_too(void **state)
{
	int count = 0;

	(void)state;
	until_asking();
	due_all(&due, PLACE_NOW);
	while (scan.running)
		assert_int_equal(scan_step(&scan, &due, PLACE_NOW), 1);
	while (due_take(&due, PLACE_NOW, 0) != DUE_NONE)
		count++;
	assert_int_equal(count, 600);
}

static void
begun_anew_it_asks_what_was_left(void **state)
{
	(void)state;
	until_asking();
	assert_int_equal(run() > 0, 1);
	assert_int_equal(due.count, 600);
	assert_int_equal(due.entry[number_of(599)].at, PLACE_NOW + 599);
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
		cmocka_unit_test_setup_teardown(
		    untried_mail_is_due_before_states_are_asked, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_was_taken_meanwhile_is_not_put_back, begin, end),
		cmocka_unit_test_setup_teardown(all_at_once_means_the_unread_too, begin, end),
		cmocka_unit_test_setup_teardown(begun_anew_it_asks_what_was_left, begin, end),
		cmocka_unit_test_setup_teardown(state_without_message_is_removed, begin, end),
		cmocka_unit_test_setup_teardown(other_names_are_left_alone, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
