#ifndef RELAY_TLSCLIENT_H
#define RELAY_TLSCLIENT_H

/*
 * tlsclient - TLS with a mail server, as a struct hop wants it, in memory: octets from the
 * server go in, octets for it come out. Does no I/O but one: the file of authorities, which is
 * open, is read when a certificate must be verified by it for the first time.
 *
 * OpenSSL begins with the first tlsclient_start, so that a process that never gets there
 * pays nothing. Sessions are kept, in memory, and resumed with the same host if it
 * is wanted in the same way (names and TLSA records included).
 */

#include <stddef.h>

#include "hop.h"
#include "secure.h"

/* Descriptor, always open: a file (PEM) of those who may sign certificates. */
#define TLSCLIENT_AUTHORITIES 3
#define TLSCLIENT_PLAIN       16384 /* octets of one write or read: what a record holds */

struct tlsclient;

/* What the calls return that do not return a number of octets. */
enum tlsclient_result {
	TLSCLIENT_DONE = 1,
	TLSCLIENT_MORE = 0,    /* when there are more octets from the server */
	TLSCLIENT_CLOSED = -1, /* the server said that it sends no more (close_notify) */
	TLSCLIENT_FAILED = -2, /* for ever; tlsclient_why */
};

/*
 * tlsclient_start - begin with one; null with errno: there is no memory, or the file of authorities
 * cannot be read. tlsclient_free - end; null is fine.
 */
struct tlsclient *tlsclient_start(struct hop const *h);
void tlsclient_free(struct tlsclient *t);

/*
 * tlsclient_feed - octets from the server; 1, or 0 no memory. Feed only what tlsclient_handshake
 * or tlsclient_read asked for with TLSCLIENT_MORE: so what is kept stays bounded.
 * tlsclient_take - octets for the server: up to max of them into to; how many. Send them
 * after every other call, also after one that failed (the server is told why).
 */
int tlsclient_feed(struct tlsclient *t, char const *data, size_t len);
size_t tlsclient_take(struct tlsclient *t, char *to, size_t max);

/* tlsclient_handshake - go on with it: DONE, MORE or FAILED. */
enum tlsclient_result tlsclient_handshake(struct tlsclient *t);

/*
 * tlsclient_why - after FAILED, in words, into why[max]: 1 if the certificate is not what it
 * must be, 0 if it is something else.
 * tlsclient_facts - after DONE.
 */
int tlsclient_why(struct tlsclient const *t, char *why, size_t max);
void tlsclient_facts(struct tlsclient const *t, struct secured *s);

/*
 * tlsclient_read - plain text into to[TLSCLIENT_PLAIN]: the number of octets, or 0 (MORE),
 * CLOSED or FAILED.
 * tlsclient_write - plain text, at most TLSCLIENT_PLAIN octets: DONE or FAILED.
 * tlsclient_close - tell the server that no more will come.
 */
int tlsclient_read(struct tlsclient *t, char *to);
enum tlsclient_result tlsclient_write(struct tlsclient *t, char const *data, size_t len);
void tlsclient_close(struct tlsclient *t);

#endif
