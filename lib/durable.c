#include "durable.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

enum durable_how
durable_how(int fd)
{
	struct statfs fs;

	if (!fstatfs(fd, &fs) && (fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC))
		return DURABLE_ORDERED;
	return DURABLE_ANYWHERE;
}

static int
write_out(int fd)
{
	return sync_file_range(fd, 0, 0,
	    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

static int
repeat(int (*sync)(int), int fd)
{
	while (sync(fd) == -1)
		if (errno != EINTR)
			return 0;
	return 1;
}

int
durable_data(int fd, enum durable_how how)
{
	return repeat(how == DURABLE_ORDERED ? write_out : fdatasync, fd);
}

int
durable_name(int fd, int directory, enum durable_how how)
{
	return repeat(fsync, how == DURABLE_ORDERED ? fd : directory);
}
