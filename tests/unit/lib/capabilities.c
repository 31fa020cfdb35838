/* unit tests of lib/capabilities: the reply to EHLO */
#include "capabilities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_table(void **state)
{
	static struct {
		char const *text;
		struct capabilities want;
	} const cases[] = {
		{ "", { 0 } },
		{ "next.example PIPELINING", { 0 } },
		{ "next.example\nPIPELINING", { .offers = CAN_PIPELINING } },
		{ "n\npipelining\n8bitmime\nSmtpUtf8\nDSN\nCHUNKING",
		    { .offers = CAN_PIPELINING | CAN_8BITMIME | CAN_SMTPUTF8 | CAN_DSN |
				CAN_CHUNKING } },
		{ "n\nENHANCEDSTATUSCODES\nSTARTTLS\nREQUIRETLS",
		    { .offers = CAN_STATUS | CAN_STARTTLS | CAN_REQUIRETLS } },
		{ "n\nPIPELININGS\nXDSN\nHELP\n\n-\n=", { 0 } },
		{ "n\nSIZE", { .offers = CAN_SIZE } },
		{ "n\nSIZE 1000", { .offers = CAN_SIZE, .size = 1000 } },
		{ "n\nSIZE 1000 \nDSN", { .offers = CAN_SIZE | CAN_DSN, .size = 1000 } },
		{ "n\nSIZE 0\nSIZE 12x", { .offers = CAN_SIZE } },
		{ "n\nSIZE 99999999999999999999999", { .offers = CAN_SIZE } },
		{ "n\nAUTH PLAIN LOGIN", { .offers = CAN_AUTH_PLAIN | CAN_AUTH_LOGIN } },
		{ "n\nAUTH=LOGIN PLAIN\nDSN",
		    { .offers = CAN_AUTH_PLAIN | CAN_AUTH_LOGIN | CAN_DSN } },
		{ "n\nAUTH CRAM-MD5  login", { .offers = CAN_AUTH_LOGIN } },
		{ "n\nAUTH\nLOGIN", { 0 } },
		{ "n\nLIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1",
		    { .rcptmax = 20, .mailmax = 5 } },
		{ "n\nLIMITS rcptmax=x mailmax=7\nDSN", { .offers = CAN_DSN, .mailmax = 7 } },
		{ "n\nLIMITS RCPTMAX\nMAILMAX=3", { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct capabilities c;

		capabilities_read(&c, cases[i].text);
		assert_int_equal(c.offers, cases[i].want.offers);
		assert_int_equal(c.size, cases[i].want.size);
		assert_int_equal(c.rcptmax, cases[i].want.rcptmax);
		assert_int_equal(c.mailmax, cases[i].want.mailmax);
	}
}

static void
test_none(void **state)
{
	struct capabilities c = { 1, 2, 3, 4 };

	(void)state;
	capabilities_none(&c);
	assert_int_equal(c.offers + c.size + c.rcptmax + c.mailmax, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
