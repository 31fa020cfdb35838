/* inspect_recipients - what decides about recipients, taken together; see inspect.h */

#include "inspect.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "findings.h"
#include "passwd.h"
#include "records.h"

/* is_listed - whether rcpthosts lets the domain (or .suffix) of a local entry pass. */
static int
is_listed(stralloc const *rcpthosts, char const *domain, size_t len)
{
	return control_has_domain(rcpthosts, domain, len);
}

static void
inspect_listed(struct control const *c, stralloc const *rcpthosts, char const *domain, size_t len)
{
	if (len && !is_listed(rcpthosts, domain, len))
		findings_add(FINDING_WARNING,
		    "%s/control/rcpthosts: does not list %.*s, whose mail is delivered here: smtpd "
		    "refuses mail for it; add it, or remove rcpthosts to take mail for all domains of "
		    "locals and virtualdomains",
		    c->confdir, (int)len, domain);
}

/* inspect_virtual - an entry of virtualdomains: that some user gets its mail. */
static void
inspect_virtual(struct control const *c, struct recipient_db *db, char const *entry, size_t len)
{
	static struct recipient r;
	char const *colon = memrchr(entry, ':', len);
	size_t const keylen = (size_t)(colon - entry);
	char text[ADDRESS_MAX + 1];
	struct address a;

	if (colon + 1 == entry + len)
		return;
	snprintf(text, sizeof text, "%s%.*s%s", memrchr(entry, '@', keylen) ? "" : "nobody@",
	    (int)(keylen - (*entry == '.')), entry + (*entry == '.'),
	    keylen ? "" : "nowhere.invalid");
	if (*entry == '.')
		snprintf(text, sizeof text, "nobody@x%.*s", (int)keylen, entry);
	if (address_parse(&a, text, strlen(text), ADDRESS_UTF8_OK) == ADDRESS_OK &&
	    recipient_find(db, &a, &r) == RECIPIENT_UNKNOWN)
		findings_add(FINDING_WARNING,
		    "%s/control/virtualdomains: %.*s: nobody gets mail for %s there: make it a user, "
		    "or give it lines in users/assign or aliases",
		    c->confdir, (int)len, entry, r.local);
}

void
inspect_recipients(struct control *c, struct recipient_db *db)
{
	stralloc rcpthosts = STRALLOC_ZERO;
	int const listed = control_list(c, "rcpthosts", &rcpthosts, 1) == 1;
	char const *entry;
	size_t len, pos = 0;

	if (!control_has_domain(&db->locals, db->me.s, db->me.len))
		findings_add(FINDING_WARNING,
		    "%s/control/locals: does not list %s, this host's own name: mail for "
		    "postmaster there will be sent away; add it",
		    c->confdir, db->me.s);
	while (listed && (entry = control_next(&db->locals, &pos, &len)))
		inspect_listed(c, &rcpthosts, entry, len);
	for (pos = 0; (entry = control_next(&db->virtualdomains, &pos, &len));) {
		char const *colon = memrchr(entry, ':', len);
		char const *at = memrchr(entry, '@', (size_t)(colon - entry));
		char const *domain = at ? at + 1 : entry;

		if (listed && colon + 1 < entry + len)
			inspect_listed(c, &rcpthosts, domain, (size_t)(colon - domain));
		inspect_virtual(c, db, entry, len);
	}
	stralloc_free(&rcpthosts);
}

/* A compiled file and how it is made. */
struct compiled {
	char const *confdir, *name, *program;
	struct stat st;
	int there;
};

/* inspect_source - a file that a compiled one is made of. */
static void
inspect_source(struct compiled const *f, char const *source)
{
	struct stat st;
	int const there = !stat(source, &st);

	if (there && !f->there)
		findings_add(FINDING_WARNING, "%s/%s: is not there, though %s is: run %s",
		    f->confdir, f->name, source, f->program);
	else if (there && (st.st_mtim.tv_sec > f->st.st_mtim.tv_sec ||
			      (st.st_mtim.tv_sec == f->st.st_mtim.tv_sec &&
				  st.st_mtim.tv_nsec > f->st.st_mtim.tv_nsec)))
		findings_add(FINDING_WARNING, "%s/%s: is older than %s: run %s", f->confdir,
		    f->name, source, f->program);
	else if (!there && f->there)
		findings_add(FINDING_WARNING,
		    "%s/%s: is in use, though %s, which it was made of, is gone: remove both, or none",
		    f->confdir, f->name, source);
}

