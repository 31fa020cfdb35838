/* unit tests of relay/posting: through mime and wireform to the server */
#include "posting.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct posting p;
static struct mime_plan plan;
static struct dialogue d;

/* post - a message in pieces of n octets; what the server gets. */
static char const *
post(char const *text, size_t n, unsigned int remove, struct mime_plan const *with)
{
	static char got[65536];
	size_t const len = strlen(text);
	int pair[2];
	ssize_t r;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(dialogue_start(&d, pair[0]), 1);
	posting_begin(&p, &d, remove, with);
	for (size_t at = 0; at < len; at += n)
		assert_int_equal(posting_data(&p, text + at, len - at < n ? len - at : n), 1);
	posting_end(&p);
	assert_int_equal(dialogue_flush(&d), DIALOGUE_OK);
	dialogue_close(&d);
	for (r = 0; (size_t)r < sizeof got - 1;) {
		ssize_t const k = read(pair[1], got + r, sizeof got - 1 - (size_t)r);

		if (k <= 0)
			break;
		r += k;
	}
	got[r] = 0;
	close(pair[1]);
	return got;
}

static void
test_as_it_is(void **state)
{
	(void)state;
	for (size_t n = 1; n < 40; n += 7)
		assert_string_equal(post("Subject: x\n\n.\nb\xc3\xb6\n", n, 0, 0),
		    "Subject: x\r\n\r\n..\r\nb\xc3\xb6\r\n.\r\n");
}

static void
test_converted(void **state)
{
	static char const text[] = "Subject: x\n\n.b\xc3\xb6\n";
	size_t none;

	(void)state;
	mime_survey(&p.mime, &plan);
	mime_feed(&p.mime, text, sizeof text - 1, 0, 0, &none);
	mime_finish(&p.mime, 0);
	for (int i = 0; i < 2; i++) {
		char const *got = post(text, 5, MIME_EIGHT, i ? &plan : 0);

		assert_non_null(strstr(got, "quoted-printable"));
		assert_non_null(strstr(got, "\r\n\r\n..b=C3=B6\r\n.\r\n"));
	}
}

static void
test_lost(void **state)
{
	static char text[1 << 20];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	assert_int_equal(dialogue_start(&d, pair[0]), 1);
	posting_begin(&p, &d, 0, 0);
	assert_int_equal(posting_data(&p, text, sizeof text), 0);
	dialogue_close(&d);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_as_it_is),
		cmocka_unit_test(test_converted),
		cmocka_unit_test(test_lost),
	};

	signal(SIGPIPE, SIG_IGN);
	dialogue_init(&d, 5);
	return cmocka_run_group_tests(tests, 0, 0);
}
