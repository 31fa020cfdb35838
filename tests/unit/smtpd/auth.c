/* unit tests of smtpd/auth: what is asked of the process that judges passwords */
#include "auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"

static int judge; /* the other end */

/* what most attempts begin with */
static struct auth_start const plain = { "PLAIN", "", 0, 0 };
static struct auth_start const with_x = { "PLAIN", "", "x", 1 };

static void
say(struct answer const *a)
{
	char text[STREAM_ANSWER_MAX];
	size_t const len = stream_answer_fmt(text, a);

	assert_int_equal(send(judge, text, len, 0), len);
}

static void
say_words(char code, char const *status, char const *text)
{
	struct answer a = { 0 };

	stream_answer_set(&a, code, status, text);
	say(&a);
}

static void
take(void)
{
	char number[16];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	judge = pair[1];
	snprintf(number, sizeof number, "%d", pair[0]);
	setenv(AUTH_ENV, number, 1);
	assert_int_equal(auth_take(), 1);
	assert_null(getenv(AUTH_ENV));
	assert_int_equal(fcntl(AUTH_FD, F_GETFD), FD_CLOEXEC);
}

static void
test_answers(void **state)
{
	char packet[AUTH_PACKET_MAX], list[AUTH_LIST_MAX];
	struct answer a;
	size_t len;

	(void)state;
	assert_int_equal(auth_take(), 0);
	take();
	say_words('K', "2.0.0", "PLAIN LOGIN");
	auth_list(list);
	assert_string_equal(list, "PLAIN LOGIN");
	say_words('D', "5.7.8", "no");
	assert_int_equal(auth_begin(&plain, packet, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'D');
	say_words('K', "2.7.0", "alice");
	assert_int_equal(auth_begin(&with_x, packet, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'K');
	assert_string_equal(a.text, "alice");
}

static void
was_asked(char const *text, size_t len)
{
	char got[AUTH_PACKET_MAX];

	assert_int_equal(recv(judge, got, sizeof got, 0), len);
	assert_memory_equal(got, text, len);
}

/* what goes over, octet for octet, and challenges */
static void
test_packets(void **state)
{
	static struct auth_start const login = { "LOGIN", "", 0, 0 };
	static struct auth_start const empty = { "PLAIN", "", "", 0 };
	static struct auth_start const bound = { "SCRAM-SHA-256-PLUS", "tls-exporter=ab", "p=", 2 };
	char to[AUTH_PACKET_MAX];
	struct answer a;
	size_t len;

	(void)state;
	take();
	assert_int_equal(send(judge, "+Username:", 10, 0), 10);
	assert_int_equal(auth_begin(&login, to, &len, &a), AUTH_MORE);
	assert_int_equal(len, 9);
	assert_memory_equal(to, "Username:", 9);
	was_asked("ALOGIN\0\0", 8);
	say_words('K', "2.7.0", "bob");
	assert_int_equal(auth_go("x\0y", 3, to, &len, &a), AUTH_OVER);
	was_asked("Rx\0y", 4);
	assert_int_equal(send(judge, "+", 1, 0), 1);
	assert_int_equal(auth_begin(&empty, to, &len, &a), AUTH_MORE);
	assert_int_equal(len, 0);
	was_asked("APLAIN\0\0=", 9);
	assert_int_equal(send(judge, "+r", 2, 0), 2);
	assert_int_equal(auth_begin(&bound, to, &len, &a), AUTH_MORE);
	was_asked("ASCRAM-SHA-256-PLUS\0tls-exporter=ab\0=p=", 39);
	auth_cancel();
	was_asked("C", 1);
	say_words('Z', "4.7.1", "too many");
	auth_ticket(12, &a);
	assert_int_equal(a.code, 'Z');
	assert_string_equal(a.status, "4.7.1");
	was_asked("T12", 3);
}

/* what is no answer, a name that does not fit, and nobody there: never a yes */
static void
test_trouble(void **state)
{
	char to[AUTH_PACKET_MAX], text[AUTH_PACKET_MAX + 10];
	struct auth_start big = { "PLAIN", "ab", text, AUTH_PACKET_MAX - 4 - 7 };
	struct answer a;
	size_t len;

	(void)state;
	take();
	memset(text, 'u', sizeof text);
	assert_int_equal(send(judge, "what?", 5, 0), 5);
	assert_int_equal(auth_go("x", 1, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	memcpy(text, "K2.7.0 ", 7);
	assert_int_equal(send(judge, text, 7 + AUTH_USER_MAX, 0), 7 + AUTH_USER_MAX);
	assert_int_equal(auth_go("x", 1, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	assert_int_equal(auth_go(text, AUTH_PACKET_MAX, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	say_words('K', "2.7.0", "bob");
	assert_int_equal(auth_begin(&big, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'K');
	say_words('K', "2.7.0", "not asked");
	big.initiallen++;
	assert_int_equal(auth_begin(&big, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	text[AUTH_PACKET_MAX] = 0;
	big = (struct auth_start){ "PLAIN", text, 0, 0 };
	assert_int_equal(auth_begin(&big, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	big = (struct auth_start){ text, "", 0, 0 };
	assert_int_equal(auth_begin(&big, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	assert_int_equal(auth_go("x", 1, to, &len, &a), AUTH_OVER);
	assert_string_equal(a.text, "not asked");
	say_words('K', "2.7.0", "");
	assert_int_equal(auth_begin(&plain, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	memcpy(text, "+uuuuuu", 7);
	assert_int_equal(send(judge, text, AUTH_PACKET_MAX, 0), AUTH_PACKET_MAX);
	assert_int_equal(auth_begin(&plain, to, &len, &a), AUTH_MORE);
	assert_int_equal(len, AUTH_PACKET_MAX - 1);
	assert_int_equal(send(judge, text, AUTH_PACKET_MAX + 1, 0), AUTH_PACKET_MAX + 1);
	assert_int_equal(auth_go("x", 1, to, &len, &a), AUTH_OVER);
	assert_int_equal(len, 0);
	assert_int_equal(a.code, 'Z');
	close(judge);
	assert_int_equal(auth_begin(&plain, to, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	assert_string_equal(a.status, "4.3.0");
	auth_cancel();
}

/* a list that is refused, or longer than it may be, is none */
static void
test_lists(void **state)
{
	char list[AUTH_LIST_MAX], text[AUTH_LIST_MAX + 1] = "";

	(void)state;
	take();
	say_words('Z', "4.3.0", "PLAIN");
	auth_list(list);
	assert_string_equal(list, "");
	memset(text, 'M', AUTH_LIST_MAX - 1);
	say_words('K', "2.0.0", text);
	auth_list(list);
	assert_string_equal(list, text);
	text[AUTH_LIST_MAX - 1] = 'M';
	say_words('K', "2.0.0", text);
	auth_list(list);
	assert_string_equal(list, "");
	close(judge);
	auth_list(list);
	assert_string_equal(list, "");
}

/* what cannot be a descriptor ends the program; one that has its place already stays there */
static void
test_take(void **state)
{
	static struct {
		char const *value;
		int code;
	} const cases[] = { { "", EXIT_PERM }, { "x", EXIT_PERM }, { "-1", EXIT_PERM },
		{ "65536", EXIT_PERM }, { "13 ", EXIT_PERM }, { "65000", EXIT_TEMP },
		{ "0", EXIT_TEMP }, { "13", 0 } };

	(void)state;
	take();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int const null = open("/dev/null", O_RDWR);
		int status;
		pid_t const pid = fork();

		assert_int_not_equal(pid, -1);
		if (!pid) {
			dup2(null, 0); /* no socket */
			dup2(null, 2);
			setenv(AUTH_ENV, cases[i].value, 1);
			_exit(auth_take() == 1 && fcntl(AUTH_FD, F_GETFD) == FD_CLOEXEC ? 0 : 1);
		}
		close(null);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), cases[i].code);
	}
	close(judge);
}

/* the answer to one question, late, is not taken for the answer to the next */
static void
test_late(void **state)
{
	struct timeval const soon = { .tv_usec = 10000 };
	char packet[AUTH_PACKET_MAX], list[AUTH_LIST_MAX];
	struct answer a;
	size_t len;

	(void)state;
	take();
	setsockopt(AUTH_FD, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
	auth_list(list);
	assert_string_equal(list, "");
	say_words('K', "2.0.0", "PLAIN LOGIN");
	assert_int_equal(auth_begin(&with_x, packet, &len, &a), AUTH_OVER);
	assert_int_equal(a.code, 'Z');
	auth_ticket(1, &a);
	assert_int_equal(a.code, 'Z');
}

/* what a connection without a binding is offered */
static void
test_unbound(void **state)
{
	static struct {
		char const *list, *without;
	} const cases[] = {
		{ "", "" },
		{ "PLAIN LOGIN", "PLAIN LOGIN" },
		{ "SCRAM-SHA-256 PLAIN", "SCRAM-SHA-256 PLAIN" },
		{ "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN", "SCRAM-SHA-256 PLAIN" },
		{ "SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS PLAIN", "PLAIN" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(auth_unbound(cases[i].list), cases[i].without);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_unbound),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
