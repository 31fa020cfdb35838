#include "children.h"

#include <signal.h>
#include <sys/signalfd.h>

#include "die.h"

int
children_watch(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, 0) == -1 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		die_temp("watch for children");
	return fd;
}
