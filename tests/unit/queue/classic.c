#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classic.h"

#define TEXT(s) s, sizeof(s) - 1

/* read - feed text; paths collects "F…;T…;", the result is the last event. */
static enum classic_event
read_text(char const *text, size_t len, char *paths)
{
	struct classic_envelope e = { .expect = CLASSIC_SENDER };
	enum classic_event event = CLASSIC_MORE;

	for (size_t i = 0; i < len; i++) {
		event = classic_next(&e, text[i]);
		if (event == CLASSIC_PATH) {
			*paths++ = e.type == STREAM_MAIL ? 'F' : 'T';
			memcpy(paths, e.address, e.len);
			paths += e.len;
			*paths++ = ';';
		} else if (event != CLASSIC_MORE) {
			break;
		}
	}
	*paths = 0;
	return event;
}

static void
envelopes(void **state)
{
	static struct {
		char const *text;
		size_t len;
		enum classic_event last;
		char const *paths;
	} const cases[] = {
		{ TEXT("Fa@b\0Tc@d\0\0"), CLASSIC_END, "Fa@b;Tc@d;" },
		{ TEXT("F\0Tc@d\0Te\0\0"), CLASSIC_END, "F;Tc@d;Te;" },
		{ TEXT("Fa\0\0"), CLASSIC_END, "Fa;" },
		{ TEXT("Fa\0T\0\0"), CLASSIC_END, "Fa;T;" },
		{ TEXT("Fa\0Tb\0\0Tx\0\0"), CLASSIC_END, "Fa;Tb;" }, /* what follows is not read */
		{ TEXT("Fa\0Tb\0"), CLASSIC_PATH, "Fa;Tb;" },        /* not complete */
		{ TEXT("Fa\0Tb"), CLASSIC_MORE, "Fa;" },
		{ TEXT("Ta\0"), CLASSIC_WRONG, "" },
		{ TEXT("\0"), CLASSIC_WRONG, "" },
		{ TEXT("Fa\0Fb\0\0"), CLASSIC_WRONG, "Fa;" },
		{ TEXT("Fa\0xb\0\0"), CLASSIC_WRONG, "Fa;" },
	};
	char paths[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(read_text(cases[i].text, cases[i].len, paths), cases[i].last);
		assert_string_equal(paths, cases[i].paths);
	}
}

static void
the_longest_address(void **state)
{
	static char text[CLASSIC_ADDRESS_MAX + 3], paths[sizeof text + 3];

	(void)state;
	memset(text, 'x', sizeof text);
	text[0] = 'F';
	text[CLASSIC_ADDRESS_MAX + 1] = 0;
	assert_int_equal(read_text(text, CLASSIC_ADDRESS_MAX + 2, paths), CLASSIC_PATH);
	assert_int_equal(strlen(paths), CLASSIC_ADDRESS_MAX + 2);
	text[CLASSIC_ADDRESS_MAX + 1] = 'x';
	assert_int_equal(read_text(text, sizeof text, paths), CLASSIC_LONG);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(envelopes),
		cmocka_unit_test(the_longest_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
