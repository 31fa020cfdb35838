#ifndef LIB_INSPECT_H
#define LIB_INSPECT_H

/*
 * inspect - the parts of control-check. Each looks at one side of an installation and adds what
 * it finds to findings.h. They do file I/O, reading only.
 */

#include "control.h"
#include "recipient.h"

/* inspect_settings - each file in control/ by itself: names, contents, modes. */
void inspect_settings(struct control *c);

/*
 * inspect_recipients - what belongs together: locals, virtualdomains and rcpthosts; and
 * whether somebody is behind every virtual domain. db is open.
 */
void inspect_recipients(struct control *c, struct recipient_db *db);

/* inspect_compiled - whether users/cdb and aliases.cdb are newer than what they are made of. */
void inspect_compiled(struct control const *c, struct recipient_db const *db);

/* inspect_users - the users of conf-files/, and the home of user-alias. */
void inspect_users(struct recipient_db const *db);

/* inspect_show - print every setting: its value, or its default, and what it means. */
void inspect_show(struct control *c);

/*
 * inspect_route - print what becomes of an address. Returns 1, 0 if nobody has it or it is none,
 * -1 if a look-up failed.
 */
int inspect_route(struct recipient_db *db, char const *text);

#endif
