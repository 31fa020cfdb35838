#include "lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dial.h"

#define QUESTIONS 20

static struct lookup l;
static pid_t server;
static int udp, tcp;

/* How the server of a test answers. */
enum manner {
	POLITE,    /* one A record, with the AD bit */
	TRUNCATED, /* so over UDP; polite over TCP */
	FAILING,   /* SERVFAIL */
	NO_EDNS,   /* FORMERR to what has an OPT record, else polite */
	MUTE,
	FORGING, /* with another id */
};

/* reply_to - make a reply of the question in packet; its length, 0 for none. */
static size_t
reply_to(unsigned char *packet, size_t len, enum manner how, int over_tcp)
{
	static unsigned char const record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3,
		4 };
	int const edns = packet[11];

	if (how == MUTE || len < 27)
		return 0;
	len -= edns ? 11 : 0;
	packet[2] |= 0x80;
	packet[3] = 0xa0;
	packet[11] = 0;
	if (how == TRUNCATED && !over_tcp) {
		packet[2] |= 2;
		return len;
	}
	if (how == FAILING || (how == NO_EDNS && edns)) {
		packet[3] |= how == FAILING ? 2 : 1;
		return len;
	}
	packet[0] ^= how == FORGING;
	packet[7] = 1;
	memcpy(packet + len, record, sizeof record);
	return len + sizeof record;
}

static void
serve(enum manner how)
{
	unsigned char packet[2000];
	struct sockaddr_in from;
	socklen_t fromlen = sizeof from;
	ssize_t n;
	int fd;

	if (how == TRUNCATED && !fork())
		for (;;) {
			fd = accept(tcp, 0, 0);
			n = recv(fd, packet, sizeof packet, 0);
			n = (ssize_t)reply_to(packet + 2, (size_t)n - 2, how, 1);
			packet[0] = 0;
			packet[1] = (unsigned char)n;
			/* octet by octet: it comes in pieces, sometimes */
			for (ssize_t i = 0; i < n + 2; i++)
				send(fd, packet + i, 1, 0);
			close(fd);
		}
	while ((n = recvfrom(udp, packet, 1000, 0, (struct sockaddr *)&from, &fromlen)) > 0) {
		n = (ssize_t)reply_to(packet, (size_t)n, how, 0);
		if (n)
			sendto(udp, packet, (size_t)n, 0, (struct sockaddr *)&from, fromlen);
	}
	_exit(0);
}

/* start - a server, the only one that l knows. */
static void
start(enum manner how)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	tcp = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(udp, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(udp, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(bind(tcp, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(tcp, 9), 0);
	server = fork();
	if (!server) {
		setpgid(0, 0);
		serve(how);
	}
	setpgid(server, server);
	l = (struct lookup){ .servers = 1, .validated = 1, .timeout = 300, .attempts = 2 };
	memcpy(&l.server[0].address, &a, sizeof a);
	l.server[0].len = sizeof a;
	l.server[0].trusted = 1;
}

static int
stop(void **state)
{
	(void)state;
	if (server > 0) {
		kill(-server, SIGKILL);
		waitpid(server, 0, 0);
		close(udp);
		close(tcp);
	}
	server = 0;
	return 0;
}

/* ask - many questions at once, all of which have the same result. */
static void
ask(enum answers_result result, int secure)
{
	static struct answers a[QUESTIONS];
	struct lookup_question q[QUESTIONS];

	for (size_t i = 0; i < QUESTIONS; i++)
		q[i] = (struct lookup_question){
			.name = "a.example", .type = ANSWERS_A, .answers = a + i
		};
	lookup_ask(&l, q, QUESTIONS);
	for (size_t i = 0; i < QUESTIONS; i++) {
		assert_int_equal(a[i].result, result);
		assert_int_equal(a[i].secure != 0, secure);
		if (result == ANSWERS_OK)
			assert_memory_equal(answers_data(a + i, 0), "\1\2\3\4", 4);
	}
}

static void
polite(void **state)
{
	(void)state;
	start(POLITE);
	ask(ANSWERS_OK, 1);
	l.server[0].trusted = 0;
	ask(ANSWERS_OK, 0);
}

static void
truncated(void **state)
{
	(void)state;
	start(TRUNCATED);
	l.timeout = 3000;
	ask(ANSWERS_OK, 1);
}

static void
without_edns(void **state)
{
	(void)state;
	start(NO_EDNS);
	ask(ANSWERS_OK, 1);
}

static void
trouble(void **state)
{
	int64_t const begun = dial_now();

	(void)state;
	start(FAILING);
	l.timeout = 3000;
	ask(ANSWERS_TROUBLE, 0);
	assert_true(dial_now() - begun < 2000); /* it has said so: there is nothing to wait for */
}

static void
silence_and_forgery(void **state)
{
	int64_t begun = dial_now();

	(void)state;
	start(MUTE);
	ask(ANSWERS_TROUBLE, 0);
	assert_in_range(dial_now() - begun, 500, 3000);
	stop(0);
	start(FORGING);
	ask(ANSWERS_TROUBLE, 0);
}

static void
the_next_server_is_asked(void **state)
{
	(void)state;
	start(POLITE);
	l.server[1] = l.server[0];
	l.servers = 2;
	((struct sockaddr_in *)&l.server[0].address)->sin_addr.s_addr = htonl(0x7f090909);
	ask(ANSWERS_OK, 1);
}

static void
no_name(void **state)
{
	struct answers a;
	struct lookup_question q = { .name = "a..b", .type = ANSWERS_MX, .answers = &a };

	(void)state;
	l = (struct lookup){ 0 };
	lookup_ask(&l, &q, 1);
	assert_int_equal(a.result, ANSWERS_NO_NAME);
	q.name = "a.b";
	lookup_ask(&l, &q, 1);
	assert_int_equal(a.result, ANSWERS_TROUBLE);
}

static void
the_machines_servers(void **state)
{
	(void)state;
	assert_int_equal(lookup_init(&l, 1), 1);
	assert_in_range(l.servers, 1, LOOKUP_SERVERS_MAX);
	assert_int_equal(lookup_port(&l, 0), 53);
	assert_true(l.validated);
	assert_in_range(l.timeout, 1000, 10000);
}

/* Beside a server that is believed, no other is asked. */
static void
only_the_trusted(void **state)
{
	struct lookup some = { .servers = 3, .validated = 1 };

	(void)state;
	some.server[1].trusted = 1;
	some.server[1].len = 7;
	lookup_keep_trusted(&some);
	assert_int_equal(some.servers, 1);
	assert_int_equal(some.server[0].len, 7);
	some = (struct lookup){ .servers = 3 };
	lookup_keep_trusted(&some);
	assert_int_equal(some.servers, 3);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_teardown(polite, stop),
		cmocka_unit_test_teardown(truncated, stop),
		cmocka_unit_test_teardown(without_edns, stop),
		cmocka_unit_test_teardown(trouble, stop),
		cmocka_unit_test_teardown(silence_and_forgery, stop),
		cmocka_unit_test_teardown(the_next_server_is_asked, stop),
		cmocka_unit_test(no_name),
		cmocka_unit_test(only_the_trusted),
		cmocka_unit_test(the_machines_servers),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
