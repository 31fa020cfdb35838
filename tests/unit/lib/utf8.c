/* unit tests of lib/utf8 (RFC 3629 4), against every sequence of two octets and chosen longer ones
 */
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct {
	char const *text;
	size_t want;
} const cases[] = { { "a", 0 }, { "\x7f", 0 }, { "\xc2\xa0", 2 }, { "\xc3\xa4", 2 },
	{ "\xdf\xbf", 2 }, { "\xc2\x80", 0 }, { "\xc2\x9b", 0 }, { "\xc2\x9f", 0 }, /* C1 */
	{ "\xc0\x80", 0 }, { "\xc1\xbf", 0 },                                       /* overlong */
	{ "\xe0\xa0\x80", 3 }, { "\xe0\x9f\xbf", 0 }, { "\xef\xbf\xbf", 3 }, { "\xed\x9f\xbf", 3 },
	{ "\xed\xa0\x80", 0 }, { "\xee\x80\x80", 3 }, /* surrogates */
	{ "\xf0\x90\x80\x80", 4 }, { "\xf0\x8f\xbf\xbf", 0 }, { "\xf4\x8f\xbf\xbf", 4 },
	{ "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 }, { "\xf8\x88\x80\x80\x80", 0 },
	{ "\xff", 0 }, { "\x80", 0 }, { "\xbf\xbf", 0 }, { "\xe2\x80\xa7", 3 },
	{ "\xe2\x80\xa8", 0 }, { "\xe2\x80\xa9", 0 }, { "\xe2\x80\xae", 0 }, { "\xe2\x80\xaf", 3 },
	{ "\xe2\x81\xa5", 3 }, { "\xe2\x81\xa6", 0 }, { "\xe2\x81\xa9", 0 }, { "\xe2\x81\xaa", 3 },
	{ "\xc3"
	  "a",
	    0 },
	{ "\xe2\x80"
	  "a",
	    0 },
	{ "\xf0\x90\x80"
	  "a",
	    0 },
	{ "\xf0"
	  "a\x80\x80",
	    0 } };

static void
known_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char const *const p = cases[i].text;

		assert_int_equal(utf8_size(p, p + strlen(p)), cases[i].want);
		for (size_t cut = 1; cut < cases[i].want; cut++)
			assert_int_equal(utf8_size(p, p + cut), 0);
	}
}

/* decode - what the sequence means, or -1; written in another way than the module. */
static long
decode(unsigned char const *u, size_t n)
{
	static long const least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	long code = n == 2 ? u[0] & 0x1f : n == 3 ? u[0] & 0x0f : u[0] & 0x07;
	unsigned char const lead = n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0;
	unsigned char const mask = n == 2 ? 0xe0 : n == 3 ? 0xf0 : 0xf8;

	if ((u[0] & mask) != lead)
		return -1;
	for (size_t i = 1; i < n; i++) {
		if (u[i] >> 6 != 2)
			return -1;
		code = code << 6 | (u[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return -1;
	if (code < 0xa0 || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
		return -1;
	return code;
}

static void
all_of_two_and_three(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 1U << 24; i++) {
		unsigned char const u[3] = { (unsigned char)(i >> 16), (unsigned char)(i >> 8),
			(unsigned char)i };
		size_t const want = decode(u, 2) != -1 ? 2 : decode(u, 3) != -1 ? 3 : 0;

		if (utf8_size((char const *)u, (char const *)u + 3) != want)
			fail_msg("%02x %02x %02x", u[0], u[1], u[2]);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(known_characters),
		cmocka_unit_test(all_of_two_and_three),
	};

	return cmocka_run_group_tests_name("lib/utf8", tests, 0, 0);
}
