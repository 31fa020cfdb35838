/* unit tests of smtpd/session: which step follows what (RFC 5321 4.1.4, RFC 2920, RFC 3030) */
#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct settings set;
static struct session s;

static int
setup(void **state)
{
	(void)state;
	set = (struct settings){ .maxrcpt = 3, .maxmail = 4, .maxerrors = 5, .databytes = 1000 };
	set.me.s = (char[]){ "hamburger.edu" };
	set.me.len = 13;
	session_init(&s, &set, 0, 0);
	return 0;
}

static struct step
say(char const *command)
{
	char line[600];
	int const n = snprintf(line, sizeof line, "%s\r\n", command);

	return session_command(&s, LINE_WHOLE, line, (size_t)n);
}

static void
want(char const *command, enum step_what what, unsigned int code)
{
	struct step const step = say(command);

	if (step.what != what || step.reply.code != code)
		fail_msg(
		    "%s: step %d, %u %s", command, step.what, step.reply.code, step.reply.text);
}

static struct answer
answer(char code)
{
	struct answer a;

	stream_answer_set(&a, code,
	    code == 'K'   ? "2.0.0"
	    : code == 'Z' ? "4.0.0"
			  : "5.0.0",
	    "text");
	return a;
}

/* begin - a transaction with so many accepted recipients. */
static void
begin(size_t rcpts)
{
	struct answer const yes = answer('K');

	want("EHLO a", STEP_HELLO, 250);
	want("MAIL FROM:<a@b>", STEP_SENDER, 250);
	assert_int_equal(session_sender_answer(&s, &yes).code, 250);
	for (size_t i = 0; i < rcpts; i++) {
		want("RCPT TO:<bob@c>", STEP_RCPT, 250);
		assert_int_equal(session_judged(&s, VERDICT_LOCAL).what, STEP_ASK_RCPT);
		assert_int_equal(session_rcpt_answer(&s, &yes, "bob@c").code, 250);
	}
	assert_int_equal(s.accepted, rcpts);
	assert_int_equal(s.owed, 0);
}

static void
test_order(void **state)
{
	(void)state;
	want("MAIL FROM:<a@b>", STEP_REPLY, 503);
	want("RCPT TO:<a@b>", STEP_REPLY, 503);
	want("DATA", STEP_REPLY, 503);
	want("BDAT 1", STEP_SKIP, 503);
	want("NOOP", STEP_REPLY, 250);
	want("RSET", STEP_RESET, 250);
	want("MAIL FROM:<a@b>", STEP_REPLY, 503);
	want("HELO", STEP_REPLY, 501);
	want("HELO a", STEP_HELLO, 250);
	assert_false(s.extended);
	want("RCPT TO:<a@b>", STEP_REPLY, 503);
	begin(0);
	assert_true(s.extended);
	want("MAIL FROM:<a@b>", STEP_REPLY, 503);
	want("DATA", STEP_REPLY, 503);
	want("RSET", STEP_RESET, 250);
	want("RCPT TO:<a@b>", STEP_REPLY, 503);
	begin(1);
	want("DATA x", STEP_REPLY, 501);
	want("DATA", STEP_DATA, 354);
	want("QUIT", STEP_CLOSE, 221);
}

static void
test_names(void **state)
{
	static struct {
		char const *given, *kept;
	} const good[] = {
		{ "crepes.fr", "crepes.fr" }, { "crepes.fr.", "crepes.fr." }, { "[::1]", "[::1]" },
		{ "foo's_mac", "foo's_mac" }, { "m\303\274ller", "m??ller" }, /* a reply is ASCII */
	};
	char line[SESSION_HELO_MAX + 8] = "EHLO ";

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		strcpy(line + 5, good[i].given);
		want(line, STEP_HELLO, 250);
		assert_string_equal(s.helo, good[i].kept);
	}
	want("EHLO two words", STEP_REPLY, 501);
	want("EHLO a\tb", STEP_REPLY, 501);
	want("EHLO \033[2J", STEP_REPLY, 501);
	want("EHLO \177", STEP_REPLY, 501);
	memset(line + 5, 'x', SESSION_HELO_MAX);
	line[5 + SESSION_HELO_MAX] = 0;
	want(line, STEP_REPLY, 501);
	line[5 + SESSION_HELO_MAX - 1] = 0;
	want(line, STEP_HELLO, 250);
}

