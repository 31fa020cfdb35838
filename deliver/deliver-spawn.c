/* deliver-spawn - hand out sinks, each a process that has become its recipient; see deliver-spawn.8
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "address.h"
#include "become.h"
#include "children.h"
#include "config.h"
#include "control.h"
#include "die.h"
#include "local.h"
#include "log.h"
#include "preferences.h"
#include "reason.h"
#include "recipient.h"
#include "rest.h"
#include "sinks.h"

#define USAGE        "deliver-spawn"
#define REQUESTS     0   /* descriptor: queue-send asks here */
#define CHILDREN_MAX 500 /* sinks at once, whatever queue-send's limits are */

static struct preferences settings;
static struct recipient_db db;
static struct recipient recipient;
static size_t children;

/* ---- settings and databases, as they are now */

/* The files that settings and db were read from; users and aliases are recipient_refresh's. */
static struct {
	char const *path;
	struct timespec changed;
} sources[] = {
	{ .path = CONF_CONFDIR "/control/me" },
	{ .path = CONF_CONFDIR "/control/locals" },
	{ .path = CONF_CONFDIR "/control/virtualdomains" },
	{ .path = CONF_CONFDIR "/control/delimiters" },
	{ .path = CONF_CONFDIR "/control/minuid" },
	{ .path = CONF_CONFDIR "/control/defaultdelivery" },
	{ .path = CONF_CONFDIR "/control/timeoutprogram" },
};

/* changed - whether one of them is another than at the last call. */
static int
changed(void)
{
	int found = 0;

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct stat st;
		struct timespec now = { 0 };

		if (!stat(sources[i].path, &st))
			now = st.st_ctim;
		if (memcmp(&now, &sources[i].changed, sizeof now) != 0)
			found = 1;
		sources[i].changed = now;
	}
	return found;
}

/* load - read them all: 1, or 0 with control->error. */
static int
load(struct control *control)
{
	int ok = control_open(control) != -1 && preferences_read(&settings, control) != -1 &&
		 recipient_open(&db, control) != -1;

	control_close(control);
	return ok;
}

/* refresh - have them as they are now: 1, or 0 with the answer. */
static int
refresh(struct answer *a)
{
	static struct control control;
	static int loaded = 1;

	if (changed() || !loaded) {
		recipient_close(&db);
		loaded = load(&control);
		if (!loaded) {
			log_begin("trouble");
			log_str("reason", control.error);
			log_end();
			reason_set(a, 'Z', "4.3.5", control.error, (char const *)0);
		}
		return loaded;
	}
	if (recipient_refresh(&db))
		return 1;
	reason_errno(a, "4.3.0", "open users or aliases", "");
	return 0;
}

/* ---- the sinks */

/* be_sink - in the new process: leave everything of deliver-spawn behind. */
static _Noreturn void
be_sink(int sink, struct address const *a)
{
	sigset_t none;

	sigemptyset(&none);
	if (dup2(sink, 0) == -1 || dup2(sink, 1) == -1 || close_range(3, ~0U, 0) == -1)
		die_temp("prepare descriptors");
	log_open("deliver-local");
	prctl(PR_SET_NAME, "deliver-local");
	become(recipient.user, recipient.uid, recipient.gid);
	sigprocmask(SIG_SETMASK, &none, 0);
	_exit(local_serve(&recipient, a, &settings));
}

/* start - a sink for the recipient: our end of its stream, or -1 with the answer. */
static int
start(struct address const *a, struct answer *answer)
{
	int fd[2];
	pid_t pid;

	if (children >= CHILDREN_MAX) {
		reason_set(
		    answer, 'Z', "4.3.2", "too many local deliveries at once", (char const *)0);
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == -1) {
		reason_errno(answer, "4.3.0", "make a socket pair", "");
		return -1;
	}
	pid = fork();
	if (!pid)
		be_sink(fd[1], a);
	close(fd[1]);
	if (pid == -1) {
		reason_errno(answer, "4.3.0", "fork", "");
		close(fd[0]);
		return -1;
	}
	children++;
	reason_set(answer, 'K', "2.0.0", "user=", recipient.user, (char const *)0);
	return fd[0];
}

