#include "sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 5000

struct item {
	uint32_t key, number;
	char text[8];
};

static int compared;

static int
by_key(void const *a, void const *b, void *context)
{
	struct item const *x = a, *y = b;

	assert_ptr_equal(context, &compared);
	compared++;
	return x->key < y->key ? -1 : x->key > y->key;
}

static uint32_t
noise(uint32_t n)
{
	return (n * 2654435761U) ^ (n >> 3);
}

/* check - that count items with keys below range are all there, in order. */
static void
check(size_t count, uint32_t range)
{
	struct item *const items = calloc(count + 1, sizeof *items);
	char *const seen = calloc(count + 1, 1);

	assert_non_null(items);
	assert_non_null(seen);
	for (uint32_t i = 0; i < count; i++)
		items[i] = (struct item){ noise(i) % range, i, "text" };
	items[count] = (struct item){ 0, 4711, "behind" };
	sort_items(items, count, sizeof *items, by_key, &compared);
	for (size_t i = 0; i < count; i++) {
		assert_true(!i || items[i - 1].key <= items[i].key);
		assert_int_equal(items[i].key, noise(items[i].number) % range);
		assert_int_equal(seen[items[i].number]++, 0);
	}
	assert_int_equal(items[count].number, 4711);
	free(items);
	free(seen);
}

static void
any_number_of_items(void **state)
{
	(void)state;
	for (size_t count = 0; count < 70; count++) {
		check(count, UINT32_MAX);
		check(count, 3);
	}
	check(MANY, UINT32_MAX);
	check(MANY, 10);
	check(MANY, 1);
}

static void
what_is_in_order_already(void **state)
{
	struct item items[200];

	(void)state;
	for (uint32_t i = 0; i < 200; i++)
		items[i] = (struct item){ .key = i };
	sort_items(items, 200, sizeof *items, by_key, &compared);
	sort_items(items, 200, sizeof *items, by_key, &compared);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(items[i].key, i);
	for (uint32_t i = 0; i < 200; i++)
		items[i] = (struct item){ .key = 1000 - i };
	sort_items(items, 200, sizeof *items, by_key, &compared);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(items[i].key, 801 + i);
}

static void
the_time_it_takes_is_bounded(void **state)
{
	(void)state;
	compared = 0;
	check(MANY, UINT32_MAX);
	assert_true(compared < MANY * 2 * 13); /* 2 n log n, whatever was sent */
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(any_number_of_items),
		cmocka_unit_test(what_is_in_order_already),
		cmocka_unit_test(the_time_it_takes_is_bounded),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
