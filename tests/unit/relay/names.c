#include "names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hop.h"

static void
a_labels(void **state)
{
	static struct {
		char const *from, *to; /* null: no name */
	} const cases[] = {
		{ "Example.ORG", "example.org" },
		{ "example.org.", "example.org" },
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "B\xc3\x9c"
		  "CHER.example",
		    "xn--bcher-kva.example" },
		{ "stra\xc3\x9f"
		  "e.example",
		    "xn--strae-oqa.example" },
		{ "bu\xcc\x88"
		  "cher.example",
		    "xn--bcher-kva.example" }, /* not in NFC */
		{ "\xe4\xbe\x8b\xe3\x81\x88.example", "xn--r8jz45g.example" },
		{ "_dmarc.a-b.example", "_dmarc.a-b.example" },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
		{ "", 0 },
		{ ".", 0 },
		{ "a..b", 0 },
		{ ".a", 0 },
		{ "a b", 0 },
		{ "a/b", 0 },
		{ "\xff\xfe", 0 },
		{ "\xe2\x80\xae.example", 0 }, /* a control of the writing direction */
		{ "a\xc3\xa9\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char to[NAMES_MAX];
		int const r = names_ascii(to, cases[i].from, strlen(cases[i].from));

		if (r != (cases[i].to != 0) || (r && strcmp(to, cases[i].to) != 0))
			fail_msg("%s: %d %s", cases[i].from, r, r ? to : "");
	}
}

static void
limits(void **state)
{
	char name[400], to[NAMES_MAX];

	(void)state;
	memset(name, 'a', sizeof name);
	assert_int_equal(names_ascii(to, name, 63), 1);
	assert_int_equal(names_ascii(to, name, 64), 0);
	for (size_t i = 63; i < sizeof name; i += 64)
		name[i] = '.';
	assert_int_equal(names_ascii(to, name, 253), 1);
	assert_int_equal(names_ascii(to, name, 254), 0);
	assert_int_equal(names_ascii(to, name, sizeof name), 0);
	memcpy(name, "\xc3\xa9", 2);
	assert_int_equal(names_ascii(to, name, sizeof name), 0);
	assert_int_equal(names_ascii(to, "a\0b", 3), 0);
	assert_int_equal(names_ascii(to, "\xc3\xa9\0b", 4), 0);
}

static void
literals(void **state)
{
	static struct {
		char const *text;
		int result;
		char const *ip;
	} const cases[] = {
		{ "[192.0.2.1]", 1, "192.0.2.1" },
		{ "[IPv6:2001:db8::1]", 1, "2001:db8::1" },
		{ "[ipv6:::1]", 1, "::1" },
		{ "[IPv6:::ffff:192.0.2.1]", 1, "192.0.2.1" },
		{ "[2001:db8::1]", -1, 0 },
		{ "[IPv6:192.0.2.1]", -1, 0 },
		{ "[192.0.2.300]", -1, 0 },
		{ "[192.0.2]", -1, 0 },
		{ "[X:1]", -1, 0 },
		{ "[]", -1, 0 },
		{ "[", 0, 0 },
		{ "192.0.2.1", 0, 0 },
		{ "", 0, 0 },
		{ "[192.0.2.1]x", 0, 0 },
	};
	char text[HOP_IP_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ip ip;
		int const r = names_literal(&ip, cases[i].text, strlen(cases[i].text));

		if (r != cases[i].result)
			fail_msg("%s: %d", cases[i].text, r);
		if (r != 1)
			continue;
		names_ip_text(text, &ip);
		assert_string_equal(text, cases[i].ip);
	}
}

static void
to_sockets_and_back(void **state)
{
	static char const *const texts[] = { "192.0.2.1", "2001:db8::1", "127.9.9.9", "::1" };
	struct sockaddr_storage s;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct ip ip, back;

		assert_int_equal(names_ip(&ip, texts[i], strlen(texts[i])), 1);
		assert_true(names_sockaddr(&s, &ip, 25) > 0);
		assert_int_equal(names_of_sockaddr(&back, (struct sockaddr const *)&s), 1);
		assert_true(names_ip_same(&ip, &back));
		assert_int_equal(names_ip_is_loopback(&ip), i > 1);
	}
	s.ss_family = AF_UNIX;
	assert_int_equal(names_of_sockaddr(&(struct ip){ 0 }, (struct sockaddr const *)&s), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(a_labels),
		cmocka_unit_test(limits),
		cmocka_unit_test(literals),
		cmocka_unit_test(to_sockets_and_back),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
