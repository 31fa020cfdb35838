#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "submit.h"

#define TEXT(s) s, sizeof(s) - 1

static void
addresses(void **state)
{
	static struct {
		enum stream_type type;
		char const *in;
		size_t len;
		char const *out; /* null: refused */
	} const cases[] = {
		{ STREAM_RCPT, TEXT("bob@hamburger.edu"), "bob@hamburger.edu" },
		{ STREAM_RCPT, TEXT("Bob@HAMBURGER.Edu"), "Bob@hamburger.edu" },
		{ STREAM_RCPT, TEXT("bob"), "bob" },
		{ STREAM_RCPT, TEXT("a b@x.org"), "\"a b\"@x.org" }, /* as qmail writes it */
		{ STREAM_RCPT, TEXT("\"a b\"@x.org"), "\"a b\"@x.org" },
		{ STREAM_RCPT, TEXT("a\"b\\c@x.org"), "\"a\\\"b\\\\c\"@x.org" },
		{ STREAM_RCPT, TEXT("a@b@x.org"), "\"a@b\"@x.org" },
		{ STREAM_RCPT, TEXT(".a.@x.org"), "\".a.\"@x.org" },
		{ STREAM_RCPT, TEXT("\"a\"@x.org"), "a@x.org" },
		{ STREAM_RCPT, TEXT("user@[192.0.2.1]"), "user@[192.0.2.1]" },
		{ STREAM_RCPT, TEXT(""), 0 },
		{ STREAM_RCPT, TEXT("@x.org"), 0 },
		{ STREAM_RCPT, TEXT("#@[]"), 0 }, /* a sender only */
		{ STREAM_RCPT, TEXT("l-@x.org-@[]"), 0 },
		{ STREAM_RCPT, TEXT("a@"), 0 },
		{ STREAM_RCPT, TEXT("a@x_y.org"), 0 },
		{ STREAM_RCPT, TEXT("a\n@x.org"), 0 },
		{ STREAM_RCPT, TEXT("a\x01@x.org"), 0 },
		{ STREAM_RCPT, TEXT("a@x.org\r\n"), 0 },
		{ STREAM_RCPT, TEXT("a\xff@x.org"), 0 },
		{ STREAM_MAIL, TEXT(""), "" },
		{ STREAM_MAIL, TEXT("#@[]"), "#@[]" },
		{ STREAM_MAIL, TEXT("List-@X.org-@[]"), "List-@x.org-@[]" },
		{ STREAM_MAIL, TEXT("-@[]"), 0 },
		{ STREAM_MAIL, TEXT("#@[]-@[]"), 0 },
		{ STREAM_MAIL, TEXT("a@x.org"), "a@x.org" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct submit_frame to;
		enum submit_result const r = submit_address(
		    &to, cases[i].type, cases[i].in, cases[i].len);

		if (!cases[i].out) {
			if (r != SUBMIT_BAD_ADDRESS)
				print_message("taken: %s\n", cases[i].in);
			assert_int_equal(r, SUBMIT_BAD_ADDRESS);
			continue;
		}
		if (r != SUBMIT_OK)
			print_message("refused: %s\n", cases[i].in);
		assert_int_equal(r, SUBMIT_OK);
		assert_string_equal(to.data, cases[i].out);
		assert_int_equal(to.len, strlen(cases[i].out) + 1);
	}
}

static void
utf8_is_marked_at_the_sender(void **state)
{
	struct submit_frame to;

	(void)state;
	assert_int_equal(submit_address(&to, STREAM_MAIL, TEXT("j\xc3\xb6@x.org")), SUBMIT_OK);
	assert_int_equal(to.len, 10 + 9);
	assert_memory_equal(to.data, "j\xc3\xb6@x.org\0SMTPUTF8", to.len);
	assert_int_equal(submit_address(&to, STREAM_RCPT, TEXT("j\xc3\xb6@x.org")), SUBMIT_OK);
	assert_int_equal(to.len, 10);
}

static void
long_addresses(void **state)
{
	char text[4000];
	struct submit_frame to;

	(void)state;
	memset(text, ' ', sizeof text);
	for (size_t len = 400; len < sizeof text; len++) {
		enum submit_result r;

		memcpy(text + len - 6, "@x.org", 6);
		r = submit_address(&to, STREAM_RCPT, text, len);
		if (len < ADDRESS_LOCAL_MAX - 10)
			assert_int_equal(r, SUBMIT_OK);
		else if (len > ADDRESS_LOCAL_MAX + 6)
			assert_int_equal(r, SUBMIT_BAD_ADDRESS);
		memset(text + len - 6, ' ', 6);
	}
}

static struct frame
frame_of(enum stream_type type, char const *data, size_t len)
{
	return (struct frame){ type, data, len, -1 };
}

static void
parameters(void **state)
{
	static struct {
		char const *in;
		size_t len;
		enum submit_result result;
	} const cases[] = {
		{ TEXT("a@b.org\0"), SUBMIT_OK },
		{ TEXT("a@b.org\0SMTPUTF8\0"), SUBMIT_OK },
		{ TEXT("a@b.org\0BODY=8BITMIME\0SIZE=100\0X-A=\0"), SUBMIT_OK },
		{ TEXT("a@b.org"), SUBMIT_OK }, /* the NUL is added */
		{ TEXT("a@b.org\0body=x\0"), SUBMIT_BAD_PARAMETER },
		{ TEXT("a@b.org\0ENVID=x y\0"), SUBMIT_BAD_PARAMETER },
		{ TEXT("a@b.org\0ENVID=x\r\nRCPT\0"), SUBMIT_BAD_PARAMETER },
		{ TEXT("a@b.org\0\0"), SUBMIT_BAD_PARAMETER },
		{ TEXT("a@b.org\0=x\0"), SUBMIT_BAD_PARAMETER },
		{ TEXT("a@b.org\0-A=x\0"), SUBMIT_BAD_PARAMETER },
		{ TEXT(""), SUBMIT_BAD_ADDRESS },
		{ TEXT("a b@\0SIZE=1\0"), SUBMIT_BAD_ADDRESS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct frame const f = frame_of(STREAM_MAIL, cases[i].in, cases[i].len);
		struct submit_frame to;

		assert_int_equal(submit_path(&to, &f), cases[i].result);
		if (cases[i].result != SUBMIT_OK)
			continue;
		assert_memory_equal(to.data, cases[i].in, cases[i].len);
		assert_int_equal(to.data[to.len - 1], 0);
	}
}

static void
a_frame_stays_a_frame(void **state)
{
	char text[STREAM_FRAME_MAX - 1] = "";
	struct submit_frame to;
	struct frame f = frame_of(STREAM_RCPT, text, sizeof text);

	(void)state;
	memset(text, 'A', sizeof text);
	memcpy(text, "a@b", 4);
	text[sizeof text - 1] = 0;
	assert_int_equal(submit_path(&to, &f), SUBMIT_OK);
	assert_int_equal(to.len, sizeof text);
	text[sizeof text - 1] = 'A'; /* its NUL would be one octet too many */
	assert_int_equal(submit_path(&to, &f), SUBMIT_BAD_PARAMETER);
	memcpy(text, ". @b", 5); /* quotes make it longer than a frame */
	text[sizeof text - 1] = 0;
	assert_int_equal(submit_path(&to, &f), SUBMIT_BAD_PARAMETER);
}

static void
facts_are_the_callers_uid_is_ours(void **state)
{
	static char const in[] = "protocol=ESMTP\0uid=0\0ip=1.2.3.4\0bad=\n\0noequal\0Up=1\0=x\0"
				 "helo=a b\0x=";
	static char const out[] = "uid=1000\0protocol=ESMTP\0ip=1.2.3.4\0helo=a b\0x=";
	struct frame const f = frame_of(STREAM_CLIENT, in, sizeof in - 1);
	struct submit_frame to;

	(void)state;
	submit_client(&to, 1000, &f);
	assert_int_equal(to.len, sizeof out);
	assert_memory_equal(to.data, out, sizeof out);
	submit_client(&to, 4294967295U, 0);
	assert_string_equal(to.data, "uid=4294967295");
	assert_int_equal(to.len, 15);
}

static void
facts_that_do_not_fit_are_left_out(void **state)
{
	char in[STREAM_FRAME_MAX - 1] = "";
	struct frame const f = frame_of(STREAM_CLIENT, in, sizeof in);
	struct submit_frame to;

	(void)state;
	memset(in, 'x', sizeof in);
	memcpy(in, "a=1", 4);
	in[5] = '=';
	in[sizeof in - 5] = 0;
	in[sizeof in - 3] = '=';
	submit_client(&to, 7, &f);
	assert_memory_equal(to.data, "uid=7\0a=1\0x=", 12); /* it fits, the last does not */
	assert_true(to.len <= sizeof to.data);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(utf8_is_marked_at_the_sender),
		cmocka_unit_test(long_addresses),
		cmocka_unit_test(parameters),
		cmocka_unit_test(a_frame_stays_a_frame),
		cmocka_unit_test(facts_are_the_callers_uid_is_ours),
		cmocka_unit_test(facts_that_do_not_fit_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
