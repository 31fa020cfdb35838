#include "keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
networks(void **state)
{
	char to[CLIENT_IP_MAX];

	(void)state;
	keeper_network(to, "192.0.2.1");
	assert_string_equal(to, "192.0.2.1");
	keeper_network(to, "2001:db8:1:2:3:4:5:6");
	assert_string_equal(to, "2001:db8:1:2::");
	keeper_network(to, "local");
	assert_string_equal(to, "local");
}

static void
delays(void **state)
{
	static unsigned int const seconds[] = { 0, 1, 2, 4, 8, 16, 16, 16 };

	(void)state;
	for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
		assert_int_equal(keeper_delay(i), seconds[i]);
	assert_int_equal(keeper_delay(UINT64_MAX), 16);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(networks),
		cmocka_unit_test(delays),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
