#include "priv.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

void
priv_find(char const *name, struct priv_user *user)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	struct passwd const *entry;

	if (!passwd)
		die_temp("open /etc/passwd");
	while ((entry = fgetpwent(passwd)) && strcmp(entry->pw_name, name))
		;
	if (!entry)
		die_perm("there is no user ", name, ": create it, as `make install` does");
	if (!entry->pw_uid || !entry->pw_gid)
		die_perm("refusing to run as root: user ", name, " must have ids of its own");
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	fclose(passwd);
}

void
priv_drop(struct priv_user const *user)
{
	if (!user->uid || !user->gid)
		die_perm("refusing to run as root");
	if (setgroups(1, &user->gid) == -1 || setresgid(user->gid, user->gid, user->gid) == -1 ||
	    setresuid(user->uid, user->uid, user->uid) == -1)
		die_temp("drop privileges");
	if (!setuid(0) || !seteuid(0))
		die_perm("root was regained after dropping it");
}

void
priv_drop_if_root(char const *name)
{
	struct priv_user user;

	if (getuid() && geteuid())
		return;
	priv_find(name, &user);
	priv_drop(&user);
}
