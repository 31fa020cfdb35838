#ifndef LIB_SANDBOX_H
#define LIB_SANDBOX_H

/*
 * sandbox - give up, for good, every right that a program's table does not list.
 *
 * A policy is a table beside the program (X_policy.c). The build turns its rules
 * into a BPF filter with libseccomp (sandbox-compile), so that a running program
 * loads a constant and links no compiler. What is not in the table kills the
 * whole process (SIGSYS). There is no switch that turns this off.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <linux/filter.h>
#include <linux/landlock.h>
#include <seccomp.h>

struct sandbox_rule {
	int call;           /* SCMP_SYS(name) */
	unsigned int nargs; /* conditions used in arg[]; all must hold */
	struct scmp_arg_cmp arg[2];
};

/* clang-format off */
#define ALLOW(name)        { SCMP_SYS(name), 0, { { 0 } } }
#define ALLOW_FD(name, fd) { SCMP_SYS(name), 1, { { 0, SCMP_CMP_EQ, (fd), 0 } } }
/* the argument numbered n equals value */
#define ALLOW_IF(name, n, value) { SCMP_SYS(name), 1, { { (n), SCMP_CMP_EQ, (value), 0 } } }
/* of the argument numbered n, the bits in mask are as in value */
#define ALLOW_BITS(name, n, mask, value) \
	{ SCMP_SYS(name), 1, { { (n), SCMP_CMP_MASKED_EQ, (mask), (value) } } }
#define ALLOW_FD_BITS(name, fd, n, mask, value) \
	{ SCMP_SYS(name), 2, { { 0, SCMP_CMP_EQ, (fd), 0 }, { (n), SCMP_CMP_MASKED_EQ, (mask), (value) } } }
/* clang-format on */
/* for mmap and mprotect: never executable memory */
#define ALLOW_NOEXEC(name) ALLOW_BITS(name, 2, PROT_EXEC, 0)

struct sandbox_limit {
	int resource;   /* RLIMIT_AS, RLIMIT_NOFILE, … */
	uint64_t value; /* soft and hard limit; a lower hard limit that is set already stays */
};

/* A filter as the build made it from a policy's rules. */
struct sandbox_filter {
	struct sock_filter const *code;
	unsigned short len;
};

struct sandbox_policy {
	char const *name; /* as the C identifier NAME_policy has it */
	struct sandbox_rule const *rule;
	size_t rules;
	struct sandbox_limit const *limit;
	size_t limits;
	struct sandbox_filter const *filter;
};

/*
 * SANDBOX_POLICY(smtpd) defines smtpd_policy from the arrays rules[] and limits[]
 * before it in the file (or, as SANDBOX_POLICY_OF, from arrays of other names);
 * SANDBOX_LIST(&smtpd_policy) at the file's end tells the build which there are.
 */
#ifdef SANDBOX_COMPILE
#define SANDBOX_FILTER(name) struct sandbox_filter const name##_filter = { 0, 0 }
#define SANDBOX_LIST(...)    struct sandbox_policy const *const sandbox_policies[] = { __VA_ARGS__, 0 }
#else
#define SANDBOX_FILTER(name) extern struct sandbox_filter const name##_filter
#define SANDBOX_LIST(...)    extern struct sandbox_policy const *const sandbox_policies[]
#endif
#define SANDBOX_POLICY_OF(id, rule_array, limit_array)                                             \
	SANDBOX_FILTER(id);                                                                        \
	struct sandbox_policy const id##_policy = { #id, rule_array,                               \
		sizeof rule_array / sizeof *rule_array, limit_array,                               \
		sizeof limit_array / sizeof *limit_array, &id##_filter }
#define SANDBOX_POLICY(id) SANDBOX_POLICY_OF(id, rules, limits)

/* The end of every policy file names its policies, for sandbox-compile. */
extern struct sandbox_policy const *const sandbox_policies[];

/* What Landlock allows below one open directory; everything else is closed. */
struct sandbox_tree {
	int fd;          /* an open directory (O_PATH will do) */
	uint64_t rights; /* LANDLOCK_ACCESS_FS_… */
};

/*
 * sandbox_enter - NO_NEW_PRIVS, Landlock, rlimits, seccomp, in this order. Call
 * it last, when all descriptors are open, the next program of the chain is started
 * and all privileges are dropped. trees may be null when count is 0: then no file
 * can be reached by any path. TCP and, where the kernel knows how, signals and
 * abstract sockets outside the sandbox are closed too. Dies (EXIT_TEMP) when the
 * kernel refuses any of it: a program never goes on half closed.
 */
void sandbox_enter(
    struct sandbox_policy const *policy, struct sandbox_tree const *trees, size_t count);

/*
 * sandbox_enter_ports - the same for a program whose work it is to connect: the TCP ports
 * that it may connect to stay open (on a kernel older than Linux 6.7, which cannot tell
 * ports apart, every port does: there the policy's own rules are all that holds). Port 0
 * stands for binding to an address, with a port that the kernel chooses.
 */
void sandbox_enter_ports(struct sandbox_policy const *policy, struct sandbox_tree const *trees,
    size_t count, uint16_t const *ports, size_t nports);

#endif