static void
test_message(void **state)
{
	struct answer const yes = answer('K');
	struct answer const no = answer('Z');

	(void)state;
	begin(1);
	assert_int_equal(session_received(&s, OUTCOME_OK, &no).code, 451);
	assert_int_equal(s.state, SESSION_READY);
	begin(2);
	assert_int_equal(session_received(&s, OUTCOME_BARE, 0).code, 550);
	begin(2);
	assert_int_equal(session_received(&s, OUTCOME_OK, &yes).code, 250);
	assert_int_equal(s.state, SESSION_READY);
	assert_int_equal(s.accepted, 0);
	want("MAIL FROM:<a@b>", STEP_SENDER, 250);
	want("RSET", STEP_RESET, 250);
	want("MAIL FROM:<a@b>", STEP_CLOSE, 421); /* maxmail */
}

static void
test_chunks(void **state)
{
	struct answer const yes = answer('K');

	(void)state;
	begin(1);
	want("BDAT x", STEP_REPLY, 501);
	want("BDAT 5", STEP_CHUNK, 250);
	assert_int_equal(session_chunk(&s, OUTCOME_OK).code, 250);
	want("DATA", STEP_REPLY, 503);
	want("RCPT TO:<a@b>", STEP_REPLY, 503);
	want("MAIL FROM:<a@b>", STEP_REPLY, 503);
	want("NOOP", STEP_REPLY, 250);
	want("BDAT 5 LAST", STEP_CHUNK, 250);
	assert_int_equal(session_received(&s, OUTCOME_OK, &yes).code, 250);
	want("BDAT 5 LAST", STEP_SKIP, 503);
	begin(1);
	want("BDAT 5", STEP_CHUNK, 250);
	assert_int_equal(session_chunk(&s, OUTCOME_BARE).code, 550);
	want("BDAT 5", STEP_SKIP, 550); /* the same, until it is over */
	want("RCPT TO:<a@b>", STEP_REPLY, 503);
	want("BDAT 0 LAST", STEP_SKIP, 550);
	want("BDAT 0 LAST", STEP_SKIP, 503);
	begin(1);
	want("BDAT 5 LAST", STEP_CHUNK, 250);
	assert_int_equal(session_chunk(&s, OUTCOME_TOO_BIG).code, 552);
	assert_int_equal(s.state, SESSION_READY);
}

/* MAIL and two RCPTs go on before the answers; then the sender turns out to be refused. */
static void
test_pipelined_refusal(void **state)
{
	struct answer const yes = answer('K');
	struct answer const no = answer('D');

	(void)state;
	want("EHLO a", STEP_HELLO, 250);
	want("MAIL FROM:<a@b>", STEP_SENDER, 250);
	for (int i = 0; i < 2; i++) {
		want("RCPT TO:<bob@c>", STEP_RCPT, 250);
		assert_int_equal(session_judged(&s, VERDICT_RELAY).what, STEP_ASK_RCPT);
	}
	assert_int_equal(s.owed, 2);
	assert_int_equal(session_sender_answer(&s, &no).code, 550);
	assert_int_equal(session_rcpt_answer(&s, &no, "bob@c").code, 503);
	assert_int_equal(session_rcpt_answer(&s, &yes, "bob@c").code, 503);
	assert_int_equal(s.accepted, 0);
	want("DATA", STEP_REPLY, 503);
	want("MAIL FROM:<a@b>", STEP_SENDER, 250);
}

static void
test_limits(void **state)
{
	(void)state;
	begin(2);
	want("RCPT TO:<bob@c>", STEP_RCPT, 250);
	assert_int_equal(session_judged(&s, VERDICT_LOCAL).what, STEP_ASK_RCPT);
	want("RCPT TO:<bob@c>", STEP_REPLY, 452); /* those whose answer is owed count */
	want("RSET", STEP_RESET, 250);
	want("MAIL FROM:<a@b> SIZE=1001", STEP_REPLY, 552);
	want("MAIL FROM:<a@b> SIZE=1000", STEP_SENDER, 250);
}

static void
test_verdicts(void **state)
{
	static struct {
		enum verdict verdict;
		unsigned int code;
	} const verdicts[] = {
		{ VERDICT_NO_USER, 550 },
		{ VERDICT_NO_RELAY, 550 },
		{ VERDICT_TROUBLE, 451 },
		{ VERDICT_OVER_QUOTA, 452 },
	};

	(void)state;
	begin(0);
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		struct step step;

		want("RCPT TO:<bob@c>", STEP_RCPT, 250);
		step = session_judged(&s, verdicts[i].verdict);
		assert_int_equal(step.what, STEP_REPLY);
		assert_int_equal(step.reply.code, verdicts[i].code);
		assert_int_equal(s.owed, 0);
	}
}

