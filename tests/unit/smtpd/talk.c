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

#include "auth.h"
#include "chain.h"
#include "tls.h"

static struct settings set;
static struct client client;
static struct judge judge;
static struct talk talk;
static char me[] = "hamburger.edu";
static int judges = -1; /* smtpd's end to smtpd-auth; -1: there is none */
static int submission;
static char passed[8192]; /* to the next program */
static size_t passedlen;

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
	dup2(judges, 103);
	dup2(open("/dev/null", O_WRONLY), 2);
	dup2(100, 0);
	dup2(100, 1);
	dup2(101, CHAIN_FD);
	close_range(CHAIN_FD + 1, 99, 0);
	for (int fd = TLS_CTL_FD; fd <= TLS_OUT_FD; fd++)
		dup2(102, fd);
	dup2(103, AUTH_FD);
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
		.relay = judges == -1 ? "" : 0, /* every recipient that is not local is good */
		.defaulthost = text(me),
		.auth_in_clear = 1,
		.submission = submission,
		.rate = (uint64_t)submission,
	};
	judge.set = &set;
	judge.client = &client;
	judge.db.me = judge.db.locals = text(me);
	judge.db.passwd = judge.db.usersfd = judge.db.aliasesfd = judge.overquota = -1;
	talk_init(&talk, &set, &client, &judge, tls != -1 ? TLS_OFFERED : TLS_NONE, judges != -1);
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
	n = read(next[1], passed, sizeof passed);
	passedlen = n > 0 ? (size_t)n : 0;
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

/* ---- AUTH: the other process is ours, too */

#define EHLO                                                                                       \
	"220 hamburger.edu\r\n250-hamburger.edu Hello a\r\n250-PIPELINING\r\n250-SIZE\r\n"         \
	"250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n"   \
	"250-HELP\r\n250-LIMITS RCPTMAX=5 MAILMAX=5\r\n250 AUTH PLAIN LOGIN\r\n"
#define YES  "235 2.7.0 Authentication succeeded\r\n"
#define QUIT "221 2.0.0 hamburger.edu closing connection\r\n"

/* A packet: a text with its length, because a NUL may be in it. */
struct packet {
	char const *s;
	size_t len;
};
#define P(s)                                                                                       \
	{                                                                                          \
		(s), sizeof(s) - 1                                                                 \
	}

static int passwords; /* smtpd-auth's end */

/* judge_by - smtpd-auth says these packets, one after the other, whatever it is asked. */
static void
judge_by(struct packet const *said)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	judges = pair[0];
	passwords = pair[1];
	assert_int_equal(send(passwords, "K2.0.0 PLAIN LOGIN", 18, 0), 18);
	for (; said->s; said++)
		assert_int_equal(send(passwords, said->s, said->len, 0), said->len);
}

/* was_asked - of smtpd-auth, after the mechanisms, and nothing more. */
static void
was_asked(struct packet const *want)
{
	char got[AUTH_PACKET_MAX];

	close(judges);
	judges = -1;
	assert_int_equal(recv(passwords, got, sizeof got, 0), 1);
	assert_int_equal(*got, AUTH_LIST);
	for (; want->s; want++) {
		assert_int_equal(recv(passwords, got, sizeof got, 0), want->len);
		assert_memory_equal(got, want->s, want->len);
	}
	assert_int_equal(recv(passwords, got, sizeof got, 0), 0);
	close(passwords);
}

static int
clean(void **state)
{
	(void)state;
	judges = -1;
	submission = 0;
	*client.binding = 0;
	return 0;
}

