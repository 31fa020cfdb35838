/*
 * unit tests of lib/sandbox: what holds after sandbox_enter, with filters made by hand.
 * What each program's own table allows is seen in tests/sandbox, in running programs.
 */
#include "sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "die.h"

#define LOAD_CALL BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define LET(call)                                                                                  \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1),                                         \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static struct sock_filter few_code[] = { LOAD_CALL, LET(SYS_exit_group), LET(SYS_getppid), KILL };
static struct sock_filter all_code[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
static struct sandbox_filter const few_filter = { few_code, sizeof few_code / sizeof *few_code };
static struct sandbox_filter const all_filter = { all_code, 1 };
static struct sandbox_filter const no_filter = { all_code, 0 };

static struct sandbox_limit const limits[] = { { RLIMIT_NOFILE, 20 }, { RLIMIT_FSIZE, 4096 } };

static struct sandbox_policy const few = { "few", 0, 0, 0, 0, &few_filter };
static struct sandbox_policy const all = { "all", 0, 0, limits, 2, &all_filter };
static struct sandbox_policy const broken = { "broken", 0, 0, 0, 0, &no_filter };

static char dir[] = "/tmp/sandbox-test-XXXXXX";
static char inside[64];

/* run - what in a child; its exit code, or 1000 + the signal that ended it. */
static int
run(void (*what)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (!pid) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void
want(int is_so, int code)
{
	if (!is_so)
		_exit(code);
}

static void
allowed_call(void)
{
	sandbox_enter(&few, 0, 0);
	want(getppid() > 0, 1);
}

static void
other_call(void)
{
	sandbox_enter(&few, 0, 0);
	(void)syscall(SYS_getuid);
}

static void
unknown_call(void)
{
	sandbox_enter(&few, 0, 0);
	(void)syscall(100000);
}

static void
only_what_is_listed(void **state)
{
	(void)state;
	assert_int_equal(run(allowed_call), 0);
	assert_int_equal(run(other_call), 1000 + SIGSYS);
	assert_int_equal(run(unknown_call), 1000 + SIGSYS);
}

static void
state_of_process(void)
{
	struct rlimit limit;

	sandbox_enter(&all, 0, 0);
	want(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, 1);
	want(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2, 2);
	getrlimit(RLIMIT_NOFILE, &limit);
	want(limit.rlim_cur == 20 && limit.rlim_max == 20, 3);
	getrlimit(RLIMIT_FSIZE, &limit);
	want(limit.rlim_cur == 4096 && limit.rlim_max == 4096, 4);
}

/* Whoever started us with less keeps us there: it is no reason to stop. */
static void
lower_limit_stays(void)
{
	struct rlimit limit = { 10, 10 };

	setrlimit(RLIMIT_NOFILE, &limit);
	want(!setresgid(65534, 65534, 65534) && !setresuid(65534, 65534, 65534), 1);
	sandbox_enter(&all, 0, 0);
	getrlimit(RLIMIT_NOFILE, &limit);
	want(limit.rlim_cur == 10 && limit.rlim_max == 10, 2);
	getrlimit(RLIMIT_FSIZE, &limit);
	want(limit.rlim_cur == 4096, 3);
}

/* A limit of just the descriptors that a program has is none for closing the sandbox. */
static void
no_descriptor_to_spare(void)
{
	static struct sandbox_limit const none_left[] = { { RLIMIT_NOFILE, 3 } };
	static struct sandbox_policy const tight = { "tight", 0, 0, none_left, 1, &all_filter };

	close_range(3, ~0U, 0);
	sandbox_enter(&tight, 0, 0);
	want(dup(0) == -1 && errno == EMFILE, 1);
}

static void
no_way_back(void)
{
	sandbox_enter(&all, 0, 0);
	want(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == -1, 1);
	sandbox_enter(&few, 0, 0); /* more can be given up, */
	(void)syscall(SYS_getuid); /* and that counts */
}

static void
holds(void **state)
{
	(void)state;
	assert_int_equal(run(state_of_process), 0);
	assert_int_equal(run(no_descriptor_to_spare), 0);
	if (getuid())
		skip();
	assert_int_equal(run(lower_limit_stays), 0);
	assert_int_equal(run(no_way_back), 1000 + SIGSYS);
}

static void
refused(int result, int code)
{
	want(result == -1 && (errno == EACCES || errno == EPERM), code);
}

/* With no tree, nothing that has a path can be reached, seccomp allowing it or not. */
static void
no_tree(void)
{
	int const open_before = open(inside, O_RDWR);
	char c;

	sandbox_enter(&all, 0, 0);
	refused(open(inside, O_RDONLY), 1);
	refused(open("/dev/null", O_WRONLY), 2);
	refused(open("/", O_RDONLY | O_DIRECTORY), 3);
	refused(open(dir, O_RDWR | O_TMPFILE, 0600), 4);
	refused(unlink(inside), 5);
	refused(mkdir("/tmp/sandbox-test-dir", 0700), 6);
	refused(rename(inside, "/tmp/sandbox-test-2"), 7);
	refused(link(inside, "/tmp/sandbox-test-3"), 8);
	refused(symlink("x", "/tmp/sandbox-test-4"), 9);
	refused(execl("/bin/true", "true", (char *)0), 10);
	want(read(open_before, &c, 1) == 1, 11); /* what was open stays usable */
}

/* A tree: these rights there, and nothing elsewhere. */
static void
one_tree(void)
{
	struct sandbox_tree const tree = { open(dir, O_PATH | O_DIRECTORY),
		LANDLOCK_ACCESS_FS_READ_FILE };

	sandbox_enter(&all, &tree, 1);
	want(open(inside, O_RDONLY) != -1, 1);
	refused(open(inside, O_WRONLY), 2);
	refused(unlink(inside), 3);
	refused(open("/etc/passwd", O_RDONLY), 4);
	refused(open(dir, O_RDONLY | O_DIRECTORY), 5);
}

/* As queue-inject has it: make a nameless file, name it; never read, never remove. */
static void
write_only_tree(void)
{
	struct sandbox_tree const tree = { open(dir, O_PATH | O_DIRECTORY),
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG };
	char path[64];
	int fd;

	sandbox_enter(&all, &tree, 1);
	fd = openat(tree.fd, ".", O_WRONLY | O_TMPFILE, 0600);
	want(fd != -1 && write(fd, "x", 1) == 1 && !fsync(fd), 1);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	want(!linkat(AT_FDCWD, path, tree.fd, "new", AT_SYMLINK_FOLLOW), 2);
	refused(openat(tree.fd, "new", O_RDONLY), 3);
	refused(openat(tree.fd, "inside", O_RDONLY), 4);
	refused(unlinkat(tree.fd, "new", 0), 5);
	refused(renameat(tree.fd, "new", tree.fd, "other"), 6);
}

/* TCP is closed where the kernel's Landlock knows it (ABI 4); older ones leave it to seccomp. */
static void
no_tcp(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) }
	};
	long const abi = syscall(SYS_landlock_create_ruleset, 0, 0, 1U);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sandbox_enter(&all, 0, 0);
	if (abi < 4)
		return;
	refused(connect(fd, (struct sockaddr *)&to, sizeof to), 1);
	to.sin_port = 0;
	to.sin_port = htons(60025);
	refused(bind(fd, (struct sockaddr *)&to, sizeof to), 2);
}

