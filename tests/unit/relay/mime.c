/* unit tests of relay/mime: whole messages, in pieces of every size (RFC 2045, 2046, 6152) */
#include "mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX 200000

static struct mime m;
static struct mime_plan plan;

/* run - in through m, in pieces; the output's length. */
static size_t
run(char const *in, size_t len, size_t piece, char *out)
{
	size_t used = 0, total = 0, got;

	while (used < len) {
		size_t const n = len - used < piece ? len - used : piece;

		used += mime_feed(&m, in + used, n, out + total, MIME_ROOM + n % 7, &got);
		total += got;
		assert_true(total + MIME_ROOM + 7 < TEXT_MAX);
	}
	return total + mime_finish(&m, out + total);
}

static size_t
convert(char const *in, size_t len, size_t piece, unsigned int remove, char *out)
{
	mime_survey(&m, &plan);
	assert_int_equal(run(in, len, piece, out), 0);
	mime_convert(&m, &plan, remove);
	return run(in, len, piece, out);
}

#define MULTIPART(encoding)                                                                        \
	"MIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=b\n" encoding "\nbefore\n"
#define SAID "MIME-Version: 1.0\n"
#define QP   "Content-Transfer-Encoding: quoted-printable\n"
#define B64  "Content-Transfer-Encoding: base64\n"

static struct {
	char const *in;
	char const *out; /* null: the same */
} const cases[] = {
	/* nothing to do */
	{ "", 0 },
	{ "Subject: x\n\nabc\n", 0 },
	{ "Subject: x\n\nabc", 0 },
	{ "Subject: x\r\n\r\nabc\n", 0 },
	{ "no header\n", 0 },
	{ "Subject: h\xc3\xa4\n\nabc\n", 0 },
	{ SAID "Content-Transfer-Encoding: quoted-printable\n\na=C3=A4\n", 0 },
	{ MULTIPART("Content-Transfer-Encoding: 7bit\n") "--b\n\nx\n--b--\nbehind", 0 },
	/* a message that does not say what it is (RFC 1428) */
	{ "Subject: x\n\nh\xe4=\n",
	    "Subject: x\n" SAID "Content-Type: text/plain; charset=unknown-8bit\n" QP
	    "\nh=E4=3D\n" },
	{ "h\xe4 \n", SAID "Content-Type: text/plain; charset=unknown-8bit\n" QP "\nh=E4=20\n" },
	{ "Subject: x\nContent-Type: text/html\n\n\xe4",
	    "Subject: x\nContent-Type: text/html\n" SAID QP "\n=E4" },
	/* the field is rewritten; one that is repeated goes, comments and case do not matter */
	{ SAID
	    "content-transfer-encoding: (x) 8BIT\nSubject: x\nContent-Transfer-Encoding:\n 7bit\n"
	    "Content-Type: text/plain\n\n\xe4\n",
	    SAID "Subject: x\nContent-Type: text/plain\n" QP "\n=E4\n" },
	{ SAID "Content-Transfer-Encoding: 8-bit\nContent-Type: text/plain\n\n\xe4\n",
	    SAID "Content-Type: text/plain\n" QP "\n=E4\n" },
	/* it says 8bit and is not: it may not be inside of what says 7bit */
	{ MULTIPART(
	      "Content-Transfer-Encoding: 8bit\n") "--b\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nx\n--b--\n",
	    "MIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=b\n"
	    "Content-Transfer-Encoding: 7bit\n\nbefore\n--b\nContent-Type: text/plain\n" QP
	    "\nx\n--b--\n" },
	/* others: base64, of lines that end with CR LF; the last line end is the boundary's */
	{ MULTIPART("") "--b\nContent-Type: application/x\n\n\xff\nab\n--b\n\n7bit\n--b--\n",
	    MULTIPART("") "--b\nContent-Type: application/x\n" B64
			  "\n/w0KYWI=\n--b\n\n7bit\n--b--\n" },
	{ SAID "Content-Type: image/x\n\n\xff\n", SAID "Content-Type: image/x\n" B64 "\n/w0K\n" },
	{ SAID "Content-Type: message/global\n\n\xff",
	    SAID "Content-Type: message/global\n" B64 "\n/w==\n" },
	/* messages inside; each is asked whether it says that it is MIME */
	{ SAID
	    "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: in\n\n\xe4\n",
	    SAID
	    "Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: in\n" SAID
	    "Content-Type: text/plain; charset=unknown-8bit\n" QP "\n=E4\n" },
	{ "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\n\xe4\n--b--\n",
	    "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n" SAID
	    "Content-Type: text/plain; charset=unknown-8bit\n" QP "\n=E4\n--b--\n" },
	/* encoded already, with octets that do not belong there */
	{ SAID
	    "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=41\xe4=\n",
	    SAID "Content-Type: text/plain\n"
		 "Content-Transfer-Encoding: quoted-printable\n\n=41=E4=\n" },
	{ SAID "Content-Transfer-Encoding: base64\n\nAAAA\nAA-\xe4=\n",
	    SAID "Content-Transfer-Encoding: base64\n\nAAAA\nAA=\n" },
	/* where nobody reads */
	{ MULTIPART("") "\xe4\n-\xe4\n--b\n\nx\n--b--\n\xe4",
	    MULTIPART("") "?\n??\n--b\n\nx\n--b--\n?" },
	/* what no one can descend into */
	{ SAID "Content-Type: multipart/mixed\n\n--b\n\xe4\n",
	    SAID "Content-Type: multipart/mixed\n" QP "\n=2D-b\n=E4\n" },
	/* no boundary comes out that did not go in */
	{ SAID
	    "Content-Type: multipart/mixed; boundary=\"b=E4\"\n\n--b\xe4\n--b=E4\n\n--b\xe4\n--b=E4--\n",
	    SAID "Content-Type: multipart/mixed; boundary=\"b=E4\"\n\n?-b?\n--b=E4\n"
		 "Content-Type: text/plain; charset=unknown-8bit\n" QP "\n=2D-b=E4\n--b=E4--\n" },
	/* a boundary that another one begins with; one that ends a header; an outer one */
	{ MULTIPART(
	      "") "--b\nContent-Type: multipart/x; boundary=b.1\n\n--b.1\n\n\xe4\n--b\nX: y\n--b--\n",
	    MULTIPART("") "--b\nContent-Type: multipart/x; boundary=b.1\n\n--b.1\n"
			  "Content-Type: text/plain; charset=unknown-8bit\n" QP
			  "\n=E4\n--b\nX: y\n--b--\n" },
	{ MULTIPART("") "--b \t\nContent-Type: text/plain\n\nFrom \xe4\n--b--x\n--b-- \n",
	    MULTIPART("") "--b \t\nContent-Type: text/plain\n" QP
			  "\n=46rom =E4\n=2D-b--x\n--b-- \n" },
};

