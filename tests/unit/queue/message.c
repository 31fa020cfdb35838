#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "message.h"

static void
header_is_read_back(void **state)
{
	struct message_regions const in = { 128, UINT64_C(1) << 40, 96, 32 };
	struct message_regions out;
	char text[MESSAGE_HEADER_SIZE];

	(void)state;
	message_header(text, &in);
	assert_memory_equal(text,
	    "sallyport/1 00000000000000000128 00000001099511627776 00000000000000000096 "
	    "00000000000000000032\n",
	    sizeof text);
	assert_true(message_header_parse(&out, text, 128 + in.messagelen));
	assert_memory_equal(&in, &out, sizeof in);
}

static void
header_must_describe_the_file(void **state)
{
	static struct {
		struct message_regions r;
		uint64_t size;
		int ok;
	} const cases[] = {
		{ { 106, 5, 96, 10 }, 111, 1 },
		{ { 96, 5, 101, 10 }, 111, 1 },  /* the message first */
		{ { 96, 0, 96, 10 }, 106, 1 },   /* an empty message */
		{ { 106, 5, 96, 10 }, 110, 0 },  /* cut off */
		{ { 106, 5, 96, 10 }, 112, 0 },  /* something behind it */
		{ { 105, 5, 96, 10 }, 110, 0 },  /* they overlap */
		{ { 107, 5, 96, 10 }, 112, 0 },  /* a hole */
		{ { 0, 106, 106, 10 }, 116, 0 }, /* over the header */
		{ { 96, UINT64_MAX, 95, 10 }, 105, 0 },
		{ { UINT64_MAX, 97, 96, UINT64_MAX - 96 }, 96, 0 },
		{ { 96, 0, 96, (uint64_t)MESSAGE_ENVELOPE_MAX + 1 },
		    97 + (uint64_t)MESSAGE_ENVELOPE_MAX, 0 },
	};
	char text[MESSAGE_HEADER_SIZE];
	struct message_regions out;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		message_header(text, &cases[i].r);
		assert_int_equal(message_header_parse(&out, text, cases[i].size), cases[i].ok);
	}
	message_header(text, &cases[0].r);
	for (size_t i = 0; i < sizeof text; i++) { /* whatever octet is damaged */
		char const good = text[i];

		text[i] = 'x';
		assert_false(message_header_parse(&out, text, 111));
		text[i] = good;
	}
	memset(text + 12, '9', 20); /* more than 64 bits */
	assert_false(message_header_parse(&out, text, 111));
}

static void
ids_are_read_back_and_sort_by_time(void **state)
{
	static struct {
		uint64_t time, inode;
		char const *id;
	} const cases[] = {
		{ 0, 1, "00000000000-1" },
		{ 31, 32, "0000000000z-10" },
		{ UINT64_C(1795506329000000), 131072, "1k103jex620-4000" },
		{ (UINT64_C(1) << 55) - 1, UINT64_MAX, "zzzzzzzzzzz-fzzzzzzzzzzzz" },
	};
	uint64_t time, inode;
	char id[MESSAGE_ID_MAX], before[MESSAGE_ID_MAX] = "";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		message_id(id, cases[i].time, cases[i].inode);
		assert_string_equal(id, cases[i].id);
		assert_true(message_id_parse(id, strlen(id), &time, &inode));
		assert_true(time == cases[i].time && inode == cases[i].inode);
		assert_true(strcmp(before, id) < 0);
		memcpy(before, id, sizeof id);
	}
}

static void
what_is_no_id_is_refused(void **state)
{
	static char const *const cases[] = { "", "-", "00000000000", "00000000000-", "0000000000-1",
		"000000000000-1", "00000000000-0", "00000000000-01", "00000000000-1.",
		"00000000000-I", "00000000000-l", "0000000000/-1", "00000000000-g000000000000",
		"00000000000-10000000000000", "..", "../../etc/passwd", "00000000000-1\n" };
	uint64_t time, inode;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(message_id_parse(cases[i], strlen(cases[i]), &time, &inode));
	assert_false(message_id_parse("00000000000-1\0", 14, &time, &inode));
	assert_false(message_id_parse("00000000000\0001", 13, &time, &inode));
}

static void
times_grow_and_stay_in_their_directory(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (unsigned int i = 0; i < 10000; i++) {
		unsigned int const split = i % 7 % CONF_SPLIT;
		uint64_t const now = message_time(split);

		assert_true(now > last);
		assert_int_equal(message_split(now), split);
		last = now;
	}
	assert_true(message_birth(last) >= time(0));
	assert_true(message_birth(last) <= time(0) + 1);
}

