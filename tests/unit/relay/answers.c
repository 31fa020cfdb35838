#include "answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static unsigned char packet[ANSWERS_PACKET_MAX];
static size_t len;
static struct answers a;

static void
put(void const *data, size_t n)
{
	assert_true(n <= sizeof packet - len);
	memcpy(packet + len, data, n);
	len += n;
}

static void
put16(unsigned int n)
{
	put((unsigned char[]){ (unsigned char)(n >> 8), (unsigned char)n }, 2);
}

/* put_name - from text, without compression; "" is the root. */
static void
put_name(char const *name)
{
	while (*name) {
		size_t const n = strcspn(name, ".");

		put((unsigned char[]){ (unsigned char)n }, 1);
		put(name, n);
		name += n + (name[n] == '.');
	}
	put("", 1);
}

/* begin - a reply's header and question. */
static void
begin(char const *name, unsigned int type, unsigned int flags, unsigned int count)
{
	len = 0;
	put16(0x1234);
	put16(flags);
	put16(1);
	put16(count);
	put16(0);
	put16(0);
	put_name(name);
	put16(type);
	put16(1);
}

static void
put_rr(char const *owner, unsigned int type, unsigned int ttl, void const *data, size_t n)
{
	if (owner)
		put_name(owner);
	else
		put("\xc0\x0c", 2);
	put16(type);
	put16(1);
	put16(ttl >> 16);
	put16(ttl);
	put16((unsigned int)n);
	put(data, n);
}

static void
put_mx(unsigned int preference, char const *host)
{
	size_t const at = len + 12 - 2;

	put_rr(0, ANSWERS_MX, 100, "", 0);
	put16(preference);
	put_name(host);
	packet[at] = 0;
	packet[at + 1] = (unsigned char)(len - at - 2);
}

static void
put_cname(char const *owner, char const *target)
{
	size_t at;

	put_rr(owner, ANSWERS_CNAME, 50, "", 0);
	at = len - 2;
	put_name(target);
	packet[at + 1] = (unsigned char)(len - at - 2);
}

static void
parse(enum answers_type type, enum answers_result wanted)
{
	answers_read(&a, packet, len, type, 1);
	assert_int_equal(a.result, wanted);
}

static void
questions(void **state)
{
	unsigned char q[ANSWERS_QUESTION_MAX];
	char name[300];
	static char const *const bad[] = { "", ".", "a..b", ".a", "a.", "a b", "a\\.b",
		"caf\xc3\xa9" };

	(void)state;
	assert_int_equal(answers_question(q, 7, "a.example", ANSWERS_MX, 0, 0), 12 + 11 + 4);
	assert_memory_equal(q, "\0\7\1\0\0\1\0\0\0\0\0\0\1a\7example\0\0\17\0\1", 27);
	assert_int_equal(
	    answers_question(q, 7, "_25._tcp.a-b", ANSWERS_TLSA, 1, 1), 12 + 14 + 4 + 11);
	assert_int_equal(q[3], 0x20);
	assert_memory_equal(q + 30, "\0\0\x29\4\xd0\0\0\x80\0\0\0", 11);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(answers_question(q, 7, bad[i], ANSWERS_A, 1, 0), 0);
	memset(name, 'a', sizeof name);
	for (size_t i = 50; i < sizeof name; i += 51)
		name[i] = '.';
	name[253] = 0;
	assert_true(answers_question(q, 7, name, ANSWERS_A, 1, 1) > 0);
	name[253] = 'a';
	name[254] = 0;
	assert_int_equal(answers_question(q, 7, name, ANSWERS_A, 1, 1), 0);
	memset(name, 'a', 64);
	name[64] = 0;
	assert_int_equal(answers_question(q, 7, name, ANSWERS_A, 1, 1), 0);
}

