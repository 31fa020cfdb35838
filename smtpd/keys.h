#ifndef SMTPD_KEYS_H
#define SMTPD_KEYS_H

/*
 * keys - the files that hold our certificates and keys, opened, not read: who opens them may
 * be root, who reads them is not. Does file I/O, before the sandbox closes.
 *
 * In the directory of the settings: servercert.pem, and servercert-rsa.pem for a second
 * certificate of another type; and NAME.pem and NAME-rsa.pem in servercerts, for clients that
 * ask for that name. "*.example.org.pem" is for all names one label longer that have no file.
 */

#include <stddef.h>

#include "control.h"

#define KEYS_NAME_MAX 256 /* octets of a host name, NUL included */
#define KEYS_MAX      200 /* names in servercerts */

/* The certificates for a name, by the descriptor of the file; -1: none. */
struct keys {
	char name[KEYS_NAME_MAX]; /* lower-case, or "" for everybody */
	int fd;
	int second;
};

/*
 * keys_open - all that are there: 1, or 0 with why[max]: the first one that cannot be opened, or
 * that there is none for everybody.
 */
int keys_open(struct control *c, char *why, size_t max);

/* keys_default - those for everybody. keys_find - those for a name, or null: it has none. */
struct keys const *keys_default(void);
struct keys const *keys_find(char const *name);

/* keys_at - one after the other, the default first; null when there are no more. */
struct keys const *keys_at(size_t i);

/* keys_file - the file that one of the two was opened from, into to[max], for people. */
void keys_file(struct keys const *k, int second, char *to, size_t max);

#endif
