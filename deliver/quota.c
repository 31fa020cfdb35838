#include "quota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "reason.h"

/* number - decimal digits at *s, before end; saturates. 1, or 0 if there is none. */
static int
number(char const **s, char const *end, uint64_t *value)
{
	char const *start = *s;

	*value = 0;
	for (; *s < end && **s >= '0' && **s <= '9'; ++*s)
		*value = *value > INT64_MAX / 20 ? INT64_MAX / 2
						 : *value * 10 + (uint64_t)(**s - '0');
	return *s > start;
}

static int
limits(struct quota *q, char const *s, char const *end)
{
	while (s < end) {
		uint64_t value;

		if (!number(&s, end, &value) || s == end)
			return 0;
		if (*s == 'S')
			q->bytes = value;
		else if (*s == 'C')
			q->count = value;
		else
			return 0;
		if (++s < end && *s++ != ',')
			return 0;
	}
	return 1;
}

static int64_t
signed_number(char const **s, char const *end)
{
	uint64_t value;
	int minus;

	while (*s < end && **s == ' ')
		++*s;
	minus = *s < end && **s == '-';
	*s += minus;
	number(s, end, &value);
	return minus ? -(int64_t)value : (int64_t)value;
}

/* plus - a sum that does not overflow. */
static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return b < 0 ? INT64_MIN : INT64_MAX;
}

int
quota_parse(struct quota *q, char const *text, size_t len)
{
	char const *end = text + len;
	int ok = 0;

	*q = (struct quota){ 0 };
	for (int first = 1; text < end; first = 0) {
		char const *lf = memchr(text, '\n', (size_t)(end - text));
		char const *stop = lf ? lf : end;

		if (first) {
			ok = limits(q, text, stop);
		} else {
			q->used = plus(q->used, signed_number(&text, stop));
			q->messages = plus(q->messages, signed_number(&text, stop));
			q->lines++;
		}
		text = lf ? lf + 1 : end;
	}
	return ok;
}

static int
is_full(int64_t used, uint64_t limit)
{
	return limit && used >= 0 && (uint64_t)used >= limit;
}

static int
is_over(struct quota const *q, uint64_t size)
{
	uint64_t used = q->used > 0 ? (uint64_t)q->used : 0;

	return is_full(q->used, q->bytes) || is_full(q->messages, q->count) ||
	       (q->bytes && size > q->bytes - used);
}

int
quota_judge(struct quota const *q, uint64_t size, struct answer *why)
{
	if (!is_over(q, size))
		return 1;
	if (q->bytes && size > q->bytes)
		reason_set(why, 'D', "5.2.3", "the message is larger than the whole mailbox may be",
		    (char const *)0);
	else if (is_full(q->used, q->bytes) || is_full(q->messages, q->count))
		reason_set(why, 'Z', "4.2.2", "the mailbox is full", (char const *)0);
	else
		reason_set(why, 'Z', "4.2.3", "the mailbox has no room for a message of this size",
		    (char const *)0);
	return 0;
}

int
quota_size(char const *name, uint64_t *size)
{
	char const *s = strstr(name, ",S=");

	if (!s)
		return 0;
	s += 3;
	return number(&s, s + strlen(s), size);
}

/* is_trashed - a name with the flag T: "…:2,…T…". */
static int
is_trashed(char const *name)
{
	char const *flags = strstr(name, ":2,");

	return flags && strchr(flags + 3, 'T');
}

static DIR *
open_dir(int at, char const *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd == -1 ? 0 : fdopendir(fd);

	if (fd != -1 && !dir)
		close(fd);
	return dir;
}

/* count_files - add what is in folder/name. */
static void
count_files(struct quota *q, int folder, char const *name)
{
	DIR *dir = open_dir(folder, name);
	struct dirent const *e;

	while (dir && (e = readdir(dir)) && q->messages < QUOTA_ENTRIES_MAX) {
		uint64_t size;
		struct stat st;

		if (*e->d_name == '.' || is_trashed(e->d_name))
			continue;
		if (!quota_size(e->d_name, &size)) {
			if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
				continue;
			size = (uint64_t)st.st_size;
		}
		q->used = plus(q->used, (int64_t)size);
		q->messages++;
	}
	if (dir)
		closedir(dir);
}

/* count_folder - new and cur of one folder of the Maildir. */
static void
count_folder(struct quota *q, int top, char const *name)
{
	int folder = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder == -1)
		return;
	count_files(q, folder, "new");
	count_files(q, folder, "cur");
	close(folder);
}

static void
count(struct quota *q, int top)
{
	DIR *dir = open_dir(top, ".");
	struct dirent const *e;

	q->used = q->messages = 0;
	q->lines = 1;
	count_folder(q, top, ".");
	while (dir && (e = readdir(dir)))
		if (*e->d_name == '.' && strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    strcmp(e->d_name, ".Trash"))
			count_folder(q, top, e->d_name);
	if (dir)
		closedir(dir);
}

/* first_line - the limits as maildirsize has them. */
static int
first_line(char *to, size_t max, struct quota const *q)
{
	int n = 0;

	if (q->bytes)
		n += snprintf(to + n, max - (size_t)n, "%lluS", (unsigned long long)q->bytes);
	if (q->count)
		n += snprintf(
		    to + n, max - (size_t)n, "%s%lluC", n ? "," : "", (unsigned long long)q->count);
	return n;
}

/* save - put the new count into the place of the old file; in vain is no harm. */
static void
save(struct quota const *q, int top)
{
	char name[64], text[128];
	int n = first_line(text, sizeof text, q);
	int fd, ok;

	n += snprintf(text + n, sizeof text - (size_t)n, "\n%lld %lld\n", (long long)q->used,
	    (long long)q->messages);
	snprintf(name, sizeof name, "tmp/%s.%ld", QUOTA_FILE, (long)getpid());
	fd = openat(top, name, O_CREAT | O_TRUNC | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	ok = write(fd, text, (size_t)n) == n;
	close(fd);
	if (!ok || renameat(top, name, top, QUOTA_FILE) == -1)
		unlinkat(top, name, 0);
}

/* load - read the file; 1, or 0 if it sets no limit. */
static int
load(struct quota *q, int top, int *young, int *grown)
{
	char text[QUOTA_FILE_MAX + 1];
	int fd = openat(top, QUOTA_FILE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof text);
	*young = !fstat(fd, &st) && st.st_mtime > time(0) - QUOTA_AGE;
	*grown = n >= QUOTA_FILE_MAX;
	close(fd);
	return n > 0 && quota_parse(q, text, (size_t)n);
}

int
quota_fits(int top, uint64_t size, struct answer *why)
{
	struct quota q;
	int young, grown;

	if (!load(&q, top, &young, &grown))
		return 1;
	if (grown || !q.lines || (is_over(&q, size) && (q.lines > 1 || !young))) {
		count(&q, top);
		save(&q, top);
	}
	return quota_judge(&q, size, why);
}

void
quota_add(int top, uint64_t size)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%llu 1\n", (unsigned long long)size);
	int fd = openat(top, QUOTA_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd == -1)
		return;
	if (write(fd, line, (size_t)n) == -1)
		errno = 0; /* the next count mends it */
	close(fd);
}
