#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "message.h"
#include "sort.h"
#include "state.h"

#define FAR_AWAY 2592000 /* seconds: a hint beyond that is wrong, or the clock was */

void
scan_stop(struct scan *s)
{
	if (s->dir)
		closedir(s->dir);
	free(s->name);
	*s = (struct scan){ 0 };
}

void
scan_start(struct scan *s, int mess, int state)
{
	scan_stop(s);
	s->mess = mess;
	s->state = state;
	s->running = 1;
}

static DIR *
open_split(struct scan const *s)
{
	int const parent = s->phase == SCAN_STATE ? s->state : s->mess;
	char name[16];
	int fd;
	DIR *dir;

	snprintf(name, sizeof name, "%u", s->split);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

static int
by_id(void const *a, void const *b, void *unused)
{
	struct scan_name const *x = a, *y = b;

	(void)unused;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* find - the name in state/NN of a message, or null. */
static struct scan_name *
find(struct scan const *s, uint64_t time, uint64_t inode)
{
	struct scan_name const key = { .time = time, .inode = inode };
	size_t low = 0, high = s->names;

	while (low < high) {
		size_t const middle = low + (high - low) / 2;
		int const r = by_id(&key, &s->name[middle], 0);

		if (!r)
			return &s->name[middle];
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

/* keep - a name in state/NN: what it belongs to is seen when mess/NN is read. */
static int
keep(struct scan *s, uint64_t time, uint64_t inode)
{
	if (s->names == s->size) {
		size_t const size = s->size ? s->size * 2 : 1024;
		struct scan_name *const more = reallocarray(s->name, size, sizeof *more);

		if (!more)
			return 0;
		s->name = more;
		s->size = size;
	}
	s->name[s->names++] = (struct scan_name){ .time = time, .inode = inode };
	return 1;
}

/* add - a message not known before: its entry, or DUE_NONE. */
static uint32_t
add(struct scan *s, struct due *due, uint64_t time, uint64_t inode)
{
	uint32_t const number = due_add(due, time, inode);

	if (number == DUE_NONE)
		errno = ENOMEM;
	else
		s->found++;
	return number;
}

/* see - a name in mess/NN. Without a state file it was never tried: it is due. */
static int
see(struct scan *s, struct due *due, uint64_t time, uint64_t inode)
{
	struct scan_name *const name = find(s, time, inode);
	uint32_t number;

	if (name)
		name->in_mess = 1;
	if (name || due_find(due, time, inode) != DUE_NONE)
		return 1;
	number = add(s, due, time, inode);
	if (number == DUE_NONE)
		return 0;
	due->entry[number].is_new = 1;
	errno = ENOMEM;
	return due_put(due, number, 0);
}

static void
next_phase(struct scan *s)
{
	if (s->dir)
		closedir(s->dir);
	s->dir = 0;
	s->at = 0;
	if (s->phase == SCAN_STATE)
		sort_items(s->name, s->names, sizeof *s->name, by_id, 0);
	if (s->phase != SCAN_MATCH) {
		s->phase++;
		return;
	}
	s->names = 0;
	s->phase = SCAN_STATE;
	if (++s->split < CONF_SPLIT)
		return;
	s->phase = SCAN_HINTS;
	free(s->name);
	s->name = 0;
	s->size = 0;
}

/* read_name - the next of state/NN or mess/NN. */
static int
read_name(struct scan *s, struct due *due)
{
	struct dirent const *d;
	uint64_t time, inode;

	if (!s->dir && !(s->dir = open_split(s)))
		return 0;
	errno = 0;
	d = readdir(s->dir);
	if (!d && errno)
		return 0;
	if (!d) {
		next_phase(s);
		return 1;
	}
	if (!message_id_parse(d->d_name, strlen(d->d_name), &time, &inode) ||
	    message_split(time) != s->split || time >> DUE_TIME_BITS)
		return 1;
	return s->phase == SCAN_STATE ? keep(s, time, inode) : see(s, due, time, inode);
}

/* remove_litter - a state file without its message. */
static void
remove_litter(struct scan const *s, struct due const *due, uint64_t time, uint64_t inode)
{
	char path[STATE_PATH_MAX];
	struct stat st;

	if (due_find(due, time, inode) != DUE_NONE)
		return;
	state_path(path, time, inode);
	if (fstatat(s->mess, path, &st, AT_SYMLINK_NOFOLLOW) == -1 && errno == ENOENT)
		state_remove(s->state, path);
}

/* match - the next name of state/NN. */
static int
match(struct scan *s, struct due *due)
{
	struct scan_name const *const name = s->name + s->at;
	uint32_t number;

	if (s->at == s->names) {
		next_phase(s);
		return 1;
	}
	if (!name->in_mess) {
		remove_litter(s, due, name->time, name->inode);
	} else if (due_find(due, name->time, name->inode) == DUE_NONE) {
		number = add(s, due, name->time, name->inode);
		if (number == DUE_NONE)
			return 0;
		due->entry[number].has_state = 1;
		due->entry[number].unread = 1;
	}
	s->at++;
	return 1;
}

/* ask - the next message's state file, if that was not done yet. */
static int
ask(struct scan *s, struct due *due, uint32_t now)
{
	uint32_t const number = (uint32_t)s->at;
	struct due_entry *e;
	char path[STATE_PATH_MAX];
	uint32_t at;

	if (s->at == due->entries) {
		s->running = 0;
		return 1;
	}
	e = &due->entry[number];
	s->at++;
	if (!e->unread)
		return 1;
	state_path(path, e->time, e->inode);
	at = state_due(s->state, path);
	/* one that is held is looked at too: it is the state that says so, not the hint */
	if (at == STATE_NEVER || at > now + FAR_AWAY)
		at = now;
	errno = ENOMEM;
	if (!due_put(due, number, at))
		return 0;
	e->unread = 0;
	return 1;
}

int
scan_step(struct scan *s, struct due *due, uint32_t now)
{
	for (unsigned int i = 0; s->running && i < SCAN_SLICE; i++) {
		int ok;

		switch (s->phase) {
		case SCAN_MATCH: ok = match(s, due); break;
		case SCAN_HINTS: ok = ask(s, due, now); break;
		default: ok = read_name(s, due);
		}
		if (!ok)
			return 0;
	}
	return 1;
}
