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

/* serve - in a child: smtpd's part, on these descriptors. */
static void
serve(int connection, int next)
{
	dup2(connection, 100);
	dup2(next, 101);
	dup2(open("/dev/null", O_WRONLY), 2);
	dup2(100, 0);
	dup2(100, 1);
	dup2(101, CHAIN_FD);
	close_range(CHAIN_FD + 1, ~0U, 0);
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
	talk_init(&talk, &set, &client, &judge, 0);
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
		serve(ours[0], next[0]);
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

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_too_many_errors),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