/* Octets go over as they are, and challenges come back; "=" is a response, of nothing. */
static void
test_auth(void **state)
{
	static struct packet const said[] = { P("D5.7.8 no"), P("+"), P("D5.5.2 not so"),
		P("+Username:"), P("+\0\377x"), P("D5.5.4 unknown"), P("Z4.7.0 later"),
		P("K2.7.0 bob"), { 0 } };
	static struct packet const asked[] = { P("APLAIN\0\0=\0bob\0x"), P("APLAIN\0\0="), P("R"),
		P("ALOGIN\0\0"), P("Rbob"), P("R"), P("APLAIN\0\0=\0bob\0x"),
		P("APLAIN\0\0=\0bob\0y"), { 0 } };

	(void)state;
	judge_by(said);
	play("EHLO a\r\nAUTH PLAIN AGJvYgB4\r\nAUTH PLAIN =\r\n\r\nAUTH LOGIN\r\nYm9i\r\n\r\n"
	     "AUTH PLAIN AGJvYgB4\r\nAUTH PLAIN AGJvYgB5\r\nAUTH PLAIN\r\nQUIT\r\n",
	    "",
	    EHLO "535 5.7.8 no\r\n334 \r\n501 5.5.2 not so\r\n334 VXNlcm5hbWU6\r\n334 AP94\r\n"
		 "504 5.5.4 unknown\r\n454 4.7.0 later\r\n" YES
		 "503 5.5.1 Not now: AUTH comes once, after EHLO and before MAIL\r\n" QUIT);
	was_asked(asked);
}

/* What the client gives up, or cannot say, is told to smtpd-auth only if it waits. */
static void
test_auth_given_up(void **state)
{
	static struct packet const said[] = { P("+a"), P("+b"), P("+c"), P("+d"), P("K2.7.0 bob"),
		{ 0 } };
	static struct packet const asked[] = { P("APLAIN\0\0"), P("C"), P("APLAIN\0\0"), P("C"),
		P("APLAIN\0\0"), P("C"), P("APLAIN\0\0=x"), P("C"), P("APLAIN\0\0=x"), { 0 } };

	(void)state;
	judge_by(said);
	play("EHLO a\r\nAUTH PLAIN AGJvYgB\r\nAUTH PLAIN\r\n*\r\nAUTH PLAIN\r\n**\r\nAUTH PLAIN\r\n"
	     "eA==\nNOOP\r\nAUTH PLAIN eA==\r\n*\r\nAUTH PLAIN eA==\r\nQUIT\r\n",
	    "",
	    EHLO "501 5.5.2 This is not base64\r\n"
		 "334 YQ==\r\n501 5.7.0 Authentication canceled\r\n"
		 "334 Yg==\r\n501 5.5.2 This is not base64\r\n334 Yw==\r\n"
		 "500 5.5.2 A line ends with CR LF and holds no other CR, LF or NUL\r\n"
		 "334 ZA==\r\n501 5.7.0 Authentication canceled\r\n" YES QUIT);
	was_asked(asked);
}

/* A response longer than any, and a challenge that fits into no reply. */
static void
test_auth_too_long(void **state)
{
	static char challenge[400] = "+";
	static char say[LINE_MAX + 100] = "EHLO a\r\nAUTH LOGIN\r\n";
	struct packet const said[] = { P("+Username:"), { challenge, sizeof challenge }, { 0 } };
	static struct packet const asked[] = { P("ALOGIN\0\0"), P("C"), P("ALOGIN\0\0"), P("C"),
		{ 0 } };
	size_t const len = strlen(say);

	(void)state;
	judge_by(said);
	memset(say + len, 'A', LINE_MAX);
	strcpy(say + len + LINE_MAX, "\r\nAUTH LOGIN\r\nNOOP\r\nQUIT\r\n");
	play(say, "",
	    EHLO "334 VXNlcm5hbWU6\r\n500 5.5.6 Response too long\r\n"
		 "451 4.3.0 Look-up failed, try again later\r\n250 2.0.0 Ok\r\n" QUIT);
	was_asked(asked);
}

