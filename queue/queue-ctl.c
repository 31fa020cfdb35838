/* queue-ctl - have queue-send retry, hold, release, drop or return messages; see queue-ctl.8 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "die.h"
#include "log.h"
#include "message.h"
#include "orders.h"
#include "priv.h"
#include "sandbox.h"
#include "state.h"

#define USAGE       "queue-ctl retry all | queue-ctl retry|hold|release|drop|bounce ID…"
#define PAUSE_MS    20
#define PATIENCE_MS 10000 /* that queue-send may take to read an order, or to carry out a drop */

extern struct sandbox_policy const queue_ctl_policy;

static int mess, orders;

static void
pause_briefly(void)
{
	struct timespec const pause = { .tv_nsec = PAUSE_MS * 1000000L };

	nanosleep(&pause, 0);
}

static void
complain(char const *id, char const *reason)
{
	log_begin("error");
	log_str("id", id);
	log_str("reason", reason);
	log_end();
}

/* is_queued - whether the id is a message's: its path below mess/ is set. */
static int
is_queued(char path[STATE_PATH_MAX], char const *id)
{
	uint64_t time, inode;
	struct stat st;

	if (!message_id_parse(id, strlen(id), &time, &inode)) {
		complain(id, "this is no message's id: queue-list shows them");
		return 0;
	}
	state_path(path, time, inode);
	if (!fstatat(mess, path, &st, AT_SYMLINK_NOFOLLOW))
		return 1;
	if (errno != ENOENT)
		die_temp("look for ", id);
	complain(id, "no such message is in the queue");
	return 0;
}

/* give - one order, in a line; it is written whole or not at all. */
static void
give(char const *word, char const *what)
{
	char line[ORDERS_LINE_MAX];
	int const n = snprintf(line, sizeof line, "%s %s\n", word, what);

	for (int ms = 0; write(orders, line, (size_t)n) != n; ms += PAUSE_MS) {
		if (errno != EAGAIN || ms >= PATIENCE_MS)
			die_temp("give queue-send an order");
		pause_briefly();
	}
}

/* wait_for_drop - until it is gone: 1, or 0. */
static int
wait_for_drop(char const *path)
{
	struct stat st;

	for (int ms = 0; ms < PATIENCE_MS; ms += PAUSE_MS) {
		if (fstatat(mess, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return errno == ENOENT;
		pause_briefly();
	}
	return 0;
}

/* obeyed - give the order for one id: 1, or 0 and the reason is said. */
static int
obeyed(char const *word, char const *id)
{
	char path[STATE_PATH_MAX];

	if (!is_queued(path, id))
		return 0;
	give(word, id);
	if (order_word(word, strlen(word)) != ORDER_DROP || wait_for_drop(path))
		return 1;
	complain(id, "queue-send has the order, but the message is still there: see its log");
	return 0;
}

static void
open_all(void)
{
	mess = open(CONF_QUEUEDIR "/mess", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mess == -1)
		die_temp("open " CONF_QUEUEDIR "/mess");
	orders = open(CONF_QUEUEDIR "/orders", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (orders == -1 && errno == ENXIO)
		die_perm("queue-send does not run: start it, it alone changes the queue");
	if (orders == -1)
		die_temp("open " CONF_QUEUEDIR "/orders (run this as root)");
}

int
main(int argc, char const *const *argv)
{
	struct sandbox_tree tree = { .rights = LANDLOCK_ACCESS_FS_READ_DIR };
	int result = EXIT_DONE;

	log_open("queue-ctl");
	if (argc < 3 || order_word(argv[1], strlen(argv[1])) == ORDER_NONE)
		die_usage(USAGE);
	open_all();
	if (!getuid())
		priv_drop_if_root(CONF_USER_SEND);
	tree.fd = mess;
	sandbox_enter(&queue_ctl_policy, &tree, 1);
	if (argc == 3 && !strcmp(argv[1], "retry") && !strcmp(argv[2], "all")) {
		give("retry", "all");
		return EXIT_DONE;
	}
	for (int i = 2; i < argc; i++)
		if (!obeyed(argv[1], argv[i]))
			result = EXIT_PERM;
	return result;
}
