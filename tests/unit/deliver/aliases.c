#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aliases.h"

/* show - an alias as one text: NAME@LINE=KIND(text)@LINE …, to compare. */
static void
show(char *to, size_t max, struct aliases const *a, struct aliases_name const *name)
{
	struct aliases_target const *t = genalloc_s(struct aliases_target, &a->targets);
	size_t n = (size_t)snprintf(to, max, "%s@%zu=", a->pool.s + name->text, name->line);

	for (size_t i = name->first; i < name->first + name->count; i++)
		n += (size_t)snprintf(to + n, max - n, "%c(%s)@%zu ", "ALPFI"[t[i].kind],
		    a -> pool.s + t[i].text, t[i].line);
}

/* One file: what its first alias is, or its first mistake. */
static struct {
	char const *text, *want;
} const cases[] = {
	{ "a: b\n", "a@1=A(b)@1 " },
	{ "A : B@Host.Example , c", "a@1=A(B@host.example)@1 A(c)@1 " },
	{ "# x\n\n\na: b\n", "a@4=A(b)@4 " },
	{ "  # x\na: b\n", "a@2=A(b)@2 " },
	{ "a: b,\n c,\n# in between\n\n\td\ne: f\n", "a@1=A(b)@1 A(c)@2 A(d)@5 " },
	{ "a:\n  b\n", "a@1=A(b)@2 " },
	{ "a: b\n  # no target\n , c\n", "a@1=A(b)@1 A(c)@3 " },
	{ "\"A b\": \"c d\"@e.example\n", "a b@1=A(\"c d\"@e.example)@1 " },
	{ "a: \"b\"\n", "a@1=A(b)@1 " },
	{ "a: Joe <joe@x.example>, <b>\n", "a@1=A(joe@x.example)@1 A(b)@1 " },
	{ "a: \\a, b\n", "a@1=L(a)@1 A(b)@1 " },
	{ "a: |/bin/prog x y, b\n", "a@1=P(/bin/prog x y)@1 A(b)@1 " },
	{ "a: \"|/bin/prog x, \\\"y\\\"\"\n", "a@1=P(/bin/prog x, \"y\")@1 " },
	{ "a: |\"/bin/prog x, y\"\n", "a@1=P(/bin/prog x, y)@1 " },
	{ "a: |/bin/prog \"x, y\"\n", "a@1=P(/bin/prog \"x, y\")@1 " },
	{ "a: | /bin/prog\n", "a@1=P(/bin/prog)@1 " },
	{ "a: /var/mail/a, /m/, /dev/null\n", "a@1=F(/var/mail/a)@1 F(/m/)@1 F(/dev/null)@1 " },
	{ "a: \"/with a, comma\"\n", "a@1=F(/with a, comma)@1 " },
	{ "a: :include:/l, b\n", "a@1=I(/l)@1 A(b)@1 " },
	{ "a: b c\n", "1: has a target that is no address" },
	{ "a: b@\n", "1: has a target that is no address" },
	{ "a b\n", "1: does not begin with a name and a colon" },
	{ "a b: c\n", "1: does not begin with a name and a colon" },
	{ ": c\n", "1: does not begin with a name and a colon" },
	{ "\n  b: c\n", "2: begins with a blank" },
	{ "a:\n", "1: has nothing behind the colon" },
	{ "a: ,,\nb: c\n", "1: has nothing behind the colon" },
	{ "a@b.example: c\n", "1: has a domain before the colon" },
	{ "a: \"|prog\n \"\n", "1: has a quote that is not closed" },
	{ "a: b,\n \"c\n", "2: has a quote that is not closed" },
	{ "a: |\n", "1: has a bar without a program" },
	{ "a: :include:list\n", "1: has a path that is not absolute" },
	{ "a: :fail: x\n", "1: has a colon before a word" },
	{ "a: \\b@c.example\n", "1: has a domain behind a backslash" },
	{ "a: b\r\n", "1: holds a control octet" },
	{ "a: |x\001y\n", "1: holds a control octet" },
};

static void
reads_every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aliases a = ALIASES_ZERO;
		struct aliases_error e;
		size_t pos = 0, line = 0;
		char got[512];
		enum aliases_result const r = aliases_next(
		    &a, cases[i].text, strlen(cases[i].text), &pos, &line, &e);

		if (r == ALIASES_OK)
			show(got, sizeof got, &a, genalloc_s(struct aliases_name, &a.names));
		else
			snprintf(got, sizeof got, "%zu: %s", e.line, e.text);
		if (r == ALIASES_BAD)
			got[strlen(cases[i].want)] = 0;
		assert_string_equal(got, cases[i].want);
		if (r == ALIASES_BAD)
			assert_int_equal(genalloc_len(struct aliases_target, &a.targets), 0);
		aliases_free(&a);
	}
}

