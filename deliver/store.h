#ifndef DELIVER_STORE_H
#define DELIVER_STORE_H

/*
 * store - the way to a server that keeps mail (LMTP, RFC 2033): what its name on a command
 * line means, and the connection. Does I/O: reads a hosts file, connects.
 */

#include <sys/socket.h>

#define STORE_PORT      24 /* of LMTP, as RFC 2033 shows it; IANA has given it to nobody else */
#define STORE_CONNECT   30 /* seconds for a connection */
#define STORE_HOSTS     "/etc/hosts"
#define STORE_NAME_MAX  255  /* octets of a host's name */
#define STORE_HOSTS_MAX 1024 /* octets of a line of the hosts file that are read */

struct store {
	struct sockaddr_storage to;
	socklen_t len;
	char const *name; /* as it was given, for texts */
};

/*
 * store_find - a path with a slash in it is that Unix-domain socket; anything else is
 * HOST, HOST:PORT, [IPv6] or [IPv6]:PORT, where a host that is no address is looked for in the
 * file hosts. text must outlive s. Returns null, or what is wrong with it.
 */
char const *store_find(struct store *s, char const *text, char const *hosts);

/* store_connect - in at most STORE_CONNECT seconds: a descriptor, or -1 with errno. */
int store_connect(struct store const *s);

#endif
