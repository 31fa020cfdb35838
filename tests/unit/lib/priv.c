/* unit tests of lib/priv; as root, since dropping root is what it is about */
#include "priv.h"

#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "die.h"

#define NOBODY   "nobody" /* Debian's, 65534 */
#define NOGROUP  65534
#define SOMEUSER 12345

static int
run(void (*what)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		close(null);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
want(int is_so, int code)
{
	if (!is_so)
		_exit(code);
}

/* is_only - this process is that user in every respect, without a capability. */
static int
is_only(uid_t uid, gid_t gid)
{
	char text[4096], all_ids[64];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);
	gid_t groups[8];

	if (n <= 0)
		return 0;
	text[n] = 0;
	snprintf(all_ids, sizeof all_ids, "\nUid:\t%u\t%u\t%u\t%u\n", uid, uid, uid, uid);
	if (!strstr(text, all_ids) || !strstr(text, "\nCapEff:\t0000000000000000\n") ||
	    !strstr(text, "\nCapPrm:\t0000000000000000\n"))
		return 0;
	snprintf(all_ids, sizeof all_ids, "\nGid:\t%u\t%u\t%u\t%u\n", gid, gid, gid, gid);
	return strstr(text, all_ids) && getgroups(8, groups) == 1 && groups[0] == gid;
}

static void
find_and_drop(void)
{
	gid_t const many[3] = { 0, 4, 27 };
	struct priv_user user;

	want(!setgroups(3, many), 1);
	priv_find(NOBODY, &user);
	want(user.uid == 65534 && user.gid == NOGROUP, 2);
	priv_drop(&user);
	want(is_only(65534, NOGROUP), 3);
	want(setuid(0) && setgid(0) && setgroups(0, 0), 4);
}

static void
find_root(void)
{
	struct priv_user user;

	priv_find("root", &user);
}

static void
find_nobody_of_that_name(void)
{
	struct priv_user user;

	priv_find("no-such-user", &user);
}

static void
find_prefix(void)
{
	struct priv_user user;

	priv_find("nobod", &user);
}

static void
find_empty(void)
{
	struct priv_user user;

	priv_find("", &user);
}

static void
drop_to_root(void)
{
	priv_drop(&(struct priv_user){ 0, 100 });
}

static void
drop_to_root_group(void)
{
	priv_drop(&(struct priv_user){ 100, 0 });
}

static void
drop_without_right(void)
{
	want(!setresuid(SOMEUSER, SOMEUSER, SOMEUSER), 1);
	priv_drop(&(struct priv_user){ SOMEUSER + 1, SOMEUSER + 1 });
}

static void
drop_if_root(void)
{
	priv_drop_if_root(NOBODY);
	want(is_only(65534, NOGROUP), 1);
}

/* A setuid root program's caller: effective root only. */
static void
drop_if_effective_root(void)
{
	want(!setresuid(SOMEUSER, 0, 0), 1);
	priv_drop_if_root(NOBODY);
	want(is_only(65534, NOGROUP), 2);
}

static void
drop_if_not_root(void)
{
	want(!setresgid(SOMEUSER, SOMEUSER, SOMEUSER) && !setresuid(SOMEUSER, SOMEUSER, SOMEUSER),
	    1);
	priv_drop_if_root("no-such-user");
	want(getuid() == SOMEUSER && geteuid() == SOMEUSER, 2);
}

static void
becomes_the_user(void **state)
{
	(void)state;
	if (getuid())
		skip();
	assert_int_equal(run(find_and_drop), 0);
	assert_int_equal(run(drop_if_root), 0);
	assert_int_equal(run(drop_if_effective_root), 0);
	assert_int_equal(run(drop_if_not_root), 0);
}

static void
refuses(void **state)
{
	(void)state;
	assert_int_equal(run(find_root), EXIT_PERM);
	assert_int_equal(run(find_nobody_of_that_name), EXIT_PERM);
	assert_int_equal(run(find_prefix), EXIT_PERM);
	assert_int_equal(run(find_empty), EXIT_PERM);
	assert_int_equal(run(drop_to_root), EXIT_PERM);
	assert_int_equal(run(drop_to_root_group), EXIT_PERM);
	if (getuid())
		skip();
	assert_int_equal(run(drop_without_right), EXIT_TEMP);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(becomes_the_user),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests_name("lib/priv", tests, 0, 0);
}
