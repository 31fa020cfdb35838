/* unit tests of lib/complete: what is added to a header, and what is taken out */
#include "complete.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DATE "Date: d\n"
#define ID   "Message-ID: <i>\n"
#define FROM "From: f\n"

static char out[2 * COMPLETE_VALUE_MAX];
static size_t outlen, room;
static char const *domain; /* of addresses without one */

static int
put(void *to, char const *text, size_t len)
{
	(void)to;
	if (len > room)
		return 0;
	memcpy(out + outlen, text, len);
	outlen += len;
	room -= len;
	out[outlen] = 0;
	return 1;
}

/* through - the text in pieces of so many octets; 1, or 0 if put failed. */
static int
through(char const *text, size_t piece, int add)
{
	struct complete c = {
		.put = put, .date = add ? "d" : 0, .id = "<i>", .from = "f", .domain = domain
	};
	size_t const len = strlen(text);

	outlen = 0;
	*out = 0;
	complete_init(&c);
	for (size_t i = 0; i < len; i += piece)
		if (!complete_feed(&c, text + i, len - i < piece ? len - i : piece))
			return 0;
	return complete_finish(&c);
}

static void
headers(void **state)
{
	static struct {
		char const *text, *want;
	} const cases[] = {
		{ "", DATE ID FROM },
		{ "\n", DATE ID FROM "\n" },
		{ "\nhi\n", DATE ID FROM "\nhi\n" },
		{ "To: x\n\nhi\n", "To: x\n" DATE ID FROM "\nhi\n" },
		{ "Date: 1\nMessage-Id: 2\nfrom: 3\n\nhi",
		    "Date: 1\nMessage-Id: 2\nfrom: 3\n\nhi" },
		{ "From : 3\n\n", "From : 3\n" DATE ID "\n" },
		{ "To: a,\n Date: x\n\n", "To: a,\n Date: x\n" DATE ID FROM "\n" },
		{ "Bcc: secret\nTo: a\n\n", "To: a\n" DATE ID FROM "\n" },
		{ "bCC: secret,\n\tmore\n and more\nTo: a\n\n", "To: a\n" DATE ID FROM "\n" },
		{ "Return-Path: <x>\nContent-Length: 3\n\nbcc: y\n", DATE ID FROM "\nbcc: y\n" },
		{ "Bccx: a\nBc: b\n\n", "Bccx: a\nBc: b\n" DATE ID FROM "\n" },
		{ "From bob Tue\nTo: a\n\nFrom b\n", "To: a\n" DATE ID FROM "\nFrom b\n" },
		{ "From bob\n folded\nTo: a\n\n", "To: a\n" DATE ID FROM "\n" },
		{ "From  Tue\nTo: a\n\n", "To: a\n" DATE ID FROM "\n" },
		{ "From \t \nTo: a\n\n", "To: a\n" DATE ID FROM "\n" },
		{ "To: a\nFrom bob Tue\n", "To: a\n" DATE ID FROM "\nFrom bob Tue\n" },
		{ "hello world\nTo: a\n", DATE ID FROM "\nhello world\nTo: a\n" },
		{ "hello", DATE ID FROM "\nhello" },
		{ "To: a", "To: a\n" DATE ID FROM },
		{ "To: a\n", "To: a\n" DATE ID FROM },
		{ "Bcc: a", DATE ID FROM },
		{ ": x\n", DATE ID FROM "\n: x\n" },
		{ " x\n", DATE ID FROM "\n x\n" },
		{ " :\nBcc: x\n", DATE ID FROM "\n :\nBcc: x\n" },
		{ "Resent-To: a\nResent-From: b\n\n",
		    "Resent-To: a\nResent-From: b\n" DATE ID FROM
		    "Resent-Date: d\nResent-Message-ID: <i>\n\n" },
		{ "Resent-Bcc: a\n\n", DATE ID FROM "\n" },
		{ "X\1: a\n", DATE ID FROM "\nX\1: a\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 70; piece += piece < 5 ? 1 : 21) {
			room = sizeof out - 1;
			assert_int_equal(through(cases[i].text, piece, 1), 1);
			assert_string_equal(out, cases[i].want);
		}
}

static void
whole_addresses(void **state)
{
	static struct {
		char const *text, *want;
	} const cases[] = {
		{ "To: a\n\na\n", "To: a@b.c\n\na\n" },
		{ "TO : Al <a>,\n \"x, y\" <d@e>, z (me)\n\n",
		    "TO : Al <a@b.c>,\n \"x, y\" <d@e>, z@b.c (me)\n\n" },
		{ "Cc: g: a, b;\nReply-To: a\nSender:\n b\n",
		    "Cc: g: a@b.c, b@b.c;\nReply-To: a@b.c\nSender:\n b@b.c\n" },
		{ "Resent-To: a\nResent-Cc: b\nResent-From: c\nResent-Sender: d\n\n",
		    "Resent-To: a@b.c\nResent-Cc: b@b.c\nResent-From: c@b.c\nResent-Sender: "
		    "d@b.c\n\n" },
		{ "Subject: a\nX-To: a\nTo: undisclosed:;\n\n",
		    "Subject: a\nX-To: a\nTo: undisclosed:;\n\n" },
		{ "To: a, <b\nCc: c\n\n", "To: a, <b\nCc: c@b.c\n\n" },
		{ "To: a", "To: a@b.c\n" },
		{ "To: a\nno field\n", "To: a@b.c\n\nno field\n" },
		{ "Bcc: a\n b\nTo:\n\n", "To:\n\n" },
		{ "From: a\n\nTo: b\n", "From: a@b.c\n\nTo: b\n" },
	};

	(void)state;
	domain = "b.c";
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 70; piece += piece < 5 ? 1 : 21) {
			room = sizeof out - 1;
			assert_int_equal(through(cases[i].text, piece, 0), 1);
			assert_string_equal(out, cases[i].want);
		}
	domain = 0;
}

