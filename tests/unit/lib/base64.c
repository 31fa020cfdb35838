/* unit tests of lib/base64 */
#include "base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648 10. */
static void
there_and_back(void **state)
{
	static struct {
		char const *plain, *coded;
	} const cases[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\377\376\375", "//79" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t const len = strlen(cases[i].plain), coded = strlen(cases[i].coded);
		char to[16];
		size_t n;

		assert_int_equal(BASE64_SIZE(len), coded);
		assert_int_equal(base64_encode(to, cases[i].plain, len), coded);
		assert_memory_equal(to, cases[i].coded, coded);
		assert_int_equal(base64_decode(to, &n, to, coded), 1); /* in place */
		assert_int_equal(n, len);
		assert_memory_equal(to, cases[i].plain, len);
	}
}

static void
none(void **state)
{
	static char const *const cases[] = { "Z", "Zg",
		"Zg=", "Zg===", "=g==", "Z===", "====", "Zh==", "Zm9=", "Zm-v", "Zm9v\n",
		"Zg==Zg==", "Zm 9", "Z\1==" };
	char to[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(base64_decode(to, &n, cases[i], strlen(cases[i])), 0);
	assert_int_equal(base64_decode(to, &n, "A\0AA", 4), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
