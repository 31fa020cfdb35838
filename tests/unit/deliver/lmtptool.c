/* unit tests of deliver/lmtptool: the recipient as a shell puts it, the message, the report */
#include "lmtptool.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "lmtpserver.h"

static struct lmtp l;
static char report[4096];

static void
test_address(void **state)
{
	static char const *const cases[][2] = {
		{ "bob@hamburger.edu", "bob@hamburger.edu" },
		{ "Bob@Hamburger.EDU", "Bob@hamburger.edu" },
		{ "two words@h.org", "\"two words\"@h.org" },
		{ "a\"b\\@h.org", "\"a\\\"b\\\\\"@h.org" },
		{ "a@b@h.org", "\"a@b\"@h.org" },
		{ ".a.@h.org", "\".a.\"@h.org" },
		{ "@h.org", 0 }, /* no local-part: $DEFAULT was empty */
		{ "bob", "bob" },
		{ "j\xc3\xb6rg@h.org", "j\xc3\xb6rg@h.org" },
		{ "two words", 0 },
		{ "a\r\nb@h.org", 0 },
		{ "a@-h", 0 },
		{ "", 0 },
	};
	static char longer[2000];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int const r = lmtptool_address(&a, cases[i][0]);

		assert_int_equal(r, cases[i][1] != 0);
		if (r)
			assert_string_equal(a.text, cases[i][1]);
	}
	memset(longer, '"', sizeof longer - 1);
	memcpy(longer + ADDRESS_LOCAL_MAX, "@h", 3);
	assert_int_equal(lmtptool_address(&a, longer), 0);
	memset(longer, ' ', sizeof longer - 1);
	memcpy(longer + sizeof longer - 3, "@h", 3);
	assert_int_equal(lmtptool_address(&a, longer), 0);
}

/* run - in a process of its own, with from as descriptor 0; its exit code. */
static int
run(int from, char const *recipient, struct lmtpserver_reply const *script)
{
	int const server = lmtpserver_start(script);
	int out[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (!pid) {
		dup2(from, 0);
		dup2(out[1], 1);
		close(out[0]);
		signal(SIGPIPE, SIG_IGN);
		lmtp_init(&l, "/lmtp", "us.example", server);
		lmtptool_open();
		_exit(lmtptool_run(&l, "a@b", recipient));
	}
	close(server);
	close(out[1]);
	n = read(out[0], report, sizeof report - 1);
	report[n > 0 ? n : 0] = 0;
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	lmtpserver_wait();
	return WEXITSTATUS(status);
}

/* file - the message "x" behind what is not part of it. */
static int
file(void)
{
	int const fd = memfd_create("message", 0);

	assert_int_equal(write(fd, "not\nx\n", 6), 6);
	assert_int_equal(lseek(fd, 4, SEEK_SET), 4);
	return fd;
}

static void
test_run(void **state)
{
	static struct {
		char const *verb, *reply;
		int code;
		char const *report;
	} const cases[] = {
		{ "DOT", "250 2.0.0 ok\r\n", 0, "2.0.0 /lmtp: 250 2.0.0 ok\n" },
		{ "DOT", "552 5.2.2 full\r\n", 100, "5.2.2 /lmtp said: 552 5.2.2 full\n" },
		{ "RCPT", "452 4.2.2 full\r\n", 111, "4.2.2 /lmtp said: 452 4.2.2 full\n" },
		{ "MAIL", "550 5.7.1 no\r\n", 100, "5.7.1 /lmtp said: 550 5.7.1 no\n" },
		{ "LHLO", 0, 111, "4.4.2 /lmtp: connection lost\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lmtpserver_reply const script[] = { { cases[i].verb, cases[i].reply },
			{ 0, 0 } };
		int const fd = file();

		assert_int_equal(run(fd, "c@d", script), cases[i].code);
		assert_string_equal(report, cases[i].report);
		if (!strcmp(cases[i].verb, "DOT"))
			assert_string_equal(lmtpserver->text, "x\r\n");
		close(fd);
	}
}

static void
test_pipe(void **state)
{
	static struct lmtpserver_reply const script[] = { { 0, 0 } };
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "x\n.\n", 4), 4);
	close(fd[1]);
	assert_int_equal(run(fd[0], "c d@h.org", script), 0);
	assert_string_equal(lmtpserver->text, "x\r\n.\r\n");
	assert_non_null(strstr(lmtpserver->heard, "RCPT TO:<\"c d\"@h.org>\n"));
	close(fd[0]);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
