/* deliver-aliases_policy - what deliver-aliases may do once it reads aliases */

#include <fcntl.h>

#include "recipient.h"
#include "sandbox.h"

#define FILE_LIMIT (UINT64_C(1) << 32) /* octets: a cdb cannot be larger */

static struct sandbox_rule const rules[] = {
	ALLOW_BITS(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY), /* included lists */
	ALLOW(newfstatat),
	ALLOW(read),
	RECIPIENT_RULES,
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
	{ RLIMIT_NOFILE, 24 },
	{ RLIMIT_FSIZE, FILE_LIMIT },
};

SANDBOX_POLICY(deliver_aliases);
SANDBOX_LIST(&deliver_aliases_policy);
