/* queue-list - what is in the queue, and why it is still there; see queue-list.8 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/stralloc.h>

#include "config.h"
#include "die.h"
#include "job.h"
#include "listing.h"
#include "log.h"
#include "message.h"
#include "priv.h"
#include "sandbox.h"
#include "sort.h"

#define USAGE     "queue-list [-n] [ID…]"
#define TREE      (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FLUSH_MIN 65536 /* octets that are written at once */

extern struct sandbox_policy const queue_list_policy;

struct id {
	uint64_t time, inode;
};

static int mess, state;
static struct id *ids;
static size_t count, size;
static stralloc out = STRALLOC_ZERO;

static void
flush(void)
{
	if (allwrite(1, out.s, out.len) < out.len)
		die_temp("write");
	out.len = 0;
}

static void
keep(uint64_t time, uint64_t inode)
{
	if (count == size) {
		struct id *const more = reallocarray(ids, size ? size * 2 : 1024, sizeof *ids);

		if (!more)
			die_nomem();
		ids = more;
		size = size ? size * 2 : 1024;
	}
	ids[count++] = (struct id){ time, inode };
}

/* read_split - the ids of one directory. */
static void
read_split(unsigned int split)
{
	struct dirent const *d;
	uint64_t time, inode;
	char name[16];
	DIR *dir;
	int fd;

	snprintf(name, sizeof name, "%u", split);
	fd = openat(mess, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || !(dir = fdopendir(fd)))
		die_temp("open " CONF_QUEUEDIR "/mess/", name);
	while ((errno = 0, d = readdir(dir)))
		if (message_id_parse(d->d_name, strlen(d->d_name), &time, &inode))
			keep(time, inode);
	if (errno)
		die_temp("read " CONF_QUEUEDIR "/mess/", name);
	closedir(dir);
}

static int
by_age(void const *a, void const *b, void *unused)
{
	struct id const *x = a, *y = b;

	(void)unused;
	return x->time < y->time ? -1 : x->time > y->time;
}

/* show - one message: 1, or 0 there is none (it may have left the queue just now). */
static int
show(struct id const *id, uint32_t now)
{
	char text[MESSAGE_ID_MAX];
	struct job *job;

	message_id(text, id->time, id->inode);
	switch (job_load(&job, mess, state, id->time, id->inode, 1)) {
	case JOB_OK: break;
	case JOB_GONE: return 0;
	case JOB_TROUBLE: die_temp("read ", text);
	case JOB_DAMAGED:
		if (!stralloc_cats(&out, text) ||
		    !stralloc_cats(&out, "  damaged: nothing is done with it\n"))
			die_nomem();
		return 1;
	}
	if (!listing_add(&out, job, now))
		die_nomem();
	job_free(job);
	if (out.len >= FLUSH_MIN)
		flush();
	return 1;
}

/* show_named - the messages that the command line names. */
static int
show_named(char const *const *names, uint32_t now)
{
	int result = EXIT_DONE;

	for (; *names; names++) {
		struct id id;

		if (message_id_parse(*names, strlen(*names), &id.time, &id.inode) && show(&id, now))
			continue;
		log_begin("error");
		log_str("id", *names);
		log_str("reason", "no such message is in the queue");
		log_end();
		result = EXIT_PERM;
	}
	return result;
}

static void
show_all(int number_only, uint32_t now)
{
	char text[32];

	for (unsigned int i = 0; i < CONF_SPLIT; i++)
		read_split(i);
	if (number_only) {
		snprintf(text, sizeof text, "%zu\n", count);
		if (!stralloc_cats(&out, text))
			die_nomem();
		return;
	}
	sort_items(ids, count, sizeof *ids, by_age, 0);
	for (size_t i = 0; i < count; i++)
		show(&ids[i], now);
}

static void
open_queue(void)
{
	if (!getuid())
		priv_drop_if_root(CONF_USER_SEND);
	mess = open(CONF_QUEUEDIR "/mess", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mess == -1)
		die_temp("open " CONF_QUEUEDIR "/mess");
	state = open(CONF_QUEUEDIR "/state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state == -1)
		die_temp("open " CONF_QUEUEDIR "/state (run this as root)");
}

int
main(int argc, char const *const *argv)
{
	uint32_t const now = (uint32_t)time(0);
	int const number_only = argc == 2 && !strcmp(argv[1], "-n");
	int result = EXIT_DONE;

	log_open("queue-list");
	if (argc > 1 && *argv[1] == '-' && !number_only)
		die_usage(USAGE);
	open_queue();

	struct sandbox_tree const trees[] = { { mess, TREE }, { state, TREE } };
	sandbox_enter(&queue_list_policy, trees, 2);
	if (argc > 1 && !number_only)
		result = show_named(argv + 1, now);
	else
		show_all(number_only, now);
	flush();
	return result;
}
