#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "qmail.h"

static struct qmail q = { .lines = GENALLOC_ZERO };
static stralloc text = STRALLOC_ZERO;

static int
parse(char const *s, int forward_only)
{
	assert_true(stralloc_copys(&text, s));
	return qmail_parse(&q, &text, forward_only);
}

static struct {
	char const *text;
	int forward_only;
	int result;
	char const *lines; /* M, B, P or F and the argument of each, ended by | */
} const cases[] = {
	{ "", 0, 1, "" },
	{ "./Maildir/", 0, 1, "M./Maildir/;" },
	{ "./Maildir/\n/var/mail/bob\n", 0, 1, "M./Maildir/;B/var/mail/bob;" },
	{ "# a\n#\n./x \t\r\n", 0, 1, "B./x;" },
	{ "./x\n\n\n./y\n", 0, 1, "B./x;B./y;" },
	{ "|a b  \n&c@d\nc@d\n9@d\n\"x y\"@d\n", 0, 1, "Pa b;Fc@d;Fc@d;F9@d;F\"x y\"@d;" },
	{ "/\n", 0, 1, "M/;" },
	{ "\n./x\n", 0, 0, 0 },
	{ "  \n./x\n", 0, 0, 0 },
	{ " ./x\n", 0, 0, 0 },
	{ "x@y\n.x\n", 0, 0, 0 },
	{ "|\n", 0, 0, 0 },
	{ "&\n", 0, 0, 0 },
	{ "?x\n", 0, 0, 0 },
	{ "+lists\n", 0, 0, 0 },
	{ "./x\n+list\n&a@b\n", 0, 1, "B./x;Fa@b;" },
	{ "+list\n./x\n", 0, 0, 0 },
	{ "&a@b\n", 1, 1, "Fa@b;" },
	{ "|x\n", 1, 0, 0 },
};

static void
parses_every_case(void **state)
{
	static char const kind[] = { 'M', 'B', 'P', 'F' };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		stralloc got = STRALLOC_ZERO;

		if (parse(cases[i].text, cases[i].forward_only) != cases[i].result)
			fail_msg("%s: %d", cases[i].text, !cases[i].result);
		if (cases[i].result != 1)
			continue;
		for (size_t j = 0; j < genalloc_len(struct qmail_line, &q.lines); j++) {
			struct qmail_line const *l = genalloc_s(struct qmail_line, &q.lines) + j;

			stralloc_append(&got, kind[l->kind]);
			stralloc_cats(&got, l->arg);
			stralloc_append(&got, ';');
		}
		stralloc_0(&got);
		assert_string_equal(got.s, cases[i].lines);
		stralloc_free(&got);
	}
}

static void
names_the_line_that_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(parse("./x\n# y\n?\n", 0), 0);
	assert_string_equal(q.error, "line 3 is no instruction");
	assert_true(stralloc_copyb(&text, "./x\na\0b\n", 8));
	assert_int_equal(qmail_parse(&q, &text, 0), 0);
	assert_string_equal(q.error, "line 2 holds a NUL");
}

static void
has_limits(void **state)
{
	(void)state;
	assert_true(stralloc_copys(&text, ""));
	for (size_t i = 0; i < QMAIL_FILES_MAX; i++)
		stralloc_cats(&text, "./x\n");
	assert_int_equal(qmail_parse(&q, &text, 0), 1);
	assert_int_equal(q.files, QMAIL_FILES_MAX);
	assert_true(stralloc_copys(&text, ""));
	for (size_t i = 0; i <= QMAIL_FILES_MAX; i++)
		stralloc_cats(&text, "./x\n");
	assert_int_equal(qmail_parse(&q, &text, 0), 0);
	stralloc_copys(&text, "");
	for (size_t i = 0; i <= QMAIL_LINES_MAX; i++)
		stralloc_cats(&text, "&a@b\n");
	assert_int_equal(qmail_parse(&q, &text, 0), 0);
	stralloc_copys(&text, "");
	for (size_t i = 0; i <= QMAIL_PROGRAMS_MAX; i++)
		stralloc_cats(&text, "|a\n");
	assert_int_equal(qmail_parse(&q, &text, 0), 0);
}

static void
names_files_in_order(void **state)
{
	static struct {
		char const *dash, *ext;
		char const *names[6];
		char const *rest[6];
	} const tries[] = {
		{ "", "", { ".qmail" }, { "" } },
		{ "-", "A.b-c-D",
		    { ".qmail-a:b-c-d", ".qmail-a:b-c-default", ".qmail-a:b-default",
			".qmail-default" },
		    { "", "D", "c-D", "A.b-c-D" } },
		{ "-", "a-", { ".qmail-a-", ".qmail-a-default", ".qmail-default" },
		    { "", "", "a-" } },
		{ "-", "../x", { ".qmail-:::x", ".qmail-default" }, { "", "../x" } },
		{ "", "x", { ".qmailx" }, { "" } },
	};
	char name[QMAIL_NAME_MAX];
	size_t rest;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		size_t n = 0;

		for (; tries[i].names[n]; n++) {
			assert_int_equal(
			    qmail_name(name, tries[i].dash, tries[i].ext, n, &rest), 1);
			assert_string_equal(name, tries[i].names[n]);
			assert_string_equal(tries[i].ext + rest, tries[i].rest[n]);
		}
		assert_int_equal(qmail_name(name, tries[i].dash, tries[i].ext, n, &rest), 0);
	}
}

