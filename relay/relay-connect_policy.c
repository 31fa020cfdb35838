/* relay-connect_policy - what relay-connect may do once it is told to look for a mail server */

#include "relay-connect_policy.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "hop.h"
#include "sandbox.h"

#define STREAM (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)
#define DGRAM  (SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

/* A socket of one family and type. */
#define SOCKET(family, type)                                                                       \
	{                                                                                          \
		SCMP_SYS(socket), 2,                                                               \
		{                                                                                  \
			{ 0, SCMP_CMP_EQ, (family), 0 },                                           \
			{                                                                          \
				1, SCMP_CMP_EQ, (type), 0                                          \
			}                                                                          \
		}                                                                                  \
	}

static struct sandbox_rule const rules[] = {
	/* relay */
	ALLOW_FD(recvmsg, 0),
	ALLOW_FD(sendmsg, 0),
	/* DNS, and the connection that relay gets; Landlock names the ports */
	SOCKET(AF_INET, STREAM),
	SOCKET(AF_INET6, STREAM),
	SOCKET(AF_INET, DGRAM),
	SOCKET(AF_INET6, DGRAM),
	ALLOW(connect),
	ALLOW(bind),
	{ SCMP_SYS(getsockopt), 2,
	    { { 1, SCMP_CMP_EQ, SOL_SOCKET, 0 }, { 2, SCMP_CMP_EQ, SO_ERROR, 0 } } },
	ALLOW_IF(fcntl, 1, F_SETFL),
	ALLOW_IF(sendto, 4, 0), /* only on what is connected */
	ALLOW_IF(recvfrom, 4, 0),
	ALLOW(poll),
	ALLOW(close),
	ALLOW(getrandom),
	/* what is known of hosts: it is open */
	ALLOW_FD(pread64, CONNECT_HOSTS),
	ALLOW_FD(pwrite64, CONNECT_HOSTS),
	ALLOW_FD_BITS(fcntl, CONNECT_HOSTS, 1, ~0ULL, F_OFD_SETLK),
	ALLOW(getpid),
	/* MTA-STS: to read policies, and to ask relay-sts for one */
	ALLOW_FD_BITS(
	    openat, CONNECT_STS_DIR, 2, O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND, O_RDONLY),
	ALLOW(read),
	ALLOW(pipe2),
	ALLOW_FD(sendmsg, RELAY_STS),
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
	{ RLIMIT_DATA, 64U << 20 },
	{ RLIMIT_NOFILE, 32 },
	{ RLIMIT_FSIZE, UINT64_C(1) << 36 }, /* of the log, if that goes to a file */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(relay_connect);
SANDBOX_LIST(&relay_connect_policy);
