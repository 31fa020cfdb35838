/* unit tests of relay/transaction: one message, and what becomes of each recipient */
#include "transaction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "nexthop.h"

static char helo[] = "us.example";
static struct relayconf conf = { .helo = { .s = helo } };
static struct peer p;
static struct transaction t;
static struct hop hop = { .host = "h.org", .ip = "192.0.2.1", .tls = HOP_TLS_MAY };

static void
begin(struct nexthop_reply const *script, int hosts)
{
	transaction_reset(&t);
	peer_close(&p);
	nexthop_start(&hop, script, hosts);
	peer_init(&p, &conf);
	transaction_init(&t, &p);
}

static void
mail(char const *sender)
{
	transaction_mail(&t, &(struct frame){ STREAM_MAIL, sender, strlen(sender) + 1, -1 });
}

static int
rcpt(char const *address)
{
	return transaction_rcpt(
	    &t, &(struct frame){ STREAM_RCPT, address, strlen(address) + 1, -1 });
}

static void
message(void)
{
	transaction_data(&t, "x\n", 2);
	transaction_end(&t);
}

/* codes - of MAIL and each recipient; in lower case where RCPT was accepted. */
static char const *
codes(void)
{
	static char to[32];
	size_t n = 0;

	to[n++] = t.mail.code ? t.mail.code : '-';
	for (size_t i = 0; i < t.rcpts; i++) {
		char const c = t.rcpt[i].answer.code ? t.rcpt[i].answer.code : '-';

		to[n++] = t.rcpt[i].state == RCPT_ACCEPTED ? (char)(c | 0x20)
							   : c; /* a dash stays one */
	}
	to[n] = 0;
	return to;
}

static void
test_whole(void **state)
{
	static struct nexthop_reply const script[] = {
		{ "EHLO", "250-h\r\n250-PIPELINING\r\n250 CHUNKING\r\n" },
		{ "RCPT TO:<no@h>", "550 5.1.1 no\r\n" }, { "RCPT TO:<later@h>", "450 later\r\n" },
		{ 0, 0 }
	};

	(void)state;
	begin(script, 1);
	for (int i = 0; i < 2; i++) {
		mail("a@b");
		assert_int_equal(rcpt("yes@h"), 1);
		assert_int_equal(rcpt("no@h"), 1);
		assert_int_equal(rcpt("not an address"), 1);
		assert_int_equal(rcpt("later@h"), 1);
		assert_string_equal(codes(), "---D-"); /* nothing was sent so far */
		message();
		assert_string_equal(codes(), "KkDDZ");
		assert_false(t.open);
	}
	assert_int_equal(nexthop->messages, 2);
	assert_asked("NG");
}

static void
test_settled(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT TO:<no@h>", "550 no\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script, 1);
	mail("a@b");
	transaction_settle(&t);
	assert_string_equal(codes(), "K");
	rcpt("yes@h");
	rcpt("no@h");
	transaction_settle(&t);
	assert_string_equal(codes(), "K-D"); /* accepted, without an answer yet */
	transaction_settle(&t);              /* nothing to do */
	message();
	assert_string_equal(codes(), "KkD");
	assert_int_equal(nexthop->messages, 1);
}

/* MAIL's answer is known, and all the rest comes at once: each recipient is asked for */
static void
test_rest_at_once(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT TO:<no@h>", "550 no\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script, 1);
	mail("a@b");
	transaction_settle(&t);
	rcpt("yes@h");
	rcpt("no@h");
	message();
	assert_string_equal(codes(), "KkD");
	assert_int_equal(nexthop->messages, 1);
}

/* a 250 that came before all of the message was there is none for it */
static void
test_early(void **state)
{
	static struct nexthop_reply const early[] = { { "DATA", "354 go\r\n250 queued\r\n" },
		{ 0, 0 } };
	static struct nexthop_reply const hello[] = {
		{ "EHLO", "250-h\r\n250-PIPELINING\r\n250 CHUNKING\r\n250 ok\r\n" }, { 0, 0 }
	};
	static struct nexthop_reply const gone[] = { { "TEXT", "250 queued\r\n" }, { 0, 0 } };
	static char text[CONTENT_SMALL];

	(void)state;
	memset(text, '\n', sizeof text);
	begin(early, 1);
	mail("a@b");
	rcpt("c@d");
	message();
	assert_string_equal(codes(), "ZZ");
	begin(gone, 1);
	mail("a@b");
	rcpt("c@d");
	for (int i = 0; i < 64; i++)
		transaction_data(&t, text, sizeof text);
	transaction_end(&t);
	assert_string_equal(codes(), "Kz");
	begin(hello, 1);
	mail("a@b");
	rcpt("c@d");
	message();
	assert_string_equal(codes(), "ZZ");
	assert_int_equal(nexthop->messages, 0);
}

