/* unit tests of deliver/lmtpserve: requests gathered, answers in their order, one or many */
#include "lmtpserve.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/time.h>

#include <cmocka.h>

#include "lmtpserver.h"

static struct lmtp l;
static struct stream source;
static pid_t sink;
static int impatient; /* the server hears from the sink soon */
static struct timeval const soon = { .tv_usec = 50000 };

/* begin - a sink in a process of its own, with the other end of source. */
static void
begin(struct lmtpserver_reply const *script)
{
	int const server = lmtpserver_start(script);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	sink = fork();
	if (!sink) {
		close(pair[0]);
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		close(pair[1]);
		signal(SIGPIPE, SIG_IGN);
		lmtp_init(&l, "/lmtp", "us.example", server);
		lmtpserve_prepare();
		if (impatient)
			setsockopt(0, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
		_exit(!lmtpserve(&l));
	}
	close(server);
	close(pair[1]);
	stream_init(&source, pair[0], pair[0]);
}

static int
end(void)
{
	int status;

	close(source.in);
	assert_int_equal(waitpid(sink, &status, 0), sink);
	lmtpserver_wait();
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
	static struct lmtpserver_reply const script[] = { { "RCPT TO:<no@h>", "550 no\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script);
	for (int i = 0; i < 3; i++) {
		put(STREAM_CLIENT, "id=x");
		put(STREAM_MAIL, "a@b");
		put(STREAM_RCPT, "one@h");
		put(STREAM_RCPT, "no@h");
		put(STREAM_RCPT, "two@h");
		stream_data(&source, "x\n", 2);
		put(STREAM_END, "");
		answers("KKDKkk");
	}
	assert_int_equal(end(), 0);
	assert_int_equal(lmtpserver->messages, 3);
}

static void
test_one_answer(void **state)
{
	static struct lmtpserver_reply const script[] = { { "RCPT TO:<no@h>", "550 no\r\n" },
		{ 0, 0 } };

	(void)state;
	begin(script);
	put(STREAM_CLIENT, "protocol=ESMTP");
	put(STREAM_MAIL, "a@b");
	put(STREAM_RCPT, "no@h");
	put(STREAM_RCPT, "one@h");
	put(STREAM_RCPT, "two@h");
	stream_data(&source, "x\n", 2);
	put(STREAM_END, "");
	answers("KDKZK");
	put(STREAM_MAIL, "a@b");
	put(STREAM_RCPT, "no@h");
	put(STREAM_END, "");
	answers("KDD");
	assert_int_equal(end(), 0);
	assert_null(strstr(lmtpserver->heard, "two@h"));
}

static void
test_order(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	put(STREAM_END, "");
	put(STREAM_RCPT, "c@d");
	answers("DD");
	stream_data(&source, "x\n", 2);
	put(STREAM_MAIL, "a@b");
	put(STREAM_MAIL, "a@b");
	answers("KD");
	put(STREAM_RCPT, "c@d");
	answers("K");
	stream_data(&source, "x\n", 2);
	put(STREAM_RCPT, "c@d");
	answers("D");
	put(STREAM_END, "");
	answers("K");
	put(STREAM_MAIL, "a@b");
	put(STREAM_RESET, "");
	put(STREAM_MAIL, "a@b");
	put(STREAM_END, "");
	answers("KKD");
	assert_int_equal(end(), 0);
	assert_int_equal(lmtpserver->messages, 1);
}

static void
test_too_many(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };

	(void)state;
	begin(script);
	put(STREAM_MAIL, "a@b");
	for (size_t i = 0; i <= LMTP_RCPTS_MAX; i++)
		put(STREAM_RCPT, "c@d");
	answers("K");
	for (size_t i = 0; i < LMTP_RCPTS_MAX; i++)
		answers("K");
	answers("Z");
	assert_int_equal(end(), 0);
}

static void
test_file(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };
	int const fd = memfd_create("message", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, "not\nsaid\n", 9), 9);
	begin(script);
	put(STREAM_MAIL, "a@b");
	put(STREAM_RCPT, "c@d");
	assert_int_equal(stream_file_end(&source, fd, 4, 5), 1);
	answers("KKK");
	assert_string_equal(lmtpserver->text, "said\r\n");
	/* of no transaction; then data behind a file, which ends the stream */
	assert_int_equal(stream_file(&source, fd, 4, 5), 1);
	put(STREAM_MAIL, "a@b");
	answers("K");
	assert_int_equal(stream_file(&source, fd, 4, 5), 1);
	stream_data(&source, "x\n", 2);
	stream_flush(&source);
	assert_int_not_equal(end(), 0);
	close(fd);
}

static void
test_keep(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };

	(void)state;
	impatient = 1;
	begin(script);
	put(STREAM_MAIL, "a@b");
	answers("K");
	while (!strstr(lmtpserver->heard, "NOOP\nNOOP\n"))
		usleep(10000);
	put(STREAM_RCPT, "c@d");
	answers("K");
	stream_data(&source, "x\n", 2);
	stream_flush(&source);
	usleep(200000); /* nothing can be said now */
	put(STREAM_END, "");
	answers("K");
	assert_int_equal(end(), 0);
	impatient = 0;
	assert_string_equal(lmtpserver->text, "x\r\n");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_one_flight),
		cmocka_unit_test(test_one_answer),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_keep),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, 0, 0);
}
