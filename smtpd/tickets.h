#ifndef SMTPD_TICKETS_H
#define SMTPD_TICKETS_H

/*
 * tickets - the keys of TLS session tickets, which the connections of a host share. Does file
 * I/O, before the sandbox closes; only tickets_read does it after that.
 *
 * They are in one file, newest first; it is replaced as a whole. Every TICKETS_ROTATE seconds
 * whoever comes first puts a new key in front, and the last one goes: what was recorded of a
 * connection that long ago can then not be decrypted by taking the file.
 */

#include <stddef.h>

#define TICKETS_ROTATE 14400                                 /* seconds */
#define TICKETS_KEYS   3                                     /* in the file */
#define TICKETS_LIFE   (TICKETS_ROTATE * (TICKETS_KEYS - 1)) /* seconds that a ticket is good for */

/* As it is in the file; what the parts are for is the reader's. */
struct ticket_key {
	unsigned char name[16];
	unsigned char cipher[32];
	unsigned char mac[32];
};

/*
 * tickets_open - the file in an open directory of ours, made or rotated if that is due: its
 * descriptor, or -1 with errno.
 */
int tickets_open(int dir);

/* tickets_read - how many keys there are in it: 0 it is damaged. */
size_t tickets_read(int fd, struct ticket_key keys[TICKETS_KEYS]);

#endif
