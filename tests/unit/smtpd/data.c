/* unit tests of smtpd/data: every case in pieces of every size (RFC 5321 2.3.8, 4.5.2) */
#include "data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct {
	char const *in;
	char const *out;
	size_t left; /* octets behind the end */
	int ended, bare;
	unsigned int size;
} const dots[] = {
	{ ".\r\n", "", 0, 1, 0, 0 },
	{ "a\r\n.\r\n", "a\n", 0, 1, 0, 3 },
	{ "a\r\n.\r\nQUIT\r\n", "a\n", 6, 1, 0, 3 },
	{ "..\r\n.\r\n", ".\n", 0, 1, 0, 3 },
	{ ".a\r\n.\r\n", "a\n", 0, 1, 0, 3 },
	{ "a.\r\n.b\r\n...\r\n.\r\n", "a.\nb\n..\n", 0, 1, 0, 11 },
	{ "\r\n\r\n.\r\n", "\n\n", 0, 1, 0, 4 },
	{ "a\r\n", "a\n", 0, 0, 0, 3 },
	{ "a\r\n.", "a\n", 0, 0, 0, 3 },
	{ "a\r\n.\r", "a\n", 0, 0, 0, 3 },
	/* what smuggles: none of these is an end */
	{ "a\n.\nb\r\n.\r\n", "a\n.\nb\n", 0, 1, 1, 7 },
	{ "a\n.\r\nb\r\n.\r\n", "a\n.\nb\n", 0, 1, 1, 8 },
	{ "a\r\n.\nb\r\n.\r\n", "a\n\nb\n", 0, 1, 1, 7 },
	{ "a\r.\r\nb\r\n.\r\n", "a.\nb\n", 0, 1, 1, 8 },
	{ "a\r\n.\rb\r\n.\r\n", "a\nb\n", 0, 1, 1, 7 },
	{ "a\r\n.\r\r\n.\r\n", "a\n\n", 0, 1, 1, 6 },
	{ "a\r.\rb\r\n.\r\n", "a.b\n", 0, 1, 1, 7 },
	{ "a\r\r\n.\r\n", "a\n", 0, 1, 1, 4 },
	{ "\n.\r\n\r\n.\r\n", "\n.\n\n", 0, 1, 1, 6 },
	{ "a\r\n..\n.\r\n\r\n.\r\n", "a\n.\n.\n\n", 0, 1, 1, 10 },
};

/* feed - in in pieces; the output's length. */
static size_t
feed(struct data *d, char const *in, size_t len, size_t piece, char *out, size_t *left)
{
	char buffer[256];
	size_t outlen = 0;
	size_t i = 0;

	while (i < len && !d->ended) {
		size_t const n = len - i < piece ? len - i : piece;
		size_t got, used;

		memcpy(buffer, in + i, n);
		used = data_feed(d, buffer, n, &got);
		assert_true(used == n || d->ended);
		assert_true(got <= used);
		memcpy(out + outlen, buffer, got);
		outlen += got;
		i += used;
	}
	*left = len - i;
	return outlen;
}

static void
test_dots(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dots / sizeof *dots; i++)
		for (size_t piece = 1; piece < 20; piece++) {
			struct data d;
			char out[256];
			size_t len, left;

			data_init(&d, 1);
			len = feed(&d, dots[i].in, strlen(dots[i].in), piece, out, &left);
			out[len] = 0;
			if (strcmp(out, dots[i].out) || d.ended != dots[i].ended ||
			    d.bare != dots[i].bare || left != dots[i].left ||
			    d.size != dots[i].size)
				fail_msg(
				    "case %zu in pieces of %zu: ended %d, bare %d, size %u: %s", i,
				    piece, d.ended, d.bare, (unsigned int)d.size, out);
		}
}

static struct {
	char const *in;
	char const *out;
	int unended, bare;
} const chunks[] = {
	{ "", "", 0, 0 },
	{ ".\r\n.\r\n..\r\n", ".\n.\n..\n", 0, 0 },
	{ "a", "a", 1, 0 },
	{ "a\r\nb", "a\nb", 1, 0 },
	{ "a\r", "a", 1, 1 },
	{ "a\nb\r\n", "a\nb\n", 0, 1 },
	{ "\r\r\n", "\n", 0, 1 },
};

static void
test_chunks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
		for (size_t piece = 1; piece < 12; piece++) {
			struct data d;
			char out[256];
			size_t len, left;

			data_init(&d, 0);
			len = feed(&d, chunks[i].in, strlen(chunks[i].in), piece, out, &left);
			out[len] = 0;
			assert_false(d.ended);
			assert_int_equal(data_finish(&d), chunks[i].unended);
			assert_true(d.ended);
			assert_string_equal(out, chunks[i].out);
			assert_int_equal(d.bare, chunks[i].bare);
		}
}

/* Random octets of the few that matter, in random pieces, against a slow and simple reading. */
static void
test_random(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 200000; round++) {
		char in[24], out[64], all[64];
		size_t const len = (size_t)random() % sizeof in;
		size_t left, outlen, wholelen;
		struct data a, b;

		for (size_t i = 0; i < len; i++)
			in[i] = "\r\n.a"[random() % 4];
		data_init(&a, 1);
		data_init(&b, 1);
		outlen = feed(&a, in, len, 1 + (size_t)random() % 5, out, &left);
		wholelen = feed(&b, in, len, sizeof in, all, &left);
		assert_int_equal(outlen, wholelen);
		assert_memory_equal(out, all, outlen);
		assert_true(a.ended == b.ended && a.bare == b.bare && a.size == b.size);
		if (a.ended) {
			size_t const end = len - left;

			assert_memory_equal(in + end - 3, ".\r\n", 3);
			assert_true(end == 3 || !memcmp(in + end - 5, "\r\n", 2));
		}
		assert_null(memchr(out, '\r', outlen));
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_dots),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
