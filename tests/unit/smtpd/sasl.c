#include "sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define OWN "3rfcNHYJY1ZVvWVs7j012345"

#define BEGIN(text, scram) begin(text, sizeof text - 1, scram)
#define GO(text)           sasl_go(&sasl, text, sizeof text - 1)

static struct sasl sasl;

static enum sasl_what
begin(char const *text, size_t len, int scram)
{
	return sasl_begin(&sasl, text, len, OWN, scram);
}

static void
mechanisms(void **state)
{
	(void)state;
	assert_int_equal(BEGIN("", 1), SASL_NONSENSE);
	assert_int_equal(BEGIN("PLAIN", 1), SASL_NONSENSE);
	assert_int_equal(BEGIN("PLAIN\0", 1), SASL_NONSENSE);
	assert_int_equal(BEGIN("PLAIN\0\0", 1), SASL_CHALLENGE);
	assert_int_equal(sasl.len, 0);
	assert_int_equal(BEGIN("plain\0\0", 1), SASL_UNKNOWN);
	assert_int_equal(BEGIN("CRAM-MD5\0\0", 1), SASL_UNKNOWN);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0", 0), SASL_UNKNOWN);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0", 1), SASL_CHALLENGE);
	assert_int_equal(BEGIN("LOGIN\0\0", 0), SASL_CHALLENGE);
	assert_string_equal(sasl.text, "Username:");
	assert_int_equal(BEGIN("PLAIN\0aabb\0=\0bob\0x", 0), SASL_CHECK);
}

static void
plain(void **state)
{
	char long_one[2 + SASL_NAME_MAX + 2] = { 0 };

	(void)state;
	assert_int_equal(BEGIN("PLAIN\0\0=\0bob\0secret", 0), SASL_CHECK);
	assert_string_equal(sasl.login, "bob");
	assert_string_equal(sasl.password, "secret");
	assert_int_equal(GO("\0bob\0secret"), SASL_NONSENSE);
	BEGIN("PLAIN\0\0", 0);
	assert_int_equal(GO("bob\0bob\0secret"), SASL_CHECK);
	BEGIN("PLAIN\0\0", 0);
	assert_int_equal(GO("alice\0bob\0secret"), SASL_WRONG);
	BEGIN("PLAIN\0\0", 0);
	assert_int_equal(GO("bo\0bob\0secret"), SASL_WRONG);
	for (size_t i = 0; i < 8; i++) {
		static struct {
			char const *text;
			size_t len;
		} const bad[] = { { "", 0 }, { "x", 1 }, { "\0", 1 }, { "\0\0", 2 }, { "\0b", 2 },
			{ "\0b\0", 3 }, { "\0\0x", 3 }, { "\0b\0x\0", 5 } };

		BEGIN("PLAIN\0\0", 0);
		assert_int_equal(sasl_go(&sasl, bad[i].text, bad[i].len), SASL_NONSENSE);
	}
	memset(long_one + 1, 'x', SASL_NAME_MAX - 1);
	long_one[SASL_NAME_MAX + 1] = 'p';
	BEGIN("PLAIN\0\0", 0);
	assert_int_equal(sasl_go(&sasl, long_one, SASL_NAME_MAX + 2), SASL_CHECK);
	assert_int_equal(strlen(sasl.login), SASL_NAME_MAX - 1);
	memset(long_one + 1, 'x', SASL_NAME_MAX);
	long_one[SASL_NAME_MAX + 2] = 'p';
	BEGIN("PLAIN\0\0", 0);
	assert_int_equal(sasl_go(&sasl, long_one, SASL_NAME_MAX + 3), SASL_NONSENSE);
}

static void
login(void **state)
{
	(void)state;
	BEGIN("LOGIN\0\0", 0);
	assert_int_equal(GO("bob"), SASL_CHALLENGE);
	assert_string_equal(sasl.text, "Password:");
	assert_int_equal(GO("secret"), SASL_CHECK);
	assert_string_equal(sasl.login, "bob");
	assert_string_equal(sasl.password, "secret");
	assert_int_equal(BEGIN("LOGIN\0\0=bob", 0), SASL_CHALLENGE);
	assert_string_equal(sasl.text, "Password:");
	assert_string_equal(sasl.password, "");
	assert_int_equal(GO(""), SASL_NONSENSE);
	assert_int_equal(GO("x"), SASL_NONSENSE);
	assert_int_equal(BEGIN("LOGIN\0\0=", 0), SASL_NONSENSE);
	assert_int_equal(BEGIN("LOGIN\0\0=b\0b", 0), SASL_NONSENSE);
}

