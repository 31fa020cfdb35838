#ifndef QUEUE_RETRY_H
#define QUEUE_RETRY_H

/*
 * retry - when a recipient that was deferred is tried again. Pure arithmetic in
 * seconds; no clock and no randomness of its own.
 *
 * Quadratic: the n-th attempt comes about skip * skip * (n - 1)^2 seconds after the
 * message, so the pauses grow by 2 * skip * skip each time. A message that was asked for
 * more often than that (by an admin, by SIGALRM) waits as its age says, and one that was
 * not tried for long (the server was off) as its attempts say: the shorter one counts.
 * The jitter keeps what failed together from coming back together.
 */

#include <stdint.h>

#define RETRY_LOCAL  10 /* skip: 100 s, 300 s, 500 s … between attempts */
#define RETRY_REMOTE 20 /* 400 s, 1200 s, 2000 s … */
#define RETRY_JITTER 10 /* percent, at the most, that a pause is made longer */

/*
 * retry_next - the time of the next attempt, after now; birth, now: seconds since
 * 1970; attempts: made so far; random: any number; end: when the message's time is
 * over: one last attempt is made then, and none after it (so if now < end, the
 * result is at most end).
 */
uint64_t retry_next(uint64_t birth, uint64_t now, unsigned int attempts, unsigned int skip,
    uint64_t end, uint32_t random);

/*
 * retry_pause - how long a destination that is down is left alone after its n-th
 * failure in a row (n >= 1): 30 s, 120 s, 270 s … one hour.
 */
uint64_t retry_pause(unsigned int failures, uint32_t random);

#endif
