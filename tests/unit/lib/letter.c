/* unit tests of lib/letter: the envelope as it is kept */
#include "letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct letter l;

/* mail, rcpt - from a frame whose fields are separated by '|'. */
static struct frame
frame(char *to, char const *fields)
{
	size_t const len = strlen(fields) + 1;

	memcpy(to, fields, len);
	for (size_t i = 0; i < len; i++)
		if (to[i] == '|')
			to[i] = 0;
	return (struct frame){ STREAM_MAIL, to, len, -1 };
}

static enum letter_result
mail(char const *fields)
{
	char text[STREAM_FRAME_MAX];
	struct frame const f = frame(text, fields);

	return letter_mail(&l, &f);
}

static enum letter_result
rcpt(char const *fields)
{
	char text[STREAM_FRAME_MAX];
	struct frame const f = frame(text, fields);

	return letter_rcpt(&l, &f);
}

static void
test_sender(void **state)
{
	(void)state;
	assert_int_equal(mail("alice@crepes.fr|BODY=8BITMIME|SIZE=4711|RET=HDRS"), LETTER_OK);
	assert_string_equal(letter_text(&l, l.sender.at), "alice@crepes.fr");
	assert_string_equal(letter_text(&l, l.sender.params), "BODY=8BITMIME");
	assert_int_equal(l.size, 4711);
	assert_true(l.eight && !l.smtputf8 && !l.requiretls && !l.sender.utf8);
	assert_int_equal(mail("j\xc3\xb6rg@crepes.fr|SMTPUTF8|REQUIRETLS"), LETTER_OK);
	assert_true(!l.eight && l.smtputf8 && l.requiretls && l.sender.utf8);
	assert_int_equal(l.size, 0);
	assert_int_equal(mail("|SIZE=12x"), LETTER_OK);
	assert_string_equal(letter_text(&l, l.sender.at), "");
	assert_int_equal(l.size, 0);
	assert_int_equal(mail("#@[]"), LETTER_OK);
	assert_string_equal(letter_text(&l, l.sender.at), "");
	assert_int_equal(l.sender.params, l.sender.end);
	assert_int_equal(letter_mail(&l, &(struct frame){ STREAM_MAIL, "", 0, -1 }), LETTER_OK);
	assert_int_equal(mail("a@b|SIZE=99999999999999999999999"), LETTER_OK);
	assert_int_equal(l.size, 0);
}

static void
test_refused(void **state)
{
	static char const *const bad[] = { "a b@c", "a@b>", "a@b\r\nRSET", "<a@b>", "a@b c", "@" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(mail(bad[i]), LETTER_BAD_ADDRESS);
	assert_int_equal(mail("a@b|X=a b"), LETTER_BAD_PARAM);
	assert_int_equal(mail("a@b|X=a\r\nRSET"), LETTER_BAD_PARAM);
	assert_int_equal(mail("a@b||"), LETTER_BAD_PARAM);
	assert_int_equal(mail("a@b"), LETTER_OK);
	assert_int_equal(rcpt(""), LETTER_BAD_ADDRESS);
	assert_int_equal(rcpt("#@[]"), LETTER_BAD_ADDRESS);
	assert_int_equal(rcpt("c@d|X=\x7f"), LETTER_BAD_PARAM);
	assert_int_equal(l.rcpts, 0);
	assert_int_equal(rcpt("c@d|NOTIFY=NEVER"), LETTER_OK);
	assert_int_equal(rcpt("postmaster"), LETTER_OK);
	assert_int_equal(rcpt("c@[192.0.2.1]"), LETTER_OK);
	assert_int_equal(l.rcpts, 3);
	assert_string_equal(letter_text(&l, l.rcpt[0].params), "NOTIFY=NEVER");
	assert_string_equal(letter_text(&l, l.rcpt[2].at), "c@[192.0.2.1]");
}

static void
test_limits(void **state)
{
	char text[32], large[STREAM_FRAME_MAX];
	size_t n = 0;

	(void)state;
	assert_int_equal(mail("a@b"), LETTER_OK);
	for (size_t i = 0; i < LETTER_RCPTS_MAX; i++) {
		snprintf(text, sizeof text, "r%zu@d", i);
		assert_int_equal(rcpt(text), LETTER_OK);
	}
	assert_int_equal(rcpt("one@more"), LETTER_TOO_MUCH);
	assert_int_equal(l.rcpts, LETTER_RCPTS_MAX);
	assert_string_equal(letter_text(&l, l.rcpt[999].at), "r999@d");

	assert_int_equal(mail("a@b"), LETTER_OK);
	memset(large, 'x', sizeof large);
	memcpy(large, "r@d|ORCPT=", 10);
	large[3000] = 0;
	while (rcpt(large) == LETTER_OK)
		n++;
	assert_int_equal(rcpt(large), LETTER_TOO_MUCH);
	assert_in_range(n, 80, LETTER_MAX / 3000);
	assert_in_range(l.text.len, 0, LETTER_MAX);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
