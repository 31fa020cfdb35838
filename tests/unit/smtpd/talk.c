/* unit tests of smtpd/talk: the dialogue, with a client and a next program that are ours */
#include "talk.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "chain.h"
#include "tls.h"

static struct settings set;
static struct client client;
static struct judge judge;
static struct talk talk;
static char me[] = "hamburger.edu";

static stralloc
text(char *s)
{
	return (stralloc){ s, strlen(s), strlen(s) + 1 };
}

/* serve - in a child: smtpd's part, on these descriptors; tls is -1 or does for all three. */
static void
serve(int connection, int next, int tls)
{
	dup2(connection, 100);
	dup2(next, 101);
	dup2(tls, 102);
	dup2(open("/dev/null", O_WRONLY), 2);
	dup2(100, 0);
	dup2(100, 1);
	dup2(101, CHAIN_FD);
	close_range(CHAIN_FD + 1, 99, 0);
	for (int fd = TLS_CTL_FD; fd <= TLS_OUT_FD; fd++)
		dup2(102, fd);
	close_range(100, ~0U, 0);
	set = (struct settings){
		.idle = 5,
		.total = 20,
		.maxrcpt = 5,
		.maxmail = 5,
		.maxerrors = 5,
		.maxhops = 9,
		.me = text(me),
		.greeting = text(me),
		.relay = "", /* every recipient that is not local is good */
	};
	judge.set = &set;
	judge.client = &client;
	judge.db.me = judge.db.locals = text(me);
	judge.db.passwd = judge.db.usersfd = judge.db.aliasesfd = judge.overquota = -1;
	talk_init(&talk, &set, &client, &judge, tls != -1 ? TLS_OFFERED : TLS_NONE, 0);
	talk_run(&talk);
	_exit(0);
}

/* play - say all of it at once, and compare all that comes back; the next program says answers. */
static void
play(char const *say, char const *answers, char const *want)
{
	char got[8192];
	size_t len = 0;
	int ours[2], next[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ours), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, next), 0);
	assert_int_equal(write(next[1], answers, strlen(answers)), strlen(answers));
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid)
		serve(ours[0], next[0], -1);
	close(ours[0]);
	assert_int_equal(write(ours[1], say, strlen(say)), strlen(say));
	while ((n = read(ours[1], got + len, sizeof got - 1 - len)) > 0)
		len += (size_t)n;
	got[len] = 0;
	close(ours[1]);
	waitpid(pid, &status, 0);
	close(next[0]);
	close(next[1]);
	assert_string_equal(got, want);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void
test_hello(void **state)
{
	(void)state;
	play("HELO a\r\nNOOP\r\nFOO\r\nQUIT\r\n", "",
	    "220 hamburger.edu\r\n250 Hello a, pleased to meet you\r\n250 Ok\r\n"
	    "500 Command unrecognized\r\n221 hamburger.edu closing connection\r\n");
}

/* Replies come in the order of the commands, though the answers come later. */
static void
test_order(void **state)
{
	(void)state;
	play("HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<x\r\nRCPT "
	     "TO:<e@f>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n",
	    "9:K2.1.0 ok,9:K2.1.5 ok,9:D5.1.1 no,9:K2.1.5 ok,9:K2.0.0 ok,",
	    "220 hamburger.edu\r\n250 Hello a, pleased to meet you\r\n250 <>... Sender ok\r\n"
	    "250 a@b ... Recipient ok\r\n550 no\r\n501 Bad recipient address syntax\r\n"
	    "250 e@f ... Recipient ok\r\n354 Enter mail, end with \".\" on a line by itself\r\n"
	    "250 Message accepted for delivery\r\n221 hamburger.edu closing connection\r\n");
}

static void
test_too_many_errors(void **state)
{
	(void)state;
	play("HELO a\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\nQUIT\r\n", "",
	    "220 hamburger.edu\r\n250 Hello a, pleased to meet you\r\n"
	    "500 Command unrecognized\r\n500 Command unrecognized\r\n500 Command unrecognized\r\n"
	    "500 Command unrecognized\r\n500 Command unrecognized\r\n"
	    "421 hamburger.edu too many errors, closing connection\r\n");
}

