#include "smtproutes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct {
	char const *entry;
	char const *key; /* null: wrong */
	char const *host;
	unsigned int port;
} const routes[] = {
	{ "example.org:mx.example.net", "example.org", "mx.example.net", 0 },
	{ "example.org:mx.example.net:26", "example.org", "mx.example.net", 26 },
	{ ".example.org:192.0.2.1", ".example.org", "192.0.2.1", 0 },
	{ ":smart.example", "", "smart.example", 0 },
	{ ":[2001:db8::1]:587", "", "2001:db8::1", 587 },
	{ ":[IPv6:2001:db8::1]", "", "2001:db8::1", 0 },
	{ ":[192.0.2.1]:65535", "", "192.0.2.1", 65535 },
	{ "example.org:", "example.org", "", 0 },
	{ ":", "", "", 0 },
	{ "[192.0.2.1]:mx.example", "[192.0.2.1]", "mx.example", 0 },
	{ "[IPv6:2001:db8::1]:mx.example:9", "[IPv6:2001:db8::1]", "mx.example", 9 },
	{ "b\xc3\xbc.example:b\xc3\xbc.example", "b\xc3\xbc.example", "b\xc3\xbc.example", 0 },
	{ "", 0, 0, 0 },
	{ "example.org", 0, 0, 0 },
	{ "user@example.org:mx", 0, 0, 0 },
	{ "example.org:mx user password", 0, 0, 0 },
	{ "example.org:2001:db8::1", 0, 0, 0 },
	{ "example.org:mx:0", 0, 0, 0 },
	{ "example.org:mx:65536", 0, 0, 0 },
	{ "example.org:mx:99999999999", 0, 0, 0 },
	{ "example.org:mx:", 0, 0, 0 },
	{ "example.org:mx:smtp", 0, 0, 0 },
	{ "example.org::25", 0, 0, 0 },
	{ "example.org:[::1", 0, 0, 0 },
	{ "example.org:[::1]25", 0, 0, 0 },
	{ "example.org:[mx]", 0, 0, 0 },
	{ "..:mx", 0, 0, 0 },
	{ "example.org:a..b", 0, 0, 0 },
};

static void
is(char const *part, size_t len, char const *wanted)
{
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(part, wanted, len);
}

static void
entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		struct smtproute r;
		char const *const wrong = smtproutes_parse(
		    &r, routes[i].entry, strlen(routes[i].entry));

		if (!wrong != (routes[i].key != 0))
			fail_msg("%s: %s", routes[i].entry, wrong ? wrong : "taken");
		if (!routes[i].key)
			continue;
		is(r.key, r.keylen, routes[i].key);
		is(r.host, r.hostlen, routes[i].host);
		assert_int_equal(r.port, routes[i].port);
	}
}

static void
levels(void **state)
{
	static char const *const words[] = { "never", "may", "MUST", "verify" };
	struct smtproute r;
	char entry[64];
	int level;

	(void)state;
	for (int i = 0; i < 4; i++) {
		strcpy(entry, "a.example:");
		strcat(entry, words[i]);
		assert_null(tlsroutes_parse(&r, &level, entry, strlen(entry)));
		assert_int_equal(level, i);
		is(r.key, r.keylen, "a.example");
	}
	assert_null(tlsroutes_parse(&r, &level, ":may", 4));
	assert_non_null(tlsroutes_parse(&r, &level, "a.example:", 10));
	assert_non_null(tlsroutes_parse(&r, &level, "a.example:maybe", 15));
	assert_non_null(tlsroutes_parse(&r, &level, "a.example", 9));
}

static size_t
fits(char const *entry, char const *domain)
{
	struct smtproute r;

	assert_null(smtproutes_parse(&r, entry, strlen(entry)));
	return smtproutes_fits(&r, domain);
}

static void
the_nearest_fits_best(void **state)
{
	(void)state;
	assert_true(
	    fits("a.example.org:", "A.Example.org") > fits(".example.org:", "a.example.org"));
	assert_true(fits(".example.org:", "a.example.org") > fits(".org:", "a.example.org"));
	assert_true(fits(".org:", "a.example.org") > fits(":", "a.example.org"));
	assert_int_equal(fits(":", "x"), 1);
	assert_int_equal(fits(".example.org:", "example.org"), 0);
	assert_int_equal(fits(".ample.org:", "example.org"), 0);
	assert_int_equal(fits("example.org:", "a.example.org"), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(levels),
		cmocka_unit_test(the_nearest_fits_best),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
