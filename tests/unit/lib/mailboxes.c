/* unit tests of lib/mailboxes: the addresses in a header field */
#include "mailboxes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* all - every address of the text, with a blank behind each; "!" where it is no list. */
static char const *
all(char const *text)
{
	static char found[4096];
	struct mailbox m;
	size_t pos = 0;
	int r;

	*found = 0;
	while ((r = mailboxes_next(text, strlen(text), &pos, &m)) == 1) {
		assert_int_equal(m.len, strlen(m.spec));
		assert_int_equal(m.qualified, strchr(m.spec, '@') != 0);
		strcat(strcat(found, m.spec), " ");
	}
	return r ? strcat(found, "!") : found;
}

static void
lists(void **state)
{
	static struct {
		char const *text, *want;
	} const cases[] = {
		{ "", "" },
		{ " \n\t", "" },
		{ "bob", "bob " },
		{ " bob@hamburger.edu \n", "bob@hamburger.edu " },
		{ "a@b, c@d,e@f", "a@b c@d e@f " },
		{ ",, a@b ,,", "a@b " },
		{ "Bob Smith <bob@x>", "bob@x " },
		{ "\"Smith, Bob\" <bob@x>, carol", "bob@x carol " },
		{ "Bob (the <best>, really) <bob@x> (yes)", "bob@x " },
		{ "bob@x (a (nested) comment)", "bob@x " },
		{ "(c) bob (c) @ (c) x . (c) edu", "bob@x.edu " },
		{ "\"a b\"@x", "\"a b\"@x " },
		{ "\"a\\\"b\"@x", "\"a\\\"b\"@x " },
		{ "bob@[192.0.2.1], x", "bob@[192.0.2.1] x " },
		{ "<@r1,@r2:bob@x>", "bob@x " },
		{ "friends: a@b, C <c@d>; e@f", "a@b c@d e@f " },
		{ "undisclosed-recipients:;", "" },
		{ "<>", "" },
		{ "Bob <bob@x>,\n Carol <carol@y>", "bob@x carol@y " },
		{ "bob smith", "!" },
		{ "a@b, bob smith, c@d", "a@b !" },
		{ "\"bob", "!" },
		{ "bob (oops", "!" },
		{ "bob (oops\\", "!" },
		{ "<bob", "!" },
		{ "bob>", "!" },
		{ "<a<b>", "!" },
		{ "<a> <b>", "!" },
		{ "bob@[1", "!" },
		{ "<a;b>", "!" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(all(cases[i].text), cases[i].want);
}

/* Where a missing domain goes. */
static void
ends(void **state)
{
	static struct {
		char const *text;
		size_t end;
	} const cases[] = {
		{ "bob", 3 },
		{ " bob  (x)", 4 },
		{ "Bob <bob> x", 8 },
		{ "\"a b\" (x)", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mailbox m;
		size_t pos = 0;

		assert_int_equal(mailboxes_next(cases[i].text, strlen(cases[i].text), &pos, &m), 1);
		assert_int_equal(m.end, cases[i].end);
	}
}

static void
too_long(void **state)
{
	static char text[2 * ADDRESS_MAX];
	struct mailbox m;
	size_t pos = 0;

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(mailboxes_next(text, ADDRESS_MAX, &pos, &m), 1);
	assert_int_equal(m.len, ADDRESS_MAX);
	pos = 0;
	assert_int_equal(mailboxes_next(text, ADDRESS_MAX + 1, &pos, &m), -1);
	memcpy(text + sizeof text - 4, " <b>", 4); /* as a name it may be long */
	pos = 0;
	assert_int_equal(mailboxes_next(text, sizeof text, &pos, &m), 1);
	assert_string_equal(m.spec, "b");
}

/* A NUL is in no address; in a comment it says nothing. */
static void
nul(void **state)
{
	struct mailbox m;
	size_t pos = 0;

	(void)state;
	assert_int_equal(mailboxes_next("bob\0@x", 6, &pos, &m), -1);
	assert_int_equal(mailboxes_next("\0", 1, &pos, &m), -1);
	assert_int_equal(mailboxes_next("\"b\0b\"@x", 7, &pos, &m), -1);
	assert_int_equal(pos, 0);
	assert_int_equal(mailboxes_next("(\0) bob", 7, &pos, &m), 1);
	assert_string_equal(m.spec, "bob");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(ends),
		cmocka_unit_test(too_long),
		cmocka_unit_test(nul),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
