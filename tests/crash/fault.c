/*
 * fault - run a command, and let one system call of one of its processes go wrong.
 *
 * usage: fault WHO N kill|short|ERRNO REPORT COMMAND...
 *
 * WHO is a program's name (as execve's file has it, without its folders); "name+" means
 * what such a process forked without an exec. System calls are counted over all
 * processes that are WHO, from the exec (or fork) on, beginning with 1. At call N
 * the process is killed before the call, or the call is not made and fails with
 * the number ERRNO. With "short" only calls are counted that may do less than they
 * were asked for: what writes a file, reads a pipe, or does either with a stream socket; call
 * N then does no more than its first octet. N of 0 only counts. REPORT is a file that is
 * written at once when it happens: "hit CALL TIME" (nanoseconds, CLOCK_MONOTONIC), and at the
 * end "count CALLS TIME". Ends when the command ends, with its exit code (or 128 and the
 * signal), or at SIGTERM; what is left of the processes lives on, untraced.
 *
 * A call that shall fail becomes restart_syscall, which every sandbox allows and
 * which does nothing when there is nothing to restart: changing it to no call at
 * all would be seen, and punished, by the seccomp filter. Only close is made, and
 * fails then: whatever it returns, Linux has closed the descriptor. And nothing keeps a
 * process from its exit.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 512
#define NAME_SIZE     64

/* What a call was asked for, where it was changed in the process's memory: given back behind it. */
struct patch {
	unsigned long at; /* 0: nothing */
	unsigned long was;
};

struct process {
	pid_t pid; /* 0: a free slot */
	char name[NAME_SIZE];
	int adopted; /* its name is known */
	int held;    /* it waits for that */
	int inside;  /* it is between entry and exit of a call */
	int failing; /* this call is the one */
	int shorted; /* this one is, and does a part */
	struct user_regs_struct asked;
	struct patch patch[2];
};

static struct {
	char const *who;
	unsigned long target;
	long error; /* 0: kill */
	int shorten;
	int volatile over; /* SIGTERM */
	char const *report;
	unsigned long count;
	struct process process[PROCESSES_MAX];
} g;

_Noreturn static void
fail(char const *what)
{
	fprintf(stderr, "fault: unable to %s: %s\n", what, strerror(errno));
	exit(111);
}

static struct process *
find(pid_t pid)
{
	struct process *empty = 0;

	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		if (g.process[i].pid == pid)
			return &g.process[i];
		if (!g.process[i].pid && !empty)
			empty = &g.process[i];
	}
	if (!empty) {
		errno = E2BIG;
		fail("follow so many processes");
	}
	*empty = (struct process){ .pid = pid };
	return empty;
}

static void
report(char const *what, unsigned long number)
{
	FILE *f = fopen(g.report, "a");
	struct timespec now;

	if (!f)
		fail("write the report");
	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(f, "%s %lu %lld\n", what, number, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	fclose(f);
}

static void
rename_by_exec(struct process *p)
{
	char path[64], exe[4096];
	char const *slash;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/exe", (int)p->pid);
	n = readlink(path, exe, sizeof exe - 1);
	if (n <= 0)
		return;
	exe[n] = 0;
	slash = strrchr(exe, '/');
	snprintf(p->name, sizeof p->name, "%.*s", NAME_SIZE - 1, slash ? slash + 1 : exe);
}

/* resume - to the next call, if these count; else to what it becomes or begets. */
static void
resume(struct process const *p, int sig)
{
	ptrace(strcmp(p->name, g.who) != 0 ? PTRACE_CONT : PTRACE_SYSCALL, p->pid, 0, sig);
}

/* release - let a process go on that has been held. */
static void
release(struct process *p)
{
	p->adopted = 1;
	if (p->held)
		resume(p, 0);
	p->held = 0;
}

/*
 * adopt - a new child. It may have stopped before its parent told of it, and makes no call, and
 * becomes no other program, until it has its name.
 */
static void
adopt(struct process const *parent)
{
	unsigned long number;
	struct process *child;
	char name[NAME_SIZE];

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &number) == -1) {
		/* the parent was killed: nobody tells whose child is whose any more */
		for (size_t i = 0; i < PROCESSES_MAX; i++)
			if (g.process[i].pid && g.process[i].held)
				release(&g.process[i]);
		return;
	}
	memcpy(name, parent->name, sizeof name);
	if (*name && name[strlen(name) - 1] != '+' && strlen(name) < NAME_SIZE - 1)
		strcat(name, "+");
	child = find((pid_t)number);
	memcpy(child->name, name, sizeof name);
	release(child);
}