static void
test_cases(void **state)
{
	static char out[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 400; piece += piece < 20 ? 1 : 97) {
			char const *const want = cases[i].out ? cases[i].out : cases[i].in;
			size_t const len = convert(
			    cases[i].in, strlen(cases[i].in), piece, MIME_EIGHT, out);

			out[len] = 0;
			if (strcmp(out, want))
				fail_msg("case %zu in pieces of %zu:\n%s", i, piece, out);
		}
}

static void
test_what_the_survey_tells(void **state)
{
	static struct {
		char const *in;
		size_t len;
		unsigned int header, body;
	} const told[] = {
		{ "a: \xff\n\nx\n", 8, MIME_EIGHT, 0 },
		{ "a: b\n\nx\xff\n", 9, 0, MIME_EIGHT },
		{ "a: b\n\nx\r\n", 9, 0, MIME_BINARY },
		{ "a: b\n\n\0\n", 8, 0, MIME_BINARY },
		{ "Content-Transfer-Encoding: 8bit\n\nx\n", 35, 0, 0 },
	};
	static char out[TEXT_MAX], line[1200];

	(void)state;
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		convert(told[i].in, told[i].len, 3, MIME_EIGHT, out);
		assert_int_equal(plan.header, told[i].header);
		assert_int_equal(plan.body, told[i].body);
	}
	for (size_t len = MIME_LINE_MAX - 1; len < MIME_LINE_MAX + 3; len++) {
		unsigned int const want = len > MIME_LINE_MAX ? MIME_LONG : 0;

		memset(line, 'x', sizeof line);
		line[0] = '\n';
		line[len + 1] = '\n';
		convert(line, len + 2, 700, MIME_LONG, out);
		assert_int_equal(plan.body, want);
		convert(line, len + 1, 700, MIME_LONG, out);
		assert_int_equal(plan.body, want);
		memcpy(line, "ab:", 3);
		line[len] = '\n';
		convert(line, len + 1, 700, MIME_LONG, out);
		assert_int_equal(plan.header, want);
	}
}

/* A server with 8BITMIME: only what is too long is changed. */
static void
test_long_only(void **state)
{
	static char in[4000], out[TEXT_MAX];
	size_t len;

	(void)state;
	len = (size_t)snprintf(in, sizeof in, "%s--b\n\n\xe4\n--b\n\n%01500d\n--b--\n",
	    MULTIPART("Content-Transfer-Encoding: 8bit\n"), 0);
	len = convert(in, len, 1000, MIME_LONG, out);
	out[len] = 0;
	assert_non_null(strstr(
	    out, "\nContent-Transfer-Encoding: 8bit\n\nbefore\n--b\n\n\xe4\n--b\n" QP "\n0000000"));
	for (char *p = out, *lf; (lf = strchr(p, '\n')); p = lf + 1)
		assert_true(lf - p <= 76);
}

