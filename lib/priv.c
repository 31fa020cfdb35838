#include "priv.h"

#include <fcntl.h>
#include <grp.h>
#include <unistd.h>

#include "die.h"
#include "passwd.h"

void
priv_find(char const *name, struct priv_user *user)
{
	/* not fgetpwent: it makes a system call for every line that is not the one */
	int const fd = open(PASSWD_FILE, O_RDONLY | O_CLOEXEC);
	struct passwd_entry entry;
	int const r = fd == -1 ? -1 : passwd_find(fd, name, &entry);

	if (r == -1)
		die_temp("read " PASSWD_FILE);
	if (!r)
		die_perm("there is no user ", name, ": create it, as `make install` does");
	if (!entry.uid || !entry.gid)
		die_perm("refusing to run as root: user ", name, " must have ids of its own");
	user->uid = entry.uid;
	user->gid = entry.gid;
	close(fd);
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
