#ifndef DELIVER_FILES_H
#define DELIVER_FILES_H

/* files - write what is asked, whole, to an open file. Does I/O. */

#include <sys/types.h>
#include <sys/uio.h>

/* files_write - all octets of parts (which it changes): how many, or -1 with errno. */
ssize_t files_write(int fd, struct iovec *parts, int count);

#endif