static void
look_at(struct compiled *f)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", f->confdir, f->name);
	f->there = !stat(path, &f->st);
	if (f->there && f->st.st_mode & (S_IWGRP | S_IWOTH))
		findings_add(FINDING_ERROR,
		    "%s: may be written to by others than its owner: chmod go-w it", path);
	else if (f->there && !(f->st.st_mode & S_IROTH))
		findings_add(FINDING_ERROR,
		    "%s: cannot be read by the users that programs become: chmod o+r it", path);
}

/* inspect_lists - the files that aliases included when it was compiled, which its cdb names. */
static void
inspect_lists(struct compiled const *f, struct recipient_db const *db, char const *aliases)
{
	cdb_data d;

	if (db->aliasesfd == -1 || records_find(&db->aliases, &d, "", 0) != 1 || !d.len ||
	    d.s[d.len - 1])
		return;
	for (char const *s = d.s; s < d.s + d.len; s += strlen(s) + 1)
		if (strcmp(s, aliases))
			inspect_source(f, s);
}

void
inspect_compiled(struct control const *c, struct recipient_db const *db)
{
	struct compiled users = {
		.confdir = c->confdir, .name = "users/cdb", .program = "deliver-users"
	};
	struct compiled aliases = {
		.confdir = c->confdir, .name = "aliases.cdb", .program = "deliver-aliases"
	};
	char source[4096];

	look_at(&users);
	snprintf(source, sizeof source, "%s/users/assign", c->confdir);
	inspect_source(&users, source);
	look_at(&aliases);
	snprintf(source, sizeof source, "%s/aliases", c->confdir);
	inspect_source(&aliases, source);
	inspect_lists(&aliases, db, source);
	if (!aliases.there)
		return;
	/* the domain behind local names is in it */
	snprintf(source, sizeof source, "%s/control/me", c->confdir);
	inspect_source(&aliases, source);
	snprintf(source, sizeof source, "%s/control/locals", c->confdir);
	if (!access(source, F_OK))
		inspect_source(&aliases, source);
}

static void
inspect_user(struct recipient_db const *db, char const *name, char const *setting)
{
	struct passwd_entry e;
	int const found = passwd_find(db->passwd, name, &e);

	if (found == -1)
		findings_add(FINDING_ERROR, PASSWD_FILE ": cannot be read, or has no good line");
	else if (!found)
		findings_add(FINDING_ERROR,
		    PASSWD_FILE
		    ": there is no user %s (conf-files/%s): create it, as `make install` does",
		    name, setting);
	else if (!e.uid || !e.gid)
		findings_add(FINDING_ERROR,
		    PASSWD_FILE ": user %s (conf-files/%s) is root: give it numbers of its own",
		    name, setting);
}

void
inspect_users(struct recipient_db const *db)
{
	struct passwd_entry e;
	struct stat st;

	inspect_user(db, CONF_USER_SMTPD, "user-smtpd");
	inspect_user(db, CONF_USER_QUEUE, "user-queue");
	inspect_user(db, CONF_USER_SEND, "user-send");
	inspect_user(db, CONF_USER_ALIAS, "user-alias");
	if (passwd_find(db->passwd, CONF_USER_ALIAS, &e) != 1)
		return;
	if (stat(CONF_HOME_ALIAS, &st) == -1)
		findings_add(FINDING_ERROR, CONF_HOME_ALIAS
		    ": is not there: create it, as `make install` does; postmaster's "
		    "mail waits for it");
	else if (st.st_uid != e.uid || st.st_mode & (S_IWGRP | S_IWOTH))
		findings_add(FINDING_ERROR, CONF_HOME_ALIAS
		    ": is not " CONF_USER_ALIAS "'s, or others may write to it: give it "
		    "to that user with mode 0700");
}
