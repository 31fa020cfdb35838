#include "stscache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#define NEW ".new" /* no domain has a name like that */

static char text[STS_FILE_MAX];

/* load - what the file says; f points into text. 1, or 0 there is none that makes sense. */
static int
load(int dir, char const *domain, struct sts_file *f)
{
	int const fd = openat(dir, domain, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t len;
	int e;

	memset(f, 0, sizeof *f);
	if (fd == -1)
		return 0;
	errno = 0;
	len = allread(fd, text, sizeof text);
	e = errno;
	close(fd);
	if ((e && e != EPIPE) || !sts_file_read(f, text, len)) {
		memset(f, 0, sizeof *f);
		return 0;
	}
	return 1;
}

/* is_recent - less than STS_RETRY seconds ago, and not in the future. */
static int
is_recent(uint64_t when, uint64_t now)
{
	return when <= now && now - when < STS_RETRY;
}

int
stscache_is_fresh(int dir, char const *domain, char const *id, uint64_t now)
{
	struct sts_file f;

	return load(dir, domain, &f) &&
	       (is_recent(f.tried, now) || (is_recent(f.fetched, now) && !strcmp(f.id, id)));
}

/* store - replace the file: 1, or 0 with errno. */
static int
store(int dir, char const *domain, struct sts_file const *f)
{
	static char whole[STS_FILE_MAX];
	size_t const len = sts_file_write(whole, f);
	int fd, ok;

	if (!len) {
		errno = EMSGSIZE;
		return 0;
	}
	fd = openat(dir, NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd == -1)
		return 0;
	ok = allwrite(fd, whole, len) == len;
	close(fd);
	return ok && renameat(dir, NEW, dir, domain) != -1;
}

int
stscache_put(
    int dir, char const *domain, char const *id, uint64_t now, char const *policy, size_t len)
{
	struct sts_file f = { .fetched = now, .policy = policy, .policylen = len };

	snprintf(f.id, sizeof f.id, "%s", id);
	return store(dir, domain, &f);
}

int
stscache_fail(int dir, char const *domain, uint64_t now)
{
	struct sts_file f;

	load(dir, domain, &f);
	f.tried = now;
	return store(dir, domain, &f);
}

/* ---- sweeping */

/* is_over - whether the file's policy has expired (or is none), and its failure is past. */
static int
is_over(struct sts_file const *f, uint64_t now)
{
	static struct sts_policy policy;

	return !sts_file_is_valid(f, now, &policy) && !is_recent(f->tried, now);
}

size_t
stscache_sweep(int dir, uint64_t now)
{
	int const fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent const *d;
	struct sts_file f;
	size_t left = 0;
	DIR *all;

	if (fd == -1)
		return 0;
	all = fdopendir(fd);
	if (!all) {
		close(fd);
		return 0;
	}
	while ((d = readdir(all))) {
		if (!sts_domain_is_valid(d->d_name))
			continue;
		if (!load(dir, d->d_name, &f) || !is_over(&f, now) ||
		    unlinkat(dir, d->d_name, 0) == -1)
			left++;
	}
	closedir(all);
	return left;
}
