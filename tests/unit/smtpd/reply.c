/* unit tests of smtpd/reply: the table, and lines that nobody can break */
#include "reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* is_listed - RFC 5321 4.2.3; 235, 334, 454, 530 and 538 are of RFC 3207 and 4954. */
static int
is_listed(unsigned int code)
{
	static unsigned int const codes[] = { 211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421,
		450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 530, 538, 550, 551, 552, 553, 554,
		555 };

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i] == code)
			return 1;
	return 0;
}

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < REPLY_COUNT; i++) {
		struct reply const r = reply_get((enum reply_id)i, "x");

		assert_int_equal(reply_row(i), i); /* each id once, in its place */
		assert_true(is_listed(r.code));
		assert_true(!*r.status || *r.status == (char)('0' + r.code / 100));
		assert_true(*r.status || r.code < 400);
		assert_true(*r.text && strlen(r.text) < 100);
		assert_true(!strchr(r.text, '%') || !strchr(strchr(r.text, '%') + 1, '%'));
		for (size_t k = 0; k < i; k++) {
			struct reply const other = reply_get((enum reply_id)k, "x");

			if (!strcmp(other.text, r.text) && other.code == r.code)
				fail_msg("two rows are the same: %s", r.text);
		}
	}
}

static void
line(char const *want, struct reply const *r, int enhanced)
{
	char to[REPLY_MAX + 1];

	to[reply_format(to, r, enhanced)] = 0;
	assert_string_equal(to, want);
}

/* The texts of the reference dialogue. */
static void
test_texts(void **state)
{
	struct reply r;

	(void)state;
	r = reply_get(REPLY_HELLO, "crepes.fr");
	line("250 Hello crepes.fr, pleased to meet you\r\n", &r, 0);
	line("250 Hello crepes.fr, pleased to meet you\r\n", &r, 1);
	r = reply_get(REPLY_SENDER_OK, "alice@crepes.fr");
	line("250 alice@crepes.fr... Sender ok\r\n", &r, 0);
	line("250 2.1.0 alice@crepes.fr... Sender ok\r\n", &r, 1);
	r = reply_get(REPLY_RCPT_OK, "bob@hamburger.edu");
	line("250 bob@hamburger.edu ... Recipient ok\r\n", &r, 0);
	r = reply_get(REPLY_SEND_DATA, 0);
	line("354 Enter mail, end with \".\" on a line by itself\r\n", &r, 1);
	r = reply_get(REPLY_ACCEPTED, 0);
	line("250 Message accepted for delivery\r\n", &r, 0);
	r = reply_get(REPLY_CLOSING, "hamburger.edu");
	line("221 hamburger.edu closing connection\r\n", &r, 0);
}

static struct {
	char code;
	char const *status;
	enum reply_phase phase;
	unsigned int want;
} const refusals[] = {
	{ 'Z', "4.3.0", REPLY_AT_END, 451 },
	{ 'Z', "4.3.1", REPLY_AT_END, 452 },
	{ 'Z', "4.2.2", REPLY_AT_RCPT, 452 },
	{ 'Z', "4.5.3", REPLY_AT_RCPT, 452 },
	{ 'D', "5.1.1", REPLY_AT_RCPT, 550 },
	{ 'D', "5.0.0", REPLY_AT_RCPT, 550 },
	{ 'D', "5.0.0", REPLY_AT_MAIL, 550 },
	{ 'D', "5.0.0", REPLY_AT_END, 554 },
	{ 'D', "5.6.0", REPLY_AT_END, 554 },
	{ 'D', "5.7.1", REPLY_AT_END, 550 },
	{ 'D', "5.3.4", REPLY_AT_END, 552 },
	{ 'D', "5.2.2", REPLY_AT_END, 552 },
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct answer a;
		struct reply r;
		char want[64];

		stream_answer_set(&a, refusals[i].code, refusals[i].status, "100% sorry");
		r = reply_refusal(&a, refusals[i].phase);
		snprintf(want, sizeof want, "%u %s 100%% sorry\r\n", refusals[i].want,
		    refusals[i].status);
		line(want, &r, 1);
	}
}

static void
test_hostile(void **state)
{
	char to[REPLY_MAX];
	char text[2000];
	struct reply r;
	size_t len;

	(void)state;
	r = reply_get(REPLY_NO_USER, "a\r\n250 ok\t\x7f%s");
	line("550 a??250 ok??%s no such mailbox here\r\n", &r, 0);
	r = reply_get(REPLY_SENDER_OK, "j\xc3\xbcrgen@\xe2\x82\xac.example");
	line("250 2.1.0 j?rgen@?.example... Sender ok\r\n", &r, 1);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	r = reply_get(REPLY_RCPT_OK, text);
	len = reply_format(to, &r, 1);
	assert_int_equal(len, REPLY_MAX);
	assert_memory_equal(to + len - 19, " ... Recipient ok\r\n", 19);
	len = reply_line(to, 1, text);
	assert_int_equal(len, REPLY_MAX);
	assert_memory_equal(to, "250-x", 5);
	assert_memory_equal(to + len - 2, "\r\n", 2);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
