#include "tickets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME "tickets"
#define NEW_NAME  "tickets.new" /* who makes it rotates; the others go on meanwhile */
#define STALE     60            /* seconds after which who made it must have been killed */

/* age - of a file, in seconds; less than none if the clock was set back. */
static time_t
age(struct stat const *st)
{
	return time(0) - st->st_mtime;
}

size_t
tickets_read(int fd, struct ticket_key keys[TICKETS_KEYS])
{
	size_t const size = TICKETS_KEYS * sizeof *keys;
	ssize_t n;

	do
		n = pread(fd, keys, size, 0);
	while (n == -1 && errno == EINTR);
	return n > 0 && (size_t)n % sizeof *keys == 0 ? (size_t)n / sizeof *keys : 0;
}

/* write_new - a new key and, behind it, those of the file fd (or -1): 1, or 0 with errno. */
static int
write_new(int dir, int to, int fd)
{
	struct ticket_key keys[TICKETS_KEYS + 1];
	size_t const old = fd == -1 ? 0 : tickets_read(fd, keys + 1);
	size_t const size = (old < TICKETS_KEYS ? old + 1 : TICKETS_KEYS) * sizeof *keys;
	int const ok = getrandom(keys, sizeof *keys, 0) == sizeof *keys &&
		       write(to, keys, size) == (ssize_t)size &&
		       renameat(dir, NEW_NAME, dir, FILE_NAME) == 0;

	explicit_bzero(keys, sizeof keys);
	return ok;
}

/* rotate - unless another does it now: its new descriptor, or -1 with errno. */
static int
rotate(int dir, int fd)
{
	struct stat st;
	int const to = openat(dir, NEW_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (to == -1) {
		if (errno == EEXIST && !fstatat(dir, NEW_NAME, &st, AT_SYMLINK_NOFOLLOW) &&
		    (age(&st) > STALE || age(&st) < -STALE))
			unlinkat(dir, NEW_NAME, 0);
		errno = EAGAIN;
		return -1;
	}
	if (write_new(dir, to, fd))
		return to;
	unlinkat(dir, NEW_NAME, 0);
	close(to);
	return -1;
}

int
tickets_open(int dir)
{
	int const fd = openat(dir, FILE_NAME, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int fresh;

	if (fd == -1 && errno != ENOENT)
		return -1;
	if (fd != -1 && !fstat(fd, &st) && age(&st) >= 0 && age(&st) < TICKETS_ROTATE)
		return fd;
	fresh = rotate(dir, fd);
	if (fresh == -1)
		return fd;
	if (fd != -1)
		close(fd);
	return fresh;
}
