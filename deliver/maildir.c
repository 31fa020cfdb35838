#include "maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "quota.h"
#include "reason.h"

#define TRIES    3  /* of another name, when one is taken */
#define HOST_MAX 64 /* octets of the host in a name */

#define RIGHT_REFER (1ULL << 13) /* LANDLOCK_ACCESS_FS_REFER, ABI 2 */

/* What makes this process's names its own. */
static struct {
	pid_t pid;
	unsigned int count, random;
	char host[HOST_MAX + 1];
} self;

/* set_host - the host name, without the two octets that a Maildir name must not have. */
static void
set_host(void)
{
	char name[HOST_MAX + 1] = "localhost";
	size_t n = 0;

	gethostname(name, sizeof name - 1);
	for (char const *s = name; *s && n + 4 < sizeof self.host; s++) {
		if (*s == '/' || *s == ':') {
			memcpy(self.host + n, *s == '/' ? "\\057" : "\\072", 4);
			n += 4;
		} else {
			self.host[n++] = *s;
		}
	}
	self.host[n] = 0;
}

static void
set_self(void)
{
	pid_t pid = getpid();

	if (self.pid == pid)
		return;
	self.pid = pid;
	self.count = 0;
	if (getrandom(&self.random, sizeof self.random, 0) == -1)
		self.random = (unsigned int)time(0);
	set_host();
}

/* unique - a new name, with the size unless it is 0. */
static void
unique(char to[MAILDIR_NAME_MAX], uint64_t size)
{
	struct timespec now;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	n = snprintf(to, MAILDIR_NAME_MAX, "%lld.M%06ldP%ldQ%uR%08x.%s", (long long)now.tv_sec,
	    now.tv_nsec / 1000, (long)self.pid, ++self.count, self.random, self.host);
	if (size)
		snprintf(to + n, MAILDIR_NAME_MAX - (size_t)n, ",S=%llu", (unsigned long long)size);
}

static int
open_dir(int at, char const *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* make_all - new, cur and tmp; synced, since a message in them will be. */
static int
make_all(char const *path)
{
	static char const *const part[] = { "new", "cur", "tmp" };
	int parent = open_dir(AT_FDCWD, ".");
	int top = -1;
	int ok = mkdir(path, 0700) != -1 && (top = open_dir(AT_FDCWD, path)) != -1;

	for (size_t i = 0; ok && i < 3; i++)
		ok = mkdirat(top, part[i], 0700) != -1 || errno == EEXIST;
	ok = ok && fsync(top) != -1 && fsync(parent) != -1;
	if (parent != -1)
		close(parent);
	if (top != -1)
		close(top);
	return ok;
}

/* takes_nameless - whether new/ can hold a file without a name. */
static int
takes_nameless(struct maildir const *m)
{
	int fd = openat(m->new, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd != -1)
		close(fd);
	return fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL);
}

static int
refuse_open(struct maildir *m, struct answer *why)
{
	if (errno == ENOENT)
		reason_set(why, 'Z', "4.2.1", "there is no Maildir ", m->path,
		    ": make it with maildirmake", (char const *)0);
	else if (errno == ENOTDIR)
		reason_set(why, 'Z', "4.2.1", m->path, " is not a Maildir", (char const *)0);
	else
		reason_errno(why, "4.2.1", "open Maildir", m->path);
	if (m->top != -1)
		close(m->top);
	if (m->new != -1)
		close(m->new);
	return 0;
}

int
maildir_open(struct maildir *m, char const *path, int create, struct answer *why)
{
	struct stat st;

	*m = (struct maildir){ .path = path, .new = -1, .tmp = -1, .fd = -1 };
	set_self();
	m->top = open_dir(AT_FDCWD, path);
	if (m->top == -1 && errno == ENOENT && create && make_all(path))
		m->top = open_dir(AT_FDCWD, path);
	if (m->top == -1 || (m->new = open_dir(m->top, "new")) == -1)
		return refuse_open(m, why);
	m->how = durable_how(m->new);
	m->has_quota = !fstatat(m->top, QUOTA_FILE, &st, 0);
	if (!takes_nameless(m) && (m->tmp = open_dir(m->top, "tmp")) == -1)
		return refuse_open(m, why);
	if (!m->has_quota && m->tmp == -1) {
		close(m->top);
		m->top = -1;
	}
	return 1;
}

size_t
maildir_trees(struct maildir const *m, struct sandbox_tree *trees)
{
	uint64_t const create = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_WRITE_FILE;
	size_t n = 0;

	trees[n++] = (struct sandbox_tree){ m->new, create };
	if (m->has_quota)
		trees[n++] = (struct sandbox_tree){ m->top,
			create | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
			    LANDLOCK_ACCESS_FS_REMOVE_FILE | RIGHT_REFER };
	else if (m->tmp != -1)
		trees[n++] = (struct sandbox_tree){ m->top,
			create | LANDLOCK_ACCESS_FS_REMOVE_FILE | RIGHT_REFER };
	return n;
}

int
maildir_fits(struct maildir const *m, uint64_t size, struct answer *why)
{
	return !m->has_quota || quota_fits(m->top, size, why);
}

int
maildir_begin(struct maildir *m, struct answer *why)
{
	m->size = 0;
	if (m->tmp == -1) {
		m->fd = openat(m->new, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	} else {
		unique(m->temporary, 0);
		m->fd = openat(m->tmp, m->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	}
	if (m->fd == -1)
		reason_errno(why, "4.3.0", "make a file in Maildir", m->path);
	return m->fd != -1;
}

static int
give_up(struct maildir *m, char const *what, struct answer *why)
{
	reason_errno(why, "4.3.0", what, m->path);
	maildir_abort(m);
	return 0;
}

int
maildir_write(struct maildir *m, struct iovec *parts, int count, struct answer *why)
{
	ssize_t n = files_write(m->fd, parts, count);

	if (n == -1)
		return give_up(m, "write to Maildir", why);
	m->size += (uint64_t)n;
	return 1;
}

/* name_it - link the file, or move it where links are unknown. */
static int
name_it(struct maildir *m)
{
	char self_fd[sizeof "/proc/self/fd/" + 12];

	if (m->tmp == -1) {
		snprintf(self_fd, sizeof self_fd, "/proc/self/fd/%d", m->fd);
		return linkat(AT_FDCWD, self_fd, m->new, m->name, AT_SYMLINK_FOLLOW);
	}
	if (linkat(m->tmp, m->temporary, m->new, m->name, 0) != -1)
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != EXDEV)
		return -1;
	return renameat2(m->tmp, m->temporary, m->new, m->name, RENAME_NOREPLACE);
}

int
maildir_commit(struct maildir *m, struct answer *why)
{
	int r = -1;

	if (!durable_data(m->fd, m->how))
		return give_up(m, "sync a file in Maildir", why);
	errno = EEXIST;
	for (int i = 0; r == -1 && errno == EEXIST && i < TRIES; i++) {
		unique(m->name, m->size);
		r = name_it(m);
	}
	if (r == -1)
		return give_up(m, "name a file in Maildir", why);
	if (!durable_name(m->fd, m->new, m->how))
		return give_up(m, "sync Maildir", why);
	maildir_abort(m); /* the other name, if there is one, has done its work */
	if (m->has_quota)
		quota_add(m->top, m->size);
	return 1;
}

void
maildir_abort(struct maildir *m)
{
	if (m->fd == -1)
		return;
	close(m->fd);
	m->fd = -1;
	if (m->tmp != -1)
		unlinkat(m->tmp, m->temporary, 0);
}
