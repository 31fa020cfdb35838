#ifndef DELIVER_SERVE_RULES_H
#define DELIVER_SERVE_RULES_H

/* serve_rules - what every sink here may do, for the policies of deliver-local and deliver-maildir.
 */

#include <fcntl.h>

#include "sandbox.h"

#define SERVE_NAMELESS (O_TMPFILE | O_WRONLY | O_CLOEXEC)

/* clang-format off */
#define SERVE_RULES                                                                       \
	ALLOW_FD(recvmsg, 0), ALLOW_FD(read, 0),            /* the mail stream */         \
	ALLOW_FD(sendmsg, 1),                                                             \
	ALLOW_FD(write, 2),                                 /* the log */                 \
	ALLOW(pread64),                                     /* a message of the queue */  \
	ALLOW(newfstatat),                                  /* are instructions as before */ \
	ALLOW(writev), ALLOW(close),                        /* the new file */            \
	ALLOW(fdatasync), ALLOW(fsync), ALLOW(sync_file_range),                           \
	ALLOW(clock_gettime),                               /* where the vdso has none */ \
	ALLOW(brk), ALLOW_NOEXEC(mmap), ALLOW(munmap), ALLOW(mremap), /* malloc */        \
	ALLOW(rt_sigreturn), ALLOW(restart_syscall), ALLOW(exit_group)

/* A file without a name, and its name: no other way to open one. */
#define SERVE_MAILDIR_RULES                                                               \
	ALLOW_BITS(openat, 2, 0xffffffff, SERVE_NAMELESS),                                \
	ALLOW_IF(linkat, 4, AT_SYMLINK_FOLLOW)

/* Files as Landlock lets it have them: quotas, tmp/ where nothing can be nameless, mboxes. */
#define SERVE_FILES_RULES                                                                 \
	ALLOW(openat), ALLOW(read), ALLOW(write), ALLOW(fstat), ALLOW(getdents64),        \
	ALLOW(linkat), ALLOW(renameat), ALLOW(renameat2), ALLOW(unlinkat),                \
	ALLOW(fcntl), ALLOW(flock), ALLOW(ftruncate), ALLOW(clock_nanosleep),             \
	ALLOW(memfd_create), ALLOW(getpid)
/* clang-format on */

#endif
