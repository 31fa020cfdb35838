#ifndef DELIVER_SETTINGS_H
#define DELIVER_SETTINGS_H

/* settings - what local delivery reads from control/. Does file I/O. */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "control.h"

#define SETTINGS_DELIVERY        "./Maildir/"
#define SETTINGS_PROGRAM_SECONDS 600 /* less than a source waits for an answer (mailstream(5)) */
#define SETTINGS_PROGRAM_MAX     800

struct settings {
	stralloc me;              /* the domain of forwards without one; start with STRALLOC_ZERO */
	stralloc defaultdelivery; /* in the language of .qmail files; start with STRALLOC_ZERO */
	uint64_t timeoutprogram;  /* seconds that a program of a .qmail file may run */
};

/* settings_read - all of them: 1, or -1 with c->error. */
int settings_read(struct settings *s, struct control *c);

#endif
