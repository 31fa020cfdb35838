/* unit tests of relay/relayconf: settings, and passwords that only relay may read */
#include "relayconf.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64] = "/tmp/relayconf-XXXXXX";

static void
set(char const *name, char const *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/control/%s", dir, name);
	unlink(path);
	if (!text)
		return;
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void
read_conf(struct relayconf *c, int must)
{
	struct control control;

	assert_int_equal(control_open_at(&control, dir), 1);
	relayconf_read(c, &control, must);
	control_close(&control);
}

/* dies - with which exit code, in a process of its own. */
static int
dies(void)
{
	struct relayconf c = { .helo = STRALLOC_ZERO };
	int status;
	pid_t const pid = fork();

	if (!pid) {
		close(2);
		open("/dev/null", O_WRONLY);
		read_conf(&c, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void
test_settings(void **state)
{
	struct relayconf c = { .helo = STRALLOC_ZERO };

	(void)state;
	set("me", "hamburger.edu\n", 0644);
	read_conf(&c, 1);
	assert_string_equal(c.helo.s, "hamburger.edu");
	assert_int_equal(c.timeout, 0);
	set("helohost", "mail.hamburger.edu\n", 0644);
	set("timeoutremote", "60\n", 0644);
	read_conf(&c, 1);
	assert_string_equal(c.helo.s, "mail.hamburger.edu");
	assert_int_equal(c.timeout, 60);
	set("timeoutremote", "0\n", 0644);
	assert_int_equal(dies(), 100);
	set("timeoutremote", 0, 0);
	set("helohost", 0, 0);
}

static void
test_passwords(void **state)
{
	struct relayconf c = { .helo = STRALLOC_ZERO };
	struct relayconf_login login;

	(void)state;
	set("smarthostauth", "# ours\nsmtp.example.org  bob\ttop secret \nOther.example x y\n",
	    0640);
	read_conf(&c, 1);
	assert_int_equal(relayconf_login(&c, "smtp.example.org", &login), 1);
	assert_string_equal(login.user, "bob");
	assert_string_equal(login.password, "top secret");
	assert_int_equal(relayconf_login(&c, "other.example", &login), 1);
	assert_string_equal(login.user, "x");
	assert_int_equal(relayconf_login(&c, "smtp.example.or", &login), 0);
	assert_int_equal(relayconf_login(&c, "smtp.example.org.evil", &login), 0);
	assert_int_equal(relayconf_login(&c, "", &login), 0);
	assert_int_equal(dies(), 0);
	set("smarthostauth", "smtp.example.org bob secret\n", 0644);
	assert_int_equal(dies(), 100);
	set("smarthostauth", "smtp.example.org bob\n", 0600);
	assert_int_equal(dies(), 100);
	set("smarthostauth", 0, 0);
}

static void
test_check(void **state)
{
	static char const list[] = "a b c\0a b\0a b c";
	stralloc const all = { .s = (char *)list, .len = sizeof list, .a = sizeof list };
	stralloc const one = { .s = (char *)list, .len = 6, .a = 6 };
	size_t entry;

	(void)state;
	assert_int_equal(relayconf_check(&one, &entry), 1);
	assert_int_equal(relayconf_check(&all, &entry), 0);
	assert_int_equal(entry, 1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_check),
	};
	char path[128];
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/control", dir);
	mkdir(path, 0755);
	failed = cmocka_run_group_tests(tests, 0, 0);
	set("me", 0, 0);
	rmdir(path);
	rmdir(dir);
	return failed;
}
