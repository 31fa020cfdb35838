#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "known.h"

static void
is_sorted_and_without_doubles(void **state)
{
	(void)state;
	for (size_t i = 1; i < known_count; i++)
		if (strcmp(known[i - 1].name, known[i].name) >= 0)
			fail_msg("%s does not belong behind %s", known[i].name, known[i - 1].name);
}

static void
has_sound_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < known_count; i++) {
		struct known const *k = known + i;

		assert_non_null(k->meaning);
		assert_true(*k->readers);
		if (k->kind == KNOWN_NUMBER) {
			assert_true(strtoull(k->otherwise, 0, 10) >= k->min);
			assert_true(strtoull(k->otherwise, 0, 10) <= k->max);
		}
		if (k->kind == KNOWN_CHOICE)
			assert_non_null(strstr(k->choices, k->otherwise));
		if (*k->otherwise == '<')
			assert_string_equal(k->otherwise, "<me>");
	}
}

static void
finds_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < known_count; i++)
		assert_ptr_equal(known_find(known[i].name), known + i);
	assert_null(known_find(""));
	assert_null(known_find("ME"));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(is_sorted_and_without_doubles),
		cmocka_unit_test(has_sound_entries),
		cmocka_unit_test(finds_by_name),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
