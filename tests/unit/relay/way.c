#include "way.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct connectconf conf = { .port = 25 };
static struct own own;
static struct verdict verdict;
static struct way way = { .conf = &conf, .own = &own, .sts = { .dir = -1, .socket = -1 } };

/* find - the plan for a host, where no name server answers. */
static void
find(char const *target)
{
	way.target = target;
	verdict_clear(&verdict);
	assert_int_equal(way_find(&way, &verdict), 1);
	if (!way.plan.host[0].resolved)
		way_resolve(&way, 0, &verdict);
}

static void
what_could_not_be_looked_up_is_looked_up_again(void **state)
{
	(void)state;
	find("192.0.2.1:25");
	assert_int_equal(way.plan.host[0].count, 1);
	assert_false(way_is_old(&way));
	find("mx.crepes.fr:25");
	assert_int_equal(way.plan.host[0].count, 0);
	assert_string_equal(verdict.answer.status, "4.4.3");
	assert_non_null(strstr(verdict.answer.text, "DNS look-up failed"));
	assert_true(way_is_old(&way));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(what_could_not_be_looked_up_is_looked_up_again),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
