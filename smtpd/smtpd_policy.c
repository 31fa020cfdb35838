#include "chain.h"
#include "recipient.h"
#include "sandbox.h"
#include "tls.h"

#include <sys/socket.h>

static struct sandbox_rule const rules[] = {
	ALLOW_FD(read, 0), ALLOW_FD(write, 1),                            /* the client */
	ALLOW_FD(read, TLS_IN_FD), ALLOW_FD(write, TLS_OUT_FD),           /* the client, under TLS */
	ALLOW_FD(read, TLS_CTL_FD), ALLOW_FD(write, TLS_CTL_FD),          /* "start TLS" */
	ALLOW_FD(write, 2),                                               /* the log */
	ALLOW_FD(sendmsg, CHAIN_FD), ALLOW_FD(recvmsg, CHAIN_FD),         /* the next program */
	ALLOW_IF(setsockopt, 2, SO_RCVTIMEO), ALLOW_IF(setsockopt, 2, SO_SNDTIMEO), /* time limits */
	ALLOW(poll), ALLOW_IF(shutdown, 1, SHUT_WR), ALLOW(clock_gettime),
	RECIPIENT_RULES,                                                  /* passwd, overquota */
	ALLOW(brk), ALLOW_NOEXEC(mmap), ALLOW(munmap), ALLOW(mremap),     /* malloc */
	ALLOW(restart_syscall), ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 64U << 20 },
	{ RLIMIT_NOFILE, 32 }, /* what is open, and nothing comes along with a stream */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(smtpd);
SANDBOX_LIST(&smtpd_policy);
