#ifndef SMTPD_TLSSERVER_H
#define SMTPD_TLSSERVER_H

/*
 * tlsserver - TLS with one client, as its server. Does I/O: reads the files of keys.h and
 * tickets.h, which are open, and the client's two descriptors, which must not block.
 *
 * OpenSSL begins with tlsserver_start, so that a process that never gets there pays nothing.
 * It is used in this file only, and for one connection in a process: there is no handle.
 */

#include <stddef.h>

#include "control.h"

#define TLSSERVER_PLAIN 16384 /* octets of one write or read: what a record holds */
#define TLSSERVER_WHY   256   /* octets of a reason, NUL included */

struct tlsserver_rules {
	char const *ciphers; /* of TLS 1.2, in OpenSSL's words; null: Mozilla's intermediate list */
	int newest;          /* TLS 1.3 only */
	int tickets;         /* descriptor of the file of tickets.h, or -1: no session is resumed */
	int ask;             /* for a certificate of the client's; any will do */
};

/* What the calls return that do not return a number of octets. */
enum tlsserver_result {
	TLSSERVER_DONE = 1,
	TLSSERVER_READ = 0,    /* again when there is more to read */
	TLSSERVER_WRITE = -1,  /* again when there is room to write */
	TLSSERVER_CLOSED = -2, /* the client sends no more */
	TLSSERVER_FAILED = -3, /* for ever; tlsserver_why */
};

/*
 * tlsserver_start - begin, with the default certificates: 1, or 0 and tlsserver_why says
 * which setting or file is wrong.
 * tlsserver_check - what is wrong with the certificates of a name, or, if nothing is, whom
 * they are for: 1, or 0.
 */
int tlsserver_start(struct tlsserver_rules const *rules);
struct keys;
int tlsserver_check(struct keys const *k, char *text, size_t max);

/* tlsserver_client - the client is on these descriptors: 1, or 0 no memory. */
int tlsserver_client(int in, int out);

/* tlsserver_handshake - go on with it: DONE, READ, WRITE or FAILED. */
enum tlsserver_result tlsserver_handshake(void);

/* tlsserver_why - after 0 or FAILED. */
char const *tlsserver_why(void);

/*
 * tlsserver_facts - after DONE: NAME=value, each ended by NUL, by the names of mod_ssl, and
 * an empty one behind them. Returns their length; what does not fit is left out.
 */
size_t tlsserver_facts(char *to, size_t max);

/*
 * tlsserver_read - plain text into to[TLSSERVER_PLAIN]: the number of octets, or READ, WRITE,
 * CLOSED, FAILED. tlsserver_buffered: whether it may return some though there is nothing to
 * read on the descriptor.
 * tlsserver_write - plain text, not none: the number of octets taken, or READ, WRITE, FAILED.
 * tlsserver_close - tell the client that no more will come.
 */
int tlsserver_read(char *to);
int tlsserver_buffered(void);
int tlsserver_write(char const *data, size_t len);
void tlsserver_close(void);

#endif
