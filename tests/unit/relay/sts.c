#include "sts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define POLICY                                                                                     \
	"version: STSv1\r\nmode: enforce\r\nmx: mail.example\r\nmx: *.Example.NET\r\nmax_age: 86400\r\n"

static void
records(void **state)
{
	static struct {
		char const *text;
		int result;
		char const *id;
	} const cases[] = {
		{ "v=STSv1; id=20160831085700Z;", 1, "20160831085700Z" },
		{ "v=STSv1;id=1", 1, "1" },
		{ "v = STSv1 ; x=y ; id = 2 ;", 1, "2" },
		{ "v=STSv1; id=12345678901234567890123456789012", 1,
		    "12345678901234567890123456789012" },
		{ "v=STSv1; id=123456789012345678901234567890123", -1, "" },
		{ "v=STSv1; id=a-b", -1, "" },
		{ "v=STSv1; id=", -1, "" },
		{ "v=STSv1; id=1; id=2", -1, "1" },
		{ "v=STSv1", -1, "" },
		{ "v=STSv1; junk; id=1", -1, "" },
		{ "v=STSv2; id=1", 0, "" },
		{ "id=1; v=STSv1", 0, "" },
		{ "v=spf1 -all", 0, "" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char id[STS_ID_MAX];

		if (sts_record(id, cases[i].text, strlen(cases[i].text)) != cases[i].result)
			fail_msg("%s", cases[i].text);
		if (cases[i].result == 1)
			assert_string_equal(id, cases[i].id);
	}
}

static int
policy(struct sts_policy *p, char const *text)
{
	return sts_policy(p, text, strlen(text));
}

static void
policies(void **state)
{
	static char const *const bad[] = {
		"",
		"version: STSv1\nmode: enforce\nmax_age: 1\n", /* no mx */
		"version: STSv1\nmode: enforce\nmx: a.example\n",
		"version: STSv1\nmx: a.example\nmax_age: 1\n",
		"mode: enforce\nmx: a.example\nmax_age: 1\n",
		"version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n",
		"version: STSv1\nmode: maybe\nmx: a.example\nmax_age: 1\n",
		"version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1\n",
		"version: STSv1\nmode: enforce\nmx: *\nmax_age: 1\n",
		"version: STSv1\nmode: enforce\nmx:\nmax_age: 1\n",
		"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n",
		"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 99999999999\n",
		"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\njunk\n",
		"<html><body>404</body></html>",
	};
	struct sts_policy p;

	(void)state;
	assert_int_equal(policy(&p, POLICY), 1);
	assert_int_equal(p.mode, STS_ENFORCE);
	assert_int_equal(p.max_age, 86400);
	assert_memory_equal(p.patterns, "mail.example\0*.example.net\0", p.patternslen);
	assert_int_equal(
	    policy(&p, "version:STSv1\n\nmode:none\nmax_age:4000000000\nnew: field"), 1);
	assert_int_equal(p.mode, STS_NONE);
	assert_int_equal(p.max_age, STS_AGE_MAX);
	/* of each field but mx, the first counts */
	assert_int_equal(policy(&p, POLICY "mode: none\nmax_age: 2\n"), 1);
	assert_int_equal(p.mode, STS_ENFORCE);
	assert_int_equal(p.max_age, 86400);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (policy(&p, bad[i]))
			fail_msg("%s", bad[i]);
}

static void
too_many_patterns_are_left_out(void **state)
{
	static char text[STS_POLICY_MAX];
	struct sts_policy p;
	size_t n = (size_t)snprintf(
	    text, sizeof text, "version: STSv1\nmode: enforce\nmax_age: 9\n");

	(void)state;
	for (int i = 0; i < 2000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "mx: host%d.example\n", i);
	assert_int_equal(sts_policy(&p, text, n), 1);
	assert_true(p.patternslen <= STS_PATTERNS_MAX);
	assert_true(sts_matches(&p, "host0.example"));
	assert_false(sts_matches(&p, "host1999.example"));
	assert_int_equal(sts_policy(&p, text, STS_POLICY_MAX + 1), 0);
}

static void
matching(void **state)
{
	struct sts_policy p;

	(void)state;
	assert_int_equal(policy(&p, POLICY), 1);
	assert_true(sts_matches(&p, "mail.example"));
	assert_true(sts_matches(&p, "a.example.net"));
	assert_false(sts_matches(&p, "a.b.example.net")); /* a star is one label */
	assert_false(sts_matches(&p, "example.net"));
	assert_false(sts_matches(&p, ".example.net"));
	assert_false(sts_matches(&p, "xmail.example"));
	assert_false(sts_matches(&p, ""));
}

static void
files(void **state)
{
	static char text[STS_FILE_MAX];
	struct sts_file f = { .id = "abc",
		.fetched = 1000,
		.tried = 7,
		.policy = POLICY,
		.policylen = sizeof POLICY - 1 };
	struct sts_file got;
	struct sts_policy p;
	size_t const n = sts_file_write(text, &f);

	(void)state;
	assert_int_equal(sts_file_read(&got, text, n), 1);
	assert_string_equal(got.id, "abc");
	assert_int_equal(got.fetched, 1000);
	assert_int_equal(got.tried, 7);
	assert_int_equal(got.policylen, f.policylen);
	assert_memory_equal(got.policy, POLICY, f.policylen);
	assert_int_equal(sts_file_is_valid(&got, 1000, &p), 1);
	assert_int_equal(sts_file_is_valid(&got, 1000 + 86399, &p), 1);
	assert_int_equal(sts_file_is_valid(&got, 1000 + 86400, &p), 0);
	assert_int_equal(sts_file_is_valid(&got, 999, &p), 0); /* from the future */
	for (size_t i = 0; i + f.policylen < n; i++)
		assert_int_equal(sts_file_read(&got, text, i), 0);
	text[1]++;
	assert_int_equal(sts_file_read(&got, text, n), 0);
	f.policylen = STS_POLICY_MAX + 1;
	assert_int_equal(sts_file_write(text, &f), 0);
	f = (struct sts_file){ .tried = 5 };
	assert_int_equal(sts_file_read(&got, text, sts_file_write(text, &f)), 1);
	assert_int_equal(got.policylen, 0);
	assert_int_equal(sts_file_is_valid(&got, 6, &p), 0);
}

static void
domains_and_requests(void **state)
{
	static char const *const bad[] = { "", "a", ".", "..", "a..b", ".a.b", "a.b.", "../a.b",
		"a/b.c", "A.b", "a b.c", "a.b\n" };
	char to[STS_REQUEST_MAX], domain[STS_DOMAIN_MAX], id[STS_ID_MAX];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(sts_domain_is_valid(bad[i]), 0);
		n = sts_request_write(to, bad[i], "1");
		assert_int_equal(sts_request_read(to, n, domain, id), 0);
	}
	assert_int_equal(sts_domain_is_valid("xn--bcher-kva.example"), 1);
	n = sts_request_write(to, "a.example", "x1");
	assert_int_equal(sts_request_read(to, n, domain, id), 1);
	assert_string_equal(domain, "a.example");
	assert_string_equal(id, "x1");
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sts_request_read(to, i, domain, id), 0);
	n = sts_request_write(to, "a.example", "");
	assert_int_equal(sts_request_read(to, n, domain, id), 1);
	n = sts_request_write(to, "a.example", "a b");
	assert_int_equal(sts_request_read(to, n, domain, id), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(policies),
		cmocka_unit_test(too_many_patterns_are_left_out),
		cmocka_unit_test(matching),
		cmocka_unit_test(files),
		cmocka_unit_test(domains_and_requests),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
