/* unit tests of relay/tool: the message from descriptor 0, the report on descriptor 1 */
#include "tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "nexthop.h"

static char helo[] = "us.example";
static struct relayconf conf = { .helo = { .s = helo } };
static struct peer p;
static struct transaction t;
static struct hop hop = { .host = "h.org", .ip = "192.0.2.1" };
static char report[4096];
static size_t reportlen;

/* run - the tool in a process of its own; its exit code. */
static int
run(int from, int qmail, char const *const *words, struct nexthop_reply const *script)
{
	int out[2], status;
	ssize_t n;
	pid_t pid;

	nexthop_start(&hop, script, 1);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (!pid) {
		int code = 0;

		dup2(from, 0);
		dup2(out[1], 1);
		close(out[0]);
		close(out[1]);
		peer_init(&p, &conf);
		transaction_init(&t, &p);
		tool_open();
		tool_run(&t, words);
		if (qmail)
			tool_report_qmail(&t);
		else
			code = tool_report(&t, words);
		_exit(code);
	}
	close(out[1]);
	close(from);
	for (reportlen = 0;
	     (n = read(out[0], report + reportlen, sizeof report - 1 - reportlen)) > 0;)
		reportlen += (size_t)n;
	report[reportlen] = 0;
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* high - out of the way of the descriptors that have their places. */
static int
high(int fd)
{
	int const moved = fcntl(fd, F_DUPFD, 20);

	close(fd);
	return moved;
}

static int
message(char const *text, off_t at)
{
	int const fd = memfd_create("message", 0);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	lseek(fd, at, SEEK_SET);
	return high(fd);
}

static int
piped(size_t len)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	if (!fork()) {
		close(RELAY_CONNECT); /* or those partners would live on */
		close(RELAY_TLS);
		while (len--)
			if (write(fd[1], "\n", 1) != 1)
				break;
		_exit(0);
	}
	close(fd[1]);
	return high(fd[0]);
}

static void
test_report(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT TO:<no@h>", "550 5.1.1 no\r\n" },
		{ "RCPT TO:<later@h>", "450 later\r\n" }, { 0, 0 } };
	char const *const all[] = { "a@b", "yes@h", "no@h", "later@h", "no address", 0 };
	char const *const one[] = { "a@b", "yes@h", 0 };
	char const *const later[] = { "", "yes@h", "later@h", 0 };

	(void)state;
	assert_int_equal(run(message("envelope\nx\n", 9), 0, all, script), 100);
	assert_string_equal(report, "K yes@h 2.0.0 relayed: h.org[192.0.2.1]: 250 ok\n"
				    "D no@h 5.1.1 h.org[192.0.2.1] said: 550 5.1.1 no\n"
				    "Z later@h 4.2.0 h.org[192.0.2.1] said: 450 later\n"
				    "D no address 5.1.3 bad address\n");
	assert_int_equal(run(message("x\n", 0), 0, one, script), 0);
	assert_int_equal(run(piped(100), 0, one, script), 0);
	assert_int_equal(run(piped(100000), 0, later, script), 111);
	assert_int_equal(nexthop->messages, 1);
}

static void
test_qmail(void **state)
{
	static struct nexthop_reply const script[] = { { "RCPT TO:<no@h>", "550 no\r\n" },
		{ 0, 0 } };
	static struct nexthop_reply const refused[] = { { "MAIL", "450 no\r\n" }, { 0, 0 } };
	char const *const both[] = { "a@b", "yes@h", "no@h", 0 };
	char const *const none[] = { "a@b", "no@h", 0 };

	(void)state;
	assert_int_equal(run(message("x\n", 0), 1, both, script), 0);
	assert_memory_equal(report,
	    "r\0hh.org[192.0.2.1] said: 550 no\n\0Krelayed: h.org[192.0.2.1]: 250 ok\n", reportlen);
	assert_int_equal(run(message("x\n", 0), 1, none, script), 0);
	assert_memory_equal(report,
	    "hh.org[192.0.2.1] said: 550 no\n\0Dh.org[192.0.2.1] said: 550 no\n", reportlen);
	assert_int_equal(run(message("x\n", 0), 1, both, refused), 0);
	assert_memory_equal(report, "Zh.org[192.0.2.1] said: 450 no\n", reportlen);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_qmail),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
