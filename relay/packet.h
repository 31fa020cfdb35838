#ifndef RELAY_PACKET_H
#define RELAY_PACKET_H

/*
 * packet - one packet of an AF_UNIX SOCK_SEQPACKET pair, with descriptors, and the facts in
 * it. Does I/O on the descriptor that it is given, waiting as long as that waits.
 */

#include <stddef.h>

#define PACKET_FDS_MAX 2 /* descriptors of a packet */

struct packet_fds {
	size_t count;
	int fd[PACKET_FDS_MAX]; /* close-on-exec when received */
};

/* packet_send - 1, or 0 with errno. The descriptors (fds may be null) stay the caller's. */
int packet_send(int fd, char const *data, size_t len, struct packet_fds const *fds);

/*
 * packet_receive - into data[max]: 1, *len and *fds (the caller's to close; null: none are
 * taken); 0 when the other end is gone; -1 with errno (EPROTO: too large, empty, or with
 * more descriptors than fit; all are closed).
 */
int packet_receive(int fd, char *data, size_t max, size_t *len, struct packet_fds *fds);

/* packet_close - close what came. */
void packet_close(struct packet_fds *fds);

/*
 * Facts: key=value, each ended by NUL. packet_fact appends one to to[max], *len octets of
 * which are used; what does not fit, or has a NUL in it, sets *len to max + 1, and so do
 * all after it.
 * packet_next - the next fact of data[len], as NUL-ended strings in it: the key's first octet
 * and *value, or null at the end (*pos == len), or if what follows is none (*pos < len).
 * Start with *pos = 0; data is changed ('=' becomes NUL).
 */
void packet_fact(char *to, size_t max, size_t *len, char const *key, char const *value);
char const *packet_next(char *data, size_t len, size_t *pos, char const **value);

#endif
