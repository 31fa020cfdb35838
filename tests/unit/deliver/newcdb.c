#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <skalibs/cdb.h>

#include "newcdb.h"

static char path[] = "/tmp/newcdb.XXXXXX";
static int dir;

static int
set_up(void **state)
{
	(void)state;
	if (!mkdtemp(path))
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY);
	return dir == -1;
}

static int
tear_down(void **state)
{
	(void)state;
	unlinkat(dir, "out", 0);
	close(dir);
	return rmdir(path); /* fails if a temporary file was left */
}

static size_t
files(void)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void
write_one(char const *value, int commit)
{
	static struct newcdb n;

	assert_true(newcdb_open(&n, dir, "out"));
	assert_true(newcdb_add(&n, "key", 3, value, strlen(value)));
	assert_true(newcdb_add(&n, "", 0, "", 0));
	if (commit)
		assert_true(newcdb_commit(&n));
	else
		newcdb_drop(&n);
}

static void
takes_its_place_only_when_whole(void **state)
{
	mode_t const mask = umask(077);
	cdb before = CDB_ZERO, after = CDB_ZERO;
	cdb_data d;
	struct stat st;

	(void)state;
	write_one("first", 0);
	assert_int_equal(files(), 0);
	write_one("first", 1);
	assert_true(cdb_init_at(&before, dir, "out"));
	write_one("second", 0);
	assert_int_equal(files(), 1);
	write_one("second", 1);
	assert_int_equal(files(), 1);
	assert_true(cdb_init_at(&after, dir, "out"));
	assert_int_equal(cdb_find(&before, &d, "key", 3), 1);
	assert_memory_equal(d.s, "first", 5);
	assert_int_equal(cdb_find(&after, &d, "key", 3), 1);
	assert_memory_equal(d.s, "second", 6);
	assert_int_equal(fstatat(dir, "out", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	cdb_free(&before);
	cdb_free(&after);
	umask(mask);
}

static void
follows_no_link(void **state)
{
	static struct newcdb n;
	char name[64];

	(void)state;
	snprintf(name, sizeof name, "out.new.%d", (int)getpid());
	assert_int_equal(symlinkat("/dev/null", dir, name), 0);
	assert_false(newcdb_open(&n, dir, "out"));
	assert_int_equal(errno, ELOOP);
	unlinkat(dir, name, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(takes_its_place_only_when_whole),
		cmocka_unit_test(follows_no_link),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
