#ifndef RELAY_STSFILE_H
#define RELAY_STSFILE_H

/*
 * stsfile - a domain's MTA-STS policy, as relay-connect has it: from its file, fetched first
 * by relay-sts where the file is missing, old or not of the id that DNS names. Does I/O.
 */

#include "sts.h"

struct stsfile {
	int dir;    /* CONF_QUEUEDIR/sts, or -1 */
	int socket; /* RELAY_STS, or -1 */
};

/*
 * stsfile_policy - the policy that counts now: 1 and *p; 0 there is none. id is that of the
 * domain's TXT record; "" if there was none, or it could not be looked up: then one that was
 * fetched before still counts (RFC 8461 5.1). May wait for STS_WAIT seconds.
 */
int stsfile_policy(
    struct stsfile const *s, char const *domain, char const *id, struct sts_policy *p);

#endif
