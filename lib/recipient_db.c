/* recipient_db - the part of recipient.h that opens, and opens again, what look-ups need. */

#include "recipient.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "passwd.h"
#include "route.h"

#define DELIMITERS "+-" /* unless control/delimiters says otherwise */

static int
no_memory(struct control *c, char const *name)
{
	return control_bad(c, name, "cannot be read: out of memory");
}

static int
read_locals(struct recipient_db *db, struct control *c)
{
	int const r = control_list(c, "locals", &db->locals, 1);
	char const *entry, *wrong;
	size_t len, pos = 0;

	if (!r && !stralloc_copyb(&db->locals, db->me.s, db->me.len + 1))
		return no_memory(c, "locals");
	if (r != 1)
		return r;
	for (size_t i = 0; (entry = control_next(&db->locals, &pos, &len)); i++) {
		wrong = route_check_local(entry, len);
		if (wrong)
			return control_bad_entry(c, "locals", i, wrong);
	}
	return 1;
}

static int
read_virtualdomains(struct recipient_db *db, struct control *c)
{
	int const r = control_list(c, "virtualdomains", &db->virtualdomains, 1);
	char const *entry, *wrong;
	size_t len, pos = 0;

	if (r == -1)
		return r;
	for (size_t i = 0; (entry = control_next(&db->virtualdomains, &pos, &len)); i++) {
		wrong = route_check_virtual(entry, len, RECIPIENT_PREFIX_MAX);
		if (wrong)
			return control_bad_entry(c, "virtualdomains", i, wrong);
	}
	return 1;
}

static int
read_delimiters(struct recipient_db *db, struct control *c)
{
	int const r = control_line(c, "delimiters", &db->delimiters);

	if (!r && !stralloc_copys(&db->delimiters, DELIMITERS))
		return no_memory(c, "delimiters");
	if (!r && !stralloc_0(&db->delimiters))
		return no_memory(c, "delimiters");
	if (!r)
		db->delimiters.len--;
	for (size_t i = 0; i < db->delimiters.len; i++)
		if (!strchr("!#$%&*+-.=^_|~", db->delimiters.s[i]))
			return control_bad(c, "delimiters",
			    "holds more than the octets !#$%&*+-.=^_|~: write those that may stand "
			    "between a user's name and an extension, such as +-");
	return r == -1 ? -1 : 1;
}

int
recipient_open_routes(struct recipient_db *db, struct control *c)
{
	*db = (struct recipient_db){
		.confdir = c->confdir, .passwd = -1, .usersfd = -1, .aliasesfd = -1
	};
	if (control_me(c, &db->me) == -1 || read_locals(db, c) == -1)
		return -1;
	return read_virtualdomains(db, c);
}

/* reopen - the file that a cdb is in: 1 (also if there is none), 0 errno; then nothing changed. */
static int
reopen(struct recipient_db const *db, char const *name, int *fd, cdb *map)
{
	char path[4096];
	cdb fresh = CDB_ZERO;
	int f, e;

	snprintf(path, sizeof path, "%s/%s", db->confdir, name);
	f = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f == -1 && errno != ENOENT)
		return 0;
	if (f != -1 && !cdb_init_fromfd(&fresh, f)) {
		e = errno;
		close(f);
		errno = e;
		return 0;
	}
	if (*fd != -1) {
		cdb_free(map);
		close(*fd);
	}
	*fd = f;
	*map = fresh;
	return 1;
}

static int
reopen_passwd(struct recipient_db *db)
{
	int const fd = open(PASSWD_FILE, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (db->passwd != -1)
		close(db->passwd);
	db->passwd = fd;
	return 1;
}

/* bad_file - an error about a file that is not in control/. */
static int
bad_file(struct control *c, char const *dir, char const *name, char const *remedy)
{
	snprintf(c->error, sizeof c->error, "%s/%s: cannot be opened: %s: %s", dir, name,
	    strerrordesc_np(errno), remedy);
	return -1;
}

int
recipient_open_accounts(struct recipient_db *db, struct control *c)
{
	if (recipient_open_routes(db, c) == -1 || read_delimiters(db, c) == -1)
		return -1;
	db->minuid = PASSWD_MINUID;
	if (control_number(c, "minuid", &db->minuid, 1, PASSWD_NOBODY) == -1)
		return -1;
	if (!reopen_passwd(db))
		return bad_file(c, "/etc", "passwd", "everyone must be able to read it");
	if (!reopen(db, "users/cdb", &db->usersfd, &db->users))
		return bad_file(c, c->confdir, "users/cdb", "run deliver-users");
	return 1;
}

int
recipient_open(struct recipient_db *db, struct control *c)
{
	if (recipient_open_accounts(db, c) == -1)
		return -1;
	if (!reopen(db, "aliases.cdb", &db->aliasesfd, &db->aliases))
		return bad_file(c, c->confdir, "aliases.cdb", "run deliver-aliases");
	return 1;
}

int
recipient_refresh(struct recipient_db *db)
{
	if (passwd_is_stale(db->passwd) && !reopen_passwd(db))
		return 0;
	if ((db->usersfd == -1 || passwd_is_stale(db->usersfd)) &&
	    !reopen(db, "users/cdb", &db->usersfd, &db->users))
		return 0;
	return (db->aliasesfd != -1 && !passwd_is_stale(db->aliasesfd)) ||
	       reopen(db, "aliases.cdb", &db->aliasesfd, &db->aliases);
}

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
recipient_close(struct recipient_db *db)
{
	if (db->usersfd != -1)
		cdb_free(&db->users);
	if (db->aliasesfd != -1)
		cdb_free(&db->aliases);
	shut(&db->usersfd);
	shut(&db->aliasesfd);
	shut(&db->passwd);
	stralloc_free(&db->me);
	stralloc_free(&db->locals);
	stralloc_free(&db->virtualdomains);
	stralloc_free(&db->delimiters);
}
