/* fake - a spawner and its sinks, played by the test itself. Include cmocka.h before. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "sinks.h"
#include "stream.h"

#define FAKE_SINKS 32

static int fake_spawner;
static size_t fake_count; /* sinks handed out */
static struct fake_sink {
	struct stream stream;
	char name[SINKS_NAME_MAX + 1];
	int open;
} fake_sink[FAKE_SINKS];

/* fake_start - the channel's end of a new spawner. */
static inline int
fake_start(void)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	fake_spawner = fd[1];
	fake_count = 0;
	return fd[0];
}

static inline void
fake_close(struct fake_sink *k)
{
	if (k->open)
		close(k->stream.in);
	k->open = 0;
}

static inline void
fake_stop(void)
{
	for (size_t i = 0; i < fake_count; i++)
		fake_close(&fake_sink[i]);
	close(fake_spawner);
}

/* fake_request - the next request: 1 and its name, or 0: there is none. */
static inline int
fake_request(uint32_t *serial, char name[SINKS_NAME_MAX + 1])
{
	size_t len = 0;

	if (sinks_next_request(fake_spawner, serial, name, &len) != 1)
		return 0;
	name[len] = 0;
	return 1;
}

/* fake_give - answer a request with a new sink. */
static inline struct fake_sink *
fake_give(uint32_t serial, char const *name)
{
	struct fake_sink *const k = &fake_sink[fake_count++];
	struct answer a;
	int fd[2];

	assert_true(fake_count <= FAKE_SINKS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	stream_init(&k->stream, fd[1], fd[1]);
	snprintf(k->name, sizeof k->name, "%s", name);
	k->open = 1;
	stream_answer_set(&a, 'K', "2.0.0", "user=test");
	assert_int_equal(sinks_answer(fake_spawner, serial, &a, fd[0]), 1);
	close(fd[0]);
	return k;
}

/* fake_next - take the next request and give it a sink. */
static inline struct fake_sink *
fake_next(void)
{
	char name[SINKS_NAME_MAX + 1];
	uint32_t serial;

	assert_int_equal(fake_request(&serial, name), 1);
	return fake_give(serial, name);
}

static inline void
fake_refuse(char code, char const *status)
{
	char name[SINKS_NAME_MAX + 1];
	struct answer a;
	uint32_t serial;

	assert_int_equal(fake_request(&serial, name), 1);
	stream_answer_set(&a, code, status, "no sink");
	assert_int_equal(sinks_answer(fake_spawner, serial, &a, -1), 1);
}

/* fake_pump - what the channel's event loop does, once. */
static inline int
fake_pump(struct channel *ch, uint32_t now)
{
	struct pollfd set[FAKE_SINKS + 8];
	size_t const n = channel_poll(ch, set);
	int r;

	assert_true(CHANNEL_POLL_MAX(ch) <= sizeof set / sizeof *set);
	poll(set, n, 0);
	r = channel_events(ch, set, now);
	return r;
}

/* fake_frame - the next frame of a delivery must be of that type. */
static inline struct frame
fake_frame(struct fake_sink *k, enum stream_type type)
{
	struct frame f;

	assert_int_equal(stream_get(&k->stream, &f), STREAM_OK);
	assert_int_equal(f.type, type);
	return f;
}

/* fake_flight - read a whole delivery to so many recipients; the message must be text. */
static inline void
fake_flight(struct fake_sink *k, int rcpts, char const *text)
{
	char got[4096];
	struct frame f;

	fake_frame(k, STREAM_CLIENT);
	fake_frame(k, STREAM_MAIL);
	while (rcpts--)
		fake_frame(k, STREAM_RCPT);
	f = fake_frame(k, STREAM_FILE);
	if (text) {
		unsigned long long offset, len;

		memcpy(got, f.data, f.len);
		got[f.len] = 0;
		assert_int_equal(sscanf(got, "%llu %llu", &offset, &len), 2);
		assert_int_equal(len, strlen(text));
		assert_int_equal(pread(f.fd, got, sizeof got, (off_t)offset), (ssize_t)len);
		assert_memory_equal(got, text, len);
	}
	close(f.fd);
	fake_frame(k, STREAM_END);
}

static inline void
fake_answer(struct fake_sink *k, char code, char const *status, char const *text)
{
	assert_int_equal(stream_answer(&k->stream, code, status, text), 1);
	assert_int_equal(stream_flush(&k->stream), 1);
}

/* fake_accept - K for M and each R, then this for E. */
static inline void
fake_accept(struct fake_sink *k, int rcpts, char code, char const *status, char const *text)
{
	fake_answer(k, 'K', "2.1.0", "ok");
	while (rcpts--)
		fake_answer(k, 'K', "2.1.5", "ok");
	fake_answer(k, code, status, text);
}
