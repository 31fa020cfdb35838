#include "mx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct answers a;
static struct mx m;

static void
add(unsigned int preference, char const *name)
{
	size_t const len = strlen(name);

	a.record[a.count] = (struct answers_record){ (uint16_t)preference, (uint16_t)a.used,
		(uint16_t)len };
	memcpy(a.data + a.used, name, len + 1);
	a.used += len + 1;
	a.count++;
}

static int
clear(void **state)
{
	(void)state;
	answers_clear(&a, ANSWERS_OK);
	return 0;
}

static void
in_order_of_preference(void **state)
{
	(void)state;
	add(30, "c");
	add(10, "a");
	add(20, "b");
	add(40, "a"); /* once is enough */
	assert_int_equal(mx_order(&m, &a, 1), MX_HOSTS);
	assert_int_equal(m.count, 3);
	assert_string_equal(m.host[0].name, "a");
	assert_string_equal(m.host[1].name, "b");
	assert_string_equal(m.host[2].name, "c");
}

static void
at_random_among_equals(void **state)
{
	unsigned int first[3] = { 0 };

	(void)state;
	add(10, "a");
	add(10, "b");
	add(10, "c");
	add(20, "z");
	for (uint64_t seed = 0; seed < 3000; seed++) {
		assert_int_equal(mx_order(&m, &a, seed * 0x9e3779b97f4a7c15ULL), MX_HOSTS);
		first[m.host[0].name[0] - 'a']++;
		assert_string_equal(m.host[3].name, "z");
		assert_int_equal(mx_end_of_group(&m, 0), 3);
		assert_int_equal(mx_end_of_group(&m, 3), 4);
	}
	for (size_t i = 0; i < 3; i++)
		assert_in_range(first[i], 800, 1200);
}

static void
null_mx(void **state)
{
	(void)state;
	add(0, "");
	assert_int_equal(mx_order(&m, &a, 1), MX_NULL);
	add(0, "a");
	assert_int_equal(mx_order(&m, &a, 1), MX_HOSTS);
	assert_int_equal(m.count, 1);
}

static void
unusable(void **state)
{
	(void)state;
	a.unusable = 1;
	assert_int_equal(mx_order(&m, &a, 1), MX_UNUSABLE);
	add(0, "");
	assert_int_equal(mx_order(&m, &a, 1), MX_UNUSABLE);
}

static void
no_more_than_the_best(void **state)
{
	char name[16];

	(void)state;
	for (unsigned int i = ANSWERS_MAX; i > 0; i--) {
		snprintf(name, sizeof name, "h%u", i);
		add(i, name);
	}
	assert_int_equal(mx_order(&m, &a, 1), MX_HOSTS);
	assert_int_equal(m.count, MX_MAX);
	assert_string_equal(m.host[0].name, "h1");
}

static void
cut_at_ourselves(void **state)
{
	(void)state;
	add(10, "a");
	add(20, "b");
	add(20, "us");
	add(30, "c");
	assert_int_equal(mx_order(&m, &a, 1), MX_HOSTS);
	mx_cut(&m, strcmp(m.host[1].name, "us") ? 2 : 1);
	assert_int_equal(m.count, 1);
	assert_string_equal(m.host[0].name, "a");
	mx_cut(&m, 0);
	assert_int_equal(m.count, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup(in_order_of_preference, clear),
		cmocka_unit_test_setup(at_random_among_equals, clear),
		cmocka_unit_test_setup(null_mx, clear),
		cmocka_unit_test_setup(unusable, clear),
		cmocka_unit_test_setup(no_more_than_the_best, clear),
		cmocka_unit_test_setup(cut_at_ourselves, clear),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
