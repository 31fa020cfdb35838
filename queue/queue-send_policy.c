/* queue-send_policy - what queue-send may do once it reads the queue */

#include <fcntl.h>

#include "sandbox.h"

#define MEMORY_LIMIT (UINT64_C(1) << 31) /* octets of address space */
#define FILES_LIMIT  4096                /* SCHEDULE_JOBS twice, and two channels of sinks */

static struct sandbox_rule const rules[] = {
	ALLOW(poll),
	ALLOW(ppoll),
	ALLOW(read),
	ALLOW(pread64), /* signals, trigger, orders; messages, state */
	ALLOW(write),
	ALLOW(pwrite64), /* the log, state; whose mailbox is full */
	ALLOW(recvmsg),
	ALLOW(sendmsg),  /* spawners, sinks, the injector */
	ALLOW(shutdown), /* a sink that is broken */
	ALLOW(openat),
	ALLOW(close), /* what, is Landlock's to say */
	ALLOW(fstat),
	ALLOW(newfstatat),
	ALLOW(getdents64),
	ALLOW(lseek),
	ALLOW(unlinkat),
	ALLOW(renameat),
	ALLOW(utimensat),
	ALLOW(fdatasync), /* mess, state */
	ALLOW_IF(fcntl, 1, F_SETFL),
	ALLOW_IF(fcntl, 1, F_GETFL),
	ALLOW_IF(fcntl, 1, F_SETFD),
	ALLOW(clock_gettime),
	ALLOW(time), /* where the vdso has none */
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(restart_syscall),
	ALLOW(rt_sigreturn),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_AS, MEMORY_LIMIT },
	{ RLIMIT_NOFILE, FILES_LIMIT },
};

SANDBOX_POLICY(queue_send);
SANDBOX_LIST(&queue_send_policy);
