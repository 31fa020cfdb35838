/* smtpd_policy - what smtpd may do once it reads what a client says */

#include <sys/socket.h>

#include "auth.h"
#include "chain.h"
#include "recipient.h"
#include "sandbox.h"
#include "tls.h"

static struct sandbox_rule const rules[] = {
	/* the client */
	ALLOW_FD(read, 0),
	ALLOW_FD(write, 1),
	{ SCMP_SYS(setsockopt), 2,
	    { { 1, SCMP_CMP_EQ, SOL_SOCKET, 0 }, { 2, SCMP_CMP_EQ, SO_RCVTIMEO, 0 } } },
	{ SCMP_SYS(setsockopt), 2,
	    { { 1, SCMP_CMP_EQ, SOL_SOCKET, 0 }, { 2, SCMP_CMP_EQ, SO_SNDTIMEO, 0 } } },
	ALLOW(poll),
	ALLOW_IF(shutdown, 1, SHUT_WR),
	/* the client under TLS, and the process that does TLS */
	ALLOW_FD(read, TLS_IN_FD),
	ALLOW_FD(write, TLS_OUT_FD),
	ALLOW_FD(recvfrom, TLS_CTL_FD),
	ALLOW_FD(read, TLS_CTL_FD),
	ALLOW_FD(write, TLS_CTL_FD),
	/* the process that looks at passwords */
	ALLOW_FD(sendto, AUTH_FD),
	ALLOW_FD(recvfrom, AUTH_FD),
	/* the next program, and the log */
	ALLOW_FD(sendmsg, CHAIN_FD),
	ALLOW_FD(recvmsg, CHAIN_FD),
	ALLOW_FD(write, 2),
	/* passwd and overquota, which are open */
	RECIPIENT_RULES,
	/* memory; the clock, where the vdso has none */
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(clock_gettime),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 64U << 20 },
	{ RLIMIT_NOFILE, 32 }, /* what is open, and nothing comes along with a stream */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(smtpd);
SANDBOX_LIST(&smtpd_policy);
