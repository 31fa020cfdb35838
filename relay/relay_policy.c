/* relay_policy - what relay may do once it reads what a server says */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "dialogue.h"
#include "hop.h"
#include "sandbox.h"

static struct sandbox_rule const rules[] = {
	/* the mail stream; or the message, and the report */
	ALLOW_FD(recvmsg, 0),
	ALLOW_FD(read, 0),
	ALLOW_FD(sendmsg, 1),
	ALLOW_FD(writev, 1),
	ALLOW_FD(write, 1),
	ALLOW(poll),
	/* a message of the queue */
	ALLOW(pread64),
	ALLOW(close),
	/* relay-connect and relay-tls, and what they give us */
	ALLOW_FD(sendmsg, RELAY_CONNECT),
	ALLOW_FD(recvmsg, RELAY_CONNECT),
	ALLOW_FD(sendmsg, RELAY_TLS),
	ALLOW_FD(recvmsg, RELAY_TLS),
	ALLOW_IF(socketpair, 0, AF_UNIX),
	ALLOW_IF(dup3, 1, DIALOGUE_FD),
	/* the server */
	ALLOW_FD(read, DIALOGUE_FD),
	ALLOW_FD(writev, DIALOGUE_FD),
	{ SCMP_SYS(setsockopt), 2,
	    { { 1, SCMP_CMP_EQ, SOL_SOCKET, 0 }, { 2, SCMP_CMP_EQ, SO_RCVTIMEO, 0 } } },
	{ SCMP_SYS(setsockopt), 2,
	    { { 1, SCMP_CMP_EQ, SOL_SOCKET, 0 }, { 2, SCMP_CMP_EQ, SO_SNDTIMEO, 0 } } },
	{ SCMP_SYS(setsockopt), 2,
	    { { 1, SCMP_CMP_EQ, IPPROTO_TCP, 0 }, { 2, SCMP_CMP_EQ, TCP_NODELAY, 0 } } },
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
	{ RLIMIT_NOFILE, 32 }, /* what is open, a message, and what a handshake takes */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(relay);
SANDBOX_LIST(&relay_policy);
