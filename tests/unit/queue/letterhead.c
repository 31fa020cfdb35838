/* unit tests of queue/letterhead: headers that local programs write */
#include "letterhead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NAME70 "X234567890123456789012345678901234567890123456789012345678901234567890"

static stralloc out = STRALLOC_ZERO;

static int
done(void **state)
{
	(void)state;
	stralloc_free(&out);
	return 0;
}

static char const *
text(void)
{
	assert_int_equal(stralloc_0(&out), 1);
	return out.s;
}

static void
where_it_ends(void **state)
{
	static struct {
		char const *text;
		size_t end;
	} const cases[] = {
		{ "\nbody", 0 },
		{ "A: b\n\nbody\n", 5 },
		{ "A: b\n c\n\nbody\n", 8 },
		{ "A: b\nbody\n", 5 },
		{ "body\n", 0 },
		{ "From bob today\nA: b\n\n", 20 },
		{ "A : b\n\n", 6 },
		{ "From  bob\nA: b\n\n", 15 },
		{ NAME70 "12345: b\n\n", 79 },
		{ NAME70 "12345678: b\n\n", 0 },
		{ " a\n", 0 },
		{ "A: b\n", 6 },
		{ "A: b\nC", 7 },
		{ "", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    letterhead_end(cases[i].text, strlen(cases[i].text)), cases[i].end);
}

static void
recipients(void **state)
{
	static struct {
		char const *text, *want; /* each with a blank behind it; null: the field's name */
	} const cases[] = {
		{ "To: a\nCc: B <b@x>,\n c\nBcc: d\nFrom: e\n", "a b@x c d " },
		{ "To: a\nResent-To: b\nResent-Cc: c\n", "b c " },
		{ "Subject: x\n", "" },
		{ "to : a\n", "a " },
		{ "To: group: a, b;\n", "a b " },
		{ "To: a,\n\tb,\n c\n", "a b c " },
		{ "To: a\nCc: b c\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char const *field = 0;

		out.len = 0;
		assert_int_equal(
		    letterhead_rcpts(&out, cases[i].text, strlen(cases[i].text), &field),
		    cases[i].want != 0);
		for (size_t n = 0; n < out.len; n++)
			if (!out.s[n])
				out.s[n] = ' ';
		if (cases[i].want)
			assert_string_equal(text(), cases[i].want);
		else
			assert_memory_equal(field, "Cc:", 3);
	}
}

static void
domains(void **state)
{
	static char const in[] = "From bob today\nFrom: root (Cron)\nTo: a, B <b>,\n c@y (d)\n"
				 "Subject: a, b\nCc: oops oops, x\nReply-To: \"a b\"\nX";
	static char const want[] =
	    "From bob today\nFrom: root@z (Cron)\nTo: a@z, B <b@z>,\n c@y (d)\n"
	    "Subject: a, b\nCc: oops oops, x\nReply-To: \"a b\"@z\nX";

	(void)state;
	out.len = 0;
	assert_int_equal(letterhead_qualify(&out, in, sizeof in - 1, "z"), 1);
	assert_string_equal(text(), want);
}

static void
from_fields(void **state)
{
	static struct {
		char const *name, *want;
	} const cases[] = {
		{ 0, "b@x" },
		{ "", "b@x" },
		{ "Bob Smith", "Bob Smith <b@x>" },
		{ "Smith, \"Bob\"", "\"Smith, \\\"Bob\\\"\" <b@x>" },
		{ "Bob\nBcc: eve", "\"Bob Bcc: eve\" <b@x>" },
		{ "J\303\266rg", "=?utf-8?q?=4A=C3=B6=72=67?= <b@x>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		out.len = 0;
		assert_int_equal(letterhead_from(&out, cases[i].name, "b@x"), 1);
		assert_string_equal(text(), cases[i].want);
	}
}

/* No encoded word is longer than 75 octets or cuts a character (RFC 2047 2, 5). */
static void
long_names(void **state)
{
	char name[201] = "";
	char const *word;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		strcat(name, "\303\266");
	out.len = 0;
	assert_int_equal(letterhead_from(&out, name, "b@x"), 1);
	word = text();
	while ((word = strstr(word, "=?utf-8?q?"))) {
		char const *const end = strstr(word + 10, "?=");

		assert_non_null(end);
		assert_in_range(end + 2 - word, 12, 75);
		assert_int_equal((end - word - 10) % 6, 0);
		word = end;
	}
}

/* The same of what is no UTF-8. */
static void
long_names_of_octets(void **state)
{
	char name[201] = "";
	size_t count = 0;

	(void)state;
	memset(name, 0x80, sizeof name - 1);
	out.len = 0;
	assert_int_equal(letterhead_from(&out, name, "b@x"), 1);
	for (char const *word = text(); (word = strstr(word, "=?utf-8?q?")); count++) {
		char const *const end = strstr(word + 10, "?=");

		assert_non_null(end);
		assert_in_range(end + 2 - word, 12, 75);
		word = end;
	}
	assert_in_range(count, 10, 16);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(where_it_ends),
		cmocka_unit_test(recipients),
		cmocka_unit_test(domains),
		cmocka_unit_test(from_fields),
		cmocka_unit_test(long_names),
		cmocka_unit_test(long_names_of_octets),
	};

	return cmocka_run_group_tests(tests, 0, done);
}
