/*
 * relay-sts_policy - what relay-sts's two processes may do: keep the policies (no network), and
 * start those that fetch (on the name of a domain)
 */

#include "relay-sts_policy.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include <asm/ioctls.h>

#include "relay-sts-fetch_policy.h"

static struct sandbox_rule const rules[] = {
	/* requests, the process that starts others, and the pipes from these */
	ALLOW_FD(recvmsg, STS_REQUESTS),
	ALLOW_FD(sendmsg, STS_STARTER),
	ALLOW(pipe2),
	ALLOW(poll),
	ALLOW(read),
	ALLOW(close),
	/* the files; Landlock holds this to their directory */
	ALLOW_FD(openat, STS_DIR),
	ALLOW(write),
	ALLOW(renameat),
	ALLOW_FD(unlinkat, STS_DIR),
	ALLOW(getdents64),
	ALLOW(fcntl),
	ALLOW(lseek),
	ALLOW(newfstatat),
	MEMORY_RULES,
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 64U << 20 },
	{ RLIMIT_NOFILE, 16 + STS_FETCHES *(1 + STS_WAITERS) },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

/* Code comes from files only, and no file can be written. */
/* clang-format off */
#define MAP_CODE                                                                                   \
	{ SCMP_SYS(mmap), 2, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC },       \
		{ 3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0 } } }
/* clang-format on */

/*
 * A filter is inherited, so that of the process that starts relay-sts-fetch admits what that
 * does until it has entered its own: the dynamic loader, the constructors of libcurl's many
 * libraries, the files that it reads. Landlock says which files: those of starter.c.
 */
static struct sandbox_rule const start_rules[] = {
	ALLOW_FD(recvmsg, STS_STARTER),
	ALLOW_BITS(clone, 0, ~(uint64_t)(CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID), SIGCHLD),
	ALLOW_IF(dup2, 1, 1),
	ALLOW(execve),
	/* the loader */
	ALLOW_BITS(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	MAP_CODE,
	ALLOW(pread64),
	ALLOW(access),
	ALLOW(newfstatat),
	ALLOW(fstat), /* an older glibc's */
	ALLOW(arch_prctl),
	ALLOW(set_tid_address),
	ALLOW(set_robust_list),
	ALLOW(rseq),
	ALLOW(prlimit64),
	/* libraries and main */
	ALLOW(getdents64),
	ALLOW(lseek),
	ALLOW_IF(ioctl, 1, TCGETS), /* of stdio */
	ALLOW(close_range),
	ALLOW(rt_sigaction),
	ALLOW(alarm),
	ALLOW(getuid),
	ALLOW(geteuid),
	ALLOW(getgid),
	ALLOW(getegid),
	ALLOW(uname),
	/* its own sandbox */
	ALLOW_IF(prctl, 0, PR_SET_NO_NEW_PRIVS),
	ALLOW(landlock_create_ruleset),
	ALLOW(landlock_add_rule),
	ALLOW(landlock_restrict_self),
	ALLOW(seccomp),
	FETCH_RULES,
};

static struct sandbox_limit const start_limits[] = {
	{ RLIMIT_DATA, 128U << 20 },
	{ RLIMIT_NOFILE, 32 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(relay_sts);
SANDBOX_POLICY_OF(relay_sts_start, start_rules, start_limits);
SANDBOX_LIST(&relay_sts_policy, &relay_sts_start_policy);
