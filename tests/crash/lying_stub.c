/*
 * lying_stub - syncs that do nothing and say that they did: linked into the programs that
 * tests/crash/power runs to see that it can see a loss.
 */

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
