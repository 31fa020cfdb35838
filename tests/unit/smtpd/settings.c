/* unit tests of smtpd/settings: control files, and the environment that goes before them */
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "die.h"

static char dir[] = "/tmp/settings.XXXXXX";
static struct control control;
static struct settings set;

static void
put(char const *name, char const *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/control/%s", dir, name);
	if (!text) {
		unlink(path);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
read_all(void)
{
	assert_int_equal(control_open_at(&control, dir), 1);
	settings_read(&set, &control, 0);
	control_close(&control);
}

static int
set_up(void **state)
{
	char path[256];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/control", dir);
	if (mkdir(path, 0755) == -1)
		return -1;
	put("me", "Hamburger.EDU\n");
	return 0;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

static void
test_defaults(void **state)
{
	(void)state;
	read_all();
	assert_string_equal(set.me.s, "hamburger.edu");
	assert_string_equal(set.greeting.s, "hamburger.edu");
	assert_string_equal(set.localiphost.s, "hamburger.edu");
	assert_false(set.has_rcpthosts || set.badmailfrom.len);
	assert_int_equal(set.databytes, 52428800);
	assert_int_equal(set.idle, 300);
	assert_int_equal(set.total, 3600);
	assert_int_equal(set.maxrcpt, 1000);
	assert_int_equal(set.maxhops, 100);
	assert_int_equal(set.maxerrors, 20);
	assert_false(set.convert || set.refuse_early || set.lenient);
	assert_null(set.relay);
}

/* dies - in a child, with this file or variable; the log must hold what is wanted. */
static void
dies(char const *name, char const *value, int env, char const *want)
{
	char got[1024];
	int fds[2], status;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	if (env)
		setenv(name, value, 1);
	else
		put(name, value);
	if (!fork()) {
		dup2(fds[1], 2);
		read_all();
		_exit(0);
	}
	close(fds[1]);
	wait(&status);
	n = read(fds[0], got, sizeof got - 1);
	close(fds[0]);
	got[n > 0 ? n : 0] = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_PERM);
	if (!strstr(got, want))
		fail_msg("%s: %s", name, got);
	if (env)
		unsetenv(name);
	else
		put(name, 0);
}

static void
test_bad(void **state)
{
	(void)state;
	dies("databytes", "many\n", 0, "databytes");
	dies("maxrcpt", "0\n", 0, "maxrcpt");
	dies("maxrcpt", "1000000\n", 0, "maxrcpt"); /* RFC 9422: six digits */
	dies("maxmail", "1000000\n", 0, "maxmail");
	dies("barelf", "Refuse\n", 0, "write refuse or convert");
	dies("earlytalk", "no\n", 0, "write tolerate or refuse");
	dies("brackets", "yes\n", 0, "write strict or lenient");
	dies("DATABYTES", "1M", 1, "DATABYTES");
	dies("DATABYTES", "", 1, "DATABYTES");
	dies("DATABYTES", "-1", 1, "DATABYTES");
	dies("BARELF", "", 1, "BARELF");
}

static void
test_files(void **state)
{
	(void)state;
	put("smtpgreeting", "hamburger.edu ESMTP, be brief\n");
	put("localiphost", "other.example\n");
	put("rcpthosts", "# ours\nHamburger.edu\n.example\n");
	put("badmailfrom", "Bad@Evil.example\n@spam.example\n");
	put("databytes", "0\n");
	put("timeoutsmtpd", "7\n");
	put("timeouttransaction", "8\n");
	put("maxrcpt", "9\n");
	put("maxmail", "10\n");
	put("maxhops", "11\n");
	put("maxerrors", "12\n");
	put("barelf", "convert\n");
	put("earlytalk", "refuse\n");
	put("brackets", "lenient\n");
	read_all();
	assert_string_equal(set.greeting.s, "hamburger.edu ESMTP, be brief");
	assert_string_equal(set.localiphost.s, "other.example");
	assert_true(set.has_rcpthosts);
	assert_true(control_has_domain(&set.rcpthosts, "x.example", 9));
	assert_true(control_has(&set.badmailfrom, "bad@evil.example", 16));
	assert_true(set.databytes == 0 && set.idle == 7 && set.total == 8 && set.maxrcpt == 9);
	assert_true(set.maxmail == 10 && set.maxhops == 11 && set.maxerrors == 12);
	assert_true(set.convert && set.refuse_early && set.lenient);
}

static void
test_environment(void **state)
{
	(void)state;
	setenv("DATABYTES", "77", 1);
	setenv("BARELF", "refuse", 1);
	setenv("EARLYTALK", "tolerate", 1);
	setenv("BRACKETS", "strict", 1);
	setenv("RELAYCLIENT", "", 1);
	read_all();
	assert_int_equal(set.databytes, 77);
	assert_false(set.convert || set.refuse_early || set.lenient);
	assert_string_equal(set.relay, "");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
