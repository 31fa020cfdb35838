/*
 * inject - make a running process attempt a system call, and say what came of it.
 *
 * usage: inject PID CALL [ARGUMENT...] [-- CALL [ARGUMENT...]]...
 *
 * CALL is a number. An ARGUMENT is a number, "s:text" (a pointer to that string) or
 * "x:hex" (a pointer to those octets), which are put below the victim's stack. The
 * victim is one that waits in a system call, as a program at rest does: attached
 * from outside (which takes root), it executes the very syscall instruction that it
 * waits behind, with other registers. Each CALL makes one line on descriptor 1:
 *
 *   killed N     the process died of signal N (31 is SIGSYS: the filter)
 *   error N      the call was refused with this errno
 *   result N     the call was allowed, and this is what it returned
 *
 * A victim that lives gets its registers back and goes on as if nothing had been.
 */

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX 6
#define SCRATCH  1024 /* octets for what arguments point to */
#define RED_ZONE                                                                                   \
	256 /* octets below the stack pointer that leaf functions may use (128, and spare) */
#define ERRNO_MAX 4095
#define TRIES     200 /* to find it at rest */

struct attempt {
	unsigned long long call;
	unsigned long long arg[ARGS_MAX];
	unsigned char scratch[SCRATCH];
	size_t used;
};

_Noreturn static void
fail(char const *what)
{
	fprintf(stderr, "inject: unable to %s: %s\n", what, strerror(errno));
	exit(111);
}

static unsigned long long
number(char const *text)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || end == text || *end) {
		errno = EINVAL;
		fail(text);
	}
	return n;
}

/* add - keep octets for the victim's memory; returns where they will be. */
static unsigned long long
add(struct attempt *a, void const *data, size_t len, unsigned long long base)
{
	unsigned long long const at = base + a->used;

	if (len > SCRATCH - a->used) {
		errno = E2BIG;
		fail("keep an argument");
	}
	memcpy(a->scratch + a->used, data, len);
	a->used += (len + 15) & ~(size_t)15;
	return at;
}

static unsigned long long
argument(struct attempt *a, char const *text, unsigned long long base)
{
	unsigned char octets[SCRATCH];
	size_t n = 0;

	if (!strncmp(text, "s:", 2))
		return add(a, text + 2, strlen(text + 2) + 1, base);
	if (strncmp(text, "x:", 2) != 0)
		return number(text);
	for (text += 2; text[0] && text[1] && n < sizeof octets; text += 2) {
		char const pair[] = { text[0], text[1], 0 };

		octets[n++] = (unsigned char)strtoul(pair, 0, 16);
	}
	return add(a, octets, n, base);
}

/* wait_stop - until the victim stops or ends; 1 it is stopped. */
static int
wait_stop(pid_t pid, int *status)
{
	while (waitpid(pid, status, __WALL) == -1) {
		if (errno != EINTR)
			fail("wait for the process");
	}
	return WIFSTOPPED(*status);
}

/* at_syscall - whether it waits behind a syscall instruction, 0f 05. */
static int
at_syscall(pid_t pid, struct user_regs_struct const *regs)
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, pid, (void *)(uintptr_t)(regs->rip - 2), 0);
	return !errno && (word & 0xffff) == 0x050f;
}

/* stop - in a system call; one that was just running is let go on for a moment. */
static void
stop(pid_t pid, struct user_regs_struct *regs)
{
	struct timespec const moment = { .tv_nsec = 10000000 };
	int status;

	for (int tries = 0; tries < TRIES; tries++) {
		if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == -1)
			fail("interrupt the process");
		if (!wait_stop(pid, &status))
			fail("find the process alive");
		if (ptrace(PTRACE_GETREGS, pid, 0, regs) == -1)
			fail("read the registers");
		if (at_syscall(pid, regs))
			return;
		if (ptrace(PTRACE_CONT, pid, 0, 0) == -1)
			fail("let the process run");
		nanosleep(&moment, 0);
	}
	errno = EPROTO;
	fail("find the process waiting in a system call");
}

static void
set_regs(pid_t pid, struct user_regs_struct const *regs)
{
	if (ptrace(PTRACE_SETREGS, pid, 0, regs) == -1)
		fail("set the registers");
}

static void
write_scratch(pid_t pid, struct attempt const *a, unsigned long long base)
{
	struct iovec const from = { (void *)(uintptr_t)a->scratch, sizeof a->scratch };
	struct iovec const to = { (void *)(uintptr_t)base, sizeof a->scratch };

	if (process_vm_writev(pid, &from, 1, &to, 1, 0) != (ssize_t)sizeof a->scratch)
		fail("write below the stack of the process");
}

/* attempt - returns 0 when the victim has not outlived it. */
static int
attempt(pid_t pid, struct attempt const *a, struct user_regs_struct const *rest,
    unsigned long long base)
{
	struct user_regs_struct regs = *rest;
	long long result;
	int status;

	write_scratch(pid, a, base);
	regs.rip = rest->rip - 2;
	regs.orig_rax =
	    (unsigned long long)-1; /* or the kernel would restart what was interrupted */
	regs.rax = a->call;
	regs.rdi = a->arg[0];
	regs.rsi = a->arg[1];
	regs.rdx = a->arg[2];
	regs.r10 = a->arg[3];
	regs.r8 = a->arg[4];
	regs.r9 = a->arg[5];
	set_regs(pid, &regs);
	do {
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) == -1)
			fail("let the process run");
		if (!wait_stop(pid, &status)) {
			printf("killed %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
			return 0;
		}
	} while (status >> 8 != SIGTRAP); /* an event: a child was made, or a program begun */
	if (ptrace(PTRACE_GETREGS, pid, 0, &regs) == -1)
		fail("read the registers");
	result = (long long)regs.rax;
	if (result < 0 && result >= -ERRNO_MAX)
		printf("error %lld\n", -result);
	else
		printf("result %lld\n", result);
	return 1;
}

/* parse - one CALL and its arguments from words; returns how many words it took. */
static int
parse(struct attempt *a, char **words, unsigned long long base)
{
	int n = 0;

	memset(a, 0, sizeof *a);
	a->call = number(words[n++]);
	for (int i = 0; words[n] && strcmp(words[n], "--") != 0; i++, n++) {
		if (i == ARGS_MAX) {
			errno = E2BIG;
			fail("take so many arguments");
		}
		a->arg[i] = argument(a, words[n], base);
	}
	return words[n] ? n + 1 : n;
}

int
main(int argc, char **argv)
{
	struct user_regs_struct rest;
	struct attempt a;
	unsigned long long base;
	int alive = 1;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: inject PID CALL [ARGUMENT...] [-- CALL ...]\n");
		return 100;
	}
	pid = (pid_t)number(argv[1]);
	if (ptrace(PTRACE_SEIZE, pid, 0,
		PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
		    PTRACE_O_TRACEVFORK) == -1)
		fail("attach to the process");
	stop(pid, &rest);
	base = (rest.rsp - RED_ZONE - SCRATCH) & ~15ULL;
	for (char **words = argv + 2; alive && *words;) {
		words += parse(&a, words, base);
		alive = attempt(pid, &a, &rest, base);
	}
	if (alive) {
		set_regs(pid, &rest);
		if (ptrace(PTRACE_DETACH, pid, 0, 0) == -1)
			fail("let the process go");
	}
	return 0;
}
