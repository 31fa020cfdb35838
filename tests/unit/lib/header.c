/* unit tests of lib/header */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "header.h"

/* scan - pass text in chunks of size; found values joined with '|' into to. */
static struct header
scan(char const *text, size_t size, char *to)
{
	struct header h;
	size_t len = strlen(text);

	*to = 0;
	header_init(&h);
	for (size_t i = 0; i < len; i += size) {
		size_t n = len - i < size ? len - i : size;
		size_t used = 0;

		while (used < n) {
			used += header_scan(&h, text + i + used, n - used);
			assert_true(used <= n);
			if (h.found) {
				strncat(to, h.value, h.valuelen);
				strcat(to, "|");
			}
		}
	}
	return h;
}

static struct {
	char const *text;
	unsigned int received;
	int over;
	char const *found;
} const cases[] = {
	{ "", 0, 0, "" },
	{ "\n", 0, 1, "" },
	{ "Received: x\n", 1, 0, "" },
	{ "RECEIVED: x\nreceived:\nReceived : y\n\nReceived: body\n", 3, 1, "" },
	{ "X-Received: x\nReceivedy: x\nReceive: d\n", 0, 0, "" },
	{ "Subject: a\n Received: folded\n\tReceived: b\nReceived: c\n", 1, 0, "" },
	{ "Delivered-To: bob@d\n", 0, 0, "bob@d|" },
	{ "delivered-TO:  bob@d \t\nDelivered-To:a@b\n\nDelivered-To: c@d\n", 0, 1, "bob@d|a@b|" },
	{ "Delivered-To:\nDelivered-To: \n x@y\n", 0, 0, "" },
	{ "Delivered-To: bob@d", 0, 0, "" }, /* no end of line yet */
	{ "Do you like ketchup?\nReceived: x\n", 0, 1, "" },
	{ "Hello\nReceived: x\n", 0, 1, "" },
	{ ": x\nReceived: x\n", 0, 1, "" },
	{ "Received: x\n\nReceived: x\n", 1, 1, "" },
	{ "Caf\xc3\xa9: x\nReceived: x\n", 0, 1, "" },
	{ "Averyveryverylongfieldnamethatgoeson: x\nReceived: x\n", 1, 0, "" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t size = 1; size < 30; size++) {
			char found[256];
			struct header h = scan(cases[i].text, size, found);

			if (h.received != cases[i].received || header_over(&h) != cases[i].over ||
			    strcmp(found, cases[i].found))
				fail_msg("case %zu, chunks of %zu: %u received, over %d, found %s",
				    i, size, h.received, header_over(&h), found);
		}
}

static void
test_value_limit(void **state)
{
	char text[HEADER_VALUE_MAX + 64];
	char found[HEADER_VALUE_MAX + 64];
	int n;

	(void)state;
	n = snprintf(text, sizeof text, "Delivered-To: ");
	memset(text + n, 'a', HEADER_VALUE_MAX);
	strcpy(text + n + HEADER_VALUE_MAX, "\n");
	scan(text, 7, found);
	assert_int_equal(strlen(found), HEADER_VALUE_MAX + 1);
	memset(text + n, 'a', HEADER_VALUE_MAX + 1);
	strcpy(text + n + HEADER_VALUE_MAX + 1, "\nDelivered-To: b\n");
	scan(text, 7, found);
	assert_string_equal(found, "b|");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_value_limit),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
