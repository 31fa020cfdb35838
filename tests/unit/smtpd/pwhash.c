#include "pwhash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* As `openssl passwd -6 -salt saltstring` makes it. */
#define SHA512                                                                                     \
	"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnI"                             \
	"FNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"

static void
hashes(void **state)
{
	(void)state;
	assert_int_equal(pwhash_check(SHA512, "Hello world!"), PWHASH_RIGHT);
	assert_int_equal(pwhash_check("{CRYPT}" SHA512, "Hello world!"), PWHASH_RIGHT);
	assert_int_equal(pwhash_check(SHA512, "Hello world"), PWHASH_WRONG);
	assert_int_equal(pwhash_check(SHA512, ""), PWHASH_WRONG);
	assert_int_equal(pwhash_check(SHA512 "x", "Hello world!"), PWHASH_WRONG);
	assert_int_equal(pwhash_check("", ""), PWHASH_WRONG);
}

static void
unknown(void **state)
{
	static char const *const bad[] = { "x", "*", "!", "{PLAIN}x", "{SSHA}x", "$", "$$",
		"$zz$a$b", "{CRYPT}", "{SCRAM-SHA-256}1,2,3,4" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(pwhash_check(bad[i], bad[i]), PWHASH_UNKNOWN);
}

static void
made(void **state)
{
	char one[PASSWORDS_HASH_MAX], two[PASSWORDS_HASH_MAX];

	(void)state;
	for (int scram = 0; scram < 2; scram++) {
		assert_true(pwhash_make(one, "r\xc3\xa9my", scram));
		assert_true(pwhash_make(two, "r\xc3\xa9my", scram));
		assert_string_not_equal(one, two);
		assert_int_equal(strncmp(one, scram ? SCRAM_SCHEME : "$y$", scram ? 15 : 3), 0);
		assert_null(strchr(one, ':'));
		assert_int_equal(pwhash_check(one, "r\xc3\xa9my"), PWHASH_RIGHT);
		assert_int_equal(pwhash_check(one, "remy"), PWHASH_WRONG);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(hashes),
		cmocka_unit_test(unknown),
		cmocka_unit_test(made),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
