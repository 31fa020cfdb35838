#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

/* The examples of mailstream(5), octet for octet. */
static char const example[] = "44:Cprotocol=ESMTP\0ip=192.0.2.7\0helo=crepes.fr\0,"
			      "39:Malice@crepes.fr\0BODY=8BITMIME\0SIZE=34\0,"
			      "19:Rbob@hamburger.edu\0,"
			      "35:Rnobody@hamburger.edu\0NOTIFY=NEVER\0,"
			      "35:DSubject: hi\n\nDo you like ketchup?\n,"
			      "1:X,"
			      "1:E,";
static char const example_text[] = "Subject: hi\n\nDo you like ketchup?\n";

#define EXAMPLE_LEN (sizeof example - 1)

static struct stream near, far; /* far's end is where the test writes and reads */
static int peer;                /* the descriptor of far's end */

static void
open_pair(int flags)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	if (flags)
		assert_int_equal(fcntl(fd[0], F_SETFL, flags), 0);
	stream_init(&near, fd[0], fd[0]);
	stream_init(&far, fd[1], fd[1]);
	peer = fd[1];
}

static void
close_pair(void)
{
	if (peer != -1)
		close(peer);
	peer = -1;
	close(near.in);
}

static void
feed(char const *data, size_t len)
{
	assert_int_equal(write(peer, data, len), (ssize_t)len);
}

static void
hang_up(void)
{
	close(peer);
	peer = -1;
}

/* open_fds - how many descriptors this process has, to see that none leaks. */
static int
open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
expect_frame(struct frame const *f, enum stream_type type, char const *data, size_t len)
{
	assert_int_equal(f->type, type);
	assert_int_equal(f->len, len);
	assert_memory_equal(f->data, data, len);
	assert_int_equal(f->fd, -1);
}

/* expect_example - read the example's frames; pieces of data may come in any size. */
static void expect_example(enum stream_result (*get)(struct frame *f))
{
	char text[sizeof example_text];
	size_t have = 0;
	struct frame f;

	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_CLIENT, "protocol=ESMTP\0ip=192.0.2.7\0helo=crepes.fr", 43);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_MAIL, "alice@crepes.fr\0BODY=8BITMIME\0SIZE=34", 38);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_RCPT, "bob@hamburger.edu", 18);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_RCPT, "nobody@hamburger.edu\0NOTIFY=NEVER", 34);
	while (have < sizeof example_text - 1) {
		assert_int_equal(get(&f), STREAM_OK);
		assert_int_equal(f.type, STREAM_DATA);
		assert_in_range(f.len, 1, sizeof example_text - 1 - have);
		memcpy(text + have, f.data, f.len);
		have += f.len;
	}
	assert_memory_equal(text, example_text, have);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_RESET, "", 0);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_END, "", 0);
}

static enum stream_result
get(struct frame *f)
{
	return stream_get(&near, f);
}

static void
reads_the_example(void **state)
{
	(void)state;
	open_pair(0);
	feed(example, EXAMPLE_LEN);
	expect_example(get);
	close_pair();
}

/* One octet at a time: whatever came so far is never lost, and never taken for a frame. */
static size_t fed;

static enum stream_result
get_dripping(struct frame *f)
{
	for (;;) {
		enum stream_result r = stream_get(&near, f);

		if (r != STREAM_ERROR || errno != EAGAIN || fed == EXAMPLE_LEN)
			return r;
		feed(example + fed++, 1);
	}
}

static void
reads_octet_by_octet(void **state)
{
	(void)state;
	fed = 0;
	open_pair(O_NONBLOCK);
	expect_example(get_dripping);
	close_pair();
}

/* Torn into two at every place, the first part read as far as it goes. */
static size_t torn_at;

static enum stream_result
get_torn(struct frame *f)
{
	enum stream_result r = stream_get(&near, f);

	if (r != STREAM_ERROR || errno != EAGAIN || fed == EXAMPLE_LEN)
		return r;
	feed(example + fed, EXAMPLE_LEN - fed);
	fed = EXAMPLE_LEN;
	return stream_get(&near, f);
}

static void
reads_torn_at_every_octet(void **state)
{
	(void)state;
	for (torn_at = 0; torn_at <= EXAMPLE_LEN; torn_at++) {
		open_pair(O_NONBLOCK);
		feed(example, torn_at);
		fed = torn_at;
		expect_example(get_torn);
		close_pair();
	}
}

