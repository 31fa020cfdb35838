#ifndef SMTPD_TLSPUMP_H
#define SMTPD_TLSPUMP_H

/*
 * tlspump - a client's TLS on one side, a server's plain text on the other. Does I/O on the
 * client's descriptors, by tlsserver, and on the plain one, a stream socket that may block.
 * Where a side takes nothing the other is not read: memory is the two buffers.
 */

#include <stddef.h>

#include "tlsserver.h"

#define TLSPUMP_LINGER 5 /* seconds for the client to read the last words and to end, too */

/* tlspump_handshake - within that many seconds: 1, or 0 and tlspump_why. */
int tlspump_handshake(int in, int out, int plain, unsigned int seconds);
char const *tlspump_why(void);

/*
 * tlspump_copy - both ways until it ends: the plain end is closed (what it wrote still goes
 * out), both sides ended, or TLS broke. A client that ends becomes the end of the plain end's
 * input; a plain end that only shut its writing side down may read on.
 */
void tlspump_copy(int in, int out, int plain);

#endif
