/* unit tests of lib/dialogue: flights, replies, and the time they may take */
#include "dialogue.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct dialogue d;
static int server;

static void
begin(uint64_t cap)
{
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	dialogue_close(&d);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	server = pair[1];
	if (server == DIALOGUE_FD)
		server = dup(server), close(pair[1]);
	dialogue_init(&d, cap);
	assert_int_equal(dialogue_start(&d, pair[0]), 1);
	assert_true(d.open);
}

static void
say(char const *s)
{
	assert_int_equal(write(server, s, strlen(s)), strlen(s));
}

static void
test_flight(void **state)
{
	char got[64];

	(void)state;
	begin(0);
	say("250-a\r\n250 b\r\n550 no\r\n");
	dialogue_put(&d, "MAIL\r\n", 6);
	dialogue_put(&d, "RCPT\r\n", 6);
	assert_int_equal(recv(server, got, sizeof got, MSG_DONTWAIT), -1); /* it waits */
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_OK);
	assert_string_equal(d.reply.text, "a\nb");
	assert_int_equal(read(server, got, sizeof got), 12);
	assert_true(dialogue_has_more(&d));
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_OK);
	assert_int_equal(d.reply.code, 550);
	assert_false(dialogue_has_more(&d));
	close(server);
}

static void
test_large(void **state)
{
	static char text[60000], got[60000 + 6];
	size_t len = 0;

	(void)state;
	begin(0);
	memset(text, 'x', sizeof text);
	dialogue_put(&d, "DATA\r\n", 6);
	dialogue_put(&d, text, sizeof text); /* more than is kept: it goes */
	while (len < sizeof got)
		len += (size_t)read(server, got + len, sizeof got - len);
	assert_memory_equal(got, "DATA\r\nxxx", 9);
	assert_int_equal(dialogue_flush(&d), DIALOGUE_OK);
	close(server);
}

static void
test_lost(void **state)
{
	(void)state;
	begin(0);
	close(server);
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_LOST);
	assert_string_equal(dialogue_why(&d, DIALOGUE_LOST), "connection lost");
	begin(0);
	say("421 bye\r\n"); /* last words are heard, though nothing can be said any more */
	close(server);
	dialogue_put(&d, "MAIL\r\n", 6);
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_OK);
	assert_int_equal(d.reply.code, 421);
	assert_int_equal(d.unsent, DIALOGUE_LOST);
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_LOST);
	begin(0);
	say("25");
	close(server);
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_LOST);
	begin(0);
	say("hello\r\n");
	assert_int_equal(dialogue_reply(&d, 5), DIALOGUE_BAD);
	close(server);
}

static void
test_fails_here(void **state)
{
	void *const nothing = mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(nothing, MAP_FAILED);
	begin(1); /* the server lives, and waits as long as we do */
	dialogue_put(&d, nothing, 1 << 20);
	assert_int_equal(dialogue_reply(&d, 600), DIALOGUE_LOST);
	assert_int_equal(dialogue_flush(&d), DIALOGUE_LOST);
	assert_int_equal(d.error, EFAULT);
	close(server);
	munmap(nothing, 1 << 20);
}

static void
test_late(void **state)
{
	static char text[1 << 20];
	time_t const begun = time(0);

	(void)state;
	begin(0);
	assert_int_equal(dialogue_reply(&d, 1), DIALOGUE_LATE);
	close(server);
	begin(1); /* the cap counts where it is less */
	say("250-x\r\n");
	assert_int_equal(dialogue_reply(&d, 600), DIALOGUE_LATE);
	dialogue_put(&d, text, sizeof text);
	assert_int_equal(dialogue_flush(&d), DIALOGUE_LATE);
	assert_int_equal(dialogue_reply(&d, 600), DIALOGUE_LATE);
	assert_string_equal(dialogue_why(&d, DIALOGUE_LATE), "no reply in time");
	close(server);
	assert_in_range(time(0) - begun, 2, 6);
}

static void
test_detach(void **state)
{
	(void)state;
	begin(0);
	dialogue_detach(&d);
	assert_false(d.open);
	assert_int_equal(write(DIALOGUE_FD, "x", 1), 1); /* it is open still */
	close(DIALOGUE_FD);
	close(server);
	assert_int_equal(dialogue_start(&d, DIALOGUE_FD + 1000), 0);
	assert_int_equal(errno, EBADF);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_flight),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_fails_here),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_detach),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
