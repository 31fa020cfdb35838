/* sendmail_policy - what sendmail may do once queue-inject is started */

#include "chain.h"
#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	ALLOW_FD(read, 0), /* the message */
	ALLOW_FD(sendmsg, CHAIN_FD),
	ALLOW_FD(recvmsg, CHAIN_FD), /* the mail stream */
	ALLOW_FD(writev, 2),
	ALLOW_FD(write, 2), /* what went wrong */
	ALLOW(brk),
	ALLOW_NOEXEC(mmap), /* a header that is not small */
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(poll),
	ALLOW(ppoll),
	ALLOW(clock_gettime), /* where the vdso has none */
	ALLOW(rt_sigreturn),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 16 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(sendmail);
SANDBOX_LIST(&sendmail_policy);