/* ends_inside - whether the example cut after n octets ends inside a frame. */
static int
ends_inside(size_t n)
{
	size_t at = 0;

	while (at < n) {
		char *end;
		unsigned long len = strtoul(example + at, &end, 10);

		at = (size_t)(end - example) + 1 + len + 1;
	}
	return at != n;
}

static void
end_of_stream_at_every_octet(void **state)
{
	(void)state;
	for (size_t n = 0; n <= EXAMPLE_LEN; n++) {
		enum stream_result r;
		struct frame f;

		open_pair(0);
		feed(example, n);
		hang_up();
		errno = 0;
		while ((r = stream_get(&near, &f)) == STREAM_OK)
			;
		assert_int_equal(r, ends_inside(n) ? STREAM_ERROR : STREAM_EOF);
		if (r == STREAM_ERROR)
			assert_int_equal(errno, EPIPE);
		close_pair();
	}
}

static void
malformed_frames(void **state)
{
	static struct {
		char const *octets;
		size_t len;
	} const cases[] = {
#define CASE(s) { s, sizeof(s) - 1 }
		CASE(":E,"),   /* no length */
		CASE("0:,"),   /* no type */
		CASE("01:E,"), /* leading zero */
		CASE("00:,"), CASE("00"), CASE("0000000000:,"), CASE("01"), CASE("-1:E,"),
		CASE("+1:E,"), CASE(" 1:E,"), CASE("1 :E,"), CASE("0x1:E,"), CASE("\n1:E,"),
		CASE("1;E,"), CASE("1E"), CASE("\0"), CASE("\xff"), CASE("1:E;"), CASE("1:E1"),
		CASE("1:E\0"), /* no comma */
		CASE("2:E,"
		     "1:X,"), /* the comma is content, what follows is none */
		CASE("1:e,"), CASE("1:m,"), CASE("1:K,"), CASE("1:Z,"), CASE("1:A,"), CASE("1:\0,"),
		CASE("1:,,"), CASE("1:\xc5,"), CASE("1:d,"), /* no such type */
		CASE("4097:M"), /* too large: refused before its content */
		CASE("65536:M"), CASE("65537:R"), CASE("1073741824:M"),
		CASE("4294967296:M"),                       /* 2^32: nothing wraps */
		CASE("4294967297:M"), CASE("1073741826:D"), /* one more than STREAM_DATA_MAX */
		CASE("4294967297:D"), CASE("9999999999:D"), CASE("10000000000"),
		CASE("18446744073709551615:M"), /* 2^64 - 1 */
		CASE("18446744073709551616:D"), CASE("18446744073709551617:E"),
		CASE("99999999999999999999999999"), CASE("3:Dab."),
		CASE("1:D;"),   /* data without its comma */
		CASE("3:F0 ,"), /* no descriptor came along */
		CASE("\r\n"), CASE("HELO there\r\n"), CASE("EHLO x\r\n"), CASE("GET / HTTP/1.0\r\n")
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum stream_result r;
		struct frame f;

		open_pair(O_NONBLOCK);
		feed(cases[i].octets, cases[i].len);
		errno = 0;
		do
			r = stream_get(&near, &f);
		while (r == STREAM_OK && f.type == STREAM_DATA);
		if (r != STREAM_ERROR || errno != EPROTO)
			fail_msg(
			    "case %zu, %s: result %d, errno %d", i, cases[i].octets, (int)r, errno);
		close_pair();
	}
}

/* A length that may still become a good one is waited for, in silence. */
static void
unfinished_lengths(void **state)
{
	static char const *const cases[] = { "", "0", "1", "4096", "4096:", "1073741825",
		"1073741825:", "9999999999", "1:", "1:E", "1:D", "4096:M" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct frame f;

		open_pair(O_NONBLOCK);
		feed(cases[i], strlen(cases[i]));
		for (int again = 0; again < 3; again++) {
			assert_int_equal(stream_get(&near, &f), STREAM_ERROR);
			assert_int_equal(errno, EAGAIN);
		}
		close_pair();
	}
}

