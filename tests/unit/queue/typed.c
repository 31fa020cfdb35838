/* unit tests of queue/typed: line ends and the dot of a message that is typed */
#include "typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
all(char const *text, size_t piece, int dot_is_text, char *to)
{
	struct typed t = { .dot_is_text = dot_is_text };
	size_t const len = strlen(text);
	size_t n = 0;

	for (size_t i = 0; i < len; i += piece) {
		size_t const some = len - i < piece ? len - i : piece;
		size_t const got = typed_feed(&t, text + i, some, to + n);

		assert_in_range(got, 0, some + TYPED_MORE);
		n += got;
	}
	n += typed_finish(&t, to + n);
	to[n] = 0;
}

static void
texts(void **state)
{
	static struct {
		char const *text, *ended, *whole; /* with the dot as the end, and as text */
	} const cases[] = {
		{ "", "", "" },
		{ "a\nb\n", "a\nb\n", "a\nb\n" },
		{ "a\r\nb\r\n", "a\nb\n", "a\nb\n" },
		{ "a\rb\n", "a\rb\n", "a\rb\n" },
		{ "a\r\r\n", "a\r\n", "a\r\n" },
		{ "a", "a\n", "a\n" },
		{ "a\r", "a\r\n", "a\r\n" },
		{ ".\nb\n", "", ".\nb\n" },
		{ "a\n.\nb\n", "a\n", "a\n.\nb\n" },
		{ "a\r\n.\r\nb\n", "a\n", "a\n.\nb\n" },
		{ "a.\n.b\n..\n", "a.\n.b\n..\n", "a.\n.b\n..\n" },
		{ ".\rb\n", ".\rb\n", ".\rb\n" },
		{ ".", ".\n", ".\n" },
		{ ".\r", ".\r\n", ".\r\n" },
		{ "\n\n", "\n\n", "\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 8; piece++) {
			char got[64];

			all(cases[i].text, piece, 0, got);
			assert_string_equal(got, cases[i].ended);
			all(cases[i].text, piece, 1, got);
			assert_string_equal(got, cases[i].whole);
		}
}

int
main(void)
{
	struct CMUnitTest const tests[] = { cmocka_unit_test(texts) };

	return cmocka_run_group_tests(tests, 0, 0);
}
