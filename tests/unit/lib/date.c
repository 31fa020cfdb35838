#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "date.h"

static void
known_dates(void **state)
{
	static struct {
		time_t when;
		char const *text;
	} const cases[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ 951827696, "Tue, 29 Feb 2000 12:34:56 +0000" },
		{ 1795506329, "Tue, 24 Nov 2026 07:45:29 +0000" },
		{ 4102444799, "Thu, 31 Dec 2099 23:59:59 +0000" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 +0000" }, /* 2100 is no leap year */
		{ -1, "Thu, 01 Jan 1970 00:00:00 +0000" },         /* never an error */
	};
	char text[DATE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(date_rfc5322(text, cases[i].when), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
	assert_true(date_rfc5322(text, INT64_MAX) < DATE_MAX);
}

static void
agrees_with_libc(void **state)
{
	char ours[DATE_MAX], theirs[DATE_MAX];

	(void)state;
	for (time_t when = 0; when < (time_t)86400 * 365 * 400; when += 86399 * 3) {
		struct tm t;

		assert_non_null(gmtime_r(&when, &t));
		strftime(theirs, sizeof theirs, "%a, %d %b %Y %H:%M:%S +0000", &t);
		date_rfc5322(ours, when);
		assert_string_equal(ours, theirs);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(known_dates),
		cmocka_unit_test(agrees_with_libc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
