#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "preferences.h"

static char dir[] = "/tmp/control-XXXXXX";

static void
set(char const *name, char const *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/control/%s", dir, name);
	if (!value) {
		unlink(path);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(value, f);
	fclose(f);
}

static int
read_all(struct preferences *s, struct control *c)
{
	int r;

	*s = (struct preferences){ STRALLOC_ZERO, STRALLOC_ZERO, 0 };
	assert_int_equal(control_open_at(c, dir), 1);
	r = preferences_read(s, c);
	control_close(c);
	return r;
}

static void
has_defaults_and_reads(void **state)
{
	struct preferences s;
	struct control c;

	(void)state;
	set("me", "hamburger.edu\n");
	assert_int_equal(read_all(&s, &c), 1);
	assert_string_equal(s.me.s, "hamburger.edu");
	assert_string_equal(s.defaultdelivery.s, PREFERENCES_DELIVERY);
	assert_int_equal(s.timeoutprogram, PREFERENCES_PROGRAM_SECONDS);
	set("defaultdelivery", "|/usr/bin/procmail\n");
	set("timeoutprogram", "7\n");
	assert_int_equal(read_all(&s, &c), 1);
	assert_string_equal(s.defaultdelivery.s, "|/usr/bin/procmail");
	assert_int_equal(s.timeoutprogram, 7);
}

static void
names_what_is_wrong(void **state)
{
	struct preferences s;
	struct control c;

	(void)state;
	set("timeoutprogram", "100000\n");
	assert_int_equal(read_all(&s, &c), -1);
	assert_non_null(strstr(c.error, "timeoutprogram"));
	set("timeoutprogram", 0);
	set("defaultdelivery", "Maildir?\n?\n");
	assert_int_equal(read_all(&s, &c), 1); /* an address: that is how .qmail files have it */
	set("defaultdelivery", "");
	assert_int_equal(read_all(&s, &c), -1); /* it would throw all mail away */
	set("defaultdelivery", "# nothing\n");
	assert_int_equal(read_all(&s, &c), -1);
	set("defaultdelivery", ".Maildir/\n");
	assert_int_equal(read_all(&s, &c), -1);
	assert_non_null(strstr(c.error, "defaultdelivery"));
}

static int
enter(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/control", dir);
	return mkdir(path, 0700);
}

static int
leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(has_defaults_and_reads),
		cmocka_unit_test(names_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
