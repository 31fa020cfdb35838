#ifndef RELAY_ROUTES_H
#define RELAY_ROUTES_H

/*
 * routes - where smtproutes sends a domain's mail, and how much TLS tlsroutes wants. Reading
 * the settings does file I/O; finding does none.
 */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "control.h"
#include "hop.h"
#include "names.h"

#define ROUTES_PORTS_MAX 64 /* different ports in smtproutes */

struct routes {
	stralloc smtp, tls; /* as control_list gives them, each entry checked */
	size_t ports;
	uint16_t port[ROUTES_PORTS_MAX]; /* that smtproutes names */
};

/* One host that mail is to go to. */
struct route {
	char host[NAMES_MAX]; /* in A-labels; for an address, the address */
	int is_ip;
	struct ip ip;
	unsigned int port; /* 0: none was given */
};

/* routes_read - both settings: 1, or -1 with control->error. */
int routes_read(struct routes *r, struct control *c);

/*
 * routes_find - the host for a domain; domain is as it stands in the address, ascii in
 * A-labels. 1; 0 DNS decides.
 */
int routes_find(struct routes const *r, char const *domain, char const *ascii, struct route *route);

/* routes_target - HOST[:PORT] of a command line: null, or what is wrong with it. */
char const *routes_target(struct route *route, char const *text);

/* routes_tls - the level that tlsroutes gives a name: 0 none, 1 the one of all names, more. */
size_t routes_tls(struct routes const *r, char const *name, enum hop_tls *level);

#endif
