/* unit tests of smtpd/command: verbs and arguments of RFC 5321 4.1.1 */
#include "command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct {
	char const *line;
	enum command_result want;
	enum command_verb verb;
	char const *arg;
} const cases[] = {
	{ "hElO  mx.example \r\n", COMMAND_OK, COMMAND_HELO, "mx.example" },
	{ "EHLO [1.2.3.4]\r\n", COMMAND_OK, COMMAND_EHLO, "[1.2.3.4]" },
	{ "MAIL FROM:<a@b> SIZE=1\r\n", COMMAND_OK, COMMAND_MAIL, "<a@b> SIZE=1" },
	{ "mail from: \t<>\r\n", COMMAND_OK, COMMAND_MAIL, "<>" },
	{ "MAIL FROM:\r\n", COMMAND_OK, COMMAND_MAIL, "" },
	{ "MAIL FROM\r\n", COMMAND_NO_KEYWORD, COMMAND_MAIL, 0 },
	{ "MAIL TO:<a@b>\r\n", COMMAND_NO_KEYWORD, COMMAND_MAIL, 0 },
	{ "MAIL\r\n", COMMAND_NO_KEYWORD, COMMAND_MAIL, 0 },
	{ "MAILFROM:<a@b>\r\n", COMMAND_OK, COMMAND_UNKNOWN, 0 },
	{ "rcpt To:<a@b>\r\n", COMMAND_OK, COMMAND_RCPT, "<a@b>" },
	{ "RCPT FROM:<a@b>\r\n", COMMAND_NO_KEYWORD, COMMAND_RCPT, 0 },
	{ "DATA\r\n", COMMAND_OK, COMMAND_DATA, "" },
	{ "DATA   \r\n", COMMAND_OK, COMMAND_DATA, "" },
	{ "BDAT 1 LAST\r\n", COMMAND_OK, COMMAND_BDAT, "1 LAST" },
	{ "RSET x\r\n", COMMAND_OK, COMMAND_RSET, "x" },
	{ "noop\r\n", COMMAND_OK, COMMAND_NOOP, "" },
	{ "VRFY bob\r\n", COMMAND_OK, COMMAND_VRFY, "bob" },
	{ "EXPN l\r\n", COMMAND_OK, COMMAND_EXPN, "l" },
	{ "HELP\r\n", COMMAND_OK, COMMAND_HELP, "" },
	{ "QUIT\r\n", COMMAND_OK, COMMAND_QUIT, "" },
	{ "STARTTLS\r\n", COMMAND_OK, COMMAND_STARTTLS, "" },
	{ "\r\n", COMMAND_OK, COMMAND_UNKNOWN, "" },
	{ " NOOP\r\n", COMMAND_OK, COMMAND_UNKNOWN, 0 },
	{ "NOOPX\r\n", COMMAND_OK, COMMAND_UNKNOWN, 0 },
	{ "NOO\r\n", COMMAND_OK, COMMAND_UNKNOWN, 0 },
	{ "NOOP\rQUIT\r\n", COMMAND_BARE, COMMAND_UNKNOWN, 0 },
	{ "NOOP\r\r\n", COMMAND_BARE, COMMAND_UNKNOWN, 0 },
	{ "NOOP\nQUIT\r\n", COMMAND_BARE, COMMAND_UNKNOWN, 0 },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct command cmd;
		char const *line = cases[i].line;

		if (command_parse(&cmd, line, strlen(line)) != cases[i].want ||
		    cmd.verb != cases[i].verb)
			fail_msg("%s: verb %d", line, cmd.verb);
		if (!cases[i].arg)
			continue;
		assert_int_equal(cmd.arglen, strlen(cases[i].arg));
		assert_memory_equal(cmd.arg, cases[i].arg, cmd.arglen);
	}
}

static void
test_nul(void **state)
{
	struct command cmd;

	(void)state;
	assert_int_equal(command_parse(&cmd, "NOOP\0x\r\n", 8), COMMAND_BARE);
	assert_int_equal(command_parse(&cmd, "\0\r\n", 3), COMMAND_BARE);
}

static void
test_length(void **state)
{
	char line[COMMAND_PATH_MAX + 8];
	struct command cmd;

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "NOOP ", 5);
	memcpy(line + COMMAND_MAX - 2, "\r\n", 2);
	assert_int_equal(command_parse(&cmd, line, COMMAND_MAX), COMMAND_OK);
	memcpy(line + COMMAND_MAX - 2, "xx\r\n", 4);
	assert_int_equal(command_parse(&cmd, line, COMMAND_MAX + 2), COMMAND_TOO_LONG);
	memcpy(line, "MAIL FROM:", 10);
	assert_int_equal(command_parse(&cmd, line, COMMAND_MAX + 2), COMMAND_OK);
	memset(line + COMMAND_MAX, 'x', 2);
	memcpy(line + COMMAND_PATH_MAX, "\r\n", 2);
	assert_int_equal(command_parse(&cmd, line, COMMAND_PATH_MAX + 2), COMMAND_TOO_LONG);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
