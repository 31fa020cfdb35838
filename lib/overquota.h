#ifndef LIB_OVERQUOTA_H
#define LIB_OVERQUOTA_H

/*
 * overquota - whose mailbox is full: noted by queue-send when a delivery says so, asked
 * by smtpd at RCPT, so that such mail waits with its sender and not in our queue.
 *
 * CONF_QUEUEDIR/overquota, a table of fixed size (a quarter of a megabyte, with holes):
 * an address is hashed to one bucket, a bucket is a few slots of (digest, until). The
 * file only ever delays mail and each note ends by itself: a full bucket forgets the
 * note that ends first, and whatever does not look like a note is none. Does file I/O;
 * one read a look-up.
 */

#include <stddef.h>
#include <time.h>

#define OVERQUOTA_MAX 172800 /* seconds that one note lasts at the most */

/*
 * overquota_open - for overquota_check; overquota_open_write - for the other two.
 * Return a close-on-exec descriptor, or -1 with errno.
 */
int overquota_open(void);
int overquota_open_write(void);

/*
 * overquota_check - whether the mailbox of this canonical address is noted as full.
 * The case of ASCII letters is ignored. Trouble with the file means 0; so does fd -1.
 */
int overquota_check(int fd, char const *address, size_t len, time_t now);

/*
 * overquota_mark - note it until that time (cut to OVERQUOTA_MAX from now on);
 * overquota_clear - forget it. Return 1, or 0 with errno.
 */
int overquota_mark(int fd, char const *address, size_t len, time_t now, time_t until);
int overquota_clear(int fd, char const *address, size_t len);

#endif
