#include "store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/types.h>

static char const *
set_path(struct store *s, char const *path)
{
	struct sockaddr_un *to = (struct sockaddr_un *)&s->to;

	if (strlen(path) >= sizeof to->sun_path)
		return "the path is too long for a socket";
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, path, strlen(path) + 1);
	s->len = sizeof *to;
	return 0;
}

/* set_address - from digits: 1, or 0 if they are none. */
static int
set_address(struct store *s, char const *text, unsigned int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&s->to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s->to;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		s->len = sizeof *v4;
		return 1;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		s->len = sizeof *v6;
		return 1;
	}
	return 0;
}

/* next_word - ended in place; null when the line is over. */
static char *
next_word(char **line)
{
	char *word;

	*line += strspn(*line, " \t\n");
	if (!**line || **line == '#')
		return 0;
	word = *line;
	*line += strcspn(*line, " \t\n#");
	if (**line == '#')
		**line = 0;
	else if (**line)
		*(*line)++ = 0;
	return word;
}

/* look_up - the first line of the hosts file that has the name: 1 or 0. */
static int
look_up(struct store *s, char const *host, unsigned int port, char const *hosts)
{
	char text[STORE_HOSTS_MAX];
	FILE *f = fopen(hosts, "re");
	int found = 0;

	while (f && !found && fgets(text, sizeof text, f)) {
		char *line = text;
		char const *address = next_word(&line);
		char const *name;

		while (!found && address && (name = next_word(&line)))
			found = !strcasecmp(name, host) && set_address(s, address, port);
	}
	if (f)
		fclose(f);
	return found;
}

static int
scan_port(char const *text, unsigned int *port)
{
	return uint0_scan(text, port) && *port && *port <= 65535;
}

char const *
store_find(struct store *s, char const *text, char const *hosts)
{
	char host[STORE_NAME_MAX + 1];
	unsigned int port = STORE_PORT;
	int const bracket = *text == '[';
	size_t const len = strcspn(text + bracket, bracket ? "]" : ":");
	char const *rest = text + bracket + len;

	*s = (struct store){ .name = text };
	if (strchr(text, '/'))
		return set_path(s, text);
	if (!len || len > STORE_NAME_MAX || (bracket && *rest++ != ']') ||
	    (*rest && (*rest != ':' || !scan_port(rest + 1, &port))))
		return "it is no path of a socket, host, host:port or [address]:port";
	memcpy(host, text + bracket, len);
	host[len] = 0;
	if (set_address(s, host, port) || (!bracket && look_up(s, host, port, hosts)))
		return 0;
	return "it is neither an address nor a name in /etc/hosts";
}

int
store_connect(struct store const *s)
{
	struct timeval const limit = { .tv_sec = STORE_CONNECT };
	int const fd = socket(s->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int e;

	if (fd == -1)
		return -1;
	/* a limit of connect(2) too; dialogue sets its own afterwards */
	if (!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) &&
	    !connect(fd, (struct sockaddr const *)&s->to, s->len))
		return fd;
	e = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
	close(fd);
	errno = e;
	return -1;
}