static void
replies_to_us(void **state)
{
	unsigned char q[ANSWERS_QUESTION_MAX];
	size_t const n = answers_question(q, 0x1234, "A.example", ANSWERS_MX, 1, 1);
	int truncated;

	(void)state;
	begin("a.EXAMPLE", ANSWERS_MX, 0x8180, 0);
	assert_int_equal(answers_is_reply(packet, len, q, n, &truncated), 1);
	assert_false(truncated);
	begin("a.example", ANSWERS_MX, 0x8380, 0);
	assert_int_equal(answers_is_reply(packet, len, q, n, &truncated), 1);
	assert_true(truncated);
	begin("a.example", ANSWERS_MX, 0x0100, 0); /* a question is no reply */
	assert_int_equal(answers_is_reply(packet, len, q, n, &truncated), 0);
	begin("a.example", ANSWERS_A, 0x8180, 0);
	assert_int_equal(answers_is_reply(packet, len, q, n, &truncated), 0);
	begin("b.example", ANSWERS_MX, 0x8180, 0);
	assert_int_equal(answers_is_reply(packet, len, q, n, &truncated), 0);
	begin("a.example", ANSWERS_MX, 0x8180, 0);
	packet[1] ^= 1;
	assert_int_equal(answers_is_reply(packet, len, q, n, &truncated), 0);
	packet[1] ^= 1;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(answers_is_reply(packet, i, q, n, &truncated), 0);
}

static void
mx_records(void **state)
{
	(void)state;
	begin("a.example", ANSWERS_MX, 0x81a0, 3);
	put_mx(20, "Two.example");
	put_mx(10, "");
	put_mx(5, "b\x01"
		  "d.example"); /* no host name */
	parse(ANSWERS_MX, ANSWERS_OK);
	assert_int_equal(a.count, 2);
	assert_int_equal(a.unusable, 1);
	assert_int_equal(a.secure, 1);
	assert_int_equal(a.ttl, 100);
	assert_int_equal(a.record[0].preference, 20);
	assert_string_equal(answers_data(&a, 0), "two.example");
	assert_string_equal(answers_data(&a, 1), "");
	assert_string_equal(a.name, "a.example");
	answers_read(&a, packet, len, ANSWERS_MX, 0);
	assert_int_equal(a.secure, 0);
}

static void
the_preferred_of_many_are_kept(void **state)
{
	char name[32];

	(void)state;
	begin("a.example", ANSWERS_MX, 0x8180, 900);
	for (unsigned int i = 900; i > 0; i--) {
		snprintf(name, sizeof name, "h%u.example", i);
		put_mx(i, name);
	}
	parse(ANSWERS_MX, ANSWERS_OK);
	assert_int_equal(a.count, ANSWERS_MAX);
	assert_true(a.used <= sizeof a.data);
}

static void
aliases(void **state)
{
	(void)state;
	/* in any order, with records of others between */
	begin("a.example", ANSWERS_A, 0x81a0, 4);
	put_rr("c.example", ANSWERS_A, 30, "\1\2\3\4", 4);
	put_cname("b.example", "c.example");
	put_rr("x.example", ANSWERS_A, 1, "\4\4\4\4", 4);
	put_cname("A.example", "B.example");
	parse(ANSWERS_A, ANSWERS_OK);
	assert_int_equal(a.count, 1);
	assert_memory_equal(answers_data(&a, 0), "\1\2\3\4", 4);
	assert_string_equal(a.name, "c.example");
	assert_true(a.aliased);
	assert_int_equal(a.ttl, 30);
	/* a chain that ends nowhere, one without an end, one to what is no host name */
	begin("a.example", ANSWERS_A, 0x8180, 1);
	put_cname("a.example", "b.example");
	parse(ANSWERS_A, ANSWERS_NONE);
	begin("a.example", ANSWERS_A, 0x8183, 1);
	put_cname("a.example", "b.example");
	parse(ANSWERS_A, ANSWERS_NO_NAME);
	begin("a.example", ANSWERS_A, 0x8180, 2);
	put_cname("a.example", "b.example");
	put_cname("b.example", "a.example");
	parse(ANSWERS_A, ANSWERS_MALFORMED);
	begin("a.example", ANSWERS_A, 0x81a0, 1);
	put_cname("a.example", "b c.example");
	parse(ANSWERS_A, ANSWERS_MALFORMED);
	assert_int_equal(a.secure, 0);
	assert_string_equal(a.name, "a.example");
	begin("a.example", ANSWERS_CNAME, 0x81a0, 1);
	put_cname("a.example", "b.example");
	parse(ANSWERS_CNAME, ANSWERS_OK);
	assert_true(a.secure);
}

