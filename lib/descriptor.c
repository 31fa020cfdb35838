#include "descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include "die.h"

int
descriptor_move(int fd, int to)
{
	if (fd == -1 || fd == to)
		return fd;
	if (dup3(fd, to, O_CLOEXEC) == -1)
		die_temp("move a descriptor");
	close(fd);
	return to;
}
