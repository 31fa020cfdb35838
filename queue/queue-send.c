/* queue-send - decide what is delivered to whom and when; see queue-send.8 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "control.h"
#include "die.h"
#include "log.h"
#include "orders.h"
#include "overquota.h"
#include "rest.h"
#include "sandbox.h"
#include "schedule.h"
#include "wiring.h"

#define USAGE         "queue-send (run queue-start)"
#define STOP_MAX      60   /* seconds that running deliveries get after SIGTERM */
#define SCAN_INTERVAL 1500 /* seconds between two looks at the queue's directories */

extern struct sandbox_policy const queue_send_policy;

static struct schedule schedule;
static struct orders trigger, orders;
static struct control control;
static int confdir, signals;
static uint32_t stop_by = UINT32_MAX;
static uint32_t scan_at; /* when the directories are looked at again */
static int result = EXIT_DONE;

/* What the loop waits for besides the channels. */
enum { POLL_SIGNALS, POLL_TRIGGER, POLL_ORDERS, POLL_INJECT, POLL_FIXED };

static int
open_directory(char const *path)
{
	int const fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		die_temp("open ", path);
	return fd;
}

/* open_queue - the trigger first: whatever comes after this moment is in it, or will be scanned. */
static void
open_queue(void)
{
	if (!orders_open(&trigger, CONF_QUEUEDIR "/trigger"))
		die_temp("open " CONF_QUEUEDIR "/trigger");
	if (!orders_open(&orders, CONF_QUEUEDIR "/orders"))
		die_temp("open " CONF_QUEUEDIR "/orders");
	schedule.mess = open_directory(CONF_QUEUEDIR "/mess");
	schedule.state = open_directory(CONF_QUEUEDIR "/state");
	confdir = open_directory(CONF_CONFDIR "/control");
	schedule.overquota = overquota_open_write();
	if (flock(schedule.state, LOCK_EX | LOCK_NB) == -1)
		die_temp("lock " CONF_QUEUEDIR "/state: is another queue-send running?");
}

static void
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGALRM);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, 0) == -1 ||
	    (signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) == -1)
		die_temp("prepare for signals");
}

/* is_wired - whether queue-start gave us that descriptor. */
static int
is_wired(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode) && fcntl(fd, F_SETFD, FD_CLOEXEC) != -1;
}

static int
spawner(int fd)
{
	if (!is_wired(fd))
		return -1;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
read_settings(void)
{
	if (control_open(&control) == -1 || sendconf_read(&schedule.settings, &control) == -1)
		control_die(&control);
	control_close(&control);
}

/* reread_settings - SIGHUP: new ones, or none of them. */
static void
reread_settings(void)
{
	struct sendconf fresh;

	if (control_open(&control) == -1 || sendconf_read(&fresh, &control) == -1) {
		log_begin("trouble");
		log_str("reason", control.error);
		log_end();
	} else {
		sendconf_free(&schedule.settings);
		schedule.settings = fresh;
		schedule_apply(&schedule);
		log_begin("settings");
		log_end();
	}
	control_close(&control);
}

static void
set_clock(void)
{
	time_t const now = time(0);

	schedule.now = now < 1 ? 1 : now >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)now;
}

static void
stop(void)
{
	if (schedule.stopping)
		return;
	stop_by = schedule.now + STOP_MAX;
	log_begin("stopping");
	log_num("running", schedule.local.busy + schedule.remote.busy);
	log_end();
	schedule_stop(&schedule);
}

/*
 * rescan - look at the directories for what the trigger did not tell: a queue-inject that
 * was killed between its last sync and the wake-up. It goes on in slices beside the
 * deliveries.
 */
static void
rescan(void)
{
	scan_at = schedule.now + SCAN_INTERVAL;
	if (!schedule.scan.running)
		scan_start(&schedule.scan, schedule.mess, schedule.state);
}

static void
take_signals(void)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof info) == sizeof info)
		switch (info.ssi_signo) {
		case SIGHUP: reread_settings(); break;
		case SIGALRM:
			rescan();
			schedule_retry_all(&schedule);
			break;
		default: stop(); break;
		}
}

/* take_ids - new messages; if an id may have been lost, look at the directories. */
static void
take_ids(void)
{
	uint64_t id_time, inode;
	char const *line;
	size_t len, pos = 0;
	int full;

	if (orders_read(&trigger, &full) == -1)
		die_temp("read the trigger");
	while (orders_next(&trigger, &pos, &line, &len))
		if (order_parse(line, len, &id_time, &inode) == ORDER_NEW)
			schedule_arrived(&schedule, id_time, inode);
	if (full) {
		log_begin("rescan");
		log_end();
		scan_start(&schedule.scan, schedule.mess, schedule.state);
	}
}

static void
take_orders(void)
{
	uint64_t id_time = 0, inode = 0;
	char const *line;
	size_t len, pos = 0;
	int full;

	if (orders_read(&orders, &full) == -1)
		die_temp("read orders");
	while (orders_next(&orders, &pos, &line, &len)) {
		enum order const order = order_parse(line, len, &id_time, &inode);

		schedule_order(&schedule, order, id_time, inode);
	}
}