static void
envelopes(void **state)
{
	static struct {
		char const *text;
		size_t len, rcpts; /* 0: damaged */
	} const cases[] = {
#define CASE(text, rcpts) { text, sizeof text - 1, rcpts }
		CASE("5:Ma@b\0,5:Rc@d\0,", 1),
		CASE("5:Ma@b\0,7:Ce=1\0xx,", 0),
		CASE("2:M\0,3:Rr\0,3:Rs\0,", 2),
		CASE("1:C,2:M\0,3:Rr\0,", 1),
		CASE("7:Cuid=0\0,2:M\0,3:Rr\0,", 1),
		CASE("7:Cuid=0\0,7:Cuid=0\0,2:M\0,3:Rr\0,", 0),
		CASE("7:Cuid=00,2:M\0,3:Rr\0,", 0), /* no NUL at the end */
		CASE("2:M\0,", 0),
		CASE("1:M,3:Rr\0,", 0),
		CASE("3:Rr\0,", 0),
		CASE("2:M\0,2:R\0,", 0),
		CASE("2:M\0,2:Rr,", 0),
		CASE("2:M\0,3:Rr\0,2:M\0,", 0),
		CASE("2:M\0,3:Rr\0", 0),
		CASE("2:M\0,3:Rr\0;", 0),
		CASE("2:M\0,03:Rr\0,", 0),
		CASE("2:M\0,0:,", 0),
		CASE("2:M\0,3Rr\0,", 0),
		CASE("2:M\0,99999999999999999999999:R", 0),
		CASE("2:M\0,3", 0),
		CASE("", 0),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct envelope e = { .frames = STRALLOC_ZERO };
		size_t const want = cases[i].rcpts;
		struct frame rcpt;
		size_t pos, n = 0;

		assert_true(stralloc_copyb(&e.frames, cases[i].text, cases[i].len));
		assert_int_equal(envelope_parse(&e), want > 0);
		for (pos = e.first; want && envelope_next(&e, &pos, &rcpt); n++)
			assert_int_equal(rcpt.type, STREAM_RCPT);
		assert_int_equal(n, want);
		stralloc_free(&e.frames);
	}
}

/* file - a file in memory: header, then the regions as r says. */
static int
file(struct message_regions const *r, char const *envelope, char fill)
{
	int fd = memfd_create("message", MFD_CLOEXEC);
	char header[MESSAGE_HEADER_SIZE];

	message_header(header, r);
	assert_int_equal(pwrite(fd, header, sizeof header, 0), sizeof header);
	for (uint64_t i = 0; i < r->messagelen; i++)
		assert_int_equal(pwrite(fd, &fill, 1, (off_t)(r->message + i)), 1);
	assert_int_equal(pwrite(fd, envelope, r->envelopelen, (off_t)r->envelope), r->envelopelen);
	return fd;
}

static void
reads_a_file_in_either_order(void **state)
{
	static char const frames[] = "7:Cuid=0\0,5:Ma@b\0,5:Rx@y\0,";
	size_t const len = sizeof frames - 1;
	struct message_regions const cases[] = {
		{ 96 + len, 10, 96, len }, { 96, 10, 106, len }, { 96, 0, 96, len },
		{ 96, 3990, 4086, len }, /* the envelope ends behind the first block … */
		{ 96, 9000, 9096, len }, /* … or begins there */
	};
	struct envelope e = { .frames = STRALLOC_ZERO };
	struct message_regions r;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = file(&cases[i], frames, 'x');

		assert_int_equal(message_read(fd, &r, &e), 1);
		assert_memory_equal(&r, &cases[i], sizeof r);
		assert_int_equal(e.frames.len, len);
		assert_memory_equal(e.frames.s, frames, len);
		assert_string_equal(e.sender, "a@b");
		assert_int_equal(e.senderlen, 3);
		assert_int_equal(e.client.len, 6);
		assert_int_equal(e.rcpts, 1);
		close(fd);
	}
	stralloc_free(&e.frames);
}

static void
reads_a_large_envelope(void **state)
{
	struct envelope e = { .frames = STRALLOC_ZERO };
	stralloc frames = STRALLOC_ZERO;
	struct message_regions r, out;
	struct frame rcpt;
	size_t pos, n = 0;
	int fd;

	(void)state;
	stralloc_catb(&frames, "2:M\0,", 5);
	for (unsigned int i = 0; i < 5000; i++)
		stralloc_catb(&frames, "8:Rabc@de\0,", 11);
	r = (struct message_regions){ 96 + frames.len, 3, 96, frames.len };
	fd = file(&r, frames.s, 'x');
	assert_int_equal(message_read(fd, &out, &e), 1);
	assert_int_equal(e.rcpts, 5000);
	for (pos = e.first; envelope_next(&e, &pos, &rcpt); n++)
		assert_memory_equal(rcpt.data, "abc@de", 7);
	assert_int_equal(n, 5000);
	close(fd);
	stralloc_free(&e.frames);
	stralloc_free(&frames);
}

static void
damage_is_no_crash(void **state)
{
	static char const frames[] = "7:Cuid=0\0,5:Ma@b\0,5:Rx@y\0,";
	size_t const len = sizeof frames - 1;
	struct message_regions const whole = { 96 + len, 10, 96, len };
	struct envelope e = { .frames = STRALLOC_ZERO };
	struct message_regions r;
	int fd = file(&whole, frames, 'x');
	int pipefd[2];

	(void)state;
	for (off_t size = (off_t)(96 + len + 9); size >= 0; size--) {
		assert_int_equal(ftruncate(fd, size), 0);
		assert_int_equal(message_read(fd, &r, &e), 0);
	}
	close(fd);
	assert_int_equal(message_read(fd, &r, &e), -1);
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(message_read(pipefd[0], &r, &e), 0);
	stralloc_free(&e.frames);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(header_is_read_back),
		cmocka_unit_test(header_must_describe_the_file),
		cmocka_unit_test(ids_are_read_back_and_sort_by_time),
		cmocka_unit_test(what_is_no_id_is_refused),
		cmocka_unit_test(times_grow_and_stay_in_their_directory),
		cmocka_unit_test(envelopes),
		cmocka_unit_test(reads_a_file_in_either_order),
		cmocka_unit_test(reads_a_large_envelope),
		cmocka_unit_test(damage_is_no_crash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