static void
largest_frame(void **state)
{
	static char frame[5 + STREAM_FRAME_MAX + 1], content[STREAM_FRAME_MAX];
	struct frame f;

	(void)state;
	memset(content, 'a', sizeof content);
	memcpy(frame, "4096:M", 6);
	memset(frame + 6, 'a', STREAM_FRAME_MAX - 1);
	frame[sizeof frame - 1] = ',';
	open_pair(0);
	feed(frame, sizeof frame);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_MAIL, content, STREAM_FRAME_MAX - 1);
	/* and it can be written, but nothing larger */
	assert_int_equal(stream_put(&far, STREAM_RCPT, content, STREAM_FRAME_MAX - 1), 1);
	errno = 0;
	assert_int_equal(stream_put(&far, STREAM_RCPT, content, STREAM_FRAME_MAX), 0);
	assert_int_equal(errno, EMSGSIZE);
	errno = 0;
	assert_int_equal(stream_data(&far, content, (size_t)STREAM_DATA_MAX + 1), 0);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(stream_flush(&far), 1);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_RCPT, content, STREAM_FRAME_MAX - 1);
	close_pair();
}

/* Small frames of all sizes, so that each boundary of the buffer falls into each part of one. */
static void *
write_many(void *arg)
{
	static char content[STREAM_FRAME_MAX];

	(void)arg;
	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (char)i;
	for (size_t i = 0; i < 20000; i++)
		if (!stream_put(&far, i % 2 ? STREAM_RCPT : STREAM_CLIENT, content,
			i * 7 % STREAM_FRAME_MAX))
			return &far;
	return stream_flush(&far) ? 0 : &far;
}

static void
many_frames_of_all_sizes(void **state)
{
	static char content[STREAM_FRAME_MAX];
	pthread_t writer;
	void *trouble;

	(void)state;
	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (char)i;
	open_pair(0);
	assert_int_equal(pthread_create(&writer, 0, write_many, 0), 0);
	for (size_t i = 0; i < 20000; i++) {
		struct frame f;

		assert_int_equal(get(&f), STREAM_OK);
		expect_frame(
		    &f, i % 2 ? STREAM_RCPT : STREAM_CLIENT, content, i * 7 % STREAM_FRAME_MAX);
	}
	pthread_join(writer, &trouble);
	assert_null(trouble);
	assert_int_equal(stream_pending(&near), 0);
	close_pair();
}

/* Data of any size, in frames of any size, comes out as the same octets. */
static size_t const piece[] = { 1, 0, 2, 65519, 65520, 65521, 65522, 65523, 65524, 65525, 65526,
	65527, 65528, 65529, 65530, 65531, 65532, 65533, 65534, 65535, 65536, 65537, 70000, 131072,
	131073, 1000000, 3, 10, 99, 100 };

static char big[1000000];

static void *
write_pieces(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < sizeof piece / sizeof *piece; i++)
		if (!stream_data(&far, big, piece[i]) || !stream_put(&far, STREAM_END, "", 0))
			return &far;
	return stream_flush(&far) ? 0 : &far;
}

static void
data_of_all_sizes(void **state)
{
	pthread_t writer;
	void *trouble;

	(void)state;
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * 31 + (i >> 9));
	open_pair(0);
	assert_int_equal(pthread_create(&writer, 0, write_pieces, 0), 0);
	for (size_t i = 0; i < sizeof piece / sizeof *piece; i++) {
		size_t have = 0;
		struct frame f;

		while (get(&f) == STREAM_OK && f.type == STREAM_DATA) {
			assert_in_range(f.len, 1, STREAM_BUFFER);
			assert_in_range(have + f.len, 1, piece[i]);
			assert_memory_equal(f.data, big + have, f.len);
			have += f.len;
		}
		assert_int_equal(f.type, STREAM_END);
		assert_int_equal(have, piece[i]);
	}
	pthread_join(writer, &trouble);
	assert_null(trouble);
	close_pair();
}

static void
empty_data_is_passed_over(void **state)
{
	struct frame f;

	(void)state;
	open_pair(0);
	feed("1:D,1:D,2:Dx,1:D,1:E,", 21);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_DATA, "x", 1);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_END, "", 0);
	close_pair();
}

