#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "die.h"

#define PASSWORD_FD 3
#define MISUSED     2 /* what checkpassword programs exit with then */

extern char **environ;

enum attempt_result
attempt_judge(int code)
{
	if (!WIFEXITED(code))
		return ATTEMPT_TROUBLE;
	switch (WEXITSTATUS(code)) {
	case 0: return ATTEMPT_RIGHT;
	case MISUSED:
	case EXIT_TEMP:
	case 126: /* as shells say that a program cannot be run */
	case 127: return ATTEMPT_TROUBLE;
	default: return ATTEMPT_WRONG;
	}
}

/* put_together - what the program reads: its length, or 0 if it is too much. */
static size_t
put_together(char to[ATTEMPT_MAX], char const *login, char const *password)
{
	char when[24];
	size_t const loginlen = strlen(login) + 1, passwordlen = strlen(password) + 1;
	size_t const whenlen = (size_t)snprintf(when, sizeof when, "%lld", (long long)time(0)) + 1;

	if (loginlen > ATTEMPT_MAX || passwordlen > ATTEMPT_MAX ||
	    loginlen + passwordlen + whenlen > ATTEMPT_MAX)
		return 0;
	memcpy(to, login, loginlen);
	memcpy(to + loginlen, password, passwordlen);
	memcpy(to + loginlen + passwordlen, when, whenlen);
	return loginlen + passwordlen + whenlen;
}

/* become - the program, in the new process; its session of its own ends with it. */
static _Noreturn void
become(char const *const *words, int password)
{
	char path[4096];
	char const *all[ATTEMPT_WORDS + 2];
	size_t n = 0;
	int null;

	while (n < ATTEMPT_WORDS && words[n]) {
		all[n] = words[n];
		n++;
	}
	all[n++] = "/bin/true";
	all[n] = 0;
	setsid();
	signal(SIGPIPE, SIG_DFL);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null != -1 && dup2(null, 0) != -1 && dup2(null, 1) != -1 &&
	    (password == PASSWORD_FD ? fcntl(password, F_SETFD, 0) : dup2(password, PASSWORD_FD)) !=
		-1 &&
	    !close_range(PASSWORD_FD + 1, ~0U, 0) && chain_path(path, sizeof path, words[0]))
		execvpe(path, (char *const *)all, environ);
	_exit(127);
}

/* wait_for - its end, or the end of its time: 1, 0 it was killed; or -1 its end is not known. */
static int
wait_for(pid_t pid, unsigned int seconds, int *code)
{
	struct pollfd x = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int in_time;
	pid_t ended;

	do
		in_time = x.fd == -1 || poll(&x, 1, (int)seconds * 1000);
	while (in_time == -1 && errno == EINTR);
	if (!in_time) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	do
		ended = waitpid(pid, code, 0);
	while (ended == -1 && errno == EINTR);
	if (x.fd != -1)
		close(x.fd);
	return ended == -1 ? -1 : in_time != 0;
}

static enum attempt_result
judge(pid_t pid, unsigned int seconds, char const **why)
{
	static char text[64];
	enum attempt_result result;
	int code, r;

	r = wait_for(pid, seconds, &code);
	*why = r ? "the end of the checkpassword program is not known"
		 : "the checkpassword program took too long";
	if (r != 1)
		return ATTEMPT_TROUBLE;
	result = attempt_judge(code);
	snprintf(text, sizeof text, "the checkpassword program %s %d",
	    WIFSIGNALED(code) ? "was killed by signal" : "exited",
	    WIFSIGNALED(code) ? WTERMSIG(code) : WEXITSTATUS(code));
	*why = text;
	return result;
}

enum attempt_result
attempt_run(char const *const *words, char const *login, char const *password, unsigned int seconds,
    char const **why)
{
	char text[ATTEMPT_MAX];
	size_t const len = put_together(text, login, password);
	int fd[2];
	pid_t pid;

	if (!len)
		return ATTEMPT_WRONG;
	*why = "unable to make a pipe or a process";
	if (pipe2(fd, O_CLOEXEC) == -1) {
		explicit_bzero(text, sizeof text);
		return ATTEMPT_TROUBLE;
	}
	/* a pipe holds more than that */
	pid = write(fd[1], text, len) == (ssize_t)len ? 0 : -1;
	explicit_bzero(text, sizeof text);
	close(fd[1]);
	if (!pid)
		pid = fork();
	if (!pid)
		become(words, fd[0]);
	close(fd[0]);
	return pid == -1 ? ATTEMPT_TROUBLE : judge(pid, seconds, why);
}
