#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "message.h"
#include "state.h"

#define FAR_AWAY 2592000 /* seconds: a hint beyond that is wrong, or the clock was */

void
scan_start(struct scan *s, int mess, int state)
{
	if (s->dir)
		closedir(s->dir);
	*s = (struct scan){ .mess = mess, .state = state, .running = 1 };
}

static DIR *
open_split(struct scan const *s)
{
	char name[16];
	int fd;
	DIR *dir;

	snprintf(name, sizeof name, "%u", s->split);
	fd = openat(s->in_state ? s->state : s->mess, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

/* next_directory - mess/0, state/0, mess/1 … */
static void
next_directory(struct scan *s)
{
	closedir(s->dir);
	s->dir = 0;
	s->in_state = !s->in_state;
	if (!s->in_state && ++s->split == CONF_SPLIT)
		s->running = 0;
}

static int
add(struct scan *s, struct due *due, uint64_t time, uint64_t inode, uint32_t now)
{
	char path[STATE_PATH_MAX];
	uint32_t number, at;

	if (due_find(due, time, inode) != DUE_NONE)
		return 1;
	errno = ENOMEM;
	number = due_add(due, time, inode);
	if (number == DUE_NONE)
		return 0;
	state_path(path, time, inode);
	at = state_due(s->state, path);
	due->entry[number].has_state = at > 0;
	due->entry[number].is_new = !at;
	if (at != STATE_NEVER && at > now + FAR_AWAY)
		at = now;
	s->found++;
	/* one that is held is looked at too: it is the state that says so, not the hint */
	return due_put(due, number, at == STATE_NEVER ? now : at);
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

int
scan_step(struct scan *s, struct due *due, uint32_t now)
{
	for (unsigned int i = 0; s->running && i < SCAN_SLICE; i++) {
		struct dirent const *d;
		uint64_t time, inode;

		if (!s->dir && !(s->dir = open_split(s)))
			return 0;
		errno = 0;
		d = readdir(s->dir);
		if (!d && errno)
			return 0;
		if (!d) {
			next_directory(s);
			continue;
		}
		if (!message_id_parse(d->d_name, strlen(d->d_name), &time, &inode) ||
		    message_split(time) != s->split)
			continue;
		if (s->in_state)
			remove_litter(s, due, time, inode);
		else if (!add(s, due, time, inode, now))
			return 0;
	}
	return 1;
}
