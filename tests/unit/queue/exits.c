#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exits.h"

#define EXIT(code) ((code) << 8)

static void
each_end_has_an_answer(void **state)
{
	static struct {
		int status;
		char code;
		char const *enhanced;
	} const cases[] = {
		{ EXIT(0), 'K', "2.0.0" }, { EXIT(1), 'Z', "4.3.0" }, { EXIT(10), 'Z', "4.3.0" },
		{ EXIT(11), 'D', "5.1.3" }, { EXIT(12), 'D', "5.3.0" }, { EXIT(31), 'D', "5.3.0" },
		{ EXIT(40), 'D', "5.3.0" }, { EXIT(41), 'Z', "4.3.0" }, { EXIT(53), 'Z', "4.3.1" },
		{ EXIT(72), 'Z', "4.4.1" }, { EXIT(100), 'Z', "4.3.0" },
		{ EXIT(111), 'Z', "4.3.0" }, { EXIT(115), 'D', "5.1.3" },
		{ EXIT(120), 'Z', "4.3.0" }, { EXIT(255), 'Z', "4.3.0" }, { SIGKILL, 'Z', "4.3.0" },
		{ SIGSEGV | 0x80, 'Z', "4.3.0" }, /* with a core */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer a;

		exits_answer(&a, cases[i].status, "Dno", 3); /* counts with 82 and 88 only */
		assert_int_equal(a.code, cases[i].code);
		assert_string_equal(a.status, cases[i].enhanced);
		assert_true(strlen(a.text) > 1 && strcmp(a.text, "no") != 0);
		assert_false(a.single);
	}
}

static void
a_program_says_why(void **state)
{
	static struct {
		char const *said, *text;
		char code;
	} const cases[] = {
		{ "Dspam (#5.7.1)", "spam (#5.7.1)", 'D' },
		{ "Zlater\n", "later", 'Z' },
		{ "Zlater\r\n", "later", 'Z' },
		{ "Zone\ntwo", "one two", 'Z' },
		{ "", 0, 'Z' },
		{ "D", 0, 'Z' },
		{ "D\n\n", 0, 'Z' },
		{ "Kqueued", 0, 'Z' },
		{ "spam", 0, 'Z' },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		struct answer a;
		char const *said = cases[i / 2].said;

		exits_answer(&a, i & 1 ? EXIT(82) : EXIT(88), said, strlen(said));
		assert_int_equal(a.code, cases[i / 2].code);
		if (cases[i / 2].text)
			assert_string_equal(a.text, cases[i / 2].text);
		else
			assert_string_equal(a.text, "the message was refused, without a reason");
	}
}

static void
what_it_says_is_bounded(void **state)
{
	char said[1000];
	struct answer a;

	(void)state;
	memset(said, 'D', sizeof said);
	exits_answer(&a, EXIT(82), said, sizeof said);
	assert_int_equal(strlen(a.text), EXITS_TEXT_MAX - 1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(each_end_has_an_answer),
		cmocka_unit_test(a_program_says_why),
		cmocka_unit_test(what_it_says_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
