#include "instructions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "config.h"
#include "reason.h"

#define WRITABLE_BY_OTHERS 002
#define ALIASES            CONF_CONFDIR "/aliases.cdb"

static void
stamp(struct instructions_stamp *s, char const *path)
{
	s->path = path;
	s->known = path && !stat(path, &s->st);
}

static int
is_same(struct instructions_stamp const *s)
{
	struct stat now;

	if (!s->path)
		return 1;
	if (stat(s->path, &now) == -1)
		return !s->known;
	return s->known && now.st_dev == s->st.st_dev && now.st_ino == s->st.st_ino &&
	       now.st_mode == s->st.st_mode && now.st_uid == s->st.st_uid &&
	       !memcmp(&now.st_mtim, &s->st.st_mtim, sizeof now.st_mtim) &&
	       !memcmp(&now.st_ctim, &s->st.st_ctim, sizeof now.st_ctim);
}

void
instructions_settle(struct instructions *in)
{
	stamp(&in->home, in->home.path);
}

int
instructions_changed(struct instructions const *in)
{
	return !is_same(&in->home) || !is_same(&in->file);
}

/* check_home - go there; 1, or 0 with the reason why no mail may be delivered now. */
static int
check_home(struct instructions *in, char const *home, struct answer *why)
{
	if (chdir(home) == -1) {
		reason_errno(why, "4.3.0", "go to home directory", home);
		return 0;
	}
	stamp(&in->home, home);
	if (!in->home.known) {
		reason_errno(why, "4.3.0", "look at home directory", home);
		return 0;
	}
	if (in->home.st.st_mode & WRITABLE_BY_OTHERS) {
		reason_set(why, 'Z', "4.7.0", "home directory ", home,
		    " is writable by others: chmod o-w it", (char const *)0);
		return 0;
	}
	if (in->home.st.st_mode & S_ISVTX) {
		reason_set(why, 'Z', "4.2.1", "home directory ", home,
		    " is sticky: its user is editing .qmail", (char const *)0);
		return 0;
	}
	return 1;
}

/* open_file - 1 and *fd, 0 if there is no such regular file, -1 with the reason. */
static int
open_file(struct instructions *in, int *fd, struct answer *why)
{
	struct stat *st = &in->file.st;

	*fd = open(in->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd == -1 && (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG))
		return 0;
	if (*fd == -1 || fstat(*fd, st) == -1) {
		reason_errno(why, "4.3.0", "open", in->name);
		if (*fd != -1)
			close(*fd);
		return -1;
	}
	if (!S_ISREG(st->st_mode)) {
		close(*fd);
		return 0;
	}
	in->file.path = in->name;
	in->file.known = 1;
	return 1;
}

/* read_file - its text, if it is fit to be followed. */
static int
read_file(struct instructions *in, int fd, struct answer *why)
{
	size_t size = (size_t)in->file.st.st_size;

	if (in->file.st.st_mode & WRITABLE_BY_OTHERS) {
		reason_set(why, 'Z', "4.7.0", in->name, " is writable by others: chmod o-w it",
		    (char const *)0);
		return 0;
	}
	if (size > QMAIL_TEXT_MAX) {
		reason_set(why, 'Z', "4.3.0", in->name, " is too large", (char const *)0);
		return 0;
	}
	if (stralloc_ready(&in->text, size + 1)) {
		in->text.len = allread(fd, in->text.s, size);
		if (in->text.len == size)
			return 1;
	}
	reason_errno(why, "4.3.0", "read", in->name);
	return 0;
}

/* find_file - open the file to follow: 1 and *fd, 0 if there is none, -1 with the reason. */
static int
find_file(
    struct instructions *in, struct instructions_source const *from, int *fd, struct answer *why)
{
	size_t rest;
	int named, r = 0;

	for (size_t n = 0; !r && (named = qmail_name(in->name, from->dash, from->ext, n, &rest));
	     n++) {
		if (named == 1)
			r = open_file(in, fd, why);
		in->rest = r == 1 && n ? from->ext + rest : 0;
	}
	if (r || !*from->dash)
		return r;
	snprintf(in->name, sizeof in->name, ".qmail"); /* the user's normal delivery */
	return open_file(in, fd, why);
}

static int
exists(char const *dash, char const *ext, char const *what)
{
	char name[QMAIL_NAME_MAX * 2];
	struct stat st;
	size_t rest, len;

	if (qmail_name(name, dash, ext, 0, &rest) != 1)
		return 0;
	len = strlen(name);
	snprintf(name + len, sizeof name - len, "%s", what);
	return !stat(name, &st) && S_ISREG(st.st_mode);
}

/* parse - the text that was found. */
static int
parse(struct instructions *in, char const *name, struct answer *why)
{
	int forward_only = in->file.known && in->file.path == in->name &&
			   (in->file.st.st_mode & S_IXUSR);
	int r = qmail_parse(&in->qmail, &in->text, forward_only);

	if (r == 1)
		return 1;
	if (!r)
		reason_set(why, 'Z', "4.3.5", name, ": ", in->qmail.error, (char const *)0);
	else
		reason_errno(why, "4.3.0", "read", name);
	return 0;
}

static int
use(struct instructions *in, char const *text, size_t len, char const *name, struct answer *why)
{
	in->text.len = 0;
	if (!stralloc_catb(&in->text, text, len)) {
		reason_errno(why, "4.3.0", "read", name);
		return 0;
	}
	return parse(in, name, why);
}

static int
use_file(struct instructions *in, struct instructions_source const *from, struct answer *why)
{
	int fd, ok;
	int r = find_file(in, from, &fd, why);

	if (r == 1) {
		ok = read_file(in, fd, why);
		close(fd);
		if (!ok)
			return 0;
		in->owner = exists(from->dash, from->ext, "-owner");
		in->owner += in->owner && exists(from->dash, from->ext, "-owner-default");
	}
	if (r == -1 || (r == 1 && in->text.len))
		return r == 1 && parse(in, in->name, why);
	in->is_default = 1;
	in->rest = 0;
	return use(
	    in, from->defaultdelivery, strlen(from->defaultdelivery), "defaultdelivery", why);
}

int
instructions_find(
    struct instructions *in, struct instructions_source const *from, struct answer *why)
{
	in->is_default = in->owner = 0;
	in->rest = 0;
	in->file = (struct instructions_stamp){ 0 };
	if (!check_home(in, from->home, why))
		return 0;
	if (!from->alias->len)
		return use_file(in, from, why);
	stamp(&in->file, ALIASES);
	return use(in, from->alias->s, from->alias->len, "the alias", why);
}
