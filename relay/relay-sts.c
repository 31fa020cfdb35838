/* relay-sts - have MTA-STS policies fetched, and keep them for relay-connect; see relay-sts.8 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "authorities.h"
#include "config.h"
#include "control.h"
#include "descriptor.h"
#include "die.h"
#include "fetch.h"
#include "log.h"
#include "packet.h"
#include "priv.h"
#include "relay-sts_policy.h"
#include "rest.h"
#include "sandbox.h"
#include "starter.h"
#include "stscache.h"

#define USAGE         "relay-sts"
#define SWEEP_SECONDS 3600
#define TEXT_MAX      (1 + STS_POLICY_MAX + 1) /* one octet too many would be seen */
#define TREE                                                                                       \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |                              \
	    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                          \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | 1ULL << 14 /* truncate */)

extern struct sandbox_policy const relay_sts_policy;

/* A fetch that is under way. */
struct job {
	char domain[STS_DOMAIN_MAX]; /* "": none */
	char id[STS_ID_MAX];
	int result; /* the pipe from relay-sts-fetch: 'K' and the policy, or 'Z' and why */
	time_t until;
	size_t waiters;
	int waiter[STS_WAITERS]; /* pipes: closed when the file is up to date */
	size_t len;
	char *text; /* [TEXT_MAX] while it goes on: at rest it costs nothing */
};

static stralloc authorities = STRALLOC_ZERO; /* the file's name */
static struct job jobs[STS_FETCHES];
static size_t busy;
static time_t sweep_at;

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
trouble(char const *domain, char const *reason)
{
	log_begin("trouble");
	log_str("domain", domain);
	log_str("reason", reason);
	log_end();
}

/* ---- jobs */

/* finish - the file is as it will be: let those go on who wait for it. */
static void
finish(struct job *j)
{
	if (j->result != -1)
		close(j->result);
	for (size_t i = 0; i < j->waiters; i++)
		close(j->waiter[i]);
	if (j->text)
		munmap(j->text, TEXT_MAX);
	*j->domain = 0;
	busy--;
}

static void
fail(struct job *j, char const *why)
{
	trouble(j->domain, why);
	if (!stscache_fail(STS_DIR, j->domain, (uint64_t)time(0)))
		trouble(j->domain, strerror(errno));
	finish(j);
}

/* keep - what was fetched, if it is a policy. */
static void
keep(struct job *j)
{
	static char const *const modes[] = { "none", "testing", "enforce" };
	static struct sts_policy policy;

	if (!sts_policy(&policy, j->text + 1, j->len - 1)) {
		fail(j, "what its policy host has is no MTA-STS policy");
		return;
	}
	if (!stscache_put(STS_DIR, j->domain, j->id, (uint64_t)time(0), j->text + 1, j->len - 1))
		trouble(j->domain, strerror(errno));
	log_begin("policy");
	log_str("domain", j->domain);
	log_str("id", j->id);
	log_str("mode", modes[policy.mode]);
	log_num("max_age", policy.max_age);
	log_end();
	finish(j);
}

/* conclude - the process that fetched has ended. */
static void
conclude(struct job *j)
{
	char why[FETCH_WHY_MAX];

	if (j->len && *j->text == 'K') {
		keep(j);
		return;
	}
	if (!j->len) {
		fail(j, "the process that fetched it ended early");
		return;
	}
	j->len = j->len - 1 < sizeof why - 1 ? j->len - 1 : sizeof why - 1;
	memcpy(why, j->text + 1, j->len);
	why[j->len] = 0;
	fail(j, why);
}

/* read_result - some of it has come, or its end. */
static void
read_result(struct job *j)
{
	ssize_t const n = read(j->result, j->text + j->len, TEXT_MAX - j->len);

	if (n == -1 && errno == EINTR)
		return;
	if (n > 0)
		j->len += (size_t)n;
	if (j->len > 1 + STS_POLICY_MAX)
		fail(j, "it is too large");
	else if (n <= 0)
		conclude(j);
}

