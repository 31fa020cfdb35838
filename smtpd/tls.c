#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "die.h"

#define FACTS_MAX 4096 /* octets of what the TLS process says about the connection */

/* Where one of the three goes; the first can do without the others if TLS is done at once. */
static struct {
	char const *name;
	int to;
} const fds[] = {
	{ "SSLCTLFD", TLS_CTL_FD },
	{ "SSLREADFD", TLS_IN_FD },
	{ "SSLWRITEFD", TLS_OUT_FD },
};

static int ours; /* smtpd-tls is at the other end */
static char why[256];

/* number - of a descriptor, from the environment. */
static int
number(char const *name)
{
	char const *value = getenv(name);
	unsigned int fd;

	if (!value || !uint0_scan(value, &fd) || fd > 65535)
		die_perm("environment variable ", name, " is no descriptor's number");
	return (int)fd;
}

/* keep - a descriptor that is where it should be, from the next program. */
static void
keep(int fd)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		die_temp("use a descriptor for TLS");
}

/* move - a descriptor to where no other of the three can be. */
static int
move(int fd)
{
	int const copy = fcntl(fd, F_DUPFD_CLOEXEC, TLS_OUT_FD + 1);

	if (copy == -1)
		die_temp("use a descriptor for TLS");
	return copy;
}

static void
move_all(int const old[3])
{
	int copy[3];

	for (size_t i = 0; i < 3; i++)
		copy[i] = move(old[i]);
	for (size_t i = 0; i < 3; i++)
		if (old[i] > 2)
			close(old[i]); /* one number may stand for all three: closed once */
	for (size_t i = 0; i < 3; i++) {
		if (dup3(copy[i], fds[i].to, O_CLOEXEC) == -1)
			die_temp("move a descriptor");
		close(copy[i]);
	}
}

enum tls_kind
tls_take(void)
{
	int old[3], placed = 1;

	ours = getenv(TLS_ENV) != 0;
	if (ours && number(TLS_ENV) != TLS_CTL_FD)
		die_perm("environment variable " TLS_ENV " is not as smtpd-tls sets it");
	unsetenv(TLS_ENV);
	if (!getenv("SSLCTLFD")) {
		if (ours)
			keep(TLS_CTL_FD);
		return ours ? TLS_AT_ONCE : TLS_NONE;
	}
	for (size_t i = 0; i < 3; i++) {
		old[i] = number(fds[i].name);
		placed &= old[i] == fds[i].to;
		unsetenv(fds[i].name);
	}
	if (!placed)
		move_all(old);
	else
		for (size_t i = 0; i < 3; i++)
			keep(fds[i].to);
	return TLS_OFFERED;
}

/* facts_size - octets of the facts, which end with an empty one; 0 if they have not ended. */
static size_t
facts_size(char const *facts, size_t len)
{
	char const *end = memmem(facts, len, "\0\0", 2);

	return end ? (size_t)(end - facts) + 2 : 0;
}

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/*
 * read_facts - until they end: 1, or 0 if they do not. Not an octet more is
 * taken: the descriptor may be the one that brings the client's octets next.
 */
static int
read_facts(char facts[FACTS_MAX], size_t *len, unsigned int seconds)
{
	struct pollfd p = { .fd = TLS_CTL_FD, .events = POLLIN };
	time_t const until = now() + seconds;

	*len = 0;
	while (!facts_size(facts, *len)) {
		time_t const left = until - now();
		size_t whole;
		ssize_t n;

		if (*len == FACTS_MAX || left <= 0 || poll(&p, 1, (int)left * 1000) == 0)
			return 0;
		n = recv(TLS_CTL_FD, facts + *len, FACTS_MAX - *len, MSG_PEEK | MSG_DONTWAIT);
		if (n > 0) {
			whole = facts_size(facts, *len + (size_t)n);
			n = read(TLS_CTL_FD, facts + *len, whole ? whole - *len : (size_t)n);
		}
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			return 0;
		if (n > 0)
			*len += (size_t)n;
	}
	return 1;
}

/* fact - the value of one, or null. */
static char const *
fact(char const *facts, size_t len, char const *name)
{
	size_t const namelen = strlen(name);

	for (size_t i = 0; i < len; i += strlen(facts + i) + 1)
		if (!strncmp(facts + i, name, namelen) && facts[i + namelen] == '=')
			return facts + i + namelen + 1;
	return 0;
}

/* fail - keep the reason, if one was said before the facts broke off. Returns 0. */
static int
fail(char facts[FACTS_MAX], size_t len)
{
	char const *text;

	facts[len < FACTS_MAX ? len : FACTS_MAX - 1] = 0;
	text = ours ? fact(facts, len, TLS_ERROR) : 0;
	snprintf(why, sizeof why, "%s", text ? text : "");
	return 0;
}

int
tls_arrive(struct client *c, unsigned int seconds)
{
	char facts[FACTS_MAX];
	struct client_tls t;
	size_t len;

	if (!read_facts(facts, &len, seconds))
		return fail(facts, len);
	t.version = fact(facts, len, "SSL_PROTOCOL");
	t.cipher = fact(facts, len, "SSL_CIPHER");
	t.sni = fact(facts, len, "SSL_TLS_SNI_SERVERNAME");
	t.hash = fact(facts, len, "SSL_PEER_CERT_HASH");
	t.subject = fact(facts, len, "SSL_PEER_CERT_SUBJECT");
	t.exporter = fact(facts, len, "TLS_EXPORTER");
	t.endpoint = fact(facts, len, "TLS_SERVER_END_POINT");
	client_set_tls(c, &t);
	return 1;
}

/* order - one octet to the process that does TLS: 1, or 0 it is gone. */
static int
order(char what)
{
	ssize_t n;

	do
		n = write(TLS_CTL_FD, &what, 1);
	while (n == -1 && errno == EINTR);
	return n == 1;
}

int
tls_start(struct client *c, unsigned int seconds)
{
	return order(TLS_START_FACTS) && tls_arrive(c, seconds);
}

int
tls_ready(unsigned int seconds)
{
	struct pollfd p = { .fd = TLS_CTL_FD, .events = POLLIN };
	char answer = 0;

	if (!ours)
		return 1;
	return order(TLS_ASK) && poll(&p, 1, (int)seconds * 1000) == 1 &&
	       read(TLS_CTL_FD, &answer, 1) == 1 && answer == *TLS_YES;
}

char const *
tls_why(void)
{
	return why;
}
