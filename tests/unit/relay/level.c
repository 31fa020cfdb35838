#include "level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char const entries[] = "example.org:must\0mx.example.net:verify\0.never.example:never\0"
			      "both.example:may\0:may";

static void
what_the_admin_wants(void **state)
{
	static struct {
		char const *domain, *host;
		unsigned int port;
		enum hop_tls level;
	} const cases[] = {
		{ "example.org", "mx.other.example", 25, HOP_TLS_MUST },
		{ "other.example", "mx.example.net", 25, HOP_TLS_VERIFY },
		{ "example.org", "mx.example.net", 25, HOP_TLS_MUST }, /* the domain goes first */
		{ "other.example", "a.never.example", 25, HOP_TLS_NEVER },
		{ "other.example", "other.example", 25, HOP_TLS_MAY },
		{ "", "mx.example.net", 25, HOP_TLS_VERIFY },
		{ "", "", 25, HOP_TLS_MAY },
		{ "other.example", "smart.example", 465, HOP_TLS_VERIFY },
		{ "both.example", "smart.example", 465, HOP_TLS_MUST }, /* no plain text there */
		{ "example.org", "smart.example", 465, HOP_TLS_MUST },
		{ "a.never.example", "smart.example", 465, HOP_TLS_NEVER },
	};
	struct routes const r = { .tls = { .s = (char *)entries, .len = sizeof entries } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum hop_tls const got = level_base(
		    &r, cases[i].domain, cases[i].host, cases[i].port);

		if (got != cases[i].level)
			fail_msg("%s %s: %d", cases[i].domain, cases[i].host, got);
	}
	assert_int_equal(level_base(&(struct routes){ 0 }, "a", "b", 25), HOP_TLS_MAY);
}

static void
what_the_domain_publishes(void **state)
{
	struct sts_policy const none = { .mode = STS_NONE }, testing = { .mode = STS_TESTING },
				enforce = { .mode = STS_ENFORCE };
	struct {
		enum hop_tls base;
		enum dane_result dane;
		struct sts_policy const *sts;
		enum hop_tls level;
		int is_testing;
	} const cases[] = {
		{ HOP_TLS_MAY, DANE_NONE, 0, HOP_TLS_MAY, 0 },
		{ HOP_TLS_MAY, DANE_HOLDS, 0, HOP_TLS_DANE, 0 },
		{ HOP_TLS_VERIFY, DANE_HOLDS, 0, HOP_TLS_DANE, 0 },
		{ HOP_TLS_NEVER, DANE_HOLDS, &enforce, HOP_TLS_NEVER, 0 },
		{ HOP_TLS_MAY, DANE_UNUSABLE, 0, HOP_TLS_MUST, 0 },
		{ HOP_TLS_VERIFY, DANE_UNUSABLE, 0, HOP_TLS_VERIFY, 0 },
		{ HOP_TLS_MAY, DANE_HOLDS, &testing, HOP_TLS_DANE, 0 },
		{ HOP_TLS_MAY, DANE_NONE, &enforce, HOP_TLS_VERIFY, 0 },
		{ HOP_TLS_MUST, DANE_NONE, &enforce, HOP_TLS_VERIFY, 0 },
		{ HOP_TLS_MAY, DANE_NONE, &testing, HOP_TLS_VERIFY, 1 },
		{ HOP_TLS_MUST, DANE_NONE, &testing, HOP_TLS_MUST, 0 },
		{ HOP_TLS_VERIFY, DANE_NONE, &testing, HOP_TLS_VERIFY, 0 },
		{ HOP_TLS_MAY, DANE_NONE, &none, HOP_TLS_MAY, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hop hop = { .port = 25 };

		level_set(&hop, cases[i].base, cases[i].dane, cases[i].sts);
		assert_int_equal(hop.tls, cases[i].level);
		/* what a domain publishes never lets a password go to whoever it is */
		assert_int_equal(hop.anybody, cases[i].base == HOP_TLS_MUST);
		assert_int_equal(hop.testing, cases[i].is_testing);
		assert_int_equal(hop.implicit, 0);
	}
}

static void
plain_text_only_where_nothing_forbids_it(void **state)
{
	struct hop hop = { .port = 465 };

	(void)state;
	level_set(&hop, HOP_TLS_VERIFY, DANE_NONE, 0);
	assert_int_equal(hop.implicit, 1);
	for (enum hop_tls t = HOP_TLS_NEVER; t <= HOP_TLS_DANE; t++) {
		hop = (struct hop){ .tls = t };
		level_plain(&hop);
		assert_int_equal(hop.tls, t == HOP_TLS_MAY ? HOP_TLS_NEVER : t);
	}
	hop = (struct hop){ .tls = HOP_TLS_VERIFY, .testing = 1 };
	level_plain(&hop);
	assert_int_equal(hop.tls, HOP_TLS_NEVER);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(what_the_admin_wants),
		cmocka_unit_test(what_the_domain_publishes),
		cmocka_unit_test(plain_text_only_where_nothing_forbids_it),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
