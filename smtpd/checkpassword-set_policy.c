/* checkpassword-set_policy - what checkpassword-set may do once it reads the file and a password */

#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	ALLOW(fstat),
	ALLOW(newfstatat),
	ALLOW(read),  /* the file, the password */
	ALLOW(write), /* the new file, prompts, the log */
	ALLOW_IF(ioctl, 1, TCGETS),
	ALLOW_IF(ioctl, 1, TCSETS), /* no echo */
	ALLOW(rt_sigaction),
	ALLOW(rt_sigreturn),
	ALLOW(fsync),
	ALLOW(renameat),
	ALLOW(unlinkat),  /* the new file takes the old one's place, or goes */
	ALLOW(getrandom), /* salt */
	ALLOW(clock_gettime),
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 16 },
	{ RLIMIT_FSIZE, 64U << 20 },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(checkpassword_set);
SANDBOX_LIST(&checkpassword_set_policy);
