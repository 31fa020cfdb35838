#ifndef RELAY_DIAL_H
#define RELAY_DIAL_H

/*
 * dial - make a TCP connection within a time limit. Does I/O.
 */

#include <stdint.h>
#include <sys/socket.h>

/*
 * dial - a blocking, close-on-exec socket connected to the address; from (null: any) is what it
 * is bound to; at most ms milliseconds. -1 with errno; ETIMEDOUT if that was too short.
 */
int dial(struct sockaddr_storage const *to, socklen_t len, struct sockaddr_storage const *from,
    socklen_t fromlen, int ms);

/* dial_now - milliseconds of the clock that only goes forward. */
int64_t dial_now(void);

/* dial_wait - poll one descriptor until then (dial_now's time): 1 there is an event, 0 too late. */
int dial_wait(int fd, short events, int64_t until);

#endif
