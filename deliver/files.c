#include "files.h"

#include <errno.h>

ssize_t
files_write(int fd, struct iovec *parts, int count)
{
	ssize_t total = 0;

	while (count) {
		ssize_t r = writev(fd, parts, count);

		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return -1;
		total += r;
		while (count && (size_t)r >= parts->iov_len) {
			r -= (ssize_t)parts->iov_len;
			parts++;
			count--;
		}
		if (count) {
			parts->iov_base = (char *)parts->iov_base + r;
			parts->iov_len -= (size_t)r;
		}
	}
	return total;
}