static void
descriptor_comes_along(void **state)
{
	int const before = open_fds();
	char text[6] = "";
	struct frame f;
	int file[2];

	(void)state;
	open_pair(0);
	assert_int_equal(pipe(file), 0);
	assert_int_equal(write(file[1], "hello", 5), 5);
	assert_int_equal(stream_put(&far, STREAM_MAIL, "a@b\0", 4), 1);
	assert_int_equal(stream_put(&far, STREAM_RCPT, "c@d\0", 4), 1);
	assert_int_equal(stream_file(&far, file[0], UINT64_MAX, UINT64_MAX), 1);
	assert_int_equal(stream_put(&far, STREAM_END, "", 0), 1);
	assert_int_equal(stream_flush(&far), 1);
	close(file[0]);
	assert_int_equal(get(&f), STREAM_OK);
	assert_int_equal(f.fd, -1);
	assert_int_equal(get(&f), STREAM_OK);
	assert_int_equal(f.fd, -1);
	assert_int_equal(get(&f), STREAM_OK);
	assert_int_equal(f.type, STREAM_FILE);
	assert_int_equal(f.len, 41);
	assert_memory_equal(f.data, "18446744073709551615 18446744073709551615", 41);
	assert_int_not_equal(f.fd, -1);
	assert_int_equal(fcntl(f.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(read(f.fd, text, 5), 5);
	assert_string_equal(text, "hello");
	close(f.fd);
	close(file[1]);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_END, "", 0);
	close_pair();
	assert_int_equal(open_fds(), before);
}

/* send_fds - octets, and with them count copies of descriptor 0. */
static void
send_fds(char const *octets, size_t len, size_t count)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * 16)];
	} control = { .space = { 0 } };
	struct iovec part = { (char *)octets, len };
	struct msghdr msg = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = CMSG_SPACE(sizeof(int) * count),
	};
	int fds[16] = { 0 };

	control.align = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int) * count),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.align), fds, sizeof(int) * count);
	assert_int_equal(sendmsg(peer, &msg, 0), (ssize_t)len);
}

/* Too many descriptors, at the wrong time: never more than one of them stays open. */
static void
descriptors_do_not_pile_up(void **state)
{
	struct frame f;
	int before;

	(void)state;
	open_pair(0);
	before = open_fds();
	for (int i = 0; i < 50; i++) {
		send_fds("1:X,", 4, 1 + (size_t)i % 16);
		assert_int_equal(get(&f), STREAM_OK);
		assert_int_equal(f.fd, -1);
		assert_in_range(open_fds(), before, before + 1);
	}
	send_fds("4:F0 0,", 7, 16);
	assert_int_equal(get(&f), STREAM_OK);
	assert_int_equal(open_fds(), before + 1);
	close(f.fd);
	assert_int_equal(open_fds(), before);
	close_pair();
}

/* A sink that sends descriptors to its source fills no table either. */
static void
descriptors_with_answers_are_closed(void **state)
{
	struct answer a;
	int before;

	(void)state;
	open_pair(0);
	before = open_fds();
	for (int i = 0; i < 20; i++) {
		send_fds("6:K2.0.0,", 9, 3);
		assert_int_equal(stream_get_answer(&near, &a), STREAM_OK);
		assert_int_equal(open_fds(), before);
	}
	send_fds("6:", 2, 1);
	hang_up();
	assert_int_equal(stream_get_answer(&near, &a), STREAM_ERROR);
	assert_int_equal(open_fds(), before - 1);
	close_pair();
}

static void
descriptor_needs_a_socket(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	stream_init(&near, fd[0], fd[1]);
	errno = 0;
	assert_int_equal(stream_file(&near, 0, 0, 0), 0);
	assert_int_equal(errno, ENOTSOCK);
	close(fd[0]);
	close(fd[1]);
}

static void
works_over_pipes(void **state)
{
	static char content[3000];
	struct frame f;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	stream_init(&far, -1, fd[1]);
	stream_init(&near, fd[0], -1);
	assert_int_equal(stream_put(&far, STREAM_MAIL, "a@b", 4), 1);
	assert_int_equal(stream_data(&far, content, sizeof content), 1);
	assert_int_equal(stream_put(&far, STREAM_END, "", 0), 1);
	assert_int_equal(stream_flush(&far), 1);
	close(fd[1]);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_MAIL, "a@b", 4);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_DATA, content, sizeof content);
	assert_int_equal(get(&f), STREAM_OK);
	expect_frame(&f, STREAM_END, "", 0);
	assert_int_equal(get(&f), STREAM_EOF);
	assert_int_equal(get(&f), STREAM_EOF);
	close(fd[0]);
}

