#ifndef LIB_PASSWD_H
#define LIB_PASSWD_H

/*
 * passwd - look accounts up in /etc/passwd through a descriptor that is kept, so that
 * a sandboxed program sees the file as it is now. I/O: one pread64 for each
 * PASSWD_BUFFER octets of the file, and fstat where it says so; nothing allocates.
 * A static program has no NSS: accounts that are elsewhere need a line in users/assign.
 */

#include <stddef.h>
#include <sys/types.h>

#define PASSWD_FILE     "/etc/passwd"
#define PASSWD_BUFFER   8192 /* octets read at once; a longer line is passed over */
#define PASSWD_NAME_MAX 64   /* octets of a user name */
#define PASSWD_HOME_MAX 1024 /* octets of a home directory */
#define PASSWD_MINUID   1000 /* default of control/minuid */
#define PASSWD_NOBODY   65534

struct passwd_entry {
	char name[PASSWD_NAME_MAX + 1];
	uid_t uid;
	gid_t gid;
	char home[PASSWD_HOME_MAX + 1];
};

/*
 * All return 1 found, 0 no such account, -1 with errno: what pread said, or ENODATA for
 * a file without one good line (being rewritten, or damaged): nothing can be concluded.
 * passwd_find - the account with exactly this name; passwd_find_uid - the first with this
 * number.
 * passwd_find_mailbox - the account that gets mail for a local part: the longest name
 * that is all of it, or ends before one of the octets in delimiters; case is ignored.
 * *used is the length of that name. Accounts that no mail is for are passed over:
 * uid 0, below minuid, or PASSWD_NOBODY, and homes that are no absolute path or are
 * /nonexistent, as Debian's service accounts have.
 */
int passwd_find(int fd, char const *name, struct passwd_entry *e);
int passwd_find_uid(int fd, uid_t uid, struct passwd_entry *e);
int passwd_find_mailbox(int fd, char const *local, size_t len, char const *delimiters, uid_t minuid,
    struct passwd_entry *e, size_t *used);

/* passwd_is_stale - whether the open file is not /etc/passwd any more, but an older one (fstat). */
int passwd_is_stale(int fd);

#endif