/* The ports that a program names stay open for connect, and only for that. */
static void
one_port(void)
{
	uint16_t const port = 9;
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	long const abi = syscall(SYS_landlock_create_ruleset, 0, 0, 1U);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sandbox_enter_ports(&all, 0, 0, &port, 1);
	want(connect(fd, (struct sockaddr *)&to, sizeof to) != -1 || errno == ECONNREFUSED, 1);
	if (abi < 4)
		return;
	to.sin_port = htons(10);
	refused(connect(fd, (struct sockaddr *)&to, sizeof to), 2);
	to.sin_port = htons(port);
	refused(bind(fd, (struct sockaddr *)&to, sizeof to), 3);
}

static void
paths_are_closed(void **state)
{
	(void)state;
	assert_int_equal(run(no_tree), 0);
	assert_int_equal(run(one_tree), 0);
	assert_int_equal(run(write_only_tree), 0);
	assert_int_equal(run(no_tcp), 0);
	assert_int_equal(run(one_port), 0);
}

static void
bad_filter(void)
{
	sandbox_enter(&broken, 0, 0);
}

static void
bad_tree(void)
{
	struct sandbox_tree const tree = { 77, LANDLOCK_ACCESS_FS_READ_FILE };

	sandbox_enter(&all, &tree, 1);
}

/* No file system below it gives rights: an old mistake would be to go on. */
static void
bad_rights(void)
{
	struct sandbox_tree const tree = { open(dir, O_PATH | O_DIRECTORY), 1ULL << 60 };

	sandbox_enter(&all, &tree, 1);
}

static void
never_half_closed(void **state)
{
	int const kept = dup(2), null = open("/dev/null", O_WRONLY);

	(void)state;
	dup2(null, 2);
	assert_int_equal(run(bad_filter), EXIT_TEMP);
	assert_int_equal(run(bad_tree), EXIT_TEMP);
	assert_int_equal(run(bad_rights), EXIT_TEMP);
	dup2(kept, 2);
	close(kept);
	close(null);
}

static int
make_files(void **state)
{
	int fd;

	(void)state;
	if (!mkdtemp(dir) || chmod(dir, 0777))
		return -1;
	snprintf(inside, sizeof inside, "%s/inside", dir);
	fd = open(inside, O_WRONLY | O_CREAT, 0666);
	return fd == -1 || write(fd, "x", 1) != 1 || close(fd) ? -1 : 0;
}

static int
remove_files(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "%s/new", dir);
	unlink(path);
	unlink(inside);
	return rmdir(dir);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(only_what_is_listed),
		cmocka_unit_test(holds),
		cmocka_unit_test(paths_are_closed),
		cmocka_unit_test(never_half_closed),
	};

	return cmocka_run_group_tests_name("lib/sandbox", tests, make_files, remove_files);
}
