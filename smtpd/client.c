#include "client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"

/* A socket address of the two families that mail comes by. */
union peer {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* print - an address of family; mapped IPv4 is IPv4. */
static void
print(char *to, int family, void const *ip)
{
	static unsigned char const mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (family == AF_INET6 && !memcmp(ip, mapped, sizeof mapped)) {
		family = AF_INET;
		ip = (unsigned char const *)ip + sizeof mapped;
	}
	if (!inet_ntop(family, ip, to, CLIENT_IP_MAX))
		*to = 0;
}

int
client_ip(char *to, char const *text, size_t len)
{
	char copy[CLIENT_IP_MAX];
	unsigned char ip[16];
	int family;

	*to = 0;
	if (!len || len >= sizeof copy || memchr(text, 0, len))
		return 0;
	memcpy(copy, text, len);
	copy[len] = 0;
	family = memchr(copy, ':', len) ? AF_INET6 : AF_INET;
	if (inet_pton(family, copy, ip) != 1)
		return 0;
	print(to, family, ip);
	return *to != 0;
}

/* of_socket - address and port of one end of descriptor 0, if it is an Internet socket. */
static void
of_socket(int (*get)(int, struct sockaddr *, socklen_t *), char *ip, char *port)
{
	union peer p;
	socklen_t size = sizeof p;
	unsigned int number;

	if (get(0, &p.any, &size) == -1)
		return;
	if (p.any.sa_family == AF_INET && size >= sizeof p.four) {
		print(ip, AF_INET, &p.four.sin_addr);
		number = ntohs(p.four.sin_port);
	} else if (p.any.sa_family == AF_INET6 && size >= sizeof p.six) {
		print(ip, AF_INET6, &p.six.sin6_addr);
		number = ntohs(p.six.sin6_port);
	} else {
		return;
	}
	if (port)
		snprintf(port, CLIENT_PORT_MAX, "%u", number);
}

static int
ip_of_env(char *to, char const *name)
{
	char const *value = getenv(name);

	return value && client_ip(to, value, strlen(value));
}

static void
port_of_env(char *to, char const *name)
{
	char const *value = getenv(name);
	size_t const len = value ? strlen(value) : 0;

	if (len && len < CLIENT_PORT_MAX && strspn(value, "0123456789") == len)
		memcpy(to, value, len + 1);
}

static void
set_name(char *to, char const *value)
{
	size_t const len = value ? strlen(value) : 0;

	if (len && len < CLIENT_NAME_MAX && address_domain_is_valid(value, len, 0, 0))
		memcpy(to, value, len + 1);
}

/* add_plain - what of text can be in a comment of a header field; returns the new length. */
static size_t
add_plain(struct client *c, size_t len, char const *text)
{
	static char const plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

	for (; *text && len < sizeof c->tls - 1; text++)
		if (strchr(plain, *text))
			c->tls[len++] = *text;
	c->tls[len] = 0;
	return len;
}

/* set_printable - text with its blanks; what is no printable ASCII is "?". */
static void
set_printable(char *to, size_t max, char const *text)
{
	size_t len = 0;

	for (; text && *text && len < max - 1; text++)
		to[len++] = (char)(*text < ' ' || *text > '~' ? '?' : *text);
	to[len] = 0;
}

static int
is_hex(char const *text, size_t min, size_t max)
{
	size_t const len = text ? strspn(text, "0123456789abcdef") : 0;

	return len >= min && len <= max && len % 2 == 0 && !text[len];
}

/*
 * set_binding - none without the exporter: whoever sees SCRAM-SHA-256-PLUS under TLS 1.3 may
 * take that for granted (RFC 9266 3); under TLS 1.2, tls-unique (RFC 5802 6.1), which is not
 * unique.
 */
static void
set_binding(struct client *c, char const *exporter, char const *endpoint)
{
	*c->binding = 0;
	if (!is_hex(exporter, 64, 64))
		return;
	endpoint = is_hex(endpoint, 64, 128) ? endpoint : 0;
	snprintf(c->binding, sizeof c->binding, "tls-exporter=%s%s%s", exporter,
	    endpoint ? " tls-server-end-point=" : "", endpoint ? endpoint : "");
}

void
client_set_tls(struct client *c, struct client_tls const *t)
{
	size_t len = add_plain(c, 0, t->version ? t->version : "TLS");

	if (t->cipher && *t->cipher && len < sizeof c->tls - 2) {
		c->tls[len++] = ' ';
		add_plain(c, len, t->cipher);
	}
	set_name(c->sni, t->sni);
	set_printable(c->hash, sizeof c->hash, t->hash);
	set_printable(c->subject, sizeof c->subject, t->subject);
	set_binding(c, t->exporter, t->endpoint);
}

void
client_find(struct client *c)
{
	struct client_tls const tls = {
		.version = getenv("SSL_PROTOCOL"),
		.cipher = getenv("SSL_CIPHER"),
		.sni = getenv("SSL_TLS_SNI_SERVERNAME"),
		.hash = getenv("SSL_PEER_CERT_HASH"),
		.subject = getenv("SSL_PEER_CERT_SUBJECT"),
		.exporter = getenv("TLS_EXPORTER"),
		.endpoint = getenv("TLS_SERVER_END_POINT"),
	};

	*c = (struct client){ 0 };
	if (ip_of_env(c->ip, "TCPREMOTEIP"))
		port_of_env(c->port, "TCPREMOTEPORT");
	else if (ip_of_env(c->ip, "REMOTE_ADDR"))
		port_of_env(c->port, "REMOTE_PORT");
	else
		of_socket(getpeername, c->ip, c->port);
	if (*c->ip && !ip_of_env(c->localip, "TCPLOCALIP"))
		of_socket(getsockname, c->localip, 0);
	set_name(c->rdns, getenv("TCPREMOTEHOST"));
	if (tls.version && *tls.version)
		client_set_tls(c, &tls);
}
