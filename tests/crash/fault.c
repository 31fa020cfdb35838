/*
 * fault - run a command, and let one system call of one of its processes go wrong.
 *
 * usage: fault WHO N kill|ERRNO REPORT COMMAND...
 *
 * WHO is a program's name (as execve's file has it, without its folders); "name+" means
 * what such a process forked without an exec. System calls are counted over all
 * processes that are WHO, from the exec (or fork) on, beginning with 1. At call N
 * the process is killed before the call, or the call is not made and fails with
 * the number ERRNO. N of 0 only counts. REPORT is a file that is written at
 * once when it happens: "hit CALL", and at the end "count CALLS". Ends when the
 * command ends, with its exit code (or 128 and the signal); what is left of the
 * processes lives on, untraced, unless it was killed.
 *
 * A call that shall fail becomes restart_syscall, which every sandbox allows and
 * which does nothing when there is nothing to restart: changing it to no call at
 * all would be seen, and punished, by the seccomp filter.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 512
#define NAME_SIZE     64

struct process {
	pid_t pid; /* 0: a free slot */
	char name[NAME_SIZE];
	int inside;  /* it is between entry and exit of a call */
	int failing; /* this call is the one */
};

static struct {
	char const *who;
	unsigned long target;
	long error; /* 0: kill */
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

	if (!f)
		fail("write the report");
	fprintf(f, "%s %lu\n", what, number);
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

/* adopt - a new child; it may have stopped before its parent told of it. */
static void
adopt(struct process const *parent)
{
	unsigned long child;
	char name[NAME_SIZE];

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &child) == -1)
		return;
	memcpy(name, parent->name, sizeof name);
	if (*name && name[strlen(name) - 1] != '+' && strlen(name) < NAME_SIZE - 1)
		strcat(name, "+");
	memcpy(find((pid_t)child)->name, name, sizeof name);
}

static void
entry(struct process *p, struct user_regs_struct *regs)
{
	if (strcmp(p->name, g.who) != 0 || ++g.count != g.target)
		return;
	report("hit", (unsigned long)regs->orig_rax);
	if (!g.error) {
		kill(p->pid, SIGKILL);
		return;
	}
	p->failing = 1;
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

static int
follow(pid_t first)
{
	int code = 111;

	for (;;) {
		int status;
		pid_t const pid = waitpid(-1, &status, __WALL);

		if (pid == -1 && errno == EINTR)
			continue;
		if (pid == -1)
			break;
		if (WIFSTOPPED(status)) {
			struct process *p = find(pid);
			int const sig = stopped(p, status);

			ptrace(PTRACE_SYSCALL, pid, 0, sig);
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
		fprintf(stderr, "usage: fault WHO N kill|ERRNO REPORT COMMAND...\n");
		return 100;
	}
	g.who = argv[1];
	g.target = strtoul(argv[2], 0, 10);
	g.error = strcmp(argv[3], "kill") != 0 ? strtol(argv[3], 0, 10) : 0;
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
	/* The command's signals are its own business. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	kill(pid, SIGCONT);
	return follow(pid);
}
