/* unit tests of lib/address: the grammar of RFC 5321 4.1.2, 4.1.3 and RFC 6531 3.3 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

static struct {
	char const *path;
	unsigned int flags;
	enum address_result want;
	char const *canonical; /* null: not looked at */
	char const *rest;      /* what is left behind the path */
} const paths[] = {
	{ "<bob@hamburger.edu>", 0, ADDRESS_OK, "bob@hamburger.edu", "" },
	{ "<Bob@Hamburger.EDU> SIZE=1", 0, ADDRESS_OK, "Bob@hamburger.edu", " SIZE=1" },
	{ "<a.b.c@d>", 0, ADDRESS_OK, "a.b.c@d", "" },
	{ "<!#$%&'*+-/=?^_`{|}~@d.e>", 0, ADDRESS_OK, "!#$%&'*+-/=?^_`{|}~@d.e", "" },
	{ "<.a@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a.@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a..b@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a b@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@d", 0, ADDRESS_BAD, 0, 0 },
	{ "a@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "", 0, ADDRESS_BAD, 0, 0 },
	{ "<", ADDRESS_NULL_OK, ADDRESS_BAD, 0, 0 },
	{ "<a@b@c>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a(comment)@d>", 0, ADDRESS_BAD, 0, 0 },
	/* quoted local parts */
	{ "<\"bob\"@d>", 0, ADDRESS_OK, "bob@d", "" },
	{ "<\"b\\o\\b\"@d>", 0, ADDRESS_OK, "bob@d", "" },
	{ "<\"b b\"@d>", 0, ADDRESS_OK, "\"b b\"@d", "" },
	{ "<\"a..b\"@d>", 0, ADDRESS_OK, "\"a..b\"@d", "" },
	{ "<\"a@b\"@d>", 0, ADDRESS_OK, "\"a@b\"@d", "" },
	{ "<\"a>b\"@d> X", 0, ADDRESS_OK, "\"a>b\"@d", " X" },
	{ "<\"a\\\"b\\\\\"@d>", 0, ADDRESS_OK, "\"a\\\"b\\\\\"@d", "" },
	{ "<\"\"@d>", 0, ADDRESS_OK, "\"\"@d", "" },
	{ "<\"a@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<\"a\\", 0, ADDRESS_BAD, 0, 0 },
	{ "<\"a\tb\"@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<\"a\\\tb\"@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<\"a\"b@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a.\"b\"@d>", 0, ADDRESS_BAD, 0, 0 },
	/* domains */
	{ "<a@d.>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@.d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@d..e>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@-d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@d->", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@d-.e>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@d-e.9f>", 0, ADDRESS_OK, "a@d-e.9f", "" },
	{ "<a@d_e>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@>", 0, ADDRESS_BAD, 0, 0 },
	/* address literals */
	{ "<a@[127.0.0.1]>", 0, ADDRESS_OK, "a@[127.0.0.1]", "" },
	{ "<a@[127.000.00.010]>", 0, ADDRESS_OK, "a@[127.0.0.10]", "" },
	{ "<a@[127.0.0.256]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[127.0.0]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[127.0.0.1.2]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[127.0.0.0001]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[IPv6:::1]>", 0, ADDRESS_OK, "a@[IPv6:::1]", "" },
	{ "<a@[ipv6:2001:DB8:0:0:0:0:0:1]>", 0, ADDRESS_OK, "a@[IPv6:2001:db8::1]", "" },
	{ "<a@[IPv6:::ffff:1.2.3.4]>", 0, ADDRESS_OK, "a@[IPv6:::ffff:1.2.3.4]", "" },
	{ "<a@[::1]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[IPv6:]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[IPv6:1::2::3]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[X400:foo]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[]>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[1.2.3.4>", 0, ADDRESS_BAD, 0, 0 },
	{ "<a@[1.2.3.4]b>", 0, ADDRESS_BAD, 0, 0 },
	/* source routes are dropped */
	{ "<@x.org:a@d>", 0, ADDRESS_OK, "a@d", "" },
	{ "<@x.org,@y.org:a@d>", 0, ADDRESS_OK, "a@d", "" },
	{ "<@x.org,y.org:a@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<@x.org,:a@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<@x.org>", 0, ADDRESS_BAD, 0, 0 },
	{ "<@:a@d>", 0, ADDRESS_BAD, 0, 0 },
	/* null path, postmaster, no domain, no brackets */
	{ "<> BODY=7BIT", ADDRESS_NULL_OK, ADDRESS_OK, "", " BODY=7BIT" },
	{ "<>", 0, ADDRESS_BAD, 0, 0 },
	{ "<PostMaster>", ADDRESS_POSTMASTER_OK, ADDRESS_OK, "postmaster", "" },
	{ "<\"postmaster\">", ADDRESS_POSTMASTER_OK, ADDRESS_OK, "postmaster", "" },
	{ "<postmaster>", 0, ADDRESS_BAD, 0, 0 },
	{ "<postmaster1>", ADDRESS_POSTMASTER_OK, ADDRESS_BAD, 0, 0 },
	{ "<bob>", ADDRESS_NO_DOMAIN_OK, ADDRESS_OK, "bob", "" },
	{ "<bob@>", ADDRESS_NO_DOMAIN_OK, ADDRESS_BAD, 0, 0 },
	{ "bob@d RET=HDRS", ADDRESS_NO_BRACKETS_OK, ADDRESS_OK, "bob@d", " RET=HDRS" },
	{ "bob@d>", ADDRESS_NO_BRACKETS_OK, ADDRESS_OK, "bob@d", ">" },
	{ "", ADDRESS_NO_BRACKETS_OK | ADDRESS_NULL_OK, ADDRESS_BAD, 0, 0 },
	/* UTF-8 */
	{ "<j\xc3\xb6rg@d>", 0, ADDRESS_BAD, 0, 0 },
	{ "<j\xc3\xb6rg@d>", ADDRESS_UTF8_OK, ADDRESS_OK, "j\xc3\xb6rg@d", "" },
	{ "<\"j\xc3\xb6 r\"@d>", ADDRESS_UTF8_OK, ADDRESS_OK, "\"j\xc3\xb6 r\"@d", "" },
	{ "<\"j\\\xc3\xb6\"@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 },
	{ "<a@b\xc3\xbc"
	  "cher.De>",
	    ADDRESS_UTF8_OK, ADDRESS_OK,
	    "a@b\xc3\xbc"
	    "cher.de",
	    "" },
	{ "<\xf0\x9f\x90\x9f@\xe6\xb0\xb4.d>", ADDRESS_UTF8_OK, ADDRESS_OK,
	    "\xf0\x9f\x90\x9f@\xe6\xb0\xb4.d", "" },
	{ "<a\xc0\xaf@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 },         /* overlong */
	{ "<a\xe0\x80\xaf@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 },     /* overlong */
	{ "<a\xf0\x80\x80\xaf@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 }, /* overlong */
	{ "<a\xed\xa0\x80@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 },     /* surrogate */
	{ "<a\xf4\x90\x80\x80@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 }, /* above U+10FFFF */
	{ "<a\xc3>", ADDRESS_UTF8_OK | ADDRESS_NO_DOMAIN_OK, ADDRESS_BAD, 0, 0 },
	{ "<a\xc2\x9b@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 }, /* C1: CSI */
	{ "<a\x80@d>", ADDRESS_UTF8_OK, ADDRESS_BAD, 0, 0 },
};

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct address a;
		size_t used = 99;
		enum address_result r = address_parse_path(
		    &a, paths[i].path, strlen(paths[i].path), paths[i].flags, &used);

		if (r != paths[i].want)
			fail_msg("%s: result %d", paths[i].path, r);
		if (r != ADDRESS_OK)
			continue;
		assert_string_equal(a.text, paths[i].canonical);
		assert_int_equal(a.len, strlen(a.text));
		assert_string_equal(paths[i].path + used, paths[i].rest);
		if (a.at < a.len)
			assert_int_equal(a.text[a.at], '@');
	}
}

/* A canonical address parses to itself. */
static void
test_canonical_is_stable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct address a;

		if (!paths[i].canonical)
			continue;
		assert_int_equal(address_parse(&a, paths[i].canonical, strlen(paths[i].canonical),
				     ADDRESS_NULL_OK | ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK),
		    ADDRESS_OK);
		assert_string_equal(a.text, paths[i].canonical);
	}
}

static void
test_utf8_is_noted(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(address_parse(&a, "a@b", 3, ADDRESS_UTF8_OK), ADDRESS_OK);
	assert_false(a.utf8);
	assert_int_equal(address_parse(&a, "\xc3\xb6@b", 4, ADDRESS_UTF8_OK), ADDRESS_OK);
	assert_true(a.utf8);
	assert_int_equal(address_parse(&a, "o@\xc3\xb6", 4, ADDRESS_UTF8_OK), ADDRESS_OK);
	assert_true(a.utf8);
}

/* path - "<" n octets "@" m octets in labels ">". */
static size_t
path(char *to, size_t n, char fill, size_t m)
{
	size_t len = 0;

	to[len++] = '<';
	memset(to + len, fill, n);
	len += n;
	to[len++] = '@';
	for (size_t i = 1; i <= m; i++)
		to[len++] = i % 60 || i == m ? 'd' : '.';
	to[len++] = '>';
	return len;
}

static void
test_limits(void **state)
{
	char text[4096];
	struct address a;
	size_t used;

	(void)state;
	assert_int_equal(
	    address_parse_path(&a, text, path(text, 510, 'a', 255), 0, &used), ADDRESS_OK);
	assert_int_equal(
	    address_parse_path(&a, text, path(text, 513, 'a', 9), 0, &used), ADDRESS_TOO_LONG);
	assert_int_equal(
	    address_parse_path(&a, text, path(text, 3000, 'a', 9), 0, &used), ADDRESS_TOO_LONG);
	assert_int_equal(
	    address_parse_path(&a, text, path(text, 9, 'a', 256), 0, &used), ADDRESS_TOO_LONG);
	memset(text, 'd', 70);
	assert_true(address_domain_is_valid(text, 63, 0, 0));
	assert_false(address_domain_is_valid(text, 64, 0, 0));
	/* quoting may not make it longer than the limit */
	memset(text, '"', 600);
	memcpy(text, "<\"", 2);
	for (size_t i = 2; i < 2 + 2 * 256; i += 2)
		memcpy(text + i, "\\\"", 2);
	memcpy(text + 2 + 2 * 256, "\"@d>", 4);
	assert_int_equal(address_parse_path(&a, text, 2 + 2 * 256 + 4, 0, &used), ADDRESS_TOO_LONG);
}

static void
test_local(void **state)
{
	char to[ADDRESS_LOCAL_MAX];
	struct address a;
	size_t n;

	(void)state;
	assert_int_equal(address_parse(&a, "\"a \\\"\\\\/\"@d", 11, 0), ADDRESS_OK);
	n = address_local(&a, to);
	assert_int_equal(n, 5);
	assert_memory_equal(to, "a \"\\/", 5);
	assert_int_equal(address_parse(&a, "\"\"@d", 4, 0), ADDRESS_OK);
	assert_int_equal(address_local(&a, to), 0);
	assert_int_equal(address_parse(&a, "bob", 3, ADDRESS_NO_DOMAIN_OK), ADDRESS_OK);
	assert_int_equal(address_local(&a, to), 3);
	assert_int_equal(a.at, 3);
}

static void
test_domain(void **state)
{
	(void)state;
	assert_true(address_domain_is_valid("crepes.fr", 9, 0, 0));
	assert_true(address_domain_is_valid("localhost", 9, 0, 0));
	assert_false(address_domain_is_valid("", 0, 1, 1));
	assert_false(address_domain_is_valid("a b", 3, 1, 1));
	assert_false(address_domain_is_valid("[1.2.3.4]", 9, 0, 0));
	assert_true(address_domain_is_valid("[1.2.3.4]", 9, 1, 0));
	assert_false(address_domain_is_valid("[1.2.3.4]x", 10, 1, 0));
	assert_true(address_domain_is_valid("[IPv6:fe80::1]", 14, 1, 0));
	assert_false(address_domain_is_valid("\xc3\xb6.d", 4, 1, 0));
	assert_true(address_domain_is_valid("\xc3\xb6.d", 4, 1, 1));
}

static void
test_whole(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(address_parse(&a, "bob@d x", 7, 0), ADDRESS_BAD);
	assert_int_equal(address_parse(&a, "<bob@d>", 7, 0), ADDRESS_BAD);
	assert_int_equal(address_parse(&a, "", 0, 0), ADDRESS_BAD);
	assert_int_equal(address_parse(&a, "", 0, ADDRESS_NULL_OK), ADDRESS_OK);
	assert_int_equal(address_parse(&a, "bob\0@d", 6, 0), ADDRESS_BAD);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_canonical_is_stable),
		cmocka_unit_test(test_utf8_is_noted),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_domain),
		cmocka_unit_test(test_whole),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
