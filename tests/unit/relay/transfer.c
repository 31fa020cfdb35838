/* unit tests of relay/transfer: what is written can be read back (RFC 2045 6.7, 6.8) */
#include "transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mime.h"

#define CONTENT_MAX 6000

/* write_all - the content as the lines that it has. */
static size_t
write_all(enum transfer_how how, char const *in, size_t len, int boundary, char *out)
{
	struct transfer t;
	size_t total = 0, i = 0;
	int first = 1;

	transfer_init(&t, how);
	while (i < len) {
		size_t const left = len - i;
		size_t const most = left < MIME_LINE_MAX + 1 ? left : MIME_LINE_MAX + 1;
		char const *const lf = memchr(in + i, '\n', most);
		struct transfer_piece const p = { in + i, lf ? (size_t)(lf - in) - i : most, first,
			lf                          ? TRANSFER_LF
			: most == MIME_LINE_MAX + 1 ? TRANSFER_GOES_ON
						    : TRANSFER_EOF };

		total += transfer_piece(&t, &p, out + total);
		first = lf != 0;
		i += p.len + (lf != 0);
	}
	return total + transfer_finish(&t, boundary, out + total);
}

static int
hex(char ch)
{
	char const *const digits = "0123456789ABCDEF";
	char const *const at = ch ? strchr(digits, ch) : 0;

	assert_non_null(at);
	return (int)(at - digits);
}

static size_t
read_qp(char const *in, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (in[i] != '=') {
			out[n++] = in[i];
		} else if (in[i + 1] == '\n') {
			i++;
		} else {
			out[n++] = (char)(hex(in[i + 1]) << 4 | hex(in[i + 2]));
			i += 2;
		}
	}
	return n;
}

/* read_base64 - as a simple reader does it, and with LF for CR LF. */
static size_t
read_base64(char const *in, size_t len, char *out)
{
	static char const digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits = 0, have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len && in[i] != '='; i++) {
		if (in[i] == '\n')
			continue;
		assert_non_null(strchr(digits, in[i]));
		bits = bits << 6 | (unsigned int)(strchr(digits, in[i]) - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
			if (out[n - 1] == '\n' && n > 1 && out[n - 2] == '\r')
				out[--n - 1] = '\n';
		}
	}
	return n;
}

static void
check_form(char const *out, size_t len)
{
	for (size_t i = 0, start = 0; i < len; i++) {
		assert_true(out[i] == '\n' || (out[i] >= ' ' && out[i] <= '~') || out[i] == '\t');
		if (out[i] == '\n') {
			assert_true(i - start <= 76);
			assert_true(i == start || (out[i - 1] != ' ' && out[i - 1] != '\t'));
			start = i + 1;
		}
	}
}

/* Random content of the octets that matter, there and back. */
static void
test_there_and_back(void **state)
{
	static char in[CONTENT_MAX], out[4 * CONTENT_MAX], back[CONTENT_MAX + 8];
	static char const few[] = "a=\t .-\n\xe4\0F";

	(void)state;
	srandom(1);
	for (int round = 0; round < 3000; round++) {
		size_t const len = (size_t)random() % (round % 10 ? 200 : CONTENT_MAX);
		int const wide = round % 3;
		size_t got;

		for (size_t i = 0; i < len; i++)
			in[i] = wide ? (char)random() : few[random() % (int)(sizeof few - 1)];
		got = write_all(TRANSFER_QP, in, len, 0, out);
		check_form(out, got);
		assert_int_equal(read_qp(out, got, back), len);
		assert_memory_equal(back, in, len);

		for (size_t i = 0; i < len; i++)
			in[i] = in[i] == '\r' ? '\n' : in[i];
		got = write_all(TRANSFER_BASE64, in, len, 0, out);
		check_form(out, got);
		assert_int_equal(read_base64(out, got, back), len);
		assert_memory_equal(back, in, len);
		assert_true(!got || out[got - 1] == '\n');
	}
}

static struct {
	enum transfer_how how;
	char const *in;
	int boundary;
	char const *out;
} const cases[] = {
	{ TRANSFER_PASS, "a\xe4 \nb", 0, "a\xe4 \nb" },
	{ TRANSFER_QP, "", 0, "" },
	{ TRANSFER_QP, "\n\n", 0, "\n\n" },
	{ TRANSFER_QP, "a b \n", 1, "a b=20\n" },
	{ TRANSFER_QP, "a\t", 0, "a=09" },
	{ TRANSFER_QP, "From me\nFromage\n-- \n- x\n--b\n", 0,
	    "=46rom me\nFromage\n=2D-=20\n- x\n=2D-b\n" },
	{ TRANSFER_BASE64, "", 0, "" },
	{ TRANSFER_BASE64, "a\n", 0, "YQ0K\n" },
	{ TRANSFER_BASE64, "a\n", 1, "YQ==\n" },
	{ TRANSFER_BASE64, "\n", 1, "" },
	{ TRANSFER_BASE64, "a\nb", 1, "YQ0KYg==\n" },
	{ TRANSFER_MEND_QP, "=41 \n\xe4=\n--\xe4\n", 0, "=41 \n=E4=\n=2D-=E4\n" },
	{ TRANSFER_MEND_BASE64,
	    "AAAA\n--foot\n-\xe4"
	    "B,\n",
	    0, "AAAA\n--foot\nB\n" },
	{ TRANSFER_BLUNT, "-a\n-\xe4\r\n", 0, "-a\n???\n" },
};

static void
test_cases(void **state)
{
	char out[400];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		out[write_all(
		    cases[i].how, cases[i].in, strlen(cases[i].in), cases[i].boundary, out)] = 0;
		assert_string_equal(out, cases[i].out);
	}
}

/* What is mended has no long line, and says the same as before. */
static void
test_long_lines(void **state)
{
	static char in[CONTENT_MAX], out[4 * CONTENT_MAX], back[CONTENT_MAX];

	(void)state;
	for (size_t shift = 0; shift < 5; shift++) {
		size_t len = 0, got;

		while (len < shift)
			in[len++] = '-';
		while (len < 3000) {
			memcpy(in + len, "=4D--", 5);
			len += 5;
		}
		in[len++] = '\n';
		got = write_all(TRANSFER_MEND_QP, in, len, 0, out);
		for (size_t i = 0, start = 0; i < got; i++)
			if (out[i] == '\n') {
				assert_true(i - start <= MIME_LINE_MAX);
				assert_false(start && !memcmp(out + start, "--", 2));
				start = i + 1;
			}
		got = read_qp(out, got, back);
		assert_int_equal(got, shift + 3 * ((3000 - shift + 4) / 5) + 1);

		memset(in, 'A', 3000);
		in[3000] = '\n';
		got = write_all(
		    shift & 1 ? TRANSFER_BLUNT : TRANSFER_MEND_BASE64, in, 3001, 0, out);
		assert_int_equal(got, 3001 + 3 * 2);
		assert_memory_equal(out + MIME_LINE_MAX, "\n A", 3);
	}
}

static void
test_needs(void **state)
{
	struct transfer_piece p = { "a", 1, 1, TRANSFER_LF };

	(void)state;
	assert_int_equal(transfer_needs(&p), 0);
	p.text = "\x80";
	assert_int_equal(transfer_needs(&p), MIME_EIGHT);
	p.text = "\r";
	p.end = TRANSFER_GOES_ON;
	assert_int_equal(transfer_needs(&p), MIME_BINARY | MIME_LONG);
	p.text = "";
	p.first = 0;
	assert_int_equal(transfer_needs(&p), MIME_BINARY);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_needs),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
