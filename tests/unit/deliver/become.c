#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "become.h"
#include "die.h"

/* code_of - how a child ends that becomes that user; 0 if it is then nobody else. */
static int
code_of(char const *user, uid_t uid, gid_t gid)
{
	pid_t pid = fork();
	int code;

	if (!pid) {
		gid_t groups[16];
		int n;

		close(2);
		become(user, uid, gid);
		n = getgroups(16, groups);
		if (getuid() != uid || geteuid() != uid || getgid() != gid || n < 1 ||
		    groups[0] != gid)
			_exit(1);
		for (int i = 0; i < n; i++)
			if (!groups[i])
				_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &code, 0), pid);
	return WEXITSTATUS(code);
}

static void
becomes_a_user_for_good(void **state)
{
	(void)state;
	if (getuid())
		skip();
	assert_int_equal(code_of("no-such-name", 52998, 52998), 0);
}

static void
never_root(void **state)
{
	(void)state;
	assert_int_equal(code_of("root", 0, 0), EXIT_PERM);
}

static void
fails_without_the_right(void **state)
{
	pid_t pid;
	int code;

	(void)state;
	if (getuid())
		skip();
	pid = fork();
	if (!pid)
		_exit(setresuid(52997, 52997, 52997) ? 1 : code_of("x", 52998, 52998));
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(WEXITSTATUS(code), EXIT_TEMP);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(becomes_a_user_for_good),
		cmocka_unit_test(never_root),
		cmocka_unit_test(fails_without_the_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
