#ifndef RELAY_LEVEL_H
#define RELAY_LEVEL_H

/*
 * level - how much TLS is wanted from a host: what tlsroutes says, raised by what the
 * domain publishes (DANE before MTA-STS). No I/O.
 */

#include "dane.h"
#include "hop.h"
#include "routes.h"
#include "sts.h"

#define LEVEL_IMPLICIT_PORT 465 /* TLS from the first octet (RFC 8314) */

/*
 * level_base - what the admin wants, before anything that was published. domain may be "". An
 * entry for the domain goes before one for the host, and both before that for all.
 */
enum hop_tls level_base(
    struct routes const *r, char const *domain, char const *host, unsigned int port);

/*
 * level_set - hop->tls, implicit, anybody and testing, with base from level_base, what DANE gave,
 * and the domain's MTA-STS policy, which may be null, if it lets mail go to the host. `never`
 * stays: the admin has said so.
 */
void level_set(
    struct hop *hop, enum hop_tls base, enum dane_result dane, struct sts_policy const *sts);

/* level_plain - TLS was found not to work: leave it, where nothing forbids that. */
void level_plain(struct hop *hop);

#endif
