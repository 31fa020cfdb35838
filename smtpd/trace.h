#ifndef SMTPD_TRACE_H
#define SMTPD_TRACE_H

/*
 * trace - the Received field of RFC 5321 4.4, the session's id, and the protocol
 * keyword of RFC 3848 and RFC 6531. No I/O. Only what has been checked by a grammar
 * is put into the line: no client can break it.
 */

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "address.h"
#include "client.h"

#define TRACE_ID_MAX 32   /* octets of an id, NUL included */
#define TRACE_MAX    4096 /* octets of the field, its last LF included */

struct trace {
	char const *me;   /* this host */
	char const *helo; /* what the client called itself; not used if no host name */
	struct client const *client;
	int hide;             /* who it was is nobody's business: no address, no names */
	char const *protocol; /* trace_protocol's */
	char const *session;  /* trace_session's */
	unsigned int message; /* which message of the session; from 1 */
	char const *rcpt;     /* the only recipient, canonical; null if there are several */
	size_t rcptlen;
	time_t when;
};

/* trace_session - a new id, of microseconds since 1970 and a process id: [0-9a-z-]. */
void trace_session(char to[TRACE_ID_MAX], uint64_t microseconds, uint64_t pid);

/* trace_protocol - SMTP, ESMTP, ESMTPSA, UTF8SMTP, UTF8SMTPSA and those between. */
char const *trace_protocol(int extended, int utf8, int tls, int auth);

/* trace_field - write the field, lines ended by LF; returns its length. */
size_t trace_field(char to[TRACE_MAX], struct trace const *t);

#endif
