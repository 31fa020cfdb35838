#ifndef SMTPD_TLS_H
#define SMTPD_TLS_H

/*
 * tls - UCSPI-TLS, the program's side: another process holds the key and does TLS when
 * it is asked to. Makes system calls. The three descriptors are moved to fixed numbers
 * first, where the sandbox's policy knows them and the next program does not get them.
 *
 * smtpd-tls sets TLS_ENV besides: it may be asked before the client is told to begin, says why
 * a handshake failed, and may do TLS from the first octet: then descriptors 0 and 1 are
 * the plain text, and the control descriptor brings the facts without having been asked.
 */

#include "client.h"

#define TLS_CTL_FD 10
#define TLS_IN_FD  11
#define TLS_OUT_FD 12

#define TLS_ENV   "SALLYPORT_TLS"   /* the control descriptor's number */
#define TLS_ERROR "SALLYPORT_ERROR" /* the fact that there are none, and why */

/* What is written to the control descriptor, one octet each, and smtpd-tls's answer to TLS_ASK. */
#define TLS_START       'y'
#define TLS_START_FACTS 'Y'
#define TLS_ASK         '?'
#define TLS_YES         "K"
#define TLS_NO          "Z"

enum tls_kind {
	TLS_NONE,
	TLS_OFFERED, /* tls_start does it */
	TLS_AT_ONCE, /* it is being done: tls_arrive */
};

/* tls_take - from SSLCTLFD, SSLREADFD, SSLWRITEFD, TLS_ENV; dies if they are no good. */
enum tls_kind tls_take(void);

/*
 * tls_ready - whether the process that does TLS can: it has a key, and so on. It is waited for
 * so many seconds at most. 1 if that cannot be known.
 */
int tls_ready(unsigned int seconds);

/*
 * tls_start - ask for TLS and wait until its handshake is done, for so many seconds at
 * most; the client's facts get what is said about it. 1, or 0 if it failed: nothing can
 * be said to the client any more.
 * tls_arrive - the same where TLS is being done at once.
 * tls_why - after 0, in words, or "".
 */
int tls_start(struct client *c, unsigned int seconds);
int tls_arrive(struct client *c, unsigned int seconds);
char const *tls_why(void);

#endif
