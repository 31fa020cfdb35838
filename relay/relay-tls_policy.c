/* relay-tls_policy - what relay-tls may do once it reads what a server says: pass it on */

#include <sys/socket.h>

#include "sandbox.h"
#include "tlsclient.h"

static struct sandbox_rule const rules[] = {
	/* requests of relay, and the log */
	ALLOW_FD(recvmsg, 0),
	ALLOW_FD(sendmsg, 0),
	ALLOW_FD(write, 2),
	/* the connection and the plain end, which come with a request; to nobody by address */
	ALLOW(recvfrom),
	ALLOW_IF(sendto, 4, 0),
	ALLOW(poll),
	ALLOW_IF(shutdown, 1, SHUT_WR),
	ALLOW(close),
	/* the file of authorities, which is open */
	ALLOW_FD(read, TLSCLIENT_AUTHORITIES),
	/* OpenSSL: random numbers; whether it was forked; qsort asks how much memory there is */
	ALLOW(getrandom),
	ALLOW(getpid),
	ALLOW(sysinfo),
	ALLOW(futex),
	/* memory; the clock, where the vdso has none */
	ALLOW(brk),
	ALLOW_NOEXEC(mmap),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(clock_gettime),
	ALLOW(restart_syscall),
	ALLOW(exit_group),
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 64U << 20 },
	{ RLIMIT_NOFILE, 16 },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(relay_tls);
SANDBOX_LIST(&relay_tls_policy);
