#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner.h"

#define EXITED(n) ((n) << 8)

static struct {
	char const *output;
	char const *answer;
	int code;
	enum runner_result result;
} const cases[] = {
	{ "", "K2.0.0 ", EXITED(0), RUNNER_NEXT },
	{ "fine\n", "K2.0.0 fine", EXITED(0), RUNNER_NEXT },
	{ "", "K2.0.0 ", EXITED(99), RUNNER_STOP },
	{ "", "D5.3.0 the program exited 100", EXITED(100), RUNNER_FAIL },
	{ "no\nmore \n\n", "D5.3.0 the program exited 100: no more", EXITED(100), RUNNER_FAIL },
	{ "5.7.1 no", "D5.7.1 no", EXITED(100), RUNNER_FAIL },
	{ "4.7.1 no", "D5.3.0 the program exited 100: 4.7.1 no", EXITED(100), RUNNER_FAIL },
	{ "4.2.0 later", "Z4.2.0 later", EXITED(111), RUNNER_FAIL },
	{ "", "D5.3.0 the program exited 64", EXITED(64), RUNNER_FAIL },
	{ "", "D5.3.0 the program exited 112", EXITED(112), RUNNER_FAIL },
	{ "", "Z4.3.0 the program exited 71", EXITED(71), RUNNER_FAIL },
	{ "", "Z4.3.0 the program exited 1", EXITED(1), RUNNER_FAIL },
	{ "", "Z4.3.0 the program was killed by signal 11", 11, RUNNER_FAIL },
	{ "a\tb", "Z4.3.0 the program was killed by signal 9: a b", 9, RUNNER_FAIL },
};

static void
judges_every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer a;
		char text[STREAM_ANSWER_MAX + 1];

		assert_int_equal(
		    runner_judge(cases[i].code, cases[i].output, strlen(cases[i].output), &a),
		    cases[i].result);
		text[stream_answer_fmt(text, &a)] = 0;
		assert_string_equal(text, cases[i].answer);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(judges_every_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
