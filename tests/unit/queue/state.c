#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define RCPTS 6
#define TIME  1800000000000001ULL
#define INODE 4711ULL

static struct state state;
static stralloc text = STRALLOC_ZERO;
static char root[64];
static int dir;
static char path[STATE_PATH_MAX];

static int
fresh(void **unused)
{
	(void)unused;
	state_free(&state);
	state.rcpt = calloc(RCPTS, sizeof *state.rcpt);
	state.rcpts = RCPTS;
	text.len = 0;
	return !state.rcpt;
}

/* Something of each kind. */
static void
fill(void)
{
	state.held = 1;
	state.rcpt[0].fate = FATE_DONE;
	state.rcpt[1].fate = FATE_DONE;
	state.rcpt[2].attempts = 3;
	state.rcpt[2].next = 1800000400;
	state.rcpt[2].told_late = 1;
	assert_int_equal(state_reason(&state.rcpt[2], "4.2.2", "mailbox, full: 1:2"), 1);
	state.rcpt[3].fate = FATE_FAILED;
	assert_int_equal(state_reason(&state.rcpt[3], "5.1.1", "no such user"), 1);
	state.rcpt[4].fate = FATE_DELIVERED;
	assert_int_equal(state_reason(&state.rcpt[4], "2.1.5", "user=bob"), 1);
}

static char const whole[] = "2:V1,1:H,5:D 0 1,41:W 2 3 1800000400 4.2.2 mailbox, full: 1:2,3:L 2,"
			    "22:F 3 5.1.1 no such user,18:S 4 2.1.5 user=bob,7:W 5 0 0,";

static void
writes_what_the_manual_says(void **unused)
{
	(void)unused;
	fill();
	assert_int_equal(state_format(&text, &state), 1);
	assert_int_equal(text.len, sizeof whole - 1);
	assert_memory_equal(text.s, whole, text.len);
}

static void
check_filled(void)
{
	assert_int_equal(state.held, 1);
	assert_int_equal(state.rcpt[0].fate, FATE_DONE);
	assert_int_equal(state.rcpt[1].fate, FATE_DONE);
	assert_int_equal(state.rcpt[2].fate, FATE_WAITING);
	assert_int_equal(state.rcpt[2].attempts, 3);
	assert_int_equal(state.rcpt[2].next, 1800000400);
	assert_int_equal(state.rcpt[2].told_late, 1);
	assert_string_equal(state.rcpt[2].reason, "4.2.2 mailbox, full: 1:2");
	assert_int_equal(state.rcpt[3].fate, FATE_FAILED);
	assert_string_equal(state.rcpt[3].reason, "5.1.1 no such user");
	assert_int_equal(state.rcpt[4].fate, FATE_DELIVERED);
	assert_string_equal(state.rcpt[4].reason, "2.1.5 user=bob");
	assert_int_equal(state.rcpt[5].fate, FATE_WAITING);
	assert_null(state.rcpt[5].reason);
}

static void
reads_what_it_writes(void **unused)
{
	(void)unused;
	assert_int_equal(state_parse(&state, whole, sizeof whole - 1), 1);
	assert_int_equal(state.torn, 0);
	check_filled();
}

static void
a_later_fact_replaces_an_earlier(void **unused)
{
	static char const facts[] = "2:V1,1:H,11:W 0 1 5 4.0,9:W 0 2 9 x,1:R,3:D 0,4:?huh,"
				    "3:D 9,3:X 1,3:W 1,";

	(void)unused;
	assert_int_equal(state_parse(&state, facts, sizeof facts - 1), 1);
	assert_int_equal(state.torn, 0);
	assert_int_equal(state.held, 0);
	assert_int_equal(state.rcpt[0].fate, FATE_DONE);
	assert_int_equal(state.rcpt[0].attempts, 2);
	for (int i = 1; i < RCPTS; i++)
		assert_int_equal(state.rcpt[i].fate, FATE_WAITING);
}

static void
every_torn_end_is_passed_over(void **unused)
{
	for (size_t len = 0; len < sizeof whole - 1; len++) {
		char *copy = malloc(len + 1);

		assert_non_null(copy);
		fresh(unused);
		memcpy(copy, whole, len);
		copy[len] = 'x';
		assert_int_equal(state_parse(&state, copy, len), 1);
		if (len >= 17)
			assert_int_equal(state.rcpt[1].fate, FATE_DONE);
		/* what is not known is waiting, never done */
		if (len < sizeof whole - 8)
			assert_int_equal(state.rcpt[5].fate, FATE_WAITING);
		free(copy);
	}
}

