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

#include "delivery.h"

static char home[] = "/tmp/delivery-XXXXXX";
static struct qmail q = { .lines = GENALLOC_ZERO };
static struct delivery d = { .qmail = &q, .alias_owner = "" };
static struct mail m;
static stralloc text = STRALLOC_ZERO;

static int
open_text(char const *instructions, struct answer *why)
{
	assert_true(stralloc_copys(&text, instructions));
	assert_int_equal(qmail_parse(&q, &text, 0), 1);
	return delivery_open(&d, "me.example", 1, why);
}

static struct {
	char const *instructions;
	enum delivery_needs needs;
	size_t trees;
} const cases[] = {
	{ "# none\n", DELIVERY_MAILDIR, 0 },
	{ "./M/\n", DELIVERY_MAILDIR, 1 },
	{ "./M/\n./N/\n", DELIVERY_FILES, 2 },
	{ "./mbox\n", DELIVERY_FILES, 0 },
	{ "./mbox\n./M/\n", DELIVERY_FILES, 1 },
	{ "./Quota/\n", DELIVERY_FILES, 2 },
	{ "|true\n", DELIVERY_PROCESS, 0 },
	{ "./M/\n&a@b\n", DELIVERY_PROCESS, 1 },
};

static void
needs_no_more_than_the_instructions(void **state)
{
	struct sandbox_tree trees[DELIVERY_TREES];
	struct answer a;

	(void)state;
	mkdir("Quota", 0700);
	mkdir("Quota/new", 0700);
	fclose(fopen("Quota/maildirsize", "w"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(open_text(cases[i].instructions, &a));
		assert_int_equal(delivery_needs(&d), cases[i].needs);
		assert_int_equal(delivery_trees(&d, trees), cases[i].trees);
	}
}

static void
makes_forwards_canonical(void **state)
{
	struct answer a;

	(void)state;
	assert_true(open_text("&A@B.C\nx\n&<y@z>\n", &a));
	assert_int_equal(d.forwards.len, sizeof "A@b.c\0x@me.example\0y@z");
	assert_memory_equal(d.forwards.s, "A@b.c\0x@me.example\0y@z", d.forwards.len);
	assert_false(open_text("&x y\n", &a));
	assert_string_equal(a.status, "4.3.5");
}

static void
fill_mail(size_t size)
{
	struct answer a;

	m.head.len = m.sender.len = 0;
	assert_true(stralloc_copys(&m.sender, "a@b") && stralloc_0(&m.sender));
	assert_true(qmail_return_path(&m.head, "a@b"));
	while (m.body.len < size) {
		int r = body_add(&m.body, "0123456\n", 8);

		if (!r)
			r = delivery_spill(&d, &m, &a) ? body_add(&m.body, "0123456\n", 8) : -1;
		assert_int_equal(r, 1);
	}
}

static void
delivers_in_order_and_counts(void **state)
{
	static size_t const sizes[] = { 8, BODY_BUFFER, BODY_BUFFER * 2 };
	struct answer a;
	struct stat st;

	(void)state;
	assert_true(open_text("./P/\n", &a));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char name[MAILDIR_NAME_MAX + 8];

		fill_mail(sizes[i]);
		delivery_run(&d, &m, &a);
		assert_int_equal(a.code, 'K');
		snprintf(name, sizeof name, "P/new/%s", d.maildir->name);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_size, m.head.len + sizes[i]);
		delivery_forget(&d, &m);
	}
	assert_true(open_text("./box\n./P/\n./box\n", &a));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		fill_mail(sizes[i]);
		delivery_run(&d, &m, &a);
		assert_string_equal(a.text, "did 3+0+0");
		delivery_forget(&d, &m);
	}
}

static int
enter(void **state)
{
	(void)state;
	body_init(&m.body);
	return !mkdtemp(home) || chdir(home);
}

static int
leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", home);
	return chdir("/") || system(command);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(needs_no_more_than_the_instructions),
		cmocka_unit_test(makes_forwards_canonical),
		cmocka_unit_test(delivers_in_order_and_counts),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
