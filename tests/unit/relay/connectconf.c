#include "connectconf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/connectconf.XXXXXX";
static struct connectconf conf;
static char const *const names[] = { "me", "helohost", "outgoingip", "timeoutconnect", "remoteport",
	"concurrencyperhost", "ratehost", "trustad", "mtasts" };

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

static void
load(void)
{
	struct control c;

	assert_int_equal(control_open_at(&c, root), 1);
	connectconf_read(&conf, &c);
	control_close(&c);
}

/* dies - with a setting that is wrong it ends with 100. */
static void
dies(char const *name, char const *value)
{
	int code;
	pid_t pid;

	set(name, value);
	pid = fork();
	if (!pid) {
		close(2);
		load();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_true(WIFEXITED(code));
	assert_int_equal(WEXITSTATUS(code), 100);
}

static int
begin(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	snprintf(path, sizeof path, "%s/control", root);
	return mkdir(path, 0700);
}

static int
end(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/control/%s", root, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/control", root);
	return rmdir(path) || rmdir(root);
}

static void
defaults(void **state)
{
	(void)state;
	load(); /* not even `me` must be there: relay is a tool, too */
	assert_string_equal(conf.me, "");
	assert_int_equal(conf.timeout, 30);
	assert_int_equal(conf.port, 25);
	assert_int_equal(conf.concurrency, 10);
	assert_int_equal(conf.rate, 0);
	assert_int_equal(conf.trustad, 0);
	assert_int_equal(conf.mtasts, 1);
	assert_int_equal(conf.from[0].family, 0);
	assert_int_equal(conf.from[1].family, 0);
}

static void
what_is_set(void **state)
{
	(void)state;
	set("me", "Mail.Hamburger.EDU\n");
	set("outgoingip", "2001:db8::1\n# and\n192.0.2.1\n");
	set("ratehost", "60\n");
	set("trustad", "1\n");
	set("mtasts", "0\n");
	load();
	assert_string_equal(conf.me, "mail.hamburger.edu");
	assert_string_equal(conf.helohost, "mail.hamburger.edu");
	assert_int_equal(conf.from[0].family, AF_INET);
	assert_int_equal(conf.from[1].family, AF_INET6);
	assert_int_equal(conf.rate, 60);
	assert_int_equal(conf.trustad, 1);
	assert_int_equal(conf.mtasts, 0);
	set("helohost", "out.hamburger.edu\n");
	load();
	assert_string_equal(conf.me, "mail.hamburger.edu");
	assert_string_equal(conf.helohost, "out.hamburger.edu");
}

static void
what_is_wrong(void **state)
{
	(void)state;
	dies("outgoingip", "192.0.2.1\n192.0.2.2\n");
	dies("outgoingip", "mail.example\n");
	set("outgoingip", "");
	dies("remoteport", "65536\n");
	set("remoteport", "26\n");
	dies("concurrencyperhost", "0\n");
	set("concurrencyperhost", "1\n");
	dies("helohost", "a b\n");
	set("helohost", "a.b\n");
	load();
	assert_int_equal(conf.port, 26);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(what_is_set),
		cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
