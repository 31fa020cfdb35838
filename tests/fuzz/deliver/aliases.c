/* aliases - any file is read and expanded in bounds, and what comes out is a .qmail file. */

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fuzz.h"
#include "expand.h"
#include "qmail.h"

static struct recipient_db db;

static void
ignore(void const *context, struct aliases_target const *target)
{
	(void)context;
	(void)target;
}

static void
ignore_error(void *context, struct aliases_error const *e)
{
	(void)context;
	must(e->line && e->text);
}

/* prepare - a domain, a user, and delimiters. */
static void
prepare(void)
{
	static char const passwd[] = "a:x:1000:1000::/home/a:/bin/sh\n";

	if (db.me.s)
		return;
	db = (struct recipient_db){ .minuid = 1000, .usersfd = -1, .aliasesfd = -1 };
	must(stralloc_copyb(&db.me, "b.c", 4) && stralloc_copyb(&db.locals, "b.c", 4));
	must(stralloc_copyb(&db.delimiters, "+", 2));
	db.delimiters.len = 1;
	db.passwd = memfd_create("passwd", 0);
	must(write(db.passwd, passwd, sizeof passwd - 1) == sizeof passwd - 1);
}

static void
expand_all(struct aliases const *a)
{
	static struct expand x;
	struct aliases_name const *name = genalloc_s(struct aliases_name, &a->names);
	size_t const n = genalloc_len(struct aliases_name, &a->names);
	stralloc text = STRALLOC_ZERO, owner = STRALLOC_ZERO;
	struct aliases_error e;

	x.aliases = a;
	x.db = &db;
	x.domain = "b.c";
	x.unknown = ignore;
	for (size_t i = 0; i < n && i < 20; i++) {
		if (expand_alias(&x, name + i, &text, &owner, &e) != ALIASES_OK)
			continue;
		must(text.len && text.s[text.len - 1] == '\n');
		must(owner.len && !owner.s[owner.len - 1]);
		must(!memchr(text.s, 0, text.len));
	}
	stralloc_free(&text);
	stralloc_free(&owner);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct aliases a = ALIASES_ZERO;
	struct aliases_error e;
	char const *text = (char const *)data;
	size_t pos = 0, line = 0, targets;
	enum aliases_result r;

	prepare();
	while ((r = aliases_next(&a, text, size, &pos, &line, &e)) != ALIASES_END)
		must(r == ALIASES_OK || (r == ALIASES_BAD && e.line && e.text));
	targets = genalloc_len(struct aliases_target, &a.targets);
	for (size_t i = 0; i < targets; i++)
		if (genalloc_s(struct aliases_target, &a.targets)[i].kind == ALIASES_INCLUDE)
			aliases_list(&a, i, text, size, ignore_error, 0);
	if (aliases_sort(&a, &e))
		expand_all(&a);
	aliases_free(&a);
	return 0;
}