/* ---- calls that do a part */

static unsigned long
peek(pid_t pid, unsigned long at)
{
	errno = 0;
	return (unsigned long)ptrace(PTRACE_PEEKDATA, pid, at, 0);
}

/* patch - one word of the process's memory, until the call is over. */
static void
patch(struct process *p, struct patch *patch, unsigned long at, unsigned long value)
{
	patch->at = at;
	patch->was = peek(p->pid, at);
	if (errno || ptrace(PTRACE_POKEDATA, p->pid, at, value) == -1)
		fail("change memory");
}

/*
 * is_divisible - whether a call on that descriptor may do a part, as Linux has it: packets are
 * not divided, nor is what a pipe or a signalfd has room for; a file is read to its end at
 * once, but written only as far as there is space.
 */
static int
is_divisible(pid_t pid, int fd, int is_write)
{
	int const process = pidfd_open(pid, 0);
	int const copy = process == -1 ? -1 : pidfd_getfd(process, fd, 0);
	socklen_t len = sizeof(int);
	int type = 0, ok = 0;
	struct stat st;

	if (copy != -1 && fstat(copy, &st) != -1) {
		if (S_ISSOCK(st.st_mode))
			ok = getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &len) != -1 &&
			     type == SOCK_STREAM;
		else
			ok = is_write ? S_ISREG(st.st_mode) : S_ISFIFO(st.st_mode);
	}
	if (copy != -1)
		close(copy);
	if (process != -1)
		close(process);
	return ok;
}

/* A call that reads or writes: where its octets are counted. */
static struct call {
	unsigned long number;
	int is_write;
	enum { PLAIN, VECTOR, MESSAGE } kind;
} const calls[] = {
	{ SYS_read, 0, PLAIN },
	{ SYS_write, 1, PLAIN },
	{ SYS_pread64, 0, PLAIN },
	{ SYS_pwrite64, 1, PLAIN },
	{ SYS_recvfrom, 0, PLAIN },
	{ SYS_sendto, 1, PLAIN },
	{ SYS_readv, 0, VECTOR },
	{ SYS_writev, 1, VECTOR },
	{ SYS_recvmsg, 0, MESSAGE },
	{ SYS_sendmsg, 1, MESSAGE },
};

/* vector - where the call's iovecs are, and how many; 0 there is none. */
static unsigned long
vector(struct process const *p, struct call const *c, unsigned long *count)
{
	struct user_regs_struct const *const r = &p->asked;

	*count = (unsigned long)r->rdx;
	if (c->kind == VECTOR)
		return (unsigned long)r->rsi;
	*count = peek(p->pid, (unsigned long)r->rsi + offsetof(struct msghdr, msg_iovlen));
	return peek(p->pid, (unsigned long)r->rsi + offsetof(struct msghdr, msg_iov));
}

/* short_of - the call, if it can do less than it was asked for; where its vector is in *at. */
static struct call const *
short_of(struct process const *p, unsigned long *at)
{
	struct call const *c = calls;
	unsigned long count;

	while (c < calls + sizeof calls / sizeof *calls && c->number != p->asked.orig_rax)
		c++;
	if (c == calls + sizeof calls / sizeof *calls ||
	    !is_divisible(p->pid, (int)p->asked.rdi, c->is_write))
		return 0;
	if (c->kind == PLAIN)
		return p->asked.rdx > 1 ? c : 0;
	*at = vector(p, c, &count);
	if (!*at || !count)
		return 0;
	count = count > 1 ? 2 : peek(p->pid, *at + offsetof(struct iovec, iov_len));
	return count > 1 && peek(p->pid, *at + offsetof(struct iovec, iov_len)) ? c : 0;
}

/* shorten - have the call do one octet. */
static void
shorten(struct process *p, struct call const *c, unsigned long at)
{
	struct user_regs_struct regs = p->asked;

	if (c->kind != PLAIN)
		patch(p, p->patch, at + offsetof(struct iovec, iov_len), 1);
	if (c->kind == MESSAGE)
		patch(p, p->patch + 1,
		    (unsigned long)regs.rsi + offsetof(struct msghdr, msg_iovlen), 1);
	else
		regs.rdx = 1;
	p->shorted = 1;
	if (ptrace(PTRACE_SETREGS, p->pid, 0, &regs) == -1)
		fail("change a call");
}