/* begin - have it fetched. */
static void
begin(struct job *j)
{
	int fd[2];
	int sent;

	busy++;
	j->len = 0;
	j->result = -1;
	j->until = now() + FETCH_SECONDS + 10;
	j->text = mmap(0, TEXT_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (j->text == MAP_FAILED)
		j->text = 0;
	if (!j->text || pipe2(fd, O_CLOEXEC) == -1) {
		fail(j, strerror(errno));
		return;
	}
	j->result = fd[0];
	sent = starter_fetch(j->domain, fd[1]);
	close(fd[1]);
	if (!sent)
		die_temp("ask the process that starts those that fetch");
}

/* ---- requests */

/* job_of - the one that fetches for the domain already, or else a free one. */
static struct job *
job_of(char const *domain)
{
	struct job *free = 0;

	for (struct job *j = jobs; j < jobs + STS_FETCHES; j++) {
		if (!strcmp(j->domain, domain))
			return j;
		if (!*j->domain)
			free = j;
	}
	return free;
}

/* handle - a request that makes sense: its pipe is closed, or waits for the file. */
static void
handle(char const *domain, char const *id, struct packet_fds *fds)
{
	struct job *const j = job_of(domain);
	int const is_new = j && !*j->domain;

	if (!j || (is_new && stscache_is_fresh(STS_DIR, domain, id, (uint64_t)time(0)))) {
		packet_close(fds);
		return;
	}
	if (is_new) {
		memcpy(j->domain, domain, strlen(domain) + 1);
		memcpy(j->id, id, strlen(id) + 1);
		j->waiters = 0;
	}
	if (fds->count == 1 && j->waiters < STS_WAITERS)
		j->waiter[j->waiters++] = fds->fd[0];
	else
		packet_close(fds);
	if (is_new)
		begin(j);
}

/* take_request - 1, or 0 nobody can ask any more. */
static int
take_request(void)
{
	char packet[STS_REQUEST_MAX], domain[STS_DOMAIN_MAX], id[STS_ID_MAX];
	struct packet_fds fds;
	size_t len;
	int const r = packet_receive(STS_REQUESTS, packet, sizeof packet, &len, &fds);

	if (r == -1 && errno != EPROTO)
		die_temp("read a request");
	if (r == 1 && sts_request_read(packet, len, domain, id))
		handle(domain, id, &fds);
	else if (r == 1)
		packet_close(&fds);
	return r != 0;
}

/* watch - what to wait for: how many descriptors; at[] says whose they are. */
static nfds_t
watch(struct pollfd *x, struct job **at)
{
	nfds_t n = 0;

	/* When all are busy, requests wait where they are. */
	x[n++] = (struct pollfd){ busy < STS_FETCHES ? STS_REQUESTS : -1, POLLIN, 0 };
	for (struct job *j = jobs; j < jobs + STS_FETCHES; j++)
		if (*j->domain) {
			at[n] = j;
			x[n++] = (struct pollfd){ j->result, POLLIN, 0 };
		}
	return n;
}

static void
serve(void)
{
	struct pollfd x[1 + STS_FETCHES];
	struct job *at[1 + STS_FETCHES];

	for (;;) {
		nfds_t const n = watch(x, at);

		if (rest_poll(x, n, busy ? 5000 : -1) == -1 && errno != EINTR)
			die_temp("poll");
		for (nfds_t i = 1; i < n; i++)
			if (x[i].revents)
				read_result(at[i]);
			else if (now() >= at[i]->until)
				fail(at[i], "it was not there in time");
		if (x[0].revents && !take_request())
			return;
		if (now() >= sweep_at) {
			stscache_sweep(STS_DIR, (uint64_t)time(0));
			sweep_at = now() + SWEEP_SECONDS;
		}
	}
}

/* ---- before the first request */

static void
open_cache(void)
{
	int const fd = open(CONF_QUEUEDIR "/sts", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (descriptor_move(fd, STS_DIR) == -1)
		die_temp("open " CONF_QUEUEDIR "/sts");
}

static void
read_control(void)
{
	struct control control;

	if (control_open(&control) == -1 || authorities_path(&control, &authorities) == -1)
		control_die(&control);
	control_close(&control);
}

int
main(int argc, char const *const *argv)
{
	struct sandbox_tree const tree = { STS_DIR, TREE };

	log_open("relay-sts");
	(void)argv;
	if (argc != 1)
		die_usage(USAGE);
	clearenv();
	close_range(3, ~0U, 0);
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	read_control();
	open_cache();
	priv_drop_if_root(CONF_USER_STS);
	starter_begin(authorities.s);
	stralloc_free(&authorities);
	sandbox_enter(&relay_sts_policy, &tree, 1);
	serve();
	_exit(EXIT_DONE);
}
