/* unit tests of relay/needs: whether a server can take a message */
#include "needs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct letter l;

static void
envelope(char const *sender, char const *rcpt)
{
	letter_mail(&l, &(struct frame){ STREAM_MAIL, sender, strlen(sender) + 1, -1 });
	letter_rcpt(&l, &(struct frame){ STREAM_RCPT, rcpt, strlen(rcpt) + 1, -1 });
}

static void
check(struct survey const *s, unsigned int offers, uint64_t size, int verified, char const *want)
{
	struct capabilities const can = { .offers = offers, .size = size };
	struct answer a = { .code = 'K' };

	assert_int_equal(needs_check(&a, "h", &l, s, &can, verified), !*want);
	assert_string_equal(a.status, want);
	assert_int_equal(a.code, *want ? 'D' : 'K');
}

static void
test_size(void **state)
{
	struct survey const s = { .size = 100 };

	(void)state;
	envelope("a@b", "c@d");
	check(&s, CAN_SIZE, 100, 0, "");
	check(&s, CAN_SIZE, 99, 0, "5.3.4");
	check(&s, CAN_SIZE, 0, 0, "");
	l.size = 200; /* what the source said counts where nothing is known */
	check(&s, CAN_SIZE, 150, 0, "");
	check(0, CAN_SIZE, 150, 0, "5.3.4");
}

static void
test_utf8(void **state)
{
	struct survey const ascii = { .size = 1 }, utf8 = { .eight_header = 1 };
	struct capabilities can = { 0 };
	struct answer a;

	(void)state;
	envelope("a@b", "c@d");
	check(&utf8, 0, 0, 0, ""); /* it does not claim to be UTF-8 */
	l.smtputf8 = 1;
	check(&ascii, 0, 0, 0, "");
	check(&utf8, 0, 0, 0, "5.6.7");
	check(0, 0, 0, 0, "5.6.7");
	check(&utf8, CAN_SMTPUTF8, 0, 0, "");
	assert_true(needs_rcpt(&a, "h", &l, 0, &can));
	envelope("\xc3\xa4@b", "\xc3\xa4@d");
	check(&ascii, 0, 0, 0, "5.6.7");
	assert_false(needs_rcpt(&a, "h", &l, 0, &can));
	assert_string_equal(a.status, "5.6.7");
	can.offers = CAN_SMTPUTF8;
	assert_true(needs_rcpt(&a, "h", &l, 0, &can));
}

static void
test_tls(void **state)
{
	struct survey no = { .no_tls_needed = 1 }, usual = { 0 };

	(void)state;
	envelope("a@b", "c@d");
	assert_int_equal(needs_tls(&l, &usual), NEEDS_AS_USUAL);
	assert_int_equal(needs_tls(&l, 0), NEEDS_AS_USUAL);
	assert_int_equal(needs_tls(&l, &no), NEEDS_ANY);
	l.requiretls = 1;
	assert_int_equal(needs_tls(&l, 0), NEEDS_REQUIRED);
	assert_int_equal(needs_tls(&l, &no), NEEDS_REQUIRED);
	check(&usual, CAN_REQUIRETLS, 0, 1, "");
	check(&usual, CAN_REQUIRETLS, 0, 0, "5.7.30");
	check(&usual, 0, 0, 1, "5.7.30");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_tls),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