/* restore - what the process asked for: the kernel changes none of it either. */
static void
restore(struct process *p, struct user_regs_struct *regs)
{
	for (size_t i = 0; i < 2; i++) {
		if (p->patch[i].at)
			ptrace(PTRACE_POKEDATA, p->pid, p->patch[i].at, p->patch[i].was);
		p->patch[i].at = 0;
	}
	p->shorted = 0;
	regs->rdx = p->asked.rdx;
	if (ptrace(PTRACE_SETREGS, p->pid, 0, regs) == -1)
		fail("change a result");
}

/* ---- the call that goes wrong */

static void
entry(struct process *p, struct user_regs_struct *regs)
{
	struct call const *c = 0;
	unsigned long at = 0;

	p->asked = *regs;
	if ((g.shorten && !(c = short_of(p, &at))) || ++g.count != g.target)
		return;
	report("hit", (unsigned long)regs->orig_rax);
	if (c) {
		shorten(p, c, at);
		return;
	}
	if (!g.error) {
		kill(p->pid, SIGKILL);
		return;
	}
	if (regs->orig_rax == SYS_exit_group || regs->orig_rax == SYS_exit)
		return;
	p->failing = 1;
	if (regs->orig_rax == SYS_close)
		return;
	regs->orig_rax = SYS_restart_syscall;
	if (ptrace(PTRACE_SETREGS, p->pid, 0, regs) == -1)
		fail("change a call");
}

static void
call(struct process *p)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, p->pid, 0, &regs) == -1)
		return; /* killed meanwhile */
	p->inside = !p->inside;
	if (p->inside) {
		entry(p, &regs);
	} else if (p->failing) {
		p->failing = 0;
		regs.rax = (unsigned long long)-g.error;
		if (ptrace(PTRACE_SETREGS, p->pid, 0, &regs) == -1)
			fail("change a result");
	} else if (p->shorted) {
		restore(p, &regs);
	}
}

/* stopped - look at why; returns the signal to go on with. */
static int
stopped(struct process *p, int status)
{
	int const sig = WSTOPSIG(status);

	switch (status >> 16) {
	case PTRACE_EVENT_EXEC:
		rename_by_exec(p);
		p->inside = 1; /* execve's exit is still to come */
		return 0;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE: adopt(p); return 0;
	case PTRACE_EVENT_STOP: return 0;
	}
	if (sig == (SIGTRAP | 0x80)) {
		call(p);
		return 0;
	}
	return sig == SIGTRAP ? 0 : sig;
}

static void
on_term(int sig)
{
	g.over = sig;
}

static int
follow(pid_t first)
{
	int code = 111;

	while (!g.over) {
		int status;
		pid_t const pid = waitpid(-1, &status, __WALL);

		if (pid == -1 && errno == EINTR)
			continue;
		if (pid == -1)
			break;
		if (WIFSTOPPED(status)) {
			struct process *p = find(pid);

			if (p->adopted)
				resume(p, stopped(p, status));
			else
				p->held = 1;
			continue;
		}
		find(pid)->pid = 0;
		if (pid == first) {
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			break;
		}
	}
	report("count", g.count);
	return code;
}

int
main(int argc, char **argv)
{
	pid_t pid;

	if (argc < 6) {
		fprintf(stderr, "usage: fault WHO N kill|short|ERRNO REPORT COMMAND...\n");
		return 100;
	}
	g.who = argv[1];
	g.target = strtoul(argv[2], 0, 10);
	g.shorten = !strcmp(argv[3], "short");
	g.error = strtol(argv[3], 0, 10);
	g.report = argv[4];
	pid = fork();
	if (pid == -1)
		fail("fork");
	if (!pid) {
		raise(SIGSTOP);
		execvp(argv[5], argv + 5);
		fail(argv[5]);
	}
	if (waitpid(pid, &(int){ 0 }, WUNTRACED) != pid ||
	    ptrace(PTRACE_SEIZE, pid, 0,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
		    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE) == -1)
		fail("follow the command");
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, 0);
	signal(SIGINT, SIG_IGN);
	find(pid)->adopted = 1;
	kill(pid, SIGCONT);
	return follow(pid);
}
