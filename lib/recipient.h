#ifndef LIB_RECIPIENT_H
#define LIB_RECIPIENT_H

/*
 * recipient - who an address belongs to; the one decision that smtpd makes at RCPT,
 * queue-send when it schedules and deliver-spawn when it becomes a user.
 *
 * Order: locals and virtualdomains say whether the domain is ours; then users/cdb
 * (compiled from users/assign), aliases.cdb (compiled from aliases), the system's
 * passwd as it is now; postmaster, abuse and root always exist. An extension
 * (user+ext, user-ext; control/delimiters says which characters, "+-" if it does not)
 * never decides about existence: that would ask a private home directory.
 * Does file I/O; nothing is opened after recipient_open.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/cdb.h>
#include <skalibs/stralloc.h>

#include "address.h"
#include "control.h"

#define RECIPIENT_USER_MAX 64   /* octets of a user name */
#define RECIPIENT_HOME_MAX 1024 /* octets of a home directory */
#define RECIPIENT_EXT_MAX  (ADDRESS_MAX * 2)

enum recipient_kind {
	RECIPIENT_REMOTE,   /* the domain is not ours */
	RECIPIENT_LOCAL,    /* fields below are set */
	RECIPIENT_UNKNOWN,  /* the domain is ours, but nobody has this name: 550 5.1.1 */
	RECIPIENT_TROUBLE,  /* a look-up failed: try later, 451 4.3.0 */
};

struct recipient {
	enum recipient_kind kind;
	char user[RECIPIENT_USER_MAX + 1];
	char home[RECIPIENT_HOME_MAX + 1];
	uid_t uid;
	gid_t gid;
	char dash[2];                     /* "-" before ext in a .qmail name, or "" */
	char ext[RECIPIENT_EXT_MAX + 1];  /* the extension as given, "" for the user itself */
	char local[RECIPIENT_EXT_MAX + 1];/* qmail's LOCAL: with a virtual domain's prefix */
	stralloc alias;                   /* instructions of an alias, a .qmail file's text; else empty */
};

struct recipient_db {
	stralloc me, locals, virtualdomains, delimiters;
	struct priv_alias { uid_t uid; gid_t gid; int known; } alias_user;
	int passwd;       /* descriptor of /etc/passwd, or -1 in a process that only routes */
	cdb users, aliases;
	int has_users, has_aliases;
};

/*
 * recipient_open_routes - locals and virtualdomains only: enough for recipient_route.
 * recipient_open - all of it; what is opened stays open for look-ups in a sandbox.
 * Both return 1, or -1 with c->error. recipient_close frees and closes all.
 */
int recipient_open_routes(struct recipient_db *db, struct control *c);
int recipient_open(struct recipient_db *db, struct control *c);
void recipient_close(struct recipient_db *db);

/* recipient_route - whether the address is ours at all: RECIPIENT_LOCAL or RECIPIENT_REMOTE. */
enum recipient_kind recipient_route(struct recipient_db const *db, struct address const *a);

/* recipient_find - everything; r->alias must be STRALLOC_ZERO before the first use. */
enum recipient_kind recipient_find(struct recipient_db *db, struct address const *a,
    struct recipient *r);

#endif
