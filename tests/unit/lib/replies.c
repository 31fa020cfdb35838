/* unit tests of lib/replies: what is a reply, and what is not */
#include "replies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct replies r;

/* feed - whole[len] in pieces of n octets. */
static enum replies_result
feed(char const *text, size_t len, size_t n, size_t *total)
{
	enum replies_result got = REPLIES_MORE;

	replies_begin(&r);
	*total = 0;
	while (got == REPLIES_MORE && *total < len) {
		size_t used = 0;
		size_t const size = len - *total < n ? len - *total : n;

		got = replies_feed(&r, text + *total, size, &used);
		assert_in_range(used, 1, size);
		*total += used;
	}
	return got;
}

static void
test_table(void **state)
{
	static struct {
		char const *in;
		enum replies_result result;
		unsigned int code;
		char const *status, *text;
	} const cases[] = {
		{ "250 ok\r\n", REPLIES_WHOLE, 250, "", "ok" },
		{ "250\r\n", REPLIES_WHOLE, 250, "", "" },
		{ "250 \r\n", REPLIES_WHOLE, 250, "", "" },
		{ "250 ok\n", REPLIES_WHOLE, 250, "", "ok" },
		{ "250 2.1.5 ok\r\n", REPLIES_WHOLE, 250, "2.1.5", "2.1.5 ok" },
		{ "550 5.7.123\r\n", REPLIES_WHOLE, 550, "5.7.123", "5.7.123" },
		{ "550 4.1.1 class\r\n", REPLIES_WHOLE, 550, "", "4.1.1 class" },
		{ "550 5.1.1.1 four\r\n", REPLIES_WHOLE, 550, "", "5.1.1.1 four" },
		{ "550 5..1 hole\r\n", REPLIES_WHOLE, 550, "", "5..1 hole" },
		{ "550 5.1. end\r\n", REPLIES_WHOLE, 550, "", "5.1. end" },
		{ "550 55.1.1 long\r\n", REPLIES_WHOLE, 550, "", "55.1.1 long" },
		{ "550 5.1.1234 long\r\n", REPLIES_WHOLE, 550, "", "5.1.1234 long" },
		{ "250-a\r\n250-b\r\n250 c\r\n", REPLIES_WHOLE, 250, "", "a\nb\nc" },
		{ "550-5.1.1 a\r\n550 5.2.2 b\r\n", REPLIES_WHOLE, 550, "5.1.1",
		    "5.1.1 a\n5.2.2 b" },
		{ "250-\n250 \n", REPLIES_WHOLE, 250, "", "\n" },
		{ "250 a\rb\tc\x7f\r\n", REPLIES_WHOLE, 250, "", "a b c " },
		{ "250 a\r\r\n", REPLIES_WHOLE, 250, "", "a " },
		{ "250 \xc3\xa4\xff\xc3\r\n", REPLIES_WHOLE, 250, "", "\xc3\xa4??" },
		{ "250 ok", REPLIES_MORE, 0, "", 0 },
		{ "25", REPLIES_MORE, 0, "", 0 },
		{ "250-a\r\n", REPLIES_MORE, 0, "", 0 },
		{ "250-a\r\n251 b\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "25\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "150 a\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "650 a\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "2x0 a\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "2500 a\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "250_a\r\n", REPLIES_BAD, 0, 0, 0 },
		{ " 250 a\r\n", REPLIES_BAD, 0, 0, 0 },
		{ "2\r50 a\r\n", REPLIES_BAD, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t n = 1; n < 30; n++) {
			size_t total;
			enum replies_result const got = feed(
			    cases[i].in, strlen(cases[i].in), n, &total);

			assert_int_equal(got, cases[i].result);
			if (got != REPLIES_WHOLE)
				continue;
			assert_int_equal(total, strlen(cases[i].in));
			assert_int_equal(r.code, cases[i].code);
			assert_string_equal(r.status, cases[i].status);
			assert_string_equal(r.text, cases[i].text);
		}
}

static void
test_more_behind(void **state)
{
	size_t total;

	(void)state;
	assert_int_equal(feed("220 go\r\n250 more\r\n", 18, 18, &total), REPLIES_WHOLE);
	assert_int_equal(total, 8);
}

static void
test_nul(void **state)
{
	size_t total;

	(void)state;
	assert_int_equal(feed("250 a\0b\r\n", 9, 3, &total), REPLIES_WHOLE);
	assert_string_equal(r.text, "a b");
	assert_int_equal(feed("2\0", 2, 2, &total), REPLIES_BAD);
}

static void
test_limits(void **state)
{
	static char text[(REPLIES_LINES_MAX + 1) * 6 + 8];
	static char line[REPLIES_LINE_MAX + 8];
	size_t total, len = 0;

	(void)state;
	for (size_t i = 0; i < REPLIES_LINES_MAX; i++) {
		memcpy(text + len, i + 1 < REPLIES_LINES_MAX ? "250-\r\n" : "250 \r\n", 6);
		len += 6;
	}
	assert_int_equal(feed(text, len, 1000, &total), REPLIES_WHOLE);
	memset(text, 0, sizeof text);
	for (len = 0; len < (REPLIES_LINES_MAX + 1) * 6; len += 6)
		memcpy(text + len, "250-\r\n", 6);
	assert_int_equal(feed(text, len, 1000, &total), REPLIES_BAD);

	memset(line, 'x', sizeof line);
	memcpy(line, "250 ", 4);
	memcpy(line + REPLIES_LINE_MAX, "\r\n", 2);
	assert_int_equal(feed(line, REPLIES_LINE_MAX + 2, 7, &total), REPLIES_WHOLE);
	assert_int_equal(r.len, REPLIES_LINE_MAX - 4);
	memset(line + REPLIES_LINE_MAX, 'x', 2);
	assert_int_equal(feed(line, sizeof line, 7, &total), REPLIES_BAD);
}

static void
test_text_is_bounded(void **state)
{
	static char text[20 * 2006 + 1];
	size_t total, len = 0;

	(void)state;
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 20; i++) {
		memcpy(text + len, i < 19 ? "250-" : "250 ", 4);
		memcpy(text + len + 2004, "\r\n", 2);
		len += 2006;
	}
	assert_int_equal(feed(text, len, 4096, &total), REPLIES_WHOLE);
	assert_int_equal(total, len);
	assert_int_equal(r.len, REPLIES_TEXT_MAX - 1);
	assert_int_equal(r.text[r.len], 0);
}

static void
test_line(void **state)
{
	static char const text[] = "550-5.7.1 a\r\n550-5.7.1   b\r\n550-5.7.1\r\n550 5.7.10 c\r\n";
	size_t total;
	char line[64];

	(void)state;
	assert_int_equal(feed(text, sizeof text - 1, 1000, &total), REPLIES_WHOLE);
	replies_line(line, sizeof line, &r);
	assert_string_equal(line, "550 5.7.1 a b 5.7.10 c");
	replies_line(line, 12, &r);
	assert_string_equal(line, "550 5.7.1 a");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_more_behind),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_text_is_bounded),
		cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