/* Who logged in relays, and the next program is told who it is. */
static void
test_auth_relays(void **state)
{
	static struct packet const said[] = { P("K2.7.0 bob"), { 0 } };
	static struct packet const asked[] = { P("APLAIN\0\0=\0bob\0x"), { 0 } };

	(void)state;
	judge_by(said);
	play("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRSET\r\nAUTH PLAIN AGJvYgB4\r\n"
	     "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nQUIT\r\n",
	    "9:K2.1.0 ok,9:K2.1.0 ok,9:K2.1.5 ok,",
	    EHLO "250 2.1.0 <>... Sender ok\r\n"
		 "550 5.7.1 a@b is not for us, and we do not relay for you\r\n250 2.0.0 Ok\r\n" YES
		 "250 2.1.0 <>... Sender ok\r\n250 2.1.5 a@b ... Recipient ok\r\n" QUIT);
	was_asked(asked);
	assert_non_null(memmem(passed, passedlen, "\0auth=bob\0", 10));
	assert_non_null(memmem(passed, passedlen, "protocol=ESMTPA\0", 16));
}

/* A TLS channel's binding is handed on with what the client says. */
static void
test_auth_binding(void **state)
{
	static struct packet const said[] = { P("D5.7.8 no"), { 0 } };
	static struct packet const asked[] = { P("APLAIN\0tls-exporter=ab\0=x"), { 0 } };

	(void)state;
	strcpy(client.binding, "tls-exporter=ab");
	judge_by(said);
	play("EHLO a\r\nAUTH PLAIN eA==\r\nQUIT\r\n", "", EHLO "535 5.7.8 no\r\n" QUIT);
	was_asked(asked);
}

/* When smtpd-auth is gone nobody logs in, and all else goes on. */
static void
test_auth_gone(void **state)
{
	(void)state;
	judge_by(&(struct packet){ 0 });
	shutdown(passwords, SHUT_WR);
	play("EHLO a\r\nAUTH PLAIN eA==\r\nAUTH LOGIN\r\nNOOP\r\nQUIT\r\n", "",
	    EHLO "454 4.3.0 Authentication is not possible now, try again later\r\n"
		 "454 4.3.0 Authentication is not possible now, try again later\r\n"
		 "250 2.0.0 Ok\r\n" QUIT);
	close(judges);
	close(passwords);
}

/*
 * A submission: his own address alone (there are no users here, so only that of his name), and
 * so many recipients as smtpd-auth lets pass; replies stay in their order.
 */
static void
test_submission(void **state)
{
	static struct packet const said[] = { P("K2.7.0 bob@x"), P("K2.0.0 ok"),
		P("Z4.7.1 too many"), P("K2.0.0 ok"), { 0 } };
	static struct packet const asked[] = { P("APLAIN\0\0=\0bob\0x"), P("T1"), P("T1"), P("T1"),
		{ 0 } };

	(void)state;
	submission = 1;
	judge_by(said);
	play("EHLO a\r\nMAIL FROM:<bob@x>\r\nAUTH PLAIN AGJvYgB4\r\nMAIL FROM:<eve@x>\r\n"
	     "RCPT TO:<a@b>\r\nMAIL FROM:<BOB@x>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\n"
	     "RCPT TO:<e@f>\r\nQUIT\r\n",
	    "9:K2.1.0 ok,9:K2.1.5 ok,9:D5.1.1 no,",
	    EHLO "530 5.7.0 Authentication required\r\n" YES
		 "553 5.7.1 eve@x is not your address\r\n503 5.5.1 MAIL first\r\n"
		 "250 2.1.0 BOB@x... Sender ok\r\n250 2.1.5 a@b ... Recipient ok\r\n"
		 "451 4.7.1 too many\r\n550 5.1.1 no\r\n" QUIT);
	was_asked(asked);
	assert_null(memmem(passed, passedlen, "eve", 3));
	assert_null(memmem(passed, passedlen, "c@d", 3));
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
		cmocka_unit_test_setup(test_auth, clean),
		cmocka_unit_test_setup(test_auth_given_up, clean),
		cmocka_unit_test_setup(test_auth_too_long, clean),
		cmocka_unit_test_setup(test_auth_relays, clean),
		cmocka_unit_test_setup(test_auth_binding, clean),
		cmocka_unit_test_setup(test_auth_gone, clean),
		cmocka_unit_test_setup(test_submission, clean),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
