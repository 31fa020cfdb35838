#ifndef RELAY_STSCACHE_H
#define RELAY_STSCACHE_H

/*
 * stscache - relay-sts's side of the files that keep MTA-STS policies (sts.h). Does file I/O
 * below one open directory, of which it is the only writer.
 */

#include "sts.h"

/*
 * stscache_is_fresh - whether there is nothing to fetch: the policy for that id has been
 * fetched, or a fetch has failed, less than STS_RETRY seconds ago.
 */
int stscache_is_fresh(int dir, char const *domain, char const *id, uint64_t now);

/* stscache_put - a policy that was fetched (sts_policy takes it). 1, or 0 with errno. */
int stscache_put(
    int dir, char const *domain, char const *id, uint64_t now, char const *policy, size_t len);

/* stscache_fail - a fetch that failed: what is there stays, with the time. 1, or 0 with errno. */
int stscache_fail(int dir, char const *domain, uint64_t now);

/*
 * stscache_sweep - remove the files that say nothing any more: policies that have expired and
 * failures that are long past. How many are left.
 */
size_t stscache_sweep(int dir, uint64_t now);

#endif
