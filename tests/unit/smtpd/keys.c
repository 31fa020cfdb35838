#include "keys.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/keys-XXXXXX";
static char *root;

static void
put(char const *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/control/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
	close(fd);
}

static int
make_dir(void **state)
{
	char path[4096];

	(void)state;
	root = mkdtemp(dir);
	snprintf(path, sizeof path, "%s/control", root);
	return root && !mkdir(path, 0700) ? 0 : -1;
}

/* load - 1, or 0 with why. */
static int
load(char *why, size_t max)
{
	struct control c;
	int r;

	assert_int_equal(control_open_at(&c, root), 1);
	r = keys_open(&c, why, max);
	control_close(&c);
	return r;
}

/* is_file - whether the descriptor is of the file that put made. */
static int
is_file(int fd, char const *name)
{
	char text[256] = "";

	return pread(fd, text, sizeof text - 1, 0) > 0 && !strcmp(text, name);
}

static void
test_default(void **state)
{
	char why[256], file[256];

	(void)state;
	assert_int_equal(load(why, sizeof why), 0);
	assert_non_null(strstr(why, "/control/servercert.pem: No such file"));
	put("servercert.pem");
	assert_int_equal(load(why, sizeof why), 1);
	assert_true(is_file(keys_default()->fd, "servercert.pem"));
	assert_int_equal(keys_default()->second, -1);
	assert_null(keys_find("mx.crepes.fr"));
	assert_null(keys_at(1));
	put("servercert-rsa.pem");
	assert_int_equal(load(why, sizeof why), 1);
	assert_true(is_file(keys_default()->second, "servercert-rsa.pem"));
	keys_file(keys_default(), 1, file, sizeof file);
	assert_string_equal(strrchr(file, '/'), "/servercert-rsa.pem");
}

static void
test_names(void **state)
{
	static struct {
		char const *asked, *first, *second; /* null: the default ones; "": none */
	} const cases[] = {
		{ "mx.crepes.fr", "servercerts/mx.crepes.fr.pem", "" },
		{ "MX.CREPES.fr", "servercerts/mx.crepes.fr.pem", "" },
		{ "both.crepes.fr", "servercerts/Both.Crepes.fr.pem",
		    "servercerts/both.crepes.fr-rsa.pem" },
		{ "only.crepes.fr", "", "servercerts/only.crepes.fr-rsa.pem" },
		{ "a.menu.crepes.fr", "servercerts/*.menu.crepes.fr.pem", "" },
		{ "menu.crepes.fr", 0, 0 },
		{ "a.b.menu.crepes.fr", 0, 0 },
		{ "crepes", 0, 0 },
		{ ".", 0, 0 },
		{ "", 0, 0 },
		{ "hidden", 0, 0 },
		{ "readme", 0, 0 },
	};
	char path[4096], why[256], file[4096];

	(void)state;
	snprintf(path, sizeof path, "%s/control/servercerts", root);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (cases[i].first && *cases[i].first)
			put(cases[i].first);
		if (cases[i].second && *cases[i].second)
			put(cases[i].second);
	}
	put("servercerts/.hidden.pem");
	put("servercerts/README");
	put("servercerts/.pem");
	assert_int_equal(load(why, sizeof why), 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct keys const *const k = keys_find(cases[i].asked);

		assert_int_equal(k != 0, cases[i].first != 0);
		if (!k)
			continue;
		assert_true(*cases[i].first ? is_file(k->fd, cases[i].first) : k->fd == -1);
		assert_true(
		    *cases[i].second ? is_file(k->second, cases[i].second) : k->second == -1);
	}
	keys_file(keys_find("mx.crepes.fr"), 0, file, sizeof file);
	assert_non_null(strstr(file, "/control/servercerts/mx.crepes.fr.pem"));
}

static void
test_many(void **state)
{
	char name[64], why[256];

	(void)state;
	for (int i = 0; i <= KEYS_MAX; i++) {
		snprintf(name, sizeof name, "servercerts/h%d.example.pem", i);
		put(name);
	}
	assert_int_equal(load(why, sizeof why), 0);
	assert_non_null(strstr(why, "more than 200 names"));
}

static int
remove_dir(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", root);
	return system(command);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
