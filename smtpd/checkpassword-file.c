/* checkpassword-file - judge a password by a file of hashes; see checkpassword-file.8 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"
#include "config.h"
#include "die.h"
#include "log.h"
#include "passwords.h"
#include "pwhash.h"
#include "sandbox.h"

#define USAGE       "checkpassword-file [-f file] program [argument ...]"
#define PASSWORD_FD 3
#define INPUT_MAX   512 /* octets that a checkpassword program reads */

/* What checkpassword programs exit with. */
enum { WRONG = 1, MISUSED = 2 };

extern struct sandbox_policy const checkpassword_file_policy;

static char input[INPUT_MAX + 1]; /* login NUL password NUL, and what else there is */
static size_t inputlen;

/* read_input - 1, or 0 it is not what it should be. */
static int
read_input(void)
{
	ssize_t n;

	while (inputlen <= INPUT_MAX) {
		n = read(PASSWORD_FD, input + inputlen, sizeof input - inputlen);
		if (n == -1 && errno != EINTR)
			return 0;
		if (!n)
			break;
		if (n > 0)
			inputlen += (size_t)n;
	}
	close(PASSWORD_FD);
	return inputlen <= INPUT_MAX && inputlen && !input[inputlen - 1];
}

/* password_of - behind the login; null if there is none. */
static char const *
password_of(void)
{
	size_t const login = strlen(input) + 1;

	return login < inputlen ? input + login : 0;
}

/* judge - in a process of its own, which has nothing but the open file. */
static _Noreturn void
judge(int file, char const *name)
{
	static stralloc text = STRALLOC_ZERO;
	char hash[PASSWORDS_HASH_MAX];
	char const *const password = password_of();
	char const *why = 0;
	int r, found;

	sandbox_enter(&checkpassword_file_policy, 0, 0);
	r = passwords_read(file, &text, &why);
	if (r == -1)
		die_temp("read ", name);
	if (!r)
		die_log(EXIT_TEMP, 0, name, ": ", why, (char const *)0);
	found = passwords_find(hash, text.s, text.len, input);
	r = pwhash_check(hash, password);
	if (r == PWHASH_UNKNOWN && found)
		die_log(EXIT_TEMP, 0, name, ": the hash of ", input, " is of no kind known here",
		    (char const *)0);
	_exit(r == PWHASH_RIGHT && found ? EXIT_DONE : WRONG);
}

/* ask - what that process says. */
static int
ask(int file, char const *name)
{
	pid_t pid;
	int code;

	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	if (!pid)
		judge(file, name);
	while (waitpid(pid, &code, 0) == -1)
		if (errno != EINTR)
			die_temp("wait");
	return WIFEXITED(code) ? WEXITSTATUS(code) : EXIT_TEMP;
}

int
main(int argc, char **argv)
{
	char const *name = CONF_CONFDIR "/control/" PASSWORDS_FILE;
	int file, c, code;

	log_open("checkpassword-file");
	opterr = 0;
	while ((c = getopt(argc, argv, "+f:")) != -1) {
		if (c != 'f')
			die_log((enum exit_code)MISUSED, 0, "usage: " USAGE, (char const *)0);
		name = optarg;
	}
	if (optind == argc || fcntl(PASSWORD_FD, F_GETFD) == -1)
		die_log((enum exit_code)MISUSED, 0, "usage: " USAGE, (char const *)0);
	file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file == -1)
		die_temp("open ", name);
	if (!read_input() || !password_of())
		die_log((enum exit_code)MISUSED, 0, "descriptor 3 has no login and password",
		    (char const *)0);
	code = ask(file, name);
	explicit_bzero(input + strlen(input), sizeof input - strlen(input));
	if (code)
		return code;
	if (setenv("USER", input, 1) == -1)
		die_nomem();
	chain_exec((char const *const *)argv + optind);
}
