/* queue-list_policy - what queue-list may do once it reads the queue: look, and print */

#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	ALLOW(openat),
	ALLOW(close),
	ALLOW(read),
	ALLOW(pread64),
	ALLOW(getdents64),
	ALLOW(fstat),
	ALLOW(newfstatat),
	ALLOW(lseek),
	ALLOW(fcntl),
	ALLOW_FD(write, 1),
	ALLOW_FD(write, 2),
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(clock_gettime), /* where the vdso has none */
	ALLOW(restart_syscall),
	ALLOW(rt_sigreturn),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 16 },
};

SANDBOX_POLICY(queue_list);
SANDBOX_LIST(&queue_list_policy);
