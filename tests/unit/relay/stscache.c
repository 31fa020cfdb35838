#include "stscache.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define POLICY "version: STSv1\nmode: enforce\nmx: mx.crepes.fr\nmax_age: 1000\n"
#define NAME   "crepes.fr"
#define NOW    2000000000U

static char path[] = "/tmp/sallyport-unit-XXXXXX";
static int dir;

static int
make(void **state)
{
	(void)state;
	dir = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY) : -1;
	return dir == -1;
}

static int
forget(void **state)
{
	(void)state;
	unlinkat(dir, NAME, 0);
	return 0;
}

static int
remove_all(void **state)
{
	return forget(state) || rmdir(path);
}

/* read_it - what relay-connect would see. */
static int
read_it(struct sts_file *f)
{
	static char text[STS_FILE_MAX];
	int const fd = openat(dir, NAME, O_RDONLY);
	ssize_t n;

	memset(f, 0, sizeof *f);
	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof text);
	close(fd);
	return n > 0 && sts_file_read(f, text, (size_t)n);
}

static int
put(char const *id, uint64_t now)
{
	return stscache_put(dir, NAME, id, now, POLICY, sizeof POLICY - 1);
}

static void
a_policy_is_kept(void **state)
{
	static struct sts_policy policy;
	struct sts_file f;

	(void)state;
	assert_true(put("a1", NOW));
	assert_true(read_it(&f));
	assert_string_equal(f.id, "a1");
	assert_int_equal(f.tried, 0);
	assert_true(sts_file_is_valid(&f, NOW, &policy));
	assert_int_equal(policy.mode, STS_ENFORCE);
}

static void
a_failure_leaves_it(void **state)
{
	struct sts_file f;

	(void)state;
	assert_true(put("a1", NOW));
	assert_true(stscache_fail(dir, NAME, NOW + 10));
	assert_true(read_it(&f));
	assert_string_equal(f.id, "a1");
	assert_int_equal(f.fetched, NOW);
	assert_int_equal(f.tried, NOW + 10);
	assert_int_equal(f.policylen, sizeof POLICY - 1);
	assert_true(put("a2", NOW + 20));
	assert_true(read_it(&f));
	assert_int_equal(f.tried, 0);
}

static void
a_failure_is_kept_where_there_is_nothing(void **state)
{
	struct sts_file f;

	(void)state;
	assert_true(stscache_fail(dir, NAME, NOW));
	assert_true(read_it(&f));
	assert_int_equal(f.tried, NOW);
	assert_int_equal(f.policylen, 0);
}

static void
what_is_fresh(void **state)
{
	(void)state;
	assert_false(stscache_is_fresh(dir, NAME, "a1", NOW));
	assert_true(put("a1", NOW));
	assert_true(stscache_is_fresh(dir, NAME, "a1", NOW));
	assert_true(stscache_is_fresh(dir, NAME, "a1", NOW + STS_RETRY - 1));
	assert_false(stscache_is_fresh(dir, NAME, "a1", NOW + STS_RETRY));
	assert_false(stscache_is_fresh(dir, NAME, "a2", NOW));
	assert_false(stscache_is_fresh(dir, NAME, "a1", NOW - 1)); /* the clock was set back */
	assert_true(stscache_fail(dir, NAME, NOW));
	assert_true(stscache_is_fresh(dir, NAME, "a2", NOW + 10));
	assert_false(stscache_is_fresh(dir, NAME, "a2", NOW + STS_RETRY));
}

static void
what_is_no_such_file_is_replaced(void **state)
{
	struct sts_file f;
	struct stat st;

	(void)state;
	assert_int_equal(symlinkat("/etc/passwd", dir, NAME), 0);
	assert_false(stscache_is_fresh(dir, NAME, "a1", NOW));
	assert_true(put("a1", NOW));
	assert_int_equal(fstatat(dir, NAME, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_true(read_it(&f));
}

static void
too_much_is_refused(void **state)
{
	static char text[STS_POLICY_MAX + 1];

	(void)state;
	assert_true(stscache_put(dir, NAME, "a1", NOW, text, STS_POLICY_MAX));
	assert_false(stscache_put(dir, NAME, "a1", NOW, text, STS_POLICY_MAX + 1));
	assert_int_equal(errno, EMSGSIZE);
}

static void
what_is_over_is_swept_away(void **state)
{
	struct sts_file f;

	(void)state;
	assert_true(put("a1", NOW));
	assert_int_equal(stscache_sweep(dir, NOW + 999), 1);
	assert_true(stscache_fail(dir, NAME, NOW + 999));
	assert_int_equal(stscache_sweep(dir, NOW + 1000), 1);
	assert_int_equal(stscache_sweep(dir, NOW + 999 + STS_RETRY), 0);
	assert_false(read_it(&f));
	assert_int_equal(symlinkat("/etc/passwd", dir, NAME), 0);
	assert_int_equal(stscache_sweep(dir, NOW), 1); /* whatever that is, it is not ours */
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_teardown(a_policy_is_kept, forget),
		cmocka_unit_test_teardown(a_failure_leaves_it, forget),
		cmocka_unit_test_teardown(a_failure_is_kept_where_there_is_nothing, forget),
		cmocka_unit_test_teardown(what_is_fresh, forget),
		cmocka_unit_test_teardown(what_is_no_such_file_is_replaced, forget),
		cmocka_unit_test_teardown(too_much_is_refused, forget),
		cmocka_unit_test_teardown(what_is_over_is_swept_away, forget),
	};

	return cmocka_run_group_tests(tests, make, remove_all);
}
