/* unit tests of relay/hop: requests and answers between relay and relay-connect */
#include "hop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "packet.h"

static int pair[2];
static char text[HOP_PACKET_MAX];

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

static void
requests(void **state)
{
	enum hop_request type;

	(void)state;
	assert_int_equal(hop_ask(pair[0], HOP_NEXT, 0), 1);
	assert_int_equal(hop_ask(pair[0], HOP_BAD, "421 go away"), 1);
	assert_int_equal(hop_wait(pair[1], &type, text), 1);
	assert_int_equal(type, HOP_NEXT);
	assert_string_equal(text, "");
	assert_int_equal(hop_wait(pair[1], &type, text), 1);
	assert_int_equal(type, HOP_BAD);
	assert_string_equal(text, "421 go away");
	assert_int_equal(packet_send(pair[0], "?", 1, 0), 1);
	assert_int_equal(hop_wait(pair[1], &type, text), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(packet_send(pair[0], "\0", 1, 0), 1);
	assert_int_equal(hop_wait(pair[1], &type, text), -1);
	shutdown(pair[0], SHUT_WR);
	assert_int_equal(hop_wait(pair[1], &type, text), 0);
}

static void
answers(void **state)
{
	struct hop const there = { .host = "mx.example.org", .ip = "192.0.2.1", .port = 25 };
	struct answer a, b;
	struct hop h;
	int fd = -1;

	(void)state;
	stream_answer_set(&a, 'K', "2.0.0", "connected");
	assert_int_equal(hop_tell(pair[1], &a, &there, 0), 1);
	assert_int_equal(hop_answer(pair[0], &b, &h, &fd), 1);
	assert_int_equal(b.code, 'K');
	assert_memory_equal(&h, &there, sizeof h);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	stream_answer_set(&a, 'D', "5.1.10", "takes no mail");
	assert_int_equal(hop_tell(pair[1], &a, 0, -1), 1);
	assert_int_equal(hop_answer(pair[0], &b, &h, &fd), 1);
	assert_int_equal(b.code, 'D');
	assert_string_equal(b.status, "5.1.10");
	assert_string_equal(b.text, "takes no mail");
	stream_answer_set(&a, 'K', "2.0.0", "go"); /* to HOP_TICKET */
	assert_int_equal(hop_tell(pair[1], &a, 0, -1), 1);
	assert_int_equal(hop_answer(pair[0], &b, 0, 0), 1);
	assert_int_equal(b.code, 'K');
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(hop_answer(pair[0], &b, &h, &fd), 0);
}

/* A connection without its descriptor, a refusal with one, and what is no answer. */
static void
hostile_answers(void **state)
{
	static struct {
		char const *packet;
		size_t len, fds;
	} const cases[] = {
		{ "K2.0.0 ok\0host=h", 17, 0 },
		{ "Z4.4.1 no\0", 10, 1 },
		{ "K2.0.0 ok", 9, 1 },
		{ "K2.0.0 ok\0tls=x", 16, 1 },
		{ "hello\0", 6, 0 },
		{ "\0", 1, 0 },
	};
	int const free_fd = dup(0);

	(void)state;
	close(free_fd);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct packet_fds const fds = { cases[i].fds, { 0 } };
		struct answer a;
		struct hop h;
		int fd = -1;

		assert_int_equal(packet_send(pair[1], cases[i].packet, cases[i].len, &fds), 1);
		assert_int_equal(hop_answer(pair[0], &a, &h, &fd), -1);
		assert_int_equal(errno, EPROTO);
		assert_int_equal(fd, -1);
		fd = dup(0);
		assert_int_equal(fd, free_fd); /* nothing stayed open */
		close(fd);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(requests, open_pair, close_pair),
		cmocka_unit_test_setup_teardown(answers, open_pair, close_pair),
		cmocka_unit_test_setup_teardown(hostile_answers, open_pair, close_pair),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