/* More addresses than there is room for go on as they are, whole. */
static void
long_lists(void **state)
{
	static char text[COMPLETE_VALUE_MAX + 64], want[sizeof text + 64];

	(void)state;
	domain = "b.c";
	for (size_t len = COMPLETE_VALUE_MAX - 2; len <= COMPLETE_VALUE_MAX + 1; len++) {
		int const fits = len + 1 <= COMPLETE_VALUE_MAX; /* with the line's end */

		snprintf(text, sizeof text, "To:%*s\nCc: z\n\n", (int)len, "a");
		snprintf(want, sizeof want, "To:%*s%s\nCc: z@b.c\n\n", (int)len, "a",
		    fits ? "@b.c" : "");
		room = sizeof out - 1;
		assert_int_equal(through(text, 1000, 0), 1);
		assert_string_equal(out, want);
	}
	domain = 0;
}

static void
nothing_is_added(void **state)
{
	(void)state;
	room = sizeof out - 1;
	assert_int_equal(through("To: a\nBcc: b\n\nhi\n", 3, 0), 1);
	assert_string_equal(out, "To: a\n\nhi\n");
}

/* A name that is too long ends the header. */
static void
long_names(void **state)
{
	char text[COMPLETE_NAME_MAX + 8];

	(void)state;
	for (size_t len = COMPLETE_NAME_MAX - 1; len <= COMPLETE_NAME_MAX; len++) {
		memset(text, 'x', len);
		strcpy(text + len, ": v\n");
		room = sizeof out - 1;
		assert_int_equal(through(text, 7, 1), 1);
		if (len < COMPLETE_NAME_MAX)
			assert_memory_equal(out, text, len + 4);
		else
			assert_memory_equal(out, DATE ID FROM "\n", sizeof DATE ID FROM);
	}
}

static void
put_fails(void **state)
{
	size_t whole;

	(void)state;
	room = sizeof out - 1;
	domain = "b.c";
	through("To: a\nlong-name: b\n\nhi\n", 4, 1);
	whole = outlen;
	for (size_t n = 0; n < whole; n++) {
		room = n;
		assert_int_equal(through("To: a\nlong-name: b\n\nhi\n", 4, 1), 0);
	}
	room = whole;
	assert_int_equal(through("To: a\nlong-name: b\n\nhi\n", 4, 1), 1);
	domain = 0;
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(whole_addresses),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(nothing_is_added),
		cmocka_unit_test(long_names),
		cmocka_unit_test(put_fails),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
