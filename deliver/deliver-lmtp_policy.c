/* deliver-lmtp_policy - what deliver-lmtp may do once mail and replies come */

#include <sys/socket.h>

#include "dialogue.h"
#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	/* the mail stream; or the message, and what is said of it */
	ALLOW_FD(recvmsg, 0),
	ALLOW_FD(read, 0),
	ALLOW_FD(sendmsg, 1),
	ALLOW_FD(write, 1),
	ALLOW(poll),
	/* a message of the queue */
	ALLOW(pread64),
	ALLOW(close),
	/* the store: there is one connection, and no way to another */
	ALLOW_FD(read, DIALOGUE_FD),
	ALLOW_FD(writev, DIALOGUE_FD),
	ALLOW_FD_BITS(setsockopt, DIALOGUE_FD, 2, 0xffffffff, SO_RCVTIMEO),
	ALLOW_FD_BITS(setsockopt, DIALOGUE_FD, 2, 0xffffffff, SO_SNDTIMEO),
	/* the log */
	ALLOW_FD(write, 2),
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
	{ RLIMIT_DATA, 16U << 20 },
	{ RLIMIT_NOFILE, 16 }, /* what is open, and one message */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(deliver_lmtp);
SANDBOX_LIST(&deliver_lmtp_policy);
