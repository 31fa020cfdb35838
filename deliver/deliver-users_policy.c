/* deliver-users_policy - what deliver-users may do once it reads users/assign */

#include "sandbox.h"

#define FILE_LIMIT (UINT64_C(1) << 32) /* octets: a cdb cannot be larger */

static struct sandbox_rule const rules[] = {
	ALLOW(read), /* users/assign */
	ALLOW(writev),
	ALLOW(write),
	ALLOW(lseek), /* the new cdb; the log */
	ALLOW(fchmod),
	ALLOW(fsync),
	ALLOW(renameat),
	ALLOW(unlinkat), /* it takes its place, or goes */
	ALLOW(close),
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap), /* malloc */
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 16 },
	{ RLIMIT_FSIZE, FILE_LIMIT },
};

SANDBOX_POLICY(deliver_users);
SANDBOX_LIST(&deliver_users_policy);
