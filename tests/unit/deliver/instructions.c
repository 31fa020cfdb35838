#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "instructions.h"

static char home[] = "/tmp/home-XXXXXX";
static struct instructions in = { .text = STRALLOC_ZERO, .qmail = { .lines = GENALLOC_ZERO } };
static stralloc none = STRALLOC_ZERO;

static void
write_file(char const *name, char const *text, mode_t mode)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, mode);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int
find(char const *dash, char const *ext, stralloc const *alias, struct answer *why)
{
	struct instructions_source const from = { home, dash, ext, alias, "./Maildir/" };

	return instructions_find(&in, &from, why);
}

static char const *
first(void)
{
	return genalloc_s(struct qmail_line, &in.qmail.lines)->arg;
}

static void
finds_the_file_that_fits(void **state)
{
	struct answer a;

	(void)state;
	assert_true(find("", "", &none, &a));
	assert_true(in.is_default);
	assert_string_equal(first(), "./Maildir/");
	write_file(".qmail", "./plain\n", 0600);
	write_file(".qmail-a", "./a\n", 0600);
	write_file(".qmail-l-default", "./l\n", 0600);
	write_file(".qmail-l-default-owner", "", 0600);
	write_file(".qmail-l-x-owner", "", 0600);
	write_file(".qmail-l-x-owner-default", "", 0600);
	assert_true(find("", "", &none, &a));
	assert_string_equal(first(), "./plain");
	assert_true(find("-", "A", &none, &a));
	assert_string_equal(first(), "./a");
	assert_null(in.rest);
	assert_int_equal(in.owner, 0);
	assert_true(find("-", "l-x", &none, &a));
	assert_string_equal(first(), "./l");
	assert_string_equal(in.rest, "x");
	assert_int_equal(in.owner, 2);
	assert_true(find("-", "other", &none, &a));
	assert_string_equal(first(), "./plain");
	assert_false(in.is_default);
}

static void
takes_an_alias_instead(void **state)
{
	stralloc alias = STRALLOC_ZERO;
	struct answer a;

	(void)state;
	assert_true(stralloc_copys(&alias, "&x@y.z\n"));
	assert_true(find("-", "a", &alias, &a));
	assert_string_equal(first(), "x@y.z");
	stralloc_free(&alias);
}

static void
refuses(char const *status)
{
	struct answer a;

	assert_false(find("", "", &none, &a));
	assert_string_equal(a.status, status);
}

static void
refuses_what_others_can_write(void **state)
{
	(void)state;
	write_file(".qmail", "./x\n", 0602);
	refuses("4.7.0");
	write_file(".qmail", "\n", 0600);
	refuses("4.3.5");
	write_file(".qmail", "./x\n", 0700);
	refuses("4.3.5");
	write_file(".qmail", "./x\n", 0600);
	assert_int_equal(chmod(home, 0702), 0);
	refuses("4.7.0");
	assert_int_equal(chmod(home, 01700), 0);
	refuses("4.2.1");
	assert_int_equal(chmod(home, 0700), 0);
}

static void
sees_changes(void **state)
{
	struct answer a;

	(void)state;
	assert_true(find("", "", &none, &a));
	assert_false(instructions_changed(&in));
	write_file(".qmail", "./xx\n", 0600);
	assert_true(instructions_changed(&in));
	assert_true(find("", "", &none, &a));
	assert_false(instructions_changed(&in));
	assert_int_equal(unlink(".qmail"), 0);
	assert_true(instructions_changed(&in));
	assert_true(find("-", "x", &none, &a));
	write_file(".qmail-x", "", 0600);
	assert_true(instructions_changed(&in));
	instructions_settle(&in);
	assert_false(instructions_changed(&in));
}

static int
enter(void **state)
{
	(void)state;
	return !mkdtemp(home);
}

static int
leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", home);
	return chdir("/") || system(command);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finds_the_file_that_fits),
		cmocka_unit_test(takes_an_alias_instead),
		cmocka_unit_test(refuses_what_others_can_write),
		cmocka_unit_test(sees_changes),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
