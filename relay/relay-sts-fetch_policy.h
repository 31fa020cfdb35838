#ifndef RELAY_STS_FETCH_POLICY_H
#define RELAY_STS_FETCH_POLICY_H

/*
 * relay-sts-fetch_policy - the system calls of relay-sts-fetch at work. What starts it must have
 * them in its own filter, which is inherited.
 */

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sandbox.h"

#define MEMORY_RULES                                                                               \
	ALLOW(brk), ALLOW_NOEXEC(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(madvise),              \
	    ALLOW_NOEXEC(mprotect), ALLOW(futex), ALLOW(clock_gettime), ALLOW(gettimeofday),       \
	    ALLOW(time), ALLOW(restart_syscall), ALLOW(rt_sigreturn), ALLOW(exit_group)

#define SOCKET(family, type)                                                                       \
	ALLOW_FD_BITS(socket, family, 1, ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), type)

/* DNS, TCP to port 443 (Landlock names the ports), TLS: what libcurl and OpenSSL call. */
#define FETCH_RULES                                                                                \
	SOCKET(AF_INET, SOCK_STREAM), SOCKET(AF_INET6, SOCK_STREAM), SOCKET(AF_INET, SOCK_DGRAM),  \
	    SOCKET(AF_INET6, SOCK_DGRAM), ALLOW(connect), ALLOW_IF(sendto, 4, 0), ALLOW(recvfrom), \
	    ALLOW(getsockopt), ALLOW_IF(setsockopt, 1, IPPROTO_TCP),                               \
	    ALLOW_IF(setsockopt, 1, SOL_SOCKET), ALLOW(getsockname), ALLOW(getpeername),           \
	    ALLOW_IF(socketpair, 0, AF_UNIX), ALLOW(read), ALLOW(write), ALLOW(poll),              \
	    ALLOW_IF(fcntl, 1, F_GETFL), ALLOW_IF(fcntl, 1, F_SETFL), ALLOW_IF(fcntl, 1, F_SETFD), \
	    ALLOW_IF(fcntl, 1, F_GETFD), ALLOW(close), ALLOW(getrandom), ALLOW(getpid),            \
	    ALLOW(sysinfo), ALLOW(rt_sigprocmask), MEMORY_RULES

#endif
