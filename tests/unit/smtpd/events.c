/* unit tests of smtpd/events: the lines of the log, and that no client adds one */
#include "events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int fds[2], err;

static int
set_up(void **state)
{
	(void)state;
	err = dup(2);
	return pipe(fds) == -1 || dup2(fds[1], 2) == -1;
}

static int
tear_down(void **state)
{
	(void)state;
	dup2(err, 2);
	close(err);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

/* logged - one line, and behind its "prog[pid]: " this. */
static void
logged(char const *want)
{
	char got[4096];
	ssize_t const n = read(fds[0], got, sizeof got - 1);

	assert_true(n > 0);
	got[n] = 0;
	assert_ptr_equal(strchr(got, '\n'), got + n - 1);
	got[n - 1] = 0;
	assert_non_null(strstr(got, ": "));
	assert_string_equal(strstr(got, ": ") + 2, want);
}

static void
test_lines(void **state)
{
	struct client client = { .ip = "192.0.2.7", .port = "99", .rdns = "crepes.fr" };
	struct client const local = { 0 };
	struct session s = { .state = SESSION_MAIL, .helo = "a" };

	(void)state;
	strcpy(s.sender.text, "\"a\\\"\x01=\"@b");
	events_connect("s-1", &client);
	logged("event=connect session=s-1 ip=192.0.2.7 port=99 rdns=crepes.fr");
	events_connect("s-1", &local);
	logged("event=connect session=s-1 ip=local");
	events_early("s-1", "DATA");
	logged("event=early session=s-1 when=DATA");
	events_refuse("s-1", &s, "550 5.1.1 no\nevent=accept\r\n", 27);
	logged("event=refuse session=s-1 helo=a from=\"\\x22a\\x5c\\x22\\x01=\\x22@b\" "
	       "reply=\"550 5.1.1 no\\x0aevent=accept\"");
	strcpy(s.sender.text, "a@b");
	events_accept("s-1", &s, 2, 1000, "queued as x");
	logged("event=accept session=s-1 from=a@b rcpts=2 size=1000 answer=\"queued as x\"");
	events_disconnect("s-1", "quit", 1, 0);
	logged("event=disconnect session=s-1 reason=quit accepted=1 refused=0");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
