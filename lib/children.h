#ifndef LIB_CHILDREN_H
#define LIB_CHILDREN_H

/*
 * children - a descriptor (signalfd; close-on-exec, non-blocking) that can be read when a child
 * has ended: SIGCHLD is blocked from now on. For who waits in poll. Dies (EXIT_TEMP).
 */
int children_watch(void);

#endif
