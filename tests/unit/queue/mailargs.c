/* unit tests of queue/mailargs: sendmail's command line */
#include "mailargs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct mailargs a;

/* parse - a command line with blanks between its words. */
static char const *
parse(char const *line)
{
	static char text[256];
	static char const *argv[32];
	size_t n = 0;

	strcpy(text, line);
	for (char *word = strtok(text, " "); word; word = strtok(0, " "))
		argv[n++] = word;
	argv[n] = 0;
	return mailargs_parse(&a, argv);
}

static void
modes(void **state)
{
	static struct {
		char const *line;
		enum mailargs_mode mode;
	} const cases[] = {
		{ "sendmail bob", MAILARGS_SEND },
		{ "/usr/sbin/sendmail -bm bob", MAILARGS_SEND },
		{ "mailq", MAILARGS_LIST },
		{ "/usr/bin/mailq -v", MAILARGS_LIST },
		{ "newaliases", MAILARGS_ALIASES },
		{ "sendmail -bi", MAILARGS_ALIASES },
		{ "sendmail -bp", MAILARGS_LIST },
		{ "sendmail -bs", MAILARGS_SMTP },
		{ "sendmail -bv bob", MAILARGS_VERIFY },
		{ "sendmail -q", MAILARGS_RETRY },
		{ "sendmail -q15m", MAILARGS_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_null(parse(cases[i].line));
		assert_int_equal(a.mode, cases[i].mode);
	}
	assert_null(mailargs_parse(&a, (char const *const[]){ 0 }));
}

static void
options(void **state)
{
	(void)state;
	assert_null(
	    parse("sendmail -t -i -f alice -F Al -N success,DELAY -R hdrs -V x1 -B 8BITMIME"));
	assert_true(a.from_header && a.dot_is_text && a.eightbit && !a.relayed);
	assert_string_equal(a.sender, "alice");
	assert_string_equal(a.name, "Al");
	assert_string_equal(a.notify, "success,DELAY");
	assert_string_equal(a.ret, "hdrs");
	assert_string_equal(a.envid, "x1");
	assert_null(*a.rcpts);
	assert_null(parse("sendmail -ti -falice -oem -oi -G -- -bob carol"));
	assert_true(a.from_header && a.dot_is_text && a.relayed);
	assert_string_equal(a.sender, "alice");
	assert_string_equal(a.rcpts[0], "-bob");
	assert_string_equal(a.rcpts[1], "carol");
	assert_null(a.rcpts[2]);
	assert_null(parse("sendmail -r alice -v -m -n -U -O DeliveryMode=b -X /tmp/x -h 3 bob -t"));
	assert_string_equal(a.sender, "alice");
	assert_string_equal(a.rcpts[0], "bob");
	assert_string_equal(a.rcpts[1], "-t"); /* behind an address all are addresses */
	assert_int_equal(a.from_header, 0);
	assert_null(parse("sendmail -Am -d0.1 -oem bob"));
	assert_string_equal(a.rcpts[0], "bob");
	assert_int_equal(a.dot_is_text, 0);
	assert_null(parse("sendmail -N never bob"));
	assert_null(parse("sendmail - bob"));
	assert_string_equal(a.rcpts[0], "-");
}

static void
wrong(void **state)
{
	static char const *const cases[] = {
		"sendmail -f",
		"sendmail -bd",
		"sendmail -bD",
		"sendmail -bt",
		"sendmail -b",
		"sendmail -N sometimes bob",
		"sendmail -N success,never bob",
		"sendmail -N success, bob",
		"sendmail -R some bob",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_non_null(parse(cases[i]));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(options),
		cmocka_unit_test(wrong),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
