#ifndef LIB_DESCRIPTOR_H
#define LIB_DESCRIPTOR_H

/* descriptor - a process's descriptors, as its sandbox names them by number. */

/*
 * descriptor_move - fd to that number, close-on-exec; what was there is closed. Returns to; -1,
 * with errno, for an fd that is -1, as open leaves it. Dies when the kernel cannot.
 */
int descriptor_move(int fd, int to);

#endif
