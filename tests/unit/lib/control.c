#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "control.h"

static char dir[] = "/tmp/control.XXXXXX";
static struct control control;

static char const *
path_of(char const *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/control/%s", dir, name);
	return path;
}

static void
put_bytes(char const *name, char const *text, size_t len)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
put(char const *name, char const *text)
{
	put_bytes(name, text, strlen(text));
}

static void
reopen(void)
{
	control_close(&control);
	assert_int_equal(control_open_at(&control, dir), 1);
}

static int
set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || mkdir(path_of(""), 0755))
		return -1;
	return control_open_at(&control, dir) != 1;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	control_close(&control);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

/* error_is - the whole text but the directory, so that nobody rewords one unseen. */
static void
error_is(char const *text)
{
	char want[CONTROL_ERROR_MAX];

	snprintf(want, sizeof want, "%s/control/%s", dir, text);
	assert_string_equal(control.error, want);
}

static void
takes_the_first_line(void **state)
{
	static struct {
		char const *text, *value;
	} const cases[] = {
		{ "mail.example.org\n", "mail.example.org" },
		{ "no end", "no end" },
		{ "a value \t \nanother\n", "a value" },
		{ " led by a blank\n", " led by a blank" },
		{ "\nsecond\n", "" },
		{ "", "" },
	};
	stralloc value = STRALLOC_ZERO;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put("helohost", cases[i].text);
		reopen();
		assert_int_equal(control_line(&control, "helohost", &value), 1);
		assert_string_equal(value.s, cases[i].value);
		assert_int_equal(value.len, strlen(cases[i].value));
	}
	stralloc_free(&value);
}

static void
keeps_the_default_without_a_file(void **state)
{
	stralloc value = STRALLOC_ZERO;
	uint64_t number = 7;
	int fd = -1;

	(void)state;
	assert_true(stralloc_copys(&value, "default"));
	assert_int_equal(control_line(&control, "nothing", &value), 0);
	assert_int_equal(control_list(&control, "nothing", &value, 1), 0);
	assert_memory_equal(value.s, "default", 7);
	assert_int_equal(control_number(&control, "nothing", &number, 0, 9), 0);
	assert_int_equal(number, 7);
	assert_int_equal(control_fd(&control, "nothing", &fd), 0);
	assert_int_equal(fd, -1);
	stralloc_free(&value);
}

static void
sees_a_file_only_when_opened_after_it(void **state)
{
	stralloc value = STRALLOC_ZERO;

	(void)state;
	put("later", "x\n");
	assert_int_equal(control_line(&control, "later", &value), 0);
	reopen();
	assert_int_equal(control_line(&control, "later", &value), 1);
	stralloc_free(&value);
}

static void
finds_files_whose_names_do_not_fit(void **state)
{
	char name[64];
	stralloc value = STRALLOC_ZERO;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "an-entry-with-a-long-name-number-%u", i);
		put(name, "here\n");
	}
	reopen();
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "an-entry-with-a-long-name-number-%u", i);
		assert_int_equal(control_line(&control, name, &value), 1);
		unlink(path_of(name));
	}
	assert_int_equal(control_line(&control, "an-entry-that-is-not-there", &value), 0);
	reopen();
	stralloc_free(&value);
}

