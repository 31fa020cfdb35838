#include "sinks.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <skalibs/uint32.h>

#define SERIAL_SIZE 4 /* octets, little-endian */
#define PACKET_MAX  (SERIAL_SIZE + SINKS_NAME_MAX + STREAM_TEXT_MAX)

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

static int
send_packet(int fd, uint32_t serial, struct iovec const *body, size_t count, int passed)
{
	char packed[SERIAL_SIZE];
	struct iovec parts[4] = { { packed, sizeof packed } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = count + 1 };
	union control control = { .space = { 0 } };
	ssize_t r;

	uint32_pack(packed, serial);
	memcpy(parts + 1, body, count * sizeof *body);
	if (passed != -1) {
		control.align = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof passed),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&control.align), &passed, sizeof passed);
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof control.space;
	}
	do
		r = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (r == -1 && errno == EINTR);
	return r != -1;
}

/* receive_packet - octets of one packet without its serial: *len; 1, 0 gone, -1 errno. */
static int
receive_packet(int fd, uint32_t *serial, char *body, size_t max, size_t *len, int *passed)
{
	char packed[SERIAL_SIZE];
	struct iovec parts[2] = { { packed, sizeof packed }, { body, max } };
	union control control;
	struct msghdr msg = {
		.msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = control.space,
		.msg_controllen = CMSG_LEN(sizeof(int)), /* not CMSG_SPACE: two would fit */
	};
	struct cmsghdr const *c;
	ssize_t r;

	*passed = -1;
	do
		r = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (r == -1 && errno == EINTR);
	if (r == -1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(passed, CMSG_DATA(c), sizeof *passed);
	if (r <= SERIAL_SIZE || msg.msg_flags & MSG_TRUNC) {
		if (*passed != -1)
			close(*passed);
		*passed = -1;
		errno = EPROTO;
		return r ? -1 : 0;
	}
	uint32_unpack(packed, serial);
	*len = (size_t)r - SERIAL_SIZE;
	return 1;
}

int
sinks_ask(int fd, uint32_t serial, char const *name, size_t len)
{
	struct iovec const body = { (char *)name, len };

	if (!len || len > SINKS_NAME_MAX) {
		errno = EMSGSIZE;
		return 0;
	}
	return send_packet(fd, serial, &body, 1, -1);
}

int
sinks_next_request(int fd, uint32_t *serial, char *name, size_t *len)
{
	int passed;
	int r = receive_packet(fd, serial, name, SINKS_NAME_MAX, len, &passed);

	if (passed != -1)
		close(passed);
	return r;
}

int
sinks_answer(int fd, uint32_t serial, struct answer const *answer, int sink)
{
	char text[STREAM_FRAME_MAX];
	struct iovec body = { text, stream_answer_fmt(text, answer) };

	return send_packet(fd, serial, &body, 1, answer->code == 'K' ? sink : -1);
}

int
sinks_next_answer(int fd, uint32_t *serial, struct answer *answer, int *sink)
{
	char text[PACKET_MAX];
	size_t len;
	int r = receive_packet(fd, serial, text, sizeof text, &len, sink);

	if (r != 1)
		return r;
	if (!stream_answer_parse(answer, text, len) || (answer->code == 'K') != (*sink != -1)) {
		if (*sink != -1)
			close(*sink);
		*sink = -1;
		errno = EPROTO;
		return -1;
	}
	return 1;
}
