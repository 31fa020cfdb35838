#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lines.h"

static void
keeps_each_line_once_and_in_order(void **state)
{
	static char const want[] = "&b\n&a\n|a\na\n&ab\n\n";
	stralloc text = STRALLOC_ZERO;
	struct lines l;

	(void)state;
	assert_true(stralloc_copys(&text, "what was there"));
	lines_begin(&l, &text);
	assert_int_equal(lines_add(&l, '&', "b"), 1);
	assert_int_equal(lines_add(&l, '&', "a"), 1);
	assert_int_equal(lines_add(&l, '&', "b"), 0);
	assert_int_equal(lines_add(&l, '|', "a"), 1);
	assert_int_equal(lines_add(&l, 0, "a"), 1);
	assert_int_equal(lines_add(&l, '&', "ab"), 1); /* "&a" is its beginning only */
	assert_int_equal(lines_add(&l, '&', "a"), 0);
	assert_int_equal(lines_add(&l, 0, ""), 1);
	assert_int_equal(lines_add(&l, 0, ""), 0);
	assert_int_equal(l.count, 6);
	assert_int_equal(text.len, sizeof want - 1);
	assert_memory_equal(text.s, want, text.len);
	lines_free(&l);
	stralloc_free(&text);
}

static void
finds_any_of_many(void **state)
{
	stralloc text = STRALLOC_ZERO;
	struct lines l;
	char line[32];

	(void)state;
	lines_begin(&l, &text);
	for (int round = 0; round < 2; round++)
		for (unsigned int i = 0; i < 5000; i++) {
			snprintf(line, sizeof line, "user%u@host.example", i);
			assert_int_equal(lines_add(&l, '&', line), !round);
		}
	assert_int_equal(l.count, 5000);
	lines_free(&l);
	stralloc_free(&text);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(keeps_each_line_once_and_in_order),
		cmocka_unit_test(finds_any_of_many),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
