#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "body.h"

static struct body b;

static void
same(char const *want, size_t len)
{
	size_t n;

	assert_int_equal(b.len, len);
	for (uint64_t at = 0; at < b.len; at += n) {
		char const *s = body_piece(&b, at, &n);

		assert_non_null(s);
		assert_true(n && at + n <= len);
		assert_memory_equal(s, want + at, n);
	}
}

static struct {
	char const *text;
	int ok;
} const places[] = {
	{ "0 0", 1 },
	{ "96 34", 1 },
	{ "9223372036854775807 0", 1 },
	{ "9223372036854775807 1", 0 },
	{ "18446744073709551615 18446744073709551615", 0 },
	{ "18446744073709551616 0", 0 },
	{ "", 0 },
	{ "1", 0 },
	{ "1 ", 0 },
	{ " 1 1", 0 },
	{ "1  1", 0 },
	{ "01 1", 0 },
	{ "1 01", 0 },
	{ "1 1 ", 0 },
	{ "+1 1", 0 },
	{ "1 -1", 0 },
};

static void
reads_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct frame f = { STREAM_FILE, places[i].text, strlen(places[i].text), dup(0) };

		if (body_file(&b, &f) != places[i].ok)
			fail_msg("%s", places[i].text);
		body_clear(&b);
		assert_int_equal(fcntl(f.fd, F_GETFD), -1);
	}
}

static void
spills_what_outgrows_memory(void **state)
{
	static char text[BODY_BUFFER * 3];
	size_t const piece = 1000;
	size_t at = 0;
	int r;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7 + i / 251);
	while (at + piece < sizeof text) {
		r = body_add(&b, text + at, piece);
		if (!r) {
			assert_true(at + piece > BODY_BUFFER);
			assert_int_equal(body_spill_memory(&b), 1);
			r = body_add(&b, text + at, piece);
		}
		assert_int_equal(r, 1);
		at += piece;
	}
	same(text, at);
	same(text, at);
	body_clear(&b);
}

static void
seals_the_message_alone(void **state)
{
	int fd = memfd_create("x", 0);
	struct frame f = { STREAM_FILE, "6 4", 3, fd };
	char got[16];
	int sealed;

	(void)state;
	assert_int_equal(write(fd,
			     "secret"
			     "mail"
			     "secret",
			     16),
	    16);
	assert_true(body_file(&b, &f));
	sealed = body_sealed(&b);
	assert_int_equal(body_sealed(&b), sealed);
	assert_int_equal(pread(sealed, got, sizeof got, 0), 4);
	assert_memory_equal(got, "mail", 4);
	assert_int_equal(pwrite(sealed, "x", 1, 0), -1);
	assert_int_equal(ftruncate(sealed, 0), -1);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 16);
	same("mail", 4);
	body_clear(&b);
}

static void
notices_a_file_that_is_too_short(void **state)
{
	int fd = memfd_create("x", 0);
	struct frame f = { STREAM_FILE, "2 4", 3, fd };
	size_t n;

	(void)state;
	assert_int_equal(write(fd, "1234", 4), 4);
	assert_true(body_file(&b, &f));
	assert_non_null(body_piece(&b, 0, &n));
	assert_int_equal(n, 2);
	assert_null(body_piece(&b, 2, &n));
	assert_int_equal(errno, ENODATA);
	assert_int_equal(body_sealed(&b), -1);
	body_clear(&b);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(reads_places),
		cmocka_unit_test(spills_what_outgrows_memory),
		cmocka_unit_test(seals_the_message_alone),
		cmocka_unit_test(notices_a_file_that_is_too_short),
	};
	body_init(&b);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
