/* unit tests of deliver/lmtpanswer: what a store's reply means */
#include "lmtpanswer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
means(enum lmtpanswer_stage stage, char const *reply, char const *want)
{
	static struct replies r;
	struct answer a;
	char text[STREAM_ANSWER_MAX + 1];
	size_t used;

	replies_begin(&r);
	assert_int_equal(replies_feed(&r, reply, strlen(reply), &used), REPLIES_WHOLE);
	lmtpanswer_set(&a, "/lmtp", stage, &r);
	assert_int_equal(a.single, 0);
	text[stream_answer_fmt(text, &a)] = 0;
	assert_string_equal(text, want);
}

static void
test_table(void **state)
{
	static struct {
		enum lmtpanswer_stage stage;
		char const *reply, *want;
	} const cases[] = {
		{ LMTPANSWER_DOT, "250 2.0.0 <bob> x Saved\n",
		    "K2.0.0 /lmtp: 250 2.0.0 <bob> x Saved" },
		{ LMTPANSWER_DOT, "250\n", "K2.0.0 /lmtp: 250" },
		{ LMTPANSWER_RCPT, "250 ok\n", "K2.1.5 /lmtp: 250 ok" },
		{ LMTPANSWER_RCPT, "550 who?\n", "D5.1.1 /lmtp said: 550 who?" },
		{ LMTPANSWER_RCPT, "550 5.7.1 no\n", "D5.7.1 /lmtp said: 550 5.7.1 no" },
		{ LMTPANSWER_RCPT, "550 4.7.1 class\n", "D5.1.1 /lmtp said: 550 4.7.1 class" },
		{ LMTPANSWER_RCPT, "452 full\n", "Z4.2.2 /lmtp said: 452 full" },
		{ LMTPANSWER_RCPT, "450 busy\n", "Z4.2.1 /lmtp said: 450 busy" },
		{ LMTPANSWER_RCPT, "354 go\n", "Z4.5.0 /lmtp said: 354 go" },
		{ LMTPANSWER_MAIL, "552 large\n", "D5.3.4 /lmtp said: 552 large" },
		{ LMTPANSWER_MAIL, "501 what\n", "D5.0.0 /lmtp said: 501 what" },
		{ LMTPANSWER_DATA, "250 ok\n", "Z4.5.0 /lmtp said: 250 ok" },
		{ LMTPANSWER_DATA, "451 later\n", "Z4.0.0 /lmtp said: 451 later" },
		{ LMTPANSWER_DOT, "552 5.2.2 full\n", "D5.2.2 /lmtp said: 552 5.2.2 full" },
		{ LMTPANSWER_DOT, "452\n", "Z4.2.2 /lmtp said: 452" },
		{ LMTPANSWER_DOT, "599\n", "D5.0.0 /lmtp said: 599" },
		/* it is about us, not about the mail */
		{ LMTPANSWER_RCPT, "500 5.5.1 what?\n", "Z4.5.0 /lmtp said: 500 5.5.1 what?" },
		{ LMTPANSWER_MAIL, "503 5.5.1 no\n", "Z4.5.0 /lmtp said: 503 5.5.1 no" },
		{ LMTPANSWER_DOT, "421 4.3.2 bye\n", "Z4.4.2 /lmtp said: 421 4.3.2 bye" },
		{ LMTPANSWER_HELLO, "502 this is SMTP\n", "Z4.4.2 /lmtp said: 502 this is SMTP" },
		{ LMTPANSWER_HELLO, "250 what?\n", "Z4.4.2 /lmtp said: 250 what?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		means(cases[i].stage, cases[i].reply, cases[i].want);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
