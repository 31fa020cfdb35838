/* unit tests of smtpd/line: only CR LF ends a line, wherever reads cut it */
#include "line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A letter a result: what line_next said of a text that came in pieces. */
static void
run(char const *text, size_t len, size_t piece, char *said)
{
	char buffer[LINE_MAX * 4];
	struct line l = { 0 };
	size_t have = 0;

	for (size_t i = 0; i < len; i += piece) {
		size_t const n = len - i < piece ? len - i : piece;
		enum line_result r;

		assert_true(have + n <= sizeof buffer); /* bounded: a bad line is not kept */
		memcpy(buffer + have, text + i, n);
		have += n;
		do {
			size_t used = 99999;

			r = line_next(&l, buffer, have, &used);
			assert_true(used <= have);
			if (r == LINE_WHOLE)
				assert_memory_equal(buffer + used - 2, "\r\n", 2);
			if (r != LINE_MORE)
				*said++ = "?WBTS"[r];
			memmove(buffer, buffer + used, have - used);
			have -= used;
		} while (r != LINE_MORE);
	}
	*said = 0;
}

static struct {
	char const *text;
	char const *want; /* W whole, B bare LF, T too long, S the rest of a bad line */
} const cases[] = {
	{ "", "" },
	{ "NOOP\r\n", "W" },
	{ "NOOP", "" },
	{ "NOOP\r", "" },
	{ "\r\n\r\n", "WW" },
	{ "NOOP\n", "B" },
	{ "\n", "B" },
	{ "NOOP\nQUIT\r\nNOOP\r\n", "BSW" },
	{ "NOOP\n\n\r\nQUIT\r\n", "BBSW" },
	{ "NOOP\rQUIT\r\n", "W" }, /* command_parse refuses it */
	{ "NOOP\r\r\n", "W" },
	{ "A\n\r\r\nB\r\n", "BSW" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 8; piece++) {
			char said[64];

			run(cases[i].text, strlen(cases[i].text), piece, said);
			if (strcmp(said, cases[i].want))
				fail_msg("case %zu in pieces of %zu: %s", i, piece, said);
		}
}

static void
test_limit(void **state)
{
	static char text[LINE_MAX * 20];
	char said[64];

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t len = LINE_MAX - 2; len < LINE_MAX + 3; len++)
		for (size_t piece = 1; piece < LINE_MAX; piece += 97) {
			memcpy(text + len - 2, "\r\n", 2);
			run(text, len, piece, said);
			assert_string_equal(said, len <= LINE_MAX ? "W" : piece < len ? said : "T");
			assert_int_equal(said[0] == 'T', len > LINE_MAX);
			memset(text + len - 2, 'x', 2);
		}
	memcpy(text + sizeof text - 8, "\r\nNOOP\r\n", 8);
	run(text, sizeof text, 1000, said);
	assert_string_equal(said, "TSW");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
