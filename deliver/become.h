#ifndef DELIVER_BECOME_H
#define DELIVER_BECOME_H

#include <sys/types.h>

#define BECOME_GROUPS_MAX 1024 /* groups of one user; what is more is left out */

/*
 * become - turn from root into a user for good, with all the groups that /etc/group gives it
 * (read here: a static program has no NSS). Dies (EXIT_TEMP, EXIT_PERM) on any failure, for
 * uid 0, and if root could be regained afterwards.
 */
void become(char const *user, uid_t uid, gid_t gid);

#endif
