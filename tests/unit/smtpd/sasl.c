#include "sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OWN   "3rfcNHYJY1ZVvWVs7j012345"
#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

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
	assert_int_equal(BEGIN("SCRAM-SHA-256-PLUS\0\0", 1), SASL_UNKNOWN);
	assert_int_equal(BEGIN("SCRAM-SHA-256-PLUS\0a=00\0", 0), SASL_UNKNOWN);
	assert_int_equal(BEGIN("SCRAM-SHA-256-PLUS\0a=00\0", 1), SASL_CHALLENGE);
	assert_int_equal(BEGIN("SCRAM-SHA-1-PLUS\0a=00\0", 1), SASL_UNKNOWN);
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
	BEGIN("SCRAM-SHA-256\0\0=n,,n=u,r=x", 1);
	sasl_salt(&sasl, "salt", 4, 4096);
	assert_int_equal(GO("c=eSws,r=x" OWN ",p=" PROOF), SASL_UNBOUND);
	assert_int_equal(GO(""), SASL_NONSENSE);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0=n,a=v,n=u,r=x", 1), SASL_WRONG);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0=n,a=u,n=u,r=x", 1), SASL_KEYS);
	/* out of turn */
	assert_int_equal(GO("x"), SASL_NONSENSE);
	assert_int_equal(sasl_signature(&sasl, OWN OWN), SASL_NONSENSE);
	assert_int_equal(sasl_salt(&sasl, "salt", 4, 4096), SASL_NONSENSE);
	BEGIN("SCRAM-SHA-256\0\0=n,,n=u,r=x", 1);
	assert_int_equal(sasl_salt(&sasl, OWN OWN OWN, SASL_SALT_MAX + 1, 4096), SASL_NONSENSE);
}

/* Octets 00 01 … 1f, and 64 of ff. */
#define EXPORTER "tls-exporter=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define FF16     "ffffffffffffffffffffffffffffffff"
#define BOTH     EXPORTER " tls-server-end-point=" FF16 FF16 FF16 FF16

/* The same in base64, behind "p=tls-exporter,," and "p=tls-server-end-point,a=u,". */
#define C_EXPORTER "cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define C_POINT                                                                                    \
	"cD10bHMtc2VydmVyLWVuZC1wb2ludCxhPXUs"                                                     \
	"////////////////////////////////////////////////////////////////////////////////////"     \
	"/w=="

/* BOUND - an attempt with these bindings, and what the client says first. */
#define BOUND(bindings, text)                                                                      \
	begin("SCRAM-SHA-256-PLUS\0" bindings "\0=" text,                                          \
	    sizeof "SCRAM-SHA-256-PLUS\0" bindings "\0=" text - 1, 1)

/* finish - with that c=. */
static enum sasl_what
finish(char const *bound)
{
	char text[1024];

	assert_int_equal(sasl_salt(&sasl, "salt", 4, 4096), SASL_CHALLENGE);
	snprintf(text, sizeof text, "c=%s,r=x" OWN ",p=" PROOF, bound);
	return sasl_go(&sasl, text, strlen(text));
}

/* RFC 5802 6: a proof that is bound to the connection, and one that is bound to another. */
static void
binding(void **state)
{
	char other[] = C_EXPORTER;

	(void)state;
	assert_int_equal(BOUND(BOTH, "p=tls-exporter,,n=u,r=x"), SASL_KEYS);
	assert_string_equal(sasl.login, "u");
	assert_int_equal(finish(C_EXPORTER), SASL_PROOF);
	assert_string_equal(
	    sasl.text, "n=u,r=x,r=x" OWN ",s=c2FsdA==,i=4096,c=" C_EXPORTER ",r=x" OWN);
	assert_int_equal(sasl_signature(&sasl, OWN OWN), SASL_CHALLENGE);
	assert_int_equal(GO(""), SASL_DONE);
	assert_int_equal(BOUND(BOTH, "p=tls-server-end-point,a=u,n=u,r=x"), SASL_KEYS);
	assert_int_equal(finish(C_POINT), SASL_PROOF);
	for (size_t i = 0; i < sizeof other - 1; i++) {
		BOUND(EXPORTER, "p=tls-exporter,,n=u,r=x");
		other[i] = other[i] == 'A' ? 'B' : 'A';
		assert_int_equal(finish(other), SASL_UNBOUND);
		assert_int_equal(GO(""), SASL_NONSENSE);
		other[i] = C_EXPORTER[i];
	}
	/* another type's, too little, too much, none */
	BOUND(BOTH, "p=tls-exporter,,n=u,r=x");
	assert_int_equal(finish(C_POINT), SASL_UNBOUND);
	BOUND(BOTH, "p=tls-exporter,,n=u,r=x");
	assert_int_equal(finish("cD10bHMtZXhwb3J0ZXIsLA=="), SASL_UNBOUND);
	BOUND(BOTH, "p=tls-exporter,,n=u,r=x");
	assert_int_equal(finish(C_EXPORTER "AAAA"), SASL_UNBOUND);
	BOUND(BOTH, "p=tls-exporter,,n=u,r=x");
	assert_int_equal(finish(""), SASL_UNBOUND);
}

