#ifndef RELAY_NAMES_H
#define RELAY_NAMES_H

/*
 * names - a mail domain as DNS wants it, and address literals (RFC 5321 4.1.3). No I/O.
 */

#include <netinet/in.h>
#include <stddef.h>

#define NAMES_MAX 256 /* octets of a name, NUL included */

/* An address of either family; IPv4 is kept as such, not mapped. */
struct ip {
	int family; /* AF_INET or AF_INET6 */
	unsigned char octet[16];
};

/*
 * names_ascii - the domain in A-labels (RFC 5890), lower case, without a final dot: 1, or
 * 0 if no such name can be in DNS (labels of 1 to 63 octets, 253 in all, letters, digits,
 * hyphens, underscores; U-labels as IDNA2008 has them).
 */
int names_ascii(char to[NAMES_MAX], char const *domain, size_t len);

/* names_ip_set - from 4 or 16 octets; an IPv4-mapped IPv6 address becomes IPv4. */
void names_ip_set(struct ip *ip, int family, void const *octets);

/* names_ip - an address as text, IPv6 without brackets: 1, or 0. */
int names_ip(struct ip *ip, char const *text, size_t len);

/* names_literal - "[192.0.2.1]" or "[IPv6:2001:db8::1]": 1; 0 it is none; -1 one of another kind.
 */
int names_literal(struct ip *ip, char const *text, size_t len);

/* names_ip_text - the address as text into to[HOP_IP_MAX]. */
void names_ip_text(char *to, struct ip const *ip);

/* names_ip_same - whether both are the same; names_ip_is_loopback: 127.0.0.0/8 and ::1. */
int names_ip_same(struct ip const *a, struct ip const *b);
int names_ip_is_loopback(struct ip const *ip);

/* names_sockaddr - for connect and bind; the length. names_of_sockaddr - back: 1, or 0. */
socklen_t names_sockaddr(struct sockaddr_storage *to, struct ip const *ip, unsigned int port);
int names_of_sockaddr(struct ip *ip, struct sockaddr const *from);

#endif
