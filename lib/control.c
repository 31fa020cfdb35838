#include "control.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "address.h"
#include "config.h"
#include "die.h"

#define READ_FIRST 4096 /* octets asked for at first: few files are longer */
#define SHOWN_MAX  64   /* octets of a wrong value that an error shows */
#define DENTS_MAX  8192 /* octets of directory entries read at once */

/* fail - set the error: FILE: [line N:] TEXT. Line 0 is for the whole file. Returns -1. */
static int
fail(struct control *c, char const *name, size_t line, char const *text)
{
	char where[32] = "";

	if (line)
		snprintf(where, sizeof where, " line %zu:", line);
	snprintf(c->error, sizeof c->error, "%s/control%s%s:%s %s", c->confdir, *name ? "/" : "",
	    name, where, text);
	return -1;
}

static int
fail_errno(struct control *c, char const *name, char const *verb)
{
	char text[256];

	snprintf(text, sizeof text, "cannot be %s: %s%s", verb, strerrordesc_np(errno),
	    errno == EACCES ? ": chmod o+r it" : "");
	return fail(c, name, 0, text);
}

static void
note_name(struct control *c, char const *name)
{
	size_t const n = strlen(name) + 1;

	if (*name == '.')
		return;
	if (n > sizeof c->names - c->nameslen) {
		c->names_cut = 1;
		return;
	}
	memcpy(c->names + c->nameslen, name, n);
	c->nameslen += n;
}

/* note_names - getdents64 by hand: opendir would allocate, and ask two things more. */
static int
note_names(struct control *c)
{
	_Alignas(struct dirent64) char dents[DENTS_MAX];
	ssize_t n;

	while ((n = getdents64(c->dir, dents, sizeof dents)) > 0) {
		struct dirent64 const *d;

		for (ssize_t i = 0; i < n; i += d->d_reclen) {
			d = (struct dirent64 const *)(void const *)(dents + i);
			note_name(c, d->d_name);
		}
	}
	return n ? fail_errno(c, "", "listed") : 1;
}

int
control_open_at(struct control *c, char const *confdir)
{
	char path[4096];
	int n;

	c->confdir = confdir;
	c->nameslen = 0;
	c->names_cut = 0;
	c->error[0] = 0;
	c->me[0] = 0;
	c->dir = -1;
	n = snprintf(path, sizeof path, "%s/control", confdir);
	if (n < 0 || (size_t)n >= sizeof path) {
		errno = ENAMETOOLONG;
		return fail_errno(c, "", "opened");
	}
	c->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir == -1)
		return fail_errno(c, "", "opened");
	return note_names(c);
}

int
control_open(struct control *c)
{
	return control_open_at(c, CONF_CONFDIR);
}

void
control_close(struct control *c)
{
	if (c->dir != -1)
		close(c->dir);
	c->dir = -1;
}

static int
is_there(struct control const *c, char const *name)
{
	for (size_t i = 0; i < c->nameslen; i += strlen(c->names + i) + 1)
		if (!strcmp(c->names + i, name))
			return 1;
	return c->names_cut;
}

/* O_NONBLOCK: a FIFO left there by mistake must not hold the program up. */
int
control_fd(struct control *c, char const *name, int *fd)
{
	int f;

	if (!is_there(c, name))
		return 0;
	f = openat(c->dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f == -1)
		return errno == ENOENT ? 0 : fail_errno(c, name, "opened");
	*fd = f;
	return 1;
}

/*
 * fill - read all there is of fd, but no more than max octets, to the end of text.
 * A regular file gives less than it is asked for only at its end. 1, 0 more than max, -1 errno.
 */
static int
fill(int fd, stralloc *text, size_t max)
{
	size_t want = READ_FIRST;

	for (;;) {
		ssize_t r;

		if (text->len > max)
			return 0;
		if (!stralloc_readyplus(text, want)) {
			errno = ENOMEM;
			return -1;
		}
		do
			r = read(fd, text->s + text->len, want);
		while (r == -1 && errno == EINTR);
		if (r == -1)
			return -1;
		text->len += (size_t)r;
		if ((size_t)r < want)
			return text->len <= max;
		want = text->len;
	}
}

/* slurp - the whole file into text; results as control_fd. */
static int
slurp(struct control *c, char const *name, stralloc *text)
{
	int fd = -1;
	int r = control_fd(c, name, &fd);
	int e;

	if (r != 1)
		return r;
	text->len = 0;
	r = fill(fd, text, CONTROL_FILE_MAX);
	e = errno;
	close(fd);
	errno = e;
	if (r == -1)
		return fail_errno(c, name, "read");
	return r ? 1 : fail(c, name, 0, "is longer than 4194304 octets: make it shorter");
}

/* next_line - the line at *pos of text, without its LF; moves *pos behind it. 0 at the end. */
static int
next_line(stralloc const *text, size_t *pos, char **line, size_t *len)
{
	char *lf;

	if (*pos >= text->len)
		return 0;
	*line = text->s + *pos;
	lf = memchr(*line, '\n', text->len - *pos);
	*len = lf ? (size_t)(lf - *line) : text->len - *pos;
	*pos += *len + (lf != 0);
	return 1;
}

static int
is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static size_t
trim(char const *line, size_t len)
{
	while (len && is_blank(line[len - 1]))
		len--;
	return len;
}

/* check_line - what no line of any setting may hold. */
static int
check_line(struct control *c, char const *name, size_t number, char const *line, size_t len)
{
	if (len > CONTROL_LINE_MAX)
		return fail(c, name, number, "is longer than 4096 octets: make it shorter");
	if (memchr(line, 0, len))
		return fail(c, name, number, "holds a NUL: this file must be plain text");
	if (memchr(line, '\r', len))
		return fail(
		    c, name, number, "holds a carriage return: save the file with Unix line ends");
	return 1;
}

