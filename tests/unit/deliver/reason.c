#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "reason.h"

static void
joins_and_cuts(void **state)
{
	static char longer[STREAM_TEXT_MAX * 2];
	struct answer a;

	(void)state;
	reason_set(&a, 'K', "2.0.0", "a", "", "b\n", (char const *)0);
	assert_int_equal(a.code, 'K');
	assert_string_equal(a.text, "ab ");
	memset(longer, 'x', sizeof longer - 1);
	reason_set(&a, 'D', "5.0.0", longer, longer, (char const *)0);
	assert_int_equal(strlen(a.text), STREAM_TEXT_MAX);
}

static void
has_a_status_for_an_error(void **state)
{
	static struct {
		int error;
		char const *status;
	} const tries[] = {
		{ ENOSPC, "4.3.1" },
		{ EFBIG, "4.3.1" },
		{ EDQUOT, "4.2.2" },
		{ EIO, "4.9.9" },
		{ 9999, "4.9.9" },
	};
	struct answer a;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		errno = tries[i].error;
		reason_errno(&a, "4.9.9", "open", "x");
		assert_int_equal(a.code, 'Z');
		assert_string_equal(a.status, tries[i].status);
		assert_memory_equal(a.text, "unable to open x: ", 18);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(joins_and_cuts),
		cmocka_unit_test(has_a_status_for_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
