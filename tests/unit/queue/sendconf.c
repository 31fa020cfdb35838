#include "sendconf.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char root[64];
static struct control control;
static struct sendconf conf;

static void
set(char const *name, char const *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/control/%s", root, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(value, f);
	fclose(f);
}

static int
begin(void **state)
{
	char path[128];

	(void)state;
	snprintf(root, sizeof root, "/tmp/sendconf.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(path, sizeof path, "%s/control", root);
	if (mkdir(path, 0700))
		return -1;
	set("me", "Hamburger.EDU\n");
	return 0;
}

static int
unlink_one(char const *path, struct stat const *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

static int
end(void **state)
{
	(void)state;
	return nftw(root, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int
load(void)
{
	int r;

	assert_int_equal(control_open_at(&control, root), 1);
	r = sendconf_read(&conf, &control);
	control_close(&control);
	return r;
}

static void
defaults(void **state)
{
	(void)state;
	assert_int_equal(load(), 1);
	assert_string_equal(conf.me.s, "hamburger.edu");
	assert_string_equal(conf.bounce_from.s, "MAILER-DAEMON@hamburger.edu");
	assert_string_equal(conf.double_bounce.s, "postmaster@hamburger.edu");
	assert_int_equal(conf.concurrency_local, 20);
	assert_int_equal(conf.concurrency_remote, 20);
	assert_int_equal(conf.lifetime, 432000);
	assert_int_equal(conf.delay_notice, 14400);
	sendconf_free(&conf);
}

static void
as_an_admin_writes_them(void **state)
{
	(void)state;
	set("bouncefrom", "bounces\n");
	set("bouncehost", "mail.hamburger.edu\n");
	set("doublebounceto", "root@crepes.fr\n");
	set("concurrencylocal", "0\n");
	set("queuelifetime", "60\n");
	set("delaynotice", "0\n");
	assert_int_equal(load(), 1);
	assert_string_equal(conf.bounce_from.s, "bounces@mail.hamburger.edu");
	assert_string_equal(conf.double_bounce.s, "root@crepes.fr");
	assert_int_equal(conf.concurrency_local, 0);
	assert_int_equal(conf.lifetime, 60);
	sendconf_free(&conf);
	set("doublebounceto", "\n"); /* no double bounces at all */
	assert_int_equal(load(), 1);
	assert_string_equal(conf.double_bounce.s, "");
	sendconf_free(&conf);
}

static void
errors_name_the_file(void **state)
{
	static struct {
		char const *name, *value;
	} const cases[] = {
		{ "concurrencylocal", "many\n" },
		{ "concurrencylocal", "501\n" },
		{ "concurrencyaddress", "0\n" },
		{ "queuelifetime", "-1\n" },
		{ "bouncefrom", "MAILER DAEMON\n" },
		{ "bouncefrom", "" },
		{ "doublebounceto", "a@b@c\n" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (i) {
			end(state);
			begin(state);
		}
		set(cases[i].name, cases[i].value);
		assert_int_equal(load(), -1);
		assert_non_null(strstr(control.error, cases[i].name));
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(defaults, begin, end),
		cmocka_unit_test_setup_teardown(as_an_admin_writes_them, begin, end),
		cmocka_unit_test_setup_teardown(errors_name_the_file, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
