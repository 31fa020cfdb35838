/* unit tests of smtpd/wire: buffers, idle time and deadline on sockets and on pipes */
#include "wire.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct wire w;
static int theirs[2]; /* where the other end reads, and writes */
static int ours[2];

static void
use_socket(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ours[0] = pair[0], ours[1] = dup(pair[0]);
	theirs[0] = pair[1], theirs[1] = dup(pair[1]);
}

static void
use_pipes(void)
{
	int in[2], out[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	ours[0] = in[0], theirs[1] = in[1];
	theirs[0] = out[0], ours[1] = out[1];
}

static void
close_all(void)
{
	for (int i = 0; i < 2; i++)
		close(ours[i]), close(theirs[i]);
}

static void
send_text(char const *text)
{
	assert_int_equal(write(theirs[1], text, strlen(text)), strlen(text));
}

static void
talk(void)
{
	char got[64];

	wire_init(&w, ours[0], ours[1], 5, 10);
	assert_false(wire_has_input(&w));
	send_text("hello");
	assert_true(wire_has_input(&w));
	wire_put(&w, "one ", 4);
	wire_put(&w, "two", 3);
	assert_int_equal(wire_fill(&w), WIRE_OK);
	assert_int_equal(read(theirs[0], got, sizeof got), 7); /* both, at once, before it read */
	assert_memory_equal(w.inbuf + w.start, "hello", 5);
	wire_take(&w, 3);
	assert_true(wire_has_input(&w));
	send_text("!");
	assert_int_equal(wire_fill(&w), WIRE_OK);
	assert_int_equal(w.end - w.start, 3);
	assert_memory_equal(w.inbuf + w.start, "lo!", 3);
	wire_take(&w, 3);
	close(theirs[1]);
	if (ours[0] != theirs[1])
		shutdown(theirs[0], SHUT_WR);
	assert_int_equal(wire_fill(&w), WIRE_EOF);
}

static void
test_socket(void **state)
{
	(void)state;
	use_socket();
	talk();
	close_all();
}

static void
test_pipes(void **state)
{
	(void)state;
	use_pipes();
	talk();
	close_all();
}

static int64_t
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
times(void)
{
	int64_t const begin = seconds();

	wire_init(&w, ours[0], ours[1], 1, 30);
	assert_int_equal(wire_fill(&w), WIRE_IDLE);
	wire_init(&w, ours[0], ours[1], 30, 1);
	assert_int_equal(wire_fill(&w), WIRE_LATE);
	assert_in_range(seconds() - begin, 1, 5);
	wire_renew(&w);
	send_text("x");
	assert_int_equal(wire_fill(&w), WIRE_OK);
	/* a descriptor that does not block is waited for all the same */
	fcntl(ours[0], F_SETFL, O_NONBLOCK);
	wire_init(&w, ours[0], ours[1], 1, 30);
	assert_int_equal(wire_fill(&w), WIRE_IDLE);
	send_text("x");
	assert_int_equal(wire_fill(&w), WIRE_OK);
}

static void
test_times(void **state)
{
	(void)state;
	use_socket();
	times();
	close_all();
	use_pipes();
	times();
	close_all();
}

/* A client that does not read holds us for the idle time only. */
static void
test_blocked_writer(void **state)
{
	char text[512];

	(void)state;
	use_socket();
	memset(text, 'x', sizeof text);
	wire_init(&w, ours[0], ours[1], 1, 30);
	for (int i = 0; i < 10000 && w.dead == WIRE_OK; i++)
		wire_put(&w, text, sizeof text);
	assert_int_equal(w.dead, WIRE_IDLE);
	assert_int_equal(wire_fill(&w), WIRE_IDLE); /* and says so ever after, at once */
	assert_int_equal(wire_flush(&w), WIRE_IDLE);
	close_all();
}

static void
test_full_buffer(void **state)
{
	(void)state;
	use_socket();
	wire_init(&w, ours[0], ours[1], 5, 10);
	w.end = WIRE_IN;
	w.start = WIRE_IN - 2;
	w.inbuf[WIRE_IN - 2] = 'a';
	w.inbuf[WIRE_IN - 1] = 'b';
	send_text("c");
	assert_int_equal(wire_fill(&w), WIRE_OK); /* what is unread moves to the front */
	assert_int_equal(w.start, 0);
	assert_int_equal(w.end, 3);
	assert_memory_equal(w.inbuf, "abc", 3);
	close_all();
}

/* The last words reach a client that is still sending: no reset takes them away. */
static void
test_end(void **state)
{
	char got[64];

	(void)state;
	use_socket();
	wire_init(&w, ours[0], ours[1], 5, 10);
	send_text("more and more");
	wire_put(&w, "421 bye\r\n", 9);
	if (!fork()) {
		sleep(1);
		shutdown(theirs[0], SHUT_WR);
		_exit(0);
	}
	wire_end(&w, 1);
	wait(0);
	assert_int_equal(read(theirs[0], got, sizeof got), 9);
	assert_int_equal(read(theirs[0], got, sizeof got), 0);
	close_all();
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_pipes),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_blocked_writer),
		cmocka_unit_test(test_full_buffer),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
