/* queue-ctl_policy - what queue-ctl may do once it looks at the queue */

#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	ALLOW(newfstatat), /* is the message there */
	ALLOW(write),      /* orders, the log */
	ALLOW(nanosleep),
	ALLOW(clock_nanosleep),
	ALLOW(clock_gettime), /* where the vdso has none */
	ALLOW(restart_syscall),
	ALLOW(rt_sigreturn),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_FSIZE, 1 << 30 }, /* of the log, if that goes to a file */
};

SANDBOX_POLICY(queue_ctl);
SANDBOX_LIST(&queue_ctl_policy);