/* take_report - also when something else broke: a report that is in the queue is noted. */
static void
take_report(void)
{
	int const r = post_event(&schedule.post);

	if (r == 1)
		schedule_posted(&schedule);
	if (r == -1) {
		schedule.post.busy = 0;
		schedule.post.fd = -1;
		schedule.broken = 1;
	}
}

/* lost - something that we need is gone: finish, and let the supervisor start all anew. */
static void
lost(void)
{
	if (schedule.stopping)
		return;
	log_begin("broken");
	log_str("reason", "a process that deliveries need ended, or the queue cannot be read");
	log_end();
	result = EXIT_TEMP;
	stop();
}

static struct pollfd *
poll_set(size_t *count)
{
	static struct pollfd *set;
	static size_t size;
	size_t const wanted = POLL_FIXED + CHANNEL_POLL_MAX(&schedule.local) +
			      CHANNEL_POLL_MAX(&schedule.remote);

	if (!set || wanted > size) {
		free(set);
		size = wanted * 2;
		if (!(set = calloc(size, sizeof *set)))
			die_nomem();
	}
	set[POLL_SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
	set[POLL_TRIGGER] = (struct pollfd){ .fd = schedule.stopping ? -1 : trigger.fd,
		.events = POLLIN };
	set[POLL_ORDERS] = (struct pollfd){ .fd = schedule.stopping ? -1 : orders.fd,
		.events = POLLIN };
	set[POLL_INJECT] = (struct pollfd){ .fd = schedule.post.fd, .events = POLLIN };
	*count = POLL_FIXED;
	*count += channel_poll(&schedule.local, set + *count);
	*count += channel_poll(&schedule.remote, set + *count);
	return set;
}

static int
timeout(void)
{
	uint32_t next = schedule_next(&schedule);
	uint64_t ms;

	if (stop_by < next)
		next = stop_by;
	if (scan_at < next)
		next = scan_at;
	if (next == UINT32_MAX)
		return -1;
	if (next <= schedule.now)
		return 0;
	ms = (uint64_t)(next - schedule.now) * 1000;
	return ms < 3600000 ? (int)ms : 3600000; /* the clock may be set */
}

static void
wait_for_something(void)
{
	size_t count;
	struct pollfd *const set = poll_set(&count);
	struct pollfd *const local = set + POLL_FIXED;
	struct pollfd *const remote = local + schedule.local.polled + 1;
	int const r = rest_poll(set, count, timeout());

	set_clock();
	if (r == -1 && errno != EINTR)
		die_temp("poll");
	channel_expire(&schedule.local, schedule.now);
	channel_expire(&schedule.remote, schedule.now);
	if (r <= 0)
		return;
	if (set[POLL_SIGNALS].revents) /* first: a SIGTERM for all of us explains what else ended */
		take_signals();
	if (!channel_events(&schedule.local, local, schedule.now)) {
		schedule.local.spawner = -1;
		schedule.broken = 1;
	}
	if (!channel_events(&schedule.remote, remote, schedule.now)) {
		schedule.remote.spawner = -1;
		schedule.broken = 1;
	}
	if (set[POLL_INJECT].revents)
		take_report();
	if (set[POLL_ORDERS].revents)
		take_orders();
	if (set[POLL_TRIGGER].revents)
		take_ids();
}

static int
serve(void)
{
	rescan();
	for (;;) {
		/* the clock may be set back, too */
		if (schedule.now >= scan_at || scan_at - schedule.now > SCAN_INTERVAL)
			rescan();
		do {
			if (schedule.broken)
				lost();
			schedule_work(&schedule);
		} while (schedule.broken && !schedule.stopping);
		if (schedule_is_over(&schedule) || schedule.now >= stop_by)
			break;
		wait_for_something();
	}
	log_begin("stopped");
	log_end();
	return result;
}

/* more_files - as many descriptors as the policy allows. */
static void
more_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char const *const *argv)
{
	uint64_t seed = 0;
	int local;

	(void)argv;
	log_open("queue-send");
	if (argc != 1)
		die_usage(USAGE);
	if (!getuid())
		die_perm("refusing to run as root: run queue-start");
	local = spawner(WIRING_DELIVER);
	if (local == -1 || !is_wired(WIRING_INJECT))
		die_perm("the descriptors are not those of queue-start: run queue-start");
	set_clock();
	open_queue();
	open_signals();
	more_files();
	read_settings();
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		die_temp("get a random number");
	schedule_init(&schedule, local, spawner(WIRING_RELAY), WIRING_INJECT, seed);

	struct sandbox_tree const trees[] = {
		{ schedule.mess, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				     LANDLOCK_ACCESS_FS_REMOVE_FILE },
		{ schedule.state, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				      LANDLOCK_ACCESS_FS_REMOVE_FILE },
		{ confdir, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR },
	};
	sandbox_enter(&queue_send_policy, trees, sizeof trees / sizeof *trees);
	log_begin("started");
	log_end();
	return serve();
}
