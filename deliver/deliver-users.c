/* deliver-users - compile users/assign into users/cdb; see deliver-users(8) */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "assignment.h"
#include "config.h"
#include "die.h"
#include "log.h"
#include "newcdb.h"
#include "sandbox.h"
#include "source.h"

#define USAGE      "deliver-users [confdir]"
#define SOURCE_MAX (1U << 28) /* octets of users/assign */

extern struct sandbox_policy const deliver_users_policy;

static char source[PATH_MAX]; /* users/assign */
static struct newcdb out;

/* The last octets of all wildcards' prefixes: look-ups try no others. */
static char breaks[UCHAR_MAX + 1];
static size_t breakslen;

static void
note_break(char last)
{
	if (last && !memchr(breaks, last, breakslen))
		breaks[breakslen++] = last;
}

static void
add(char const *key, size_t keylen, char const *data, size_t len)
{
	if (newcdb_add(&out, key, keylen, data, len))
		return;
	newcdb_drop(&out);
	die_temp("write users/cdb");
}

/* take - what one line says. */
static void
take(struct assignment const *a)
{
	if (a->kind == ASSIGNMENT_WILDCARD)
		note_break(a->last);
	if (a->kind == ASSIGNMENT_WILDCARD || a->kind == ASSIGNMENT_EXACT)
		add(a->key.s, a->key.len, a->data.s, a->data.len);
}

/* compile - all lines of text; the number of mistakes. */
static size_t
compile(stralloc const *text)
{
	static struct assignment a;
	size_t mistakes = 0, line = 0, len;

	for (size_t pos = 0; pos < text->len; pos += len + 1) {
		char const *s = text->s + pos;
		char const *lf = memchr(s, '\n', text->len - pos);

		len = lf ? (size_t)(lf - s) : text->len - pos;
		if (!assignment_parse(&a, s, len))
			die_nomem();
		line++;
		if (a.kind == ASSIGNMENT_END)
			return mistakes;
		if (a.kind == ASSIGNMENT_BAD) {
			source_say("error", source, line, a.error);
			mistakes++;
		} else {
			take(&a);
		}
	}
	source_say("error", source, line + 1,
	    "is missing: end the file with a line that is a dot, to show that it is whole");
	return mistakes + 1;
}

static void
run(int fd)
{
	static stralloc text = STRALLOC_ZERO;
	int const r = source_read(fd, &text, SOURCE_MAX);
	size_t mistakes;

	if (r != 1) {
		newcdb_drop(&out);
		if (!r)
			die_perm(source, " is longer than 256 MiB");
		die_temp("read ", source);
	}
	mistakes = compile(&text);
	if (mistakes) {
		newcdb_drop(&out);
		die_perm("users/cdb stays as it was: mend what is wrong in ", source);
	}
	add("", 0, breaks, breakslen);
	if (!newcdb_commit(&out)) {
		newcdb_drop(&out);
		die_temp("put users/cdb in place");
	}
}

int
main(int argc, char const *const *argv)
{
	char const *confdir = argc > 1 ? argv[1] : CONF_CONFDIR;
	char users[PATH_MAX - sizeof "/assign"];
	int dir, fd;

	log_open("deliver-users");
	if (argc > 2 || *confdir == '-')
		die_usage(USAGE);
	snprintf(users, sizeof users, "%s/users", confdir);
	snprintf(source, sizeof source, "%s/assign", users);
	dir = open(users, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		die_temp("open ", source);
	if (dir == -1 || !newcdb_open(&out, dir, "cdb"))
		die_temp("write into ", users);

	struct sandbox_tree const trees[] = {
		{ dir, LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE },
	};
	sandbox_enter(&deliver_users_policy, trees, sizeof trees / sizeof *trees);
	run(fd);
	return EXIT_DONE;
}
