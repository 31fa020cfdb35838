#ifndef SMTPD_TLS_H
#define SMTPD_TLS_H

/*
 * tls - UCSPI-TLS, the program's side: another process holds the key and does TLS when
 * it is asked to. Makes system calls. The three descriptors are moved to fixed numbers
 * first, where the sandbox's policy knows them and the next program does not get them.
 */

#include "client.h"

#define TLS_CTL_FD 10
#define TLS_IN_FD  11
#define TLS_OUT_FD 12

/* tls_take - from SSLCTLFD, SSLREADFD, SSLWRITEFD: 1, 0 there are none; dies if they are no good.
 */
int tls_take(void);

/*
 * tls_start - ask for TLS and wait until its handshake is done, for so many seconds at
 * most; the client's facts get version and cipher. 1, or 0 if it failed: nothing can
 * be said to the client any more.
 */
int tls_start(struct client *c, unsigned int seconds);

#endif