static void
time_over(void **state)
{
	struct timeval const limit = { .tv_usec = 20000 };
	struct answer a;
	struct frame f;

	(void)state;
	open_pair(0);
	setsockopt(near.in, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(get(&f), STREAM_ERROR);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(stream_get_answer(&near, &a), STREAM_ERROR);
	assert_int_equal(errno, EAGAIN);
	close_pair();
}

static void
peer_is_gone(void **state)
{
	struct frame f;

	(void)state;
	open_pair(0);
	hang_up();
	assert_int_equal(stream_put(&near, STREAM_MAIL, "", 1), 1);
	errno = 0;
	assert_int_equal(stream_flush(&near), 0); /* and no SIGPIPE */
	assert_int_equal(errno, EPIPE);
	assert_int_equal(stream_answer(&near, 'K', "2.0.0", "ok"), 1);
	errno = 0;
	assert_int_equal(get(&f), STREAM_ERROR); /* it flushes first */
	assert_int_equal(errno, EPIPE);
	errno = 0;
	assert_int_equal(stream_data(&near, big, sizeof big), 0);
	assert_int_equal(errno, EPIPE);
	errno = 0;
	assert_int_equal(stream_file(&near, 0, 0, 0), 0);
	assert_int_equal(errno, EPIPE);
	close_pair();
}

/* An answer that waits goes out before the sink sleeps. */
static void
answers_are_not_held_back(void **state)
{
	struct answer a;
	struct frame f;

	(void)state;
	open_pair(0);
	feed("5:Ma@b\0,", 8);
	assert_int_equal(get(&f), STREAM_OK);
	assert_int_equal(stream_answer(&near, 'K', "2.1.0", "ok"), 1);
	shutdown(peer, SHUT_WR);
	assert_int_equal(get(&f), STREAM_EOF);
	assert_int_equal(stream_get_answer(&far, &a), STREAM_OK);
	assert_int_equal(a.code, 'K');
	assert_string_equal(a.status, "2.1.0");
	assert_string_equal(a.text, "ok");
	close_pair();
}

static void
answers_there_and_back(void **state)
{
	static struct {
		char code;
		int single;
		char const *status, *text, *octets;
	} const cases[] = {
		{ 'K', 0, "2.1.0", "ok", "9:K2.1.0 ok," },
		{ 'K', 1, "2.1.5", "delivered", "16:k2.1.5 delivered," },
		{ 'Z', 1, "4.2.2", "mailbox is full", "22:z4.2.2 mailbox is full," },
		{ 'D', 1, "5.123.456", "", "11:d5.123.456 ," },
		{ 'D', 0, "5.1.1", "no such mailbox here", "27:D5.1.1 no such mailbox here," },
	};

	(void)state;
	open_pair(0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char octets[64] = "";
		struct answer a, b;

		stream_answer_set(&a, cases[i].code, cases[i].status, cases[i].text);
		assert_int_equal(a.single, 0);
		a.single = cases[i].single;
		assert_int_equal(stream_put_answer(&far, &a), 1);
		assert_int_equal(stream_flush(&far), 1);
		assert_int_equal(recv(near.in, octets, sizeof octets - 1, MSG_PEEK),
		    (ssize_t)strlen(cases[i].octets));
		assert_string_equal(octets, cases[i].octets);
		assert_int_equal(stream_get_answer(&near, &b), STREAM_OK);
		assert_int_equal(b.code, cases[i].code);
		assert_int_equal(!b.single, !cases[i].single);
		assert_string_equal(b.status, cases[i].status);
		assert_string_equal(b.text, cases[i].text);
	}
	close_pair();
}

static void
malformed_answers(void **state)
{
	static struct {
		char const *octets;
		size_t len;
	} const cases[] = { CASE("0:,"), CASE("1:K,"), CASE("2:K ,"), CASE("5:K ok ,"),
		CASE("6:K4.0.0,"), CASE("6:Z2.0.0,"),
		CASE("6:D4.0.0,"), /* class and code disagree */
		CASE("6:A2.0.0,"),
		CASE("6:\0"
		     "2.0.0,"),
		CASE("6:M2.0.0,"),
		CASE("6:\xcb"
		     "2.0.0,"),
		CASE("5:K2.0.,"), CASE("5:K.0.0,"), CASE("4:K2.0,"), CASE("2:K2,"),
		CASE("6:K2..00,"), CASE("7:K2.01.0,"), CASE("7:K2.0.01,"), CASE("8:K2.0.0.0,"),
		CASE("9:K2.0.1234,"), CASE("9:K2.1234.0,"), CASE("7:K22.0.0,"), CASE("6:K2.0.x,"),
		CASE("6:K2.-1.,"), CASE("9:K2.0.0\tok,"), CASE("7:K2.0.0\n,"), CASE("06:K2.0.0,"),
		CASE("4097:K"), CASE("6:K2.0.0;"), CASE("99999999999"),
		CASE("20:K2.000000000000000.0 ,"), CASE("x") };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum stream_result r;
		struct answer a;

		open_pair(O_NONBLOCK);
		feed(cases[i].octets, cases[i].len);
		errno = 0;
		r = stream_get_answer(&near, &a);
		if (r != STREAM_ERROR || errno != EPROTO)
			fail_msg(
			    "case %zu, %s: result %d, errno %d", i, cases[i].octets, (int)r, errno);
		close_pair();
	}
}

