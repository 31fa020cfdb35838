#include "become.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

static int
is_member(struct group const *g, char const *user)
{
	for (char *const *member = g->gr_mem; *member; member++)
		if (!strcmp(*member, user))
			return 1;
	return 0;
}

/* groups_of - its own group first; how many. */
static size_t
groups_of(char const *user, gid_t gid, gid_t *groups)
{
	FILE *file = fopen("/etc/group", "re");
	struct group const *g;
	size_t n = 0;

	if (!file)
		die_temp("open /etc/group");
	groups[n++] = gid;
	while (n < BECOME_GROUPS_MAX && (g = fgetgrent(file)))
		if (g->gr_gid != gid && is_member(g, user))
			groups[n++] = g->gr_gid;
	fclose(file);
	return n;
}

void
become(char const *user, uid_t uid, gid_t gid)
{
	gid_t groups[BECOME_GROUPS_MAX];
	uid_t r, e, s;
	size_t n;

	if (!uid)
		die_perm("refusing to run as root");
	n = groups_of(user, gid, groups);
	if (setgroups(n, groups) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		die_temp("become ", user);
	if (getresuid(&r, &e, &s) == -1 || r != uid || e != uid || s != uid || !setuid(0) ||
	    !seteuid(0))
		die_perm("root was regained after dropping it");
}
