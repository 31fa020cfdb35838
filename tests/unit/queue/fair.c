#include "fair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RCPTS 1000

struct job {
	struct rcpt rcpt[RCPTS];
	uint32_t added;
};

static struct fair fair;
static struct job mailing, single, other;

static int
fresh(void **state)
{
	(void)state;
	fair_init(&fair, 3, 12345);
	memset(&mailing, 0, sizeof mailing);
	memset(&single, 0, sizeof single);
	memset(&other, 0, sizeof other);
	return 0;
}

static int
finish(void **state)
{
	struct batch b;
	struct destination *d;

	(void)state;
	while ((d = fair_fullest(&fair)))
		while (fair_drain(&fair, d, &b))
			;
	assert_int_equal(fair.waiting, 0);
	fair_free(&fair);
	return 0;
}

static struct destination *
dest(char const *name)
{
	return fair_destination(&fair, name, strlen(name));
}

static int
add(struct job *job, unsigned int lane, char const *name)
{
	return fair_add(&fair, dest(name), lane, job, job->rcpt, job->added++);
}

static void
nothing_to_do(void **state)
{
	struct batch b;

	(void)state;
	assert_int_equal(fair_take(&fair, 1, &b), 0);
	assert_null(fair_fullest(&fair));
}

static void
a_single_message_waits_for_one_delivery_of_a_mailing(void **state)
{
	char name[32];
	struct batch b;
	int before = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "u%d@hamburger.edu", i);
		assert_int_equal(add(&mailing, 7, name), 1);
	}
	assert_int_equal(add(&single, 8, "u3@hamburger.edu"), 1);
	while (fair_take(&fair, 1, &b) && b.job != &single)
		before++;
	assert_ptr_equal(b.job, &single);
	assert_in_range(before, 0, 1);
	assert_memory_equal(b.destination->name, "u3@hamburger.edu", 16);
}

static void
destinations_of_one_sender_take_turns(void **state)
{
	struct batch b;
	int slow = 0;

	(void)state;
	for (int i = 0; i < 500; i++)
		add(&mailing, 7, "big.example");
	for (int i = 0; i < 3; i++)
		add(&other, 7, "small.example");
	for (int i = 0; i < 6; i++) {
		assert_int_equal(fair_take(&fair, 1, &b), 1);
		slow += b.job == &mailing;
	}
	assert_int_equal(slow, 3);
	/* now both are at their limit */
	assert_int_equal(fair_take(&fair, 1, &b), 0);
}

static void
a_limit_stops_one_destination_only(void **state)
{
	struct batch b;

	(void)state;
	for (int i = 0; i < 10; i++)
		add(&mailing, 1, "slow.example");
	for (int i = 0; i < 3; i++)
		assert_int_equal(fair_take(&fair, 1, &b), 1);
	assert_int_equal(fair_take(&fair, 1, &b), 0);
	add(&single, 1, "fast.example");
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	assert_ptr_equal(b.job, &single);
	fair_finished(&fair, dest("slow.example"));
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	assert_ptr_equal(b.job, &mailing);
	fair_limit(&fair, 4);
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	assert_int_equal(fair_take(&fair, 1, &b), 0);
}

static void
recipients_of_a_domain_go_together(void **state)
{
	struct batch b;
	uint32_t n, count = 0;

	(void)state;
	for (int i = 0; i < 120; i++)
		assert_int_equal(add(&mailing, 1, "a.example"), !i);
	assert_int_equal(fair.waiting, 1);
	assert_int_equal(fair_take(&fair, 50, &b), 1);
	assert_int_equal(b.count, 50);
	for (n = b.first; n != FAIR_LAST; n = mailing.rcpt[n].link)
		assert_int_equal(n, count++);
	assert_int_equal(count, 50);
	assert_int_equal(fair_take(&fair, 50, &b), 1);
	assert_int_equal(b.first, 50);
	assert_int_equal(fair_take(&fair, 50, &b), 1);
	assert_int_equal(b.count, 20);
	assert_int_equal(fair.waiting, 0);
	/* joined to what waits, after some of it left */
	add(&mailing, 1, "a.example");
	add(&mailing, 1, "a.example");
	fair_finished(&fair, dest("a.example"));
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	add(&mailing, 1, "a.example");
	fair_finished(&fair, dest("a.example"));
	assert_int_equal(fair_take(&fair, 9, &b), 1);
	assert_int_equal(b.count, 2);
}

static void
what_is_down_is_tried_once(void **state)
{
	struct batch b;
	struct destination *d = dest("down.example");

	(void)state;
	assert_int_equal(fair_is_down(d, 100), 0);
	fair_failed(&fair, d, 200);
	assert_int_equal(fair_is_down(d, 100), 1);
	assert_int_equal(fair_is_down(d, 200), 0);
	for (int i = 0; i < 3; i++)
		add(i == 0 ? &single : i == 1 ? &other : &mailing, 1, "down.example");
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	assert_int_equal(fair_take(&fair, 1, &b), 0);
	fair_worked(&fair, d);
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	assert_int_equal(fair_take(&fair, 1, &b), 1);
	for (int i = 0; i < 3; i++)
		fair_finished(&fair, d);
	fair_release(&fair, d);
	assert_int_equal(fair.count, 0);
}

/* at_once - how many deliveries start now. */
static unsigned int
at_once(void)
{
	struct batch b;
	unsigned int n = 0;

	while (fair_take(&fair, 1, &b))
		n++;
	return n;
}

