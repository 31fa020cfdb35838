/* smtpd-auth - judge passwords for smtpd, in another process; see smtpd-auth.8 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "auth.h"
#include "backend.h"
#include "chain.h"
#include "client.h"
#include "config.h"
#include "control.h"
#include "die.h"
#include "keeper.h"
#include "log.h"
#include "priv.h"

#define USAGE                                                                                      \
	"smtpd-auth [-r] [-s file] checkpassword [argument ...] -- program [argument ...], or "    \
	"smtpd-auth -d socket -- program [argument ...]"
#define TALLY        CONF_QUEUEDIR "/auth/tally"
#define RUNNER_WAIT  (ATTEMPT_SECONDS + 5) /* seconds */
#define FAILURES_MAX 20

static struct keeper keeper = { .runner = -1, .most = FAILURES_MAX };
static int as_root; /* -r: the checkpassword program runs as root */

/* read_options - returns where the next program is in argv. */
static int
read_options(int argc, char **argv)
{
	int c, next;

	opterr = 0;
	while ((c = getopt(argc, argv, "+d:rs:")) != -1)
		switch (c) {
		case 'd': keeper.dovecot = optarg; break;
		case 'r': as_root = 1; break;
		case 's': keeper.keys = optarg; break;
		default: die_usage(USAGE);
		}
	next = optind;
	if (strcmp(argv[next - 1], "--") != 0) {
		while (next < argc && strcmp(argv[next], "--") != 0)
			next++;
		if (next < argc)
			argv[next++] = 0;
		keeper.words = (char const *const *)argv + optind;
	}
	if (next >= argc || !keeper.words == !keeper.dovecot || next - optind > ATTEMPT_WORDS ||
	    (keeper.dovecot && (as_root || keeper.keys)))
		die_usage(USAGE);
	return next;
}

/* take_place - of the keeper: nothing of the client is open here. */
static void
take_place(int fd)
{
	int const null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1)
		die_temp("open /dev/null");
	if ((fd != KEEPER_FD && dup3(fd, KEEPER_FD, O_CLOEXEC) == -1) ||
	    close_range(KEEPER_FD + 1, ~0U, 0) == -1)
		die_temp("prepare descriptors");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	unsetenv(AUTH_ENV);
}

/* start_runner - the process that stays root; its socket is kept behind the parser's. */
static void
start_runner(void)
{
	struct timeval const limit = { .tv_sec = RUNNER_WAIT };
	int fd[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		die_temp("make a socket pair");
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	if (!pid) {
		take_place(fd[1]);
		prctl(PR_SET_NAME, "smtpd-auth-root");
		backend_runner(KEEPER_FD, keeper.words);
		_exit(EXIT_DONE);
	}
	close(fd[1]);
	keeper.runner = fcntl(fd[0], F_DUPFD_CLOEXEC, 5);
	close(fd[0]);
	if (keeper.runner == -1 ||
	    setsockopt(keeper.runner, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
		die_temp("prepare descriptors");
}

static void
read_control(void)
{
	struct control control;

	if (control_open(&control) == -1 ||
	    control_number(&control, "authfailures", &keeper.most, 1, 1000) == -1 ||
	    control_number(&control, "ratesubmission", &keeper.rate, 0, 1000000) == -1)
		control_die(&control);
	control_close(&control);
}

/* open_tally - without it each connection knows only of itself. */
static void
open_tally(void)
{
	int fd;

	if (!tally_open(&keeper.tally, TALLY)) {
		log_begin("trouble");
		log_str("file", TALLY);
		log_str("reason", strerrordesc_np(errno));
		log_end();
		return;
	}
	fd = fcntl(keeper.tally.fd, F_DUPFD_CLOEXEC, 5); /* 4 is the parser's */
	close(keeper.tally.fd);
	keeper.tally.fd = fd;
}

static _Noreturn void
be_keeper(int fd)
{
	struct client client;

	client_find(&client);
	snprintf(keeper.ip, sizeof keeper.ip, "%s", *client.ip ? client.ip : "local");
	keeper_network(keeper.network, keeper.ip);
	take_place(fd);
	log_open("smtpd-auth"); /* with this process's number */
	if (as_root)
		start_runner();
	priv_drop_if_root(CONF_USER_AUTH);
	read_control();
	open_tally();
	keeper_serve(&keeper);
	_exit(EXIT_DONE);
}

int
main(int argc, char **argv)
{
	char number[16];
	int fd[2], next;
	pid_t pid;

	log_open("smtpd-auth");
	next = read_options(argc, argv);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		die_temp("make a socket pair");
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	if (!pid)
		be_keeper(fd[1]);
	if (dup2(fd[0], AUTH_FD) == -1)
		die_temp("move a descriptor");
	snprintf(number, sizeof number, "%d", AUTH_FD);
	if (setenv(AUTH_ENV, number, 1) == -1)
		die_nomem();
	chain_exec((char const *const *)argv + next);
}
