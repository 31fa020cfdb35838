#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mbox.h"

static struct {
	char const *in, *out;
} const cases[] = {
	{ "", "\n" },
	{ "a\n", "a\n\n" },
	{ "a", "a\n\n" },
	{ "From \n", ">From \n\n" },
	{ "From a\nFrom b", ">From a\n>From b\n\n" },
	{ ">>From a\n", ">>>From a\n\n" },
	{ "> From a\n", "> From a\n\n" },
	{ "x From a\n", "x From a\n\n" },
	{ "From\nFromm \n", "From\nFromm \n\n" },
	{ "\n\nFrom ", "\n\n>From \n\n" },
	{ "Fro", "Fro\n\n" },
	{ "From", "From\n\n" },
	{ ">", ">\n\n" },
	{ "FFrom \nFrFrom \n", "FFrom \nFrFrom \n\n" },
	{ "Fr>From \n", "Fr>From \n\n" },
};

/* Each case, cut into pieces of every length. */
static void
quotes_in_any_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].in);

		for (size_t piece = 1; piece <= len + 1; piece++) {
			char out[256];
			size_t n = 0;
			struct mbox_quote q;

			mbox_quote_init(&q);
			for (size_t at = 0; at < len; at += piece) {
				size_t take = len - at < piece ? len - at : piece;
				size_t got = mbox_quote(&q, cases[i].in + at, take, out + n);

				assert_true(got <= mbox_quote_room(take));
				n += got;
			}
			n += mbox_quote_end(&q, out + n);
			out[n] = 0;
			assert_string_equal(out, cases[i].out);
		}
	}
}

static void
has_room_for_the_worst(void **state)
{
	static char in[6 * 1000], out[mbox_quote_room(sizeof in)];
	struct mbox_quote q;

	(void)state;
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = "From \n"[i % 6];
	mbox_quote_init(&q);
	assert_int_equal(mbox_quote(&q, in, sizeof in, out), sizeof in + 1000);
}

static void
appends_and_opens_only_files(void **state)
{
	char path[] = "/tmp/mbox-XXXXXX";
	struct answer a;
	struct mbox m;
	struct stat st;
	stralloc head = STRALLOC_ZERO;
	static struct body b;

	(void)state;
	close(mkstemp(path));
	assert_true(mbox_open(&m, path, &a));
	stralloc_copys(&head, "From a\n");
	body_init(&b);
	assert_int_equal(body_add(&b, "x\n", 2), 1);
	assert_true(mbox_deliver(&m, &head, &b, &a));
	assert_true(mbox_deliver(&m, &head, &b, &a));
	assert_int_equal(fstat(m.fd, &st), 0);
	assert_int_equal(st.st_size, 20);
	unlink(path);
	assert_false(mbox_deliver(&m, &head, &b, &a));
	assert_string_equal(a.status, "4.2.1");
	close(m.fd);
	assert_false(mbox_open(&m, "/dev/null", &a));
	assert_false(mbox_open(&m, "/tmp", &a));
	stralloc_free(&head);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(quotes_in_any_pieces),
		cmocka_unit_test(has_room_for_the_worst),
		cmocka_unit_test(appends_and_opens_only_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
