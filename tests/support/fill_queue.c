/*
 * fill_queue - put many messages into a queue at once, as if queue-inject had, and
 * queue-send had tried them or not. For tests of a backlog: nothing is synced, nobody is
 * woken, queue-send must not run.
 *
 * usage: fill_queue [option…] QUEUEDIR COUNT     as root
 *
 *   -f SENDER   '%' stands for the message's number; default sender%@example.org
 *   -t RCPT     '%' stands for a number below the one of -m; default user@host%.example
 *   -m COUNT    so many different recipients; default 1000
 *   -k COUNT    recipients of a message, default 1
 *   -s OCTETS   of the message below its header, default 500
 *   -a SECONDS  the age of the oldest; the others are spread over that time; default 3600
 *   -w SECONDS  each was tried once, and is due that much later than now, spread over
 *               that time (if it is 0 or less: so long ago, all of them)
 *   -x OCTETS   of the reason why it was not delivered, default 60
 *
 * Owner, group and mode are those of queue(5), the owners taken from the directories.
 */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "../../queue/message.h"
#include "../../queue/state.h"
#include "config.h"

#define MESSAGE_MODE 0640
#define MILLION      1000000

static struct options {
	char const *sender, *rcpt;
	unsigned long rcpts, each, size, age, reason;
	long wait;
	int tried;
} options = {
	.sender = "sender%@example.org",
	.rcpt = "user@host%.example",
	.rcpts = 1000,
	.each = 1,
	.size = 500,
	.age = 3600,
	.reason = 60,
};

static int mess[CONF_SPLIT], state;
static struct stat owner; /* of state/ */
static uint64_t now;      /* microseconds since 1970 */

static int
open_directory(char const *queue, char const *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/%s", queue, name);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	if (fd == -1)
		err(111, "%s", path);
	return fd;
}

static void
open_queue(char const *queue)
{
	for (unsigned int i = 0; i < CONF_SPLIT; i++) {
		char name[32];

		snprintf(name, sizeof name, "mess/%u", i);
		mess[i] = open_directory(queue, name);
	}
	state = open_directory(queue, "state");
	if (fstat(state, &owner) == -1)
		err(111, "fstat");
}

/* put_template - an address with a number in the place of '%', and a NUL. */
static void
put_template(stralloc *to, char const *template, unsigned long number)
{
	char digits[32];
	size_t const n = strcspn(template, "%");

	snprintf(digits, sizeof digits, "%lu", number);
	if (!stralloc_catb(to, template, n) ||
	    (template[n] && (!stralloc_cats(to, digits) || !stralloc_cats(to, template + n + 1))) ||
	    !stralloc_0(to))
		err(111, "memory");
}

/* put_frame - what is in content behind a type, as a frame; content is emptied. */
static void
put_frame(stralloc *to, char type, stralloc *content)
{
	char head[32];

	snprintf(head, sizeof head, "%zu:%c", content->len + 1, type);
	if (!stralloc_cats(to, head) || !stralloc_catb(to, content->s, content->len) ||
	    !stralloc_catb(to, ",", 1))
		err(111, "memory");
	content->len = 0;
}

static void
put_envelope(stralloc *to, unsigned long number)
{
	static stralloc content = STRALLOC_ZERO;

	if (!stralloc_catb(&content, "uid=0", 6))
		err(111, "memory");
	put_frame(to, 'C', &content);
	put_template(&content, options.sender, number);
	put_frame(to, 'M', &content);
	for (unsigned long i = 0; i < options.each; i++) {
		put_template(&content, options.rcpt, (number * options.each + i) % options.rcpts);
		put_frame(to, 'R', &content);
	}
}

static void
put_message(stralloc *to, unsigned long number)
{
	static char const line[] = "So long as the queue is long, so is this mail, line by line.\n";
	char header[128];
	size_t left = options.size;

	snprintf(
	    header, sizeof header, "From: sender@example.org\nSubject: backlog %lu\n\n", number);
	if (!stralloc_cats(to, header))
		err(111, "memory");
	while (left) {
		size_t const n = left < sizeof line - 1 ? left : sizeof line - 1;

		if (!stralloc_catb(to, line + sizeof line - 1 - n, n))
			err(111, "memory");
		left -= n;
	}
}