/* done - so many that ran have worked. */
static void
done(struct destination *d, unsigned int n)
{
	while (n--) {
		fair_worked(&fair, d);
		fair_finished(&fair, d);
	}
}

static void
a_window_grows_with_success(void **state)
{
	struct destination *d;

	(void)state;
	fair.first = 1;
	d = dest("far.example");
	for (int i = 0; i < 40; i++)
		add(i % 2 ? &single : &mailing, 1, "far.example");
	assert_int_equal(at_once(), 1);
	done(d, 1);
	assert_int_equal(at_once(), 2);
	done(d, 1);
	assert_int_equal(at_once(), 1); /* one more has worked, two are wanted */
	done(d, 2);
	assert_int_equal(at_once(), 3);
	done(d, 3);
	assert_int_equal(at_once(), 3); /* the limit */
	fair_busy(&fair, d);
	fair_finished(&fair, d);
	assert_int_equal(at_once(), 0); /* the two that run are what it takes */
	done(d, 2);
	for (int i = 0; i < FAIR_PATIENCE - 3; i++)
		fair_worked(&fair, d);
	assert_int_equal(at_once(), 2); /* and asked for more only after a while */
	done(d, 2);
	assert_int_equal(at_once(), 3);
	fair_failed(&fair, d, 200);
	for (int i = 0; i < 3; i++)
		fair_finished(&fair, d);
	assert_int_equal(at_once(), 1);
	done(d, 1);
	assert_int_equal(at_once(), 1); /* from the start again */
	done(d, 1);
}

static void
the_latest_is_drained_first(void **state)
{
	struct batch b;

	(void)state;
	add(&single, 1, "x");
	add(&other, 1, "x");
	add(&mailing, 1, "x");
	assert_ptr_equal(fair_fullest(&fair), dest("x"));
	assert_int_equal(fair_drain(&fair, dest("x"), &b), 1);
	assert_ptr_equal(b.job, &mailing);
	assert_int_equal(fair_drain(&fair, dest("x"), &b), 1);
	assert_ptr_equal(b.job, &other);
	assert_int_equal(dest("x")->waiting, 1);
	assert_int_equal(dest("x")->running, 0);
}

static void
old_failures_are_forgotten(void **state)
{
	(void)state;
	fair_failed(&fair, dest("a"), 100);
	fair_failed(&fair, dest("b"), 200);
	fair_purge(&fair, 150);
	assert_int_equal(fair.count, 1);
	assert_int_equal(fair_is_down(dest("b"), 180), 1);
	assert_int_equal(fair_is_down(dest("a"), 0), 0);
}

/* Random work: everything that went in comes out once, no limit is passed. */
static void
nothing_is_lost(void **state)
{
	static unsigned char seen[RCPTS];
	struct job *const job = &mailing;
	struct destination *running[64];
	unsigned int runs = 0;
	char name[8];
	struct batch b;

	(void)state;
	srandom(7);
	memset(seen, 0, sizeof seen);
	for (int step = 0; step < 20000; step++) {
		switch (random() % 4) {
		case 0:
			if (job->added == RCPTS)
				break;
			snprintf(name, sizeof name, "d%ld", random() % 10);
			add(job, (unsigned int)random() % 5, name);
			break;
		case 1:
			if (runs == 64 || !fair_take(&fair, 1 + (uint32_t)random() % 4, &b))
				break;
			assert_true(b.destination->running <= 3);
			running[runs++] = b.destination;
			for (uint32_t n = b.first; n != FAIR_LAST; n = job->rcpt[n].link, b.count--)
				seen[n]++;
			assert_int_equal(b.count, 0);
			break;
		case 2:
			if (!runs)
				break;
			fair_finished(&fair, running[--runs]);
			fair_release(&fair, running[runs]);
			break;
		case 3:
			snprintf(name, sizeof name, "d%ld", random() % 10);
			if (random() % 10)
				fair_worked(&fair, dest(name));
			else
				fair_failed(&fair, dest(name), 1);
			break;
		}
	}
	while (fair_fullest(&fair) && fair_drain(&fair, fair_fullest(&fair), &b))
		for (uint32_t n = b.first; n != FAIR_LAST; n = job->rcpt[n].link)
			seen[n]++;
	assert_int_equal(job->added, RCPTS);
	for (uint32_t i = 0; i < RCPTS; i++)
		assert_int_equal(seen[i], 1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(nothing_to_do, fresh, finish),
		cmocka_unit_test_setup_teardown(
		    a_single_message_waits_for_one_delivery_of_a_mailing, fresh, finish),
		cmocka_unit_test_setup_teardown(
		    destinations_of_one_sender_take_turns, fresh, finish),
		cmocka_unit_test_setup_teardown(a_limit_stops_one_destination_only, fresh, finish),
		cmocka_unit_test_setup_teardown(recipients_of_a_domain_go_together, fresh, finish),
		cmocka_unit_test_setup_teardown(what_is_down_is_tried_once, fresh, finish),
		cmocka_unit_test_setup_teardown(a_window_grows_with_success, fresh, finish),
		cmocka_unit_test_setup_teardown(the_latest_is_drained_first, fresh, finish),
		cmocka_unit_test_setup_teardown(old_failures_are_forgotten, fresh, finish),
		cmocka_unit_test_setup_teardown(nothing_is_lost, fresh, finish),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
