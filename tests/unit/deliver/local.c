#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "local.h"
#include "stream.h"

static char home[] = "/tmp/local-XXXXXX";

/* deliver - to a sink in a process of its own; what it answers to the end of the message. */
static void
deliver(char const *local, char const *address, struct answer *a)
{
	static struct stream s;
	struct recipient r = { .kind = RECIPIENT_LOCAL, .user = "bob" };
	struct preferences p = { STRALLOC_ZERO, STRALLOC_ZERO, 5 };
	struct address to;
	int fd[2];
	pid_t pid;

	snprintf(r.home, sizeof r.home, "%s", home);
	snprintf(r.local, sizeof r.local, "%s", local);
	assert_true(stralloc_copys(&p.me, "me.example") && stralloc_0(&p.me));
	assert_true(
	    stralloc_copys(&p.defaultdelivery, "./Maildir/") && stralloc_0(&p.defaultdelivery));
	assert_int_equal(address_parse(&to, address, strlen(address), 0), ADDRESS_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	pid = fork();
	if (!pid) {
		dup2(fd[1], 0);
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		_exit(local_serve(&r, &to, &p));
	}
	close(fd[1]);
	stream_init(&s, fd[0], fd[0]);
	assert_true(stream_put(&s, STREAM_MAIL, "", 1));
	assert_true(stream_put(&s, STREAM_RCPT, address, strlen(address) + 1));
	assert_true(stream_data(&s, "\nx\n", 3));
	assert_true(stream_put(&s, STREAM_END, "", 0));
	for (int i = 0; i < 3; i++)
		assert_int_equal(stream_get_answer(&s, a), STREAM_OK);
	close(fd[0]);
	waitpid(pid, 0, 0);
	stralloc_free(&p.me);
	stralloc_free(&p.defaultdelivery);
}

/* has - whether the newest of the mail has this text; it is taken away. */
static int
has(char const *what)
{
	char command[256];

	snprintf(command, sizeof command,
	    "cd %s && grep -qxF '%s' Maildir/new/* && rm Maildir/new/*", home, what);
	return !system(command);
}

static void
names_the_recipient_as_the_world_does(void **state)
{
	struct answer a;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* the sanitizer does not live in a sandbox */
#endif
	deliver("bob", "bob@a.b", &a);
	assert_int_equal(a.code, 'K');
	assert_true(has("Delivered-To: bob@a.b"));
	deliver("b b", "\"b b\"@a.b", &a);
	assert_true(has("Delivered-To: \"b b\"@a.b"));
	deliver("virtual-bob", "bob@a.b", &a);
	assert_true(has("Delivered-To: virtual-bob@a.b"));
}

static void
refuses_without_a_home(void **state)
{
	struct answer a;
	char away[sizeof home + 1];

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	snprintf(away, sizeof away, "%s2", home);
	assert_int_equal(rename(home, away), 0);
	deliver("bob", "bob@a.b", &a);
	assert_int_equal(a.code, 'Z');
	assert_string_equal(a.status, "4.3.0");
	assert_int_equal(rename(away, home), 0);
}

static int
enter(void **state)
{
	(void)state;
	return !mkdtemp(home);
}

static int
leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", home);
	return system(command);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(names_the_recipient_as_the_world_does),
		cmocka_unit_test(refuses_without_a_home),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
