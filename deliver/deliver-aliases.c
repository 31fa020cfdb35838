/* deliver-aliases - compile aliases into aliases.cdb; see deliver-aliases(8) */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aliases.h"
#include "config.h"
#include "control.h"
#include "die.h"
#include "expand.h"
#include "log.h"
#include "newcdb.h"
#include "recipient.h"
#include "sandbox.h"
#include "source.h"

#define USAGE    "deliver-aliases [confdir]"
#define LIST_MAX (1U << 24) /* octets of an included list */

extern struct sandbox_policy const deliver_aliases_policy;

static char source[PATH_MAX]; /* aliases */
static struct newcdb out;
static struct aliases aliases = ALIASES_ZERO;
static struct recipient_db db;
static stralloc files = STRALLOC_ZERO; /* whose change makes aliases.cdb old */
static size_t mistakes;

static void
give_up(void)
{
	newcdb_drop(&out);
	die_perm("aliases.cdb stays as it was: mend what is wrong in ", source);
}

static void
no_memory(void)
{
	newcdb_drop(&out);
	die_nomem();
}

static void
mistake(char const *file, size_t line, char const *what)
{
	source_say("error", file, line, what);
	mistakes++;
}

static void
report_in_list(void *file, struct aliases_error const *e)
{
	mistake(file, e->line, e->text);
}

/* unsafe - why a list may not be read from this file, or null. */
static char const *
unsafe(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return "includes what is no regular file: name a file with one address a line";
	if (st.st_mode & S_IWOTH)
		return "includes a file that everyone may write to: chmod o-w it";
	return 0;
}

/* read_list - the included list of the target numbered which. */
static void
read_list(size_t which)
{
	struct aliases_target const t = genalloc_s(struct aliases_target, &aliases.targets)[which];
	char path[ALIASES_TEXT_MAX];
	stralloc text = STRALLOC_ZERO;
	char const *why = 0;
	int fd, r = 0;

	snprintf(path, sizeof path, "%s", aliases.pool.s + t.text);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		why = "includes a file that cannot be opened: check its path";
	else
		why = unsafe(fd);
	if (!why && (r = source_read(fd, &text, LIST_MAX)) != 1)
		why = r ? "includes a file that cannot be read"
			: "includes a file of more than 16 MiB: make it shorter";
	if (fd != -1)
		close(fd);
	if (why)
		mistake(source, t.line, why);
	else if (aliases_list(&aliases, which, text.s, text.len, report_in_list, path) ==
		 ALIASES_NOMEM)
		no_memory();
	if (!stralloc_catb(&files, path, strlen(path) + 1))
		no_memory();
	stralloc_free(&text);
}

static void
read_lists(void)
{
	size_t const n = genalloc_len(struct aliases_target, &aliases.targets);

	for (size_t i = 0; i < n; i++)
		if (genalloc_s(struct aliases_target, &aliases.targets)[i].kind == ALIASES_INCLUDE)
			read_list(i);
}

static void
read_aliases(int fd)
{
	stralloc text = STRALLOC_ZERO;
	struct aliases_error e;
	enum aliases_result r;
	size_t pos = 0, line = 0;

	switch (source_read(fd, &text, ALIASES_FILE_MAX)) {
	case 1: break;
	case 0:
		mistake(source, 0, "is longer than 64 MiB: make it shorter");
		give_up();
		break;
	default: newcdb_drop(&out); die_temp("read ", source);
	}
	while ((r = aliases_next(&aliases, text.s, text.len, &pos, &line, &e)) != ALIASES_END) {
		if (r == ALIASES_NOMEM)
			no_memory();
		if (r == ALIASES_BAD)
			mistake(source, e.line, e.text);
	}
	stralloc_free(&text);
}

/* file_of - the file that a target or error is from. */
static char const *
file_of(size_t file)
{
	return file ? aliases.pool.s + file - 1 : source;
}

/* say_unknown - a mistake perhaps, perhaps a user to come: said, and no more. */
static void
say_unknown(void const *context, struct aliases_target const *target)
{
	char text[ALIASES_TEXT_MAX + 64];

	(void)context;
	snprintf(text, sizeof text, "names %s, who is no user and has no alias",
	    aliases.pool.s + target->text);
	source_say("warning", file_of(target->file), target->line, text);
}

static void
add(char const *key, size_t keylen, char const *data, size_t len)
{
	if (newcdb_add(&out, key, keylen, data, len))
		return;
	newcdb_drop(&out);
	die_temp("write aliases.cdb");
}

/* write_alias - its name, and its owner and instructions. */
static void
write_alias(struct expand *x, struct aliases_name const *name)
{
	static stralloc text = STRALLOC_ZERO, data = STRALLOC_ZERO;
	struct aliases_error e;

	switch (expand_alias(x, name, &text, &data, &e)) {
	case ALIASES_OK: break;
	case ALIASES_NOMEM: no_memory(); break;
	default: mistake(file_of(e.file), e.line, e.text); return;
	}
	if (!stralloc_cat(&data, &text))
		no_memory();
	add(aliases.pool.s + name->text, strlen(aliases.pool.s + name->text), data.s, data.len);
}

static void
write_aliases(char const *domain)
{
	static struct expand x;
	struct aliases_name const *name = genalloc_s(struct aliases_name, &aliases.names);
	size_t const n = genalloc_len(struct aliases_name, &aliases.names);

	x.aliases = &aliases;
	x.db = &db;
	x.domain = domain;
	x.unknown = say_unknown;
	for (size_t i = 0; i < n; i++)
		write_alias(&x, name + i);
	add("", 0, files.s, files.len);
}

/* local_domain - what to put behind local names: me, or the first of locals if me is not in it. */
static char const *
local_domain(void)
{
	if (control_has(&db.locals, db.me.s, db.me.len))
		return db.me.s;
	if (!db.locals.len)
		die_perm("control/locals is empty: aliases need a local domain to be for");
	return db.locals.s;
}

static void
run(int fd, char const *domain)
{
	struct aliases_error e;

	if (!stralloc_catb(&files, source, strlen(source) + 1))
		no_memory();
	read_aliases(fd);
	read_lists();
	if (!aliases_sort(&aliases, &e))
		mistake(source, e.line, e.text);
	if (mistakes)
		give_up();
	write_aliases(domain);
	if (mistakes)
		give_up();
	if (!newcdb_commit(&out)) {
		newcdb_drop(&out);
		die_temp("put aliases.cdb in place");
	}
}

static void
open_recipients(char const *confdir)
{
	struct control control;

	if (control_open_at(&control, confdir) == -1 ||
	    recipient_open_accounts(&db, &control) == -1)
		control_die(&control);
	control_close(&control);
}

int
main(int argc, char const *const *argv)
{
	char const *confdir = argc > 1 ? argv[1] : CONF_CONFDIR;
	char const *domain;
	int dir, fd, root;

	log_open("deliver-aliases");
	if (argc > 2 || *confdir == '-')
		die_usage(USAGE);
	open_recipients(confdir);
	domain = local_domain();
	snprintf(source, sizeof source, "%s/aliases", confdir);
	dir = open(confdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		die_temp("open ", source);
	if (dir == -1 || root == -1 || !newcdb_open(&out, dir, "aliases.cdb"))
		die_temp("write into ", confdir);

	struct sandbox_tree const trees[] = {
		{ root, LANDLOCK_ACCESS_FS_READ_FILE }, /* lists can be anywhere */
		{ dir, LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE },
	};
	sandbox_enter(&deliver_aliases_policy, trees, sizeof trees / sizeof *trees);
	run(fd, domain);
	return EXIT_DONE;
}
