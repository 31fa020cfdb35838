/* unit tests of relay/mime_field: Content-Type and Content-Transfer-Encoding (RFC 2045 5, 6) */
#include "mime_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_names(void **state)
{
	static struct {
		char const *line;
		enum mime_field field;
		size_t value;
	} const names[] = {
		{ "Subject: x", MIME_FIELD_OTHER, 8 },
		{ "MIME-version:1.0", MIME_FIELD_VERSION, 13 },
		{ "CONTENT-TYPE \t:x", MIME_FIELD_TYPE, 15 },
		{ "content-transfer-encoding:", MIME_FIELD_ENCODING, 26 },
		{ "Content-Type", MIME_FIELD_NONE, 0 },
		{ "Content Type: x", MIME_FIELD_NONE, 0 },
		{ ": x", MIME_FIELD_NONE, 0 },
		{ "", MIME_FIELD_NONE, 0 },
		{ "S\xc3\xbc: x", MIME_FIELD_NONE, 0 },
		{ "From me: x", MIME_FIELD_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t value = 0;

		assert_int_equal(
		    mime_field_name(names[i].line, strlen(names[i].line), &value), names[i].field);
		assert_int_equal(value, names[i].value);
	}
}

#define SEVENTY "1234567890123456789012345678901234567890123456789012345678901234567890"

static struct {
	char const *value;
	enum mime_kind kind;
	char const *boundary; /* null: digest */
} const types[] = {
	{ "", MIME_TEXT, "" },
	{ "text", MIME_TEXT, "" },
	{ "image", MIME_TEXT, "" },
	{ " text/html; charset=x", MIME_TEXT, "" },
	{ "(c /) APPLICATION (c) / (c) json", MIME_OTHER, "" },
	{ "message/rfc822", MIME_MESSAGE, "" },
	{ "Message/News", MIME_MESSAGE, "" },
	{ "message/global", MIME_OTHER, "" },
	{ "message/delivery-status", MIME_REPORT, "" },
	{ "multipart/mixed", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=\"  \"", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=a", MIME_MULTIPART, "a" },
	{ "multipart/mixed;boundary=a=/?:b;x=y", MIME_MULTIPART, "a=/?:b" },
	{ "multipart/mixed; charset=\";boundary=x\"; Boundary = \"a \\\" ;b \" (c)", MIME_MULTIPART,
	    "a \" ;b" },
	{ "multipart/mixed; boundary=a; boundary=b", MIME_MULTIPART, "a" },
	{ "multipart/mixed;\n (;) boundary=(x)\"a\"\r", MIME_MULTIPART, "a" },
	{ "multipart/mixed; xboundary=a", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=\"a", MIME_MULTIPART, "a" },
	{ "multipart/mixed; boundary=\"a\x01\"", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=a\xe4", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=" SEVENTY, MIME_MULTIPART, SEVENTY },
	{ "multipart/mixed; boundary=" SEVENTY "1", MIME_TEXT, "" },
	{ "multipart/digest; boundary=a", MIME_MULTIPART, 0 },
	{ "multipart/mixed; (boundary=a", MIME_TEXT, "" },
};

static void
test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char const *const want = types[i].boundary ? types[i].boundary : "a";
		struct mime_type t;

		mime_field_type(&t, types[i].value, strlen(types[i].value));
		if (t.kind != types[i].kind || t.digest != !types[i].boundary)
			fail_msg("case %zu: kind %d, digest %d", i, (int)t.kind, t.digest);
		if (t.kind == MIME_MULTIPART) {
			assert_int_equal(t.len, strlen(want));
			assert_memory_equal(t.boundary, want, t.len);
		}
	}
}

static void
test_encodings(void **state)
{
	static struct {
		char const *value;
		enum mime_encoding encoding;
	} const encodings[] = {
		{ "", MIME_7BIT },
		{ " 7BIT", MIME_7BIT },
		{ " (c) 8bit;", MIME_8BIT },
		{ "Binary\r", MIME_BINARY_ENCODING },
		{ "\n quoted-Printable (c)", MIME_QP },
		{ "BASE64", MIME_BASE64 },
		{ "x-uuencode", MIME_X },
		{ "8-bit", MIME_UNKNOWN },
		{ "base64x", MIME_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		assert_int_equal(
		    mime_field_encoding(encodings[i].value, strlen(encodings[i].value)),
		    encodings[i].encoding);
	assert_string_equal(mime_field_word(MIME_QP), "quoted-printable");
	assert_string_equal(mime_field_word(MIME_UNKNOWN), "");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_encodings),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
