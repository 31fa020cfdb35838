#include "overquota.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1800000000

static int fd;

static int
make(void **state)
{
	(void)state;
	fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd == -1;
}

static int
check(char const *address, time_t now)
{
	return overquota_check(fd, address, strlen(address), now);
}

static int
mark(char const *address, time_t until)
{
	return overquota_mark(fd, address, strlen(address), NOW, until);
}

static void
empty_file_and_no_file_say_no(void **state)
{
	(void)state;
	assert_int_equal(check("bob@hamburger.edu", NOW), 0);
	assert_int_equal(overquota_check(-1, "bob@hamburger.edu", 17, NOW), 0);
	assert_int_equal(overquota_mark(-1, "bob@hamburger.edu", 17, NOW, NOW + 9), 0);
}

static void
a_note_lasts_until_its_time(void **state)
{
	(void)state;
	assert_int_equal(mark("bob@hamburger.edu", NOW + 100), 1);
	assert_int_equal(check("bob@hamburger.edu", NOW), 1);
	assert_int_equal(check("BoB@hamburger.EDU", NOW + 99), 1);
	assert_int_equal(check("bob@hamburger.edu", NOW + 100), 0);
	assert_int_equal(check("bo@hamburger.edu", NOW), 0);
	assert_int_equal(mark("bob@hamburger.edu", NOW + 200), 1);
	assert_int_equal(check("bob@hamburger.edu", NOW + 150), 1);
	assert_int_equal(overquota_clear(fd, "BOB@hamburger.edu", 17), 1);
	assert_int_equal(check("bob@hamburger.edu", NOW), 0);
}

static void
no_note_lasts_for_ever(void **state)
{
	(void)state;
	assert_int_equal(mark("eve@hamburger.edu", (time_t)1 << 40), 1);
	assert_int_equal(check("eve@hamburger.edu", NOW), 1);
	assert_int_equal(check("eve@hamburger.edu", NOW + OVERQUOTA_MAX), 0);
	/* a clock that was set back does not make it last longer either */
	assert_int_equal(check("eve@hamburger.edu", NOW - 1000), 0);
}

static void
damage_says_no(void **state)
{
	char junk[300000];

	(void)state;
	memset(junk, 0xff, sizeof junk);
	assert_int_equal(pwrite(fd, junk, sizeof junk, 0), sizeof junk);
	assert_int_equal(check("ann@hamburger.edu", NOW), 0);
	assert_int_equal(ftruncate(fd, 1001), 0);
	assert_int_equal(check("ann@hamburger.edu", NOW), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(mark("ann@hamburger.edu", NOW + 5), 1);
	assert_int_equal(check("ann@hamburger.edu", NOW), 1);
}

static void
the_file_stays_small(void **state)
{
	char address[64];
	int found = 0;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		snprintf(address, sizeof address, "u%d@hamburger.edu", i);
		assert_int_equal(mark(address, NOW + 1000 + i), 1);
	}
	assert_true(lseek(fd, 0, SEEK_END) <= 262144);
	for (int i = 0; i < 50000; i++) {
		snprintf(address, sizeof address, "u%d@hamburger.edu", i);
		found += check(address, NOW);
	}
	assert_true(found > 7000 && found <= 8192);
	assert_int_equal(check("u49999@hamburger.edu", NOW), 1); /* the one that ends last */
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup(empty_file_and_no_file_say_no, make),
		cmocka_unit_test_setup(a_note_lasts_until_its_time, make),
		cmocka_unit_test_setup(no_note_lasts_for_ever, make),
		cmocka_unit_test_setup(damage_says_no, make),
		cmocka_unit_test_setup(the_file_stays_small, make),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
