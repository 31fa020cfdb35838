/*
 * relay-sts_policy - what relay-sts's three kinds of process may do: keep the policies
 * (no network), fork those that fetch (on the name of a domain), and fetch (no file)
 */

#include "relay-sts_policy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sandbox.h"

#define MEMORY                                                                                     \
	ALLOW(brk), ALLOW_NOEXEC(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(madvise),              \
	    ALLOW_NOEXEC(mprotect), ALLOW(futex), ALLOW(clock_gettime), ALLOW(gettimeofday),       \
	    ALLOW(time), ALLOW(restart_syscall), ALLOW(rt_sigreturn), ALLOW(exit_group)

#define SOCKET(family, type)                                                                       \
	ALLOW_FD_BITS(socket, family, 1, ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), type)

/* DNS, TCP to port 443 (Landlock names the ports), TLS: what libcurl and OpenSSL call. */
#define FETCH                                                                                      \
	SOCKET(AF_INET, SOCK_STREAM), SOCKET(AF_INET6, SOCK_STREAM), SOCKET(AF_INET, SOCK_DGRAM),  \
	    SOCKET(AF_INET6, SOCK_DGRAM), ALLOW(connect), ALLOW_IF(sendto, 4, 0), ALLOW(recvfrom), \
	    ALLOW(getsockopt), ALLOW_IF(setsockopt, 1, IPPROTO_TCP),                               \
	    ALLOW_IF(setsockopt, 1, SOL_SOCKET), ALLOW(getsockname), ALLOW(getpeername),           \
	    ALLOW_IF(socketpair, 0, AF_UNIX), ALLOW(read), ALLOW(write), ALLOW(poll),              \
	    ALLOW_IF(fcntl, 1, F_GETFL), ALLOW_IF(fcntl, 1, F_SETFL), ALLOW_IF(fcntl, 1, F_SETFD), \
	    ALLOW_IF(fcntl, 1, F_GETFD), ALLOW(close), ALLOW(getrandom), ALLOW(getpid),            \
	    ALLOW(sysinfo), ALLOW(rt_sigprocmask), MEMORY

static struct sandbox_rule const rules[] = {
	/* requests, the process that forks, and the pipes from those that it forks */
	ALLOW_FD(recvmsg, STS_REQUESTS),
	ALLOW_FD(sendmsg, STS_FORKER),
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
	MEMORY,
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 64U << 20 },
	{ RLIMIT_NOFILE, 16 + STS_FETCHES *(1 + STS_WAITERS) },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

static struct sandbox_rule const fork_rules[] = {
	ALLOW_FD(recvmsg, STS_FORKER),
	ALLOW(clone),
	/* of the process that it forks, until that has entered its own sandbox */
	ALLOW(set_robust_list),
	ALLOW(rseq),
	ALLOW(alarm),
	ALLOW_IF(prctl, 0, PR_SET_NAME),
	ALLOW_IF(prctl, 0, PR_SET_NO_NEW_PRIVS),
	ALLOW(landlock_create_ruleset),
	ALLOW(landlock_add_rule),
	ALLOW(landlock_restrict_self),
	ALLOW(prlimit64),
	ALLOW(seccomp),
	FETCH,
};

static struct sandbox_limit const fork_limits[] = {
	{ RLIMIT_DATA, 128U << 20 },
	{ RLIMIT_NOFILE, 32 },
	{ RLIMIT_CORE, 0 },
};

static struct sandbox_rule const fetch_rules[] = { FETCH };

static struct sandbox_limit const fetch_limits[] = {
	{ RLIMIT_CPU, 20 },
	{ RLIMIT_NPROC, 0 },
};

SANDBOX_POLICY(relay_sts);
SANDBOX_POLICY_OF(relay_sts_fork, fork_rules, fork_limits);
SANDBOX_POLICY_OF(relay_sts_fetch, fetch_rules, fetch_limits);
SANDBOX_LIST(&relay_sts_policy, &relay_sts_fork_policy, &relay_sts_fetch_policy);