/* The dialogue of RFC 7677 3, but for the server's part of the nonce. */
static void
scram(void **state)
{
	static char const salt[] = { 0x5b, 0x6d };
	char signature[SASL_DIGEST] = { 0 };

	(void)state;
	assert_int_equal(
	    BEGIN("SCRAM-SHA-256\0\0=n,,n=us=3Der=2C,r=rOprNGfwEbeRWgbNEkqO", 1), SASL_KEYS);
	assert_string_equal(sasl.login, "us=er,");
	assert_int_equal(sasl_salt(&sasl, salt, sizeof salt, 4096), SASL_CHALLENGE);
	assert_string_equal(sasl.text, "r=rOprNGfwEbeRWgbNEkqO" OWN ",s=W20=,i=4096");
	assert_int_equal(GO("c=biws,r=rOprNGfwEbeRWgbNEkqO" OWN
			    ",x=1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
	    SASL_PROOF);
	assert_string_equal(sasl.text,
	    "n=us=3Der=2C,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO" OWN
	    ",s=W20=,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO" OWN ",x=1");
	assert_int_equal(sasl.proof[0], 0x74);
	assert_int_equal(sasl_signature(&sasl, signature), SASL_CHALLENGE);
	assert_string_equal(sasl.text, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	assert_int_equal(GO(""), SASL_DONE);
	assert_int_equal(GO(""), SASL_NONSENSE);
}

static void
scram_is_strict(void **state)
{
	static char const *const bad[] = {
		"",
		"n",
		"n,,",
		"n,,n=",
		"n,,n=u",
		"n,,n=u,",
		"n,,n=u,r=",
		"n,,n=,r=x",
		"p=x,,n=u,r=x",
		"n,n=u,r=x",
		"n,b=u,n=u,r=x",
		"n,,n=u=,r=x",
		"n,,n=u=2,r=x",
		"n,,n=u=2c,r=x",
		"n,,r=x,n=u",
		"n,,n=u,r=\x7f",
		"n,,n=u,r=a b",
		"N,,n=u,r=x",
		"n,,m=1,n=u,r=x",
	};
	static char const *const last[] = {
		"c=biws",
		"c=biws,r=x" OWN,
		"c=biws,r=xx" OWN ",p=AAAA",
		"c=eSws,r=x" OWN ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"c=biws,r=y" OWN ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"c=biws,r=x" OWN ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ",
		"c=biws,r=x" OWN ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,y=1",
		"r=x" OWN ",c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		BEGIN("SCRAM-SHA-256\0\0", 1);
		assert_int_equal(sasl_go(&sasl, bad[i], strlen(bad[i])), SASL_NONSENSE);
	}
	for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
		BEGIN("SCRAM-SHA-256\0\0=n,,n=u,r=x", 1);
		sasl_salt(&sasl, "salt", 4, 4096);
		assert_int_equal(sasl_go(&sasl, last[i], strlen(last[i])), SASL_NONSENSE);
	}
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0=n,a=v,n=u,r=x", 1), SASL_WRONG);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0=n,a=u,n=u,r=x", 1), SASL_KEYS);
	/* out of turn */
	assert_int_equal(GO("x"), SASL_NONSENSE);
	assert_int_equal(sasl_signature(&sasl, OWN OWN), SASL_NONSENSE);
	assert_int_equal(sasl_salt(&sasl, "salt", 4, 4096), SASL_NONSENSE);
	BEGIN("SCRAM-SHA-256\0\0=n,,n=u,r=x", 1);
	assert_int_equal(sasl_salt(&sasl, OWN OWN OWN, SASL_SALT_MAX + 1, 4096), SASL_NONSENSE);
}

static void
names(void **state)
{
	static char const *const good[] = { "bob", "bob@example.org", "a+b-c_d~e.f", "r\xc3\xa9my",
		"#!&^=" };
	static char const *const bad[] = { "", ".bob", "-x", "a/b", "a b", "a:b", "a\tb", "a\nb",
		"a\\b", "a'b", "a\"b", "a%b", "a*b", "a\x7f", "a\x80", "r\xc3", "\xc2\x85", "a,b",
		"(a)", "$a", "`a`", "a;b", "a|b" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(sasl_is_name(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(sasl_is_name(bad[i]));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(mechanisms),
		cmocka_unit_test(plain),
		cmocka_unit_test(login),
		cmocka_unit_test(scram),
		cmocka_unit_test(scram_is_strict),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
