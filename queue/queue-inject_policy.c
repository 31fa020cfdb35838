/* queue-inject_policy - what queue-inject may do once it listens to its caller */

#include <fcntl.h>

#include "inject.h"
#include "sandbox.h"

#define CREATE     (O_TMPFILE | O_WRONLY | O_CLOEXEC) /* a new file, and no other way to open one */
#define FILE_LIMIT (UINT64_C(1) << 36)                /* octets of a queue file: 64 GiB */

static struct sandbox_rule const rules[] = {
	ALLOW_FD(recvmsg, 0),
	ALLOW_FD(read, 0), /* the mail stream; the message */
	ALLOW_FD(read, 1), /* a qmail-queue envelope */
	ALLOW_FD(sendmsg, 1),
	ALLOW_FD(writev, 1), /* answers */
	ALLOW_FD(write, 2),  /* the log */
	ALLOW_FD_BITS(openat, INJECT_MESS_FD, 2, 0xffffffff, CREATE),
	ALLOW(fstat),
	ALLOW(pwrite64),
	ALLOW(fdatasync), /* the new file … */
	{ SCMP_SYS(linkat), 2,
	    { { 2, SCMP_CMP_EQ, INJECT_MESS_FD, 0 },
		{ 4, SCMP_CMP_EQ, AT_SYMLINK_FOLLOW, 0 } } }, /* … gets its name */
	ALLOW(fsync),
	ALLOW(sync_file_range),
	ALLOW_FD(write, INJECT_TRIGGER_FD),
	ALLOW(close),
	ALLOW_IF(madvise, 2, MADV_DONTNEED), /* memory is given back (rest) */
	ALLOW(clock_gettime),                /* where the vdso has none */
	ALLOW(rt_sigreturn),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
}; /* no memory beyond what it began with */

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE,
	    16 }, /* the stream's, the log, directory, trigger, file, stray ones passed */
	{ RLIMIT_FSIZE, FILE_LIMIT },
};

SANDBOX_POLICY(queue_inject);
SANDBOX_LIST(&queue_inject_policy);
