#ifndef LIB_REST_H
#define LIB_REST_H

/*
 * rest - a process that has nothing to do gives back memory that it can have again. Does no I/O
 * but poll. A sandbox that is closed by then must allow madvise.
 */

#include <poll.h>

#define REST_MS 3000 /* without anything to do, until rest_poll gives memory back */

/*
 * rest_stack - the pages of the stack that earlier, deeper calls have written.
 * rest - also those of code and constants, which come back from the kernel's cache as they are
 * used: the start of a static program alone touches most of them.
 */
void rest_stack(void);
void rest(void);

/* rest_poll - poll, for a process's main loop, with a rest in it if nothing happens for REST_MS. */
int rest_poll(struct pollfd *x, nfds_t count, int ms);

#endif
