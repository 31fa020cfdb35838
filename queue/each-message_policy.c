/* each-message_policy - what the half of each-message that reads the stream may do */

#include "sandbox.h"
#include "starter.h"

static struct sandbox_rule const rules[] = {
	ALLOW_FD(recvmsg, 0),
	ALLOW_FD(read, 0), /* the mail stream */
	ALLOW_FD(sendmsg, 1),
	ALLOW_FD(writev, 1), /* answers */
	ALLOW_FD(sendto, STARTER_FD),
	ALLOW_FD(recvmsg, STARTER_FD), /* the half that runs PROG */
	ALLOW(write),
	ALLOW(poll),
	ALLOW(ppoll),
	ALLOW(close),         /* the log, and the pipes it gives us */
	ALLOW(clock_gettime), /* where the vdso has none */
	ALLOW(rt_sigreturn),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 16 },
};

SANDBOX_POLICY(each_message);
SANDBOX_LIST(&each_message_policy);
