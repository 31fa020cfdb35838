#ifndef RELAY_HOSTS_H
#define RELAY_HOSTS_H

/*
 * hosts - what all workers know of mail servers, each by its address and port: notes
 * (lib/notes.h) in CONF_QUEUEDIR/relay/hosts. Does I/O on that file only.
 *
 * Every note ends by itself. Connections are counted by locks on octets far behind the
 * table's end, an octet a connection: the kernel takes them back from a process that dies.
 * Without the file (fd -1) nothing is remembered, and everything is allowed.
 */

#include <stdint.h>

#include "names.h"

#define HOSTS_DOWN     60      /* seconds after the first failure; then doubled … */
#define HOSTS_DOWN_MAX 900     /* … up to this */
#define HOSTS_PLAIN    3600    /* seconds without TLS after it failed */
#define HOSTS_BURST    6000000 /* microseconds' worth of messages that may go at once */
#define HOSTS_COUNT    500     /* connections that can be counted for one address */

struct hosts {
	int fd;
	int entered; /* a connection is counted: by the lock on the octet at `at` */
	int64_t at;
};

struct hosts_note {
	uint64_t down;         /* until then nobody should connect; 0 it is not down */
	uint64_t plain;        /* until then TLS is not tried; 0 */
	unsigned int failures; /* in a row */
};

/* hosts_open - the file (it is made if it is not there): 1, or 0 with errno; h can be used. */
int hosts_open(struct hosts *h, char const *path);
void hosts_close(struct hosts *h);

/* hosts_look - what is known of the address; times are seconds since 1970. */
void hosts_look(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    struct hosts_note *note);

/*
 * hosts_bad - it failed: down for a while, longer each time. hosts_good - it works again.
 * hosts_plain - TLS does not work with it. hosts_claim - its time is over and it will be
 * tried: let nobody else try it meanwhile, for these seconds.
 */
void hosts_bad(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now);
void hosts_good(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now);
void hosts_plain(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now);
void hosts_claim(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    unsigned int seconds);

/*
 * hosts_ticket - a message is to go there, rate messages a minute may: the microseconds to
 * wait first. If they are more than longest, nothing was taken. now is in microseconds.
 */
uint64_t hosts_ticket(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    uint64_t rate, uint64_t longest);

/*
 * hosts_enter - count one connection to the address, of limit (HOSTS_COUNT at the most) at
 * once; what was counted before is left first: 1, or 0 there are as many already.
 * hosts_leave - it is over.
 */
int hosts_enter(struct hosts *h, struct ip const *ip, unsigned int port, unsigned int limit);
void hosts_leave(struct hosts *h);

#endif
