/* unit tests of lib/commands: MAIL, RCPT and AUTH as the next server knows them */
#include "commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MAIL                                                                                       \
	"alice@crepes.fr\0BODY=8BITMIME\0SIZE=1\0SMTPUTF8\0REQUIRETLS\0RET=HDRS\0ENVID=x\0AUTH=<>"
#define RCPT    "bob@hamburger.edu\0NOTIFY=NEVER\0ORCPT=rfc822;b\0X=Y"
#define UTF8    "c@d\0ORCPT=utf-8;\xc3\xa4@d"
#define ALL     0xffff
#define NOTHING "MAIL FROM:<alice@crepes.fr>"

static struct letter l;

static void
envelope(char const *sender, size_t senderlen, char const *to, size_t tolen)
{
	assert_int_equal(
	    letter_mail(&l, &(struct frame){ STREAM_MAIL, sender, senderlen, -1 }), LETTER_OK);
	assert_int_equal(letter_rcpt(&l, &(struct frame){ STREAM_RCPT, to, tolen, -1 }), LETTER_OK);
}

static void
mail(unsigned int offers, uint64_t size, int eight, char const *want)
{
	struct capabilities const can = { .offers = offers };
	char to[COMMANDS_MAX + 1];

	to[commands_mail(to, &l, &(struct commands_mail){ size, eight }, &can)] = 0;
	assert_string_equal(to, want);
}

static void
rcpt(unsigned int offers, char const *want)
{
	struct capabilities const can = { .offers = offers };
	char to[COMMANDS_MAX + 1];

	to[commands_rcpt(to, &l, 0, &can)] = 0;
	assert_string_equal(to, want);
}

static void
test_mail(void **state)
{
	(void)state;
	envelope(MAIL, sizeof MAIL, RCPT, sizeof RCPT);
	mail(0, 100, 1, NOTHING "\r\n");
	mail(CAN_SIZE, 100, 1, NOTHING " SIZE=100\r\n");
	mail(CAN_SIZE, 0, 1, NOTHING "\r\n");
	mail(CAN_8BITMIME, 100, 1, NOTHING " BODY=8BITMIME\r\n");
	mail(CAN_8BITMIME, 100, 0, NOTHING "\r\n");
	mail(CAN_SMTPUTF8, 0, 0, NOTHING " SMTPUTF8\r\n");
	mail(CAN_REQUIRETLS, 0, 0, NOTHING " REQUIRETLS\r\n");
	mail(CAN_DSN, 0, 0, NOTHING " RET=HDRS ENVID=x\r\n");
	mail(ALL, UINT64_MAX, 1,
	    NOTHING
	    " SIZE=18446744073709551615 BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=HDRS ENVID=x\r\n");
	envelope("", 1, RCPT, sizeof RCPT);
	mail(ALL, 0, 0, "MAIL FROM:<>\r\n");
}

static void
test_rcpt(void **state)
{
	(void)state;
	envelope(MAIL, sizeof MAIL, RCPT, sizeof RCPT);
	rcpt(0, "RCPT TO:<bob@hamburger.edu>\r\n");
	rcpt(ALL, "RCPT TO:<bob@hamburger.edu> NOTIFY=NEVER ORCPT=rfc822;b\r\n");
	envelope(MAIL, sizeof MAIL, UTF8, sizeof UTF8);
	rcpt(CAN_DSN, "RCPT TO:<c@d>\r\n"); /* UTF-8 only where it is understood */
	rcpt(CAN_DSN | CAN_SMTPUTF8, "RCPT TO:<c@d> ORCPT=utf-8;\xc3\xa4@d\r\n");
}

/* a frame's worth of everything still fits */
static void
test_longest(void **state)
{
	char text[STREAM_FRAME_MAX - 1];
	char to[COMMANDS_MAX];

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "r@d\0ORCPT=", 10);
	text[sizeof text - 1] = 0;
	envelope(MAIL, sizeof MAIL, text, sizeof text);
	assert_in_range(commands_rcpt(to, &l, 0, &(struct capabilities){ .offers = ALL }),
	    STREAM_FRAME_MAX, COMMANDS_MAX);
}

static void
auth(char const *user, char const *password, char const *plain, char const *login)
{
	char to[COMMANDS_AUTH_MAX + 1];

	to[commands_auth_plain(to, user, password)] = 0;
	assert_string_equal(to, plain);
	to[commands_auth_login(to, user)] = 0;
	assert_string_equal(to, login);
}

static void
test_auth(void **state)
{
	char name[COMMANDS_NAME_MAX + 2], to[COMMANDS_AUTH_MAX];

	(void)state;
	auth("tim", "tanstaaftanstaaf", "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n", "dGlt\r\n");
	auth("a", "b", "AUTH PLAIN AGEAYg==\r\n", "YQ==\r\n");
	auth("ab", "b", "AUTH PLAIN AGFiAGI=\r\n", "YWI=\r\n");
	auth("", "", "AUTH PLAIN AAA=\r\n", "\r\n");
	auth("\xff\xfe\xfd", "", "AUTH PLAIN AP/+/QA=\r\n", "//79\r\n");
	memset(name, 'x', sizeof name);
	name[COMMANDS_NAME_MAX] = 0;
	assert_in_range(commands_auth_plain(to, name, name), 600, COMMANDS_AUTH_MAX);
	name[COMMANDS_NAME_MAX] = 'x';
	name[COMMANDS_NAME_MAX + 1] = 0;
	assert_int_equal(commands_auth_plain(to, name, "x"), 0);
	assert_int_equal(commands_auth_plain(to, "x", name), 0);
	assert_int_equal(commands_auth_login(to, name), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_rcpt),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_auth),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
