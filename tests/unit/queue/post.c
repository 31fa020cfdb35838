#include "post.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct post post;
static struct stream injector;

static int
begin(void **state)
{
	int fd[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return -1;
	post_init(&post, fd[0]);
	stream_init(&injector, fd[1], fd[1]);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	close(post.fd);
	if (injector.in != -1)
		close(injector.in);
	return 0;
}

static void
expect(enum stream_type type, char const *data, size_t len)
{
	struct frame f;

	assert_int_equal(stream_get(&injector, &f), STREAM_OK);
	assert_int_equal(f.type, type);
	assert_int_equal(f.len, len);
	assert_memory_equal(f.data, data, len);
}

static void
answer(char code, char const *status, char const *text)
{
	stream_answer(&injector, code, status, text);
	assert_int_equal(stream_flush(&injector), 1);
}

static struct post_message const message = {
	.sender = "",
	.rcpt = "alice@crepes.fr",
	.text = "Subject: report\n\nsorry\n",
	.len = 23,
};

static void
sends_one_message(void **state)
{
	(void)state;
	assert_int_equal(post_send(&post, &message), 1);
	assert_int_equal(post.busy, 1);
	expect(STREAM_CLIENT, "protocol=LOCAL", 15);
	expect(STREAM_MAIL, "", 1);
	expect(STREAM_RCPT, "alice@crepes.fr", 16);
	expect(STREAM_DATA, message.text, message.len);
	expect(STREAM_END, "", 0);
	answer('K', "2.1.0", "ok");
	assert_int_equal(post_event(&post), 0);
	answer('K', "2.1.5", "ok");
	answer('K', "2.0.0", "queued as 17");
	assert_int_equal(post_event(&post), 1);
	assert_int_equal(post.answer.code, 'K');
	assert_string_equal(post.answer.text, "queued as 17");
	assert_int_equal(post.busy, 0);
}

static void
says_what_the_text_needs(void **state)
{
	struct post_message m = message;

	(void)state;
	m.sender = "#@[]";
	m.eightbit = m.utf8 = 1;
	assert_int_equal(post_send(&post, &m), 1);
	expect(STREAM_CLIENT, "protocol=LOCAL", 15);
	expect(STREAM_MAIL, "#@[]\0BODY=8BITMIME\0SMTPUTF8", 28);
}

static void
the_first_refusal_counts(void **state)
{
	(void)state;
	assert_int_equal(post_send(&post, &message), 1);
	answer('K', "2.1.0", "ok");
	answer('Z', "4.3.1", "disk full");
	answer('D', "5.5.1", "no recipient");
	assert_int_equal(post_event(&post), 1);
	assert_int_equal(post.answer.code, 'Z');
	assert_string_equal(post.answer.text, "disk full");
	/* and the next one is judged anew */
	assert_int_equal(post_send(&post, &message), 1);
	answer('K', "2.1.0", "ok");
	answer('K', "2.1.5", "ok");
	answer('K', "2.0.0", "queued as 18");
	assert_int_equal(post_event(&post), 1);
	assert_int_equal(post.answer.code, 'K');
}

static void
an_injector_that_is_gone(void **state)
{
	(void)state;
	assert_int_equal(post_send(&post, &message), 1);
	close(injector.in);
	injector.in = -1;
	assert_int_equal(post_event(&post), -1);
	assert_int_equal(post_send(&post, &message), 0);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(post.busy, 0);
}

static void
an_answer_that_nobody_asked_for(void **state)
{
	(void)state;
	answer('K', "2.0.0", "surprise");
	assert_int_equal(post_event(&post), -1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(sends_one_message, begin, end),
		cmocka_unit_test_setup_teardown(says_what_the_text_needs, begin, end),
		cmocka_unit_test_setup_teardown(the_first_refusal_counts, begin, end),
		cmocka_unit_test_setup_teardown(an_injector_that_is_gone, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_that_nobody_asked_for, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
