#include "notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/notes.XXXXXX";
static int fd;

static int
open_it(void **state)
{
	(void)state;
	memcpy(path + 11, "XXXXXX", 6);
	close(mkstemp(path));
	fd = notes_open(path);
	return fd == -1;
}

static int
close_it(void **state)
{
	(void)state;
	close(fd);
	return unlink(path);
}

/* key - the nth of those that share a bucket. */
static void
key(unsigned char to[NOTES_KEY], unsigned int nth)
{
	uint64_t const buckets = NOTES_SIZE / (NOTES_BUCKET * sizeof(struct note));

	memset(to, 0, NOTES_KEY);
	for (uint32_t i = 0;; i++) {
		memcpy(to, &i, sizeof i);
		if (notes_hash(to, NOTES_KEY) % buckets == 7 && !nth--)
			return;
	}
}

static void
write_note(unsigned int nth, uint64_t value, uint64_t now)
{
	unsigned char k[NOTES_KEY];
	struct notes_edit e;

	key(k, nth);
	notes_begin(&e, fd, k, 1);
	e.note->value[NOTES_VALUE - 1] = value;
	notes_end(&e, fd, now);
}

static uint64_t
read_note(unsigned int nth)
{
	unsigned char k[NOTES_KEY];
	struct note n;

	key(k, nth);
	return notes_read(fd, k, &n) ? n.value[NOTES_VALUE - 1] : 0;
}

static void
the_oldest_is_forgotten(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NOTES_BUCKET; i++)
		write_note(i, 100 + i, 1000 - i);
	for (unsigned int i = 0; i < NOTES_BUCKET; i++)
		assert_int_equal(read_note(i), 100 + i);
	write_note(NOTES_BUCKET, 5, 2000); /* in place of the one with the earliest time */
	assert_int_equal(read_note(NOTES_BUCKET - 1), 0);
	assert_int_equal(read_note(NOTES_BUCKET), 5);
	for (unsigned int i = 0; i < NOTES_BUCKET - 1; i++)
		assert_int_equal(read_note(i), 100 + i);
}

static void
a_change_keeps_its_place(void **state)
{
	struct stat st;

	(void)state;
	write_note(0, 1, 1);
	write_note(1, 2, 2);
	write_note(0, 3, 3);
	assert_int_equal(read_note(0), 3);
	assert_int_equal(read_note(1), 2);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size <= NOTES_SIZE);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* any octet of a note that is another makes it none, and its place is the first to be used */
static void
damaged(void **state)
{
	unsigned char k[NOTES_KEY];
	struct note n;
	off_t at = 0;
	char c;

	(void)state;
	key(k, 0);
	write_note(0, 1, 1);
	while (pread(fd, &n, sizeof n, at) == sizeof n && memcmp(n.key, k, NOTES_KEY))
		at += (off_t)sizeof n;
	assert_memory_equal(n.key, k, NOTES_KEY);
	for (size_t i = 0; i < sizeof n; i++) {
		off_t const here = at + (off_t)i;

		assert_int_equal(pread(fd, &c, 1, here), 1);
		c ^= 4;
		assert_int_equal(pwrite(fd, &c, 1, here), 1);
		assert_int_equal(read_note(0), 0);
		c ^= 4;
		assert_int_equal(pwrite(fd, &c, 1, here), 1);
		assert_int_equal(read_note(0), 1);
	}
	assert_int_equal(ftruncate(fd, at + 10), 0);
	assert_int_equal(read_note(0), 0);
}

/* 4 processes that count together lose nothing */
static void
together(void **state)
{
	unsigned char k[NOTES_KEY];
	int status;

	(void)state;
	key(k, 3);
	for (int p = 0; p < 4; p++)
		if (!fork()) {
			int const mine = notes_open(path); /* a lock belongs to what was opened */
			struct notes_edit e;

			for (int i = 0; i < 500; i++) {
				notes_begin(&e, mine, k, 10000);
				e.note->value[NOTES_VALUE - 1]++;
				notes_end(&e, mine, 1);
			}
			_exit(0);
		}
	for (int p = 0; p < 4; p++)
		assert_true(wait(&status) > 0 && !status);
	assert_int_equal(read_note(3), 2000);
}

/* who holds a note for ever keeps nobody waiting for more than the patience */
static void
patience(void **state)
{
	unsigned char k[NOTES_KEY];
	struct notes_edit held, mine;
	struct timespec from, to;
	int const other = notes_open(path);

	(void)state;
	key(k, 0);
	notes_begin(&held, other, k, 0);
	clock_gettime(CLOCK_MONOTONIC, &from);
	notes_begin(&mine, fd, k, 20);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 >= 19);
	mine.note->value[NOTES_VALUE - 1] = 9;
	notes_end(&mine, fd, 1);
	assert_int_equal(read_note(0), 9);
	close(other);
}

static void
no_file(void **state)
{
	unsigned char k[NOTES_KEY] = { 1 };
	struct note n = { .written = 1 };

	(void)state;
	assert_int_equal(notes_open("/nonexistent/notes"), -1);
	assert_false(notes_read(-1, k, &n));
	assert_int_equal(n.written, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(the_oldest_is_forgotten, open_it, close_it),
		cmocka_unit_test_setup_teardown(a_change_keeps_its_place, open_it, close_it),
		cmocka_unit_test_setup_teardown(damaged, open_it, close_it),
		cmocka_unit_test_setup_teardown(together, open_it, close_it),
		cmocka_unit_test_setup_teardown(patience, open_it, close_it),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests_name("notes", tests, 0, 0);
}
