#include "hop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hopfacts.h"
#include "packet.h"

int
hop_ask(int fd, enum hop_request type, char const *text)
{
	char packet[HOP_PACKET_MAX];
	size_t const len = text ? strnlen(text, sizeof packet - 1) : 0;

	*packet = (char)type;
	memcpy(packet + 1, text ? text : "", len);
	return packet_send(fd, packet, len + 1, 0);
}

int
hop_wait(int fd, enum hop_request *type, char *text)
{
	char packet[HOP_PACKET_MAX];
	size_t len;
	int const r = packet_receive(fd, packet, sizeof packet, &len, 0);

	if (r != 1)
		return r;
	if (!*packet || !strchr("NSATGFP", *packet)) {
		errno = EPROTO;
		return -1;
	}
	*type = (enum hop_request) * packet;
	memcpy(text, packet + 1, len - 1);
	text[len - 1] = 0;
	return 1;
}

size_t
hop_write(char to[HOP_PACKET_MAX], struct answer const *answer, struct hop const *h)
{
	size_t len = stream_answer_fmt(to, answer);

	to[len++] = 0;
	if (h)
		hop_put_facts(to, HOP_PACKET_MAX, &len, h);
	return len;
}

int
hop_read(char const *from, size_t len, struct answer *answer, struct hop *h)
{
	char packet[HOP_PACKET_MAX];
	char const *const end = memchr(from, 0, len);
	size_t start;

	if (len > sizeof packet || !end || !stream_answer_parse(answer, from, (size_t)(end - from)))
		return 0;
	start = (size_t)(end - from) + 1;
	memcpy(packet, from + start, len - start);
	if (!h || answer->code != 'K')
		return 1;
	return start == len ? (memset(h, 0, sizeof *h), 1) : hop_get_facts(packet, len - start, h);
}

int
hop_answer(int fd, struct answer *answer, struct hop *h, int *socket)
{
	char packet[HOP_PACKET_MAX];
	struct packet_fds fds;
	size_t len;
	int const r = packet_receive(fd, packet, sizeof packet, &len, &fds);
	int const wanted = h ? 1 : 0;

	if (r != 1)
		return r;
	if (!hop_read(packet, len, answer, h) ||
	    fds.count != (answer->code == 'K' ? (size_t)wanted : 0)) {
		packet_close(&fds);
		errno = EPROTO;
		return -1;
	}
	if (fds.count)
		*socket = fds.fd[0];
	return 1;
}

int
hop_tell(int fd, struct answer const *answer, struct hop const *h, int socket)
{
	char packet[HOP_PACKET_MAX];
	size_t const len = hop_write(packet, answer, h);
	struct packet_fds const fds = { .count = h ? 1 : 0, .fd = { socket } };

	if (len > sizeof packet) {
		errno = EMSGSIZE;
		return 0;
	}
	return packet_send(fd, packet, len, &fds);
}
