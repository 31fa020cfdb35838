#ifndef LIB_ROUTE_H
#define LIB_ROUTE_H

/*
 * route - whether a domain is ours: the lists locals and virtualdomains, as control_list
 * made them (folded). No I/O, no memory.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "address.h"

struct route {
	int local;          /* the address is ours */
	char const *prefix; /* a virtual domain's, not ended by NUL; null if it is not virtual */
	size_t prefixlen;
};

/*
 * route_find - look the address up: locals first, then virtualdomains by
 * user@domain, domain, .suffix from long to short, and "" for all the rest. An
 * entry with an empty prefix means that what it matches is not virtual. An address
 * without a domain is ours.
 */
void route_find(struct route *to, stralloc const *locals, stralloc const *virtualdomains,
    struct address const *a);

/*
 * route_check_local, route_check_virtual - what is wrong with an entry, with the remedy behind a
 * colon; null if nothing is. max is the longest prefix that is allowed.
 */
char const *route_check_local(char const *entry, size_t len);
char const *route_check_virtual(char const *entry, size_t len, size_t max);

#endif
