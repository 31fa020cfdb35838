/* unit tests of smtpd/tls: the program's side of UCSPI-TLS */
#include "tls.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int helper; /* the other end of the control descriptor */

/* set_env - the three variables: one number for all, or three. */
static void
set_env(int three)
{
	static char const *const names[] = { "SSLCTLFD", "SSLREADFD", "SSLWRITEFD" };
	char number[16];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	helper = pair[1];
	for (int i = 0; i < 3; i++) {
		snprintf(number, sizeof number, "%d", i && three ? dup(pair[0]) : pair[0]);
		setenv(names[i], number, 1);
	}
}

static void
take(int three)
{
	set_env(three);
	assert_int_equal(tls_take(), TLS_OFFERED);
	for (int fd = TLS_CTL_FD; fd <= TLS_OUT_FD; fd++)
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_null(getenv("SSLCTLFD"));
	assert_null(getenv("SSLWRITEFD"));
}

static void
leave(void)
{
	for (int fd = TLS_CTL_FD; fd <= TLS_OUT_FD; fd++)
		close(fd);
	close(helper);
}

/* start - TLS with a helper that says these facts, in two pieces: it is a stream. */
static void
start(char const *facts, size_t len, int want, char const *tls)
{
	struct client c = { 0 };
	char asked = 0;
	pid_t const pid = fork();

	if (!pid) {
		if (read(helper, &asked, 1) != 1 || asked != 'Y')
			_exit(1);
		if (write(helper, facts, len / 2) == -1)
			_exit(1);
		usleep(20000);
		if (write(helper, facts + len / 2, len - len / 2) == -1)
			_exit(1);
		shutdown(helper, SHUT_WR);
		_exit(0);
	}
	assert_int_equal(tls_start(&c, 2), want);
	assert_string_equal(c.tls, tls);
	waitpid(pid, 0, 0);
}

static void
test_start(void **state)
{
	static char const facts[] = "SSL_PROTOCOL=TLSv1.3\0SSL_CIPHERX=no\0SSL_CIPHER=A-B\0";

	(void)state;
	for (int three = 0; three < 2; three++) {
		take(three);
		start(facts, sizeof facts, 1, "TLSv1.3 A-B");
		leave();
	}
	take(0);
	start("\0", 2, 1, "TLS");
	leave();
	take(0);
	start(facts, sizeof facts - 1, 0, ""); /* the handshake failed: no empty fact at the end */
	leave();
	take(0);
	start("", 0, 0, "");
	leave();
}

static void
test_timeout(void **state)
{
	struct client c = { 0 };

	(void)state;
	take(1);
	assert_int_equal(tls_start(&c, 1), 0);
	leave();
}

static void
test_none(void **state)
{
	(void)state;
	assert_int_equal(tls_take(), TLS_NONE);
}

/* take_ours - as smtpd-tls gives them: where they should be; at once or not. */
static void
take_ours(int at_once)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	helper = fcntl(pair[1], F_DUPFD, 20);
	for (int fd = TLS_CTL_FD; fd <= TLS_OUT_FD; fd++)
		assert_int_equal(dup2(pair[0], fd), fd);
	close(pair[0]);
	close(pair[1]);
	setenv(TLS_ENV, "10", 1);
	if (!at_once) {
		setenv("SSLCTLFD", "10", 1);
		setenv("SSLREADFD", "11", 1);
		setenv("SSLWRITEFD", "12", 1);
	}
	assert_int_equal(tls_take(), at_once ? TLS_AT_ONCE : TLS_OFFERED);
	assert_int_equal(fcntl(TLS_CTL_FD, F_GETFD), FD_CLOEXEC);
	assert_null(getenv(TLS_ENV));
	assert_null(getenv("SSLCTLFD"));
}

static void
test_ready(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	take_ours(0);
	assert_int_equal(write(helper, "K", 1), 1);
	assert_int_equal(tls_ready(1), 1);
	assert_int_equal(write(helper, "Z", 1), 1);
	assert_int_equal(tls_ready(1), 0);
	assert_int_equal(tls_ready(1), 0); /* says nothing */
	close(helper);
	assert_int_equal(tls_ready(1), 0);
	leave();
	take(1); /* somebody else's is not asked */
	assert_int_equal(tls_ready(1), 1);
	leave();
}

static void
test_arrive(void **state)
{
	static char const facts[] = "SSL_PROTOCOL=TLSv1.3\0SSL_CIPHER=A\0"
				    "SSL_TLS_SNI_SERVERNAME=mx.example.org\0";
	static char const failed[] = TLS_ERROR "=no shared cipher";
	struct client c = { 0 };

	(void)state;
	take_ours(1);
	assert_int_equal(write(helper, facts, sizeof facts), sizeof facts);
	assert_int_equal(tls_arrive(&c, 1), 1);
	assert_string_equal(c.tls, "TLSv1.3 A");
	assert_string_equal(c.sni, "mx.example.org");
	leave();
	take_ours(1);
	assert_int_equal(write(helper, failed, sizeof failed), sizeof failed);
	shutdown(helper, SHUT_WR);
	assert_int_equal(tls_arrive(&c, 1), 0);
	assert_string_equal(tls_why(), "no shared cipher");
	leave();
}

static void
dies(char const *name, char const *value)
{
	int status;
	pid_t const pid = fork();

	if (!pid) {
		dup2(open("/dev/null", O_WRONLY), 2);
		set_env(0);
		setenv(name, value, 1);
		tls_take();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) >= 100);
}

static void
test_bad(void **state)
{
	(void)state;
	dies("SSLCTLFD", "");
	dies(TLS_ENV, "11");
	dies("SSLREADFD", "x");
	dies("SSLWRITEFD", "9999");
	dies("SSLWRITEFD", "4294967296");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_arrive),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_timeout),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
