#include "dovecot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
lines(void **state)
{
	static struct {
		char const *line;
		int result;
		char const *user;
	} const cases[] = {
		{ "VERSION\t1\t2", 0, "" },
		{ "VERSION\t2\t0", ATTEMPT_TROUBLE, "" },
		{ "VERSION", ATTEMPT_TROUBLE, "" },
		{ "MECH\tPLAIN\tplaintext", 0, "" },
		{ "SPID\t1", 0, "" },
		{ "DONE", 0, "" },
		{ "", 0, "" },
		{ "\t\t", 0, "" },
		{ "OK\t1\tuser=bob", ATTEMPT_RIGHT, "bob" },
		{ "OK\t1\tx\tuser=bob\ty=z", ATTEMPT_RIGHT, "bob" },
		{ "OK\t1", ATTEMPT_RIGHT, "" },
		{ "OK\t11\tuser=eve", 0, "" },
		{ "OK", 0, "" },
		{ "OKAY\t1", 0, "" },
		{ "OK\t1\tuser=longer-than-that", ATTEMPT_RIGHT, "" },
		{ "FAIL\t1\tuser=bob", ATTEMPT_WRONG, "bob" },
		{ "FAIL\t1\ttemp", ATTEMPT_TROUBLE, "" },
		{ "FAIL\t1\tuser=bob\tcode=temp_fail", ATTEMPT_TROUBLE, "bob" },
		{ "FAIL\t2\ttemp", 0, "" },
		{ "CONT\t1\tabc", ATTEMPT_TROUBLE, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char user[8] = "";

		assert_int_equal(dovecot_judge(cases[i].line, user, sizeof user), cases[i].result);
		assert_string_equal(user, cases[i].user);
	}
}

static void
nobody_there(void **state)
{
	char login[8] = "bob";
	char const *why = "";

	(void)state;
	assert_int_equal(
	    dovecot_check("/nonexistent/socket", login, sizeof login, "x", "local", &why),
	    ATTEMPT_TROUBLE);
	assert_string_not_equal(why, "");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