int
control_line(struct control *c, char const *name, stralloc *out)
{
	stralloc text = STRALLOC_ZERO;
	char *line = 0;
	size_t len = 0, pos = 0;
	int r = slurp(c, name, &text);

	if (r == 1 && next_line(&text, &pos, &line, &len)) {
		r = check_line(c, name, 1, line, len);
		len = trim(line, len);
	}
	if (r == 1 && (!stralloc_ready(out, len + 1)))
		r = fail(c, name, 0, "cannot be read: out of memory");
	if (r == 1) {
		out->len = 0;
		stralloc_catb(out, line ? line : "", len);
		out->s[len] = 0;
	}
	stralloc_free(&text);
	return r;
}

int
control_bad(struct control *c, char const *name, char const *text)
{
	return fail(c, name, 1, text);
}

/* bad_number - say which value is wrong, and what would be right. */
static int
bad_number(struct control *c, char const *name, char const *value, uint64_t min, uint64_t max)
{
	char text[256];

	snprintf(text, sizeof text,
	    "\"%.*s\" is not a number from %llu to %llu: write one in decimal digits, or remove "
	    "the file to have the default",
	    SHOWN_MAX, value, (unsigned long long)min, (unsigned long long)max);
	return control_bad(c, name, text);
}

int
control_number(struct control *c, char const *name, uint64_t *out, uint64_t min, uint64_t max)
{
	stralloc value = STRALLOC_ZERO;
	uint64_t number = 0;
	int r = control_line(c, name, &value);

	if (r == 1 && (!isdigit((unsigned char)*value.s) || !uint640_scan(value.s, &number) ||
			  number < min || number > max))
		r = bad_number(c, name, value.s, min, max);
	if (r == 1)
		*out = number;
	stralloc_free(&value);
	return r;
}

/* entry_of - trim a line on both sides; whether there is an entry on it. */
static int
entry_of(char **line, size_t *len)
{
	*len = trim(*line, *len);
	while (*len && is_blank(**line)) {
		++*line;
		--*len;
	}
	return *len && **line != '#';
}

int
control_list(struct control *c, char const *name, stralloc *out, int fold)
{
	stralloc text = STRALLOC_ZERO;
	char *line;
	size_t len, pos = 0, number = 0;
	int r = slurp(c, name, &text);

	/* every entry is at least as long as what it becomes, but for a last line without LF */
	if (r == 1 && !stralloc_ready(out, text.len + 1))
		r = fail(c, name, 0, "cannot be read: out of memory");
	if (r == 1)
		out->len = 0;
	while (r == 1 && next_line(&text, &pos, &line, &len)) {
		r = check_line(c, name, ++number, line, len);
		if (r != 1 || !entry_of(&line, &len))
			continue;
		for (size_t i = 0; i < len; i++)
			out->s[out->len++] = (char)(fold ? tolower((unsigned char)line[i])
							 : line[i]);
		out->s[out->len++] = 0;
	}
	stralloc_free(&text);
	return r;
}

int
control_bad_entry(struct control *c, char const *name, size_t entry, char const *text)
{
	stralloc file = STRALLOC_ZERO;
	char *line;
	size_t len, pos = 0, number = 0;

	if (slurp(c, name, &file) == 1)
		while (next_line(&file, &pos, &line, &len)) {
			number++;
			if (entry_of(&line, &len) && !entry--)
				break;
		}
	stralloc_free(&file);
	return fail(c, name, number, text);
}

static int
read_me(struct control *c, stralloc *out)
{
	char text[256];
	int const r = control_line(c, "me", out);

	if (!r)
		return fail(c, "me", 0,
		    "there is no such file: write this host's full name into it, "
		    "such as mail.example.org");
	if (r == -1)
		return r;
	if (!address_domain_is_valid(out->s, out->len, 0, 0)) {
		snprintf(text, sizeof text,
		    "\"%.*s\" is not a host name: write this host's full name, "
		    "such as mail.example.org",
		    SHOWN_MAX, out->s);
		return control_bad(c, "me", text);
	}
	for (size_t i = 0; i < out->len; i++)
		out->s[i] = (char)tolower((unsigned char)out->s[i]);
	return 1;
}

int
control_me(struct control *c, stralloc *out)
{
	if (!*c->me) {
		int const r = read_me(c, out);

		if (r == 1 && out->len < sizeof c->me)
			memcpy(c->me, out->s, out->len + 1);
		return r;
	}
	if (!stralloc_copyb(out, c->me, strlen(c->me) + 1))
		return fail(c, "me", 0, "cannot be read: out of memory");
	out->len--;
	return 1;
}

void
control_die(struct control const *c)
{
	die_perm(c->error);
}

char const *
control_next(stralloc const *list, size_t *pos, size_t *len)
{
	char const *entry;

	if (*pos >= list->len)
		return 0;
	entry = list->s + *pos;
	*len = strnlen(entry, list->len - *pos);
	*pos += *len + 1;
	return entry;
}

int
control_has(stralloc const *list, char const *entry, size_t len)
{
	char const *e;
	size_t n, pos = 0;

	while ((e = control_next(list, &pos, &n)))
		if (n == len && !memcmp(e, entry, len))
			return 1;
	return 0;
}

int
control_has_domain(stralloc const *list, char const *domain, size_t len)
{
	char const *e;
	size_t n, pos = 0;

	while ((e = control_next(list, &pos, &n)))
		if (n <= len && (n == len || *e == '.') && !strncasecmp(e, domain + len - n, n))
			return 1;
	return 0;
}
