#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "inject.h"

static struct inject in;
static char dir[] = "/tmp/inject-test-XXXXXX";
static int trigger; /* the pipe's read end */

/* descriptors - what inject_open would open: a directory, and a pipe as trigger. */
static int
descriptors(void **state)
{
	int fd[2], mess;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	if (!mkdtemp(dir) || pipe2(fd, O_NONBLOCK) == -1)
		return -1;
	mess = open(dir, O_RDONLY | O_DIRECTORY);
	trigger = fcntl(fd[0], F_DUPFD, 20);
	fd[1] = fcntl(fd[1], F_DUPFD, 20);
	mess = fcntl(mess, F_DUPFD, 20);
	return dup2(mess, INJECT_MESS_FD) == -1 || dup2(fd[1], INJECT_TRIGGER_FD) == -1 ? -1 : 0;
}

static int
clean(void **state)
{
	(void)state;
	return rmdir(dir);
}

/* begin - a message with its envelope. */
static void
begin(void)
{
	inject_begin(&in);
	in.regions.envelope = inject_size(&in);
	inject_frame(&in, STREAM_MAIL, "a@b", 4);
	inject_frame(&in, STREAM_RCPT, "c@d", 4);
	in.regions.message = inject_size(&in);
	in.regions.envelopelen = in.regions.message - in.regions.envelope;
}

static int
commit(char id[MESSAGE_ID_MAX])
{
	in.regions.messagelen = inject_size(&in) - in.regions.message;
	return inject_commit(&in, id);
}

static void
a_message_of(size_t len)
{
	static char text[INJECT_BUFFER * 3], got[sizeof text];
	char id[MESSAGE_ID_MAX], heard[MESSAGE_ID_MAX] = "";
	struct envelope e = { .frames = STRALLOC_ZERO };
	struct message_regions r;
	struct stat st;
	uint64_t time, inode;
	int fd;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 7 + i / 251);
	begin();
	inject_put(&in, text, len);
	assert_int_equal(commit(id), 1);
	fd = openat(INJECT_MESS_FD, id, O_RDONLY);
	assert_true(fd != -1);
	assert_int_equal(message_read(fd, &r, &e), 1);
	assert_string_equal(e.sender, "a@b");
	assert_int_equal(r.messagelen, len);
	assert_int_equal(pread(fd, got, len, (off_t)r.message), len);
	assert_memory_equal(got, text, len);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(message_id_parse(id, strlen(id), &time, &inode));
	assert_int_equal(inode, st.st_ino);
	assert_int_equal(read(trigger, heard, sizeof heard - 1), strlen(id) + 1);
	assert_memory_equal(heard, id, strlen(id));
	assert_int_equal(heard[strlen(id)], '\n');
	unlinkat(INJECT_MESS_FD, id, 0);
	close(fd);
	stralloc_free(&e.frames);
}

static void
messages_of_all_sizes(void **state)
{
	/* around each border of the buffer: the envelope's two frames have 8 octets each */
	static size_t const rest = INJECT_BUFFER - MESSAGE_HEADER_SIZE - 16;

	(void)state;
	for (size_t len = 0; len < 5; len++)
		a_message_of(len);
	for (size_t len = rest - 5; len < rest + 5; len++) {
		a_message_of(len);
		a_message_of(len + INJECT_BUFFER);
	}
	a_message_of(INJECT_BUFFER * 3);
}

static void
nothing_stays_of_what_is_forgotten(void **state)
{
	static char const text[INJECT_BUFFER * 2];

	(void)state;
	begin();
	inject_forget(&in);
	begin();
	inject_put(&in, text, sizeof text);
	assert_true(in.fd != -1);
	inject_forget(&in);
	assert_int_equal(in.fd, -1);
}

static void
no_room_is_an_error_and_no_message(void **state)
{
	static char const text[INJECT_BUFFER * 2];
	struct rlimit const small = { 100000, RLIM_INFINITY };
	struct rlimit const any = { RLIM_INFINITY, RLIM_INFINITY };
	char id[MESSAGE_ID_MAX];

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	begin();
	inject_put(&in, text, sizeof text);
	inject_put(&in, text, sizeof text); /* the caller need not look */
	assert_int_equal(commit(id), 0);
	assert_int_equal(in.error, EFBIG);
	assert_true(inject_no_room(&in));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &any), 0);
	a_message_of(100); /* the next one is not harmed */
}

static void
no_directory_is_an_error(void **state)
{
	char id[MESSAGE_ID_MAX];
	int const mess = fcntl(INJECT_MESS_FD, F_DUPFD, 20);

	(void)state;
	close(INJECT_MESS_FD);
	begin();
	assert_int_equal(inject_id(&in, id), 0);
	assert_int_equal(commit(id), 0);
	assert_int_equal(in.error, EBADF);
	assert_false(inject_no_room(&in));
	assert_int_equal(dup2(mess, INJECT_MESS_FD), INJECT_MESS_FD);
	close(mess);
}

static void
a_full_trigger_is_no_error(void **state)
{
	char text[4096] = "";
	char id[MESSAGE_ID_MAX];

	(void)state;
	while (write(INJECT_TRIGGER_FD, text, sizeof text) > 0)
		;
	begin();
	assert_int_equal(commit(id), 1);
	unlinkat(INJECT_MESS_FD, id, 0);
	while (read(trigger, text, sizeof text) > 0)
		;
}

static void
the_id_is_known_before(void **state)
{
	char before[MESSAGE_ID_MAX], id[MESSAGE_ID_MAX];

	(void)state;
	begin();
	assert_int_equal(inject_id(&in, before), 1);
	inject_put(&in, "x", 1);
	assert_int_equal(commit(id), 1);
	assert_string_equal(before, id);
	unlinkat(INJECT_MESS_FD, id, 0);
}

static void
a_name_that_is_taken_is_left_alone(void **state)
{
	char taken[MESSAGE_ID_MAX], id[MESSAGE_ID_MAX];

	(void)state;
	begin();
	assert_int_equal(inject_id(&in, taken), 1);
	close(openat(INJECT_MESS_FD, taken, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(commit(id), 1);
	assert_string_not_equal(taken, id);
	assert_int_equal(unlinkat(INJECT_MESS_FD, taken, 0), 0);
	assert_int_equal(unlinkat(INJECT_MESS_FD, id, 0), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(messages_of_all_sizes),
		cmocka_unit_test(nothing_stays_of_what_is_forgotten),
		cmocka_unit_test(no_room_is_an_error_and_no_message),
		cmocka_unit_test(no_directory_is_an_error),
		cmocka_unit_test(the_id_is_known_before),
		cmocka_unit_test(a_name_that_is_taken_is_left_alone),
		cmocka_unit_test(a_full_trigger_is_no_error),
	};
	return cmocka_run_group_tests(tests, descriptors, clean);
}
