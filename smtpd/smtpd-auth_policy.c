/* smtpd-auth_policy - what the process that reads a client's SASL octets may do */

#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	/* the process that started it, and nothing else */
	ALLOW_FD(recvfrom, 3),
	{ SCMP_SYS(sendto), 2, { { 0, SCMP_CMP_EQ, 3, 0 }, { 4, SCMP_CMP_EQ, 0, 0 } } },
	/* the nonce of SCRAM; the clock, where the vdso has none */
	ALLOW(getrandom),
	ALLOW(clock_gettime),
	ALLOW(brk),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 8U << 20 },
	{ RLIMIT_CPU, 5 },
	{ RLIMIT_NOFILE, 0 },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_FSIZE, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(smtpd_auth);
SANDBOX_LIST(&smtpd_auth_policy);
