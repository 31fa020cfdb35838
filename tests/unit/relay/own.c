#include "own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static int
has(struct own const *o, char const *text)
{
	struct ip ip;

	assert_int_equal(names_ip(&ip, text, strlen(text)), 1);
	return own_has(o, &ip);
}

static void
this_hosts_addresses(void **state)
{
	static struct own o;

	(void)state;
	assert_int_equal(own_read(&o), 1);
	assert_true(o.count <= OWN_MAX);
	for (size_t i = 0; i < o.count; i++)
		assert_true(own_has(&o, o.ip + i));
	o.count = 1;
	names_ip(o.ip, "192.0.2.1", 9);
	assert_true(has(&o, "192.0.2.1"));
	assert_true(has(&o, "::ffff:192.0.2.1"));
	assert_false(has(&o, "192.0.2.2"));
	assert_false(has(&o, "2001:db8::1"));
}

static void
always_ours(void **state)
{
	struct own const none = { 0 };

	(void)state;
	assert_true(has(&none, "127.0.0.1"));
	assert_true(has(&none, "127.255.255.255"));
	assert_true(has(&none, "0.0.0.0"));
	assert_true(has(&none, "::"));
	assert_true(has(&none, "::1"));
	assert_true(has(&none, "::ffff:127.0.0.1"));
	assert_false(has(&none, "128.0.0.1"));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(this_hosts_addresses),
		cmocka_unit_test(always_ours),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
