/* control-check_policy - what control-check may do: read files, and say what is in them */

#include <fcntl.h>

#include "recipient.h"
#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	ALLOW_BITS(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	ALLOW(read),
	ALLOW(getdents64),
	ALLOW(newfstatat),
	ALLOW(access),
	ALLOW(faccessat),
	RECIPIENT_RULES,
	ALLOW_FD(write, 1),
	ALLOW_FD(write, 2),
	ALLOW(close),
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap), /* malloc; the cdbs */
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 24 },
	{ RLIMIT_FSIZE, 1 << 30 }, /* of its output, if that goes to a file */
};

SANDBOX_POLICY(control_check);
SANDBOX_LIST(&control_check_policy);
