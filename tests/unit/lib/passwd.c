#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "passwd.h"

/* file - a nameless passwd file with this text. */
static int
file(char const *text)
{
	char path[] = "/tmp/passwd.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd != -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	unlink(path);
	return fd;
}

static char const text[] = "root:x:0:0:root:/root:/bin/sh\n"
			   "sys:x:999:999::/sys:/bin/sh\n"
			   "anna:x:1000:1001:A.:/home/anna:/bin/sh\n"
			   "anna-maria:x:1002:1002::/home/am:/bin/sh\n"
			   "nobody:x:65534:65534::/var/empty:/bin/false\n"
			   "high:x:65535:65535::/home/high:/bin/sh\n"
			   "all:x:4294967295:1::/home/all:/bin/sh\n"
			   "big:x:4294967296:1::/home/big:/bin/sh\n"
			   "minus:x:-2:1::/home/minus:/bin/sh\n"
			   "nohome:x:1003:1003:::/bin/sh\n"
			   "rel:x:1004:1004::home/rel:/bin/sh\n"
			   "no:x:1005:1005::/nonexistent:/bin/sh\n"
			   "a/b:x:1006:1006::/home/ab:/bin/sh\n"
			   "six:x:1007:1007::/home/six\n"
			   "end:x:1008:1008::/home/end:/bin/sh";

static struct {
	char const *local;
	char const *name; /* null: nobody */
} const cases[] = {
	{ "anna", "anna" },
	{ "Anna", "anna" },
	{ "anna+x", "anna" },
	{ "anna-x", "anna" },
	{ "anna-maria", "anna-maria" },
	{ "anna-maria+", "anna-maria" },
	{ "anna-mari", "anna" },
	{ "annamaria", 0 },
	{ "ann", 0 },
	{ "", 0 },
	{ "anna=x", 0 },
	{ "end", "end" },
	{ "high", "high" },
	{ "root", 0 },
	{ "sys", 0 },
	{ "nobody", 0 },
	{ "all", 0 },
	{ "big", 0 },
	{ "minus", 0 },
	{ "nohome", 0 },
	{ "rel", 0 },
	{ "no", 0 },
	{ "a/b", 0 },
	{ "six", 0 },
};

static void
finds_whose_mailbox_it_is(void **state)
{
	int fd = file(text);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct passwd_entry e;
		size_t used = 99;
		int const r = passwd_find_mailbox(
		    fd, cases[i].local, strlen(cases[i].local), "+-", PASSWD_MINUID, &e, &used);

		if (r != (cases[i].name != 0))
			fail_msg("%s: %d", cases[i].local, r);
		if (!r)
			continue;
		assert_string_equal(e.name, cases[i].name);
		assert_int_equal(used, strlen(e.name));
	}
	close(fd);
}

static void
finds_any_account_by_its_exact_name(void **state)
{
	struct passwd_entry e;
	int fd = file(text);

	(void)state;
	assert_int_equal(passwd_find(fd, "sys", &e), 1);
	assert_int_equal(e.uid, 999);
	assert_string_equal(e.home, "/sys");
	assert_int_equal(passwd_find(fd, "anna", &e), 1);
	assert_int_equal(e.gid, 1001);
	assert_int_equal(passwd_find(fd, "Anna", &e), 0);
	assert_int_equal(passwd_find_uid(fd, e.uid, &e), 1);
	assert_int_equal(passwd_find_uid(fd, 987654, &e), 0);
	assert_int_equal(passwd_find(fd, "ann", &e), 0);
	close(fd);
}

/* The file is read in pieces: an account must be found wherever the pieces meet. */
static void
finds_across_buffers(void **state)
{
	static char many[3 * PASSWD_BUFFER];
	struct passwd_entry e;

	(void)state;
	for (size_t pad = PASSWD_BUFFER - 60; pad < PASSWD_BUFFER + 10; pad++) {
		int fd;

		memset(many, 'x', pad);
		for (size_t i = 40; i < pad; i += 41)
			many[i] = '\n';
		snprintf(many + pad, 200, "%s",
		    "\nanna:x:1000:1001::/home/anna:/bin/sh\nz:x:1001:1001::/z:/bin/sh\n");
		fd = file(many);
		assert_int_equal(passwd_find(fd, "anna", &e), 1);
		assert_string_equal(e.home, "/home/anna");
		assert_int_equal(passwd_find(fd, "z", &e), 1);
		assert_int_equal(passwd_find(fd, "y", &e), 0);
		close(fd);
	}
}

static void
passes_a_line_over_that_is_too_long(void **state)
{
	static char many[3 * PASSWD_BUFFER];
	struct passwd_entry e;
	int fd;

	(void)state;
	memset(many, 'x', 2 * PASSWD_BUFFER + 5);
	snprintf(many + 2 * PASSWD_BUFFER + 5, 200,
	    ":x:1:1::/x:/\nanna:x:1000:1001::/home/anna:/bin/sh\n");
	fd = file(many);
	assert_int_equal(passwd_find(fd, "anna", &e), 1);
	close(fd);
}

static void
concludes_nothing_from_damage(void **state)
{
	static char const *const damaged[] = { "", "\n\n", "# nothing\n", "x:y\n",
		"a:x:b:c::/:/\n" };
	struct passwd_entry e;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		int fd = file(damaged[i]);

		errno = 0;
		assert_int_equal(passwd_find(fd, "anna", &e), -1);
		assert_int_equal(errno, ENODATA);
		assert_int_equal(passwd_find_mailbox(fd, "anna", 4, "+", 1, &e, &used), -1);
		close(fd);
	}
	assert_int_equal(passwd_find(-1, "anna", &e), -1);
	assert_int_equal(errno, EBADF);
}

static void
sees_that_a_file_was_replaced(void **state)
{
	char path[] = "/tmp/passwd.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_false(passwd_is_stale(fd));
	unlink(path);
	assert_true(passwd_is_stale(fd));
	close(fd);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finds_whose_mailbox_it_is),
		cmocka_unit_test(finds_any_account_by_its_exact_name),
		cmocka_unit_test(finds_across_buffers),
		cmocka_unit_test(passes_a_line_over_that_is_too_long),
		cmocka_unit_test(concludes_nothing_from_damage),
		cmocka_unit_test(sees_that_a_file_was_replaced),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
