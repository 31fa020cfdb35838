/* queue-start - start the queue's processes, each as its user, and become queue-send; see
 * queue-start.8 */

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "die.h"
#include "log.h"
#include "wiring.h"

#define USAGE "queue-start"

/* nothing - descriptors 0 and 1 lead nowhere; 2 is the log; all others are closed. */
static void
nothing(void)
{
	int const fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd == -1 || dup2(fd, 0) == -1 || dup2(fd, 1) == -1 || close_range(3, ~0U, 0) == -1)
		die_temp("prepare descriptors");
}

/* forget_parent - signals as a process begins with them; children's ends are seen on their sockets.
 */
static void
forget_parent(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR || sigprocmask(SIG_SETMASK, &none, 0) == -1)
		die_temp("reset signals");
	umask(077);
	if (chdir("/") == -1)
		die_temp("change to /");
}

int
main(int argc, char const *const *argv)
{
	(void)argv;
	log_open("queue-start");
	if (argc != 1)
		die_usage(USAGE);
	if (getuid())
		die_perm(
		    "only root can give each process its user: let a supervisor of root's run this");
	nothing();
	forget_parent();
	wiring_start();
	wiring_become();
}
