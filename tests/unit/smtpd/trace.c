/* unit tests of smtpd/trace: the Received field of RFC 5321 4.4 */
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct {
	char const *helo, *ip, *rdns, *tls, *protocol, *rcpt;
	char const *want;
} const cases[] = {
	{ "crepes.fr", "192.0.2.7", "mx.crepes.fr", "", "ESMTP", "bob@hamburger.edu",
	    "Received: from crepes.fr (mx.crepes.fr [192.0.2.7])\n\tby hamburger.edu with ESMTP id "
	    "s-1-2\n\tfor <bob@hamburger.edu>; Thu, 01 Jan 1970 00:00:01 +0000\n" },
	{ "crepes.fr", "2001:db8::7", "", "TLSv1.3 X_Y", "ESMTPS", 0,
	    "Received: from crepes.fr ([IPv6:2001:db8::7])\n\tby hamburger.edu with ESMTPS (TLSv1.3 "
	    "X_Y) id s-1-2;\n\tThu, 01 Jan 1970 00:00:01 +0000\n" },
	{ "[192.0.2.7]", "192.0.2.7", "", "", "SMTP", "postmaster",
	    "Received: from [192.0.2.7] ([192.0.2.7])\n\tby hamburger.edu with SMTP id s-1-2;\n\tThu, "
	    "01 Jan 1970 00:00:01 +0000\n" },
	/* what is no host name is not repeated */
	{ "a_b", "192.0.2.7", "", "", "SMTP", 0,
	    "Received: from [192.0.2.7] ([192.0.2.7])\n\tby hamburger.edu with SMTP id s-1-2;\n\tThu, "
	    "01 Jan 1970 00:00:01 +0000\n" },
	{ "x) by evil\nX: (", "192.0.2.7", "", "", "SMTP", 0,
	    "Received: from [192.0.2.7] ([192.0.2.7])\n\tby hamburger.edu with SMTP id s-1-2;\n\tThu, "
	    "01 Jan 1970 00:00:01 +0000\n" },
	/* a local session */
	{ "me", "", "", "", "ESMTP", 0,
	    "Received: from me\n\tby hamburger.edu with ESMTP id s-1-2;\n\tThu, 01 Jan 1970 00:00:01 "
	    "+0000\n" },
	{ "", "", "", "", "ESMTP", 0,
	    "Received: from localhost\n\tby hamburger.edu with ESMTP id s-1-2;\n\tThu, 01 Jan 1970 "
	    "00:00:01 +0000\n" },
};

static void
test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct client c = { 0 };
		struct trace const t = {
			.me = "hamburger.edu",
			.helo = cases[i].helo,
			.client = &c,
			.protocol = cases[i].protocol,
			.session = "s-1",
			.message = 2,
			.rcpt = cases[i].rcpt,
			.rcptlen = cases[i].rcpt ? strlen(cases[i].rcpt) : 0,
			.when = 1,
		};
		char field[TRACE_MAX];
		size_t len;

		strcpy(c.ip, cases[i].ip);
		strcpy(c.rdns, cases[i].rdns);
		strcpy(c.tls, cases[i].tls);
		len = trace_field(field, &t);
		assert_int_equal(len, strlen(field));
		assert_string_equal(field, cases[i].want);
	}
}

/* Whatever is as long as it can be fits, in lines of at most 998 octets (RFC 5322 2.1.1). */
static void
test_longest(void **state)
{
	char name[256], rcpt[ADDRESS_MAX];
	struct client c = { .ip = "2001:db8:1111:2222:3333:4444:5555:6666" };
	struct trace const t = { name, name, &c, 0, "UTF8SMTPS", "0123456789-0123456789",
		4294967295U, rcpt, sizeof rcpt, 1 };
	char field[TRACE_MAX];
	size_t len, start = 0;

	(void)state;
	for (size_t i = 0; i < 255; i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	name[255] = 0;
	strcpy(c.rdns, name);
	memset(c.tls, 'x', sizeof c.tls - 1);
	memset(rcpt, '@', sizeof rcpt);
	len = trace_field(field, &t);
	assert_int_equal(len, strlen(field));
	for (size_t i = 0; i < len; i++)
		if (field[i] == '\n') {
			assert_true(i - start <= 998);
			start = i + 1;
		}
	assert_int_equal(start, len);
}

static void
test_session(void **state)
{
	char a[TRACE_ID_MAX], b[TRACE_ID_MAX];

	(void)state;
	trace_session(a, 36 * 36 + 35, 10);
	assert_string_equal(a, "10z-a");
	trace_session(a, 0, 0);
	assert_string_equal(a, "0-0");
	trace_session(a, UINT64_MAX, UINT64_MAX);
	trace_session(b, UINT64_MAX - 1, UINT64_MAX);
	assert_string_not_equal(a, b);
}

static void
test_protocol(void **state)
{
	(void)state;
	assert_string_equal(trace_protocol(0, 0, 0, 0), "SMTP");
	assert_string_equal(trace_protocol(1, 0, 0, 0), "ESMTP");
	assert_string_equal(trace_protocol(1, 0, 1, 0), "ESMTPS");
	assert_string_equal(trace_protocol(1, 1, 0, 0), "UTF8SMTP");
	assert_string_equal(trace_protocol(1, 1, 1, 0), "UTF8SMTPS");
	assert_string_equal(trace_protocol(1, 0, 0, 1), "ESMTPA");
	assert_string_equal(trace_protocol(1, 0, 1, 1), "ESMTPSA");
	assert_string_equal(trace_protocol(1, 1, 0, 1), "UTF8SMTPA");
	assert_string_equal(trace_protocol(1, 1, 1, 1), "UTF8SMTPSA");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_protocol),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
