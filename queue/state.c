#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#include "message.h"

#define FACT_MAX (STATE_REASON_MAX + 64) /* octets of a fact */
#define VERSION  "2:V1,"
#define NEW      "new" /* the name, in each NN, of a file that is being replaced */

void
state_path(char to[STATE_PATH_MAX], uint64_t time, uint64_t inode)
{
	char id[MESSAGE_ID_MAX];

	message_id(id, time, inode);
	snprintf(to, STATE_PATH_MAX, "%u/%s", message_split(time), id);
}

static int
set_reason(struct rcpt *r, char const *text, size_t len)
{
	char *copy = len ? strndup(text, len > STATE_REASON_MAX ? STATE_REASON_MAX : len) : 0;

	if (len && !copy)
		return 0;
	free(r->reason);
	r->reason = copy;
	return 1;
}

int
state_reason(struct rcpt *r, char const *status, char const *text)
{
	char reason[STATE_REASON_MAX + 1];
	int n = snprintf(reason, sizeof reason, "%s %s", status, text);

	return n > 0 && set_reason(r, reason, strlen(reason));
}

void
state_free(struct state *s)
{
	for (uint32_t i = 0; i < s->rcpts; i++)
		free(s->rcpt[i].reason);
	free(s->rcpt);
	*s = (struct state){ .rcpt = 0 };
}

/* A fact's words, being read. */
struct words {
	char const *p, *end;
};

/* number - a blank and a number of at most max: 1, or 0. */
static int
number(struct words *w, uint64_t *n, uint64_t max)
{
	char const *p = w->p + 1;

	if (w->p == w->end || *w->p != ' ' || p == w->end || *p < '0' || *p > '9')
		return 0;
	for (*n = 0; p < w->end && *p >= '0' && *p <= '9'; p++) {
		*n = *n * 10 + (uint64_t)(*p - '0');
		if (*n > max)
			return 0;
	}
	w->p = p;
	return 1;
}

/* rest - what follows a blank, as the reason; nothing is fine too. */
static int
rest(struct words const *w, struct rcpt *r)
{
	return w->p == w->end || set_reason(r, w->p + 1, (size_t)(w->end - w->p) - 1);
}

static int
waiting(struct words *w, struct rcpt *r)
{
	uint64_t attempts, next;

	if (!number(w, &attempts, UINT16_MAX) || !number(w, &next, UINT32_MAX))
		return 1;
	r->fate = FATE_WAITING;
	r->attempts = (uint16_t)attempts;
	r->next = (uint32_t)next;
	return rest(w, r);
}

static void
done(struct words *w, struct state *s, uint32_t n)
{
	uint64_t last = n;

	if (w->p != w->end && !number(w, &last, s->rcpts - 1))
		return;
	for (; n <= last; n++)
		s->rcpt[n].fate = FATE_DONE;
}

/* about_rcpt - a fact whose first number names a recipient. 1, or 0: no memory. */
static int
about_rcpt(struct state *s, char letter, struct words *w)
{
	struct rcpt *r;
	uint64_t n;

	if (!s->rcpts || !number(w, &n, s->rcpts - 1))
		return 1;
	r = &s->rcpt[n];
	switch (letter) {
	case 'W': return waiting(w, r);
	case 'L': r->told_late = 1; return 1;
	case 'S': r->fate = FATE_DELIVERED; return rest(w, r);
	case 'F': r->fate = FATE_FAILED; return rest(w, r);
	case 'D': done(w, s, (uint32_t)n); return 1;
	default: return 1;
	}
}

static int
fact(struct state *s, char const *text, size_t len)
{
	struct words w = { text + 1, text + len };

	if (!len)
		return 1;
	switch (*text) {
	case 'V': errno = EPROTO; return len == 2 && text[1] == '1';
	case 'H': s->held = 1; return 1;
	case 'R': s->held = 0; return 1;
	default: errno = ENOMEM; return about_rcpt(s, *text, &w);
	}
}

int
state_parse(struct state *s, char const *text, size_t len)
{
	char const *p = text, *const end = text + len;

	s->torn = 0;
	while (p < end) {
		size_t n = 0;
		char const *digit = p;

		for (; p < end && p - digit < 4 && *p >= '0' && *p <= '9'; p++)
			n = n * 10 + (size_t)(*p - '0');
		if (p == digit || p == end || *p != ':' || (size_t)(end - p) < n + 2 ||
		    p[n + 1] != ',') {
			s->torn = 1;
			return 1;
		}
		if (!fact(s, p + 1, n))
			return 0;
		p += n + 2;
	}
	return 1;
}

