#ifndef RELAY_DANE_H
#define RELAY_DANE_H

/*
 * dane - whether DANE holds for a mail server, and with which TLSA records and names
 * (RFC 7672). No I/O.
 */

#include <stddef.h>

#include "answers.h"
#include "hop.h"

#define DANE_BASES_MAX 2
#define DANE_NAME_MAX  (ANSWERS_NAME_MAX + 16) /* "_65535._tcp." before a name */

/* What DNS said about a host; cname is asked for only when dane_wants_cname says so. */
struct dane_host {
	char const *name; /* as the MX record, or the admin, has it */
	struct answers const *a, *aaaa;
	struct answers const *cname; /* or null */
};

/* The names at which TLSA records may be, in the order in which they count. */
struct dane_bases {
	size_t count;
	char const *name[DANE_BASES_MAX];
};

enum dane_result {
	DANE_NONE,     /* it does not hold: there are no secure TLSA records */
	DANE_HOLDS,    /* TLS, and as the records say */
	DANE_UNUSABLE, /* there are secure records, but none of a kind that mail uses: TLS, at
			  least, whoever it is (2.2) */
	DANE_FAILED,   /* it could not be found out: no mail may go to this host (2.1.2) */
};

/*
 * dane_wants_cname - whether the host's name must be asked for its own CNAME: the way to its
 * addresses is not secure all along, but may be so as far as the alias itself (2.1.3).
 * dane_bases - where to look for TLSA records: nowhere unless the way there is secure.
 */
int dane_wants_cname(struct dane_host const *h);
void dane_bases(struct dane_bases *b, struct dane_host const *h);

/* dane_tlsa_name - "_25._tcp.NAME" into to[DANE_NAME_MAX]. */
void dane_tlsa_name(char *to, unsigned int port, char const *name);

/*
 * dane_judge - of the replies for all bases, in their order: what holds, with which base
 * (*which), and the usable records into hop->tlsa.
 */
enum dane_result dane_judge(
    struct hop *hop, struct answers const *const *tlsa, size_t count, size_t *which);

/*
 * dane_reference - the names that a certificate under a DANE-TA record may be for (3.2.2): the
 * base, the next-hop domain as it was looked up and what that is an alias of (both may be null
 * where there was no MX look-up), and the host's name if the base is what it leads to.
 */
void dane_reference(
    struct hop *hop, char const *base, char const *domain, char const *expanded, char const *host);

#endif
