#ifndef LIB_SMTPROUTES_H
#define LIB_SMTPROUTES_H

/*
 * smtproutes - the grammar of the lines in control/smtproutes and control/tlsroutes, for
 * who goes by them and for control-check. No I/O.
 *
 *     domain:host          mail for domain goes to host, whatever DNS says
 *     .suffix:host:port    for every domain below suffix
 *     :[2001:db8::1]:26    for all others
 *     domain:              as DNS says
 *
 *     name:LEVEL           in tlsroutes: never, may, must or verify
 */

#include <stddef.h>

struct smtproute {
	char const *key; /* "domain", ".suffix" or "" */
	size_t keylen;
	char const *host; /* a name or an address, without brackets; empty: as DNS says */
	size_t hostlen;
	unsigned int port; /* 0: none was given */
};

/*
 * smtproutes_parse - read one entry; what points into it stays there. Null, or what is
 * wrong with it (for control_bad_entry).
 * smtproutes_target - the same for HOST[:PORT] alone; a host there must be.
 */
char const *smtproutes_parse(struct smtproute *r, char const *entry, size_t len);
char const *smtproutes_target(struct smtproute *r, char const *text, size_t len);

/*
 * tlsroutes_parse - the same for an entry of tlsroutes: *level is 0 never, 1 may, 2 must,
 * 3 verify.
 */
char const *tlsroutes_parse(struct smtproute *r, int *level, char const *entry, size_t len);

/*
 * smtproutes_fits - how well a key fits a domain: 0 not at all, 1 the empty key, else its
 * length and more, so that the longest suffix counts and the domain itself counts most.
 * Case is ignored.
 */
size_t smtproutes_fits(struct smtproute const *r, char const *domain);

#endif
