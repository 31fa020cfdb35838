#include "scram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base64.h"

/* RFC 7677 3: user "user", password "pencil". */
static char const salt[] = "W22ZaJ0SNY7soEsUEjb6gQ==";
static char const text[] =
    "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
static char const proof64[] = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
static char const signature64[] = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

static void
decode(char *to, char const *from, size_t want)
{
	char octets[64];
	size_t n;

	assert_true(base64_decode(octets, &n, from, strlen(from)));
	assert_int_equal(n, want);
	memcpy(to, octets, n);
}

static void
rfc7677(void **state)
{
	struct scram s = { .iterations = 4096, .saltlen = 16 };
	char proof[SCRAM_DIGEST], want[SCRAM_DIGEST], signature[SCRAM_DIGEST];

	(void)state;
	decode(s.salt, salt, 16);
	decode(proof, proof64, SCRAM_DIGEST);
	decode(want, signature64, SCRAM_DIGEST);
	scram_derive(&s, "pencil");
	assert_true(scram_is_proof(&s, text, sizeof text - 1, proof, signature));
	assert_memory_equal(signature, want, SCRAM_DIGEST);
	assert_false(scram_is_proof(&s, text, sizeof text - 2, proof, signature));
	proof[31] ^= 1;
	assert_false(scram_is_proof(&s, text, sizeof text - 1, proof, signature));
	proof[31] ^= 1;
	scram_derive(&s, "Pencil");
	assert_false(scram_is_proof(&s, text, sizeof text - 1, proof, signature));
}

static void
as_text(void **state)
{
	struct scram s = { .iterations = 4096, .saltlen = 16 }, got = { 0 };
	char line[SCRAM_TEXT_MAX], secret[200];

	(void)state;
	memset(secret, 'x', sizeof secret - 1);
	secret[sizeof secret - 1] = 0; /* longer than a block of SHA-256 */
	decode(s.salt, salt, 16);
	scram_derive(&s, secret);
	scram_format(line, &s);
	assert_true(scram_parse(&got, line, strlen(line)));
	assert_memory_equal(&got, &s, sizeof s);
	for (size_t n = 0; n < strlen(line); n++)
		assert_false(scram_parse(&got, line, n));
}

static void
bad_text(void **state)
{
	static char const *const bad[] = {
		"",
		"$6$x$y",
		"{SCRAM-SHA-256}",
		"{SCRAM-SHA-256}4095,W22ZaJ0SNY7soEsUEjb6gQ==,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"{SCRAM-SHA-256}99999999,W22ZaJ0SNY7soEsUEjb6gQ==,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"{SCRAM-SHA-256}4x96,W22ZaJ0SNY7soEsUEjb6gQ==,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,W22Z,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,"
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,x",
	};
	struct scram s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(scram_parse(&s, bad[i], strlen(bad[i])));
}

static void
invented(void **state)
{
	struct scram a, b, c, d;

	(void)state;
	scram_invent(&a, "bob", "secret", 6);
	scram_invent(&b, "bob", "secret", 6);
	scram_invent(&c, "alice", "secret", 6);
	scram_invent(&d, "bob", "other", 5);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(a.saltlen, SCRAM_SALT);
	assert_int_equal(a.iterations, SCRAM_ITERATIONS);
	assert_memory_not_equal(a.salt, c.salt, SCRAM_SALT);
	assert_memory_not_equal(a.salt, d.salt, SCRAM_SALT);
}

static void
same(void **state)
{
	(void)state;
	assert_true(scram_is_same("", "", 0));
	assert_true(scram_is_same("abc", "abc", 3));
	assert_false(scram_is_same("abc", "abd", 3));
	assert_false(scram_is_same("\x80", "\0", 1));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(rfc7677),
		cmocka_unit_test(as_text),
		cmocka_unit_test(bad_text),
		cmocka_unit_test(invented),
		cmocka_unit_test(same),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