static void
test_nobody(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT", "550 no\r\n" }, { 0, 0 } };

	(void)state;
	begin(script, 1);
	mail("a@b");
	message();
	assert_string_equal(codes(), "K");
	mail("a@b");
	rcpt("bad address");
	message();
	assert_string_equal(codes(), "KD");
	mail("bad address");
	rcpt("yes@h");
	transaction_settle(&t);
	message();
	assert_string_equal(codes(), "DD");
	assert_asked("");
	mail("a@b");
	rcpt("no@h");
	message();
	assert_string_equal(codes(), "KD");
	mail("a@b"); /* the one before is to be forgotten first */
	rcpt("no@h");
	message();
	assert_non_null(strstr(nexthop->heard, "RSET\nMAIL"));
	assert_null(strstr(nexthop->heard, "DATA"));
}

static void
test_many(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };
	size_t n = 0;

	(void)state;
	begin(script, 1);
	mail("a@b");
	while (rcpt("c@d"))
		n++;
	assert_int_equal(n, LETTER_RCPTS_MAX);
	message();
	assert_int_equal(nexthop->messages, LETTER_RCPTS_MAX / TRANSACTION_RCPTS_MAX);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(t.rcpt[i].answer.code, 'K');
	mail("a@b");
	for (n = 0; n < TRANSACTION_RCPTS_MAX + 1; n++)
		rcpt("c@d");
	transaction_settle(&t); /* whoever waits is told that it was too many */
	assert_int_equal(t.rcpt[n - 1].answer.code, 'Z');
	assert_string_equal(t.rcpt[n - 1].answer.status, "4.5.3");
	transaction_reset(&t);
	assert_int_equal(p.dirty, 1);
}

/* refused at MAIL: that is the answer also for those who would have had a later transaction */
static void
test_many_refused(void **state)
{
	static struct nexthop_reply const script[] = { { "MAIL", "550 no\r\n" }, { 0, 0 } };

	(void)state;
	begin(script, 1);
	mail("a@b");
	for (size_t i = 0; i < TRANSACTION_RCPTS_MAX + 1; i++)
		rcpt("c@d");
	message();
	for (size_t i = 0; i < t.rcpts; i++)
		assert_int_equal(t.rcpt[i].answer.code, 'D');
}

static void
test_replay(void **state)
{
	static struct nexthop_reply const gone[] = { { "MAIL", 0 }, { 0, 0 } };
	static struct nexthop_reply const later[] = { { "RCPT", 0 }, { 0, 0 } };
	static struct nexthop_reply const dot[] = { { "DOT", 0 }, { 0, 0 } };

	(void)state;
	begin(gone, 2);
	mail("a@b");
	rcpt("c@d");
	message();
	assert_string_equal(codes(), "ZZ");
	assert_asked("NFNFN");
	begin(later, 2);
	mail("a@b");
	rcpt("c@d");
	message();
	assert_string_equal(codes(), "ZZ");
	assert_asked("NGNGN"); /* it did answer MAIL */
	begin(later, 2);
	mail("a@b");
	transaction_settle(&t);
	rcpt("c@d");
	transaction_settle(&t);
	assert_string_equal(codes(), "KZ"); /* MAIL's answer is known: no other host */
	begin(dot, 2);
	mail("a@b");
	rcpt("c@d");
	message();
	assert_string_equal(codes(), "Kz");
	assert_non_null(strstr(t.rcpt[0].answer.text, "may arrive twice"));
	assert_asked("NG");
}

static void
test_stream(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };
	static struct nexthop_reply const refused[] = { { "DATA", "451 4.3.0 no\r\n" }, { 0, 0 } };
	static char text[CONTENT_SMALL + 1];

	(void)state;
	memset(text, '\n', sizeof text);
	begin(script, 1);
	mail("a@b");
	rcpt("c@d");
	for (int i = 0; i < 5; i++)
		transaction_data(&t, text, sizeof text);
	assert_true(t.streaming);
	transaction_end(&t);
	assert_string_equal(codes(), "Kk");
	mail("a@b");
	rcpt("c@d");
	transaction_data(&t, text, sizeof text);
	transaction_reset(&t); /* only the end of the connection ends that */
	assert_false(p.d.open);
	begin(refused, 1);
	mail("a@b");
	rcpt("c@d");
	transaction_data(&t, text, sizeof text);
	assert_false(t.streaming);
	transaction_end(&t);
	assert_string_equal(codes(), "Kz");
	assert_string_equal(t.rcpt[0].answer.status, "4.3.0");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_settled),
		cmocka_unit_test(test_rest_at_once),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_refused),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_stream),
	};

	transaction_init(&t, &p);
	return cmocka_run_group_tests(tests, 0, 0);
}
