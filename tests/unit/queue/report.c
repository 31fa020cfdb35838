#include "report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char const original[] = "From: alice@crepes.fr\nSubject: hi\n\nDo you like ketchup?\n";
static struct report_rcpt rcpts[] = {
	{ .address = "bob@hamburger.edu",
	    .orcpt = "rfc822;Bob+40hamburger.edu",
	    .reason = "5.1.1 no such user" },
	{ .address = "carol@crepes.fr",
	    .reason = "5.7.1 mx.crepes.fr[192.0.2.25] said: 550 5.7.1 go away" },
};
static struct report report;
static stralloc text = STRALLOC_ZERO;
static struct report_needs needs;

static int
begin(void **state)
{
	(void)state;
	report = (struct report){
		.kind = REPORT_FAILED,
		.me = "hamburger.edu",
		.from = "MAILER-DAEMON@hamburger.edu",
		.to = "alice@crepes.fr",
		.id = "1k1066kntcd-af0bp",
		.arrival = 1800000000,
		.now = 1800000100,
		.rcpt = rcpts,
		.rcpts = 2,
		.original = original,
		.originallen = sizeof original - 1,
		.whole = 1,
	};
	text.len = 0;
	return 0;
}

static void
compose(void)
{
	text.len = 0;
	assert_int_equal(report_compose(&text, &report, &needs), 1);
	assert_int_equal(stralloc_0(&text), 1);
	text.len--;
}

static void
has(char const *s)
{
	if (!strstr(text.s, s))
		print_error("not there: %s\nin: %s\n", s, text.s);
	assert_non_null(strstr(text.s, s));
}

static void
lacks(char const *s)
{
	if (strstr(text.s, s))
		print_error("there: %s\nin: %s\n", s, text.s);
	assert_null(strstr(text.s, s));
}

/* As RFC 3464 and RFC 6522 have it, octet for octet. */
static char const wanted[] =
    "Date: Fri, 15 Jan 2027 08:01:40 +0000\n"
    "From: Mail Delivery System <MAILER-DAEMON@hamburger.edu>\n"
    "To: <alice@crepes.fr>\n"
    "Subject: Mail could not be delivered\n"
    "Message-ID: <1k1066kntcd-af0bp.1800000100.failed@hamburger.edu>\n"
    "Auto-Submitted: auto-replied\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status;\n"
    "\tboundary=\"=_1k1066kntcd-af0bp_0\"\n"
    "\n"
    "--=_1k1066kntcd-af0bp_0\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "\n"
    "This is the mail server hamburger.edu.\n"
    "\n"
    "Your message could not be delivered to the addresses below, and will not be tried\n"
    "again. Under each address is the reason.\n"
    "\n"
    "  <bob@hamburger.edu>\n"
    "    5.1.1 no such user\n"
    "\n"
    "  <carol@crepes.fr>\n"
    "    5.7.1 mx.crepes.fr[192.0.2.25] said: 550 5.7.1 go away\n"
    "\n"
    "--=_1k1066kntcd-af0bp_0\n"
    "Content-Type: message/delivery-status\n"
    "\n"
    "Reporting-MTA: dns; hamburger.edu\n"
    "Arrival-Date: Fri, 15 Jan 2027 08:00:00 +0000\n"
    "\n"
    "Original-Recipient: rfc822;Bob@hamburger.edu\n"
    "Final-Recipient: rfc822; bob@hamburger.edu\n"
    "Action: failed\n"
    "Status: 5.1.1\n"
    "Diagnostic-Code: x-local; no such user\n"
    "\n"
    "Final-Recipient: rfc822; carol@crepes.fr\n"
    "Action: failed\n"
    "Status: 5.7.1\n"
    "Remote-MTA: dns; mx.crepes.fr\n"
    "Diagnostic-Code: smtp; 550 5.7.1 go away\n"
    "\n"
    "--=_1k1066kntcd-af0bp_0\n"
    "Content-Type: message/rfc822\n"
    "\n"
    "From: alice@crepes.fr\nSubject: hi\n\nDo you like ketchup?\n"
    "\n"
    "--=_1k1066kntcd-af0bp_0--\n";

static void
a_failure_word_for_word(void **state)
{
	(void)state;
	compose();
	assert_string_equal(text.s, wanted);
	assert_int_equal(needs.eightbit, 0);
	assert_int_equal(needs.utf8, 0);
}

static void
a_delay(void **state)
{
	(void)state;
	report.kind = REPORT_DELAYED;
	report.until = 1800432000;
	report.whole = 0;
	compose();
	has("Subject: Mail is delayed\n");
	has("Action: delayed\n");
	has("until\nWed, 20 Jan 2027 08:00:00 +0000.\n");
	has("Will-Retry-Until: Wed, 20 Jan 2027 08:00:00 +0000\n");
	has("Content-Type: text/rfc822-headers\n\nFrom: alice@crepes.fr\nSubject: hi\n\n--");
	lacks("ketchup");
}

static void
a_success(void **state)
{
	(void)state;
	report.kind = REPORT_DELIVERED;
	report.envid = "QQ+2B314159";
	rcpts[0].reason = 0;
	compose();
	has("Action: delivered\nStatus: 2.0.0\n");
	lacks("Will-Retry-Until");
	lacks("Last-Attempt-Date");
	has("Original-Envelope-Id: QQ+314159\n");
	report.kind = REPORT_RELAYED;
	rcpts[0].reason = "2.0.0 relayed: mx.example.org[192.0.2.1]: 250 ok";
	compose();
	has("Action: relayed\nStatus: 2.0.0\nRemote-MTA: dns; mx.example.org\n"
	    "Diagnostic-Code: smtp; 250 ok\n");
	has("Subject: Mail was passed on\n");
	rcpts[0].reason = "5.1.1 no such user";
}

