/*
 * admin - what the programs that an admin runs (deliver-users, deliver-aliases, control-check)
 * cannot do once they read. They never rest, so each call is tried in a process of its own
 * that has entered the program's sandbox. Writes TAP.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"

extern struct sandbox_policy const deliver_users_policy, deliver_aliases_policy,
    control_check_policy;

static char inside[] = "/tmp/admin-inside.XXXXXX", outside[] = "/tmp/admin-outside.XXXXXX";
static int inside_fd, outside_fd;

enum expected { KILLED, REFUSED, ALLOWED };

struct attempt {
	char const *name;
	int (*call)(void); /* the result of a system call */
};

static int
run_program(void)
{
	static char name[] = "true";
	char *const argv[] = { name, 0 };

	return execve("/bin/true", argv, 0);
}

static int
make_process(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int
signal_parent(void)
{
	return kill(getppid(), 0);
}

static int
trace_parent(void)
{
	return (int)ptrace(PTRACE_ATTACH, getppid(), 0, 0);
}

static int
become_root(void)
{
	return setuid(0);
}

static int
mount_something(void)
{
	return mount("none", "/tmp", "tmpfs", 0, 0);
}

static int
run_memory(void)
{
	return mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED
		   ? -1
		   : 0;
}

static int
open_to_read(void)
{
	return openat(AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static int
open_to_write(void)
{
	return openat(outside_fd, "file", O_WRONLY);
}

static int
open_to_create(void)
{
	return openat(inside_fd, "new", O_RDONLY | O_CREAT, 0600);
}

static int
rename_inside(void)
{
	return renameat(inside_fd, "file", inside_fd, "renamed");
}

static int
rename_out(void)
{
	return renameat(inside_fd, "file", outside_fd, "renamed");
}

static int
remove_outside(void)
{
	return unlinkat(outside_fd, "file", 0);
}

static struct attempt const never[] = {
	{ "run a program", run_program },
	{ "fork", make_process },
	{ "make a socket", make_socket },
	{ "signal its parent", signal_parent },
	{ "trace its parent", trace_parent },
	{ "become root", become_root },
	{ "mount", mount_something },
	{ "map memory to run", run_memory },
	{ "open a file for writing", open_to_write },
	{ "create a file", open_to_create },
};

/* What differs. */
static struct {
	struct attempt what;
	enum expected users, aliases, check;
} const some[] = {
	{ { "open a file for reading", open_to_read }, KILLED, ALLOWED, ALLOWED },
	{ { "rename a file out of its directory", rename_out }, REFUSED, REFUSED, KILLED },
	{ { "remove a file elsewhere", remove_outside }, REFUSED, REFUSED, KILLED },
	{ { "rename a file in its directory", rename_inside }, ALLOWED, ALLOWED, KILLED },
};

static int number, failed;

/* enter - the sandbox that the program of this policy closes. */
static void
enter(struct sandbox_policy const *policy)
{
	struct sandbox_tree const trees[] = {
		{ inside_fd, LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE },
		{ open("/", O_PATH | O_DIRECTORY),
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR },
	};

	if (policy == &control_check_policy)
		sandbox_enter(policy, trees + 1, 1);
	else
		sandbox_enter(policy, trees, policy == &deliver_users_policy ? 1 : 2);
}

static enum expected
outcome(int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? ALLOWED : REFUSED;
}

static void
try(char const *program, struct sandbox_policy const *policy, struct attempt const *a,
    enum expected want)
{
	static char const *const words[] = { "is killed", "is refused", "is allowed" };
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		enter(policy);
		_exit(a->call() == -1 ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	number++;
	if (outcome(status) != want) {
		failed = 1;
		printf("not ");
	}
	printf("ok %d - %s: %s: %s\n", number, program, a->name, words[want]);
	fflush(stdout);
}

static void
make_file(int dir)
{
	int fd = openat(dir, "file", O_WRONLY | O_CREAT, 0600);

	if (fd == -1)
		exit(1);
	close(fd);
}

static void
prepare(char *path, int *fd)
{
	if (!mkdtemp(path) || (*fd = open(path, O_RDONLY | O_DIRECTORY)) == -1)
		exit(1);
	make_file(*fd);
}

static void
tidy(char const *path, int fd)
{
	unlinkat(fd, "file", 0);
	unlinkat(fd, "renamed", 0);
	rmdir(path);
}

int
main(void)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	prepare(inside, &inside_fd);
	prepare(outside, &outside_fd);
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		try("deliver-users", &deliver_users_policy, never + i, KILLED);
		try("deliver-aliases", &deliver_aliases_policy, never + i, KILLED);
		try("control-check", &control_check_policy, never + i, KILLED);
	}
	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		try("deliver-users", &deliver_users_policy, &some[i].what, some[i].users);
		make_file(inside_fd);
		try("deliver-aliases", &deliver_aliases_policy, &some[i].what, some[i].aliases);
		make_file(inside_fd);
		try("control-check", &control_check_policy, &some[i].what, some[i].check);
	}
	tidy(inside, inside_fd);
	tidy(outside, outside_fd);
	printf("1..%d\n", number);
	return failed;
}