static void
fold(char const *in, char const *want)
{
	static char whole[TEXT_MAX], out[TEXT_MAX];
	int const n = snprintf(whole, sizeof whole, "%s\n\nx\n", in);
	size_t const len = convert(whole, (size_t)n, 333, MIME_LONG, out);

	out[len] = 0;
	snprintf(whole, sizeof whole, "%s\n\nx\n", want);
	assert_string_equal(out, whole);
}

static void
test_fold(void **state)
{
	static char in[4000], want[4000];

	(void)state;
	snprintf(in, sizeof in, "To: %0500d %0480d  %0600d", 1, 2, 3);
	snprintf(want, sizeof want, "To: %0500d %0480d \n %0600d", 1, 2, 3);
	fold(in, want);
	snprintf(in, sizeof in, "To:%0500d,%0480d,%0600d", 1, 2, 3);
	snprintf(want, sizeof want, "To:%0500d,%0480d,\n %0600d", 1, 2, 3);
	fold(in, want);
	snprintf(in, sizeof in, "To:%02500d", 1);
	snprintf(want, sizeof want, "To:%0995d\n %0997d\n %0508d", 0, 0, 1);
	fold(in, want);
	snprintf(in, sizeof in, "To:%0994d\xc3\xa4%0500d", 1, 1);
	snprintf(want, sizeof want, "To:%0994d\n \xc3\xa4%0500d", 1, 1);
	fold(in, want);
}

/* What can be read only once: all that is not encoded is converted. */
static void
test_without_plan(void **state)
{
	static char const in[] = SAID
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"
	    "--b\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\nAAAA\n"
	    "--b\nContent-Type: message/delivery-status\n\nAction: f\xc3\n"
	    "--b\nContent-Transfer-Encoding: x-uu\n\nbegin\xff\n--b--\n";
	static char const want[] = SAID
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	    "Content-Type: text/plain; charset=unknown-8bit\n" QP "\nx\n"
	    "--b\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\nAAAA\n"
	    "--b\nContent-Type: message/delivery-status\n\nAction: f?\n"
	    "--b\nContent-Transfer-Encoding: x-uu\n\nbegin?\n--b--\n";
	static char out[TEXT_MAX];

	(void)state;
	for (size_t piece = 1; piece < sizeof in; piece += 13) {
		mime_convert(&m, 0, MIME_EIGHT);
		out[run(in, sizeof in - 1, piece, out)] = 0;
		assert_string_equal(out, want);
	}
}

/* More parts than a plan has room for, deeper than it goes, and a boundary that is too long. */
static void
test_bounds(void **state)
{
	static char in[TEXT_MAX], out[TEXT_MAX];
	size_t len = 0;

	(void)state;
	len += (size_t)sprintf(in, "%s", MULTIPART(""));
	for (int i = 0; i < MIME_PLAN_MAX + 10; i++)
		len += (size_t)sprintf(in + len, "--b\n\nx\n");
	len += (size_t)sprintf(in + len, "--b\n\n\xe4\n--b--\n");
	out[convert(in, len, 5000, MIME_EIGHT, out)] = 0;
	assert_non_null(strstr(out, QP "\n=E4\n--b--\n"));
	assert_non_null(strstr(out, "before\n--b\n\nx\n--b\n\nx\n"));

	len = 0;
	for (int i = 0; i < MIME_DEPTH_MAX + 3; i++)
		len += (size_t)sprintf(
		    in + len, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	len += (size_t)sprintf(in + len, "\n\xe4\n");
	out[convert(in, len, 5000, MIME_EIGHT, out)] = 0;
	assert_non_null(strstr(out, "boundary=b50\n" QP "\n=2D-b50\nContent-Type"));

	for (int n = MIME_BOUNDARY_MAX; n < MIME_BOUNDARY_MAX + 2; n++) {
		len = (size_t)sprintf(
		    in, "Content-Type: multipart/x; boundary=%0*d\n\n--%0*d\n\n\xe4\n", n, 1, n, 1);
		out[convert(in, len, 5000, MIME_EIGHT, out)] = 0;
		assert_int_equal(!strstr(out, "=2D"), n == MIME_BOUNDARY_MAX);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_what_the_survey_tells),
		cmocka_unit_test(test_long_only),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_without_plan),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
