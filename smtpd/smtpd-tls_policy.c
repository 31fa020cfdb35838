/* smtpd-tls_policy - what smtpd-tls may do once it reads what a client says: TLS, and no more */

#include <fcntl.h>
#include <sys/socket.h>

#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	/* the client; what the server orders; keys and tickets, which are open */
	ALLOW(read),
	ALLOW(pread64),
	ALLOW_FD(write, 1),
	ALLOW_IF(fcntl, 1, F_SETFL),
	/* the control descriptor and the plain end; to nobody by address */
	ALLOW(recvfrom),
	ALLOW_IF(sendto, 4, 0),
	ALLOW_IF(shutdown, 1, SHUT_WR),
	ALLOW(poll),
	ALLOW(close),
	/* the log */
	ALLOW_FD(write, 2),
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
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(smtpd_tls);
SANDBOX_LIST(&smtpd_tls_policy);