static void
passes_over_names_that_no_file_has(void **state)
{
	char ext[QMAIL_NAME_MAX + 1];
	char name[QMAIL_NAME_MAX];
	size_t rest;

	(void)state;
	memset(ext, 'x', sizeof ext - 1);
	ext[sizeof ext - 1] = 0;
	assert_int_equal(qmail_name(name, "-", ext, 0, &rest), -1);
	assert_int_equal(qmail_name(name, "-", ext, 1, &rest), 1);
	assert_string_equal(name, ".qmail-default");
	ext[QMAIL_NAME_MAX - 1 - sizeof ".qmail-" + 1] = 0;
	assert_int_equal(qmail_name(name, "-", ext, 0, &rest), 1);
	assert_int_equal(strlen(name), QMAIL_NAME_MAX - 1);
}

static char const *
value(stralloc const *env, char const *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->len; i += strlen(env->s + i) + 1)
		if (!strncmp(env->s + i, name, len) && env->s[i + len] == '=')
			return env->s + i + len + 1;
	return 0;
}

static struct qmail_facts const facts = {
	.user = "bob",
	.home = "/home/bob",
	.recipient = "bob-a-b@x.y.z",
	.local = "bob-a-b",
	.host = "x.y.z",
	.ext = "a-b",
	.rest = "b",
	.sender = "() {\n}@c.d",
	.newsender = "",
	.path = "/bin",
	.now = 1795508617,
};

static void
makes_an_environment(void **state)
{
	static char const *const want[][2] = {
		{ "EXT", "a-b" },
		{ "EXT2", "b" },
		{ "EXT3", "" },
		{ "EXT4", "" },
		{ "DEFAULT", "b" },
		{ "HOST", "x.y.z" },
		{ "HOST2", "x.y" },
		{ "HOST3", "x" },
		{ "HOST4", "" },
		{ "LOCAL", "bob-a-b" },
		{ "RECIPIENT", "bob-a-b@x.y.z" },
		{ "SENDER", "_) {_}@c.d" },
		{ "DTLINE", "Delivered-To: bob-a-b@x.y.z\n" },
		{ "RPLINE", "Return-Path: <() {_}@c.d>\n" },
		{ "UFLINE", "From ()-{-}@c.d Tue Nov 24 08:23:37 2026\n" },
	};
	stralloc env = STRALLOC_ZERO;
	struct qmail_facts without = facts;
	size_t n = qmail_environment(&env, &facts);

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_string_equal(value(&env, want[i][0]), want[i][1]);
	env.len = 0;
	without.rest = 0;
	assert_int_equal(qmail_environment(&env, &without), n - 1);
	assert_null(value(&env, "DEFAULT"));
	stralloc_free(&env);
}

static void
names_new_senders(void **state)
{
	static struct {
		char const *sender;
		int owner;
		char const *want;
	} const tries[] = {
		{ "a@b", 0, "a@b" },
		{ "a@b", 1, "bob-a-b-owner@x.y.z" },
		{ "a@b", 2, "bob-a-b-owner-@x.y.z-@[]" },
		{ "", 2, "" },
		{ "#@[]", 1, "#@[]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct qmail_facts f = facts;
		stralloc to = STRALLOC_ZERO;

		f.sender = tries[i].sender;
		assert_true(qmail_newsender(&to, &f, tries[i].owner));
		assert_string_equal(to.s, tries[i].want);
		stralloc_free(&to);
	}
}

static void
writes_from_lines_as_mail_readers_expect(void **state)
{
	stralloc to = STRALLOC_ZERO;

	(void)state;
	assert_true(qmail_from_line(&to, "", 86400 * 2) && stralloc_0(&to));
	assert_string_equal(to.s, "From MAILER-DAEMON Sat Jan  3 00:00:00 1970\n");
	stralloc_free(&to);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(parses_every_case),
		cmocka_unit_test(names_the_line_that_is_wrong),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(names_files_in_order),
		cmocka_unit_test(passes_over_names_that_no_file_has),
		cmocka_unit_test(makes_an_environment),
		cmocka_unit_test(names_new_senders),
		cmocka_unit_test(writes_from_lines_as_mail_readers_expect),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
