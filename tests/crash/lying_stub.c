/*
 * lying_stub - syncs that do nothing and say that they did: linked into the programs that
 * tests/crash/power runs to see that it can see a loss.
 */

#include <fcntl.h>
#include <unistd.h>

int
fsync(int fd)
{
	(void)fd;
	return 0;
}

int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int
sync_file_range(int fd, off64_t offset, off64_t len, unsigned int flags)
{
	(void)fd;
	(void)offset;
	(void)len;
	(void)flags;
	return 0;
}
