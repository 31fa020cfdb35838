#ifndef LIB_CAPABILITIES_H
#define LIB_CAPABILITIES_H

/*
 * capabilities - what a server offers in its reply to EHLO (RFC 5321 4.1.1.1). No I/O.
 */

#include <stdint.h>

enum {
	CAN_PIPELINING = 1 << 0, /* RFC 2920 */
	CAN_SIZE = 1 << 1,       /* RFC 1870 */
	CAN_8BITMIME = 1 << 2,   /* RFC 6152 */
	CAN_SMTPUTF8 = 1 << 3,   /* RFC 6531 */
	CAN_DSN = 1 << 4,        /* RFC 3461 */
	CAN_CHUNKING = 1 << 5,   /* RFC 3030 */
	CAN_STATUS = 1 << 6,     /* ENHANCEDSTATUSCODES, RFC 2034 */
	CAN_STARTTLS = 1 << 7,   /* RFC 3207 */
	CAN_REQUIRETLS = 1 << 8, /* RFC 8689 */
	CAN_AUTH_PLAIN = 1 << 9, /* RFC 4954, 4616 */
	CAN_AUTH_LOGIN = 1 << 10,
};

struct capabilities {
	unsigned int offers; /* CAN_… */
	uint64_t size;       /* octets that a message may have; 0: it does not say */
	uint64_t rcptmax;    /* recipients of a transaction, transactions of a connection */
	uint64_t mailmax;    /* (LIMITS, RFC 9422); 0: it does not say */
};

/* capabilities_none - those of a server that knows HELO only. */
void capabilities_none(struct capabilities *c);

/* capabilities_read - from the reply's text (replies.h). Unknown keywords are passed over. */
void capabilities_read(struct capabilities *c, char const *text);

#endif
