#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "findings.h"

static void
says_and_counts(void **state)
{
	static char const want[] = "error: a: 1?[31m: b\nwarning: c\nplain?text\n";
	static char long_text[10000];
	char path[] = "/tmp/findings.XXXXXX", got[sizeof want];
	int fd = mkstemp(path), old = dup(1);

	(void)state;
	fflush(stdout);
	dup2(fd, 1);
	findings_add(FINDING_ERROR, "a: %d%s: b", 1, "\033[31m");
	findings_add(FINDING_WARNING, "c");
	findings_print("plain\ntext");
	fflush(stdout);
	memset(long_text, 'x', sizeof long_text - 1);
	findings_add(FINDING_WARNING, "%s", long_text);
	fflush(stdout);
	dup2(old, 1);
	assert_int_equal(findings_count(FINDING_ERROR), 1);
	assert_int_equal(findings_count(FINDING_WARNING), 2);
	assert_int_equal(pread(fd, got, sizeof want - 1, 0), sizeof want - 1);
	got[sizeof want - 1] = 0;
	assert_string_equal(got, want);
	close(fd);
	close(old);
	unlink(path);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(says_and_counts),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
