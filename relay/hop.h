#ifndef RELAY_HOP_H
#define RELAY_HOP_H

/*
 * hop - what relay asks relay-connect, and what it is told about the next mail server.
 *
 * Over one AF_UNIX SOCK_SEQPACKET pair: relay's end is RELAY_CONNECT, relay-connect's is
 * its descriptor 0. A request is one packet of its type and a text; requests that are
 * answered are answered in order. An answer is one packet: stream_answer_fmt's text, NUL,
 * then facts, each key=value and NUL; with 'K' to HOP_NEXT the connected socket travels
 * along (SCM_RIGHTS).
 */

#include <stddef.h>
#include <stdint.h>

#include "stream.h"

/* Descriptors of relay beside 0, 1 (the mail stream) and 2 (the log). */
#define RELAY_CONNECT 3 /* to relay-connect */
#define RELAY_TLS     4 /* to relay-tls (secure.h) */
/* Of relay-spawn, and so inherited by relay and relay-connect: asks relay-sts; may be closed. */
#define RELAY_STS 5

#define HOP_PACKET_MAX 32768 /* octets of a packet */
#define HOP_NAME_MAX   256   /* octets of a host's or domain's name, NUL included */
#define HOP_IP_MAX     46    /* INET6_ADDRSTRLEN */
#define HOP_NAMES_MAX  4     /* names that a certificate may be for */
#define HOP_TLSA_MAX   16  /* TLSA records that are passed on; more are dropped, with a log line */
#define HOP_TLSA_DATA  512 /* octets of a TLSA record's data; longer ones are unusable */

enum hop_request {
	HOP_NEXT = 'N',  /* connect to the next host that was not tried yet; answered */
	HOP_SAME = 'S',  /* connect to the host of the last answer once more; answered */
	HOP_AGAIN = 'A', /* forget what was tried, then as HOP_NEXT; answered */
	HOP_TICKET =
	    'T',        /* may a message go to this host now (ratehost)? waits a little; answered */
	HOP_GOOD = 'G', /* it took a message, or was there and said why not */
	HOP_BAD = 'F',  /* the host failed before it took any message: leave it alone; text: why */
	HOP_PLAIN = 'P', /* TLS does not work with this host: no TLS for a while; text: why */
};

/* How much TLS is wanted from this host. The order is from least to most. */
enum hop_tls {
	HOP_TLS_NEVER,  /* not even if offered */
	HOP_TLS_MAY,    /* if offered; plain text if that fails */
	HOP_TLS_MUST,   /* encrypted, whoever it is */
	HOP_TLS_VERIFY, /* and with a certificate for one of the names, from a known authority */
	HOP_TLS_DANE,   /* and as one of the TLSA records says (RFC 7672) */
};

struct hop_tlsa {
	uint8_t usage, selector, matching;
	uint16_t len;
	unsigned char data[HOP_TLSA_DATA];
};

struct hop {
	char host[HOP_NAME_MAX]; /* the mail server's name, in lower case; a literal's text */
	char ip[HOP_IP_MAX];
	uint16_t port;
	enum hop_tls tls;
	int implicit; /* TLS from the first octet (port 465, RFC 8314) */
	int testing;  /* an MTA-STS policy in testing mode: verify, log, and go on all the same */
	int secure;   /* the way from the domain to the host was validated: DNSSEC, or MTA-STS,
			 or it stands in smtproutes (RFC 8689 4.2.1) */
	int route;    /* it stands in smtproutes: credentials for it may be used */
	int anybody; /* tlsroutes says "must" itself: also by whoever it is, as long as it is TLS */
	int rate;    /* ratehost is set: ask HOP_TICKET before each message */
	size_t names;
	char name[HOP_NAMES_MAX][HOP_NAME_MAX]; /* that its certificate may be for; [0] is SNI */
	size_t tlsas;
	struct hop_tlsa tlsa[HOP_TLSA_MAX];
};

/*
 * For relay. hop_ask - send a request (text may be null): 1, or 0 with errno.
 * hop_answer - wait for the answer: 1 and *answer, and for a connection *h and *fd (close-
 * on-exec; h may be null if none can come); 0 when relay-connect is gone; -1 with errno
 * (EPROTO: malformed). An answer 'Z' or 'D' to HOP_NEXT and HOP_AGAIN: no host is left, and
 * the text says why for the one that came nearest. 'Z' with status 4.4.5: no failure, but as
 * many connections as this host gets (concurrencyperhost) are open already.
 */
int hop_ask(int fd, enum hop_request type, char const *text);
int hop_answer(int fd, struct answer *answer, struct hop *h, int *socket);

/*
 * For relay-connect. hop_wait - the next request, text[HOP_PACKET_MAX] NUL-ended: 1; 0 when
 * relay is gone; -1 with errno. hop_tell - answer it; h and socket with a connection, null
 * and -1 without. Socket stays the caller's.
 */
int hop_wait(int fd, enum hop_request *type, char *text);
int hop_tell(int fd, struct answer const *answer, struct hop const *h, int socket);

/*
 * The packet itself, for those four and their tests. hop_write returns its length;
 * hop_read 1, or 0 if it is not one.
 */
size_t hop_write(char to[HOP_PACKET_MAX], struct answer const *answer, struct hop const *h);
int hop_read(char const *from, size_t len, struct answer *answer, struct hop *h);

#endif
