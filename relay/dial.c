#include "dial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

int64_t
dial_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
dial_wait(int fd, short events, int64_t until)
{
	struct pollfd x = { .fd = fd, .events = events };

	for (;;) {
		int64_t const left = until - dial_now();
		int const r = left > 0 ? poll(&x, 1, (int)left) : 0;

		if (r > 0)
			return 1;
		if (!r || errno != EINTR)
			return 0;
	}
}

/* finish - wait for a connection that is under way: 1, or 0 with errno. */
static int
finish(int fd, int64_t until)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (!dial_wait(fd, POLLOUT, until)) {
		errno = ETIMEDOUT;
		return 0;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return 0;
	errno = error;
	return !error;
}

int
dial(struct sockaddr_storage const *to, socklen_t len, struct sockaddr_storage const *from,
    socklen_t fromlen, int ms)
{
	int64_t const until = dial_now() + ms;
	int const fd = socket(to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int e;

	if (fd == -1)
		return -1;
	if ((!from || bind(fd, (struct sockaddr const *)from, fromlen) != -1) &&
	    (connect(fd, (struct sockaddr const *)to, len) != -1 ||
		(errno == EINPROGRESS && finish(fd, until))) &&
	    fcntl(fd, F_SETFL, O_RDWR) != -1)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}
