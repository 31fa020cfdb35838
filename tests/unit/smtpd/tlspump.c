#include "tlspump.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "tlsworld.h"

#define BIG (3U << 20)

/* A pump in a child between a client, here, and a plain end, here as well. */
struct ends {
	pid_t pid;
	int fd, plain;
	SSL_CTX *ctx;
	SSL *client;
};

static int
pump(int fd, int plain)
{
	struct tlsserver_rules const rules = { .tickets = -1 };

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!open_world() || !tlsserver_start(&rules) || !tlsserver_client(fd, fd))
		return 10;
	if (!tlspump_handshake(fd, fd, plain, 1))
		return !strcmp(tlspump_why(), "the handshake takes too long") ? 11
		       : !strcmp(tlspump_why(), "the server is gone")         ? 12
									      : 13;
	tlspump_copy(fd, fd, plain);
	return 0;
}

static void
begin(struct ends *e)
{
	int client[2], plain[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, plain), 0);
	e->pid = fork();
	if (!e->pid) {
		close(client[0]);
		close(plain[0]);
		_exit(pump(client[1], plain[1]));
	}
	close(client[1]);
	close(plain[1]);
	e->fd = client[0];
	e->plain = plain[0];
	e->client = client_of(e->fd, &e->ctx);
}

static int
end(struct ends *e)
{
	int status;

	SSL_free(e->client);
	SSL_CTX_free(e->ctx);
	waitpid(e->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void
test_small(void **state)
{
	struct ends e;
	char octets[100];

	(void)state;
	begin(&e);
	assert_int_equal(SSL_connect(e.client), 1);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(SSL_write(e.client, "ask", 3), 3);
		assert_int_equal(read(e.plain, octets, sizeof octets), 3);
		assert_int_equal(write(e.plain, "answer", 6), 6);
		assert_int_equal(SSL_read(e.client, octets, sizeof octets), 6);
	}
	/* the client ends: so does the plain end's input, which may still answer */
	SSL_shutdown(e.client);
	assert_int_equal(read(e.plain, octets, sizeof octets), 0);
	assert_int_equal(write(e.plain, "bye", 3), 3);
	assert_int_equal(SSL_read(e.client, octets, sizeof octets), 3);
	close(e.plain);
	assert_int_equal(SSL_read(e.client, octets, sizeof octets), 0);
	assert_int_equal(SSL_get_error(e.client, 0), SSL_ERROR_ZERO_RETURN);
	close(e.fd);
	assert_int_equal(end(&e), 0);
}

/* writer - in a child: that many octets; then it is gone. */
static void
writer(int plain)
{
	static char octets[BIG];

	for (size_t i = 0; i < BIG; i++)
		octets[i] = (char)(i * 7 + i / 1000);
	if (fork())
		return;
	for (size_t done = 0; done < BIG;) {
		ssize_t const n = write(plain, octets + done, BIG - done);

		if (n <= 0)
			_exit(1);
		done += (size_t)n;
	}
	_exit(0);
}

static void
test_big(void **state)
{
	struct ends e;
	char octets[10000];
	size_t got = 0;
	int n;

	(void)state;
	begin(&e);
	assert_int_equal(SSL_connect(e.client), 1);
	writer(e.plain);
	close(e.plain);
	usleep(100000); /* all is full meanwhile */
	while ((n = SSL_read(e.client, octets, sizeof octets)) > 0)
		for (int i = 0; i < n; i++, got++)
			if (octets[i] != (char)(got * 7 + got / 1000))
				fail_msg("octet %zu is wrong", got);
	assert_int_equal(got, BIG);
	close(e.fd);
	assert_int_equal(end(&e), 0);
}

/* A client that does not end when the plain end has is waited for, but not for ever. */
static void
test_linger(void **state)
{
	struct ends e;
	char octets[10];
	time_t const since = time(0);

	(void)state;
	begin(&e);
	assert_int_equal(write(e.plain, "bye", 3), 3); /* and gone before the handshake is done */
	close(e.plain);
	assert_int_equal(SSL_connect(e.client), 1);
	assert_int_equal(SSL_read(e.client, octets, sizeof octets), 3);
	assert_int_equal(SSL_read(e.client, octets, sizeof octets), 0);
	assert_int_equal(SSL_write(e.client, "late", 4), 4);
	assert_int_equal(end(&e), 0);
	assert_in_range(time(0) - since, TLSPUMP_LINGER - 1, TLSPUMP_LINGER + 3);
	close(e.fd);
}

static void
test_handshake(void **state)
{
	struct ends e;

	(void)state;
	begin(&e);
	assert_int_equal(end(&e), 11);
	close(e.fd);
	close(e.plain);
	begin(&e);
	close(e.plain);
	assert_int_equal(end(&e), 12);
	close(e.fd);
	begin(&e);
	close(e.fd);
	assert_int_equal(end(&e), 13);
	close(e.plain);
}

/* Neither side reads: nothing grows, and both can go at any time. */
static void
test_full(void **state)
{
	static char const octets[BIG];
	struct ends e;
	int n = 0;

	(void)state;
	begin(&e);
	assert_int_equal(SSL_connect(e.client), 1);
	fcntl(e.fd, F_SETFL, O_NONBLOCK);
	fcntl(e.plain, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 200; i++) {
		n = SSL_write(e.client, octets, 16000);
		if (write(e.plain, octets, sizeof octets) == -1)
			usleep(1000);
	}
	assert_true(n <= 0); /* it is full */
	close(e.fd);
	close(e.plain);
	assert_int_equal(end(&e), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_linger),
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_full),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_world, remove_world);
}
