/* relay-spawn - hand out sinks, each a relay for one mail domain; see relay-spawn.8 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"
#include "children.h"
#include "config.h"
#include "die.h"
#include "hop.h"
#include "log.h"
#include "priv.h"
#include "rest.h"
#include "sinks.h"

#define USAGE        "relay-spawn"
#define REQUESTS     0   /* descriptor: queue-send asks here */
#define SINK         6   /* descriptor: our end of a new sink's stream, until it is handed on */
#define CHILDREN_MAX 500 /* sinks at once, whatever queue-send's limits are */

static size_t children;
static pid_t fetcher = -1; /* relay-sts */

/* ---- the sinks */

/*
 * is_name - whether it can be a mail domain: one word of printable ASCII or UTF-8 that is no
 * option. relay-connect looks closer.
 */
static int
is_name(char const *name, size_t len)
{
	if (!len || len >= HOP_NAME_MAX || *name == '-')
		return 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == '/' || name[i] == 0x7f)
			return 0;
	return 1;
}

/* start - a relay for that domain: 1, its stream is at SINK; or 0 with the answer. */
static int
start(char const *domain, struct answer *answer)
{
	char const *const argv[] = { "relay", "-m", domain, 0 };

	if (children >= CHILDREN_MAX) {
		stream_answer_set(answer, 'Z', "4.3.2", "too many remote deliveries at once");
		return 0;
	}
	if (chain_try_at(argv, SOCK_STREAM, SINK) == -1) {
		log_begin("trouble");
		log_str("reason", "unable to start relay");
		log_str("error", strerror(errno));
		log_end();
		stream_answer_set(answer, 'Z', "4.3.0", "relay cannot be started");
		return 0;
	}
	children++;
	stream_answer_set(answer, 'K', "2.0.0", domain);
	return 1;
}

/* handle - one request; 0 when queue-send is gone. */
static int
handle(void)
{
	char name[SINKS_NAME_MAX + 1];
	struct answer answer;
	uint32_t serial;
	size_t len;
	int started = 0;
	int const r = sinks_next_request(REQUESTS, &serial, name, &len);

	if (r == -1 && errno == EPROTO)
		return 1;
	if (r != 1)
		return 0;
	name[len] = 0;
	if (is_name(name, len))
		started = start(name, &answer);
	else
		stream_answer_set(&answer, 'D', "5.1.2", "there can be no such domain");
	if (!sinks_answer(REQUESTS, serial, &answer, started ? SINK : -1) && errno != EPIPE)
		die_temp("answer queue-send");
	if (started)
		close(SINK);
	return 1;
}

static void
reap(void)
{
	pid_t pid;
	int code;

	while ((pid = waitpid(-1, &code, WNOHANG)) > 0) {
		int const is_fetcher = pid == fetcher;

		if (is_fetcher)
			fetcher = -1;
		else
			children--;
		if (!is_fetcher && !WIFSIGNALED(code))
			continue;
		log_begin("crash");
		log_str("program", is_fetcher ? "relay-sts" : "relay");
		log_num("pid", (uint64_t)pid);
		log_num(WIFSIGNALED(code) ? "signal" : "code",
		    (uint64_t)(WIFSIGNALED(code) ? WTERMSIG(code) : WEXITSTATUS(code)));
		log_end();
	}
}

/* ---- before the first request */

/*
 * start_fetcher - relay-sts, which drops to a user of its own. What it is told comes by the
 * descriptor RELAY_STS, which every relay inherits; without it policies stay as they are kept.
 */
static void
start_fetcher(void)
{
	char const *const argv[] = { "relay-sts", 0 };

	fetcher = chain_try_at(argv, SOCK_SEQPACKET, RELAY_STS);
	if (fetcher != -1) {
		fcntl(RELAY_STS, F_SETFD, 0);
		return;
	}
	log_begin("trouble");
	log_str("reason", "unable to start relay-sts: no MTA-STS policy will be fetched");
	log_str("error", strerror(errno));
	log_end();
}

int
main(int argc, char const *const *argv)
{
	struct pollfd x[2] = { { .fd = REQUESTS, .events = POLLIN }, { .events = POLLIN } };
	struct signalfd_siginfo info;

	log_open("relay-spawn");
	if (argc != 1)
		die_usage(USAGE);
	(void)argv;
	if (!getuid())
		start_fetcher();
	priv_drop_if_root(CONF_USER_RELAY);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		die_temp("give up new privileges");
	x[1].fd = children_watch();
	for (;;) {
		if (rest_poll(x, 2, -1) == -1 && errno != EINTR)
			die_temp("poll");
		if (x[1].revents && read(x[1].fd, &info, sizeof info) != -1)
			reap();
		if (x[0].revents && !handle())
			return EXIT_DONE;
	}
}
