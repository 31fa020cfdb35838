/* unit tests of smtpd/params: SIZE, BODY, SMTPUTF8, RET, ENVID, NOTIFY, ORCPT */
#include "params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum kind { MAIL, RCPT, RCPT_UTF8 };

static struct {
	enum kind kind;
	char const *text;
	enum params_result want;
	char const *fields; /* with '|' for each NUL */
} const cases[] = {
	{ MAIL, "", PARAMS_OK, "" },
	{ MAIL, "   ", PARAMS_OK, "" },
	{ MAIL, "x", PARAMS_BAD, 0 },
	{ MAIL, ">", PARAMS_BAD, 0 },
	{ MAIL, " size=0010  body=8bitmime smtpUTF8 ret=Hdrs EnvId=aB", PARAMS_OK,
	    "SIZE=0010|BODY=8BITMIME|SMTPUTF8|RET=HDRS|ENVID=aB|" },
	{ MAIL, " BODY=7BIT", PARAMS_OK, "BODY=7BIT|" },
	{ MAIL, " BODY=BINARYMIME", PARAMS_BAD, 0 },
	{ MAIL, " BODY", PARAMS_BAD, 0 },
	{ MAIL, " BODY=", PARAMS_BAD, 0 },
	{ MAIL, " SIZE", PARAMS_BAD, 0 },
	{ MAIL, " SIZE=", PARAMS_BAD, 0 },
	{ MAIL, " SIZE=1a", PARAMS_BAD, 0 },
	{ MAIL, " SIZE=-1", PARAMS_BAD, 0 },
	{ MAIL, " SIZE=123456789012345678901", PARAMS_BAD, 0 },
	{ MAIL, " SIZE=1 SIZE=1", PARAMS_BAD, 0 },
	{ MAIL, " SMTPUTF8=", PARAMS_BAD, 0 },
	{ MAIL, " RET=ALL", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=a+2Bb", PARAMS_OK, "ENVID=a+2Bb|" },
	{ MAIL, " ENVID=a+2b", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=a+", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=a+4", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=a+0A", PARAMS_BAD, 0 }, /* a line feed in disguise */
	{ MAIL, " ENVID=a+7F", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=a+7E", PARAMS_OK, "ENVID=a+7E|" },
	{ MAIL, " ENVID=a+E9", PARAMS_BAD, 0 }, /* not ASCII, in disguise */
	{ RCPT, " ORCPT=rfc822;a+80", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=a=b", PARAMS_BAD, 0 },
	{ MAIL, " ENVID=\xc3\xa9", PARAMS_BAD, 0 },
	{ MAIL, " AUTH=<> RET=FULL", PARAMS_OK, "RET=FULL|" },
	{ MAIL, " AUTH=bob@x", PARAMS_OK, "" },
	{ MAIL, " AUTH=", PARAMS_BAD, 0 },
	{ MAIL, " AUTH=a=b", PARAMS_BAD, 0 },
	{ MAIL, " AUTH=<> AUTH=<>", PARAMS_BAD, 0 },
	{ MAIL, " requiretls", PARAMS_OK, "REQUIRETLS|" },
	{ MAIL, " REQUIRETLS=1", PARAMS_BAD, 0 },
	{ MAIL, " =x", PARAMS_UNKNOWN, 0 },
	{ MAIL, " SIZES=1", PARAMS_UNKNOWN, 0 },
	{ MAIL, " NOTIFY=NEVER", PARAMS_UNKNOWN, 0 },
	{ RCPT, " NOTIFY=never", PARAMS_OK, "NOTIFY=NEVER|" },
	{ RCPT, " NOTIFY=success,Delay,FAILURE", PARAMS_OK, "NOTIFY=SUCCESS,DELAY,FAILURE|" },
	{ RCPT, " NOTIFY=NEVER,SUCCESS", PARAMS_BAD, 0 },
	{ RCPT, " NOTIFY=SUCCESS,SUCCESS", PARAMS_OK, "NOTIFY=SUCCESS,SUCCESS|" },
	{ RCPT, " NOTIFY=SUCCESS,", PARAMS_BAD, 0 },
	{ RCPT, " NOTIFY=,", PARAMS_BAD, 0 },
	{ RCPT, " NOTIFY=", PARAMS_BAD, 0 },
	{ RCPT, " NOTIFY", PARAMS_BAD, 0 },
	{ RCPT, " ORCPT=rfc822;Bob+2Bx@d", PARAMS_OK, "ORCPT=rfc822;Bob+2Bx@d|" },
	{ RCPT, " ORCPT=rfc822;", PARAMS_BAD, 0 },
	{ RCPT, " ORCPT=;b", PARAMS_BAD, 0 },
	{ RCPT, " ORCPT=rfc822", PARAMS_BAD, 0 },
	{ RCPT, " ORCPT=a(b;c", PARAMS_BAD, 0 },
	{ RCPT, " ORCPT=utf-8;\xc3\xa9", PARAMS_BAD, 0 },
	{ RCPT_UTF8, " ORCPT=utf-8;\xc3\xa9", PARAMS_OK, "ORCPT=utf-8;\xc3\xa9|" },
	{ RCPT_UTF8, " ORCPT=rfc822;\xc3\xa9", PARAMS_BAD, 0 },
	{ RCPT_UTF8, " ORCPT=utf-8;\xc3", PARAMS_BAD, 0 },
	{ RCPT, " SIZE=1", PARAMS_UNKNOWN, 0 },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct params p;
		char const *text = cases[i].text;
		enum params_result const r =
		    cases[i].kind == MAIL
			? params_mail(&p, text, strlen(text), PARAMS_AUTH | PARAMS_REQUIRETLS)
			: params_rcpt(&p, text, strlen(text), cases[i].kind == RCPT_UTF8);

		if (r != cases[i].want)
			fail_msg("%s: result %d", text, r);
		if (r != PARAMS_OK)
			continue;
		for (size_t k = 0; k < p.fieldslen; k++)
			if (!p.fields[k])
				p.fields[k] = '|';
		assert_int_equal(p.fieldslen, strlen(cases[i].fields));
		assert_memory_equal(p.fields, cases[i].fields, p.fieldslen);
	}
}

static void
test_values(void **state)
{
	struct params p;

	(void)state;
	assert_int_equal(params_mail(&p, " SIZE=18446744073709551615 SMTPUTF8", 35,
			     PARAMS_AUTH | PARAMS_REQUIRETLS),
	    PARAMS_OK);
	assert_true(p.has_size && p.size == UINT64_MAX && p.smtputf8 && !p.body8);
	assert_int_equal(
	    params_mail(&p, " SIZE=99999999999999999999", 26, PARAMS_AUTH | PARAMS_REQUIRETLS),
	    PARAMS_OK);
	assert_true(p.size == UINT64_MAX);
	assert_int_equal(
	    params_mail(&p, " BODY=8BITMIME", 14, PARAMS_AUTH | PARAMS_REQUIRETLS), PARAMS_OK);
	assert_true(p.body8 && !p.has_size && !p.smtputf8);
}

static void
test_limits(void **state)
{
	char text[2000];
	struct params p;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, " ENVID=", 7);
	assert_int_equal(
	    params_mail(&p, text, 7 + PARAMS_ENVID_MAX, PARAMS_AUTH | PARAMS_REQUIRETLS),
	    PARAMS_OK);
	assert_int_equal(
	    params_mail(&p, text, 8 + PARAMS_ENVID_MAX, PARAMS_AUTH | PARAMS_REQUIRETLS),
	    PARAMS_BAD);
	memcpy(text, " ORCPT=x;", 9);
	assert_int_equal(params_rcpt(&p, text, 7 + PARAMS_ORCPT_MAX, 0), PARAMS_OK);
	assert_int_equal(params_rcpt(&p, text, 8 + PARAMS_ORCPT_MAX, 0), PARAMS_BAD);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
