#include "verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
what_came_nearest_counts(void **state)
{
	struct verdict v;

	(void)state;
	verdict_clear(&v);
	assert_int_equal(v.answer.code, 'Z');
	verdict_note(&v, VERDICT_CONNECT, "Z4.4.1", "%s[%s]: refused", "a", "1");
	verdict_note(&v, VERDICT_NO_HOST, "D5.4.4", "b has no address");
	assert_string_equal(v.answer.text, "a[1]: refused");
	assert_string_equal(v.answer.status, "4.4.1");
	verdict_note(&v, VERDICT_CONNECT, "Z4.4.1", "c[2]: timed out");
	assert_string_equal(v.answer.text, "c[2]: timed out");
	verdict_note(&v, VERDICT_BUSY, "Z4.4.5", "busy");
	verdict_note(&v, VERDICT_CONNECTED, "Z4.4.1", "d");
	assert_string_equal(v.answer.status, "4.4.5");
	verdict_clear(&v);
	verdict_note(&v, VERDICT_NO_HOST, "D5.4.4", "b");
	assert_int_equal(v.answer.code, 'D');
}

static void
long_texts_are_cut(void **state)
{
	static char text[5000];
	struct verdict v;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	verdict_clear(&v);
	verdict_note(&v, VERDICT_DNS, "Z4.4.3", "%s", text);
	assert_int_equal(strlen(v.answer.text), STREAM_TEXT_MAX);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(what_came_nearest_counts),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
