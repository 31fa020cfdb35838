/* unit tests of smtpd/ehlo: the list of extensions */
#include "ehlo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct settings set = { .databytes = 1000, .maxrcpt = 7, .maxmail = 8 };
static struct session s;
static char me[300] = "hamburger.edu";

static void
list(char const *want)
{
	char to[EHLO_MAX + 1];

	set.me.s = me;
	to[ehlo_format(to, &s)] = 0;
	assert_string_equal(to, want);
}

static void
test_list(void **state)
{
	(void)state;
	session_init(&s, &set, 0, 0);
	strcpy(s.helo, "crepes.fr");
	list(
	    "250-hamburger.edu Hello crepes.fr\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
	    "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n250-HELP\r\n"
	    "250 LIMITS RCPTMAX=7 MAILMAX=8\r\n");
	session_init(&s, &set, 1, 0);
	set.databytes = 0;
	strcpy(s.helo, "[1.2.3.4]");
	list("250-hamburger.edu Hello [1.2.3.4]\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n"
	     "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n250-HELP\r\n"
	     "250-LIMITS RCPTMAX=7 MAILMAX=8\r\n250 STARTTLS\r\n");
}

static void
test_longest(void **state)
{
	char to[EHLO_MAX];

	(void)state;
	set.databytes = set.maxrcpt = set.maxmail = UINT64_MAX;
	session_init(&s, &set, 1, 0);
	memset(me, 'a', sizeof me - 1);
	memset(s.helo, 'b', sizeof s.helo - 1);
	s.helo[sizeof s.helo - 1] = 0;
	assert_in_range(ehlo_format(to, &s), REPLY_MAX, EHLO_MAX);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
