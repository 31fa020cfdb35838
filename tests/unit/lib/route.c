#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "route.h"

static char const locals_text[] = "mx.example\0[192.0.2.1]\0both.example";
static char const virtual_text[] = "both.example:never\0example.com:com\0.example.com:sub\0"
				   "deep.sub.example.com:deep\0off.example.com:\0"
				   "me@alone.example:one\0[ipv6:2001:db8::1]:six\0"
				   "\"a:b\"@quoted.example:q";
static char const all_text[] = "example.com:com\0not.example:\0:rest";

static struct {
	char const *address;
	int local;
	char const *prefix; /* of the virtual domain; null: not virtual */
} const cases[] = {
	{ "a@mx.example", 1, 0 },
	{ "a@MX.Example", 1, 0 },
	{ "a", 1, 0 },
	{ "a@[192.0.2.1]", 1, 0 },
	{ "a@sub.mx.example", 0, 0 },
	{ "a@both.example", 1, 0 },
	{ "a@example.com", 1, "com" },
	{ "a@x.example.com", 1, "sub" },
	{ "a@y.x.example.com", 1, "sub" },
	{ "a@deep.sub.example.com", 1, "deep" },
	{ "a@x.deep.sub.example.com", 1, "sub" },
	{ "a@off.example.com", 0, 0 },
	{ "a@x.off.example.com", 1, "sub" },
	{ "ME@Alone.example", 1, "one" },
	{ "you@alone.example", 0, 0 },
	{ "a@[IPv6:2001:db8::1]", 1, "six" },
	{ "\"a:b\"@quoted.example", 1, "q" },
	{ "b@quoted.example", 0, 0 },
	{ "a@xexample.com", 0, 0 },
	{ "a@com", 0, 0 },
};

static void
finds_the_longest_entry(void **state)
{
	stralloc locals = { .s = (char *)locals_text, .len = sizeof locals_text };
	stralloc virtual = { .s = (char *)virtual_text, .len = sizeof virtual_text };
	stralloc all = { .s = (char *)all_text, .len = sizeof all_text };
	struct address a;
	struct route to;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(address_parse(&a, cases[i].address, strlen(cases[i].address),
				     ADDRESS_NO_DOMAIN_OK),
		    ADDRESS_OK);
		route_find(&to, &locals, &virtual, &a);
		if (to.local != cases[i].local || !to.prefix != !cases[i].prefix)
			fail_msg("%s: %d", cases[i].address, to.local);
		if (!to.prefix || !cases[i].prefix)
			continue;
		assert_int_equal(to.prefixlen, strlen(cases[i].prefix));
		assert_memory_equal(to.prefix, cases[i].prefix, to.prefixlen);
	}
	assert_int_equal(address_parse(&a, "a@any.where", 11, 0), ADDRESS_OK);
	route_find(&to, &locals, &all, &a);
	assert_true(to.local && to.prefixlen == 4);
	assert_int_equal(address_parse(&a, "a@not.example", 13, 0), ADDRESS_OK);
	route_find(&to, &locals, &all, &a);
	assert_false(to.local);
}

static void
tells_right_entries_from_wrong_ones(void **state)
{
	static char const *const right[] = { "a.example:b", ".a.example:b", ":b", ":",
		"a.example:", "u@a.example:b", "[192.0.2.1]:b", "[ipv6:::1]:b", "a:b-c",
		"bücher.example:b" };
	static char const *const wrong[] = { "a.example", "a b:c", "a.example:b c", "a.example:b@c",
		"@a.example:b", "u@:b", "a..b:c", ".:c", "[ipv6:::1]", "a.example:b/c" };
	static char const long_one[] = "a.example:xxxxxxxxxx";

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		if (route_check_virtual(right[i], strlen(right[i]), 8))
			fail_msg(
			    "%s: %s", right[i], route_check_virtual(right[i], strlen(right[i]), 8));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!route_check_virtual(wrong[i], strlen(wrong[i]), 8))
			fail_msg("%s passed", wrong[i]);
	assert_non_null(route_check_virtual(long_one, sizeof long_one - 1, 9));
	assert_null(route_check_virtual(long_one, sizeof long_one - 1, 10));
	assert_null(route_check_local("a.example", 9));
	assert_null(route_check_local("[ipv6:::1]", 10));
	assert_non_null(route_check_local(".example", 8));
	assert_non_null(route_check_local("a.example:b", 11));
	assert_non_null(route_check_local("u@a.example", 11));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finds_the_longest_entry),
		cmocka_unit_test(tells_right_entries_from_wrong_ones),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
