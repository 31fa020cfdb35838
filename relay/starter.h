#ifndef RELAY_STARTER_H
#define RELAY_STARTER_H

/*
 * starter - relay-sts's second process, which starts a relay-sts-fetch for each domain that it
 * is given. Does I/O; starts processes.
 *
 * It is a process of its own so that the one that keeps the policies can do without starting
 * anything, and without the network. It never reads what was fetched.
 */

/*
 * starter_begin - fork it. Call it without privileges, before the sandbox closes; authorities
 * is the file of the setting tlscafile: what is in its directory, the fetchers may read.
 */
void starter_begin(char const *authorities);

/*
 * starter_fetch - have a domain's policy fetched: 1, or 0 with errno. The result comes into the
 * pipe whose writing end is given (it stays the caller's): 'K' and the policy, or 'Z' and
 * why there is none.
 */
int starter_fetch(char const *domain, int result);

#endif