static void
test_errors(void **state)
{
	struct answer const yes = answer('K');
	struct reply bad = reply_get(REPLY_UNKNOWN, 0);
	struct reply later = reply_get(REPLY_TROUBLE, 0);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_false(session_count(&s, &bad));
	assert_false(session_count(&s, &later));
	begin(1);
	session_received(&s, OUTCOME_OK, &yes); /* forgives them */
	for (int i = 0; i < 5; i++)
		assert_false(session_count(&s, &bad));
	assert_true(session_count(&s, &bad));
}

static void
test_paths(void **state)
{
	(void)state;
	want("EHLO a", STEP_HELLO, 250);
	want("MAIL FROM:a@b", STEP_REPLY, 501);
	want("MAIL FROM:<postmaster>", STEP_REPLY, 501);
	want("MAIL FROM:<\xc3\xb6@b>", STEP_REPLY, 553);
	want("MAIL FROM:<a@b> FOO", STEP_REPLY, 555);
	want("MAIL FROM:<a@b> BODY=1", STEP_REPLY, 501);
	want("MAIL FROM:<> SMTPUTF8", STEP_SENDER, 250);
	assert_true(s.utf8);
	want("RCPT TO:<>", STEP_REPLY, 501);
	want("RCPT TO:<PostMaster>", STEP_RCPT, 250);
	assert_string_equal(s.rcpt.text, "postmaster");
	want("RCPT TO:<\xc3\xb6@b>", STEP_RCPT, 250);
	want("RSET", STEP_RESET, 250);
	want("MAIL FROM:<>", STEP_SENDER, 250);
	want("RCPT TO:<\xc3\xb6@b>", STEP_REPLY, 553);
	want("RSET", STEP_RESET, 250);
	set.lenient = 1;
	want("MAIL FROM:a@b", STEP_SENDER, 250);
}

static void
test_badmailfrom(void **state)
{
	(void)state;
	set.badmailfrom.s = (char[]){ "bad@evil.example\0@spam.example" };
	set.badmailfrom.len = 31;
	want("EHLO a", STEP_HELLO, 250);
	want("MAIL FROM:<Bad@evil.example>", STEP_REPLY, 550);
	want("MAIL FROM:<any@SPAM.example>", STEP_REPLY, 550);
	want("MAIL FROM:<any@x.spam.example>", STEP_SENDER, 250);
	want("RSET", STEP_RESET, 250);
	want("MAIL FROM:<>", STEP_SENDER, 250);
}

static void
test_tls(void **state)
{
	(void)state;
	want("STARTTLS", STEP_REPLY, 502);
	session_init(&s, &set, 1, 0);
	want("STARTTLS x", STEP_REPLY, 501);
	want("STARTTLS", STEP_START_TLS, 220);
	session_init(&s, &set, 0, 1);
	want("STARTTLS", STEP_REPLY, 503);
	want("MAIL FROM:<a@b>", STEP_REPLY, 503);
}

/* test_auth - RFC 4954 4: where AUTH may come, and what follows from it. */
static void
test_auth(void **state)
{
	struct answer yes = answer('K'), no = answer('D');

	(void)state;
	want("AUTH PLAIN", STEP_REPLY, 503);
	want("EHLO a", STEP_HELLO, 250);
	want("AUTH PLAIN", STEP_REPLY, 502);
	s.mechanisms = ""; /* smtpd-auth does not answer */
	want("AUTH PLAIN", STEP_REPLY, 454);
	s.mechanisms = "PLAIN LOGIN";
	want("AUTH PLAIN", STEP_REPLY, 538);
	set.auth_in_clear = 1;
	want("AUTH PLAIN", STEP_AUTH, 235);
	set.auth_in_clear = 0;
	session_init(&s, &set, 0, 1);
	want("AUTH PLAIN", STEP_REPLY, 503);
	want("HELO a", STEP_HELLO, 250);
	want("AUTH PLAIN", STEP_REPLY, 503);
	want("EHLO a", STEP_HELLO, 250);
	want("AUTH", STEP_REPLY, 501);
	want("MAIL FROM:<a@b>", STEP_SENDER, 250);
	want("AUTH PLAIN", STEP_REPLY, 503);
	want("RSET", STEP_RESET, 250);
	want("AUTH PLAIN", STEP_AUTH, 235);
	assert_int_equal(session_authenticated(&s, &no).code / 100, 5);
	assert_string_equal(s.user, "");
	want("AUTH PLAIN", STEP_AUTH, 235);
	memcpy(yes.text, "bob", 4);
	assert_int_equal(session_authenticated(&s, &yes).code, 235);
	assert_string_equal(s.user, "bob");
	want("AUTH PLAIN", STEP_REPLY, 503);
	want("MAIL FROM:<a@b> AUTH=<>", STEP_SENDER, 250);
	session_init(&s, &set, 0, 1); /* TLS began: who it was is forgotten */
	assert_string_equal(s.user, "");
}

