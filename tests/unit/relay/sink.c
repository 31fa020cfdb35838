/* unit tests of relay/sink: requests gathered, answers in their order */
#include "sink.h"

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
static struct stream source;
static pid_t sink;

/* begin - a sink in a process of its own, with the other end of source. */
static void
begin(struct nexthop_reply const *script)
{
	int pair[2];

	nexthop_start(&hop, script, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	sink = fork();
	if (!sink) {
		close(pair[0]);
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		close(pair[1]);
		peer_init(&p, &conf);
		transaction_init(&t, &p);
		_exit(!sink_run(&t));
	}
	close(pair[1]);
	stream_init(&source, pair[0], pair[0]);
}

static int
end(void)
{
	int status;

	close(source.in);
	assert_int_equal(waitpid(sink, &status, 0), sink);
	return status;
}

static void
put(enum stream_type type, char const *field)
{
	assert_int_equal(stream_put(&source, type, field, *field ? strlen(field) + 1 : 0), 1);
}

/* answers - the codes of the next ones, as they were given. */
static void
answers(char const *want)
{
	for (; *want; want++) {
		struct answer a;

		assert_int_equal(stream_get_answer(&source, &a), STREAM_OK);
		assert_int_equal(a.single ? a.code | 0x20 : a.code, *want);
	}
}

static void
test_one_flight(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT TO:<no@h>", "550 no\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script);
	for (int i = 0; i < 3; i++) {
		put(STREAM_CLIENT, "id=x");
		put(STREAM_MAIL, "a@b");
		put(STREAM_RCPT, "yes@h");
		put(STREAM_RCPT, "no@h");
		put(STREAM_RCPT, "no address");
		stream_data(&source, "x\n", 2);
		put(STREAM_END, "");
		answers("KKDDK");
	}
	assert_int_equal(end(), 0);
	assert_int_equal(nexthop->messages, 3);
}

static void
test_step_by_step(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	put(STREAM_MAIL, "a@b");
	answers("K");
	put(STREAM_RCPT, "c@d");
	put(STREAM_RCPT, "e@f");
	answers("KK");
	put(STREAM_RESET, "");
	put(STREAM_END, "");
	answers("D");
	put(STREAM_RCPT, "c@d");
	answers("D");
	put(STREAM_MAIL, "a@b");
	put(STREAM_MAIL, "a@b");
	put(STREAM_END, "");
	answers("KDD");
	assert_int_equal(end(), 0);
	assert_int_equal(nexthop->messages, 0);
}

static void
test_nonsense(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };
	struct answer a;

	(void)state;
	begin(script);
	assert_int_equal(write(source.out, "x", 1), 1);
	assert_int_equal(stream_get_answer(&source, &a), STREAM_EOF);
	assert_int_not_equal(end(), 0);
	begin(script);
	put(STREAM_MAIL, "a@b");
	stream_file(&source, 2, 0, 1);
	stream_data(&source, "x", 1); /* a message has one form */
	put(STREAM_END, "");
	stream_flush(&source);
	assert_int_not_equal(end(), 0);
}

static void
test_verdict(void **state)
{
	struct answer a;

	(void)state;
	stream_answer_set(&t.mail, 'K', "2.1.0", "ok");
	t.rcpts = 0;
	assert_int_equal(sink_verdict(&t, &a), 1);
	assert_string_equal(a.status, "5.5.1");
	t.rcpts = 3;
	for (size_t i = 0; i < 3; i++)
		t.rcpt[i].state = RCPT_OVER;
	stream_answer_set(&t.rcpt[0].answer, 'Z', "4.0.0", "later");
	stream_answer_set(&t.rcpt[1].answer, 'K', "2.0.0", "ok");
	stream_answer_set(&t.rcpt[2].answer, 'K', "2.0.0", "ok");
	t.rcpt[1].state = t.rcpt[2].state = RCPT_ACCEPTED;
	assert_int_equal(sink_verdict(&t, &a), 1);
	assert_int_equal(a.code, 'K');
	stream_answer_set(&t.rcpt[2].answer, 'K', "2.0.0", "too");
	assert_int_equal(sink_verdict(&t, &a), 0);
	stream_answer_set(&t.mail, 'D', "5.7.1", "no");
	assert_int_equal(sink_verdict(&t, &a), 1);
	assert_string_equal(a.status, "5.7.1");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_one_flight),
		cmocka_unit_test(test_step_by_step),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_verdict),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