static void
damage_never_says_done(void **unused)
{
	static char const *const junk[] = { "3:D 0", "9:D 0,", ":D 0,", "D 0,", "00003:D 0,",
		"99999999:D 0,", "3:D 0;", "3:D -,", "12:D 4294967296,", "\0\0\0\0\0", "1:,", "0:,",
		"5:D 0 9,", "22:D 0 18446744073709551616,", "2:D0," };

	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
		fresh(unused);
		assert_int_equal(state_parse(&state, junk[i], strlen(junk[i])), 1);
		for (int k = 0; k < RCPTS; k++)
			assert_int_equal(state.rcpt[k].fate, FATE_WAITING);
	}
}

static void
another_version_is_not_touched(void **unused)
{
	(void)unused;
	assert_int_equal(state_parse(&state, "2:V2,3:D 0,", 11), 0);
	assert_int_equal(errno, EPROTO);
}

static void
reasons_are_cut(void **unused)
{
	char reason[2000];

	(void)unused;
	memset(reason, 'a', sizeof reason - 1);
	reason[sizeof reason - 1] = 0;
	assert_int_equal(state_reason(&state.rcpt[0], "4.0.0", reason), 1);
	assert_int_equal(strlen(state.rcpt[0].reason), STATE_REASON_MAX);
	state.rcpt[0].attempts = UINT16_MAX;
	state.rcpt[0].next = UINT32_MAX;
	assert_int_equal(state_fact(&text, &state, 0), 1);
}

static void
replaced_whole_with_its_hint(void **unused)
{
	(void)unused;
	fill();
	assert_int_equal(state_load(dir, path, &state), 0);
	assert_int_equal(state_due(dir, path), 0);
	assert_int_equal(state_replace(dir, path, &state, 1800000400), 1);
	assert_int_equal(state_due(dir, path), 1800000400);
	fresh(unused);
	assert_int_equal(state_load(dir, path, &state), 1);
	check_filled();
	assert_int_equal(state_replace(dir, path, &state, STATE_NEVER), 1);
	assert_int_equal(state_due(dir, path), STATE_NEVER);
	/* a crash left its half */
	assert_int_not_equal(openat(dir, "10/new", O_CREAT | O_EXCL, 0400), -1);
	assert_int_equal(state_replace(dir, path, &state, 5), 1);
	assert_int_equal(faccessat(dir, "10/new", F_OK, 0), -1);
	assert_int_equal(state_remove(dir, path), 1);
	assert_int_equal(state_remove(dir, path), 1);
}

static void
appended_to_as_recipients_are_done(void **unused)
{
	int fd;

	(void)unused;
	for (uint32_t i = 0; i < 3; i++) {
		state.rcpt[i].fate = FATE_DONE;
		fd = state_open(dir, path);
		assert_int_equal(state_append(fd, &state, i, i == 1), 1);
		close(fd);
	}
	fresh(unused);
	assert_int_equal(state_load(dir, path, &state), 1);
	for (uint32_t i = 0; i < RCPTS; i++)
		assert_int_equal(state.rcpt[i].fate, i < 3 ? FATE_DONE : FATE_WAITING);
	assert_int_equal(state_remove(dir, path), 1);
}

static int
make_dir(void **unused)
{
	(void)unused;
	strcpy(root, "/tmp/state.XXXXXX");
	if (!mkdtemp(root) || (dir = open(root, O_RDONLY | O_DIRECTORY)) == -1)
		return -1;
	state_path(path, TIME, INODE);
	return strncmp(path, "10/", 3) || mkdirat(dir, "10", 0700);
}

static int
remove_dir(void **unused)
{
	(void)unused;
	state_free(&state);
	stralloc_free(&text);
	return unlinkat(dir, "10", AT_REMOVEDIR) || rmdir(root);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup(writes_what_the_manual_says, fresh),
		cmocka_unit_test_setup(reads_what_it_writes, fresh),
		cmocka_unit_test_setup(a_later_fact_replaces_an_earlier, fresh),
		cmocka_unit_test_setup(every_torn_end_is_passed_over, fresh),
		cmocka_unit_test_setup(damage_never_says_done, fresh),
		cmocka_unit_test_setup(another_version_is_not_touched, fresh),
		cmocka_unit_test_setup(reasons_are_cut, fresh),
		cmocka_unit_test_setup(replaced_whole_with_its_hint, fresh),
		cmocka_unit_test_setup(appended_to_as_recipients_are_done, fresh),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
