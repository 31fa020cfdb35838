#ifndef LIB_RECIPIENT_H
#define LIB_RECIPIENT_H

/*
 * recipient - who an address belongs to; the one decision that smtpd makes at RCPT,
 * queue-send when it schedules and deliver-spawn when it becomes a user.
 *
 * locals and virtualdomains say whether the domain is ours, and put a virtual domain's
 * prefix and a hyphen before the local part. Then, case ignored, the first of:
 *
 *   1. users/cdb, compiled from users/assign by deliver-users
 *   2. the alias of exactly this name in aliases.cdb, compiled from aliases by
 *      deliver-aliases
 *   3. the account in the system's passwd as it is now, with or without an extension
 *      (user+ext, user-ext; control/delimiters says which octets, "+-" if it does not);
 *      not accounts that are the system's own (passwd.h, control/minuid)
 *   4. cutting at each delimiter from the right: the alias "a-default" for "a-x", the alias
 *      "a" for "a+x"; at last the alias "default"
 *   5. postmaster, abuse and root, in every domain of ours: what they are without the
 *      virtual domain's prefix, and else the mailbox of conf-files/user-alias
 *
 * An extension never decides about existence: that would ask a private home directory.
 * An empty one ("user+") is the user past all aliases, which is how an alias can
 * name the user of its own name.
 *
 * Does file I/O when opened; look-ups then make no system call but RECIPIENT_RULES.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/cdb.h>
#include <skalibs/stralloc.h>

#include "address.h"
#include "control.h"

#define RECIPIENT_USER_MAX   64   /* octets of a user name */
#define RECIPIENT_HOME_MAX   1024 /* octets of a home directory */
#define RECIPIENT_PREFIX_MAX 128  /* octets of a virtual domain's prefix */
#define RECIPIENT_EXT_MAX    (ADDRESS_MAX * 2)

/* For the sandbox of a program that calls recipient_find (with sandbox.h included). */
#define RECIPIENT_RULES ALLOW(pread64), ALLOW(fstat) /* of db->passwd; see passwd.h */

enum recipient_kind {
	RECIPIENT_REMOTE,  /* the domain is not ours */
	RECIPIENT_LOCAL,   /* fields below are set */
	RECIPIENT_UNKNOWN, /* the domain is ours, but nobody has this name: 550 5.1.1 */
	RECIPIENT_TROUBLE, /* a look-up failed: try later, 451 4.3.0 */
};

struct recipient {
	enum recipient_kind kind;
	char user[RECIPIENT_USER_MAX + 1];
	char home[RECIPIENT_HOME_MAX + 1];
	uid_t uid;
	gid_t gid;
	char dash[2];                      /* "-" before ext in a .qmail name, or "" */
	char ext[RECIPIENT_EXT_MAX + 1];   /* the extension as given, "" for the user itself */
	char local[RECIPIENT_EXT_MAX + 1]; /* qmail's LOCAL: with a virtual domain's prefix */
	stralloc alias; /* instructions of an alias, a .qmail file's text; else empty */
	char owner[ADDRESS_MAX + 1]; /* of an alias NAME with an alias owner-NAME: the envelope
					sender for what it forwards; else "" */
};

struct recipient_db {
	char const *confdir; /* control's */
	stralloc me, locals, virtualdomains, delimiters;
	uint64_t minuid;
	int passwd;             /* descriptor of /etc/passwd, or -1 in a process that only routes */
	int usersfd, aliasesfd; /* kept to see whether the file was replaced; -1 no such file */
	cdb users, aliases;
};

/*
 * recipient_open_routes - locals and virtualdomains only: enough for recipient_route.
 * recipient_open_accounts - and all the rest but aliases, for who compiles them.
 * recipient_open - all of it; what is opened stays open for look-ups in a sandbox.
 * All return 1, or -1 with c->error. recipient_close frees and closes all.
 */
int recipient_open_routes(struct recipient_db *db, struct control *c);
int recipient_open_accounts(struct recipient_db *db, struct control *c);
int recipient_open(struct recipient_db *db, struct control *c);
void recipient_close(struct recipient_db *db);

/*
 * recipient_refresh - for a process that lives long and may open files: open again which
 * of passwd, users/cdb and aliases.cdb were replaced since. Call it before recipient_find.
 * 1, or 0 with errno when one cannot be opened: then it is as it was.
 */
int recipient_refresh(struct recipient_db *db);

/* recipient_route - whether the address is ours at all: RECIPIENT_LOCAL or RECIPIENT_REMOTE. */
enum recipient_kind recipient_route(struct recipient_db const *db, struct address const *a);

/* recipient_find - everything; r->alias must be STRALLOC_ZERO before the first use. */
enum recipient_kind recipient_find(
    struct recipient_db *db, struct address const *a, struct recipient *r);

#endif
