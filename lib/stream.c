#include "stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#define LENGTH_DIGITS 10                  /* of STREAM_DATA_MAX + 1, in decimal */
#define HEADER_MAX    (LENGTH_DIGITS + 2) /* digits, colon, type */

static char comma[] = ",";

void
stream_init(struct stream *s, int in, int out)
{
	s->in = in;
	s->out = out;
	s->passed = -1;
	s->left = 0;
	s->in_data = 0;
	s->start = s->end = s->used = 0;
}

size_t
stream_pending(struct stream const *s)
{
	return s->end - s->start;
}

/* take_descriptor - keep the first descriptor of a message, close what is too many. */
static void
take_descriptor(struct stream *s, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (s->passed == -1)
				s->passed = fd;
			else
				close(fd);
		}
	}
}

/* receive - read once, with whatever descriptor comes along; a pipe has none. */
static ssize_t
receive(struct stream *s, char *to, size_t max)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { to, max };
	struct msghdr msg = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = CMSG_LEN(sizeof(int)), /* not CMSG_SPACE: two would fit */
	};
	ssize_t r;

	do
		r = recvmsg(s->in, &msg, MSG_CMSG_CLOEXEC);
	while (r == -1 && errno == EINTR);
	if (r >= 0)
		take_descriptor(s, &msg);
	else if (errno == ENOTSOCK)
		r = fd_read(s->in, to, max);
	return r;
}

/* fill - at least one more octet; STREAM_EOF and STREAM_ERROR as read says. */
static enum stream_result
fill(struct stream *s)
{
	ssize_t r;

	if (s->start == s->end)
		s->start = s->end = 0;
	if (s->end == sizeof s->inbuf) {
		memmove(s->inbuf, s->inbuf + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	if (!stream_flush(s))
		return STREAM_ERROR;
	r = receive(s, s->inbuf + s->end, sizeof s->inbuf - s->end);
	if (r <= 0)
		return r ? STREAM_ERROR : STREAM_EOF;
	s->end += (size_t)r;
	return STREAM_OK;
}

static enum stream_result
malformed(void)
{
	errno = EPROTO;
	return STREAM_ERROR;
}

/*
 * length - the netstring length in front of the unread octets: 1 and *len, *used
 * (digits and colon), 0 if more octets are needed, -1 if it is none (a leading
 * zero, no digit, too many digits).
 */
static int
length(struct stream const *s, uint64_t *len, size_t *used)
{
	char const *p = s->inbuf + s->start;
	size_t n = stream_pending(s);
	uint64_t value = 0;
	size_t i = 0;

	while (i < n && i < LENGTH_DIGITS && p[i] >= '0' && p[i] <= '9')
		value = value * 10 + (uint64_t)(p[i++] - '0');
	if (i == n && i < LENGTH_DIGITS)
		return i > 1 && *p == '0' ? -1 : 0;
	if (i == n)
		return 0;
	if (!i || p[i] != ':' || (i > 1 && *p == '0'))
		return -1;
	*len = value;
	*used = i + 1;
	return 1;
}

/* need - have at least n unread octets; the end of the stream is an error here. */
static enum stream_result
need(struct stream *s, size_t n)
{
	while (stream_pending(s) < n) {
		enum stream_result r = fill(s);

		if (r == STREAM_EOF)
			errno = EPIPE;
		if (r != STREAM_OK)
			return STREAM_ERROR;
	}
	return STREAM_OK;
}

/* more_data - the next piece of the D frame being read. */
static enum stream_result
more_data(struct stream *s, struct frame *f)
{
	size_t n;

	if (need(s, 1) != STREAM_OK)
		return STREAM_ERROR;
	n = stream_pending(s);
	if (n > s->left)
		n = (size_t)s->left;
	*f = (struct frame){ STREAM_DATA, s->inbuf + s->start, n, -1 };
	s->start += n;
	s->left -= n;
	return STREAM_OK;
}

static enum stream_result
end_data(struct stream *s)
{
	if (need(s, 1) != STREAM_OK)
		return STREAM_ERROR;
	if (s->inbuf[s->start] != ',')
		return malformed();
	s->start++;
	s->in_data = 0;
	return STREAM_OK;
}

/*
 * next_length - the next frame's length, and the octets (digits and colon) that
 * say it. They stay unread: whoever runs out of time here can come again.
 */
static enum stream_result
next_length(struct stream *s, uint64_t *len, size_t *used)
{
	int r;

	while (!(r = length(s, len, used))) {
		int inside = stream_pending(s) > 0;
		enum stream_result got = fill(s);

		if (got == STREAM_EOF && inside) {
			errno = EPIPE;
			return STREAM_ERROR;
		}
		if (got != STREAM_OK)
			return got;
	}
	return r == -1 ? malformed() : STREAM_OK;
}

/* whole - a netstring that fits the buffer, taken with its used octets before and its comma. */
static enum stream_result
whole(struct stream *s, size_t used, uint64_t len, char const **data)
{
	size_t size;

	if (len > STREAM_FRAME_MAX)
		return malformed();
	size = used + (size_t)len + 1;
	if (need(s, size) != STREAM_OK)
		return STREAM_ERROR;
	*data = s->inbuf + s->start + used;
	if ((*data)[len] != ',')
		return malformed();
	s->start += size;
	return STREAM_OK;
}

static enum stream_result
get_frame(struct stream *s, struct frame *f)
{
	uint64_t len;
	size_t used;
	char const *data;
	enum stream_type type;
	enum stream_result r = next_length(s, &len, &used);

	if (r != STREAM_OK)
		return r;
	if (!len)
		return malformed();
	if (need(s, used + 1) != STREAM_OK)
		return STREAM_ERROR;
	if (s->inbuf[s->start + used] == STREAM_DATA) {
		if (len - 1 > STREAM_DATA_MAX)
			return malformed();
		s->start += used + 1;
		s->left = len - 1;
		s->in_data = 1;
		return STREAM_OK;
	}
	if (!memchr("CMRFEX", s->inbuf[s->start + used], 6))
		return malformed();
	if (whole(s, used, len, &data) != STREAM_OK)
		return STREAM_ERROR;
	type = (enum stream_type)data[0];
	*f = (struct frame){ type, data + 1, (size_t)len - 1, -1 };
	if (type == STREAM_FILE) {
		f->fd = s->passed;
		s->passed = -1;
		if (f->fd == -1)
			return malformed();
	}
	return STREAM_OK;
}

enum stream_result
stream_get(struct stream *s, struct frame *f)
{
	for (;;) {
		enum stream_result r;

		if (s->in_data) {
			if (s->left)
				return more_data(s, f);
			if (end_data(s) != STREAM_OK)
				return STREAM_ERROR;
		}
		r = get_frame(s, f);
		if (r != STREAM_OK || !s->in_data)
			return r;
	}
}

/* send_all - write every octet; the first goes with the descriptor fd unless it is -1. */
static int
send_all(struct stream *s, struct iovec *parts, size_t count, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = count };

	if (fd != -1) {
		control.align = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof fd),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof control.space;
	}
	while (msg.msg_iovlen) {
		ssize_t r = sendmsg(s->out, &msg, MSG_NOSIGNAL);
		size_t n;

		if (r == -1 && errno == ENOTSOCK && fd == -1)
			r = writev(s->out, msg.msg_iov, (int)msg.msg_iovlen);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return 0;
		msg.msg_control = 0;
		msg.msg_controllen = 0;
		n = (size_t)r;
		while (msg.msg_iovlen && n >= msg.msg_iov->iov_len) {
			n -= msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen) {
			msg.msg_iov->iov_base = (char *)msg.msg_iov->iov_base + n;
			msg.msg_iov->iov_len -= n;
		}
	}
	return 1;
}

