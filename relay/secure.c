#include "secure.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hopfacts.h"
#include "packet.h"

static char const *const verified[] = {
	[SECURED_NO] = "no",
	[SECURED_NAME] = "name",
	[SECURED_DANE] = "dane",
};

static int
get_verified(char const *value, struct secured *s)
{
	for (unsigned int i = 0; i < sizeof verified / sizeof *verified; i++)
		if (!strcmp(value, verified[i])) {
			s->verified = i;
			return 1;
		}
	return 0;
}

static int
get_fact(char const *key, char const *value, struct secured *s)
{
	if (!strcmp(key, "protocol"))
		return hop_get_string(value, s->protocol, sizeof s->protocol);
	if (!strcmp(key, "cipher"))
		return hop_get_string(value, s->cipher, sizeof s->cipher);
	if (!strcmp(key, "peer"))
		return hop_get_string(value, s->peer, sizeof s->peer);
	if (!strcmp(key, "why"))
		return hop_get_string(value, s->why, sizeof s->why);
	if (!strcmp(key, "verified"))
		return get_verified(value, s);
	if (!strcmp(key, "resumed"))
		s->resumed = !strcmp(value, "1");
	return 1;
}

/* read_answer - 1, or 0 if packet[len] is none. */
static int
read_answer(char *packet, size_t len, struct answer *answer, struct secured *s)
{
	char const *const end = memchr(packet, 0, len);
	char const *key, *value;
	size_t pos;

	memset(s, 0, sizeof *s);
	if (!end || !stream_answer_parse(answer, packet, (size_t)(end - packet)))
		return 0;
	pos = (size_t)(end - packet) + 1;
	while (pos < len && (key = packet_next(packet, len, &pos, &value)))
		if (!get_fact(key, value, s))
			return 0;
	return pos == len;
}

int
secure_ask(int fd, struct hop const *h, int connection, struct answer *answer, struct secured *s,
    int *plain)
{
	char packet[HOP_PACKET_MAX];
	size_t len = 0;
	int pair[2], sent, r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		close(connection);
		return -1;
	}
	hop_put_facts(packet, sizeof packet, &len, h);
	sent = len <= sizeof packet &&
	       packet_send(fd, packet, len, &(struct packet_fds){ 2, { connection, pair[1] } });
	close(connection);
	close(pair[1]);
	r = sent ? packet_receive(fd, packet, sizeof packet, &len, 0) : -1;
	if (r == 1 && !read_answer(packet, len, answer, s)) {
		errno = EPROTO;
		r = -1;
	}
	if (r == 1 && answer->code == 'K') {
		*plain = pair[0];
	} else {
		int const e = errno;

		close(pair[0]);
		errno = e;
	}
	return r;
}

int
secure_wait(int fd, struct hop *h, int *connection, int *plain)
{
	char packet[HOP_PACKET_MAX];
	struct packet_fds fds;
	size_t len;
	int const r = packet_receive(fd, packet, sizeof packet, &len, &fds);

	if (r != 1)
		return r;
	if (fds.count != 2 || !hop_get_facts(packet, len, h)) {
		packet_close(&fds);
		errno = EPROTO;
		return -1;
	}
	*connection = fds.fd[0];
	*plain = fds.fd[1];
	return 1;
}

int
secure_tell(int fd, struct answer const *answer, struct secured const *s)
{
	char packet[HOP_PACKET_MAX];
	size_t len = stream_answer_fmt(packet, answer);

	packet[len++] = 0;
	packet_fact(packet, sizeof packet, &len, "protocol", s->protocol);
	packet_fact(packet, sizeof packet, &len, "cipher", s->cipher);
	packet_fact(packet, sizeof packet, &len, "peer", s->peer);
	packet_fact(packet, sizeof packet, &len, "why", s->why);
	packet_fact(packet, sizeof packet, &len, "verified", verified[s->verified]);
	if (s->resumed)
		packet_fact(packet, sizeof packet, &len, "resumed", "1");
	return packet_send(fd, packet, len, 0);
}