/* build - the whole file. */
static void
build(stralloc *to, unsigned long number)
{
	struct message_regions where = { .envelope = MESSAGE_HEADER_SIZE };

	to->len = 0;
	if (!stralloc_ready(to, MESSAGE_HEADER_SIZE))
		err(111, "memory");
	to->len = MESSAGE_HEADER_SIZE;
	put_envelope(to, number);
	where.message = to->len;
	where.envelopelen = where.message - where.envelope;
	put_message(to, number);
	where.messagelen = to->len - where.message;
	message_header(to->s, &where);
}

/* add_message - the file with its name; its inode is returned. */
static uint64_t
add_message(stralloc const *text, uint64_t time)
{
	char id[MESSAGE_ID_MAX], path[64];
	int const dir = mess[message_split(time)];
	int const fd = openat(dir, ".", O_TMPFILE | O_WRONLY, MESSAGE_MODE);
	struct stat st, parent;

	if (fd == -1 || fstat(fd, &st) == -1 || fstat(dir, &parent) == -1 ||
	    fchown(fd, parent.st_uid, parent.st_gid) == -1 ||
	    allwrite(fd, text->s, text->len) < text->len)
		err(111, "make a message");
	message_id(id, time, st.st_ino);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, dir, id, AT_SYMLINK_FOLLOW) == -1)
		err(111, "link %s", id);
	close(fd);
	return st.st_ino;
}

/* spread - a different part of the whole for each number, in no order. */
static uint64_t
spread(uint64_t whole, unsigned long number)
{
	return whole ? (uint64_t)number * 2654435761U % whole : 0;
}

static void
add_state(uint64_t time, uint64_t inode, unsigned long number, char const *reason)
{
	struct rcpt *const rcpt = calloc(options.each, sizeof *rcpt);
	struct state s = { .rcpt = rcpt, .rcpts = (uint32_t)options.each };
	uint64_t due = now / MILLION;
	char path[STATE_PATH_MAX];

	if (!rcpt)
		err(111, "memory");
	if (options.wait > 0)
		due += spread((uint64_t)options.wait, number);
	else
		due -= (uint64_t)-options.wait;
	for (unsigned long i = 0; i < options.each; i++) {
		rcpt[i].attempts = 1;
		rcpt[i].next = (uint32_t)due;
		if (!state_reason(&rcpt[i], "4.4.1", reason))
			err(111, "memory");
	}
	state_path(path, time, inode);
	if (!state_replace(state, path, &s, (uint32_t)due) ||
	    fchownat(state, path, owner.st_uid, owner.st_gid, 0) == -1)
		err(111, "make state/%s", path);
	state_free(&s);
}

static void
fill(unsigned long count)
{
	static stralloc text = STRALLOC_ZERO;
	uint64_t const span = (uint64_t)options.age * MILLION;
	char *const reason = malloc(options.reason + 1);

	if (!reason)
		err(111, "memory");
	memset(reason, 'x', options.reason);
	reason[options.reason] = 0;
	for (unsigned long i = 0; i < count; i++) {
		uint64_t const time = now - span +
				      (uint64_t)((double)span * (double)i / (double)count);
		uint64_t inode;

		build(&text, i);
		inode = add_message(&text, time);
		if (options.tried)
			add_state(time, inode, i, reason);
	}
	free(reason);
}

static unsigned long
number(char const *text)
{
	char *end;
	unsigned long const n = strtoul(text, &end, 10);

	if (!*text || *end || *text == '-')
		errx(100, "not a number: %s", text);
	return n;
}

int
main(int argc, char **argv)
{
	struct timespec clock;
	int c;

	while ((c = getopt(argc, argv, "f:t:m:k:s:a:w:x:")) != -1)
		switch (c) {
		case 'f': options.sender = optarg; break;
		case 't': options.rcpt = optarg; break;
		case 'm': options.rcpts = number(optarg); break;
		case 'k': options.each = number(optarg); break;
		case 's': options.size = number(optarg); break;
		case 'a': options.age = number(optarg); break;
		case 'x': options.reason = number(optarg); break;
		case 'w':
			options.tried = 1;
			options.wait = strtol(optarg, 0, 10);
			break;
		default: return 100;
		}
	if (argc - optind != 2 || !options.rcpts || !options.each)
		errx(100, "usage: fill_queue [option...] QUEUEDIR COUNT");
	umask(0);
	clock_gettime(CLOCK_REALTIME, &clock);
	now = (uint64_t)clock.tv_sec * MILLION + (uint64_t)clock.tv_nsec / 1000;
	open_queue(argv[optind]);
	fill(number(argv[optind + 1]));
	return 0;
}
