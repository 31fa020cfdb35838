#include "parser.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth.h"
#include "base64.h"
#include "die.h"
#include "sandbox.h"
#include "sasl.h"

#define KEEPER 3 /* the socket, in this process: the policy names it */

extern struct sandbox_policy const smtpd_auth_policy;

static struct sasl sasl;
static char packet[AUTH_PACKET_MAX];

/* ---- the process itself */

static void
say(enum parser_says type, char const *text, size_t len, char const *more, size_t morelen)
{
	static char out[1 + SASL_DIGEST + SASL_TEXT_MAX + 2 * SASL_NAME_MAX];

	out[0] = (char)type;
	memcpy(out + 1, text, len);
	memcpy(out + 1 + len, more, morelen);
	if (send(KEEPER, out, 1 + len + morelen, MSG_NOSIGNAL) == -1)
		_exit(EXIT_TEMP);
}

static void
report(enum sasl_what what)
{
	size_t const login = strlen(sasl.login) + 1;

	switch (what) {
	case SASL_CHALLENGE: say(PARSER_CHALLENGE, sasl.text, sasl.len, "", 0); break;
	case SASL_CHECK:
		say(PARSER_CHECK, sasl.login, login, sasl.password, strlen(sasl.password) + 1);
		break;
	case SASL_KEYS: say(PARSER_KEYS, sasl.login, login, "", 0); break;
	case SASL_PROOF: say(PARSER_PROOF, sasl.proof, SASL_DIGEST, sasl.text, sasl.len); break;
	case SASL_DONE: say(PARSER_DONE, "", 0, "", 0); break;
	case SASL_WRONG: say(PARSER_WRONG, sasl.login, login, "", 0); break;
	case SASL_DOWNGRADED: say(PARSER_DOWNGRADED, sasl.login, login, "", 0); break;
	case SASL_TYPELESS: say(PARSER_TYPELESS, sasl.login, login, "", 0); break;
	case SASL_UNBOUND: say(PARSER_UNBOUND, sasl.login, login, "", 0); break;
	case SASL_UNKNOWN: say(PARSER_UNKNOWN, "", 0, "", 0); break;
	default: say(PARSER_NONSENSE, "", 0, "", 0);
	}
}

static enum sasl_what
begin(char const *text, size_t len, int scram)
{
	char random[SASL_OWN_NONCE / 4 * 3], nonce[SASL_OWN_NONCE];

	if (getrandom(random, sizeof random, 0) != sizeof random)
		_exit(EXIT_TEMP);
	base64_encode(nonce, random, sizeof random);
	return sasl_begin(&sasl, text, len, nonce, scram);
}

static enum sasl_what
salt(char const *text, size_t len)
{
	char const *const nul = memchr(text, 0, len);

	if (!nul)
		return SASL_NONSENSE;
	return sasl_salt(
	    &sasl, nul + 1, len - 1 - (size_t)(nul - text), (uint32_t)strtoul(text, 0, 10));
}

static enum sasl_what
step(size_t len, int scram)
{
	char const *const text = packet + 1;

	switch (*packet) {
	case AUTH_BEGIN: return begin(text, len - 1, scram);
	case AUTH_GO: return sasl_go(&sasl, text, len - 1);
	case PARSER_SALT: return salt(text, len - 1);
	case PARSER_SIGNED:
		return len - 1 == SASL_DIGEST ? sasl_signature(&sasl, text) : SASL_NONSENSE;
	default: return SASL_NONSENSE;
	}
}

static _Noreturn void
be_parser(int fd, int scram)
{
	ssize_t n;

	if (dup2(fd, KEEPER) == -1 || close_range(KEEPER + 1, ~0U, 0) == -1)
		_exit(EXIT_TEMP);
	prctl(PR_SET_NAME, "smtpd-auth-sasl");
	sandbox_enter(&smtpd_auth_policy, 0, 0);
	while ((n = recv(KEEPER, packet, sizeof packet, 0)) > 0)
		report(step((size_t)n, scram));
	_exit(EXIT_DONE);
}

/* ---- and who starts it */

pid_t
parser_start(int scram)
{
	struct timeval const limit = { .tv_sec = PARSER_WAIT };
	int fd[2];
	pid_t pid = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		return -1;
	if (fd[1] == PARSER_FD) {
		fd[1] = fd[0];
		fd[0] = PARSER_FD;
	}
	if ((fd[0] == PARSER_FD || dup3(fd[0], PARSER_FD, O_CLOEXEC) != -1) &&
	    setsockopt(PARSER_FD, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != -1)
		pid = fork();
	if (!pid)
		be_parser(fd[1], scram);
	close(fd[1]);
	if (fd[0] != PARSER_FD)
		close(fd[0]);
	if (pid == -1)
		close(PARSER_FD);
	return pid;
}

void
parser_end(pid_t pid)
{
	close(PARSER_FD);
	kill(pid, SIGKILL);
	while (waitpid(pid, 0, 0) == -1 && errno == EINTR)
		;
}
