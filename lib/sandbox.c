#include "sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "die.h"
#include "rest.h"

/* Landlock's rights by the ABI that brought them; Debian 12's headers know up to ABI 2. */
#define FS_ABI_1    ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define FS_ABI_2    (FS_ABI_1 | 1ULL << 13) /* refer */
#define FS_ABI_3    (FS_ABI_2 | 1ULL << 14) /* truncate */
#define FS_ABI_5    (FS_ABI_3 | 1ULL << 15) /* ioctl on devices */
#define NET_ABI_4   3ULL                    /* bind and connect of TCP */
#define SCOPE_ABI_6 3ULL                    /* abstract sockets and signals */

#define RULE_NET_PORT 2    /* LANDLOCK_RULE_NET_PORT */
#define BIND_TCP      1ULL /* LANDLOCK_ACCESS_NET_BIND_TCP */
#define CONNECT_TCP   2ULL /* LANDLOCK_ACCESS_NET_CONNECT_TCP */

/* struct landlock_ruleset_attr of ABI 6; older kernels take the shorter forms. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* struct landlock_net_port_attr */
struct net_port {
	uint64_t allowed_access;
	uint64_t port;
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

/* open_trees - but for these; known: the rights of this kernel, which refuses a rule with others.
 */
static void
open_trees(int ruleset, uint64_t known, struct sandbox_tree const *trees, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct landlock_path_beneath_attr const below = {
			.allowed_access = trees[i].rights & known,
			.parent_fd = trees[i].fd,
		};

		if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0))
			die_temp("add a Landlock rule");
	}
}

static void
open_ports(int ruleset, uint16_t const *ports, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct net_port const one = { ports[i] ? CONNECT_TCP : BIND_TCP, ports[i] };

		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &one, 0))
			die_temp("add a Landlock rule for a port");
	}
}

static void
close_all_but(struct sandbox_tree const *trees, size_t count, uint16_t const *ports, size_t nports)
{
	int ruleset = -1;
	struct ruleset known = { 0, 0, 0 };

	for (size_t i = 0; ruleset == -1 && i < sizeof abi / sizeof *abi; i++) {
		known = abi[i].rights;
		ruleset = (int)syscall(SYS_landlock_create_ruleset, &known, abi[i].size, 0);
	}
	if (ruleset == -1)
		die_temp(
		    "make a Landlock ruleset (Linux 5.13 or newer, with landlock in its lsm= list)");
	open_trees(ruleset, known.fs, trees, count);
	if (known.net)
		open_ports(ruleset, ports, nports);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		die_temp("enter the Landlock ruleset");
	close(ruleset);
}

void
sandbox_enter(struct sandbox_policy const *policy, struct sandbox_tree const *trees, size_t count)
{
	sandbox_enter_ports(policy, trees, count, 0, 0);
}

void
sandbox_enter_ports(struct sandbox_policy const *policy, struct sandbox_tree const *trees,
    size_t count, uint16_t const *ports, size_t nports)
{
	struct sock_fprog const program = {
		.len = policy->filter->len,
		.filter = (struct sock_filter *)policy->filter->code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		die_temp("give up new privileges");
	close_all_but(trees, count, ports, nports);
	rest_stack();       /* an idle process need not keep what starting up wrote */
	set_limits(policy); /* only now: the ruleset was one descriptor more */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1)
		die_temp("load the seccomp filter");
}
