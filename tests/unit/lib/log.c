/* unit tests of lib/log and lib/die: what a hostile value does to a line, and where lines go */
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "die.h"

static char line[8192]; /* what was logged */

/* logged - run in a child whose descriptor 2 is a pipe, and return its exit code. */
static int
logged(void (*what)(void))
{
	int pipes[2], status;
	size_t len = 0;
	ssize_t r;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid) {
		dup2(pipes[1], 2);
		close(pipes[0]);
		close(pipes[1]);
		log_open("test");
		what();
		_exit(0);
	}
	close(pipes[1]);
	while ((r = read(pipes[0], line + len, sizeof line - 1 - len)) > 0)
		len += (size_t)r;
	line[len] = 0;
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* logged_here - the same without a child, for what is done thousands of times. */
static void
logged_here(void (*what)(void))
{
	int const kept = fcntl(2, F_DUPFD_CLOEXEC, 3);
	int pipes[2];
	ssize_t r;

	assert_int_equal(pipe2(pipes, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(pipes[1], 2);
	log_open("test");
	what();
	dup2(kept, 2);
	r = read(pipes[0], line, sizeof line - 1);
	line[r > 0 ? r : 0] = 0;
	close(kept);
	close(pipes[0]);
	close(pipes[1]);
}

/* expect - the line is "test[PID]: " and this. */
static void
expect(char const *rest)
{
	char *colon = strchr(line, ':');

	assert_memory_equal(line, "test[", 5);
	assert_non_null(colon);
	assert_string_equal(colon, rest);
}

static void
plain_event(void)
{
	log_begin("accepted");
	log_str("id", "0cGk2vXhT3e-1234");
	log_num("bytes", 0);
	log_num("most", UINT64_MAX);
	log_str("from", "alice@crepes.fr");
	log_str("to", "");
	log_end();
}

static void
one_event_is_one_line(void **state)
{
	(void)state;
	assert_int_equal(logged(plain_event), 0);
	expect(": event=accepted id=0cGk2vXhT3e-1234 bytes=0 most=18446744073709551615 "
	       "from=alice@crepes.fr to=\"\"\n");
}

static void
hostile_values(void)
{
	log_begin("x");
	log_str("a", "two words");
	log_str("b", "evil\nsmtpd[1]: event=accepted id=1\r");
	log_str("c", "quote\" and \\ back");
	log_str("d", "\x1b[2J\x07\x7f");
	log_bytes("e", "nul\0nul", 7);
	log_str("f", "k=v");
	log_str("g", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"); /* UTF-8 stays */
	log_str("h", "\xc2\x9b"
		     "2J\x9b\xff\xe2\x82"); /* C1 controls, broken UTF-8 */
	log_str("i", "a\xe2\x80\xa8"
		     "b\xe2\x80\xae"); /* line separator, right-to-left */
	log_end();
}

static void
nobody_forges_a_line(void **state)
{
	(void)state;
	assert_int_equal(logged(hostile_values), 0);
	expect(
	    ": event=x a=\"two words\""
	    " b=\"evil\\x0asmtpd[1]: event=accepted id=1\\x0d\""
	    " c=\"quote\\x22 and \\x5c back\" d=\"\\x1b[2J\\x07\\x7f\" e=\"nul\\x00nul\" f=\"k=v\""
	    " g=\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""
	    " h=\"\\xc2\\x9b2J\\x9b\\xff\\xe2\\x82\""
	    " i=\"a\\xe2\\x80\\xa8b\\xe2\\x80\\xae\"\n");
}

/* Too much for a line, in every combination: it ends well, its quotes are even, no number is cut.
 */
static size_t first, second;
static char filler;

static void
too_much(void)
{
	char value[4000];

	memset(value, filler, sizeof value);
	log_begin("x");
	log_bytes("a", value, first);
	log_bytes("b", value, second);
	log_num("n", 1234567890);
	log_str("c", "\n");
	log_num("m", 1234567890);
	log_end();
}

static void
long_values_are_cut_well(void **state)
{
	static char const fillers[] = "a \n\xc3\"";

	(void)state;
	for (filler = 0; filler < 5; filler++)
		for (first = 0; first < 2000; first += 499)
			for (second = 0; second < 1100; second += 7) {
				char const kept = filler;
				size_t len, quotes = 0;
				char const *n;

				filler = fillers[(int)kept];
				logged_here(too_much);
				filler = kept;
				len = strlen(line);
				assert_in_range(len, 10, LOG_LINE_MAX);
				assert_int_equal(line[len - 1], '\n');
				assert_ptr_equal(strchr(line, '\n'), line + len - 1);
				for (size_t i = 0; i < len; i++)
					quotes += line[i] == '"';
				assert_int_equal(quotes % 2, 0);
				for (n = line; (n = strstr(n, " n=")); n++)
					assert_memory_equal(n, " n=1234567890", 13);
				for (n = line; (n = strstr(n, " m=")); n++)
					assert_memory_equal(n, " m=1234567890", 13);
				if (first > LOG_VALUE_MAX)
					assert_non_null(strstr(line, "…"));
			}
}

static void
errno_is_kept(void **state)
{
	int const kept = dup(2);

	(void)state;
	close(2);
	errno = ENOSPC;
	log_begin("nowhere");
	log_end(); /* fails with EBADF */
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(dup2(kept, 2), 2);
	close(kept);
}

static void
end_perm(void)
{
	die_perm("me: ", "line\n2", " is bad");
}

static void
end_temp(void)
{
	errno = ENOSPC;
	die_temp("write ", "mess");
}

static void
end_usage(void)
{
	die_usage("smtpd PROG…");
}

static void
end_long(void)
{
	char name[5000];

	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = 0;
	die_perm("a", name, name, "b");
}

static void
ends_say_why(void **state)
{
	(void)state;
	assert_int_equal(logged(end_perm), EXIT_PERM);
	expect(": event=fatal reason=\"me: line\\x0a2 is bad\"\n");
	assert_int_equal(logged(end_temp), EXIT_TEMP);
	expect(": event=fatal reason=\"unable to write mess\" error=\"No space left on device\"\n");
	assert_int_equal(logged(end_usage), EXIT_PERM);
	expect(": event=fatal reason=\"usage: smtpd PROG…\"\n");
	assert_int_equal(logged(end_long), EXIT_PERM);
	assert_in_range(strlen(line), 400, LOG_LINE_MAX);
}

/* in_child - run a function in a child, expect exit code 0. */
static void
in_child(void (*what)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (!pid) {
		what();
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("child: %#x", (unsigned int)status);
}

/* As inetd does it: a connection is 0, 1 and 2. Not an octet may go there. */
static void
like_inetd(void)
{
	char c;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(pair[0], fd);
	log_open("test");
	plain_event();
	if (recv(pair[1], &c, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN)
		_exit(2);
	_exit(fcntl(2, F_GETFD) == 0 ? 0 : 3); /* open, and inherited by the next program */
}

/* As journald does it: descriptor 2 is a stream socket, but not the connection. */
static void
like_journald(void)
{
	char text[512];
	int pair[2];
	ssize_t r;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		_exit(1);
	dup2(pair[0], 2);
	log_open("test");
	plain_event();
	r = recv(pair[1], text, sizeof text, MSG_DONTWAIT);
	_exit(r > 5 && !memcmp(text, "test[", 5) && text[r - 1] == '\n' ? 0 : 2);
}

/* A datagram socket was made by a program before us: lines get syslog's header, no end of line. */
static void
like_syslog(void)
{
	char text[512];
	int pair[2];
	ssize_t r;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == -1)
		_exit(1);
	dup2(pair[0], 2);
	log_open("test");
	plain_event();
	r = recv(pair[1], text, sizeof text, MSG_DONTWAIT);
	_exit(r > 9 && !memcmp(text, "<22>test[", 9) && text[r - 1] == '"' ? 0 : 2);
}

/* Started with nothing open: what is opened next must not become the log. */
static void
nothing_open(void)
{
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	log_open("test");
	if (fcntl(1, F_GETFD) == -1 || fcntl(2, F_GETFD) == -1)
		_exit(1);
	plain_event();
	_exit(open("/dev/null", O_RDONLY) > 0 ? 0 : 2);
}

static void
only_2_closed(void)
{
	int fd;

	close(2);
	log_open("test");
	plain_event();
	fd = open("/dev/null", O_RDONLY);
	_exit(fd > 2 ? 0 : 1);
}

static void
goes_where_the_listener_wants_it(void **state)
{
	(void)state;
	in_child(like_inetd);
	in_child(like_journald);
	in_child(like_syslog);
	in_child(nothing_open);
	in_child(only_2_closed);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(one_event_is_one_line),
		cmocka_unit_test(nobody_forges_a_line),
		cmocka_unit_test(long_values_are_cut_well),
		cmocka_unit_test(errno_is_kept),
		cmocka_unit_test(ends_say_why),
		cmocka_unit_test(goes_where_the_listener_wants_it),
	};

	return cmocka_run_group_tests_name("lib/log", tests, 0, 0);
}
