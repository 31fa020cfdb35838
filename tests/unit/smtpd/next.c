/* unit tests of smtpd/next: what goes to the next program, and what is made of its answers */
#include "next.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct next n;
static struct client client;
static int theirs;
static int err; /* a copy of descriptor 2 */

static int
setup(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	theirs = pair[1];
	err = dup(2);
	next_init(&n, pair[0], "s-1");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dup2(err, 2);
	close(err);
	close(n.stream.in);
	close(theirs);
	return 0;
}

/* sent - everything that is on its way, with '|' for NUL. */
static void
sent(char const *want)
{
	char got[8192];
	ssize_t r;

	assert_true(stream_flush(&n.stream));
	r = recv(theirs, got, sizeof got - 1, MSG_DONTWAIT);
	assert_true(r > 0);
	for (ssize_t i = 0; i < r; i++)
		if (!got[i])
			got[i] = '|';
	got[r] = 0;
	assert_string_equal(got, want);
}

static void
say(char const *text)
{
	assert_int_equal(write(theirs, text, strlen(text)), strlen(text));
}

static void
test_facts(void **state)
{
	struct next_facts facts = { &client, "ESMTP", "crepes.fr", "s-1", "" };

	(void)state;
	client = (struct client){ .ip = "192.0.2.7", .port = "25" };
	next_facts(&n, &facts);
	next_facts(&n, &facts); /* once is enough */
	sent("64:Cprotocol=ESMTP|ip=192.0.2.7|port=25|helo=crepes.fr|session=s-1|,");
	facts.protocol = "SMTP";
	next_facts(&n, &facts);
	sent("63:Cprotocol=SMTP|ip=192.0.2.7|port=25|helo=crepes.fr|session=s-1|,");
}

static void
test_frames(void **state)
{
	struct address a;
	struct params p;

	(void)state;
	assert_int_equal(address_parse(&a, "a@b", 3, 0), ADDRESS_OK);
	params_mail(&p, " BODY=8BITMIME", 14, PARAMS_AUTH | PARAMS_REQUIRETLS);
	next_path(&n, STREAM_MAIL, &a, &p);
	params_rcpt(&p, "", 0, 0);
	next_path(&n, STREAM_RCPT, &a, &p);
	next_data(&n, "x\n", 2);
	next_end(&n);
	next_reset(&n);
	sent("19:Ma@b|BODY=8BITMIME|,5:Ra@b|,3:Dx\n,1:E,1:X,");
}

static void
result(char const *answers, size_t count, char code)
{
	struct answer a;

	say(answers);
	next_result(&n, &a, count);
	assert_int_equal(a.code, code);
	assert_int_equal(a.status[0], code == 'K' ? '2' : code == 'Z' ? '4' : '5');
	assert_false(n.dead);
	assert_false(stream_has_answer(&n.stream));
}

static void
test_results(void **state)
{
	(void)state;
	result("9:K2.0.0 ok,", 3, 'K');
	result("9:Z4.0.0 no,", 3, 'Z');
	result("9:k2.0.0 ok,9:k2.0.0 ok,", 2, 'K');
	result("9:d5.0.0 no,9:d5.0.0 no,", 2, 'D');
	/* if some have it and some have not, the client must not think that it is over */
	result("9:k2.0.0 ok,9:d5.0.0 no,9:k2.0.0 ok,", 3, 'Z');
	result("9:d5.0.0 no,9:k2.0.0 ok,", 2, 'Z');
	result("9:k2.0.0 ok,9:z4.0.0 no,", 2, 'Z');
	result("9:d5.0.0 no,9:z4.0.0 no,", 2, 'Z');
}

/* hush - the log is not wanted; teardown lets it be heard again. */
static void
hush(void)
{
	int const null = open("/dev/null", O_WRONLY);

	dup2(null, 2);
	close(null);
}

static void
lost(char const *answers)
{
	struct answer a;

	say(answers);
	shutdown(theirs, SHUT_WR);
	next_answer(&n, &a);
	assert_true(n.dead);
	assert_int_equal(a.code, 'Z');
	assert_string_equal(a.status, "4.3.0");
	next_data(&n, "x", 1); /* nothing of this blocks, dies or is sent */
	next_end(&n);
	next_result(&n, &a, 1000);
	assert_int_equal(a.code, 'Z');
}

static void
test_gone(void **state)
{
	(void)state;
	hush();
	lost("");
}

static void
test_garbage(void **state)
{
	(void)state;
	hush();
	lost("hello, world");
}

static void
test_half(void **state)
{
	(void)state;
	hush();
	lost("9:K2.0");
}

static void
test_closed(void **state)
{
	(void)state;
	hush();
	close(theirs);
	for (int i = 0; i < 100; i++)
		next_data(&n, n.stream.inbuf, 10000); /* EPIPE, and no signal */
	assert_true(n.dead);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(test_facts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_garbage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
