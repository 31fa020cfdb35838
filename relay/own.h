#ifndef RELAY_OWN_H
#define RELAY_OWN_H

/*
 * own - this host's own addresses, so that mail is not sent in a circle. own_read asks the
 * kernel, before the sandbox closes.
 */

#include <stddef.h>

#include "names.h"

#define OWN_MAX 256 /* addresses that are noted */

struct own {
	size_t count;
	struct ip ip[OWN_MAX];
};

/* own_read - note them all: 1, or 0 with errno. */
int own_read(struct own *o);

/* own_has - whether it is one of them, or on loopback, or unspecified (0.0.0.0, ::). */
int own_has(struct own const *o, struct ip const *ip);

#endif
