#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dovecot.h"
#include "passwords.h"
#include "sasl.h"

#define WHY_MAX 200

/* What goes to the runner, and comes back. */
struct question {
	char login[SASL_NAME_MAX];
	char password[SASL_NAME_MAX];
};

struct verdict {
	enum attempt_result result;
	char why[WHY_MAX];
};

/* ask_runner - the process that is root, which trusts no length of ours. */
static enum attempt_result
ask_runner(struct keeper const *k, char const *password, char const **why)
{
	static struct verdict v;
	struct question q = { 0 };
	ssize_t n = -1;

	snprintf(q.login, sizeof q.login, "%s", k->login);
	snprintf(q.password, sizeof q.password, "%s", password);
	*why = "the process that runs the checkpassword program is gone";
	if (send(k->runner, &q, sizeof q, MSG_NOSIGNAL) == sizeof q)
		do
			n = recv(k->runner, &v, sizeof v, 0);
		while (n == -1 && errno == EINTR);
	explicit_bzero(&q, sizeof q);
	if (n != sizeof v)
		return ATTEMPT_TROUBLE;
	v.why[sizeof v.why - 1] = 0;
	*why = v.why;
	return v.result;
}

void
backend_runner(int fd, char const *const *words)
{
	static struct question q;
	ssize_t n;

	for (;;) {
		struct verdict v = { ATTEMPT_WRONG, "" };
		char const *why = "";

		do
			n = recv(fd, &q, sizeof q, 0);
		while (n == -1 && errno == EINTR);
		if (n != sizeof q)
			return;
		q.login[sizeof q.login - 1] = q.password[sizeof q.password - 1] = 0;
		if (sasl_is_name(q.login))
			v.result = attempt_run(words, q.login, q.password, ATTEMPT_SECONDS, &why);
		explicit_bzero(&q, sizeof q);
		snprintf(v.why, sizeof v.why, "%s", why);
		if (send(fd, &v, sizeof v, MSG_NOSIGNAL) == -1)
			return;
	}
}

enum attempt_result
backend_check(struct keeper *k, char const *password, char const **why)
{
	if (k->dovecot)
		return dovecot_check(k->dovecot, k->login, sizeof k->login, password, k->ip, why);
	if (k->runner != -1)
		return ask_runner(k, password, why);
	return attempt_run(k->words, k->login, password, ATTEMPT_SECONDS, why);
}

int
backend_keys(struct keeper *k, char const **why)
{
	int const fd = open(k->keys, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	stralloc text = STRALLOC_ZERO;
	int r = fd == -1 ? -1 : passwords_read(fd, &text, why);

	if (r == -1)
		*why = strerrordesc_np(errno);
	if (r == 1)
		r = passwords_keys(&k->scram, text.s, text.len, k->login);
	else
		r = -1;
	if (text.s)
		explicit_bzero(text.s, text.a);
	stralloc_free(&text);
	if (fd != -1)
		close(fd);
	return r;
}
