#include "tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "notes.h"

#define NOW 1000000

static char path[] = "/tmp/tally.XXXXXX";
static struct tally t;

static int
open_it(void **state)
{
	(void)state;
	memcpy(path + 11, "XXXXXX", 6);
	close(mkstemp(path));
	return !tally_open(&t, path);
}

static int
close_it(void **state)
{
	(void)state;
	close(t.fd);
	return unlink(path);
}

static void
failures(void **state)
{
	(void)state;
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW), 0);
	assert_int_equal(tally_fail(&t, TALLY_USER, "bob", NOW), 1);
	assert_int_equal(tally_fail(&t, TALLY_USER, "bob", NOW), 2);
	assert_int_equal(tally_fail(&t, TALLY_ADDRESS, "bob", NOW), 1);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bobb", NOW), 0);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW + TALLY_FORGET - 1), 2);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW + TALLY_FORGET), 1);
	assert_int_equal(tally_fail(&t, TALLY_USER, "bob", NOW + TALLY_FORGET), 2);
	tally_forgive(&t, TALLY_USER, "bob", NOW + TALLY_FORGET);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW + TALLY_FORGET), 1);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW + 2 * TALLY_FORGET), 0);
	tally_forgive(&t, TALLY_USER, "zoe", NOW);
	assert_int_equal(tally_failures(&t, TALLY_USER, "zoe", NOW), 0);
}

static void
clock_set_back(void **state)
{
	(void)state;
	tally_fail(&t, TALLY_USER, "bob", NOW * 100ULL);
	assert_true(tally_failures(&t, TALLY_USER, "bob", NOW) <= TALLY_KNOWN / TALLY_FORGET);
	assert_true(tally_send(&t, "bob", NOW * 100ULL, 3, 3));
	assert_false(tally_send(&t, "bob", NOW, 3, 1));
	assert_true(tally_send(&t, "bob", NOW + TALLY_HOUR * 100ULL * NOW, 3, 1));
}

static void
known(void **state)
{
	(void)state;
	assert_false(tally_known(&t, "bob 192.0.2.1", NOW));
	tally_know(&t, "bob 192.0.2.1", NOW);
	assert_true(tally_known(&t, "bob 192.0.2.1", NOW + TALLY_KNOWN - 1));
	assert_false(tally_known(&t, "bob 192.0.2.1", NOW + TALLY_KNOWN));
	assert_false(tally_known(&t, "bob 192.0.2.2", NOW));
}

static void
sent(void **state)
{
	(void)state;
	assert_true(tally_send(&t, "bob", NOW, 0, 1000));
	assert_false(tally_send(&t, "bob", NOW, 10, 11));
	assert_true(tally_send(&t, "bob", NOW, 10, 7));
	assert_true(tally_send(&t, "bob", NOW, 10, 3));
	assert_false(tally_send(&t, "bob", NOW, 10, 1));
	assert_true(tally_send(&t, "alice", NOW, 10, 10));
	assert_true(tally_send(&t, "bob", NOW + 360, 10, 1)); /* a tenth of an hour later */
	assert_false(tally_send(&t, "bob", NOW + 360, 10, 1));
	assert_true(tally_send(&t, "bob", NOW + 360 + TALLY_HOUR, 10, 10));
	assert_true(tally_send(&t, "carol", NOW, 1000000, 1000000));
}

static void
stays_small(void **state)
{
	char name[16];
	struct stat st;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "u%d", i);
		tally_fail(&t, TALLY_USER, name, NOW + (uint64_t)i / 1000);
	}
	assert_int_equal(tally_failures(&t, TALLY_USER, name, NOW + 20), 1);
	assert_int_equal(fstat(t.fd, &st), 0);
	assert_true(st.st_size <= NOTES_SIZE);
}

static void
damaged(void **state)
{
	char noise[4096];

	(void)state;
	memset(noise, 0x5a, sizeof noise);
	for (off_t at = 0; at < NOTES_SIZE; at += (off_t)sizeof noise)
		assert_int_equal(pwrite(t.fd, noise, sizeof noise, at), sizeof noise);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW), 0);
	assert_int_equal(tally_fail(&t, TALLY_USER, "bob", NOW), 1);
	assert_int_equal(tally_failures(&t, TALLY_USER, "bob", NOW), 1);
}

static void
no_file(void **state)
{
	struct tally none;

	(void)state;
	assert_false(tally_open(&none, "/nonexistent/tally"));
	assert_int_equal(tally_fail(&none, TALLY_USER, "bob", NOW), 1);
	assert_int_equal(tally_failures(&none, TALLY_USER, "bob", NOW), 0);
	tally_forgive(&none, TALLY_USER, "bob", NOW);
	tally_know(&none, "bob", NOW);
	assert_false(tally_known(&none, "bob", NOW));
	assert_true(tally_send(&none, "bob", NOW, 1, 100));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(failures, open_it, close_it),
		cmocka_unit_test_setup_teardown(clock_set_back, open_it, close_it),
		cmocka_unit_test_setup_teardown(known, open_it, close_it),
		cmocka_unit_test_setup_teardown(sent, open_it, close_it),
		cmocka_unit_test_setup_teardown(stays_small, open_it, close_it),
		cmocka_unit_test_setup_teardown(damaged, open_it, close_it),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
