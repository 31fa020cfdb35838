#ifndef RELAY_RELAYCONF_H
#define RELAY_RELAYCONF_H

/*
 * relayconf - relay's settings (control(5)): helohost, timeoutremote, smarthostauth. Does
 * file I/O, before the sandbox closes.
 */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "control.h"

struct relayconf {
	stralloc helo;      /* the name that we say EHLO with */
	stralloc passwords; /* a list of "HOST USER PASSWORD" */
	uint64_t timeout;   /* seconds that no wait for a reply exceeds; 0: as RFC 5321 says */
};

/* What a server wants to hear from us: a copy, each NUL-ended. */
struct relayconf_login {
	char user[256];
	char password[256];
};

/*
 * relayconf_read - dies (EXIT_PERM) with the remedy when something is wrong, as when others
 * can read the passwords. passwords_too: without them there is no start; else they are left
 * out if this user may not read them.
 */
void relayconf_read(struct relayconf *c, struct control *control, int passwords_too);

/* relayconf_login - 1, or 0 if there is no line for the host. */
int relayconf_login(struct relayconf const *c, char const *host, struct relayconf_login *login);

/* relayconf_check - whether each entry of the list is a host, a user and a password; or which is
 * not. */
int relayconf_check(stralloc const *passwords, size_t *entry);

#endif
