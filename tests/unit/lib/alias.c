#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <skalibs/cdbmake.h>

#include "alias.h"

static struct {
	char const *key, *data;
	size_t len;
} const records[] = {
#define PAIR(key, data)                                                                            \
	{                                                                                          \
		(key), (data), sizeof(data) - 1                                                    \
	}
	PAIR("a", "\0&a"),
	PAIR("list", "owner-list@x\0&l"),
	PAIR("shop-default", "\0&shop"),
	PAIR("shop-new-default", "\0&new"),
	PAIR("shop", "\0&bare"),
	PAIR("bad", "no end"),
	PAIR("", "/etc/aliases\0"),
};

static cdb plain = CDB_ZERO, catching = CDB_ZERO;

static void
make(cdb *map, int with_default)
{
	char path[] = "/tmp/alias.XXXXXX";
	int fd = mkstemp(path);
	cdbmaker c = CDBMAKER_ZERO;

	assert_true(fd != -1 && cdbmake_start(&c, fd));
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		assert_true(cdbmake_add(&c, records[i].key, (unsigned int)strlen(records[i].key),
		    records[i].data, (unsigned int)records[i].len));
	if (with_default)
		assert_true(cdbmake_add(&c, "default", 7, "\0&all", 5));
	assert_true(cdbmake_finish(&c));
	assert_true(cdb_init_fromfd(map, fd));
	close(fd);
	unlink(path);
}

static int
set_up(void **state)
{
	(void)state;
	make(&plain, 0);
	make(&catching, 1);
	return 0;
}

static void
finds_by_exact_name(void **state)
{
	struct alias a;

	(void)state;
	assert_int_equal(alias_find(&plain, "a", 1, &a), 1);
	assert_int_equal(a.ownerlen, 0);
	assert_int_equal(a.textlen, 2);
	assert_memory_equal(a.text, "&a", 2);
	assert_int_equal(alias_find(&plain, "list", 4, &a), 1);
	assert_string_equal(a.owner, "owner-list@x");
	assert_memory_equal(a.text, "&l", a.textlen);
	assert_int_equal(alias_find(&plain, "lis", 3, &a), 0);
	assert_int_equal(alias_find(&plain, "", 0, &a), 0); /* the key "" is no alias */
	assert_int_equal(alias_find(&plain, "bad", 3, &a), -1);
}

static struct {
	char const *name, *delimiters;
	char const *text; /* null: none */
} const cases[] = {
	{ "shop-x", "+-", "&shop" },
	{ "shop-new-x", "+-", "&new" },
	{ "shop-newx", "+-", "&shop" },
	{ "shop+x", "+-", "&bare" },
	{ "shop+x", "-", 0 },
	{ "shop-", "+-", 0 },
	{ "shop-x", "", 0 },
	{ "shop-x+", "+-", "&shop" },
	{ "a+b", "+-", "&a" },
	{ "a+b+c", "+-", "&a" },
	{ "b+c", "+-", 0 },
	{ "+a", "+-", 0 },
	{ "", "+-", 0 },
};

static void
cuts_at_delimiters(void **state)
{
	struct alias a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t const len = strlen(cases[i].name);
		int const r = alias_find_default(
		    &plain, cases[i].name, len, cases[i].delimiters, &a);

		if (r != (cases[i].text != 0))
			fail_msg("%s: %d", cases[i].name, r);
		if (r)
			assert_memory_equal(a.text, cases[i].text, a.textlen);
		assert_int_equal(
		    alias_find_default(&catching, cases[i].name, len, cases[i].delimiters, &a), 1);
		assert_memory_equal(a.text, cases[i].text ? cases[i].text : "&all", a.textlen);
	}
	assert_int_equal(alias_find_default(&plain, "bad+x", 5, "+", &a), -1);
}

static void
bounds_what_is_looked_up(void **state)
{
	static char name[ALIAS_NAME_MAX + 1];
	struct alias a;

	(void)state;
	memset(name, '-', sizeof name);
	assert_int_equal(alias_find_default(&plain, name, ALIAS_NAME_MAX, "-", &a), 0);
	assert_int_equal(alias_find_default(&catching, name, ALIAS_NAME_MAX + 1, "-", &a), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finds_by_exact_name),
		cmocka_unit_test(cuts_at_delimiters),
		cmocka_unit_test(bounds_what_is_looked_up),
	};
	return cmocka_run_group_tests(tests, set_up, 0);
}