/* sink_for - whose address is it, and may it have a sink: its descriptor, or -1 and the answer. */
static int
sink_for(struct address const *a, struct answer *answer)
{
	if (!refresh(answer))
		return -1;
	switch (recipient_find(&db, a, &recipient)) {
	case RECIPIENT_LOCAL: break;
	case RECIPIENT_REMOTE:
		reason_set(
		    answer, 'Z', "4.3.5", "the domain is not local any more", (char const *)0);
		return -1;
	case RECIPIENT_UNKNOWN:
		reason_set(answer, 'D', "5.1.1", "no such mailbox here", (char const *)0);
		return -1;
	case RECIPIENT_TROUBLE:
		reason_set(
		    answer, 'Z', "4.3.0", "the look-up of the address failed", (char const *)0);
		return -1;
	}
	if (!recipient.uid) {
		reason_set(answer, 'Z', "4.3.5", "nothing is delivered as root: give ",
		    recipient.user, " an alias", (char const *)0);
		return -1;
	}
	return start(a, answer);
}

/* handle - one request; 0 when queue-send is gone. */
static int
handle(void)
{
	char name[SINKS_NAME_MAX];
	struct address address;
	struct answer answer;
	uint32_t serial;
	size_t len;
	int sink = -1;
	int r = sinks_next_request(REQUESTS, &serial, name, &len);

	if (r == -1 && errno == EPROTO)
		return 1;
	if (r != 1)
		return 0;
	if (address_parse(&address, name, len, ADDRESS_POSTMASTER_OK | ADDRESS_UTF8_OK) ==
	    ADDRESS_OK)
		sink = sink_for(&address, &answer);
	else
		reason_set(&answer, 'D', "5.1.3", "the address cannot be read", (char const *)0);
	if (!sinks_answer(REQUESTS, serial, &answer, sink) && errno != EPIPE)
		die_temp("answer queue-send");
	if (sink != -1)
		close(sink);
	return 1;
}

static void
reap(void)
{
	pid_t pid;
	int code;

	while ((pid = waitpid(-1, &code, WNOHANG)) > 0) {
		children--;
		if (!WIFSIGNALED(code))
			continue;
		log_begin("crash");
		log_str("program", "deliver-local");
		log_num("pid", (uint64_t)pid);
		log_num("signal", (uint64_t)WTERMSIG(code));
		log_end();
	}
}

/* ---- the privileges that stay */

/*
 * keep - give up every capability but those two, for what runs here; the bounding set stays,
 * since it would bind the recipients' programs, which may be setuid.
 */
static void
keep(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	uint32_t const two = 1U << CAP_SETUID | 1U << CAP_SETGID;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = two, .permitted = two },
	};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 ||
	    syscall(SYS_capset, &header, data) == -1)
		die_temp("give up capabilities");
}

int
main(int argc, char const *const *argv)
{
	struct control control;
	struct pollfd x[2] = { { .fd = REQUESTS, .events = POLLIN }, { .events = POLLIN } };
	struct signalfd_siginfo info;

	log_open("deliver-spawn");
	if (argc != 1)
		die_usage(USAGE);
	(void)argv;
	if (getuid() || geteuid())
		die_perm("run it as root (queue-start does): it becomes each recipient");
	changed();
	if (!load(&control))
		control_die(&control);
	x[1].fd = children_watch();
	keep();
	for (;;) {
		if (rest_poll(x, 2, -1) == -1 && errno != EINTR)
			die_temp("poll");
		if (x[1].revents && read(x[1].fd, &info, sizeof info) != -1)
			reap();
		if (x[0].revents && !handle())
			return EXIT_DONE;
	}
}
