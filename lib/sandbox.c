#include "sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "die.h"

/* Landlock's rights by the ABI that brought them; Debian 12's headers know up to ABI 2. */
#define FS_ABI_1    ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define FS_ABI_2    (FS_ABI_1 | 1ULL << 13) /* refer */
#define FS_ABI_3    (FS_ABI_2 | 1ULL << 14) /* truncate */
#define FS_ABI_5    (FS_ABI_3 | 1ULL << 15) /* ioctl on devices */
#define NET_ABI_4   3ULL                    /* bind and connect of TCP */
#define SCOPE_ABI_6 3ULL                    /* abstract sockets and signals */

#define FORGET_PAGES 16 /* of the stack */

/* struct landlock_ruleset_attr of ABI 6; older kernels take the shorter forms. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

static struct {
	struct ruleset rights;
	size_t size;
} const abi[] = {
	{ { FS_ABI_5, NET_ABI_4, SCOPE_ABI_6 }, sizeof(struct ruleset) },
	{ { FS_ABI_5, NET_ABI_4, 0 }, 2 * sizeof(uint64_t) },
	{ { FS_ABI_3, NET_ABI_4, 0 }, 2 * sizeof(uint64_t) },
	{ { FS_ABI_3, 0, 0 }, sizeof(uint64_t) },
	{ { FS_ABI_2, 0, 0 }, sizeof(uint64_t) },
	{ { FS_ABI_1, 0, 0 }, sizeof(uint64_t) },
};

/* set_limits - a hard limit that is lower already (EPERM) stays: it is the tighter one. */
static void
set_limits(struct sandbox_policy const *policy)
{
	for (size_t i = 0; i < policy->limits; i++) {
		struct rlimit const set = { policy->limit[i].value, policy->limit[i].value };

		if (setrlimit((__rlimit_resource_t)policy->limit[i].resource, &set) == -1 &&
		    errno != EPERM)
			die_temp("set a resource limit");
	}
}

static void
close_files(struct sandbox_tree const *trees, size_t count)
{
	int ruleset = -1;
	uint64_t known = 0; /* rights of this kernel; it refuses a rule with others */

	for (size_t i = 0; ruleset == -1 && i < sizeof abi / sizeof *abi; i++) {
		ruleset = (int)syscall(SYS_landlock_create_ruleset, &abi[i].rights, abi[i].size, 0);
		known = abi[i].rights.fs;
	}
	if (ruleset == -1)
		die_temp(
		    "make a Landlock ruleset (Linux 5.13 or newer, with landlock in its lsm= list)");
	for (size_t i = 0; i < count; i++) {
		struct landlock_path_beneath_attr const below = {
			.allowed_access = trees[i].rights & known,
			.parent_fd = trees[i].fd,
		};

		if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0))
			die_temp("add a Landlock rule");
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		die_temp("enter the Landlock ruleset");
	close(ruleset);
}

/*
 * forget_stack - give the pages below this frame back. Starting up called deeper than
 * serving does; an idle process need not keep what that wrote. Failing does no harm.
 */
static void
forget_stack(void)
{
	uintptr_t const page = 4096;
	uintptr_t const here = (uintptr_t)__builtin_frame_address(0) & ~(page - 1);

	madvise((char *)(here - FORGET_PAGES * page), (FORGET_PAGES - 1) * page, MADV_DONTNEED);
}

void
sandbox_enter(struct sandbox_policy const *policy, struct sandbox_tree const *trees, size_t count)
{
	struct sock_fprog const program = {
		.len = policy->filter->len,
		.filter = (struct sock_filter *)policy->filter->code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		die_temp("give up new privileges");
	close_files(trees, count);
	forget_stack();
	set_limits(policy); /* only now: the ruleset was one descriptor more */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1)
		die_temp("load the seccomp filter");
}
