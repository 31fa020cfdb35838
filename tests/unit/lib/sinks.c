#include "sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2]; /* 0 asks, 1 answers */

static void
open_ends(int flags)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, ends), 0);
}

static void
close_ends(void)
{
	close(ends[0]);
	close(ends[1]);
}

static int
open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* send_raw - a packet as a hostile end might make it, with count descriptors. */
static void
send_raw(int fd, char const *octets, size_t len, size_t count)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * 8)];
	} control = { .space = { 0 } };
	struct iovec part = { (char *)octets, len };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count) {
		control.align = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof(int) * count),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	}
	assert_int_equal(sendmsg(fd, &msg, 0), (ssize_t)len);
}

static void
requests(void **state)
{
	static char name[SINKS_NAME_MAX], long_name[SINKS_NAME_MAX + 1];
	uint32_t serial = 0;
	size_t len = 0;

	(void)state;
	memset(long_name, 'x', sizeof long_name);
	open_ends(SOCK_NONBLOCK);
	assert_int_equal(sinks_ask(ends[0], 0, "bob@hamburger.edu", 17), 1);
	assert_int_equal(sinks_ask(ends[0], UINT32_MAX, long_name, SINKS_NAME_MAX), 1);
	assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), 1);
	assert_int_equal(serial, 0);
	assert_int_equal(len, 17);
	assert_memory_equal(name, "bob@hamburger.edu", 17);
	assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), 1);
	assert_int_equal(serial, UINT32_MAX);
	assert_int_equal(len, SINKS_NAME_MAX);
	assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), -1);
	assert_int_equal(errno, EAGAIN);

	errno = 0;
	assert_int_equal(sinks_ask(ends[0], 1, long_name, sizeof long_name), 0);
	assert_int_equal(errno, EMSGSIZE);
	errno = 0;
	assert_int_equal(sinks_ask(ends[0], 1, "", 0), 0);
	assert_int_equal(errno, EMSGSIZE);
	close(ends[0]);
	assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), 0);
	errno = 0;
	assert_int_equal(
	    sinks_answer(ends[1], 1, &(struct answer){ 'Z', 0, "4.3.0", "no" }, -1), 0);
	assert_int_equal(errno, EPIPE); /* and no SIGPIPE */
	close(ends[1]);
}

/* A spawner that is busy makes its asker wait, not block. */
static void
full(void **state)
{
	int n = 0;

	(void)state;
	open_ends(SOCK_NONBLOCK);
	while (sinks_ask(ends[0], 7, "a@b", 3))
		assert_in_range(++n, 1, 100000);
	assert_int_equal(errno, EAGAIN);
	close_ends();
}

static void
hostile_requests(void **state)
{
	static char name[SINKS_NAME_MAX + 8], packet[SINKS_NAME_MAX + 5];
	uint32_t serial;
	size_t len;
	int before;

	(void)state;
	memset(name, '#', sizeof name);
	open_ends(SOCK_NONBLOCK);
	before = open_fds();
	for (size_t n = 1; n <= 4; n++) { /* too short */
		send_raw(ends[0], packet, n, 0);
		errno = 0;
		assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), -1);
		assert_int_equal(errno, EPROTO);
	}
	send_raw(ends[0], packet, sizeof packet, 0); /* too long */
	errno = 0;
	assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), -1);
	assert_int_equal(errno, EPROTO);
	assert_memory_equal(name + SINKS_NAME_MAX, "########", 8);
	for (size_t n = 1; n <= 8; n++) { /* descriptors that nobody asked for */
		send_raw(ends[0], "\1\0\0\0a@b", 7, n);
		assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), 1);
		assert_int_equal(serial, 1);
		assert_int_equal(len, 3);
		send_raw(ends[0], "\1\0\0", 3, n);
		assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), -1);
		send_raw(ends[0], packet, sizeof packet, n);
		assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), -1);
		send_raw(ends[0], "", 0, n); /* an empty packet looks like the end */
		assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), 0);
		assert_int_equal(open_fds(), before);
	}
	send_raw(ends[0], "\2\0\0\0c@d", 7, 0); /* and it goes on */
	assert_int_equal(sinks_next_request(ends[1], &serial, name, &len), 1);
	assert_int_equal(serial, 2);
	close_ends();
}

