#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "quota.h"

static struct {
	char const *text;
	int ok;
	uint64_t bytes, count;
	int64_t used, messages;
	size_t lines;
} const cases[] = {
	{ "1000S,10C\n500 3\n-100 -1\n", 1, 1000, 10, 400, 2, 2 },
	{ "10C\n", 1, 0, 10, 0, 0, 0 },
	{ "1000S", 1, 1000, 0, 0, 0, 0 },
	{ "1000S\n  7    1\n", 1, 1000, 0, 7, 1, 1 },
	{ "1000S\n99999999999999999999999 1\n-99999999999999999999999 -5\n", 1, 1000, 0, 0, -4, 2 },
	{ "1000S\njunk\n", 1, 1000, 0, 0, 0, 1 },
	{ "", 0, 0, 0, 0, 0, 0 },
	{ "x\n", 0, 0, 0, 0, 0, 0 },
	{ "1000\n", 0, 0, 0, 0, 0, 0 },
	{ "1000S;10C\n", 0, 1000, 0, 0, 0, 0 },
};

static void
parses_every_case(void **state)
{
	struct quota q;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		    quota_parse(&q, cases[i].text, strlen(cases[i].text)), cases[i].ok);
		if (!cases[i].ok)
			continue;
		assert_int_equal(q.bytes, cases[i].bytes);
		assert_int_equal(q.count, cases[i].count);
		assert_int_equal(q.used, cases[i].used);
		assert_int_equal(q.messages, cases[i].messages);
		assert_int_equal(q.lines, cases[i].lines);
	}
}

static void
judges(void **state)
{
	static struct {
		struct quota q;
		uint64_t size;
		char const *answer;
	} const tries[] = {
		{ { 1000, 0, 0, 0, 1 }, 1000, "" },
		{ { 1000, 0, 0, 0, 1 }, 1001, "D5.2.3" },
		{ { 1000, 0, 500, 1, 1 }, 500, "" },
		{ { 1000, 0, 500, 1, 1 }, 501, "Z4.2.3" },
		{ { 1000, 0, 1000, 1, 1 }, 1, "Z4.2.2" },
		{ { 1000, 0, 5000, 1, 1 }, 1, "Z4.2.2" },
		{ { 0, 2, 5000, 1, 1 }, UINT64_MAX, "" },
		{ { 0, 2, 5000, 2, 1 }, 1, "Z4.2.2" },
		{ { 1000, 0, -500, -1, 1 }, 1000, "" },
		{ { 0, 0, 5000, 100, 1 }, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct answer a = { 0 };
		char got[32] = "";

		if (!quota_judge(&tries[i].q, tries[i].size, &a))
			snprintf(got, sizeof got, "%c%s", a.code, a.status);
		assert_string_equal(got, tries[i].answer);
	}
}

static void
reads_sizes_from_names(void **state)
{
	uint64_t size;

	(void)state;
	assert_true(quota_size("1.M2P3.host,S=4711:2,S", &size));
	assert_int_equal(size, 4711);
	assert_false(quota_size("1.M2P3.host,S=:2,S", &size));
	assert_false(quota_size("1.M2P3.host", &size));
}

static int
make(int top, char const *name, char const *text)
{
	int fd = openat(top, name, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return close(fd);
}

/* Files that count: 10 + 7 + 5 octets in three; not what is in the trash, flagged T, or hidden. */
static void
counts_anew(void **state)
{
	static char const *const dirs[] = { "new", "cur", "tmp", ".Sent", ".Sent/cur", ".Sent/new",
		".Trash", ".Trash/cur" };
	char path[] = "/tmp/quota-XXXXXX";
	char text[128] = "";
	struct answer a;
	int top, fd;

	(void)state;
	assert_non_null(mkdtemp(path));
	top = open(path, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		assert_int_equal(mkdirat(top, dirs[i], 0700), 0);
	make(top, "new/a,S=10", "");
	make(top, "cur/b:2,S", "1234567");
	make(top, ".Sent/cur/c,S=5:2,S", "");
	make(top, "cur/d,S=100:2,ST", "");
	make(top, "cur/.e", "123");
	make(top, ".Trash/cur/f,S=100", "");
	make(top, QUOTA_FILE, "30S\n1000 1\n1 1\n");
	assert_true(quota_fits(top, 8, &a));
	assert_false(quota_fits(top, 9, &a));
	assert_string_equal(a.status, "4.2.3");
	quota_add(top, 8);
	fd = openat(top, QUOTA_FILE, O_RDONLY);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	assert_string_equal(text, "30S\n22 3\n8 1\n");
	close(fd);
	unlinkat(top, QUOTA_FILE, 0);
	assert_true(quota_fits(top, 1U << 30, &a));
	close(top);
	snprintf(text, sizeof text, "rm -r %s", path);
	assert_int_equal(system(text), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(parses_every_case),
		cmocka_unit_test(judges),
		cmocka_unit_test(reads_sizes_from_names),
		cmocka_unit_test(counts_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
