#include "keys.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_NAME "servercert"
#define FOLDER       "servercerts"
#define SUFFIX       ".pem"
#define SECOND       "-rsa.pem"

static struct keys everybody = { .fd = -1, .second = -1 };
static struct keys named[KEYS_MAX];
static size_t count;
static char const *confdir; /* for people */

void
keys_file(struct keys const *k, int second, char *to, size_t max)
{
	snprintf(to, max, "%s/control/%s%s%s", confdir ? confdir : "",
	    *k->name ? FOLDER "/" : DEFAULT_NAME, k->name, second ? SECOND : SUFFIX);
}

static int
fail(struct keys const *k, int second, char *why, size_t max)
{
	char file[CONTROL_ERROR_MAX];
	int const e = errno;

	keys_file(k, second, file, sizeof file);
	snprintf(why, max, "%s: %s: put the certificate, its chain and its key there", file,
	    strerror(e));
	return 0;
}

/* open_in - a file that may be missing: 1, or 0 with errno. */
static int
open_in(int dir, char const *file, int *fd)
{
	*fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	return *fd != -1 || errno == ENOENT;
}

static int
open_default(struct control *c, char *why, size_t max)
{
	if (!open_in(c->dir, DEFAULT_NAME SUFFIX, &everybody.fd) || everybody.fd == -1)
		return fail(&everybody, 0, why, max);
	if (!open_in(c->dir, DEFAULT_NAME SECOND, &everybody.second))
		return fail(&everybody, 1, why, max);
	return 1;
}

/* ends_with - the length of what is before the suffix; 0 it does not end so. */
static size_t
ends_with(char const *file, char const *suffix)
{
	size_t const len = strlen(file), cut = strlen(suffix);

	return len > cut && !strcmp(file + len - cut, suffix) ? len - cut : 0;
}

/* place - for that name, a new one if there is none: null if there is no room. */
static struct keys *
place(char const *file, size_t len)
{
	struct keys *k;

	for (k = named; k < named + count; k++)
		if (strlen(k->name) == len && !strncasecmp(k->name, file, len))
			return k;
	if (count == KEYS_MAX || len >= KEYS_NAME_MAX)
		return 0;
	for (size_t i = 0; i < len; i++)
		k->name[i] = (char)tolower((unsigned char)file[i]);
	k->fd = k->second = -1;
	count++;
	return k;
}

/* open_file - one of the folder: 1, or 0 with why. */
static int
open_file(int dir, char const *file, char *why, size_t max)
{
	size_t const second = ends_with(file, SECOND);
	size_t const len = second ? second : ends_with(file, SUFFIX);
	struct keys *k;

	if (!len || *file == '.')
		return 1;
	k = place(file, len);
	if (!k) {
		snprintf(why, max,
		    "%s/control/" FOLDER "/%s: more than %d names, or too long a name", confdir,
		    file, KEYS_MAX);
		return 0;
	}
	if (open_in(dir, file, second ? &k->second : &k->fd))
		return 1;
	return fail(k, second != 0, why, max);
}

static int
open_folder(struct control *c, char *why, size_t max)
{
	int const fd = openat(c->dir, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *const dir = fd == -1 ? 0 : fdopendir(fd);
	struct dirent const *entry;
	int ok = 1;

	if (!dir) {
		if (errno == ENOENT)
			return 1;
		snprintf(why, max, "%s/control/" FOLDER ": %s", confdir, strerror(errno));
		return 0;
	}
	while (ok && (entry = readdir(dir)))
		ok = open_file(fd, entry->d_name, why, max);
	closedir(dir);
	return ok;
}

int
keys_open(struct control *c, char *why, size_t max)
{
	confdir = c->confdir;
	count = 0;
	return open_default(c, why, max) && open_folder(c, why, max);
}

struct keys const *
keys_default(void)
{
	return &everybody;
}

struct keys const *
keys_at(size_t i)
{
	if (!i)
		return &everybody;
	return i <= count ? &named[i - 1] : 0;
}

static struct keys const *
find(char const *name)
{
	for (struct keys const *k = named; k < named + count; k++)
		if (!strcasecmp(k->name, name) && (k->fd != -1 || k->second != -1))
			return k;
	return 0;
}

struct keys const *
keys_find(char const *name)
{
	struct keys const *k = find(name);
	char const *const rest = strchr(name, '.');
	char wide[KEYS_NAME_MAX];

	if (k || !rest || (size_t)snprintf(wide, sizeof wide, "*%s", rest) >= sizeof wide)
		return k;
	return find(wide);
}
