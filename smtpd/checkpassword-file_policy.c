/* checkpassword-file_policy - what the process may do that looks at login, password and hashes */

#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	/* the file, which is open, and the log */
	ALLOW(fstat),
	ALLOW(newfstatat),
	ALLOW(read),
	ALLOW_FD(write, 2),
	/* memory, of which yescrypt takes much; a hash's big tables are mapped */
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(getpid),
	ALLOW(clock_gettime),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 1U << 30 },
	{ RLIMIT_CPU, 60 },
	{ RLIMIT_NOFILE, 0 },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(checkpassword_file);
SANDBOX_LIST(&checkpassword_file_policy);