int
stream_flush(struct stream *s)
{
	struct iovec part = { s->outbuf, s->used };

	if (!s->used)
		return 1;
	s->used = 0;
	return send_all(s, &part, 1, -1);
}

/* header - "len:T" of a frame into to (HEADER_MAX octets); returns its length. */
static size_t
header(char *to, enum stream_type type, size_t len)
{
	size_t n = uint64_fmt(to, (uint64_t)len + 1);

	to[n++] = ':';
	to[n++] = (char)type;
	return n;
}

/* add - octets to the buffer, which is flushed when they do not fit. */
static int
add(struct stream *s, char const *data, size_t len)
{
	if (len > sizeof s->outbuf - s->used && !stream_flush(s))
		return 0;
	memcpy(s->outbuf + s->used, data, len);
	s->used += len;
	return 1;
}

int
stream_put(struct stream *s, enum stream_type type, char const *data, size_t len)
{
	char head[HEADER_MAX];

	if (len >= STREAM_FRAME_MAX) {
		errno = EMSGSIZE;
		return 0;
	}
	return add(s, head, header(head, type, len)) && add(s, data, len) && add(s, ",", 1);
}

int
stream_data(struct stream *s, char const *data, size_t len)
{
	char head[HEADER_MAX];
	size_t n;

	if (!len)
		return 1;
	if (len > STREAM_DATA_MAX) {
		errno = EMSGSIZE;
		return 0;
	}
	n = header(head, STREAM_DATA, len);
	if (n + len + 1 <= sizeof s->outbuf - s->used)
		return add(s, head, n) && add(s, data, len) && add(s, ",", 1);

	struct iovec parts[4] = { { s->outbuf, s->used }, { head, n }, { (char *)data, len },
		{ comma, 1 } };
	s->used = 0;
	return send_all(s, parts, 4, -1);
}

