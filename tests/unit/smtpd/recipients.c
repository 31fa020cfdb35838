/* unit tests of smtpd/recipients */
#include "recipients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
add(struct recipients *r, char const *address, int local)
{
	assert_true(recipients_add(r, address, strlen(address), local));
}

static void
test_order(void **state)
{
	struct recipients r = { 0 };

	(void)state;
	assert_null(recipients_owed(&r));
	assert_null(recipients_only(&r));
	add(&r, "a@x", 1);
	add(&r, "b@x", 1);
	add(&r, "c@x", 0);
	assert_string_equal(recipients_owed(&r), "a@x");
	recipients_settle(&r, 0);
	assert_string_equal(recipients_owed(&r), "b@x");
	assert_null(recipients_only(&r));
	recipients_settle(&r, 1);
	assert_string_equal(recipients_owed(&r), "c@x");
	assert_string_equal(recipients_only(&r), "b@x");
	recipients_settle(&r, 1);
	assert_null(recipients_owed(&r));
	assert_null(recipients_only(&r));
	recipients_clear(&r);
	assert_null(recipients_owed(&r));
	assert_false(recipients_has_local(&r, "b@x", 3));
	stralloc_free(&r.list);
}

static void
test_local(void **state)
{
	struct recipients r = { 0 };

	(void)state;
	add(&r, "a@x", 1);
	add(&r, "b@x", 0);
	add(&r, "c@x", 1);
	assert_false(recipients_has_local(&r, "a@x", 3)); /* not accepted yet */
	recipients_settle(&r, 1);
	recipients_settle(&r, 1);
	recipients_settle(&r, 1);
	assert_true(recipients_has_local(&r, "a@x", 3));
	assert_false(recipients_has_local(&r, "b@x", 3));
	assert_true(recipients_has_local(&r, "c@x", 3));
	assert_false(recipients_has_local(&r, "c@", 2));
	assert_false(recipients_has_local(&r, "c@xy", 4));
	assert_false(recipients_has_local(&r, "", 0));
	stralloc_free(&r.list);
}

static void
test_many(void **state)
{
	struct recipients r = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		add(&r, "somebody@example.org", i % 2);
	for (int i = 0; i < 5000; i++)
		recipients_settle(&r, i == 4321);
	assert_string_equal(recipients_only(&r), "somebody@example.org");
	stralloc_free(&r.list);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
