#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "forward.h"

static struct {
	char const *in; /* parameters, each ended by ; */
	char const *out;
} const cases[] = {
	{ "", "" },
	{ "NOTIFY=SUCCESS;", "NOTIFY=NEVER;" },
	{ "NOTIFY=NEVER;", "NOTIFY=NEVER;" },
	{ "NOTIFY=SUCCESS,FAILURE,DELAY;", "NOTIFY=FAILURE,DELAY;" },
	{ "NOTIFY=FAILURE,SUCCESS;", "NOTIFY=FAILURE;" },
	{ "NOTIFY=DELAY;ORCPT=rfc822;", "NOTIFY=DELAY;ORCPT=rfc822;" },
	{ "X=y;ORCPT=a;", "ORCPT=a;" },
	{ "ORCPT=a", "ORCPT=a;" },
};

static void
passes_on_every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char in[128];
		size_t len = strlen(cases[i].in);
		stralloc out = STRALLOC_ZERO;

		for (size_t j = 0; j < len; j++)
			in[j] = cases[i].in[j] == ';' ? 0 : cases[i].in[j];
		assert_true(forward_params(&out, in, len));
		for (size_t j = 0; j < out.len; j++)
			if (!out.s[j])
				out.s[j] = ';';
		assert_true(stralloc_0(&out));
		assert_string_equal(out.s, cases[i].out);
		stralloc_free(&out);
	}
}

/* RFC 3461 5.2.7.1: nothing that the sender asked for, but what the octets need. */
static void
a_list_passes_none_on(void **state)
{
	static char const in[] = "RET=HDRS\0BODY=8BITMIME\0ENVID=x\0SMTPUTF8";
	static char const want[] = "BODY=8BITMIME\0SMTPUTF8";
	stralloc out = STRALLOC_ZERO;

	(void)state;
	assert_true(forward_list_params(&out, in, sizeof in));
	assert_int_equal(out.len, sizeof want);
	assert_memory_equal(out.s, want, sizeof want);
	stralloc_free(&out);
	assert_true(forward_list_params(&out, 0, 0));
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(passes_on_every_case),
		cmocka_unit_test(a_list_passes_none_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
