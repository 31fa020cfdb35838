/* unit tests of relay/outcome: what a reply means for the message */
#include "outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WHERE "h.org[192.0.2.1]"

static struct replies r;

static void
reply(char const *text)
{
	size_t used;

	replies_begin(&r);
	assert_int_equal(replies_feed(&r, text, strlen(text), &used), REPLIES_WHOLE);
}

static void
is(struct answer const *a, char const *want)
{
	char text[STREAM_ANSWER_MAX + 1];

	text[stream_answer_fmt(text, a)] = 0;
	assert_string_equal(text, want);
}

static void
test_refusals(void **state)
{
	static struct {
		enum outcome_stage stage;
		char const *reply, *want;
	} const cases[] = {
		{ OUTCOME_RCPT, "550 5.1.1 who?\n", "D5.1.1 " WHERE " said: 550 5.1.1 who?" },
		{ OUTCOME_RCPT, "550 who?\n", "D5.1.1 " WHERE " said: 550 who?" },
		{ OUTCOME_RCPT, "450 4.2.0\n", "Z4.2.0 " WHERE " said: 450 4.2.0" },
		{ OUTCOME_RCPT, "550 4.1.1 class\n", "D5.1.1 " WHERE " said: 550 4.1.1 class" },
		{ OUTCOME_RCPT, "599\n", "D5.0.0 " WHERE " said: 599" },
		{ OUTCOME_RCPT, "499\n", "Z4.0.0 " WHERE " said: 499" },
		{ OUTCOME_RCPT, "354 go\n", "Z4.5.0 " WHERE " said: 354 go" },
		{ OUTCOME_RCPT, "421 4.7.0 bye\n", "Z4.4.2 " WHERE " said: 421 4.7.0 bye" },
		{ OUTCOME_MAIL, "552 large\n", "D5.3.4 " WHERE " said: 552 large" },
		{ OUTCOME_DATA, "250 what?\n", "Z4.5.0 " WHERE " said: 250 what?" },
		{ OUTCOME_DOT, "554 no\n", "D5.6.0 " WHERE " said: 554 no" },
		{ OUTCOME_DOT, "452 4.3.1 disk\n", "Z4.3.1 " WHERE " said: 452 4.3.1 disk" },
		{ OUTCOME_GREETING, "554 5.3.2 no\n", "Z4.4.2 " WHERE " said: 554 5.3.2 no" },
		{ OUTCOME_HELLO, "550 no\n", "Z4.4.2 " WHERE " said: 550 no" },
		{ OUTCOME_TLS, "454 later\n", "Z4.7.4 " WHERE " said: 454 later" },
		{ OUTCOME_AUTH, "535 wrong\n", "Z4.7.8 " WHERE " said: 535 wrong" },
		{ OUTCOME_DOT, "550-5.7.1 a\n550-5.7.1   b\n550-5.7.1\n550 5.7.10 c\n",
		    "D5.7.1 " WHERE " said: 550 5.7.1 a b 5.7.10 c" },
		{ OUTCOME_DOT, "550-\n550-x\n550 \n", "D5.0.0 " WHERE " said: 550 x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer a;

		reply(cases[i].reply);
		outcome_reply(&a, WHERE, cases[i].stage, &r);
		is(&a, cases[i].want);
	}
}

static void
test_taken(void **state)
{
	struct answer a;

	(void)state;
	reply("250 2.0.0 ok\n");
	outcome_taken(&a, WHERE, 1, &r);
	is(&a, "K2.0.0 passed: " WHERE ": 250 2.0.0 ok");
	reply("250 ok\n");
	outcome_taken(&a, WHERE, 0, &r);
	is(&a, "K2.0.0 relayed: " WHERE ": 250 ok");
	reply("250 2.6.0 <x@y>\n");
	outcome_taken(&a, WHERE, 0, &r);
	is(&a, "K2.6.0 relayed: " WHERE ": 250 2.6.0 <x@y>");
}

static void
test_lost(void **state)
{
	struct answer a;

	(void)state;
	outcome_lost(&a, WHERE, OUTCOME_GREETING, "connection lost");
	is(&a, "Z4.4.2 " WHERE ": connection lost before its greeting");
	outcome_lost(&a, WHERE, OUTCOME_DOT, "no reply in time");
	is(&a, "Z4.4.2 " WHERE ": no reply in time after the final dot: may arrive twice");
	outcome_trouble(&a, WHERE, 'D', "5.6.7", "no");
	is(&a, "D5.6.7 " WHERE ": no");
}

static void
test_where(void **state)
{
	struct hop h = { .host = "mx.h.org", .ip = "2001:db8::1" };
	char to[OUTCOME_WHERE_MAX];

	(void)state;
	outcome_where(to, &h);
	assert_string_equal(to, "mx.h.org[2001:db8::1]");
	strcpy(h.host, "[IPv6:2001:db8::1]");
	outcome_where(to, &h);
	assert_string_equal(to, "[2001:db8::1]");
	strcpy(h.host, h.ip);
	outcome_where(to, &h);
	assert_string_equal(to, "[2001:db8::1]");
	*h.host = 0;
	outcome_where(to, &h);
	assert_string_equal(to, "[2001:db8::1]");
	memset(h.host, 'x', sizeof h.host - 1);
	memset(h.ip, '1', sizeof h.ip - 1);
	outcome_where(to, &h);
	assert_int_equal(strlen(to), sizeof h.host + sizeof h.ip);
}

static void
test_too_many(void **state)
{
	static struct {
		char const *reply;
		int want;
	} const cases[] = {
		{ "452 too many\n", 1 },
		{ "552 too many\n", 1 },
		{ "452 4.5.3 too many\n", 1 },
		{ "452 4.2.2 full\n", 0 },
		{ "552 5.2.2 full\n", 0 },
		{ "450 4.5.3 odd\n", 0 },
		{ "550 who?\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		reply(cases[i].reply);
		assert_int_equal(outcome_is_too_many(&r), cases[i].want);
	}
}

/* whatever a server says, the answer is one line of bounded length */
static void
test_longest(void **state)
{
	static char text[60 * 2006 + 1];
	struct answer a;
	size_t len = 0;

	(void)state;
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 60; i++, len += 2006) {
		memcpy(text + len, i < 59 ? "550-5.1.1 " : "550 5.1.1 ", 10);
		text[len + 2005] = '\n';
	}
	text[len] = 0;
	reply(text);
	outcome_reply(&a, WHERE, OUTCOME_RCPT, &r);
	assert_in_range(strlen(a.text), 1000, STREAM_TEXT_MAX);
	assert_null(strchr(a.text, '\n'));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