/* send_file - what waits, the F frame, the end of it in tail, and the descriptor, at once. */
static int
send_file(struct stream *s, int fd, uint64_t offset, uint64_t len, char *tail, size_t taillen)
{
	char text[UINT64_FMT * 2];
	char head[HEADER_MAX];
	size_t n = uint64_fmt(text, offset);

	text[n++] = ' ';
	n += uint64_fmt(text + n, len);

	struct iovec parts[4] = { { s->outbuf, s->used }, { head, header(head, STREAM_FILE, n) },
		{ text, n }, { tail, taillen } };
	s->used = 0;
	return send_all(s, parts, 4, fd);
}

int
stream_file(struct stream *s, int fd, uint64_t offset, uint64_t len)
{
	return send_file(s, fd, offset, len, comma, 1);
}

int
stream_file_end(struct stream *s, int fd, uint64_t offset, uint64_t len)
{
	static char comma_and_end[] = ",1:E,";

	return send_file(s, fd, offset, len, comma_and_end, sizeof comma_and_end - 1);
}

/* is_status - "d.ddd.ddd" with the class that goes with the code; RFC 3463 2. */
static int
is_status(char code, char const *s, size_t len)
{
	size_t dots = 0, digits = 0;

	char const class = code == 'K' ? '2' : code == 'Z' ? '4' : '5';

	if (len < 5 || len >= STREAM_STATUS_MAX || s[0] != class || s[1] != '.')
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (!digits || ++dots > 2)
				return 0;
			digits = 0;
		} else if (s[i] < '0' || s[i] > '9' || ++digits > 3 ||
			   (digits == 2 && s[i - 1] == '0')) { /* RFC 3464 2.3.4 */
			return 0;
		}
	}
	return dots == 2 && digits;
}

size_t
stream_answer_fmt(char *to, struct answer const *a)
{
	size_t n = 0;
	size_t len = strlen(a->status);

	to[n++] = (char)(a->single ? a->code | 0x20 : a->code);
	memcpy(to + n, a->status, len);
	n += len;
	to[n++] = ' ';
	len = strlen(a->text);
	memcpy(to + n, a->text, len);
	return n + len;
}

/* set_text - the text, cut and made printable. */
static void
set_text(struct answer *a, char const *text, size_t len)
{
	if (len > STREAM_TEXT_MAX)
		len = STREAM_TEXT_MAX;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		a->text[i] = c < ' ' || c == 0x7f ? ' ' : (char)c;
	}
	a->text[len] = 0;
}

void
stream_answer_set(struct answer *a, char code, char const *status, char const *text)
{
	a->code = code;
	a->single = 0;
	strncpy(a->status, status, sizeof a->status - 1);
	a->status[sizeof a->status - 1] = 0;
	set_text(a, text, strlen(text));
}

int
stream_put_answer(struct stream *s, struct answer const *a)
{
	char head[UINT64_FMT + 1];
	char body[STREAM_ANSWER_MAX];
	size_t len = stream_answer_fmt(body, a);
	size_t n = uint64_fmt(head, (uint64_t)len);

	head[n++] = ':';
	return add(s, head, n) && add(s, body, len) && add(s, ",", 1);
}

int
stream_answer(struct stream *s, char code, char const *status, char const *text)
{
	struct answer a;

	stream_answer_set(&a, code, status, text);
	return stream_put_answer(s, &a);
}

int
stream_answer_parse(struct answer *a, char const *data, size_t len)
{
	char const *blank = memchr(data, ' ', len);
	size_t head = blank ? (size_t)(blank - data) : len; /* code and status */

	if (head < 2)
		return 0;
	a->single = *data & 0x20;
	a->code = (char)(*data & ~0x20);
	if (!memchr("KZD", a->code, 3) || !is_status(a->code, data + 1, head - 1))
		return 0;
	memcpy(a->status, data + 1, head - 1);
	a->status[head - 1] = 0;
	set_text(a, blank ? blank + 1 : "", blank ? len - head - 1 : 0);
	return 1;
}

enum stream_result
stream_get_answer(struct stream *s, struct answer *a)
{
	uint64_t len;
	size_t used;
	char const *data;
	enum stream_result r;

	/* also when an answer is there already: none can be true for what was not sent */
	if (!stream_flush(s))
		return STREAM_ERROR;
	r = next_length(s, &len, &used);
	if (r == STREAM_OK)
		r = whole(s, used, len, &data);
	if (s->passed != -1) { /* no answer has one: a sink must not fill our table */
		close(s->passed);
		s->passed = -1;
	}
	if (r == STREAM_OK && !stream_answer_parse(a, data, (size_t)len))
		return malformed();
	return r;
}

int
stream_has_answer(struct stream const *s)
{
	uint64_t len;
	size_t used;
	int r = length(s, &len, &used);

	return r == -1 || (r == 1 && (len > STREAM_FRAME_MAX || stream_pending(s) > used + len));
}

char const *
stream_field(struct frame const *f, size_t *pos, size_t *len)
{
	char const *field, *end;

	if (*pos >= f->len)
		return 0;
	field = f->data + *pos;
	end = memchr(field, 0, f->len - *pos);
	*len = end ? (size_t)(end - field) : f->len - *pos;
	*pos += *len + 1;
	return field;
}
