#include "starter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "config.h"
#include "descriptor.h"
#include "die.h"
#include "packet.h"
#include "relay-sts_policy.h"
#include "rest.h"
#include "sandbox.h"
#include "sts.h"

#define READ       LANDLOCK_ACCESS_FS_READ_FILE
#define RUN        (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
#define PLACES_MAX 16

extern struct sandbox_policy const relay_sts_start_policy;

/* What relay-sts-fetch needs to become a program, and to read before its own sandbox closes. */
struct places {
	size_t count;
	struct sandbox_tree tree[PLACES_MAX];
};

/* add - a directory, since what is in it gets replaced; one that is not there is passed over. */
static void
add(struct places *p, char const *path, uint64_t rights)
{
	int const fd = open(path, O_PATH | O_CLOEXEC);

	if (fd != -1)
		p->tree[p->count++] = (struct sandbox_tree){ fd, rights };
}

/* add_directory_of - of a file that may be a link. */
static void
add_directory_of(struct places *p, char const *path)
{
	char real[PATH_MAX];

	if (!realpath(path, real))
		return;
	strrchr(real, '/')[1] = 0;
	add(p, real, READ);
}

static void
find(struct places *p, char const *authorities)
{
	p->count = 0;
	add(p, CONF_BINDIR, RUN);
	add(p, "/lib", RUN);
	add(p, "/lib64", RUN);
	add(p, "/usr/lib", RUN);
	add(p, "/usr/lib64", RUN);
	add(p, "/usr/local/lib", RUN);
	add(p, "/etc", READ); /* where the libraries are */
	add(p, "/dev/null", READ);
	add(p, CONF_CONFDIR "/control", READ | LANDLOCK_ACCESS_FS_READ_DIR);
	add_directory_of(p, "/etc/resolv.conf");
	add_directory_of(p, authorities);
}

/* start - one relay-sts-fetch. */
static void
start(char const *domain, int result)
{
	static char const path[] = CONF_BINDIR "/relay-sts-fetch";
	static char const failed[] = "Zrelay-sts-fetch cannot be started: ";
	char const *const argv[] = { "relay-sts-fetch", domain, 0 };
	char const *why;

	if (fork())
		return;
	if (dup2(result, 1) != -1)
		execve(path, (char *const *)argv, (char *const[]){ 0 });
	why = strerror(errno);
	allwrite(result, failed, sizeof failed - 1);
	allwrite(result, why, strlen(why));
	_exit(EXIT_TEMP);
}

static _Noreturn void
serve(struct places *p)
{
	static uint16_t const ports[] = { 53, 443 };
	struct pollfd request = { .fd = STS_STARTER, .events = POLLIN };
	char domain[STS_DOMAIN_MAX];
	struct packet_fds fds;
	size_t len;

	prctl(PR_SET_NAME, "relay-sts-start");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN); /* they leave no zombies */
	sandbox_enter_ports(&relay_sts_start_policy, p->tree, p->count, ports, 2);
	while (p->count)
		close(p->tree[--p->count].fd);
	for (;;) {
		rest_poll(&request, 1, -1);
		if (packet_receive(STS_STARTER, domain, sizeof domain, &len, &fds) != 1)
			break;
		if (fds.count == 1 && !domain[len - 1])
			start(domain, fds.fd[0]);
		packet_close(&fds);
	}
	_exit(EXIT_DONE);
}

void
starter_begin(char const *authorities)
{
	struct places places;
	int fd[2], null;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		die_temp("make a socket pair");
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	close(fd[pid ? 1 : 0]);
	descriptor_move(fd[pid ? 0 : 1], STS_STARTER);
	if (pid)
		return;
	close(STS_DIR);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1)
		die_temp("open /dev/null");
	close(null);
	find(&places, authorities);
	serve(&places);
}

int
starter_fetch(char const *domain, int result)
{
	struct packet_fds const fds = { .count = 1, .fd = { result } };

	return packet_send(STS_STARTER, domain, strlen(domain) + 1, &fds);
}
