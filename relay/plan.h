#ifndef RELAY_PLAN_H
#define RELAY_PLAN_H

/*
 * plan - the hosts and addresses of one destination, and which is to be tried next. No I/O.
 *
 * Hosts stand in the order of mx.h. They are looked up a group at a time, all of one
 * preference, so that an own address among them is seen before any of them is tried.
 */

#include "answers.h"
#include "hop.h"
#include "mx.h"
#include "names.h"

#define PLAN_ADDRESSES_MAX 8  /* of one host */
#define PLAN_TRIES_MAX     16 /* addresses that are tried until the plan is begun again */

struct plan_address {
	struct ip ip;
	int tried;
	int plain;   /* TLS was found not to work, in this process's life */
	int claimed; /* it is marked as down for others, while this process tries it */
};

struct plan_host {
	struct hop hop; /* but for the address */
	int resolved;   /* hop and addresses are there */
	size_t count;
	struct plan_address address[PLAN_ADDRESSES_MAX];
};

struct plan {
	struct mx mx;                  /* names and preferences … */
	struct plan_host host[MX_MAX]; /* … and the rest, in the same order */
	size_t tries;
};

enum plan_step {
	PLAN_TRY,     /* the address */
	PLAN_RESOLVE, /* look the hosts from `host` on up, all of its group */
	PLAN_END,
};

/* Where the plan is. */
struct plan_at {
	size_t host;
	size_t address;
};

/* plan_clear - no hosts. plan_add - one more: its number, or -1 there are too many. */
void plan_clear(struct plan *p);
int plan_add(struct plan *p, char const *name, uint16_t preference);

/* plan_set_hosts - those of p->mx, none of them looked up. */
void plan_set_hosts(struct plan *p);

/*
 * plan_set_addresses - IPv6 and IPv4 in turns, as far as there are some of each; seed decides
 * the order among those of one family.
 */
void plan_set_addresses(
    struct plan_host *h, struct answers const *a, struct answers const *aaaa, uint64_t seed);

/* plan_next - what comes next. With PLAN_TRY the address counts as tried from now on. */
enum plan_step plan_next(struct plan *p, struct plan_at *at);

/* plan_again - nothing was tried. */
void plan_again(struct plan *p);

/* plan_cut - the host numbered i is ourselves: it, its group and all behind it go. */
void plan_cut(struct plan *p, size_t i);

#endif
