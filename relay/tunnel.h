#ifndef RELAY_TUNNEL_H
#define RELAY_TUNNEL_H

/*
 * tunnel - a TLS connection on one side, plain text on the other. Does I/O on both sockets,
 * and waits for neither in a call: they may be blocking. Memory is the struct and what
 * tlsclient keeps: a few records. Where a side takes nothing, the other is not read.
 */

#include "tlsclient.h"

#define TUNNEL_OUT 17408 /* octets: a record of TLSCLIENT_PLAIN, encrypted */
#define TUNNEL_IN  16384 /* octets of the server that are read at once */

struct tunnel {
	struct tlsclient *tls;
	int server; /* the connection */
	int plain;  /* a stream socket */

	/* for the server, encrypted; for the plain end, plain: s[at..len) */
	size_t out_at, out_len;
	char out[TUNNEL_OUT];
	size_t down_at, down_len;
	char down[TLSCLIENT_PLAIN];

	int server_ended; /* it sends no more */
	int plain_ended;  /* nothing comes from there any more */
	int plain_gone;   /* nor does it read */
};

/* tunnel_init - not yet a handshake; the three stay the caller's. */
void tunnel_init(struct tunnel *t, struct tlsclient *tls, int server, int plain);

/* What became of the handshake. */
enum tunnel_result {
	TUNNEL_UP,
	TUNNEL_BROKEN,     /* why says how */
	TUNNEL_UNVERIFIED, /* the certificate is not what it must be; why says how */
	TUNNEL_GONE,       /* the plain end was closed meanwhile */
};

/* tunnel_handshake - within that many seconds. why[max] is set unless UP or GONE. */
enum tunnel_result tunnel_handshake(struct tunnel *t, unsigned int seconds, char *why, size_t max);

/*
 * tunnel_copy - both ways until it ends: the plain end was closed (what it wrote still goes
 * out, for TUNNEL_LINGER seconds), both sides ended, or the connection broke. A plain end
 * that only shut its writing side down becomes a close_notify, and may read on; a server that
 * ended becomes the end of the plain end's input.
 */
#define TUNNEL_LINGER 10
void tunnel_copy(struct tunnel *t);

#endif