/* add_fact - text, made by printf, as a netstring. */
__attribute__((format(printf, 2, 3))) static int
add_fact(stralloc *to, char const *format, ...)
{
	char text[FACT_MAX], head[UINT64_FMT + 1];
	va_list args;
	int n;
	size_t len;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof text)
		return 0;
	len = uint64_fmt(head, (uint64_t)n);
	head[len++] = ':';
	return stralloc_catb(to, head, len) && stralloc_catb(to, text, (size_t)n) &&
	       stralloc_catb(to, ",", 1);
}

int
state_fact(stralloc *to, struct state const *s, uint32_t n)
{
	struct rcpt const *r = &s->rcpt[n];
	char const *const reason = r->reason ? r->reason : "";
	char const *const blank = r->reason ? " " : "";

	switch (r->fate) {
	case FATE_DONE: return add_fact(to, "D %u", n);
	case FATE_DELIVERED: return add_fact(to, "S %u%s%s", n, blank, reason);
	case FATE_FAILED: return add_fact(to, "F %u%s%s", n, blank, reason);
	default: break;
	}
	return add_fact(to, "W %u %u %u%s%s", n, r->attempts, r->next, blank, reason) &&
	       (!r->told_late || add_fact(to, "L %u", n));
}

int
state_format(stralloc *to, struct state const *s)
{
	if (!stralloc_cats(to, VERSION) || (s->held && !add_fact(to, "H")))
		return 0;
	for (uint32_t i = 0; i < s->rcpts; i++) {
		uint32_t const first = i;

		while (i + 1 < s->rcpts && s->rcpt[i].fate == FATE_DONE &&
		       s->rcpt[i + 1].fate == FATE_DONE)
			i++;
		if (!(i > first ? add_fact(to, "D %u %u", first, i) : state_fact(to, s, i)))
			return 0;
	}
	return 1;
}

int
state_load(int dir, char const *path, struct state *s)
{
	int const fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	char *text;
	int r = -1;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	if (fstat(fd, &st) == -1) {
		close(fd);
		return -1;
	}
	errno = EFBIG;
	if (st.st_size <= STATE_FILE_MAX && (text = malloc((size_t)st.st_size + 1))) {
		size_t const len = allread(fd, text, (size_t)st.st_size);

		r = len == (size_t)st.st_size || !errno || errno == EPIPE ? 1 : -1;
		if (r == 1 && !state_parse(s, text, len))
			r = -1;
		free(text);
	}
	close(fd);
	return r;
}

uint32_t
state_due(int dir, char const *path)
{
	struct stat st;

	if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	return st.st_mtime <= 0             ? 1
	       : st.st_mtime >= STATE_NEVER ? STATE_NEVER
					    : (uint32_t)st.st_mtime;
}

/* has_done - whether the file tells more than when to try again. */
static int
has_done(struct state const *s)
{
	for (uint32_t i = 0; i < s->rcpts; i++)
		if (s->rcpt[i].fate != FATE_WAITING || s->rcpt[i].told_late)
			return 1;
	return s->held;
}

/* make - NN/new, empty, whatever an earlier crash left there. */
static int
make(int dir, char const *name)
{
	int const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = openat(dir, name, flags, 0600);

	if (fd == -1 && errno == EEXIST && !unlinkat(dir, name, 0))
		fd = openat(dir, name, flags, 0600);
	return fd;
}

static int
write_new(int fd, struct state const *s, uint32_t due)
{
	struct timespec const times[2] = { { .tv_sec = due }, { .tv_sec = due } };
	stralloc text = STRALLOC_ZERO;
	int ok;

	errno = ENOMEM;
	ok = state_format(&text, s) && allwrite(fd, text.s, text.len) == text.len;
	stralloc_free(&text);
	return ok && !futimens(fd, times) && (!has_done(s) || !fdatasync(fd));
}

int
state_replace(int dir, char const *path, struct state const *s, uint32_t due)
{
	char name[STATE_PATH_MAX];
	int const split = (int)(strchr(path, '/') - path);
	int fd, ok, e;

	snprintf(name, sizeof name, "%.*s/" NEW, split, path);
	if ((fd = make(dir, name)) == -1)
		return 0;
	ok = write_new(fd, s, due);
	e = errno;
	close(fd);
	errno = e;
	return ok && !renameat(dir, name, dir, path);
}

int
state_open(int dir, char const *path)
{
	int const fd = openat(
	    dir, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd != -1 && !lseek(fd, 0, SEEK_END) &&
	    allwrite(fd, VERSION, sizeof VERSION - 1) < sizeof VERSION - 1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
state_append(int fd, struct state const *s, uint32_t n, int sync)
{
	stralloc text = STRALLOC_ZERO;
	int ok;

	errno = ENOMEM;
	ok = state_fact(&text, s, n) && allwrite(fd, text.s, text.len) == text.len;
	stralloc_free(&text);
	return ok && (!sync || !fdatasync(fd));
}

int
state_remove(int dir, char const *path)
{
	return !unlinkat(dir, path, 0) || errno == ENOENT;
}
