#include "verp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
each_recipient_has_a_sender(void **state)
{
	static struct {
		char const *sender, *rcpt, *result;
	} const cases[] = {
		{ "list-@host.example-@[]", "bob@crepes.fr", "list-bob=crepes.fr@host.example" },
		{ "list-@host.example-@[]", "postmaster", "list-postmaster@host.example" },
		{ "l@h-@[]", "\"a@b\"@c.fr", "l\"a@b\"=c.fr@h" },
		{ "list-@host.example", "bob@crepes.fr", "" },
		{ "#@[]", "bob@crepes.fr", "" },
		{ "-@[]", "bob@crepes.fr", "" },
		{ "nohost-@[]", "bob@crepes.fr", "" },
		{ "", "bob@crepes.fr", "" },
	};
	char to[2 * ADDRESS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t const n = verp_sender(
		    to, cases[i].sender, strlen(cases[i].sender), cases[i].rcpt);

		assert_int_equal(n, strlen(cases[i].result));
		assert_memory_equal(to, cases[i].result, n);
	}
}

static void
reports_go_to_the_owner(void **state)
{
	char to[2 * ADDRESS_MAX];

	(void)state;
	assert_int_equal(verp_owner(to, "list-@host-@[]", 14), 10);
	assert_memory_equal(to, "list-@host", 10);
	assert_int_equal(verp_owner(to, "bob@host", 8), 0);
	assert_int_equal(verp_owner(to, "", 0), 0);
}

static void
longest_addresses_fit(void **state)
{
	static char sender[ADDRESS_MAX + 1], rcpt[ADDRESS_MAX + 1], to[2 * ADDRESS_MAX];

	(void)state;
	memset(sender, 's', ADDRESS_MAX);
	memcpy(sender + ADDRESS_MAX - 7, "@h-@[]", 7);
	memset(rcpt, 'r', ADDRESS_MAX);
	rcpt[ADDRESS_MAX - 5] = '@';
	assert_true(verp_sender(to, sender, strlen(sender), rcpt) < sizeof to);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(each_recipient_has_a_sender),
		cmocka_unit_test(reports_go_to_the_owner),
		cmocka_unit_test(longest_addresses_fit),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