static void
other_types(void **state)
{
	char txt[700];

	(void)state;
	begin("a.example", ANSWERS_TXT, 0x8180, 3);
	put_rr(0, ANSWERS_TXT, 9, "\3v=S\4TSv1\0", 10);
	memset(txt, 'x', sizeof txt);
	txt[0] = txt[256] = (char)255;
	txt[512] = 10;
	put_rr(0, ANSWERS_TXT, 9, txt, 523);
	put_rr(0, ANSWERS_TXT, 9, "\1y", 2);
	parse(ANSWERS_TXT, ANSWERS_OK);
	assert_int_equal(a.count, 2);
	assert_string_equal(answers_data(&a, 0), "v=STSv1");
	assert_string_equal(answers_data(&a, 1), "y");
	begin("a.example", ANSWERS_TXT, 0x8180, 1);
	put_rr(0, ANSWERS_TXT, 9, "\5abc", 4);
	parse(ANSWERS_TXT, ANSWERS_MALFORMED);
	begin("a.example", ANSWERS_AAAA, 0x8180, 1);
	put_rr(0, ANSWERS_AAAA, 9, "0123456789abcdef", 16);
	parse(ANSWERS_AAAA, ANSWERS_OK);
	begin("a.example", ANSWERS_AAAA, 0x8180, 1);
	put_rr(0, ANSWERS_AAAA, 9, "0123456789abcdef", 15);
	parse(ANSWERS_AAAA, ANSWERS_MALFORMED);
	begin("a.example", ANSWERS_TLSA, 0x8180, 1);
	put_rr(0, ANSWERS_TLSA, 9, "\3\1", 2);
	parse(ANSWERS_TLSA, ANSWERS_MALFORMED);
}

static void
what_servers_say(void **state)
{
	static struct {
		unsigned int flags;
		enum answers_result result;
	} const cases[] = {
		{ 0x8180, ANSWERS_NONE },
		{ 0x8183, ANSWERS_NO_NAME },
		{ 0x8182, ANSWERS_TROUBLE },
		{ 0x8181, ANSWERS_TROUBLE },
		{ 0x8185, ANSWERS_TROUBLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin("a.example", ANSWERS_MX, cases[i].flags, 0);
		parse(ANSWERS_MX, cases[i].result);
		assert_int_equal(a.rcode, cases[i].flags & 15);
		assert_int_equal(answers_failed(&a), cases[i].result == ANSWERS_TROUBLE);
		assert_true(*answers_why(&a));
	}
	begin("a.example", ANSWERS_MX, 0x81a3, 0);
	parse(ANSWERS_MX, ANSWERS_NO_NAME);
	assert_true(a.secure);
}

/* Names that lead to themselves, forwards, too long, or out of the packet. */
static void
bad_names(void **state)
{
	static struct {
		char const *data;
		size_t len;
	} const cases[] = {
		{ "\0\12\xc0\x29", 4 }, /* itself: the name begins at octet 41 */
		{ "\0\12\1a\xc0\x29", 6 },
		{ "\0\12\xc3\xff", 4 },
		{ "\0\12\xc0", 3 },
		{ "\0\12\x41z", 4 },
		{ "\0\12\5ab", 5 },
		{ "\0\12", 2 },
		{ "\0", 1 },
		{ "\0\12\0\0", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin("a.example", ANSWERS_MX, 0x8180, 1);
		put_rr(0, ANSWERS_MX, 9, cases[i].data, cases[i].len);
		parse(ANSWERS_MX, ANSWERS_MALFORMED);
	}
}

static void
every_cut_is_harmless(void **state)
{
	(void)state;
	begin("a.example", ANSWERS_MX, 0x8180, 2);
	put_mx(1, "b.example");
	put_mx(2, "c.example");
	for (size_t i = 0; i < len; i++) {
		answers_read(&a, packet, i, ANSWERS_MX, 1);
		assert_int_equal(a.result, ANSWERS_MALFORMED);
	}
	packet[6] = packet[7] = 0xff; /* more records are promised than come */
	parse(ANSWERS_MX, ANSWERS_MALFORMED);
	begin("a.example", ANSWERS_MX, 0x8180, 0); /* in another section */
	put_mx(1, "b.example");
	packet[11] = 1;
	parse(ANSWERS_MX, ANSWERS_NONE);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(questions),
		cmocka_unit_test(replies_to_us),
		cmocka_unit_test(mx_records),
		cmocka_unit_test(the_preferred_of_many_are_kept),
		cmocka_unit_test(aliases),
		cmocka_unit_test(other_types),
		cmocka_unit_test(what_servers_say),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(every_cut_is_harmless),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
