#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <skalibs/cdbmake.h>

#include "assign.h"

#define RECORD(user)                                                                               \
	user "\0"                                                                                  \
	     "3001\0"                                                                              \
	     "3002\0"                                                                              \
	     "/home/x\0"                                                                           \
	     "-\0"                                                                                 \
	     "pre"

static struct {
	char const *key;
	size_t keylen;
	char const *data;
	size_t len;
} const records[] = {
#define PAIR(key, data)                                                                            \
	{                                                                                          \
		(key), sizeof(key) - 1, (data), sizeof(data) - 1                                   \
	}
	PAIR("!joe\0", RECORD("exact")),
	PAIR("!joe-", RECORD("short")),
	PAIR("!joe-a-", RECORD("long")),
	PAIR("!x=", RECORD("equal")),
	PAIR("!hidden.", RECORD("never")), /* no "." in the key "": it is not looked for */
	PAIR("!root\0", "root\0"
			"0\0"
			"0\0"
			"/root\0"
			"\0"
			""),
	PAIR("!text\0", "text\0"
			"12x\0"
			"1\0"
			"/home/x\0"
			"\0"
			""),
	PAIR("!short\0", "short\0"
			 "12\0"
			 "1\0"
			 "/home/x\0"),
	PAIR("!rel\0", "rel\0"
		       "12\0"
		       "1\0"
		       "home/x\0"
		       "\0"
		       ""),
	PAIR("!dashes\0", "dashes\0"
			  "12\0"
			  "1\0"
			  "/home/x\0"
			  "--\0"
			  ""),
	PAIR("!empty\0", ""),
	PAIR("", "-="),
};

static cdb users = CDB_ZERO;

static void
make(cdb *map, int with_everyone)
{
	char path[] = "/tmp/assign.XXXXXX";
	int fd = mkstemp(path);
	cdbmaker c = CDBMAKER_ZERO;

	assert_true(fd != -1 && cdbmake_start(&c, fd));
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		assert_true(cdbmake_add(&c, records[i].key, (unsigned int)records[i].keylen,
		    records[i].data, (unsigned int)records[i].len));
	if (with_everyone)
		assert_true(cdbmake_add(&c, "!", 1, RECORD("all"), sizeof RECORD("all") - 1));
	assert_true(cdbmake_finish(&c));
	assert_true(cdb_init_fromfd(map, fd));
	close(fd);
	unlink(path);
}

static struct {
	char const *local;
	int result;
	char const *user;
	size_t used;
} const cases[] = {
	{ "joe", 1, "exact", 3 },
	{ "joe-", 1, "short", 4 },
	{ "joe-b", 1, "short", 4 },
	{ "joe-a", 1, "short", 4 },
	{ "joe-a-", 1, "long", 6 },
	{ "joe-a-b-c", 1, "long", 6 },
	{ "x=y", 1, "equal", 2 },
	{ "x", 0, 0, 0 },
	{ "jo", 0, 0, 0 },
	{ "joes", 0, 0, 0 },
	{ "", 0, 0, 0 },
	{ "hidden.x", 0, 0, 0 },
	{ "root", -1, 0, 0 },
	{ "text", -1, 0, 0 },
	{ "short", -1, 0, 0 },
	{ "rel", -1, 0, 0 },
	{ "dashes", -1, 0, 0 },
	{ "empty", -1, 0, 0 },
};

static void
finds_exact_then_longest(void **state)
{
	struct assign a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int const r = assign_find(&users, cases[i].local, strlen(cases[i].local), &a);

		if (r != cases[i].result)
			fail_msg("%s: %d", cases[i].local, r);
		if (r != 1)
			continue;
		assert_int_equal(a.userlen, strlen(cases[i].user));
		assert_memory_equal(a.user, cases[i].user, a.userlen);
		assert_int_equal(a.used, cases[i].used);
	}
}

static void
gives_all_fields(void **state)
{
	struct assign a;

	(void)state;
	assert_int_equal(assign_find(&users, "joe", 3, &a), 1);
	assert_int_equal(a.uid, 3001);
	assert_int_equal(a.gid, 3002);
	assert_int_equal(a.homelen, 7);
	assert_memory_equal(a.home, "/home/x", 7);
	assert_int_equal(a.dashlen, 1);
	assert_int_equal(a.extlen, 3);
	assert_memory_equal(a.ext, "pre", 3);
}

static void
knows_a_wildcard_for_everyone(void **state)
{
	cdb map = CDB_ZERO;
	struct assign a;

	(void)state;
	make(&map, 1);
	assert_int_equal(assign_find(&map, "whoever", 7, &a), 1);
	assert_int_equal(a.used, 0);
	assert_memory_equal(a.user, "all", 3);
	assert_int_equal(assign_find(&map, "joe", 3, &a), 1);
	assert_memory_equal(a.user, "exact", 5);
	cdb_free(&map);
}

static void
bounds_what_is_looked_up(void **state)
{
	static char local[ASSIGN_LOCAL_MAX + 1];
	struct assign a;

	(void)state;
	memset(local, '-', sizeof local);
	assert_int_equal(assign_find(&users, local, ASSIGN_LOCAL_MAX, &a), 0);
	assert_int_equal(assign_find(&users, local, ASSIGN_LOCAL_MAX + 1, &a), 0);
}

static int
set_up(void **state)
{
	(void)state;
	make(&users, 0);
	return 0;
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finds_exact_then_longest),
		cmocka_unit_test(gives_all_fields),
		cmocka_unit_test(knows_a_wildcard_for_everyone),
		cmocka_unit_test(bounds_what_is_looked_up),
	};
	return cmocka_run_group_tests(tests, set_up, 0);
}
