#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "die.h"

#define FACTS_MAX 4096 /* octets of what the TLS process says about the connection */

static struct {
	char const *name;
	int to;
} const fds[] = {
	{ "SSLCTLFD", TLS_CTL_FD },
	{ "SSLREADFD", TLS_IN_FD },
	{ "SSLWRITEFD", TLS_OUT_FD },
};

/* move - a descriptor to where no other of the three can be, then all to their places. */
static unsigned int
move(char const *name)
{
	char const *value = getenv(name);
	unsigned int fd;
	int copy;

	if (!value || !uint0_scan(value, &fd) || fd > 65535)
		die_perm("environment variable ", name, " is no descriptor's number");
	copy = fcntl((int)fd, F_DUPFD_CLOEXEC, TLS_OUT_FD + 1);
	if (copy == -1)
		die_temp("use the descriptor of ", name);
	return (unsigned int)copy;
}

int
tls_take(void)
{
	unsigned int copy[3], old;

	if (!getenv("SSLCTLFD"))
		return 0;
	for (size_t i = 0; i < 3; i++)
		copy[i] = move(fds[i].name);
	for (size_t i = 0; i < 3; i++)
		if (uint0_scan(getenv(fds[i].name), &old) && old > 2)
			close((int)old); /* one number may stand for all three: closed once */
	for (size_t i = 0; i < 3; i++) {
		if (dup3((int)copy[i], fds[i].to, O_CLOEXEC) == -1)
			die_temp("move a descriptor");
		close((int)copy[i]);
		unsetenv(fds[i].name);
	}
	return 1;
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
 * read_facts - until they end: their length, or 0 if they do not. Not an octet more is
 * taken: the descriptor may be the one that brings the client's octets next.
 */
static size_t
read_facts(char facts[FACTS_MAX], unsigned int seconds)
{
	struct pollfd p = { .fd = TLS_CTL_FD, .events = POLLIN };
	time_t const until = now() + seconds;
	size_t len = 0;

	while (!facts_size(facts, len)) {
		time_t const left = until - now();
		size_t whole;
		ssize_t n;

		if (len == FACTS_MAX || left <= 0 || poll(&p, 1, (int)left * 1000) == 0)
			return 0;
		n = recv(TLS_CTL_FD, facts + len, FACTS_MAX - len, MSG_PEEK | MSG_DONTWAIT);
		if (n > 0) {
			whole = facts_size(facts, len + (size_t)n);
			n = read(TLS_CTL_FD, facts + len, whole ? whole - len : (size_t)n);
		}
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			return 0;
		if (n > 0)
			len += (size_t)n;
	}
	return len;
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

int
tls_start(struct client *c, unsigned int seconds)
{
	char facts[FACTS_MAX];
	size_t len;
	ssize_t n;

	do
		n = write(TLS_CTL_FD, "Y", 1);
	while (n == -1 && errno == EINTR);
	len = n == 1 ? read_facts(facts, seconds) : 0;
	if (!len)
		return 0;
	client_set_tls(c, fact(facts, len, "SSL_PROTOCOL"), fact(facts, len, "SSL_CIPHER"));
	return 1;
}
