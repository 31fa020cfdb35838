#ifndef LIB_PRIV_H
#define LIB_PRIV_H

#include <sys/types.h>

/* A user as the system's passwd file names it. */
struct priv_user {
	uid_t uid;
	gid_t gid;
};

/*
 * priv_find - look a user of ours up (its name comes from conf-files/).
 * Reads /etc/passwd itself: a static program has no NSS. Dies (EXIT_PERM)
 * with the remedy if there is no such user, or if it is root.
 */
void priv_find(char const *name, struct priv_user *user);

/*
 * priv_drop - become that user, with no way back and no other group. Dies
 * (EXIT_TEMP) on any failure, and checks afterwards that root cannot be regained.
 */
void priv_drop(struct priv_user const *user);

/* priv_drop_if_root - what a program does that a listener may have started as root. */
void priv_drop_if_root(char const *name);

#endif
