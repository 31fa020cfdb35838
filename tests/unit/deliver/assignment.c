#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assignment.h"

#define FIELDS "joe:3001:3002:/home/joe"

static struct {
	char const *line;
	char const *key;
	size_t keylen;
	char const *data;
	size_t len;
	enum assignment_kind kind;
	char last;
} const good[] = {
#define BYTES(s) s, sizeof(s) - 1
	{ "=Joe:" FIELDS ":::", BYTES("!joe\0"),
	    BYTES("joe\0"
		  "3001\0"
		  "3002\0"
		  "/home/joe\0"
		  "\0"),
	    ASSIGNMENT_EXACT, 'e' },
	{ "+Joe-:" FIELDS ":-:Pre:", BYTES("!joe-"),
	    BYTES("joe\0"
		  "3001\0"
		  "3002\0"
		  "/home/joe\0"
		  "-\0"
		  "Pre"),
	    ASSIGNMENT_WILDCARD, '-' },
	{ "+:" FIELDS ":-::", BYTES("!"),
	    BYTES("joe\0"
		  "3001\0"
		  "3002\0"
		  "/home/joe\0"
		  "-\0"),
	    ASSIGNMENT_WILDCARD, 0 },
	{ "=a:" FIELDS ":::more:than:needed", BYTES("!a\0"),
	    BYTES("joe\0"
		  "3001\0"
		  "3002\0"
		  "/home/joe\0"
		  "\0"),
	    ASSIGNMENT_EXACT, 'a' },
	{ "", 0, 0, 0, 0, ASSIGNMENT_NONE, 0 },
	{ "# =a", 0, 0, 0, 0, ASSIGNMENT_NONE, 0 },
	{ ".", 0, 0, 0, 0, ASSIGNMENT_END, 0 },
};

static struct {
	char const *line, *error;
} const bad[] = {
	{ "joe", "begins with neither = nor +: write =local:user:uid:gid:home:dash:ext:" },
	{ " =a:" FIELDS ":::",
	    "begins with neither = nor +: write =local:user:uid:gid:home:dash:ext:" },
	{ "=a:" FIELDS "::", "has less than seven fields, each with a colon behind it: write "
			     "=local:user:uid:gid:home:dash:ext:" },
	{ "=a::1:1:/h:::", "has no user's name, or a bad one: write it into the second field" },
	{ "=a:../b:1:1:/h:::", "has no user's name, or a bad one: write it into the second field" },
	{ "=a:b:0:1:/h:::",
	    "has no uid above 0: write the user's number into the third field; no mail "
	    "is delivered as root" },
	{ "=a:b:-1:1:/h:::",
	    "has no uid above 0: write the user's number into the third field; no mail "
	    "is delivered as root" },
	{ "=a:b:4294967295:1:/h:::",
	    "has no uid above 0: write the user's number into the third field; no mail is delivered as "
	    "root" },
	{ "=a:b:1:0:/h:::", "has no gid above 0: write the group's number into the fourth field" },
	{ "=a:b:1:x:/h:::", "has no gid above 0: write the group's number into the fourth field" },
	{ "=a:b:1:1:h:::", "has no home directory: write an absolute path into the fifth field" },
	{ "=a:b:1:1:/h:--::", "has more than one octet in the sixth field: write - or nothing" },
	{ "=a:b:1:1:/h:::\r", "holds a carriage return: save the file with Unix line ends" },
};

static void
makes_keys_and_data(void **state)
{
	struct assignment a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(assignment_parse(&a, good[i].line, strlen(good[i].line)), 1);
		assert_int_equal(a.kind, good[i].kind);
		if (!good[i].key)
			continue;
		assert_int_equal(a.key.len, good[i].keylen);
		assert_memory_equal(a.key.s, good[i].key, a.key.len);
		assert_int_equal(a.data.len, good[i].len);
		assert_memory_equal(a.data.s, good[i].data, a.data.len);
		assert_int_equal(a.last, good[i].last);
	}
	stralloc_free(&a.key);
	stralloc_free(&a.data);
}

static void
says_what_is_wrong(void **state)
{
	static char long_line[ASSIGNMENT_LINE_MAX + 1], text[ASSIGNMENT_LINE_MAX];
	struct assignment a = { 0 };
	int n;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(assignment_parse(&a, bad[i].line, strlen(bad[i].line)), 1);
		assert_int_equal(a.kind, ASSIGNMENT_BAD);
		assert_string_equal(a.error, bad[i].error);
	}
	assert_int_equal(assignment_parse(&a, "=a\0:", 4), 1);
	assert_string_equal(a.error, "holds a NUL: this file must be plain text");
	assert_int_equal(assignment_parse(&a, long_line, sizeof long_line), 1);
	assert_string_equal(a.error, "is longer than 4096 octets: make it shorter");
	n = snprintf(text, sizeof text, "=%01024d:b:1:1:/h:::", 0);
	assert_int_equal(assignment_parse(&a, text, (size_t)n), 1);
	assert_string_equal(a.error, "has too long a local part: make it shorter than 1024 octets");
	n = snprintf(text, sizeof text, "=a:b:1:1:/h:-:%02000d:", 0);
	assert_int_equal(assignment_parse(&a, text, (size_t)n), 1);
	assert_string_equal(a.error, "has too long an extension: make it shorter than 900 octets");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(makes_keys_and_data),
		cmocka_unit_test(says_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
