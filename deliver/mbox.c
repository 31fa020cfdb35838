#include "mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include "files.h"
#include "reason.h"

#define POLL_NANOSECONDS 50000000L /* between two tries to lock */

static char const from[] = "From ";

/* States: 0 to 4 octets of from seen in a line, or inside a line. */
enum { START = 0, INSIDE = sizeof from };

void
mbox_quote_init(struct mbox_quote *q)
{
	q->state = START;
	q->last = '\n';
}

/* at_start - one octet while a line may still be a From_ line; returns octets written. */
static size_t
at_start(struct mbox_quote *q, char c, char *out)
{
	size_t held = (size_t)q->state;
	size_t n = 0;

	if (c == from[held]) {
		if (++q->state < (int)sizeof from - 1)
			return 0;
		out[n++] = '>'; /* the same as in front of the other >s */
		held = sizeof from - 2;
	} else if (c == '>' && !held) {
		out[n++] = c;
		return n;
	}
	memcpy(out + n, from, held);
	n += held;
	out[n++] = c;
	q->state = c == '\n' ? START : INSIDE;
	return n;
}

size_t
mbox_quote(struct mbox_quote *q, char const *data, size_t len, char *out)
{
	size_t n = 0;

	if (len)
		q->last = data[len - 1];
	for (size_t i = 0; i < len;) {
		char const *lf;
		size_t take;

		if (q->state != INSIDE) {
			n += at_start(q, data[i++], out + n);
			continue;
		}
		lf = memchr(data + i, '\n', len - i);
		take = lf ? (size_t)(lf - (data + i)) + 1 : len - i;
		memcpy(out + n, data + i, take);
		n += take;
		i += take;
		if (lf)
			q->state = START;
	}
	return n;
}

size_t
mbox_quote_end(struct mbox_quote *q, char *out)
{
	size_t n = q->state == INSIDE ? 0 : (size_t)q->state;

	memcpy(out, from, n);
	if (q->last != '\n')
		out[n++] = '\n';
	out[n++] = '\n';
	return n;
}

/*
 * keep_name - a new file's name must last as long as the mail in it: sync its directory.
 * Where that cannot be opened, the file's own fsync has to do (it does on ext4, xfs, btrfs).
 */
static int
keep_name(char const *path)
{
	char const *slash = strrchr(path, '/');
	char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int ok = fd == -1 || fsync(fd) != -1 || errno == EINVAL;

	if (fd != -1)
		close(fd);
	free(directory);
	return ok;
}

int
mbox_open(struct mbox *m, char const *path, struct answer *why)
{
	struct stat st;
	struct statfs fs;

	m->path = path;
	m->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (m->fd == -1 || fstat(m->fd, &st) == -1 || (!st.st_size && !keep_name(path))) {
		reason_errno(why, "4.2.1", "open mbox", path);
		if (m->fd != -1)
			close(m->fd);
		return 0;
	}
	m->skip_flock = !fstatfs(m->fd, &fs) && fs.f_type == NFS_SUPER_MAGIC;
	if (S_ISREG(st.st_mode))
		return 1;
	reason_set(why, 'Z', "4.2.1", path, " is not a file to append mail to", (char const *)0);
	close(m->fd);
	return 0;
}

/* try_lock - both locks or none: 1, 0 somebody has one of them, -1 errno. */
static int
try_lock(struct mbox const *m)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(m->fd, F_OFD_SETLK, &all) == -1)
		return errno == EAGAIN || errno == EACCES ? 0 : -1;
	if (m->skip_flock || flock(m->fd, LOCK_EX | LOCK_NB) != -1)
		return 1;
	if (errno != EWOULDBLOCK)
		return -1;
	all.l_type = F_UNLCK;
	fcntl(m->fd, F_OFD_SETLK, &all);
	return 0;
}

static void
unlock(struct mbox const *m)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (!m->skip_flock)
		flock(m->fd, LOCK_UN);
	fcntl(m->fd, F_OFD_SETLK, &all);
}

static int
lock(struct mbox const *m, struct answer *why)
{
	struct timespec const wait = { .tv_nsec = POLL_NANOSECONDS };
	struct timespec now, end;
	int r;

	if ((r = try_lock(m)) == 1)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += MBOX_LOCK_SECONDS;
	do {
		if (!r)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, 0);
		r = try_lock(m);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!r && now.tv_sec < end.tv_sec);
	if (r == -1)
		reason_errno(why, "4.3.0", "lock mbox", m->path);
	else if (!r)
		reason_set(why, 'Z', "4.3.0", "mbox ", m->path, " is locked by another program",
		    (char const *)0);
	return r == 1;
}

static int
write_out(struct mbox const *m, char const *s, size_t len)
{
	struct iovec part = { (char *)s, len };

	return files_write(m->fd, &part, 1) != -1;
}

/* append - head, message, empty line; 1, or 0 with errno. */
static int
append(struct mbox const *m, stralloc const *head, struct body *b)
{
	static char out[mbox_quote_room(BODY_BUFFER)];
	struct mbox_quote q;
	size_t len;

	mbox_quote_init(&q);
	if (!write_out(m, head->s, head->len))
		return 0;
	for (uint64_t at = 0; at < b->len; at += len) {
		char const *s = body_piece(b, at, &len);

		if (!s || !write_out(m, out, mbox_quote(&q, s, len, out)))
			return 0;
	}
	return write_out(m, out, mbox_quote_end(&q, out)) && fsync(m->fd) != -1;
}

int
mbox_deliver(struct mbox *m, stralloc const *head, struct body *b, struct answer *why)
{
	struct stat now, st;
	int ok = 0;

	if (!lock(m, why))
		return 0;
	if (fstat(m->fd, &now) == -1 || stat(m->path, &st) == -1) {
		reason_errno(why, "4.2.1", "find mbox", m->path);
	} else if (now.st_ino != st.st_ino || now.st_dev != st.st_dev) {
		reason_set(why, 'Z', "4.2.1", "mbox ", m->path, " has just been replaced",
		    (char const *)0);
	} else {
		ok = append(m, head, b);
		if (!ok) {
			reason_errno(why, "4.3.0", "write to mbox", m->path);
			if (ftruncate(m->fd, now.st_size) == -1)
				reason_errno(
				    why, "4.3.0", "cut a half-written message off mbox", m->path);
		}
	}
	unlock(m);
	return ok;
}
