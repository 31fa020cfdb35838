/* unit tests of relay/flight: which commands go together, and what the replies make of it */
#include "flight.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "nexthop.h"

static char helo[] = "us.example";
static struct relayconf conf = { .helo = { .s = helo } };
static struct peer p;
static struct transaction t;
static struct hop hop = { .host = "h.org", .ip = "192.0.2.1" };

/* begin - a transaction for two recipients that is ready for its first flight. */
static void
begin(struct nexthop_reply const *script)
{
	int reused;

	content_begin(&t.content);
	peer_close(&p);
	nexthop_start(&hop, script, 1);
	peer_init(&p, &conf);
	transaction_init(&t, &p);
	transaction_mail(&t, &(struct frame){ STREAM_MAIL, "a@b", 4, -1 });
	transaction_rcpt(&t, &(struct frame){ STREAM_RCPT, "c@d", 4, -1 });
	transaction_rcpt(&t, &(struct frame){ STREAM_RCPT, "e@f", 4, -1 });
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &t.why), 1);
	for (size_t i = 0; i < t.rcpts; i++) {
		t.batch[t.batched++] = i;
		t.rcpt[i].state = RCPT_ASKED;
	}
}

static void
whole(char const *text)
{
	content_data(&t.content, text, strlen(text));
	assert_int_equal(content_survey(&t.content), 1);
	t.final = 1;
}

static void
test_envelope(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT TO:<e@f>", "550 no\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script);
	p.dirty = 1;
	assert_int_equal(flight_run(&t), FLIGHT_OK);
	assert_string_equal(nexthop->heard,
	    "EHLO us.example\nRSET\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@f>\n");
	assert_true(t.begun && t.accepted == 1 && !p.dirty);
	assert_int_equal(t.rcpt[0].state, RCPT_ACCEPTED);
	assert_int_equal(t.rcpt[1].state, RCPT_OVER);
	assert_int_equal(flight_run(&t), FLIGHT_OK); /* nothing is due */
	whole("x\n");
	assert_int_equal(flight_run(&t), FLIGHT_OK);
	assert_int_equal(t.rcpt[0].answer.code, 'K');
	assert_false(t.begun);
	assert_asked("NG");
}

static void
test_chunk_and_dot(void **state)
{
	static struct nexthop_reply const script[][2] = {
		{ { "EHLO", "250-h\r\n250-PIPELINING\r\n250 CHUNKING\r\n" }, { 0, 0 } },
		{ { "EHLO", "250-h\r\n250 PIPELINING\r\n" }, { 0, 0 } },
		{ { "EHLO", "250-h\r\n250 CHUNKING\r\n" }, { 0, 0 } },
		{ { "EHLO", "250 h\r\n" }, { 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		begin(script[i]);
		whole("x\n");
		assert_int_equal(flight_run(&t), FLIGHT_OK);
		assert_int_equal(t.rcpt[0].answer.code, 'K');
		assert_non_null(strstr(nexthop->heard, i % 2 ? "\nDATA\n" : "\nBDAT 3 LAST\n"));
		assert_int_equal(nexthop->messages, 1);
	}
	begin(script[0]);
	whole("b\xc3\xb6\n"); /* converted, it goes with DATA */
	assert_int_equal(flight_run(&t), FLIGHT_OK);
	assert_non_null(strstr(nexthop->heard, "\nDATA\n"));
}

static void
test_refused_mail(void **state)
{
	static struct nexthop_reply const script[] = { { "MAIL", "550 5.7.1 no\r\n" }, { 0, 0 } };

	(void)state;
	begin(script);
	whole("x\n");
	assert_int_equal(flight_run(&t), FLIGHT_OK);
	assert_int_equal(t.mail.code, 'D');
	assert_string_equal(t.rcpt[1].answer.status, "5.7.1");
	assert_false(t.begun);
	assert_null(strstr(nexthop->heard, "RCPT"));
}

static void
test_lone_dot(void **state)
{
	static struct nexthop_reply const script[] = { { "EHLO", "250-h\r\n250 PIPELINING\r\n" },
		{ "RCPT", "550 no\r\n" }, { 0, 0 } };

	(void)state;
	begin(script);
	whole("x\n");
	assert_int_equal(flight_run(&t), FLIGHT_OK);
	assert_int_equal(nexthop->messages, 1); /* for nobody */
	assert_false(t.begun);
}

static void
test_lost(void **state)
{
	static struct nexthop_reply const script[] = { { "MAIL", "421 bye\r\n" }, { 0, 0 } };
	static struct nexthop_reply const gone[] = { { "RCPT", 0 }, { 0, 0 } };

	(void)state;
	begin(script);
	assert_int_equal(flight_run(&t), FLIGHT_LOST);
	assert_string_equal(t.why.text, "h.org[192.0.2.1] said: 421 bye");
	assert_false(t.replied || t.begun || t.mail.code);
	begin(gone);
	assert_int_equal(flight_run(&t), FLIGHT_LOST);
	assert_string_equal(t.why.text, "h.org[192.0.2.1]: connection lost after RCPT");
	assert_true(t.replied && t.begun && !t.sent);
}

static void
test_stream(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	assert_int_equal(flight_run(&t), FLIGHT_OK);
	assert_int_equal(flight_stream(&t), FLIGHT_OK);
	assert_true(t.go);
	posting_data(&t.posting, "x\n", 2);
	assert_int_equal(flight_finish(&t), FLIGHT_OK);
	assert_int_equal(t.rcpt[1].answer.code, 'K');
}

static void
test_answers(void **state)
{
	struct transaction_rcpt r = { .state = RCPT_WAITS };
	struct answer a, b;

	(void)state;
	stream_answer_set(&a, 'Z', "4.0.0", "a");
	stream_answer_set(&b, 'D', "5.0.0", "b");
	flight_answer(&r, &a);
	flight_answer(&r, &b);
	assert_string_equal(r.answer.text, "a");
	assert_int_equal(r.state, RCPT_OVER);
	r = (struct transaction_rcpt){ .state = RCPT_ACCEPTED };
	flight_answer(&r, &b);
	assert_int_equal(r.state, RCPT_ACCEPTED);
	errno = ENODATA;
	assert_int_equal(flight_unreadable(&t), FLIGHT_UNREADABLE);
	assert_string_equal(t.why.status, "4.3.0");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_chunk_and_dot),
		cmocka_unit_test(test_refused_mail),
		cmocka_unit_test(test_lone_dot),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_answers),
	};

	transaction_init(&t, &p);
	return cmocka_run_group_tests(tests, 0, 0);
}
