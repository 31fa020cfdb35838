#ifndef RELAY_MX_H
#define RELAY_MX_H

/*
 * mx - in which order a domain's mail servers are tried (RFC 5321 5.1). No I/O.
 */

#include <stddef.h>
#include <stdint.h>

#include "answers.h"
#include "names.h"

#define MX_MAX 20 /* hosts that are tried; those that are preferred */

struct mx_host {
	char name[NAMES_MAX]; /* as the MX record has it */
	uint16_t preference;
};

enum mx_kind {
	MX_HOSTS,
	MX_NULL,     /* the domain takes no mail (RFC 7505) */
	MX_UNUSABLE, /* there are records, but none with a host's name */
};

struct mx {
	size_t count;
	struct mx_host host[MX_MAX];
};

/*
 * mx_order - the hosts of MX records, most preferred first, at random among equals (seed
 * decides), each once.
 */
enum mx_kind mx_order(struct mx *m, struct answers const *a, uint64_t seed);

/* mx_end_of_group - the first host behind `first` with another preference. */
size_t mx_end_of_group(struct mx const *m, size_t first);

/*
 * mx_cut - the host numbered i is ourselves: it and all that are not preferred to it go
 * (RFC 5321 5.1); those are left that stand before its group.
 */
void mx_cut(struct mx *m, size_t i);

#endif