static void
test_auth_codes(void **state)
{
	static struct {
		char code;
		char const *status;
		unsigned int reply;
	} const cases[] = { { 'D', "5.7.8", 535 }, { 'Z', "4.7.0", 454 }, { 'D', "5.5.4", 504 },
		{ 'D', "5.5.2", 501 }, { 'Z', "4.3.0", 454 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer a;

		stream_answer_set(&a, cases[i].code, cases[i].status, "text");
		assert_int_equal(session_authenticated(&s, &a).code, cases[i].reply);
	}
}

static void
test_auth_line(void **state)
{
	static struct {
		char const *line, *mechanism, *initial;
	} const cases[] = {
		{ "AUTH PLAIN\r\n", "PLAIN", 0 },
		{ "auth plain AGJvYgB4\r\n", "PLAIN", "AGJvYgB4" },
		{ "AUTH  scram-sha-256   =\r\n", "SCRAM-SHA-256", "=" },
		{ "AUTH ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHI x\r\n",
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE", "x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char mechanism[32];
		size_t len;
		char const *const initial = session_auth(
		    cases[i].line, strlen(cases[i].line), mechanism, &len);

		assert_string_equal(mechanism, cases[i].mechanism);
		assert_int_equal(initial != 0, cases[i].initial != 0);
		if (cases[i].initial) {
			assert_int_equal(len, strlen(cases[i].initial));
			assert_memory_equal(initial, cases[i].initial, len);
		}
	}
}

/* test_submission - RFC 6409: nobody sends unknown, and addresses are completed. */
static void
test_submission(void **state)
{
	struct answer yes = answer('K');

	(void)state;
	set.submission = 1;
	set.defaulthost.s = (char[]){ "hamburger.edu" };
	set.defaulthost.len = 13;
	session_init(&s, &set, 0, 1);
	s.mechanisms = "";
	want("EHLO a", STEP_HELLO, 250);
	want("MAIL FROM:<bob>", STEP_REPLY, 454);
	s.mechanisms = "PLAIN";
	want("MAIL FROM:<bob>", STEP_REPLY, 530);
	want("AUTH PLAIN", STEP_AUTH, 235);
	memcpy(yes.text, "bob", 4);
	session_authenticated(&s, &yes);
	want("MAIL FROM:<bob>", STEP_SENDER, 250);
	assert_string_equal(s.sender.text, "bob@hamburger.edu");
	assert_int_equal(session_not_yours(&s).code, 553);
	want("RCPT TO:<alice>", STEP_REPLY, 503);
	want("MAIL FROM:<>", STEP_SENDER, 250);
	assert_string_equal(s.sender.text, "");
	want("RCPT TO:<alice>", STEP_RCPT, 250);
	assert_string_equal(s.rcpt.text, "alice@hamburger.edu");
}

static void
test_bad_lines(void **state)
{
	(void)state;
	assert_int_equal(session_command(&s, LINE_BARE, "NOOP\n", 5).reply.code, 500);
	assert_int_equal(session_command(&s, LINE_TOO_LONG, "NOOP", 4).reply.code, 500);
	want("NOOP\rX", STEP_REPLY, 500);
	want("", STEP_REPLY, 500);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup(test_order, setup),
		cmocka_unit_test_setup(test_names, setup),
		cmocka_unit_test_setup(test_message, setup),
		cmocka_unit_test_setup(test_chunks, setup),
		cmocka_unit_test_setup(test_pipelined_refusal, setup),
		cmocka_unit_test_setup(test_limits, setup),
		cmocka_unit_test_setup(test_verdicts, setup),
		cmocka_unit_test_setup(test_errors, setup),
		cmocka_unit_test_setup(test_paths, setup),
		cmocka_unit_test_setup(test_badmailfrom, setup),
		cmocka_unit_test_setup(test_tls, setup),
		cmocka_unit_test_setup(test_auth, setup),
		cmocka_unit_test_setup(test_auth_codes, setup),
		cmocka_unit_test_setup(test_auth_line, setup),
		cmocka_unit_test_setup(test_submission, setup),
		cmocka_unit_test_setup(test_bad_lines, setup),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