static void
answers(void **state)
{
	int const before = open_fds();
	struct answer a, got;
	uint32_t serial;
	int file[2], sink;

	(void)state;
	open_ends(SOCK_NONBLOCK);
	assert_int_equal(pipe(file), 0);
	stream_answer_set(&a, 'K', "2.0.0", "user=bob");
	assert_int_equal(sinks_answer(ends[1], 4711, &a, file[1]), 1);
	stream_answer_set(&a, 'D', "5.1.1", "no such user");
	assert_int_equal(sinks_answer(ends[1], 4712, &a, file[1]), 1); /* not given away */
	close(file[1]);

	assert_int_equal(sinks_next_answer(ends[0], &serial, &got, &sink), 1);
	assert_int_equal(serial, 4711);
	assert_int_equal(got.code, 'K');
	assert_string_equal(got.text, "user=bob");
	assert_int_equal(fcntl(sink, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(sink, "x", 1), 1);
	close(sink);
	assert_int_equal(sinks_next_answer(ends[0], &serial, &got, &sink), 1);
	assert_int_equal(serial, 4712);
	assert_int_equal(got.code, 'D');
	assert_string_equal(got.status, "5.1.1");
	assert_string_equal(got.text, "no such user");
	assert_int_equal(sink, -1);
	assert_int_equal(sinks_next_answer(ends[0], &serial, &got, &sink), -1);
	assert_int_equal(errno, EAGAIN);
	close(ends[1]);
	assert_int_equal(sinks_next_answer(ends[0], &serial, &got, &sink), 0);
	assert_int_equal(sink, -1);
	close(ends[0]);
	close(file[0]);
	assert_int_equal(open_fds(), before);
}

static void
longest_answer(void **state)
{
	static char text[STREAM_TEXT_MAX + 1];
	struct answer a, got;
	uint32_t serial;
	int sink;

	(void)state;
	memset(text, 'x', STREAM_TEXT_MAX);
	open_ends(SOCK_NONBLOCK);
	stream_answer_set(&a, 'Z', "4.123.456", text);
	assert_int_equal(sinks_answer(ends[1], 1, &a, -1), 1);
	assert_int_equal(sinks_next_answer(ends[0], &serial, &got, &sink), 1);
	assert_string_equal(got.text, text);
	close_ends();
}

static void
hostile_answers(void **state)
{
	static struct {
		char const *octets;
		size_t len, fds;
	} const cases[] = {
#define CASE(s, fds) { s, sizeof(s) - 1, fds }
		CASE("\1\0\0\0", 1), CASE("\1", 1), CASE("\1\0\0\0K", 1),
		CASE("\1\0\0\0K2.0.0 ok", 0), CASE("\1\0\0\0Z4.0.0 no", 1),
		CASE("\1\0\0\0D5.0.0 no", 3), CASE("\1\0\0\0K4.0.0 no", 1),
		CASE("\1\0\0\0M2.0.0 no", 8), CASE("\1\0\0\0", 0),
		CASE("\1\0\0\0\0\0\0\0\0\0\0\0", 2)
	};
	struct answer a;
	uint32_t serial;
	int before, sink;

	(void)state;
	open_ends(SOCK_NONBLOCK);
	before = open_fds();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		send_raw(ends[1], cases[i].octets, cases[i].len, cases[i].fds);
		errno = 0;
		assert_int_equal(sinks_next_answer(ends[0], &serial, &a, &sink), -1);
		assert_int_equal(errno, EPROTO);
		assert_int_equal(sink, -1);
		assert_int_equal(open_fds(), before);
	}
	send_raw(ends[1], "\1\0\0\0K2.0.0 ok", 13, 8); /* one is taken, seven are not */
	assert_int_equal(sinks_next_answer(ends[0], &serial, &a, &sink), 1);
	assert_int_equal(open_fds(), before + 1);
	close(sink);
	send_raw(ends[1], "", 0, 1);
	assert_int_equal(sinks_next_answer(ends[0], &serial, &a, &sink), 0);
	assert_int_equal(open_fds(), before);
	close_ends();
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(full),
		cmocka_unit_test(hostile_requests),
		cmocka_unit_test(answers),
		cmocka_unit_test(longest_answer),
		cmocka_unit_test(hostile_answers),
	};

	return cmocka_run_group_tests_name("lib/sinks", tests, 0, 0);
}
