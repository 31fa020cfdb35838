/* unit tests of relay/survey: what must be known of a message beforehand */
#include "survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct survey s;

static void
look(char const *text, size_t len, size_t n)
{
	survey_begin(&s);
	for (size_t at = 0; at < len; at += n)
		survey_feed(&s, text + at, len - at < n ? len - at : n);
	survey_end(&s);
}

static void
test_table(void **state)
{
	static struct {
		char const *text;
		uint64_t size;
		int eight, header, no_tls;
	} const cases[] = {
		{ "", 0, 0, 0, 0 },
		{ "\n", 2, 0, 0, 0 },
		{ "Subject: x\n\nbody\n", 12 + 2 + 6, 0, 0, 0 },
		{ "Subject: x\n\nbody", 12 + 2 + 6, 0, 0, 0 },
		{ "Subject: x\n\nb\xc3\xb6"
		  "dy\n",
		    12 + 2 + 7, 1, 0, 0 },
		{ "Subject: \xc3\xb6\n\nbody\n", 13 + 2 + 6, 1, 1, 0 },
		{ "TLS-Required: No\n\nx\n", 18 + 2 + 3, 0, 0, 1 },
		{ "A: b\ntls-required:NO \n\n", 6 + 18 + 2, 0, 0, 1 },
		{ "A: b\nTLS-Required: No\r\n\n", 6 + 19 + 2, 0, 0, 1 },
		{ "TLS-Required: Yes\n\n", 19 + 2, 0, 0, 0 },
		{ "TLS-Required: No, really, that is what I want\n\n", 47 + 2, 0, 0, 0 },
		{ "\nTLS-Required: No\n", 2 + 18, 0, 0, 0 },
		{ "A: b\n\r\nTLS-Required: No\n", 6 + 3 + 18, 0, 0, 0 },
		{ " TLS-Required: No\n\n", 19 + 2, 0, 0, 0 },
		{ "TLS-Required\n\n", 14 + 2, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t n = 1; n < 50; n++) {
			look(cases[i].text, strlen(cases[i].text), n);
			assert_int_equal(s.size, cases[i].size);
			assert_int_equal(s.eight, cases[i].eight);
			assert_int_equal(s.eight_header, cases[i].header);
			assert_int_equal(s.no_tls_needed, cases[i].no_tls);
			assert_int_equal(s.long_line, 0);
		}
}

static void
test_long_lines(void **state)
{
	static char text[2 * SURVEY_LINE_MAX];

	(void)state;
	memset(text, 'x', sizeof text);
	text[SURVEY_LINE_MAX] = '\n';
	for (size_t n = 1; n < 2000; n += 333) {
		look(text, SURVEY_LINE_MAX + 1, n);
		assert_int_equal(s.long_line, 0);
		look(text + SURVEY_LINE_MAX, SURVEY_LINE_MAX, n);
		assert_int_equal(s.long_line, 0);
		look(text, SURVEY_LINE_MAX, n);
		assert_int_equal(s.long_line, 0);
	}
	text[SURVEY_LINE_MAX] = 'x';
	text[SURVEY_LINE_MAX + 1] = '\n';
	for (size_t n = 1; n < 2000; n += 333) {
		look(text, SURVEY_LINE_MAX + 2, n);
		assert_int_equal(s.long_line, 1);
	}
}

static void
test_eight_anywhere(void **state)
{
	char text[40];

	(void)state;
	for (size_t at = 0; at < sizeof text; at++) {
		memset(text, 'x', sizeof text);
		text[at] = (char)0x80;
		look(text, sizeof text, sizeof text);
		assert_int_equal(s.eight, 1);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_eight_anywhere),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
