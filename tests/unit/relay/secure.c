/* unit tests of relay/secure: what relay and relay-tls tell each other */
#include "secure.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "packet.h"

static int pair[2], connection[2];
static struct hop const wanted = {
	.host = "h", .tls = HOP_TLS_VERIFY, .names = 1, .name = { "h" }
};

static int
open_pairs(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) ||
	       socketpair(AF_UNIX, SOCK_STREAM, 0, connection);
}

static int
close_pairs(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	close(connection[1]); /* the other end was given away */
	return 0;
}

/* serve - relay-tls in a child: one request; then tell the answer and copy three octets. */
static pid_t
serve(struct answer const *a, struct secured const *s)
{
	pid_t const pid = fork();
	struct hop h;
	char three[3];
	int fd, plain;

	if (pid)
		return pid;
	/* it is passed on octet by octet:
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-*) */
	if (secure_wait(pair[1], &h, &fd, &plain) != 1 || memcmp(&h, &wanted, sizeof h) != 0)
		_exit(1);
	if (!secure_tell(pair[1], a, s))
		_exit(2);
	if (a->code == 'K' && (read(plain, three, 3) != 3 || write(fd, three, 3) != 3))
		_exit(3);
	_exit(0);
}

static void
want_success(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
secured(void **state)
{
	struct secured const s = { .protocol = "TLSv1.3",
		.cipher = "c",
		.peer = "/CN=h",
		.verified = SECURED_DANE,
		.resumed = 1,
		.why = "because" };
	struct secured back;
	struct answer a, b;
	char three[3];
	int plain;
	pid_t pid;

	(void)state;
	stream_answer_set(&a, 'K', "2.0.0", "ok");
	pid = serve(&a, &s);
	assert_int_equal(secure_ask(pair[0], &wanted, connection[0], &b, &back, &plain), 1);
	assert_int_equal(b.code, 'K');
	assert_memory_equal(&back, &s, sizeof s);
	assert_int_equal(write(plain, "abc", 3), 3);
	assert_int_equal(read(connection[1], three, 3), 3);
	assert_memory_equal(three, "abc", 3);
	close(plain);
	want_success(pid);
}

static void
refused(void **state)
{
	struct secured const s = { .why = "expired" };
	struct secured back;
	struct answer a, b;
	char octet;
	int plain = -1;
	pid_t pid;

	(void)state;
	stream_answer_set(&a, 'Z', SECURE_VERIFY, "the certificate has expired");
	pid = serve(&a, &s);
	assert_int_equal(secure_ask(pair[0], &wanted, connection[0], &b, &back, &plain), 1);
	assert_int_equal(b.code, 'Z');
	assert_string_equal(b.status, SECURE_VERIFY);
	assert_string_equal(back.why, "expired");
	assert_int_equal(plain, -1);
	want_success(pid);
	assert_int_equal(read(connection[1], &octet, 1), 0); /* nobody has it any more */
}

static void
gone(void **state)
{
	struct secured back;
	struct answer a;
	char octet;
	int plain = -1;

	(void)state;
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(secure_ask(pair[0], &wanted, connection[0], &a, &back, &plain), 0);
	assert_int_equal(plain, -1);
	close(pair[1]);
	assert_int_equal(read(connection[1], &octet, 1), 0);
	pair[1] = dup(0);
}

static void
malformed(void **state)
{
	struct packet_fds const two = { 2, { 0, 0 } }, one = { 1, { 0 } };
	struct hop h;
	int a, b;

	(void)state;
	assert_int_equal(packet_send(pair[0], "host=h", 7, &one), 1);
	assert_int_equal(secure_wait(pair[1], &h, &a, &b), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(packet_send(pair[0], "tls=x", 6, &two), 1);
	assert_int_equal(secure_wait(pair[1], &h, &a, &b), -1);
	assert_int_equal(errno, EPROTO);
	shutdown(pair[0], SHUT_WR);
	assert_int_equal(secure_wait(pair[1], &h, &a, &b), 0);
	close(connection[0]);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(secured, open_pairs, close_pairs),
		cmocka_unit_test_setup_teardown(refused, open_pairs, close_pairs),
		cmocka_unit_test_setup_teardown(gone, open_pairs, close_pairs),
		cmocka_unit_test_setup_teardown(malformed, open_pairs, close_pairs),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
