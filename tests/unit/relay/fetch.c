/* What fetch does with a policy host is in tests/pipeline/relay-sts; here is none. */
#include "fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct fetch fetch;

static void
without_an_address_there_is_no_policy(void **state)
{
	(void)state;
	fetch.len = 1;
	assert_int_equal(fetch_policy(&fetch, "crepes.fr"), 0);
	assert_string_equal(fetch.why, "its policy host has no address in DNS");
	assert_int_equal(fetch.len, 0);
}

static void
a_name_that_is_too_long_has_none(void **state)
{
	char domain[STS_DOMAIN_MAX];

	(void)state;
	memset(domain, 'a', sizeof domain);
	for (size_t i = 50; i < sizeof domain; i += 50)
		domain[i] = '.';
	domain[sizeof domain - 1] = 0;
	assert_int_equal(fetch_policy(&fetch, domain), 0);
	assert_string_equal(fetch.why, "its policy host has no address in DNS");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(without_an_address_there_is_no_policy),
		cmocka_unit_test(a_name_that_is_too_long_has_none),
	};

	return !fetch_init() || cmocka_run_group_tests(tests, 0, 0);
}
