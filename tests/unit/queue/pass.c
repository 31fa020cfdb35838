#include "pass.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "retry.h"
#include "world.h"

static void
a_delivered_message_leaves_nothing(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_deliver('K', "2.0.0", "ok");
	assert_int_equal(place_has(place_mess, 1), 0);
	assert_int_equal(place_has(place_state, 1), 0);
	assert_int_equal(world.due.count, 0);
	assert_int_equal(world.active, 0);
}

static void
a_deferred_one_comes_back_in_time(void **state)
{
	uint32_t at;

	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_deliver('Z', "4.3.0", "not now");
	assert_int_equal(place_has(place_state, 1), 1);
	assert_int_equal(world.active, 0);
	at = due_next(&world.due, 0);
	assert_in_range(at, PLACE_NOW + 100, PLACE_NOW + 112);
	assert_int_equal(schedule_next(&world), at);
	world.now = at - 1;
	assert_int_equal(world_is_idle(), 1);
	world.now = at;
	world_deliver('K', "2.0.0", "ok");
	assert_int_equal(place_has(place_mess, 1), 0);
	assert_int_equal(place_has(place_state, 1), 0);
}

static void
nobody_is_delivered_to_twice(void **state)
{
	struct fake_sink *k;

	place_add(1, "alice@crepes.fr", "a@hamburger.edu", "b@hamburger.edu", "c@hamburger.edu",
	    (char *)0);
	world_arrive(1);
	world_deliver('K', "2.0.0", "ok"); /* a, while b and c have been asked for */
	assert_int_equal(place_has(place_state, 1), 1);
	world_restart(state); /* a crash */
	world_step();
	k = fake_next();
	assert_string_equal(k->name, "b@hamburger.edu");
	k = fake_next();
	assert_string_equal(k->name, "c@hamburger.edu");
	assert_int_equal(world_is_idle(), 1);
}

static void
local_and_remote_have_their_own_times(void **state)
{
	uint32_t at;

	(void)state;
	place_add(1, "alice@crepes.fr", "a@hamburger.edu", "x@far.example", (char *)0);
	world_arrive(1);
	world_deliver('Z', "4.3.0", "not now");
	at = due_next(&world.due, 0);
	assert_in_range(at, PLACE_NOW + 100, PLACE_NOW + 112);
	world.now = at;
	world_deliver('K', "2.0.0", "ok"); /* only the local one is tried */
	at = due_next(&world.due, 0);
	assert_in_range(at, PLACE_NOW + 399, PLACE_NOW + 441);
}

static void
a_report_when_all_were_tried_once(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "nobody@hamburger.edu", "x@far.example", (char *)0);
	world_arrive(1);
	world_step();
	fake_refuse('D', "5.1.1");
	world_step();
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_string_equal(world_envelope.sender, "");
	assert_string_equal(world_envelope.rcpt, "alice@crepes.fr");
	assert_non_null(strstr(world_report, "Final-Recipient: rfc822; nobody@hamburger.edu\n"));
	assert_null(strstr(world_report, "x@far.example"));
	assert_int_equal(place_has(place_mess, 1), 1); /* x still waits */
	assert_int_equal(world.active, 0);
	/* a crash later repeats nothing */
	world_restart(state);
	assert_int_equal(world_inject('K', "2.0.0"), 0);
	assert_int_equal(world_is_idle(), 1);
}

static void
a_crash_before_the_report_loses_none(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "nobody@hamburger.edu", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_step();
	fake_refuse('D', "5.1.1");
	world_step();
	world_restart(state);
	world_deliver('K', "2.0.0", "ok"); /* bob; nobody is not tried again */
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_non_null(strstr(world_report, "nobody@hamburger.edu"));
	assert_null(strstr(world_report, "bob@hamburger.edu>"));
	assert_int_equal(place_has(place_mess, 1), 0);
	assert_int_equal(place_has(place_state, 1), 0);
}

static void
a_report_that_cannot_be_queued_is_kept(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "nobody@hamburger.edu", (char *)0);
	world_arrive(1);
	world_step();
	fake_refuse('D', "5.1.1");
	assert_int_equal(world_inject('Z', "4.3.1"), 1);
	assert_int_equal(place_has(place_mess, 1), 1);
	assert_int_equal(world_inject('K', "2.0.0"), 0);
	world_restart(state);
	world.now += 400;
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_int_equal(place_has(place_mess, 1), 0);
}

static void
its_time_is_over(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world.now = PLACE_NOW + 432000;
	world_deliver('Z', "4.2.2", "mailbox full"); /* one last attempt */
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_non_null(strstr(world_report, "Action: failed\nStatus: 4.2.2\n"));
	assert_int_equal(place_has(place_mess, 1), 0);
}

static void
told_of_the_delay_once(void **state)
{
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world.now = PLACE_NOW + 14400;
	world_deliver('Z', "4.3.0", "not now");
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_non_null(strstr(world_report, "Action: delayed"));
	world_restart(state);
	world.now = due_next(&world.due, 0);
	world_deliver('Z', "4.3.0", "not now");
	assert_int_equal(world_inject('K', "2.0.0"), 0);
}

static void
bad_addresses_fail(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "@", (char *)0);
	world_arrive(1);
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_non_null(strstr(world_report, "Status: 5.1.3"));
}

static void
a_file_that_cannot_be_written_is_tried_again(void **state)
{
	struct rlimit const none = { 0, RLIM_INFINITY };
	struct rlimit before;

	(void)state;
	place_add(1, "alice@crepes.fr", "a@hamburger.edu", "x@far.example", (char *)0);
	world_arrive(1);
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	world_deliver('K', "2.0.0", "ok");
	setrlimit(RLIMIT_FSIZE, &before);
	/* who is done is known in memory, until it can be written */
	assert_int_equal(world.active, 1);
	world.now += SCHEDULE_PAUSE;
	world_step();
	assert_int_equal(world.active, 0);
	assert_int_equal(place_has(place_state, 1), 1);
	world_restart(state);
	world.now = due_next(&world.due, 0);
	assert_int_equal(world_is_idle(), 1);
}

static void
many_recipients(void **state)
{
	static char envelope[200000];
	size_t len = place_fields(envelope, 'M', "alice@crepes.fr", (char *)0);
	char rcpt[64];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(rcpt, sizeof rcpt, "x%d@far.example", i);
		len += place_fields(envelope + len, 'R', rcpt, (char *)0);
	}
	place_add_raw(1, envelope, len, PLACE_TEXT);
	world_arrive(1);
	world_step();
	assert_int_equal(world.active, 0);
	assert_in_range(due_next(&world.due, 0), PLACE_NOW + 399, PLACE_NOW + 441);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_make, world_remove)

int
main(void)
{
	struct CMUnitTest const tests[] = {
		TEST(a_delivered_message_leaves_nothing),
		TEST(a_deferred_one_comes_back_in_time),
		TEST(nobody_is_delivered_to_twice),
		TEST(local_and_remote_have_their_own_times),
		TEST(a_report_when_all_were_tried_once),
		TEST(a_crash_before_the_report_loses_none),
		TEST(a_report_that_cannot_be_queued_is_kept),
		TEST(its_time_is_over),
		TEST(told_of_the_delay_once),
		TEST(bad_addresses_fail),
		TEST(a_file_that_cannot_be_written_is_tried_again),
		TEST(many_recipients),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