static void
answers_torn_at_every_octet(void **state)
{
	static char const two[] = "9:K2.1.0 ok,22:z4.2.2 mailbox is full,";

	(void)state;
	for (size_t n = 0; n < sizeof two - 1; n++) {
		struct answer a;

		open_pair(O_NONBLOCK);
		feed(two, n);
		if (n < 12) {
			assert_int_equal(stream_get_answer(&near, &a), STREAM_ERROR);
			assert_int_equal(errno, EAGAIN);
			assert_int_equal(stream_has_answer(&near), 0);
		} else {
			assert_int_equal(stream_get_answer(&near, &a), STREAM_OK);
			assert_int_equal(stream_has_answer(&near), 0);
			assert_int_equal(stream_get_answer(&near, &a), STREAM_ERROR);
			assert_int_equal(errno, EAGAIN);
		}
		feed(two + n, sizeof two - 1 - n);
		if (n < 12)
			assert_int_equal(stream_get_answer(&near, &a), STREAM_OK);
		if (n < 12)
			assert_int_equal(stream_has_answer(&near), 1);
		assert_int_equal(stream_get_answer(&near, &a), STREAM_OK);
		assert_int_equal(a.code, 'Z');
		assert_string_equal(a.text, "mailbox is full");
		assert_int_equal(stream_has_answer(&near), 0);
		close_pair();
	}
	for (size_t n = 0; n < 12; n++) {
		struct answer a;

		open_pair(0);
		feed(two, n);
		hang_up();
		errno = 0;
		assert_int_equal(stream_get_answer(&near, &a), n ? STREAM_ERROR : STREAM_EOF);
		if (n)
			assert_int_equal(errno, EPIPE);
		close_pair();
	}
}

/* What cannot become an answer is not waited for. */
static void
has_answer_sees_trouble(void **state)
{
	struct answer a;

	(void)state;
	open_pair(O_NONBLOCK);
	feed("9:K2.1.0 ok,x", 13);
	assert_int_equal(stream_get_answer(&near, &a), STREAM_OK);
	assert_int_equal(stream_has_answer(&near), 1);
	assert_int_equal(stream_get_answer(&near, &a), STREAM_ERROR);
	assert_int_equal(errno, EPROTO);
	close_pair();
}

static void
answer_text_is_tamed(void **state)
{
	static char text[5000], octets[STREAM_ANSWER_MAX + 100];
	struct answer a;
	size_t len;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	memcpy(text, "a\r\nb\t\x1b[2J\x7f", 10);
	stream_answer_set(&a, 'D', "5.6.0", text);
	assert_int_equal(strlen(a.text), STREAM_TEXT_MAX);
	assert_memory_equal(a.text, "a  b  [2J ", 10);
	len = stream_answer_fmt(octets, &a);
	assert_in_range(len, 1, STREAM_ANSWER_MAX);
	assert_int_equal(len, 1 + 5 + 1 + STREAM_TEXT_MAX);
	/* a status longer than any is cut, not overrun */
	stream_answer_set(&a, 'D', "5.11111111111111111111111111", text);
	assert_in_range(stream_answer_fmt(octets, &a), 1, STREAM_ANSWER_MAX);
	/* from a peer: as long as the frame allows, with a NUL in it */
	memset(octets, 'y', sizeof octets);
	memcpy(octets, "K2.0.0 a\0b", 10);
	assert_int_equal(stream_answer_parse(&a, octets, sizeof octets), 1);
	assert_int_equal(strlen(a.text), STREAM_TEXT_MAX);
	assert_memory_equal(a.text, "a b", 3);
}

