#ifndef RELAY_AUTHORITIES_H
#define RELAY_AUTHORITIES_H

/* authorities - the file (PEM) of those who may sign certificates. Does file I/O: a setting. */

#include <skalibs/stralloc.h>

#include "control.h"

/* authorities_path - by the setting tlscafile: 1, or -1 with control->error. */
int authorities_path(struct control *control, stralloc *path);

#endif
