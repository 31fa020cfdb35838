#include "own.h"

#include <ifaddrs.h>
#include <string.h>
#include <sys/socket.h>

int
own_read(struct own *o)
{
	struct ifaddrs *all;

	o->count = 0;
	if (getifaddrs(&all) == -1)
		return 0;
	for (struct ifaddrs const *i = all; i && o->count < OWN_MAX; i = i->ifa_next)
		if (i->ifa_addr && names_of_sockaddr(o->ip + o->count, i->ifa_addr))
			o->count++;
	freeifaddrs(all);
	return 1;
}

static int
is_unspecified(struct ip const *ip)
{
	static unsigned char const zero[16];

	return !memcmp(ip->octet, zero, sizeof zero);
}

int
own_has(struct own const *o, struct ip const *ip)
{
	for (size_t i = 0; i < o->count; i++)
		if (names_ip_same(o->ip + i, ip))
			return 1;
	return names_ip_is_loopback(ip) || is_unspecified(ip);
}