static void
fields(void **state)
{
	static char const text[] = "a=1\0\0b=2\0no end";
	struct frame const whole = { STREAM_CLIENT, text, 9, -1 };
	struct frame const cut = { STREAM_CLIENT, text, sizeof text - 1, -1 };
	struct frame const empty = { STREAM_CLIENT, text, 0, -1 };
	size_t pos = 0, len = 99;

	(void)state;
	assert_ptr_equal(stream_field(&whole, &pos, &len), text);
	assert_int_equal(len, 3);
	assert_ptr_equal(stream_field(&whole, &pos, &len), text + 4);
	assert_int_equal(len, 0);
	assert_ptr_equal(stream_field(&whole, &pos, &len), text + 5);
	assert_int_equal(len, 3);
	assert_null(stream_field(&whole, &pos, &len));
	assert_null(stream_field(&whole, &pos, &len));
	pos = 9;
	assert_ptr_equal(stream_field(&cut, &pos, &len), text + 9);
	assert_int_equal(len, 6);
	assert_null(stream_field(&cut, &pos, &len));
	assert_null(stream_field(&cut, &pos, &len));
	pos = 0;
	assert_null(stream_field(&empty, &pos, &len));
}

/* Random octets, and the example with octets changed: any result, but no crash and no hang. */
static void
hostile_octets(void **state)
{
	unsigned int seed = 20261124;
	char octets[EXAMPLE_LEN];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct answer a;
		struct frame f;
		int frames = 0;

		memcpy(octets, example, sizeof octets);
		for (int i = 0; i <= round % 5; i++) {
			seed = seed * 1103515245 + 12345;
			octets[(seed >> 8) % sizeof octets] = (char)(seed >> 24);
		}
		open_pair(O_NONBLOCK);
		feed(octets, sizeof octets);
		hang_up();
		if (round % 2)
			while (stream_get(&near, &f) == STREAM_OK) {
				size_t pos = 0, len;

				assert_in_range(++frames, 1, EXAMPLE_LEN);
				while (stream_field(&f, &pos, &len))
					;
			}
		else
			while (stream_get_answer(&near, &a) == STREAM_OK)
				assert_in_range(++frames, 1, EXAMPLE_LEN);
		close_pair();
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(reads_the_example),
		cmocka_unit_test(reads_octet_by_octet),
		cmocka_unit_test(reads_torn_at_every_octet),
		cmocka_unit_test(end_of_stream_at_every_octet),
		cmocka_unit_test(malformed_frames),
		cmocka_unit_test(unfinished_lengths),
		cmocka_unit_test(largest_frame),
		cmocka_unit_test(many_frames_of_all_sizes),
		cmocka_unit_test(data_of_all_sizes),
		cmocka_unit_test(empty_data_is_passed_over),
		cmocka_unit_test(descriptor_comes_along),
		cmocka_unit_test(descriptors_do_not_pile_up),
		cmocka_unit_test(descriptors_with_answers_are_closed),
		cmocka_unit_test(descriptor_needs_a_socket),
		cmocka_unit_test(works_over_pipes),
		cmocka_unit_test(time_over),
		cmocka_unit_test(peer_is_gone),
		cmocka_unit_test(answers_are_not_held_back),
		cmocka_unit_test(answers_there_and_back),
		cmocka_unit_test(malformed_answers),
		cmocka_unit_test(answers_torn_at_every_octet),
		cmocka_unit_test(has_answer_sees_trouble),
		cmocka_unit_test(answer_text_is_tamed),
		cmocka_unit_test(fields),
		cmocka_unit_test(hostile_octets),
	};

	return cmocka_run_group_tests_name("lib/stream", tests, 0, 0);
}
