#include "packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(PACKET_FDS_MAX * sizeof(int))];
};

int
packet_send(int fd, char const *data, size_t len, struct packet_fds const *fds)
{
	struct iovec part = { (char *)data, len };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { .space = { 0 } };
	ssize_t r;

	if (fds && fds->count) {
		control.align = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(fds->count * sizeof *fds->fd),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&control.align), fds->fd, fds->count * sizeof *fds->fd);
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(fds->count * sizeof *fds->fd);
	}
	do
		r = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (r == -1 && errno == EINTR);
	return r != -1;
}

void
packet_close(struct packet_fds *fds)
{
	while (fds->count)
		close(fds->fd[--fds->count]);
}

/* take_fds - those of a packet that came. */
static void
take_fds(struct msghdr *msg, struct packet_fds *fds)
{
	struct cmsghdr const *const c = CMSG_FIRSTHDR(msg);

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len < CMSG_LEN(sizeof *fds->fd))
		return;
	fds->count = (c->cmsg_len - CMSG_LEN(0)) / sizeof *fds->fd;
	memcpy(fds->fd, CMSG_DATA(c), fds->count * sizeof *fds->fd);
}

int
packet_receive(int fd, char *data, size_t max, size_t *len, struct packet_fds *fds)
{
	struct iovec part = { data, max };
	union control control;
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	struct packet_fds none;
	ssize_t r;

	if (fds) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_LEN(PACKET_FDS_MAX * sizeof(int));
	} else {
		fds = &none;
	}
	fds->count = 0;
	do
		r = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (r == -1 && errno == EINTR);
	if (r == -1)
		return -1;
	take_fds(&msg, fds);
	if (!r || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		packet_close(fds);
		errno = EPROTO;
		return r ? -1 : 0;
	}
	*len = (size_t)r;
	return 1;
}

void
packet_fact(char *to, size_t max, size_t *len, char const *key, char const *value)
{
	size_t const keylen = strlen(key), valuelen = strlen(value);

	if (*len > max || max - *len < keylen + 1 || max - *len - keylen - 1 < valuelen + 1) {
		*len = max + 1;
		return;
	}
	memcpy(to + *len, key, keylen);
	*len += keylen;
	to[(*len)++] = '=';
	memcpy(to + *len, value, valuelen + 1);
	*len += valuelen + 1;
}

char const *
packet_next(char *data, size_t len, size_t *pos, char const **value)
{
	char *const key = data + *pos;
	char const *const end = memchr(key, 0, len - *pos);
	char *equal;

	if (!end || !(equal = memchr(key, '=', (size_t)(end - key))) || equal == key)
		return 0;
	*equal = 0;
	*value = equal + 1;
	*pos += (size_t)(end - key) + 1;
	return key;
}
