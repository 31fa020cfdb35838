/* unit tests of lib/wireform: line ends, dots, folds */
#include "wireform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char out[65536];
static size_t outlen;

/* convert - text[len], given in pieces of n octets, into room of that size. */
static void
convert(char const *text, size_t len, unsigned int how, size_t n, size_t room)
{
	struct wireform w;
	size_t got;

	wireform_begin(&w, how);
	outlen = 0;
	for (size_t at = 0; at < len;) {
		size_t const size = len - at < n ? len - at : n;
		size_t const used = wireform_feed(&w, text + at, size, out + outlen, room, &got);

		assert_in_range(used, 1, size);
		assert_in_range(got, 0, room);
		at += used;
		outlen += got;
	}
	outlen += wireform_end(&w, out + outlen);
	assert_in_range(outlen, 0, sizeof out - WIREFORM_END_MAX);
	out[outlen] = 0;
}

static void
test_table(void **state)
{
	static struct {
		char const *in, *data, *chunk;
	} const cases[] = {
		{ "", ".\r\n", "" },
		{ "\n", "\r\n.\r\n", "\r\n" },
		{ "a\n", "a\r\n.\r\n", "a\r\n" },
		{ "a", "a\r\n.\r\n", "a\r\n" },
		{ ".", "..\r\n.\r\n", ".\r\n" },
		{ ".\n..\n.a\na.\n", "..\r\n...\r\n..a\r\na.\r\n.\r\n", ".\r\n..\r\n.a\r\na.\r\n" },
		{ "a\r\nb\r\n", "a\r\nb\r\n.\r\n", "a\r\nb\r\n" },
		{ "a\r.\r\n", "a .\r\n.\r\n", "a .\r\n" },
		{ "a\r\r\n", "a \r\n.\r\n", "a \r\n" },
		{ "\r.\n", " .\r\n.\r\n", " .\r\n" },
		{ "a\n\r.\n", "a\r\n .\r\n.\r\n", "a\r\n .\r\n" },
		{ "a\r", "a \r\n.\r\n", "a \r\n" },
		{ "\r\n.\r\nx", "\r\n..\r\nx\r\n.\r\n", "\r\n.\r\nx\r\n" },
		{ "\r\r\n.\r\r\n", " \r\n.. \r\n.\r\n", " \r\n. \r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t n = 1; n < 20; n++) {
			size_t const len = strlen(cases[i].in);

			convert(cases[i].in, len, 1, n, WIREFORM_ROOM);
			assert_string_equal(out, cases[i].data);
			convert(cases[i].in, len, 0, n, WIREFORM_ROOM + 7);
			assert_string_equal(out, cases[i].chunk);
		}
}

static void
test_nul_stays(void **state)
{
	(void)state;
	convert("a\0b\n", 4, 1, 4, WIREFORM_ROOM);
	assert_memory_equal(out, "a\0b\r\n.\r\n", 8);
}

/* fold - a line of len octets, with a blank at that offset if there is one. */
static void
fold(size_t len, size_t blank, size_t n, size_t room)
{
	static char line[3000];

	memset(line, 'x', sizeof line);
	if (blank)
		line[blank] = ' ';
	line[len] = '\n';
	convert(line, len + 1, 0, n, room);
}

static void
test_folds(void **state)
{
	(void)state;
	for (size_t n = 1; n < 3000; n += 499)
		for (size_t room = WIREFORM_ROOM; room < 9000; room += 2111) {
			fold(998, 0, n, room);
			assert_int_equal(outlen, 1000);
			fold(999, 0, n, room); /* a blank is added */
			assert_int_equal(outlen, 999 + 5);
			assert_memory_equal(out + 998, "\r\n x\r\n", 6);
			fold(999, 950, n, room); /* the blank that is there is the fold's */
			assert_int_equal(outlen, 999 + 4);
			assert_memory_equal(out + 950, "\r\n x", 4);
			fold(999, 500, n, room); /* too far away */
			assert_memory_equal(out + 998, "\r\n x\r\n", 6);
			fold(2999, 0, n, room);
			assert_int_equal(outlen, 2999 + 2 + 9);
			for (size_t at = 0, column = 0; at < outlen; at++) {
				column = out[at] == '\n' ? 0 : column + 1;
				assert_in_range(column, 0, 999);
			}
		}
}

static void
test_fold_spares_characters(void **state)
{
	static char line[1200];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(line, 'x', sizeof line);
		for (size_t at = shift; at + 4 < 1100; at += 4)
			memcpy(line + at, "\xf0\x9f\x92\x8c", 4);
		line[1100] = '\n';
		convert(line, 1101, 0, 1101, sizeof out - WIREFORM_END_MAX);
		for (size_t at = 1; at + 3 < outlen; at++)
			if (out[at] == '\r')
				assert_true((out[at + 3] & 0xc0) != 0x80);
	}
}

static void
test_folded_dot(void **state)
{
	static char line[1100];

	(void)state;
	memset(line, '.', sizeof line);
	convert(line, sizeof line, 1, sizeof line, sizeof out - WIREFORM_END_MAX);
	assert_memory_equal(out, "..", 2);
	assert_memory_equal(out + 999, "\r\n .", 4); /* no line of dots begins there */
}

static void
test_long(void **state)
{
	static char text[5000];
	unsigned int const how = WIREFORM_DOTS | WIREFORM_LONG;

	(void)state;
	memset(text, '.', sizeof text);
	for (size_t n = 1; n <= sizeof text; n += 617) {
		convert(text, sizeof text, how, n, 2 * sizeof text + WIREFORM_ROOM);
		assert_int_equal(outlen, sizeof text + 6);
		assert_memory_equal(out, "..", 2);
		assert_string_equal(out + outlen - 6, ".\r\n.\r\n");
	}
	convert("a\r\r\n", 4, how, 1, 1000);
	assert_string_equal(out, "a \r\n.\r\n");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_nul_stays),
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_fold_spares_characters),
		cmocka_unit_test(test_folded_dot),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
