/* unit tests of smtpd/bdat */
#include "bdat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct {
	char const *arg;
	int ok;
	uint64_t size;
	int last;
} const cases[] = {
	{ "0", 1, 0, 0 },
	{ "1000", 1, 1000, 0 },
	{ "0 LAST", 1, 0, 1 },
	{ "86  last", 1, 86, 1 },
	{ "0001", 1, 1, 0 },
	{ "9999999999999999999", 1, 9999999999999999999U, 0 },
	{ "99999999999999999999", 0, 0, 0 },
	{ "", 0, 0, 0 },
	{ "LAST", 0, 0, 0 },
	{ "-1", 0, 0, 0 },
	{ "+1", 0, 0, 0 },
	{ "1x", 0, 0, 0 },
	{ "1 FIRST", 0, 0, 0 },
	{ "1 LAST LAST", 0, 0, 0 },
	{ "1 LASTX", 0, 0, 0 },
	{ "0x10", 0, 0, 0 },
	{ "1.5", 0, 0, 0 },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bdat b;

		if (bdat_parse(&b, cases[i].arg, strlen(cases[i].arg)) != cases[i].ok)
			fail_msg("%s", cases[i].arg);
		if (!cases[i].ok)
			continue;
		assert_true(b.size == cases[i].size && b.left == b.size);
		assert_int_equal(b.last, cases[i].last);
	}
}

static void
test_share(void **state)
{
	struct bdat b;

	(void)state;
	assert_true(bdat_parse(&b, "10", 2));
	assert_int_equal(bdat_share(&b, 4), 4);
	assert_int_equal(bdat_share(&b, 100), 6);
	assert_int_equal(bdat_share(&b, 100), 0);
	assert_int_equal(b.left, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_share),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
