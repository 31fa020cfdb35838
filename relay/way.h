#ifndef RELAY_WAY_H
#define RELAY_WAY_H

/*
 * way - find the way to a destination: routes, DNS, DANE and MTA-STS make a plan of hosts.
 * Does I/O, by lookup and stsfile.
 */

#include <stdint.h>

#include "connectconf.h"
#include "lookup.h"
#include "own.h"
#include "plan.h"
#include "stsfile.h"
#include "verdict.h"

#define WAY_TTL_MIN 30   /* seconds that an answer is used, whatever its TTL … */
#define WAY_TTL_MAX 3600 /* … and at the most */

struct way {
	/* set by the caller */
	struct connectconf const *conf;
	struct own const *own;
	struct lookup lookup;
	struct stsfile sts;
	int is_mail; /* target is a mail domain or a literal; else HOST[:PORT] */
	char const *target;
	/* what was found */
	struct plan plan;
	char domain[NAMES_MAX];   /* in A-labels; "" for HOST[:PORT] and literals */
	char expanded[NAMES_MAX]; /* what the domain is an alias of; "" */
	int is_route;             /* the host was named by the admin */
	int is_literal;
	int secure;     /* the MX records were validated */
	int has_policy; /* MTA-STS */
	struct sts_policy policy;
	int64_t expires; /* dial_now's time */
};

/*
 * way_find - a plan of hosts: 1, or 0 and *v says why there is none.
 * way_resolve - look up the plan's hosts from `first` on, all of its group; what keeps mail
 * from one of them goes into *v. Whatever host is ourselves is cut from the plan.
 * way_is_old - what was found is too old to be used again.
 */
int way_find(struct way *w, struct verdict *v);
void way_resolve(struct way *w, size_t first, struct verdict *v);
int way_is_old(struct way const *w);

/*
 * For way's own parts. way_note_ttl - what was found is good for these seconds. way_forget_soon -
 * it lacks what could not be looked up: it is for this message only. way_seed - a number that
 * nobody can guess.
 */
void way_note_ttl(struct way *w, uint32_t ttl);
void way_forget_soon(struct way *w);
uint64_t way_seed(void);

#endif
