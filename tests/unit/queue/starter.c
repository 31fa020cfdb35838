#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "starter.h"

/* with - a starter of its own for a line of shell. */
static void
with(char const *line)
{
	char const *const argv[] = { "sh", "-c", line, 0 };

	starter_begin(argv);
}

/* end_starter - the starter leaves when its caller does. */
static void
end_starter(void)
{
	int status;

	close(STARTER_FD);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
}

static void
runs_a_program_for_each_message(void **state)
{
	struct starter_run run;
	struct starter_end end;

	(void)state;
	with("exec 3<&1; m=$(cat); e=$(cat <&3); printf \"Z$m $e $#\" >&4; printf . >&6; exit 82");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(starter_run(&run, &end), 1);
		assert_int_equal(write(run.message, "hi", 2), 2);
		close(run.message);
		assert_int_equal(write(run.envelope, "Fa", 2), 2);
		close(run.envelope);
		assert_int_equal(starter_wait(&end), 1);
		assert_int_equal(WEXITSTATUS(end.status), 82);
		assert_int_equal(end.len, 9);
		assert_memory_equal(end.said, "Zhi Fa 0.", 9);
	}
	end_starter();
}

static void
gives_it_no_other_descriptor(void **state)
{
	struct starter_run run;
	struct starter_end end;

	(void)state;
	with("for i in 3 5 7 8 9; do if (: <&$i) 2>/dev/null; then exit 1; fi; done");
	assert_int_equal(starter_run(&run, &end), 1);
	close(run.message);
	close(run.envelope);
	assert_int_equal(starter_wait(&end), 1);
	assert_int_equal(end.status, 0);
	end_starter();
}

static void
its_pipes_do_not_block(void **state)
{
	static char const much[1 << 20];
	struct starter_run run;
	struct starter_end end;

	(void)state;
	with("exec sleep 0.05");
	assert_int_equal(starter_run(&run, &end), 1);
	while (write(run.message, much, sizeof much) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	close(run.message);
	close(run.envelope);
	assert_int_equal(starter_wait(&end), 1);
	end_starter();
}

static void
says_that_there_is_no_such_program(void **state)
{
	char const *const argv[] = { "/nonexistent/program", 0 };
	struct starter_run run;
	struct starter_end end;

	(void)state;
	starter_begin(argv);
	assert_int_equal(starter_run(&run, &end), 0);
	assert_int_equal(WEXITSTATUS(end.status), EXITS_EXEC);
	assert_int_equal(starter_run(&run, &end), 0); /* and goes on */
	end_starter();
}

static void
tells_a_crash(void **state)
{
	struct starter_run run;
	struct starter_end end;

	(void)state;
	with("kill -9 $$");
	assert_int_equal(starter_run(&run, &end), 1);
	close(run.message);
	close(run.envelope);
	assert_int_equal(starter_wait(&end), 1);
	assert_true(WIFSIGNALED(end.status));
	end_starter();
}

static void
leaves_when_asked_for_nonsense(void **state)
{
	struct starter_end end;

	(void)state;
	with("exit 0");
	assert_int_equal(starter_wait(&end), -1); /* nothing runs */
	end_starter();
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(runs_a_program_for_each_message),
		cmocka_unit_test(gives_it_no_other_descriptor),
		cmocka_unit_test(its_pipes_do_not_block),
		cmocka_unit_test(says_that_there_is_no_such_program),
		cmocka_unit_test(tells_a_crash),
		cmocka_unit_test(leaves_when_asked_for_nonsense),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
