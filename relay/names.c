#include "names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <idn2.h>

#include "hop.h"

static char const mapped[12] = { [10] = '\xff', [11] = '\xff' };

/* put_labels - the name in lower case if it is one that DNS can hold: 1, or 0. */
static int
put_labels(char to[NAMES_MAX], char const *name, size_t len)
{
	size_t label = 0;

	if (len && name[len - 1] == '.')
		len--;
	if (!len || len > 253)
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char const c = (unsigned char)name[i];

		if (c == '.' ? !label : !isalnum(c) && c != '-' && c != '_')
			return 0;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return 0;
		to[i] = (char)tolower(c);
	}
	to[len] = 0;
	return label > 0;
}

/* is_ascii - and has no NUL. */
static int
is_ascii(char const *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= 0)
			return 0;
	return 1;
}

int
names_ascii(char to[NAMES_MAX], char const *domain, size_t len)
{
	char copy[NAMES_MAX];
	uint8_t *ascii = 0;
	int ok;

	if (is_ascii(domain, len))
		return put_labels(to, domain, len);
	if (len >= sizeof copy || memchr(domain, 0, len))
		return 0;
	memcpy(copy, domain, len);
	copy[len] = 0;
	/* as browsers and other mail servers do: mapped to lower case and NFC first (UTS 46) */
	if (idn2_lookup_u8((uint8_t const *)copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
	    IDN2_OK)
		return 0;
	ok = put_labels(to, (char const *)ascii, strlen((char const *)ascii));
	idn2_free(ascii);
	return ok;
}

void
names_ip_set(struct ip *ip, int family, void const *octets)
{
	unsigned char const *const from = octets;
	int const is_mapped = family == AF_INET6 && !memcmp(from, mapped, sizeof mapped);

	memset(ip, 0, sizeof *ip);
	ip->family = is_mapped ? AF_INET : family;
	memcpy(ip->octet, from + (is_mapped ? sizeof mapped : 0), ip->family == AF_INET ? 4 : 16);
}

int
names_ip_is_loopback(struct ip const *ip)
{
	static unsigned char const one[16] = { [15] = 1 };

	return ip->family == AF_INET ? ip->octet[0] == 127 : !memcmp(ip->octet, one, 16);
}

int
names_ip(struct ip *ip, char const *text, size_t len)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char octet[16];

	if (len >= sizeof copy || memchr(text, 0, len))
		return 0;
	memcpy(copy, text, len);
	copy[len] = 0;
	if (inet_pton(AF_INET, copy, octet) == 1)
		names_ip_set(ip, AF_INET, octet);
	else if (inet_pton(AF_INET6, copy, octet) == 1)
		names_ip_set(ip, AF_INET6, octet);
	else
		return 0;
	return 1;
}

int
names_literal(struct ip *ip, char const *text, size_t len)
{
	int is_6;

	if (len < 2 || text[0] != '[' || text[len - 1] != ']')
		return 0;
	text++;
	len -= 2;
	is_6 = len > 5 && !strncasecmp(text, "IPv6:", 5);
	if (is_6) {
		text += 5;
		len -= 5;
	}
	if (is_6 != (memchr(text, ':', len) != 0))
		return -1;
	return names_ip(ip, text, len) ? 1 : -1;
}

void
names_ip_text(char *to, struct ip const *ip)
{
	inet_ntop(ip->family, ip->octet, to, HOP_IP_MAX);
}

int
names_ip_same(struct ip const *a, struct ip const *b)
{
	return a->family == b->family && !memcmp(a->octet, b->octet, sizeof a->octet);
}

socklen_t
names_sockaddr(struct sockaddr_storage *to, struct ip const *ip, unsigned int port)
{
	struct sockaddr_in const a4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 const a6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };

	memset(to, 0, sizeof *to);
	if (ip->family == AF_INET) {
		memcpy(to, &a4, sizeof a4);
		memcpy(&((struct sockaddr_in *)to)->sin_addr, ip->octet, 4);
		return sizeof a4;
	}
	memcpy(to, &a6, sizeof a6);
	memcpy(&((struct sockaddr_in6 *)to)->sin6_addr, ip->octet, 16);
	return sizeof a6;
}

int
names_of_sockaddr(struct ip *ip, struct sockaddr const *from)
{
	struct sockaddr_in a4;
	struct sockaddr_in6 a6;

	if (from->sa_family == AF_INET) {
		memcpy(&a4, from, sizeof a4);
		names_ip_set(ip, AF_INET, &a4.sin_addr);
	} else if (from->sa_family == AF_INET6) {
		memcpy(&a6, from, sizeof a6);
		names_ip_set(ip, AF_INET6, &a6.sin6_addr);
	} else {
		return 0;
	}
	return 1;
}
