#ifndef SMTPD_WIRE_H
#define SMTPD_WIRE_H

/*
 * wire - the client's octets in and out, each wait bounded by an idle time and by a
 * deadline for all of it. Does I/O: a socket's own time limits where there is a socket,
 * poll(2) otherwise. One buffer each way; what is put out waits until it must go.
 */

#include <stddef.h>
#include <stdint.h>

#define WIRE_IN  65536 /* octets; only as much memory is touched as comes in at once */
#define WIRE_OUT 4096  /* octets */

enum wire_result {
	WIRE_OK = 1,
	WIRE_EOF = 0,
	WIRE_ERROR = -1, /* errno */
	WIRE_IDLE = -2,  /* nothing came for the idle time */
	WIRE_LATE = -3,  /* the deadline is over */
};

struct wire {
	int in, out;
	int64_t idle, total;   /* milliseconds */
	int64_t deadline;      /* on the monotonic clock */
	int64_t limit;         /* what the socket's read limit is set to; 0: it is no socket */
	enum wire_result dead; /* the first failed write's result; WIRE_OK while there is none */
	size_t start, end;     /* unread octets are inbuf[start..end) */
	size_t used;           /* octets waiting in outbuf */
	char outbuf[WIRE_OUT];
	char inbuf[WIRE_IN];
};

/* wire_init - begin on these descriptors; the times are seconds. */
void wire_init(struct wire *w, int in, int out, uint64_t idle, uint64_t total);

/* wire_move - go on with other descriptors (TLS); what is buffered is dropped. */
void wire_move(struct wire *w, int in, int out);

/* wire_renew - the client got something done: its deadline begins anew. */
void wire_renew(struct wire *w);

/* wire_fill - write what waits, then read at least one octet more. There must be room. */
enum wire_result wire_fill(struct wire *w);

/* wire_take - the first len unread octets are done with. */
void wire_take(struct wire *w, size_t len);

/* wire_put - add octets to be written. Trouble shows at wire_flush or wire_fill. */
void wire_put(struct wire *w, char const *data, size_t len);
enum wire_result wire_flush(struct wire *w);

/* wire_has_input - whether there is something to read already, buffered or not. */
int wire_has_input(struct wire const *w);

/*
 * wire_end - write what waits. If the client may still be sending, let it read our last
 * words before the connection is reset: see its end first, for a short while.
 */
void wire_end(struct wire *w, int abrupt);

#endif
