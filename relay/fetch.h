#ifndef RELAY_FETCH_H
#define RELAY_FETCH_H

/*
 * fetch - get a domain's MTA-STS policy by HTTPS (RFC 8461 3.3). Does I/O: DNS and one
 * connection, for FETCH_SECONDS at the most; it opens no file.
 *
 * libcurl is told all that it would find out for itself (addresses, authorities, that there is
 * no proxy), and told to follow nothing and remember nothing.
 */

#include "lookup.h"
#include "sts.h"

#define FETCH_SECONDS 50  /* for all of it; a delivery may be waiting (STS_WAIT) */
#define FETCH_WHY_MAX 256 /* octets of why there is none, NUL included */

struct fetch {
	struct lookup lookup;
	char const *authorities; /* PEM, of those who may sign certificates */
	size_t authoritieslen;
	char why[FETCH_WHY_MAX];
	size_t len; /* octets in text */
	char text[STS_POLICY_MAX];
};

/* fetch_init - once, before the sandbox: it reads files. 1, or 0. */
int fetch_init(void);

/* fetch_policy - the domain's policy: 1 and text[len], which may be anything; or 0 and why. */
int fetch_policy(struct fetch *f, char const *domain);

#endif