/* What another server said, and what only looks like it. */
static void
who_said_it(void **state)
{
	static struct {
		char const *reason, *want;
	} const cases[] = {
		{ "4.4.1 [192.0.2.1] said: 421 busy",
		    "Remote-MTA: dns; [192.0.2.1]\nDiagnostic-Code: smtp; 421 busy\n" },
		{ "4.4.1 mx.example.org[192.0.2.1]: connection refused",
		    "Diagnostic-Code: x-local; mx.example.org[192.0.2.1]: connection refused\n" },
		{ "5.0.0 a b[c] said: 550 no", "Diagnostic-Code: x-local; a b[c] said: 550 no\n" },
		{ "5.0.0 said: 550 no", "Diagnostic-Code: x-local; said: 550 no\n" },
		{ "5.0.0 x] said: [", "Diagnostic-Code: x-local; x] said: [\n" },
		{ "5.0.0 ] said: ", "Diagnostic-Code: x-local; ] said: \n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rcpts[0].reason = cases[i].reason;
		compose();
		has(cases[i].want);
	}
	rcpts[0].reason = "5.1.1 no such user";
}

static void
a_double_bounce(void **state)
{
	(void)state;
	report.twice = 1;
	report.to = "postmaster@hamburger.edu";
	compose();
	has("To: <postmaster@hamburger.edu>\n");
	has("A report about undelivered mail");
}

static void
addresses_and_messages_that_are_not_ascii(void **state)
{
	struct report_rcpt one = { .address = "björn@hamburger.edu", .reason = "5.1.1 no" };

	(void)state;
	report.rcpt = &one;
	report.rcpts = 1;
	compose();
	assert_int_equal(needs.utf8, 1);
	assert_int_equal(needs.eightbit, 1);
	has("Content-Type: message/global-delivery-status\nContent-Transfer-Encoding: 8bit\n");
	has("Final-Recipient: utf-8; björn@hamburger.edu\n");
	has("Content-Type: message/rfc822\n");
	report.utf8 = 1;
	compose();
	has("Content-Type: message/global\n");
	report.whole = 0;
	compose();
	has("Content-Type: message/global-headers\n");
	/* eight bits alone need no SMTPUTF8 */
	one.address = "bob@hamburger.edu";
	report.utf8 = 0;
	report.original = "Subject: caf\xe9\n\n";
	report.originallen = strlen(report.original);
	compose();
	assert_int_equal(needs.utf8, 0);
	assert_int_equal(needs.eightbit, 1);
	/* but the part for programs stays ASCII (RFC 3464 2.1) */
	one.reason = "5.7.1 nicht f\xc3\xbcr uns";
	compose();
	assert_int_equal(needs.utf8, 0);
	has("Content-Type: message/delivery-status\n\n");
	has("Diagnostic-Code: x-local; nicht f??r uns\n");
	has("    5.7.1 nicht f\xc3\xbcr uns\n");
}

/* What strangers wrote can end no line and begin no part. */
static void
nobody_forges_a_field(void **state)
{
	struct report_rcpt one = {
		.address = "\"a\rb\"@hamburger.edu",
		.orcpt = "rfc822;x+0AAction:+20delivered+00",
		.reason = "5.0.0 a\nAction: delivered\n\n--x",
	};

	(void)state;
	report.rcpt = &one;
	report.rcpts = 1;
	report.envid = "x+0D+0ASubject:+20y";
	report.original =
	    "X: =_1k1066kntcd-af0bp_0\n\n--=_1k1066kntcd-af0bp_0\nAction: delivered\n";
	report.originallen = strlen(report.original);
	compose();
	lacks("\nAction: delivered\nStatus");
	lacks("Original-Recipient");
	lacks("\nSubject: y");
	lacks("\r");
	has("boundary=\"=_1k1066kntcd-af0bp_1\"");
	has("Original-Envelope-Id: x??Subject: y\n");
}

static void
headers_end_at_the_empty_line(void **state)
{
	static struct {
		char const *message;
		size_t len;
	} const cases[] = {
		{ "A: b\n\nbody\n", 5 },
		{ "A: b\n c\nD: e\n\n\n", 13 },
		{ "\nbody", 0 },
		{ "", 0 },
		{ "A: b", 4 },
		{ "A: b\n", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    report_header_len(cases[i].message, strlen(cases[i].message)), cases[i].len);
}

static int
finish(void **state)
{
	(void)state;
	stralloc_free(&text);
	return 0;
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup(a_failure_word_for_word, begin),
		cmocka_unit_test_setup(a_delay, begin),
		cmocka_unit_test_setup(a_success, begin),
		cmocka_unit_test_setup(who_said_it, begin),
		cmocka_unit_test_setup(a_double_bounce, begin),
		cmocka_unit_test_setup(addresses_and_messages_that_are_not_ascii, begin),
		cmocka_unit_test_setup(nobody_forges_a_field, begin),
		cmocka_unit_test_setup(headers_end_at_the_empty_line, begin),
	};

	return cmocka_run_group_tests(tests, 0, finish);
}
