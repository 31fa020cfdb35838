#ifndef SMTPD_PASSWORDS_H
#define SMTPD_PASSWORDS_H

/*
 * passwords - a file of users and hashes, passwords(5): one a line, "user:hash", and more
 * fields behind another colon, which are passed over. No I/O but passwords_read.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "scram.h"

#define PASSWORDS_FILE     "passwords" /* in control/ */
#define PASSWORDS_FILE_MAX (16U << 20) /* octets */
#define PASSWORDS_HASH_MAX 384         /* octets of a hash, NUL included */
#define PASSWORDS_STANDARD "$y$j9T$"   /* what a name that is not there is tried by: yescrypt */

/*
 * passwords_read - all of an open file into text: 1; 0 it is not fit, and *why says why
 * (others may read or write it, or it is too long); -1 with errno. Does I/O.
 */
int passwords_read(int fd, stralloc *text, char const **why);

/*
 * passwords_find - the user's hash, into to[PASSWORDS_HASH_MAX]: 1; or 0, there is none that
 * fits, and to is then what takes as long to try: the file's first hash, or none at all
 * (an empty text). All of the text is read, wherever the name stands.
 */
int passwords_find(char *to, char const *text, size_t len, char const *user);

/*
 * passwords_line - where the line of a user is: its octets, line end included, from *start
 * on; 0 if there is none.
 */
size_t passwords_line(char const *text, size_t len, char const *user, size_t *start);

/* passwords_keys - the user's keys for SCRAM: 1; or 0, they are made up and fit nothing. */
int passwords_keys(struct scram *s, char const *text, size_t len, char const *user);

#endif
