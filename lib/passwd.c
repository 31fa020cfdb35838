#include "passwd.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <skalibs/types.h>

#define FIELDS 6 /* name:password:uid:gid:comment:home, and :shell, which does not matter */

enum field { NAME, PASSWORD, UID, GID, COMMENT, HOME };

struct reader {
	int fd;
	off_t offset; /* of what is read next */
	size_t start, end;
	int at_end; /* a read gave less than it was asked for */
	char buf[PASSWD_BUFFER];
};

/* more - read behind what is left in the buffer: 1, 0 there is no more, -1 errno. */
static int
more(struct reader *r)
{
	size_t const want = sizeof r->buf - (r->end - r->start);
	ssize_t n;

	if (r->at_end)
		return 0;
	memmove(r->buf, r->buf + r->start, r->end - r->start);
	r->end -= r->start;
	r->start = 0;
	do
		n = pread(r->fd, r->buf + r->end, want, r->offset);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	r->at_end = (size_t)n < want;
	r->end += (size_t)n;
	r->offset += n;
	return n > 0;
}

/* next_line - the next line without its LF, in the buffer: 1, 0 at the end, -1 errno. */
static int
next_line(struct reader *r, char **line, size_t *len)
{
	int too_long = 0;

	for (;;) {
		size_t const have = r->end - r->start;
		char *lf = memchr(r->buf + r->start, '\n', have);
		int got;

		if (lf || (r->at_end && have)) {
			*line = r->buf + r->start;
			*len = lf ? (size_t)(lf - *line) : have;
			r->start += *len + (lf != 0);
			if (!too_long)
				return 1;
			too_long = 0;
			continue;
		}
		if (have == sizeof r->buf) {
			r->start = r->end; /* its beginning is of no use without its end */
			too_long = 1;
		}
		got = more(r);
		if (got == -1 || (!got && r->start == r->end))
			return got;
	}
}

/* id_of - a uid or gid; (uid_t)-1 means "leave it" to the kernel and is never one. */
static int
id_of(char const *text, unsigned int *id)
{
	return *text >= '0' && *text <= '9' && uint0_scan(text, id) && *id != (unsigned int)-1;
}

/* copy - into to[max + 1]; 0 if it does not fit. */
static int
copy(char *to, size_t max, char const *from)
{
	size_t const len = strlen(from);

	if (len > max)
		return 0;
	memcpy(to, from, len + 1);
	return 1;
}

/* parse - one line, whose LF gives way to a NUL: 1, or 0 for a comment, a NIS line or damage. */
static int
parse(char *line, size_t len, struct passwd_entry *e)
{
	char *field[FIELDS] = { 0 };

	if (memchr(line, 0, len) || strchr("#+-", *line))
		return 0;
	for (size_t i = 0; i < FIELDS; i++) {
		field[i] = line;
		line = strchr(line, ':');
		if (!line)
			return 0;
		*line++ = 0;
	}
	if (!*field[NAME] || strpbrk(field[NAME], "/@ \t") || !id_of(field[UID], &e->uid) ||
	    !id_of(field[GID], &e->gid))
		return 0;
	return copy(e->name, PASSWD_NAME_MAX, field[NAME]) &&
	       copy(e->home, PASSWD_HOME_MAX, field[HOME]);
}

/* next_entry - 1 and the next good line's account, 0 at the end, -1 errno. */
static int
next_entry(struct reader *r, struct passwd_entry *e)
{
	char line[PASSWD_BUFFER + 1];
	char *at;
	size_t len;
	int got;

	while ((got = next_line(r, &at, &len)) == 1) {
		memcpy(line, at, len);
		line[len] = 0;
		if (parse(line, len, e))
			break;
	}
	return got;
}

/* find - the account with this name, or, if it is null, with this number. */
static int
find(int fd, char const *name, uid_t uid, struct passwd_entry *e)
{
	struct reader r = { .fd = fd };
	size_t lines = 0;
	int got;

	while (
	    (got = next_entry(&r, e)) == 1 && (name ? strcmp(e->name, name) != 0 : e->uid != uid))
		lines++;
	if (!got && !lines) {
		errno = ENODATA;
		return -1;
	}
	return got;
}

int
passwd_find(int fd, char const *name, struct passwd_entry *e)
{
	return find(fd, name, 0, e);
}

int
passwd_find_uid(int fd, uid_t uid, struct passwd_entry *e)
{
	return find(fd, 0, uid, e);
}

static int
gets_mail(struct passwd_entry const *e, uid_t minuid)
{
	return e->uid && e->uid >= minuid && e->uid != PASSWD_NOBODY && *e->home == '/' &&
	       strcmp(e->home, "/nonexistent");
}

/* is_for - whether local is the name, or goes on behind it with a delimiter. */
static int
is_for(char const *name, size_t namelen, char const *local, size_t len, char const *delimiters)
{
	if (namelen > len || strncasecmp(name, local, namelen))
		return 0;
	return namelen == len || (local[namelen] && strchr(delimiters, local[namelen]));
}

int
passwd_find_mailbox(int fd, char const *local, size_t len, char const *delimiters, uid_t minuid,
    struct passwd_entry *e, size_t *used)
{
	struct reader r = { .fd = fd };
	struct passwd_entry next;
	size_t lines = 0, longest = 0;
	int got;

	while ((got = next_entry(&r, &next)) == 1) {
		size_t const n = strlen(next.name);

		lines++;
		if (n > longest && is_for(next.name, n, local, len, delimiters) &&
		    gets_mail(&next, minuid)) {
			*e = next;
			longest = n;
		}
	}
	if (!got && !lines) {
		errno = ENODATA;
		return -1;
	}
	*used = longest;
	return got ? got : longest != 0;
}

/*
 * The system call itself, since glibc's fstat asks with newfstatat, which a sandbox had
 * better not allow: it takes paths. A file that was replaced has no name left.
 */
int
passwd_is_stale(int fd)
{
	struct stat st;

	return syscall(SYS_fstat, fd, &st) == -1 || !st.st_nlink;
}
