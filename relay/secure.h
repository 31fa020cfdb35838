#ifndef RELAY_SECURE_H
#define RELAY_SECURE_H

/*
 * secure - what relay asks relay-tls: TLS on a connection, as a struct hop wants it.
 *
 * Over one AF_UNIX SOCK_SEQPACKET pair: relay's end is RELAY_TLS, relay-tls's is its
 * descriptor 0. A request is one packet: facts, each key=value and NUL (the same as an
 * answer of hop.h has), with two descriptors: the connection, and one end of a socket pair for
 * plain text, whose other end relay keeps. The answer is stream_answer_fmt's text, NUL and
 * the facts of struct secured. After 'K' relay-tls copies until one side closes; then it
 * waits for the next request. After 'Z' or 'D' it has closed both.
 */

#include "hop.h"

/* What became of the handshake. */
struct secured {
	char protocol[32]; /* "TLSv1.3" */
	char cipher[64];
	char peer[HOP_NAME_MAX]; /* the certificate's subject, printable */
	enum { SECURED_NO, SECURED_NAME, SECURED_DANE } verified;
	int resumed;
	char why[256]; /* if not verified: why; empty if nobody asked */
};

/* Why there is none, by the status of a 'Z' or 'D' answer. */
#define SECURE_HANDSHAKE "4.7.4" /* no handshake: may be tried in plain text (HOP_TLS_MAY) */
#define SECURE_VERIFY    "4.7.5" /* the certificate is not what it must be */

/*
 * secure_ask - for relay: TLS on the connection, as *h wants it; on 1 and answer 'K'
 * *plain is the descriptor to go on with (close-on-exec, blocking). Closes connection in
 * any case. 1, 0 when relay-tls is gone, -1 with errno.
 */
int secure_ask(int fd, struct hop const *h, int connection, struct answer *answer,
    struct secured *s, int *plain);

/*
 * For relay-tls. secure_wait - the next request: 1 and *h, *connection, *plain; 0 when relay is
 * gone; -1 with errno (EPROTO: malformed, descriptors closed). secure_tell - answer it.
 */
int secure_wait(int fd, struct hop *h, int *connection, int *plain);
int secure_tell(int fd, struct answer const *answer, struct secured const *s);

#endif
