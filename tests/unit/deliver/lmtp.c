/* unit tests of deliver/lmtp: transactions of one connection, and what becomes of them */
#include "lmtp.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "lmtpserver.h"

#define WHERE "/lmtp"

static struct lmtp l;

static void
begin(struct lmtpserver_reply const *script)
{
	signal(SIGPIPE, SIG_IGN);
	lmtp_init(&l, WHERE, "us.example", lmtpserver_start(script));
	assert_int_equal(l.down.code, 0);
}

static void
finish(void)
{
	lmtp_quit(&l);
	lmtpserver_wait();
}

static struct frame
frame(enum stream_type type, char const *address)
{
	return (struct frame){ type, address, strlen(address) + 1, -1 };
}

static void
mail(char const *address)
{
	struct frame const f = frame(STREAM_MAIL, address);

	lmtp_mail(&l, &f);
}

static int
rcpt(char const *address)
{
	struct frame const f = frame(STREAM_RCPT, address);

	return lmtp_rcpt(&l, &f);
}

static void
is(struct answer const *a, char const *want)
{
	char text[STREAM_ANSWER_MAX + 1];

	text[stream_answer_fmt(text, a)] = 0;
	assert_string_equal(text, want);
}

static void
test_one_flight(void **state)
{
	static struct lmtpserver_reply const script[] = { { "RCPT TO:<no@h", "550 5.1.1 who?\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script);
	for (size_t i = 1; i < 4; i++) {
		mail("a@b");
		assert_int_equal(rcpt("yes@h"), 1);
		assert_int_equal(rcpt("no@h"), 1);
		assert_int_equal(rcpt("no address"), 1);
		assert_int_equal(l.mail.code, 0);
		lmtp_data(&l, "x\n.", 3);
		is(&l.mail, "K2.1.0 " WHERE ": 250 2.1.0 ok");
		lmtp_data(&l, "y", 1);
		lmtp_end(&l);
		assert_int_equal(l.accepted, 1);
		is(&l.rcpt[0].answer, "K2.0.0 " WHERE ": 250 2.0.0 saved");
		is(&l.rcpt[1].answer, "D5.1.1 " WHERE " said: 550 5.1.1 who?");
		assert_int_equal(l.rcpt[2].answer.code, 'D');
		assert_string_equal(lmtpserver->text, "x\r\n.y\r\n");
		assert_int_equal(lmtpserver->messages, i);
		assert_int_equal(l.open, 0);
	}
	finish();
	assert_memory_equal(lmtpserver->heard,
	    "LHLO us.example\nMAIL FROM:<a@b> BODY=8BITMIME\nRCPT TO:<yes@h>\nRCPT TO:<no@h>\nDATA\n",
	    79);
	assert_string_equal(strrchr(lmtpserver->heard, 'Q'), "QUIT\n");
}

static void
test_settle_and_reset(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	mail("a@b");
	lmtp_settle(&l);
	assert_int_equal(l.mail.code, 'K');
	rcpt("c@d");
	assert_int_equal(l.rcpt[0].state, LMTP_WAITS);
	lmtp_settle(&l);
	assert_int_equal(l.rcpt[0].state, LMTP_ACCEPTED);
	lmtp_keep(&l);
	lmtp_reset(&l);
	assert_int_equal(l.open, 0);
	mail("a@b");
	rcpt("c@d");
	lmtp_end(&l); /* an empty message is one */
	assert_int_equal(l.rcpt[0].answer.code, 'K');
	finish();
	assert_non_null(strstr(lmtpserver->heard, "RCPT TO:<c@d>\nNOOP\nRSET\nMAIL"));
	assert_int_equal(lmtpserver->messages, 1);
}

static void
test_broken_off(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	mail("a@b");
	rcpt("c@d");
	lmtp_data(&l, "x\n", 2);
	lmtp_keep(&l); /* pushes what is there */
	lmtp_reset(&l);
	mail("a@b");
	rcpt("c@d");
	is(&l.mail, "Z4.4.2 " WHERE ": the message before was broken off");
	is(&l.rcpt[0].answer, "Z4.4.2 " WHERE ": the message before was broken off");
	lmtp_data(&l, "x\n", 2);
	lmtp_end(&l);
	finish();
	assert_int_equal(lmtpserver->messages, 0);
}

/* a 250 that came before all of the message was there is none for it */
static void
test_early(void **state)
{
	static struct lmtpserver_reply const script[] = { { "TEXT", "250 ok\r\n250 ok\r\n" },
		{ 0, 0 } };
	static char text[65536];

	(void)state;
	memset(text, '\n', sizeof text);
	begin(script);
	mail("a@b");
	rcpt("one@h");
	rcpt("two@h");
	for (int i = 0; i < 64; i++)
		lmtp_data(&l, text, sizeof text);
	lmtp_end(&l);
	is(&l.rcpt[0].answer, "Z4.4.2 " WHERE ": connection lost");
	is(&l.rcpt[1].answer, "Z4.4.2 " WHERE ": connection lost");
	finish();
}

/* fails - what one message to two recipients comes to. */
static void
fails(char const *verb, char const *reply, char const *first, char const *second)
{
	struct lmtpserver_reply const script[] = { { verb, reply }, { 0, 0 } };

	begin(script);
	mail("a@b");
	rcpt("one@h");
	rcpt("two@h");
	lmtp_data(&l, "x\n", 2);
	lmtp_end(&l);
	is(&l.rcpt[0].answer, first);
	is(&l.rcpt[1].answer, second);
	finish();
}

static void
test_failures(void **state)
{
	static char const lost[] = "Z4.4.2 " WHERE ": connection lost";
	static char const doubt[] = "Z4.4.2 " WHERE
				    ": connection lost after the final dot: may arrive twice";
	static char const bye[] = "Z4.4.2 " WHERE " said: 421 4.3.2 bye";

	(void)state;
	fails("GREETING", 0, lost, lost);
	fails("LHLO", 0, lost, lost);
	fails("LHLO", "250 store\r\n", "K2.0.0 " WHERE ": 250 2.0.0 saved",
	    "K2.0.0 " WHERE ": 250 2.0.0 saved");
	fails("MAIL", 0, lost, lost);
	fails("MAIL", "421 4.3.2 bye\r\n", bye, bye);
	fails("MAIL", "550 5.7.1 no\r\n", "D5.7.1 " WHERE " said: 550 5.7.1 no",
	    "D5.7.1 " WHERE " said: 550 5.7.1 no");
	fails("RCPT TO:<two", 0, lost, lost);
	fails("DATA", 0, lost, lost);
	fails("DATA", "451 4.3.0 no\r\n", "Z4.3.0 " WHERE " said: 451 4.3.0 no",
	    "Z4.3.0 " WHERE " said: 451 4.3.0 no");
	fails("DOT", 0, doubt, doubt);
	fails("DOT", "421 4.3.2 bye\r\n", bye, bye);
	fails("RCPT TO:<one", "550 5.1.1 who?\r\n", "D5.1.1 " WHERE " said: 550 5.1.1 who?",
	    "K2.0.0 " WHERE ": 250 2.0.0 saved");
}

static void
test_utf8(void **state)
{
	static struct lmtpserver_reply const script[] = { { "RCPT", "501 5.5.4 syntax\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script);
	mail("a@b");
	rcpt("\xc3\xa4@h");
	rcpt("c@h");
	lmtp_settle(&l);
	is(&l.rcpt[0].answer, "D5.6.7 " WHERE " said: 501 5.5.4 syntax");
	is(&l.rcpt[1].answer, "D5.5.4 " WHERE " said: 501 5.5.4 syntax");
	lmtp_reset(&l);
	finish();
}

static void
test_file(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };
	int const fd = memfd_create("message", MFD_CLOEXEC);
	static char text[50000];

	(void)state;
	memset(text, 'x', sizeof text);
	text[0] = '\n';
	assert_int_equal(write(fd, text, sizeof text), sizeof text);
	begin(script);
	mail("a@b");
	rcpt("c@d");
	lmtp_file(&l, fd, 49990, 10);
	lmtp_end(&l);
	assert_int_equal(l.rcpt[0].answer.code, 'K');
	assert_string_equal(lmtpserver->text, "xxxxxxxxxx\r\n");
	mail("a@b");
	rcpt("c@d");
	lmtp_file(&l, fd, 0, sizeof text);
	lmtp_end(&l);
	assert_int_equal(l.rcpt[0].answer.code, 'K');
	assert_int_equal(strlen(lmtpserver->text), sizeof text + 3);
	mail("a@b");
	rcpt("c@d");
	lmtp_file(&l, fd, 1, sizeof text);
	lmtp_end(&l);
	assert_int_equal(l.rcpt[0].answer.code, 'Z');
	assert_string_equal(l.rcpt[0].answer.status, "4.3.0");
	assert_int_equal(l.down.code, 'Z');
	finish();
	assert_int_equal(lmtpserver->messages, 2);
	close(fd);
}

static void
test_no_connection(void **state)
{
	(void)state;
	errno = ECONNREFUSED;
	lmtp_init(&l, WHERE, "us.example", -1);
	mail("a@b");
	rcpt("c@d");
	is(&l.mail, "Z4.4.1 " WHERE ": Connection refused");
	lmtp_settle(&l);
	lmtp_data(&l, "x", 1);
	lmtp_end(&l);
	is(&l.rcpt[0].answer, "Z4.4.1 " WHERE ": Connection refused");
	lmtp_keep(&l);
	lmtp_quit(&l);
}

static void
test_too_many(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	mail("a@b");
	for (size_t i = 0; i < LMTP_RCPTS_MAX; i++)
		assert_int_equal(rcpt("c@d"), 1);
	assert_int_equal(rcpt("c@d"), 0);
	lmtp_data(&l, "x\n", 2);
	lmtp_end(&l);
	assert_int_equal(l.accepted, LMTP_RCPTS_MAX);
	for (size_t i = 0; i < LMTP_RCPTS_MAX; i++)
		assert_int_equal(l.rcpt[i].answer.code, 'K');
	finish();
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_one_flight),
		cmocka_unit_test(test_settle_and_reset),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_no_connection),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
