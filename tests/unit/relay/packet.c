/* unit tests of relay/packet: octets, descriptors and facts of a packet */
#include "packet.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int pair[2];

static int
open_pair(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
}

static int
close_pair(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* open_descriptors - how many this process has. */
static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
octets_and_descriptors(void **state)
{
	struct packet_fds const out = { 2, { 0, 1 } };
	struct packet_fds in;
	struct stat a, b;
	char data[16];
	size_t len;

	(void)state;
	assert_int_equal(packet_send(pair[0], "ab\0c", 4, &out), 1);
	assert_int_equal(packet_receive(pair[1], data, sizeof data, &len, &in), 1);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "ab\0c", 4);
	assert_int_equal(in.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fcntl(in.fd[i], F_GETFD), FD_CLOEXEC);
		assert_int_equal(fstat(out.fd[i], &a) | fstat(in.fd[i], &b), 0);
		assert_int_equal(a.st_ino, b.st_ino);
	}
	packet_close(&in);
	assert_int_equal(in.count, 0);
}

/* What is not taken is closed, whoever sent it. */
static void
hostile_packets(void **state)
{
	int const before = open_descriptors();
	int const three[3] = { 0, 1, 2 };
	struct packet_fds const one = { 1, { 0 } };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof three)];
	} control = { .align = { CMSG_LEN(sizeof three), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec part = { (char[]){ "x" }, 1 };
	struct msghdr const msg = { 0, 0, &part, 1, control.space, sizeof control.space, 0 };
	struct packet_fds in;
	char data[16];
	size_t len;

	(void)state;
	memcpy(CMSG_DATA(&control.align), three, sizeof three);
	assert_int_equal(sendmsg(pair[0], &msg, 0), 1);
	assert_int_equal(packet_receive(pair[1], data, sizeof data, &len, &in), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(packet_send(pair[0], "12345678901234567", 17, &one), 1);
	assert_int_equal(packet_receive(pair[1], data, sizeof data, &len, &in), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(packet_send(pair[0], "x", 1, &one), 1);
	assert_int_equal(packet_receive(pair[1], data, sizeof data, &len, 0), -1);
	assert_int_equal(open_descriptors(), before);
	shutdown(pair[0], SHUT_WR);
	assert_int_equal(packet_receive(pair[1], data, sizeof data, &len, &in), 0);
	assert_int_equal(packet_send(pair[0], "x", 1, 0), 0);
	assert_int_equal(errno, EPIPE);
}

static void
facts(void **state)
{
	char data[20];
	char const *key, *value;
	size_t len = 0, pos = 0;

	(void)state;
	packet_fact(data, sizeof data, &len, "a", "1");
	packet_fact(data, sizeof data, &len, "name", "x=y");
	packet_fact(data, sizeof data, &len, "e", "");
	assert_int_equal(len, 4 + 9 + 3);
	assert_memory_equal(data, "a=1\0name=x=y\0e=", 16);
	key = packet_next(data, len, &pos, &value);
	assert_string_equal(key, "a");
	assert_string_equal(value, "1");
	key = packet_next(data, len, &pos, &value);
	assert_string_equal(key, "name");
	assert_string_equal(value, "x=y");
	key = packet_next(data, len, &pos, &value);
	assert_string_equal(key, "e");
	assert_string_equal(value, "");
	assert_null(packet_next(data, len, &pos, &value));
	assert_int_equal(pos, len);
	packet_fact(data, sizeof data, &len, "k", "vv"); /* one octet too many */
	assert_int_equal(len, sizeof data + 1);
	packet_fact(data, sizeof data, &len, "k", "");
	assert_int_equal(len, sizeof data + 1);
}

static void
no_facts(void **state)
{
	static char const *const cases[] = { "a=1", "a", "=1", "" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char data[8];
		char const *value;
		size_t const len = strlen(cases[i]) + (i ? 1 : 0); /* the first has no NUL */
		size_t pos = 0;

		memcpy(data, cases[i], len);
		assert_null(packet_next(data, len, &pos, &value));
		assert_int_equal(pos, 0);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(octets_and_descriptors, open_pair, close_pair),
		cmocka_unit_test_setup_teardown(hostile_packets, open_pair, close_pair),
		cmocka_unit_test(facts),
		cmocka_unit_test(no_facts),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
