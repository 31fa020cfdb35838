/* unit tests of relay/authorities: the setting tlscafile, and where there is none */
#include "authorities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64] = "/tmp/authorities-XXXXXX";

/* path_of - what the setting's text leads to; null: it makes no sense. */
static char const *
path_of(char const *text)
{
	static char path[128];
	stralloc found = STRALLOC_ZERO;
	struct control control;
	FILE *f;
	int r;

	snprintf(path, sizeof path, "%s/control/tlscafile", dir);
	unlink(path);
	if (text) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	assert_int_equal(control_open_at(&control, dir), 1);
	r = authorities_path(&control, &found);
	control_close(&control);
	unlink(path);
	if (r == 1)
		snprintf(path, sizeof path, "%s", found.s);
	stralloc_free(&found);
	return r == 1 ? path : 0;
}

static void
the_setting_names_the_file(void **state)
{
	(void)state;
	assert_string_equal(path_of("/etc/own.pem \n"), "/etc/own.pem");
}

static void
without_it_there_is_the_systems(void **state)
{
	(void)state;
	assert_string_equal(path_of(0), "/etc/ssl/certs/ca-certificates.crt");
}

static void
one_that_makes_no_sense_is_an_error(void **state)
{
	(void)state;
	assert_null(path_of("/etc/own\rpem\n"));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(the_setting_names_the_file),
		cmocka_unit_test(without_it_there_is_the_systems),
		cmocka_unit_test(one_that_makes_no_sense_is_an_error),
	};
	char control[80];
	int failed;

	assert_non_null(mkdtemp(dir));
	snprintf(control, sizeof control, "%s/control", dir);
	assert_int_equal(mkdir(control, 0700), 0);
	failed = cmocka_run_group_tests(tests, 0, 0);
	rmdir(control);
	rmdir(dir);
	return failed;
}