/* Who may say what of binding, where it can be had and where it cannot. */
static void
flags(void **state)
{
	(void)state;
	assert_int_equal(BEGIN("SCRAM-SHA-256\0" BOTH "\0=n,,n=u,r=x", 1), SASL_KEYS);
	assert_int_equal(finish("biws"), SASL_PROOF);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0\0=y,,n=u,r=x", 1), SASL_KEYS);
	assert_int_equal(finish("eSws"), SASL_PROOF);
	assert_int_equal(BEGIN("SCRAM-SHA-256\0" BOTH "\0=y,,n=u,r=x", 1), SASL_DOWNGRADED);
	assert_string_equal(sasl.login, "u");
	assert_int_equal(GO(""), SASL_NONSENSE);
	assert_int_equal(sasl_salt(&sasl, "salt", 4, 4096), SASL_NONSENSE);
	BEGIN("SCRAM-SHA-256\0" BOTH "\0", 1);
	assert_int_equal(GO("y,a=u,n=u,r=x"), SASL_DOWNGRADED);
	assert_int_equal(
	    BEGIN("SCRAM-SHA-256\0" BOTH "\0=p=tls-exporter,,n=u,r=x", 1), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "n,,n=u,r=x"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "y,,n=u,r=x"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "p=tls-exporter,a=v,n=u,r=x"), SASL_WRONG);
	BEGIN("SCRAM-SHA-256-PLUS\0" EXPORTER "\0", 1);
	assert_int_equal(GO("p=tls-exporter,,n=u,r=x"), SASL_KEYS);
}

static void
types(void **state)
{
	char packet[sizeof "SCRAM-SHA-256-PLUS" + SASL_BINDINGS_MAX + 1];
	size_t const at = sizeof "SCRAM-SHA-256-PLUS";

	(void)state;
	assert_int_equal(BOUND(EXPORTER, "p=tls-unique,,n=u,r=x"), SASL_TYPELESS);
	assert_string_equal(sasl.login, "u");
	assert_int_equal(GO(""), SASL_NONSENSE);
	assert_int_equal(BOUND(EXPORTER, "p=tls-server-end-point,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND(BOTH, "p=tls-exporte,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND(BOTH, "p=tls-exporter2,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND(BOTH, "p=ls-exporter,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND(BOTH, "p=TLS-EXPORTER,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND("a=b0b= a=", "p=b0b,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND("b= a=00", "p=b,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND("abc00=", "p=ab,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND("b=0g", "p=b,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND("a=" FF16 FF16 FF16 FF16 "00", "p=a,,n=u,r=x"), SASL_TYPELESS);
	assert_int_equal(BOUND(BOTH, "p=,,n=u,r=x"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "p=tls-exporter,n=u,r=x"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "p=tls exporter,,n=u,r=x"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "p=tls-exporter=00,,n=u,r=x"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "p=tls-exporter"), SASL_NONSENSE);
	assert_int_equal(BOUND(BOTH, "p=tls-exporter,,"), SASL_NONSENSE);
	/* as many as fit, and one octet more */
	memcpy(packet, "SCRAM-SHA-256-PLUS", at);
	memset(packet + at, 'x', SASL_BINDINGS_MAX);
	packet[at + SASL_BINDINGS_MAX] = 0;
	assert_int_equal(begin(packet, at + SASL_BINDINGS_MAX + 1, 1), SASL_NONSENSE);
	packet[at + SASL_BINDINGS_MAX - 1] = 0;
	assert_int_equal(begin(packet, at + SASL_BINDINGS_MAX, 1), SASL_CHALLENGE);
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
		cmocka_unit_test(binding),
		cmocka_unit_test(flags),
		cmocka_unit_test(types),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