/* read_reply - until what was read ends so. */
static void
read_reply(int fd, char const *end)
{
	char got[4096];
	size_t len = 0;

	do {
		ssize_t const n = read(fd, got + len, sizeof got - 1 - len);

		assert_true(n > 0);
		len += (size_t)n;
		got[len] = 0;
	} while (len < strlen(end) || strcmp(got + len - strlen(end), end));
}

static void
send_text(int fd, char const *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Other replies than those to MAIL, RCPT and RSET wait for nothing that comes later (RFC 2920 3.2).
 */
static void
test_at_once(void **state)
{
	int ours[2], next[2];
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ours), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, next), 0);
	pid = fork();
	if (!pid) {
		close(ours[1]);
		close(next[1]);
		serve(ours[0], next[0], -1);
	}
	close(ours[0]);
	close(next[0]);
	send_text(ours[1], "HELO a\r\nVRFY x\r\nFOO\r\nNOOP\r\nMAIL FROM:<>\r\nNOOP\r\n");
	read_reply(ours[1], "500 Command unrecognized\r\n250 Ok\r\n");
	send_text(next[1], "9:K2.1.0 ok,");
	read_reply(ours[1], "250 <>... Sender ok\r\n250 Ok\r\n");
	close(ours[1]);
	waitpid(pid, 0, 0);
	close(next[1]);
}

/* begin_tls - a session up to the client's STARTTLS with what it sends behind it. */
static pid_t
begin_tls(char const *starttls, int *connection, int *helper)
{
	int ours[2], tls[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ours), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, tls), 0);
	pid = fork();
	if (!pid) {
		close(ours[1]);
		close(tls[1]);
		serve(ours[0], ours[0], tls[0]);
	}
	close(ours[0]);
	close(tls[0]);
	*connection = ours[1];
	*helper = tls[1];
	send_text(ours[1], "EHLO a\r\n");
	read_reply(ours[1], "250 STARTTLS\r\n");
	send_text(ours[1], starttls);
	return pid;
}

/* With TLS the session begins anew, and STARTTLS is not offered again (RFC 3207 4.2). */
static void
test_start_tls(void **state)
{
	int connection, helper, status;
	pid_t const pid = begin_tls("STARTTLS\r\n", &connection, &helper);
	char ask = 0;

	(void)state;
	read_reply(connection, "220 2.0.0 Ready to start TLS\r\n");
	assert_int_equal(read(helper, &ask, 1), 1);
	assert_int_equal(ask, 'Y');
	assert_int_equal(write(helper, "SSL_PROTOCOL=TLSv1.3\0", 22), 22);
	send_text(helper, "MAIL FROM:<a@b>\r\n");
	read_reply(helper, "503 Say EHLO or HELO first\r\n");
	send_text(helper, "EHLO a\r\n");
	read_reply(helper, "250-LIMITS RCPTMAX=5 MAILMAX=5\r\n250 REQUIRETLS\r\n");
	send_text(helper, "STARTTLS\r\nQUIT\r\n");
	read_reply(helper, "503 5.5.1 TLS is active already\r\n"
			   "221 2.0.0 hamburger.edu closing connection\r\n");
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(connection);
	close(helper);
}

/* What an attacker puts behind STARTTLS ends the session (CVE-2011-0411). */
static void
test_injection(void **state)
{
	int connection, helper;
	pid_t const pid = begin_tls("STARTTLS\r\nNOOP\r\n", &connection, &helper);
	char ask;

	(void)state;
	read_reply(connection, "554 5.5.1 hamburger.edu you speak before your turn\r\n");
	shutdown(connection, SHUT_WR);
	assert_int_equal(read(helper, &ask, 1), 0); /* TLS was never asked for */
	waitpid(pid, 0, 0);
	close(connection);
	close(helper);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_too_many_errors),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_start_tls),
		cmocka_unit_test(test_injection),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