static void
goes_on_after_a_mistake(void **state)
{
	static char const text[] = "a: b\nnonsense\n more\n\nc: d\n";
	struct aliases a = ALIASES_ZERO;
	struct aliases_error e;
	size_t pos = 0, line = 0;
	char got[64];

	(void)state;
	assert_int_equal(aliases_next(&a, text, strlen(text), &pos, &line, &e), ALIASES_OK);
	assert_int_equal(aliases_next(&a, text, strlen(text), &pos, &line, &e), ALIASES_BAD);
	assert_int_equal(e.line, 2);
	assert_int_equal(aliases_next(&a, text, strlen(text), &pos, &line, &e), ALIASES_OK);
	show(got, sizeof got, &a, genalloc_s(struct aliases_name, &a.names) + 1);
	assert_string_equal(got, "c@5=A(d)@5 ");
	assert_int_equal(aliases_next(&a, text, strlen(text), &pos, &line, &e), ALIASES_END);
	aliases_free(&a);
}

static void
add(struct aliases *a, char const *text)
{
	struct aliases_error e;
	size_t pos = 0, line = 0;
	enum aliases_result r;

	while ((r = aliases_next(a, text, strlen(text), &pos, &line, &e)) == ALIASES_OK)
		;
	assert_int_equal(r, ALIASES_END);
}

static void
finds_names_and_doubles(void **state)
{
	struct aliases a = ALIASES_ZERO;
	struct aliases_error e;

	(void)state;
	assert_int_equal(aliases_sort(&a, &e), 1);
	assert_null(aliases_find(&a, "a"));
	add(&a, "c: x\nB: x\na: x\n\"D d\": x\n");
	assert_int_equal(aliases_sort(&a, &e), 1);
	assert_int_equal(aliases_find(&a, "a")->line, 3);
	assert_int_equal(aliases_find(&a, "b")->line, 2);
	assert_int_equal(aliases_find(&a, "c")->line, 1);
	assert_int_equal(aliases_find(&a, "d d")->line, 4);
	assert_null(aliases_find(&a, "B"));
	assert_null(aliases_find(&a, ""));
	add(&a, "x: y\n\nC: z\n");
	assert_int_equal(aliases_sort(&a, &e), 0);
	assert_int_equal(e.line, 3);
	aliases_free(&a);
}

static size_t reports;

static void
count(void *context, struct aliases_error const *e)
{
	assert_string_equal(context, "context");
	assert_int_equal(e->line, 4 + reports);
	reports++;
}

static void
lists_may_hold_addresses_only(void **state)
{
	static char context[] = "context";
	static char const list[] =
	    "# members\na@x.example, \\b\n\n|prog\n/file\n:include:/l\nc@\nd\n";
	struct aliases a = ALIASES_ZERO;
	struct aliases_target const *t;

	(void)state;
	add(&a, "l: :include:/l, z\n");
	assert_int_equal(aliases_list(&a, 0, list, strlen(list), count, context), ALIASES_BAD);
	assert_int_equal(reports, 4);
	t = genalloc_s(struct aliases_target, &a.targets);
	assert_int_equal(t[0].count, 3);
	assert_string_equal(a.pool.s + t[t[0].first].text, "a@x.example");
	assert_int_equal(t[t[0].first + 1].kind, ALIASES_PAST);
	assert_int_equal(t[t[0].first + 2].line, 8);
	assert_string_equal(a.pool.s + t[t[0].first + 2].file - 1, "/l");
	assert_int_equal(t[1].file, 0);
	assert_int_equal(aliases_list(&a, 0, "", 0, count, context), ALIASES_OK);
	aliases_free(&a);
}

static void
bounds_a_target(void **state)
{
	static char text[ALIASES_TEXT_MAX + 8] = "a: /";
	struct aliases a = ALIASES_ZERO;
	struct aliases_error e;
	size_t pos = 0, line = 0;

	(void)state;
	memset(text + 4, 'x', ALIASES_TEXT_MAX - 2);
	assert_int_equal(aliases_next(&a, text, strlen(text), &pos, &line, &e), ALIASES_OK);
	text[strlen(text)] = 'x';
	pos = line = 0;
	assert_int_equal(aliases_next(&a, text, strlen(text), &pos, &line, &e), ALIASES_BAD);
	aliases_free(&a);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(reads_every_case),
		cmocka_unit_test(goes_on_after_a_mistake),
		cmocka_unit_test(finds_names_and_doubles),
		cmocka_unit_test(lists_may_hold_addresses_only),
		cmocka_unit_test(bounds_a_target),
	};
	return cmocka_run_group_tests(tests, 0, 0);
}
