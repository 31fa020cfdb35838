#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "expand.h"

static char const text[] = "one: fred\n"
			   "two: One, far@away.example, one@MX.example\n"
			   "three: two, fred, anna\n"
			   "fred: \\fred, copy@away.example\n"
			   "anna: anna, \"|/bin/prog x\"\n"
			   "list: a@away.example, b@away.example\n"
			   "owner-list: fred\n"
			   "outer: list, c@away.example\n"
			   "virtual: x@virtual.example\n"
			   "gone: nobody\n"
			   "quoted: \"a b\"\n"
			   "null: /dev/null\n"
			   "files: /var/mail/x, /m/, /dev/null, |cat\n"
			   "loop1: loop2\nloop2: loop3\nloop3: anna, loop1\n";

static struct {
	char const *name, *text, *owner;
	size_t unknown; /* warnings */
} const cases[] = {
	{ "one", "&fred+@mx.example\n&copy@away.example\n", "", 0 },
	{ "two", "&fred+@mx.example\n&copy@away.example\n&far@away.example\n", "", 0 },
	{ "three",
	    "&fred+@mx.example\n&copy@away.example\n&far@away.example\n&anna+@mx.example\n"
	    "|/bin/prog x\n",
	    "", 0 },
	{ "fred", "&fred+@mx.example\n&copy@away.example\n", "", 0 },
	{ "anna", "&anna+@mx.example\n|/bin/prog x\n", "", 0 },
	{ "list", "&a@away.example\n&b@away.example\n", "owner-list@mx.example", 0 },
	{ "owner-list", "&fred+@mx.example\n&copy@away.example\n", "", 0 },
	{ "outer", "&list@mx.example\n&c@away.example\n", "", 0 },
	{ "virtual", "&x@virtual.example\n", "", 0 },
	{ "gone", "&nobody@mx.example\n", "", 1 },
	{ "quoted", "&\"a b\"@mx.example\n", "", 1 },
	{ "null", "#\n", "", 0 },
	{ "files", "/var/mail/x\n/m/\n|cat\n", "", 0 },
	{ "loop1", 0, "16", 0 },
	{ "loop3", 0, "15", 0 },
};

static char path[] = "/tmp/expand.XXXXXX"; /* a passwd file; it keeps its name, or it were stale */
static struct aliases aliases = ALIASES_ZERO;
static struct recipient_db db;
static size_t unknown;

static void
count_unknown(void const *context, struct aliases_target const *target)
{
	(void)context;
	(void)target;
	unknown++;
}

static struct expand x = {
	.aliases = &aliases, .db = &db, .domain = "mx.example", .unknown = count_unknown
};

static int
set_up(void **state)
{
	static char const passwd[] =
	    "root:x:0:0::/root:/bin/sh\nfred:x:1001:1001::/home/fred:/bin/sh\n"
	    "anna:x:1002:1002::/home/anna:/bin/sh\n";
	struct aliases_error e;
	size_t pos = 0, line = 0;

	(void)state;
	while (aliases_next(&aliases, text, sizeof text - 1, &pos, &line, &e) == ALIASES_OK)
		;
	assert_int_equal(aliases_sort(&aliases, &e), 1);
	db = (struct recipient_db){ .minuid = 1000, .usersfd = -1, .aliasesfd = -1 };
	stralloc_copyb(&db.locals, "mx.example", 11);
	stralloc_copyb(&db.virtualdomains, "virtual.example:fred", 21);
	stralloc_copyb(&db.delimiters, "-+", 3);
	db.delimiters.len = 2;
	db.passwd = mkstemp(path);
	return db.passwd == -1 || write(db.passwd, passwd, sizeof passwd - 1) == -1;
}

static int
tear_down(void **state)
{
	(void)state;
	recipient_close(&db);
	aliases_free(&aliases);
	stralloc_free(&x.recipient.alias);
	return unlink(path);
}

static void
expands_every_case(void **state)
{
	stralloc out = STRALLOC_ZERO, owner = STRALLOC_ZERO;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aliases_name const *name = aliases_find(&aliases, cases[i].name);
		struct aliases_error e;
		enum aliases_result r;

		assert_non_null(name);
		unknown = 0;
		r = expand_alias(&x, name, &out, &owner, &e);
		if (!cases[i].text) {
			assert_int_equal(r, ALIASES_BAD);
			assert_int_equal(e.line, strtoul(cases[i].owner, 0, 10));
			continue;
		}
		assert_int_equal(r, ALIASES_OK);
		assert_true(stralloc_0(&out));
		assert_string_equal(out.s, cases[i].text);
		assert_string_equal(owner.s, cases[i].owner);
		assert_int_equal(unknown, cases[i].unknown);
	}
	stralloc_free(&out);
	stralloc_free(&owner);
}

static void
needs_a_delimiter_to_pass_an_alias(void **state)
{
	stralloc out = STRALLOC_ZERO, owner = STRALLOC_ZERO;
	struct aliases_error e;

	(void)state;
	db.delimiters.len = 0;
	db.delimiters.s[0] = 0;
	assert_int_equal(
	    expand_alias(&x, aliases_find(&aliases, "fred"), &out, &owner, &e), ALIASES_BAD);
	assert_int_equal(e.line, 4);
	memcpy(db.delimiters.s, "=", 2);
	db.delimiters.len = 1;
	assert_int_equal(
	    expand_alias(&x, aliases_find(&aliases, "fred"), &out, &owner, &e), ALIASES_OK);
	assert_memory_equal(out.s, "&fred=@mx.example\n", 18);
	stralloc_free(&out);
	stralloc_free(&owner);
}

static void
has_a_limit_of_depth(void **state)
{
	struct aliases deep = ALIASES_ZERO;
	struct expand y = {
		.aliases = &deep, .db = &db, .domain = "mx.example", .unknown = count_unknown
	};
	stralloc out = STRALLOC_ZERO, owner = STRALLOC_ZERO;
	struct aliases_error e;
	char line[64];

	(void)state;
	for (unsigned int i = 0; i <= EXPAND_DEPTH_MAX + 1; i++) {
		size_t pos = 0, n = 0;

		snprintf(line, sizeof line, "d%u: d%u\n", i, i + 1);
		assert_int_equal(aliases_next(&deep, line, strlen(line), &pos, &n, &e), ALIASES_OK);
	}
	assert_int_equal(aliases_sort(&deep, &e), 1);
	assert_int_equal(
	    expand_alias(&y, aliases_find(&deep, "d0"), &out, &owner, &e), ALIASES_BAD);
	assert_int_equal(expand_alias(&y, aliases_find(&deep, "d1"), &out, &owner, &e), ALIASES_OK);
	aliases_free(&deep);
	stralloc_free(&out);
	stralloc_free(&owner);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(expands_every_case),
		cmocka_unit_test(has_a_limit_of_depth),
		cmocka_unit_test(needs_a_delimiter_to_pass_an_alias),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