static void
reads_numbers(void **state)
{
	static struct {
		char const *text;
		int result;
		uint64_t value;
	} const cases[] = {
		{ "1\n", 1, 1 }, { "1000", 1, 1000 }, { "0020 \n", 1, 20 }, { "0\n", -1, 0 },
		{ "1001\n", -1, 0 }, { "\n", -1, 0 }, { "-1\n", -1, 0 }, { "+1\n", -1, 0 },
		{ " 1\n", -1, 0 }, { "12x\n", -1, 0 }, { "1 2\n", -1, 0 },
		{ "18446744073709551617\n", -1, 0 }, /* 2^64 + 1 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t value = 77;

		put("maxrcpt", cases[i].text);
		reopen();
		assert_int_equal(
		    control_number(&control, "maxrcpt", &value, 1, 1000), cases[i].result);
		assert_int_equal(value, cases[i].result == 1 ? cases[i].value : 77);
	}
	put("maxrcpt", "many\n");
	assert_int_equal(control_number(&control, "maxrcpt", &(uint64_t){ 0 }, 1, 1000), -1);
	error_is("maxrcpt: line 1: \"many\" is not a number from 1 to 1000: write one in decimal "
		 "digits, or remove the file to have the default");
}

static void
reads_lists(void **state)
{
	static char const want[] = "Example.ORG\0.b.example\0c";
	static char const folded[] = "example.org\0.b.example\0c";
	stralloc list = STRALLOC_ZERO;
	char const *entry;
	size_t pos = 0, len, n = 0;

	(void)state;
	put("rcpthosts", "# ours\n\nExample.ORG \n \t\n  .b.example\n  # another\nc");
	reopen();
	assert_int_equal(control_list(&control, "rcpthosts", &list, 0), 1);
	assert_int_equal(list.len, sizeof want);
	assert_memory_equal(list.s, want, sizeof want);
	assert_int_equal(control_list(&control, "rcpthosts", &list, 1), 1);
	assert_memory_equal(list.s, folded, sizeof folded);
	while ((entry = control_next(&list, &pos, &len))) {
		assert_int_equal(strlen(entry), len);
		n++;
	}
	assert_int_equal(n, 3);
	put("rcpthosts", "");
	assert_int_equal(control_list(&control, "rcpthosts", &list, 1), 1);
	assert_int_equal(list.len, 0);
	stralloc_free(&list);
}

static void
matches_domains(void **state)
{
	static struct {
		char const *domain;
		int has;
	} const cases[] = {
		{ "example.org", 1 },
		{ "EXAMPLE.org", 1 },
		{ "sub.example.org", 0 },
		{ "xexample.org", 0 },
		{ "example.or", 0 },
		{ "a.b.example", 1 },
		{ "x.a.B.example", 1 },
		{ "b.example", 0 },
		{ "ab.example", 0 },
		{ "", 0 },
	};
	stralloc list = STRALLOC_ZERO;

	(void)state;
	put("locals", "example.org\n.b.example\n");
	reopen();
	assert_int_equal(control_list(&control, "locals", &list, 1), 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    control_has_domain(&list, cases[i].domain, strlen(cases[i].domain)),
		    cases[i].has);
	assert_true(control_has(&list, "example.org", 11));
	assert_false(control_has(&list, "example.or", 10));
	assert_false(control_has(&list, "a.b.example", 11));
	stralloc_free(&list);
}

static void
names_file_line_and_remedy(void **state)
{
	static char line[CONTROL_LINE_MAX + 3];
	stralloc value = STRALLOC_ZERO;

	(void)state;
	put_bytes("locals", "a\nb\0c\n", 6);
	put("virtualdomains", "# x\n\nfine\nnot\r\n");
	put("smtproutes", "one\n# two\n\nthree\n");
	memset(line, 'x', sizeof line - 1);
	put("helohost", line);
	reopen();
	assert_int_equal(control_list(&control, "locals", &value, 1), -1);
	error_is("locals: line 2: holds a NUL: this file must be plain text");
	assert_int_equal(control_list(&control, "virtualdomains", &value, 1), -1);
	error_is(
	    "virtualdomains: line 4: holds a carriage return: save the file with Unix line ends");
	assert_int_equal(control_line(&control, "helohost", &value), -1);
	error_is("helohost: line 1: is longer than 4096 octets: make it shorter");
	line[CONTROL_LINE_MAX] = 0;
	put("helohost", line);
	assert_int_equal(control_line(&control, "helohost", &value), 1);
	assert_int_equal(value.len, CONTROL_LINE_MAX);
	assert_int_equal(control_bad_entry(&control, "smtproutes", 1, "is odd: make it even"), -1);
	error_is("smtproutes: line 4: is odd: make it even");
	assert_int_equal(control_bad(&control, "helohost", "is odd: make it even"), -1);
	error_is("helohost: line 1: is odd: make it even");
	stralloc_free(&value);
}

static void
refuses_what_is_no_file(void **state)
{
	stralloc value = STRALLOC_ZERO;

	(void)state;
	assert_int_equal(mkdir(path_of("directory"), 0755), 0);
	assert_int_equal(symlink("loop", path_of("loop")), 0);
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_int_equal(symlink("nowhere", path_of("dangling")), 0);
	reopen();
	assert_int_equal(control_line(&control, "directory", &value), -1);
	error_is("directory: cannot be read: Is a directory");
	assert_int_equal(control_line(&control, "loop", &value), -1);
	error_is("loop: cannot be opened: Too many levels of symbolic links");
	assert_int_equal(control_line(&control, "fifo", &value), 1); /* empty; no hang */
	assert_int_equal(control_line(&control, "dangling", &value), 0);
	stralloc_free(&value);
}

static void
bounds_a_file(void **state)
{
	stralloc list = STRALLOC_ZERO;
	FILE *f = fopen(path_of("rcpthosts"), "w");

	(void)state;
	assert_non_null(f);
	for (size_t i = 0; i < CONTROL_FILE_MAX; i += 16)
		fputs("aaaaaaa.example\n", f);
	fclose(f);
	reopen();
	assert_int_equal(control_list(&control, "rcpthosts", &list, 1), 1);
	assert_int_equal(list.len, CONTROL_FILE_MAX);
	f = fopen(path_of("rcpthosts"), "a");
	assert_non_null(f);
	fputs("x", f);
	fclose(f);
	assert_int_equal(control_list(&control, "rcpthosts", &list, 1), -1);
	error_is("rcpthosts: is longer than 4194304 octets: make it shorter");
	stralloc_free(&list);
}

static void
demands_a_name(void **state)
{
	stralloc me = STRALLOC_ZERO;

	(void)state;
	assert_int_equal(control_me(&control, &me), -1);
	error_is("me: there is no such file: write this host's full name into it, such as "
		 "mail.example.org");
	put("me", "two words\n");
	reopen();
	assert_int_equal(control_me(&control, &me), -1);
	error_is(
	    "me: line 1: \"two words\" is not a host name: write this host's full name, such as "
	    "mail.example.org");
	put("me", "\n");
	assert_int_equal(control_me(&control, &me), -1);
	put("me", "m\xc3\xbcller.example\n"); /* RFC 6531 3.7.1 */
	assert_int_equal(control_me(&control, &me), -1);
	put("me", "Mail.Example.ORG\n");
	assert_int_equal(control_me(&control, &me), 1);
	assert_string_equal(me.s, "mail.example.org");
	stralloc_free(&me);
}

static void
says_when_there_is_no_directory(void **state)
{
	struct control c;

	(void)state;
	assert_int_equal(control_open_at(&c, "/nowhere"), -1);
	assert_string_equal(
	    c.error, "/nowhere/control: cannot be opened: No such file or directory");
	control_close(&c);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(takes_the_first_line),
		cmocka_unit_test(keeps_the_default_without_a_file),
		cmocka_unit_test(sees_a_file_only_when_opened_after_it),
		cmocka_unit_test(finds_files_whose_names_do_not_fit),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(demands_a_name),
		cmocka_unit_test(reads_lists),
		cmocka_unit_test(matches_domains),
		cmocka_unit_test(names_file_line_and_remedy),
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(bounds_a_file),
		cmocka_unit_test(says_when_there_is_no_directory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
