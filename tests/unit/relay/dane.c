#include "dane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SHA256 "0123456789abcdef0123456789abcdef"
#define SHA512 SHA256 SHA256

static struct answers a, aaaa, cname, tlsa[2];
static struct hop hop;

/* set - one record, or none. */
static void
set(struct answers *to, enum answers_result result, int secure, char const *alias)
{
	answers_clear(to, result);
	to->secure = secure;
	if (result == ANSWERS_OK)
		to->count = 1;
	if (alias) {
		to->aliased = 1;
		strcpy(to->name, alias);
	}
}

static void
add(struct answers *to, char const *data, size_t len)
{
	to->result = ANSWERS_OK;
	to->record[to->count++] = (struct answers_record){ 0, (uint16_t)to->used, (uint16_t)len };
	memcpy(to->data + to->used, data, len);
	to->used += len;
}

static void
bases(char const *first, char const *second, int wants_cname)
{
	struct dane_host const h = { "mx.example", &a, &aaaa, &cname };
	struct dane_bases b;

	assert_int_equal(dane_wants_cname(&h), wants_cname);
	dane_bases(&b, &h);
	assert_int_equal(b.count, (first != 0) + (second != 0));
	if (first)
		assert_string_equal(b.name[0], first);
	if (second)
		assert_string_equal(b.name[1], second);
}

static void
where_to_look(void **state)
{
	(void)state;
	set(&cname, ANSWERS_NONE, 0, 0);
	set(&a, ANSWERS_OK, 1, 0);
	set(&aaaa, ANSWERS_NONE, 1, 0);
	bases("mx.example", 0, 0);
	set(&a, ANSWERS_OK, 0, 0); /* an unsigned host */
	bases(0, 0, 0);
	set(&a, ANSWERS_OK, 1, 0);
	set(&aaaa, ANSWERS_OK, 0, 0); /* of one family only */
	bases(0, 0, 0);
	set(&aaaa, ANSWERS_TROUBLE, 0, 0);
	bases("mx.example", 0, 0);
	set(&a, ANSWERS_NONE, 1, 0); /* no address at all */
	bases(0, 0, 0);
}

static void
aliases(void **state)
{
	(void)state;
	set(&cname, ANSWERS_NONE, 0, 0);
	set(&a, ANSWERS_OK, 1, "real.example");
	set(&aaaa, ANSWERS_NONE, 1, "real.example");
	bases("real.example", "mx.example", 0);
	set(&a, ANSWERS_OK, 0, "real.example"); /* it leads to what is not signed */
	set(&aaaa, ANSWERS_NONE, 0, "real.example");
	bases(0, 0, 1);
	set(&cname, ANSWERS_OK, 1, "real.example"); /* but is signed itself */
	bases("mx.example", 0, 1);
	set(&cname, ANSWERS_OK, 0, "real.example");
	bases(0, 0, 1);
}

static enum dane_result
judge(size_t count, size_t *which)
{
	struct answers const *const all[] = { tlsa, tlsa + 1 };

	return dane_judge(&hop, all, count, which);
}

static void
what_holds(void **state)
{
	size_t which = 9;

	(void)state;
	assert_int_equal(judge(0, &which), DANE_NONE);
	set(tlsa, ANSWERS_NONE, 1, 0);
	set(tlsa + 1, ANSWERS_NO_NAME, 0, 0);
	assert_int_equal(judge(2, &which), DANE_NONE);
	set(tlsa, ANSWERS_TROUBLE, 0, 0);
	assert_int_equal(judge(2, &which), DANE_FAILED);
	set(tlsa, ANSWERS_MALFORMED, 0, 0);
	assert_int_equal(judge(1, &which), DANE_FAILED);
	set(tlsa, ANSWERS_NONE, 1, 0);
	add(tlsa + 1, "\3\1\1" SHA256, 35);
	tlsa[1].secure = 0;
	assert_int_equal(judge(2, &which), DANE_NONE);
	tlsa[1].secure = 1;
	assert_int_equal(judge(2, &which), DANE_HOLDS);
	assert_int_equal(which, 1);
	assert_int_equal(hop.tlsas, 1);
	assert_int_equal(hop.tlsa[0].usage, 3);
	assert_memory_equal(hop.tlsa[0].data, SHA256, 32);
	set(tlsa + 1, ANSWERS_TROUBLE, 0, 0); /* the first counts: the second does not matter */
	set(tlsa, ANSWERS_NONE, 1, 0);
	add(tlsa, "\2\0\2" SHA512, 67);
	assert_int_equal(judge(2, &which), DANE_HOLDS);
	assert_int_equal(which, 0);
}

static void
usable_records(void **state)
{
	static struct {
		char const *data;
		size_t len;
	} const bad[] = {
		{ "\0\0\1" SHA256, 35 },
		{ "\1\1\1" SHA256, 35 },
		{ "\4\0\1" SHA256, 35 },
		{ "\3\2\1" SHA256, 35 },
		{ "\3\1\3" SHA256, 35 },
		{ "\3\1\1" SHA256, 34 },
		{ "\3\1\2" SHA256, 35 },
		{ "\3\1\0", 3 },
		{ "\377\377\377" SHA256, 35 },
	};
	static char big[3 + HOP_TLSA_DATA + 1] = { 3, 0, 0 };
	size_t which;

	(void)state;
	set(tlsa, ANSWERS_NONE, 1, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		add(tlsa, bad[i].data, bad[i].len);
	add(tlsa, big, sizeof big);
	assert_int_equal(judge(1, &which), DANE_UNUSABLE);
	assert_int_equal(hop.tlsas, 0);
	add(tlsa, big, sizeof big - 1);
	assert_int_equal(judge(1, &which), DANE_HOLDS);
	for (size_t i = 0; i < HOP_TLSA_MAX + 5; i++)
		add(tlsa, "\3\1\1" SHA256, 35);
	assert_int_equal(judge(1, &which), DANE_HOLDS);
	assert_int_equal(hop.tlsas, HOP_TLSA_MAX);
}

static void
names(void **state)
{
	char name[DANE_NAME_MAX];

	(void)state;
	dane_tlsa_name(name, 25, "mx.example");
	assert_string_equal(name, "_25._tcp.mx.example");
	dane_reference(&hop, "mx.example", "example", "", "mx.example");
	assert_int_equal(hop.names, 2);
	assert_string_equal(hop.name[0], "mx.example");
	assert_string_equal(hop.name[1], "example");
	dane_reference(&hop, "real.example", "a.example", "b.example", "mx.example");
	assert_int_equal(hop.names, 4);
	dane_reference(&hop, "mx.example", 0, 0, 0);
	assert_int_equal(hop.names, 1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(where_to_look),
		cmocka_unit_test(aliases),
		cmocka_unit_test(what_holds),
		cmocka_unit_test(usable_records),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
