#include "routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/routes.XXXXXX";
static struct control control;
static struct routes routes;

static void
set(char const *name, char const *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/control/%s", root, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(value, f);
	fclose(f);
}

static int
load(void)
{
	int r;

	assert_int_equal(control_open_at(&control, root), 1);
	r = routes_read(&routes, &control);
	control_close(&control);
	return r;
}

static int
begin(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	snprintf(path, sizeof path, "%s/control", root);
	return mkdir(path, 0700);
}

static int
end(void **state)
{
	char path[128];

	(void)state;
	for (char const *const *name = (char const *const[]){ "smtproutes", "tlsroutes", 0 }; *name;
	     name++) {
		snprintf(path, sizeof path, "%s/control/%s", root, *name);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/control", root);
	return rmdir(path) || rmdir(root);
}

static void
finds(char const *domain, char const *ascii, char const *host, unsigned int port)
{
	struct route r;

	assert_int_equal(routes_find(&routes, domain, ascii, &r), host != 0);
	if (!host)
		return;
	assert_string_equal(r.host, host);
	assert_int_equal(r.port, port);
}

static void
finding(void **state)
{
	(void)state;
	set("smtproutes", "# comment\n"
			  "example.org:mx.example.net:26\n"
			  ".example.org:[2001:DB8::1]\n"
			  "free.example.org:\n"
			  "b\xc3\xbc"
			  "cher.example:b\xc3\xbc"
			  "cher.example\n"
			  "xn--strae-oqa.example:192.0.2.1\n");
	assert_int_equal(load(), 1);
	finds("Example.ORG", "example.org", "mx.example.net", 26);
	finds("a.example.org", "a.example.org", "2001:db8::1", 0);
	finds("free.example.org", "free.example.org", 0, 0);
	finds("b\xc3\xbc"
	      "cher.example",
	    "xn--bcher-kva.example", "xn--bcher-kva.example", 0);
	finds("stra\xc3\x9f"
	      "e.example",
	    "xn--strae-oqa.example", "192.0.2.1", 0);
	finds("other.example", "other.example", 0, 0);
	assert_int_equal(routes.ports, 1);
	assert_int_equal(routes.port[0], 26);
}

static void
levels(void **state)
{
	enum hop_tls level = HOP_TLS_DANE;

	(void)state;
	set("tlsroutes", "example.org:verify\n:must\n");
	assert_int_equal(load(), 1);
	assert_true(routes_tls(&routes, "example.org", &level) > 1);
	assert_int_equal(level, HOP_TLS_VERIFY);
	assert_int_equal(routes_tls(&routes, "x.example.org", &level), 1);
	assert_int_equal(level, HOP_TLS_MUST);
}

static void
wrong(char const *name, char const *text, char const *line)
{
	set(name, text);
	assert_int_equal(load(), -1);
	if (!strstr(control.error, line) || !strstr(control.error, name))
		fail_msg("%s", control.error);
	set(name, "");
}

static void
errors_name_file_and_line(void **state)
{
	char many[2000] = "";

	(void)state;
	wrong("smtproutes", "a.example:b\n\n# x\nnothing\n", "line 4:");
	wrong("smtproutes", "a.example:[::1\n", "line 1:");
	wrong("smtproutes",
	    "a.example:"
	    "a1234567890123456789012345678901234567890123456789012345678901234.b\n",
	    "line 1:");
	wrong("tlsroutes", "a.example:never\nb.example:always\n", "line 2:");
	for (size_t i = 0; i <= ROUTES_PORTS_MAX; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), ":h:%zu\n", i + 1);
	wrong("smtproutes", many, "line 65:");
}

static void
targets(void **state)
{
	struct route r;

	(void)state;
	assert_null(routes_target(&r, "Mail.Example.org:587"));
	assert_string_equal(r.host, "mail.example.org");
	assert_int_equal(r.port, 587);
	assert_null(routes_target(&r, "[::1]"));
	assert_true(r.is_ip);
	assert_non_null(routes_target(&r, ""));
	assert_non_null(routes_target(&r, "::1"));
	assert_non_null(routes_target(&r, "a:b"));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finding),
		cmocka_unit_test(levels),
		cmocka_unit_test(errors_name_file_and_line),
		cmocka_unit_test(targets),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
