#include "schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "world.h"

static void
order(enum order what, unsigned int number)
{
	schedule_order(&world, what, place_time(number), number);
	world_step();
}

/* add - a message that arrived and was deferred once. */
static void
add_deferred(unsigned int number)
{
	place_add(number, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(number);
	world_deliver('Z', "4.3.0", "not now");
	assert_int_equal(world.active, 0);
}

static void
an_id_counts_once(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_arrive(1);
	assert_int_equal(world.due.count, 1);
	world_step();
	world_arrive(1); /* while it is worked on */
	world_step();
	fake_next();
	assert_int_equal(world_is_idle(), 1);
	assert_int_equal(world.active, 1);
}

static void
an_id_of_nothing_is_forgotten(void **state)
{
	(void)state;
	world_arrive(1);
	world_step();
	assert_int_equal(world.due.count, 0);
	order(ORDER_DROP, 2);
	order(ORDER_HOLD, 3);
	assert_int_equal(world.due.count, 0);
	assert_int_equal(world.broken, 0);
}

static void
damage_is_left_alone(void **state)
{
	(void)state;
	place_add_raw(1, "junk", 4, PLACE_TEXT);
	world_arrive(1);
	assert_int_equal(world_is_idle(), 1);
	assert_int_equal(world.active, 0);
	assert_int_equal(due_next(&world.due, 0), DUE_NEVER);
	order(ORDER_BOUNCE, 1);
	order(ORDER_RELEASE, 1);
	assert_int_equal(place_has(place_mess, 1), 1);
	order(ORDER_DROP, 1);
	assert_int_equal(place_has(place_mess, 1), 0);
	assert_int_equal(world.due.count, 0);
}

static void
drop_is_final(void **state)
{
	(void)state;
	add_deferred(1);
	order(ORDER_DROP, 1);
	assert_int_equal(place_has(place_mess, 1), 0);
	assert_int_equal(place_has(place_state, 1), 0);
	assert_int_equal(world.due.count, 0);
	assert_int_equal(world.active, 0);
}

static void
drop_is_final_in_flight(void **state)
{
	struct fake_sink *k;

	(void)state;
	place_add(1, "alice@crepes.fr", "a@hamburger.edu", "b@hamburger.edu", (char *)0);
	world_arrive(1);
	world_step();
	k = fake_next();
	world_step();
	fake_flight(k, 1, PLACE_TEXT);
	order(ORDER_DROP, 1);
	assert_int_equal(place_has(place_mess, 1), 0);
	fake_accept(k, 1, 'Z', "4.3.0", "not now");
	world_step();
	fake_next(); /* b had been asked for already, and gets nothing */
	world_step();
	world_step();
	assert_int_equal(world.active, 0);
	assert_int_equal(world.due.count, 0);
	assert_int_equal(place_has(place_state, 1), 0);
	assert_int_equal(world_inject('K', "2.0.0"), 0);
	world_arrive(1);
	world_step();
	assert_int_equal(world.due.count, 0);
}

static void
held_until_released(void **state)
{
	add_deferred(1);
	order(ORDER_HOLD, 1);
	assert_int_equal(due_next(&world.due, 0), DUE_NEVER);
	schedule_retry_all(&world);
	assert_int_equal(world_is_idle(), 1);
	order(ORDER_RETRY, 1);
	assert_int_equal(world_is_idle(), 1);
	world_restart(state);
	world.now += 1000000;
	assert_int_equal(world_is_idle(), 1);
	world.now -= 1000000;
	order(ORDER_RELEASE, 1);
	world_deliver('K', "2.0.0", "ok");
	assert_int_equal(place_has(place_mess, 1), 0);
}

static void
retry_now(void **state)
{
	(void)state;
	add_deferred(1);
	assert_int_equal(world_is_idle(), 1);
	order(ORDER_RETRY, 1);
	world_deliver('Z', "4.3.0", "not now");
	assert_int_equal(world_is_idle(), 1);
	schedule_retry_all(&world);
	world_deliver('K', "2.0.0", "ok");
	assert_int_equal(place_has(place_mess, 1), 0);
}

static void
retry_reaches_what_is_down(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_deliver('Z', "4.2.2", "mailbox full");
	order(ORDER_RETRY, 1);
	world_deliver('K', "2.0.0", "ok");
	assert_int_equal(place_has(place_mess, 1), 0);
}

static void
one_message_tries_what_is_down(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_deliver('Z', "4.2.2", "mailbox full");
	for (unsigned int i = 2; i <= 5; i++) {
		place_add(i, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
		world_arrive(i);
	}
	assert_int_equal(world_is_idle(), 1);
	assert_int_equal(world.active, 0);
	assert_int_equal(place_has(place_state, 2), 0); /* nothing was tried, nothing is noted */
	world.now += 100;
	world_step();
	fake_next();
	assert_int_equal(world_is_idle(), 1);
}

static void
bounced_by_order(void **state)
{
	(void)state;
	add_deferred(1);
	order(ORDER_BOUNCE, 1);
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_non_null(strstr(world_report, "Status: 5.0.0\n"));
	assert_int_equal(place_has(place_mess, 1), 0);
}

static void
bounces_of_bounces(void **state)
{
	(void)state;
	place_add(1, "", "nobody@hamburger.edu", (char *)0);
	world_arrive(1);
	world_step();
	fake_refuse('D', "5.1.1");
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_string_equal(world_envelope.sender, "#@[]");
	assert_string_equal(world_envelope.rcpt, "postmaster@hamburger.edu");
	place_add(2, "#@[]", "postmaster@hamburger.edu", (char *)0);
	world_arrive(2);
	world_step();
	fake_refuse('D', "5.1.1");
	assert_int_equal(world_inject('K', "2.0.0"), 0);
	assert_int_equal(place_has(place_mess, 2), 0);
	assert_int_equal(world.due.count, 0);
}

static void
many_reports_one_by_one(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= 5; i++) {
		place_add(i, "alice@crepes.fr", "@", (char *)0);
		world_arrive(i);
	}
	world_step();
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_int_equal(world_inject('K', "2.0.0"), 0);
	assert_int_equal(world.due.count, 0);
}

static void
stopping_waits_for_what_runs(void **state)
{
	struct fake_sink *k;

	place_add(1, "alice@crepes.fr", "a@hamburger.edu", "x@far.example", (char *)0);
	place_add(2, "alice@crepes.fr", "@", "b@hamburger.edu", (char *)0);
	world_arrive(1);
	world_arrive(2);
	world_step();
	k = fake_next();
	world_step();
	schedule_stop(&world);
	schedule_work(&world);
	assert_int_equal(schedule_is_over(&world), 0);
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	k = fake_next();
	world_step();
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	world_step();
	assert_int_equal(schedule_is_over(&world), 1);
	/* what was owed is owed, what was done is done */
	world.stopping = 0;
	world_restart(state);
	assert_int_equal(world_inject('K', "2.0.0"), 1);
	assert_int_equal(place_has(place_mess, 2), 0);
	assert_int_equal(place_has(place_mess, 1), 1);
	assert_int_equal(world_is_idle(), 1);
}

static void
room_is_bounded_and_shared(void **state)
{
	char name[SINKS_NAME_MAX + 1];
	uint32_t serial;
	int found = 0;

	(void)state;
	world.settings.concurrency_local = 10;
	for (unsigned int i = 1; i <= SCHEDULE_JOBS + 500; i++) {
		place_add(i, "mailing@crepes.fr", "slow@hamburger.edu", (char *)0);
		world_arrive(i);
	}
	for (int i = 0; i < 30; i++)
		world_step();
	assert_in_range(world.active, SCHEDULE_JOBS / 2, SCHEDULE_JOBS * 3 / 4);
	place_add(5000, "other@crepes.fr", "fast@hamburger.edu", (char *)0);
	world_arrive(5000);
	for (int i = 0; i < 10; i++)
		world_step();
	while (fake_request(&serial, name))
		found |= !strcmp(name, "fast@hamburger.edu");
	assert_int_equal(found, 1);
	assert_true(world.active <= SCHEDULE_JOBS);
}

static void
room_is_left_whoever_has_how_much(void **state)
{
	char sender[64];

	(void)state;
	for (unsigned int i = 1; i <= 4 * SCHEDULE_JOBS; i++) {
		/* a hundred in a row, so that each has as many as may be */
		snprintf(sender, sizeof sender, "mailing%u@crepes.fr", i / 100 % 20);
		place_add(i, sender, "slow@hamburger.edu", (char *)0);
		world_arrive(i);
	}
	for (int i = 0; i < 100; i++)
		world_step();
	assert_true(world.active < SCHEDULE_JOBS);
	for (unsigned int i = 0; i < FAIR_LANES; i++)
		assert_true(world.lane[i].jobs <= SCHEDULE_JOBS * 3 / 4);
}

static void
a_message_too_large_for_what_is_left_waits(void **state)
{
	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	place_add(2, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	world_arrive(1);
	world_step();
	assert_int_equal(world.active, 1);
	world.memory += SCHEDULE_MEMORY - 3000;
	world_arrive(2);
	world_step();
	assert_int_equal(world.active, 1);
	order(ORDER_HOLD, 2); /* an admin may have it */
	assert_int_equal(world.active, 1);
	order(ORDER_RELEASE, 2);
	world.memory -= SCHEDULE_MEMORY - 3000;
	world.now += 301;
	world_step();
	assert_int_equal(world.active, 2);
}

static void
a_mailing_leaves_time_for_others(void **state)
{
	static char envelope[200000];
	size_t len = place_fields(envelope, 'M', "", (char *)0);
	char rcpt[64];

	(void)state;
	for (unsigned int i = 0; i < 9000; i++) {
		snprintf(rcpt, sizeof rcpt, "u%u@f.r", i);
		len += place_fields(envelope + len, 'R', rcpt, (char *)0);
	}
	place_add_raw(1, envelope, len, PLACE_TEXT);
	world_arrive(1);
	world.slice = 0;
	schedule_work(&world); /* each has its answer at once: there is no relay */
	assert_true(world.look.head);
	assert_int_equal(schedule_next(&world), world.now);
	world.slice = 60000;
	schedule_work(&world);
	assert_int_equal(world.active, 0);
	assert_true(place_has(place_state, 1));
}

static void
old_mail_is_tried_before_it_fails(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= SCHEDULE_JOBS + 5; i++) {
		place_add(i, "mailing@crepes.fr", "slow@hamburger.edu", (char *)0);
		world_arrive(i);
	}
	/* queue-send did not run for all its lifetime; now there is too much for the room */
	world.now += 432000;
	for (int i = 0; i < 30; i++)
		world_step();
	world.now += 60;
	for (int i = 0; i < 30; i++)
		world_step();
	assert_true(world.active < SCHEDULE_JOBS); /* some were put off … */
	assert_int_equal(world_inject('K', "2.0.0"), 0);
	assert_int_equal(world.due.count, SCHEDULE_JOBS + 5); /* … and are not given up */
}

static void
a_scan_waits_for_descriptors(void **state)
{
	struct rlimit old, none;

	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	scan_start(&world.scan, place_mess, place_state);
	assert_true(schedule_next(&world) <= world.now);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	schedule_work(&world);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(world.broken, 0);
	assert_int_equal(world.scan.running, 1);
	assert_int_equal(schedule_next(&world), world.now + 1);
	world.now++;
	while (world.scan.running)
		schedule_work(&world);
	assert_int_equal(world.due.count, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_make, world_remove)

int
main(void)
{
	struct CMUnitTest const tests[] = {
		TEST(an_id_counts_once),
		TEST(an_id_of_nothing_is_forgotten),
		TEST(damage_is_left_alone),
		TEST(drop_is_final),
		TEST(drop_is_final_in_flight),
		TEST(held_until_released),
		TEST(retry_now),
		TEST(retry_reaches_what_is_down),
		TEST(one_message_tries_what_is_down),
		TEST(bounced_by_order),
		TEST(bounces_of_bounces),
		TEST(many_reports_one_by_one),
		TEST(stopping_waits_for_what_runs),
		TEST(room_is_bounded_and_shared),
		TEST(room_is_left_whoever_has_how_much),
		TEST(a_message_too_large_for_what_is_left_waits),
		TEST(a_mailing_leaves_time_for_others),
		TEST(old_mail_is_tried_before_it_fails),
		TEST(a_scan_waits_for_descriptors),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
