#include "tickets.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/tickets-XXXXXX";
static int dir;

static int
make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(path))
		return -1;
	dir = open(path, O_PATH | O_DIRECTORY);
	return dir == -1 ? -1 : 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlinkat(dir, "tickets", 0);
	unlinkat(dir, "tickets.new", 0);
	return rmdir(path);
}

/* age - make a file that many seconds older than it can be now. */
static void
age(char const *name, time_t seconds)
{
	struct timespec const t[2] = { { .tv_sec = time(0) - seconds },
		{ .tv_sec = time(0) - seconds } };

	assert_int_equal(utimensat(dir, name, t, 0), 0);
}

/* keys_now - as everybody reads them. */
static size_t
keys_now(struct ticket_key keys[TICKETS_KEYS])
{
	int const fd = tickets_open(dir);
	size_t n;

	assert_true(fd != -1);
	n = tickets_read(fd, keys);
	close(fd);
	return n;
}

static int
same(struct ticket_key const *a, struct ticket_key const *b)
{
	return !memcmp(a, b, sizeof *a);
}

static void
test_rotation(void **state)
{
	struct ticket_key first[TICKETS_KEYS], keys[TICKETS_KEYS];
	struct stat st;

	(void)state;
	assert_int_equal(keys_now(first), 1);
	assert_int_equal(fstatat(dir, "tickets", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(keys_now(keys), 1);
	assert_true(same(keys, first));
	age("tickets", TICKETS_ROTATE - 5);
	assert_int_equal(keys_now(keys), 1);
	age("tickets", TICKETS_ROTATE);
	assert_int_equal(keys_now(keys), 2);
	assert_true(same(&keys[1], first) && !same(&keys[0], first));
	age("tickets", -100); /* the clock was set back */
	assert_int_equal(keys_now(keys), 3);
	assert_true(same(&keys[2], first));
	age("tickets", TICKETS_ROTATE);
	assert_int_equal(keys_now(keys), 3);
	for (size_t i = 0; i < 3; i++)
		assert_false(same(&keys[i], first));
}

/* Another rotates now: the old keys do meanwhile; if it was killed, the next but one does it. */
static void
test_other(void **state)
{
	struct ticket_key old[TICKETS_KEYS], keys[TICKETS_KEYS];
	int const fd = openat(dir, "tickets.new", O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_true(fd != -1);
	close(fd);
	assert_int_equal(keys_now(old), 3);
	age("tickets", TICKETS_ROTATE);
	assert_int_equal(keys_now(keys), 3);
	assert_true(same(keys, old));
	age("tickets.new", 100);
	assert_int_equal(keys_now(keys), 3);
	assert_true(same(keys, old));
	assert_int_equal(keys_now(keys), 3);
	assert_true(same(&keys[1], old));
}

static void
test_damage(void **state)
{
	static char const junk[TICKETS_KEYS * sizeof(struct ticket_key) + 1];
	size_t const sizes[] = { 0, 1, sizeof(struct ticket_key) - 1,
		sizeof(struct ticket_key) + 1 };
	struct ticket_key keys[TICKETS_KEYS];

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int const fd = openat(dir, "tickets", O_CREAT | O_TRUNC | O_WRONLY, 0600);

		assert_int_equal(write(fd, junk, sizes[i]), sizes[i]);
		close(fd);
		assert_int_equal(keys_now(keys), 0);
		age("tickets", TICKETS_ROTATE);
		assert_int_equal(keys_now(keys), 1);
	}
}

static void
test_none(void **state)
{
	int const closed = open("/proc/self/fd", O_PATH);

	(void)state;
	assert_int_equal(tickets_open(closed), -1);
	close(closed);
	assert_int_equal(tickets_open(closed), -1);
	assert_int_equal(errno, EBADF);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
