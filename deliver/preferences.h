#ifndef DELIVER_PREFERENCES_H
#define DELIVER_PREFERENCES_H

/* preferences - what local delivery reads from control/. Does file I/O. */

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "control.h"

#define PREFERENCES_DELIVERY        "./Maildir/"
#define PREFERENCES_PROGRAM_SECONDS 600 /* less than a source waits (mailstream(5)) */
#define PREFERENCES_PROGRAM_MAX     800

struct preferences {
	stralloc me;              /* the domain of forwards without one; start with STRALLOC_ZERO */
	stralloc defaultdelivery; /* in the language of .qmail files; start with STRALLOC_ZERO */
	uint64_t timeoutprogram;  /* seconds that a program of a .qmail file may run */
};

/* preferences_read - all of them: 1, or -1 with c->error. */
int preferences_read(struct preferences *s, struct control *c);

#endif
