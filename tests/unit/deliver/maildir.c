#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "deliver-local_policy.h"
#include "maildir.h"

static char path[] = "/tmp/maildir-XXXXXX";

/* files - how many names without a dot in front are in a directory. */
static int
files(char const *name)
{
	DIR *dir = opendir(name);
	struct dirent const *e;
	int n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)))
		n += *e->d_name != '.';
	closedir(dir);
	return n;
}

static int
deliver(struct maildir *m)
{
	char hello[] = "hello ", world[] = "world\n";
	struct iovec parts[2] = { { hello, 6 }, { world, 6 } };
	struct answer a;

	return maildir_begin(m, &a) && maildir_write(m, parts, 2, &a) && maildir_commit(m, &a);
}

static void
opens_what_is_there(void **state)
{
	struct maildir m;
	struct answer a;

	(void)state;
	assert_false(maildir_open(&m, "Maildir/", 0, &a));
	assert_string_equal(a.status, "4.2.1");
	assert_true(maildir_open(&m, "Maildir/", 1, &a));
	assert_int_equal(m.tmp, -1);
	assert_true(maildir_open(&m, "Maildir/", 0, &a));
	close(open("file", O_CREAT | O_WRONLY, 0600));
	assert_false(maildir_open(&m, "file/", 1, &a));
	assert_false(maildir_open(&m, "no/where/", 1, &a));
}

static void
names_every_message_differently(void **state)
{
	struct maildir m;
	struct answer a;
	struct stat st;

	(void)state;
	assert_true(maildir_open(&m, "Maildir/", 0, &a));
	for (int i = 0; i < 100; i++)
		assert_true(deliver(&m));
	assert_int_equal(files("Maildir/new"), 100);
	assert_int_equal(fstatat(m.new, m.name, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 12);
	assert_non_null(strstr(m.name, ",S=12"));
	assert_null(strpbrk(m.name, ":/"));
}

static void
leaves_nothing_of_what_is_aborted(void **state)
{
	struct maildir m;
	struct answer a;
	char x[] = "x";

	(void)state;
	assert_true(maildir_open(&m, "Maildir/", 0, &a));
	for (int tmp = 0; tmp < 2; tmp++) {
		struct iovec part = { x, 1 };

		if (tmp)
			m.tmp = open("Maildir/tmp", O_RDONLY | O_DIRECTORY);
		assert_true(maildir_begin(&m, &a));
		assert_true(maildir_write(&m, &part, 1, &a));
		assert_int_equal(files("Maildir/tmp"), tmp);
		maildir_abort(&m);
		assert_int_equal(m.fd, -1);
	}
	assert_int_equal(files("Maildir/new"), 100);
	assert_int_equal(files("Maildir/tmp"), 0);
}

/* As if the file system had no nameless files; and in the sandbox, where it must work too. */
static void
delivers_through_tmp(void **state)
{
	struct sandbox_tree trees[MAILDIR_TREES];
	struct maildir m;
	struct answer a;
	pid_t pid;
	int code;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* the sanitizer does not live in a sandbox */
#endif
	pid = fork();
	if (!pid) {
		if (!maildir_open(&m, "Maildir/", 0, &a))
			_exit(1);
		m.top = open("Maildir", O_RDONLY | O_DIRECTORY);
		m.tmp = open("Maildir/tmp", O_RDONLY | O_DIRECTORY);
		sandbox_enter(&deliver_local_files_policy, trees, maildir_trees(&m, trees));
		_exit(deliver(&m) && deliver(&m) ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(code, 0);
	assert_int_equal(files("Maildir/new"), 102);
	assert_int_equal(files("Maildir/tmp"), 0);
}

static int
enter(void **state)
{
	(void)state;
	return !mkdtemp(path) || chdir(path);
}

static int
leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", path);
	return chdir("/") || system(command);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(opens_what_is_there),
		cmocka_unit_test(names_every_message_differently),
		cmocka_unit_test(leaves_nothing_of_what_is_aborted),
		cmocka_unit_test(delivers_through_tmp),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
