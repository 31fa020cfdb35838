#include "attempt.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum attempt_result
of_exit(int code)
{
	return attempt_judge(code << 8);
}

static void
exits(void **state)
{
	(void)state;
	assert_int_equal(of_exit(0), ATTEMPT_RIGHT);
	assert_int_equal(of_exit(1), ATTEMPT_WRONG);
	assert_int_equal(of_exit(2), ATTEMPT_TROUBLE);
	assert_int_equal(of_exit(3), ATTEMPT_WRONG);
	assert_int_equal(of_exit(100), ATTEMPT_WRONG);
	assert_int_equal(of_exit(111), ATTEMPT_TROUBLE);
	assert_int_equal(of_exit(127), ATTEMPT_TROUBLE);
	assert_int_equal(attempt_judge(9), ATTEMPT_TROUBLE); /* a signal */
}

static enum attempt_result
run(char const *script, char const *password, char const **why)
{
	char const *const words[] = { "/bin/sh", "-c", script, "sh", 0 };

	return attempt_run(words, "bob", password, 2, why);
}

static void
programs(void **state)
{
	char const *why = "";
	char long_one[ATTEMPT_MAX];

	(void)state;
	memset(long_one, 'x', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = 0;
	assert_int_equal(run("exec \"$@\"", "x", &why), ATTEMPT_RIGHT);
	assert_int_equal(run("test \"$(tr '\\0' ' ' <&3 | cut -d' ' -f1-2)\" = 'bob x'", "x", &why),
	    ATTEMPT_RIGHT);
	assert_int_equal(run("exit 1", "x", &why), ATTEMPT_WRONG);
	assert_int_equal(run("exit 0", long_one, &why), ATTEMPT_WRONG); /* nothing is run */
	assert_int_equal(run("exit 111", "x", &why), ATTEMPT_TROUBLE);
	assert_string_equal(why, "the checkpassword program exited 111");
	assert_int_equal(run("kill -9 $$", "x", &why), ATTEMPT_TROUBLE);
	assert_string_equal(why, "the checkpassword program was killed by signal 9");
	assert_int_equal(run("sleep 60", "x", &why), ATTEMPT_TROUBLE);
	assert_non_null(strstr(why, "too long"));
}

/* nobody_waits - where children leave no trace, none of them can have said that all is right. */
static void
nobody_waits(void **state)
{
	char const *why = "";

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(run("exit 1", "x", &why), ATTEMPT_TROUBLE);
	assert_int_equal(run("exec \"$@\"", "x", &why), ATTEMPT_TROUBLE);
	assert_non_null(strstr(why, "is not known"));
	signal(SIGCHLD, SIG_DFL);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(exits),
		cmocka_unit_test(programs),
		cmocka_unit_test(nobody_waits),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
