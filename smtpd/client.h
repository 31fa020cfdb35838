#ifndef SMTPD_CLIENT_H
#define SMTPD_CLIENT_H

/*
 * client - who is at the other end: TCPREMOTEIP and its like (UCSPI), else REMOTE_ADDR
 * (systemd), else getpeername(2) of descriptor 0, else a local session on pipes. Reads
 * the environment and makes system calls; whatever is not what it should be is ignored.
 */

#include <stddef.h>

#define CLIENT_IP_MAX      46  /* octets of an address as text, NUL included */
#define CLIENT_PORT_MAX    6   /* of a port */
#define CLIENT_NAME_MAX    256 /* of a host name */
#define CLIENT_TLS_MAX     80  /* of version and cipher */
#define CLIENT_HASH_MAX    80  /* of a certificate's hash */
#define CLIENT_SUBJECT_MAX 256 /* of its subject */
#define CLIENT_BINDING_MAX 256 /* of what ties a password's proof to the connection */

struct client {
	char ip[CLIENT_IP_MAX];      /* IPv4 or IPv6, never mapped; empty: a local session */
	char port[CLIENT_PORT_MAX];  /* or empty */
	char localip[CLIENT_IP_MAX]; /* our address of the connection, or empty */
	char rdns[CLIENT_NAME_MAX];  /* the host name that the listener found, valid, or empty */
	char tls[CLIENT_TLS_MAX];    /* "TLSv1.3 TLS_AES_256_GCM_SHA384", or empty */
	char sni[CLIENT_NAME_MAX];   /* the name that the client asked for under TLS, or empty */
	char hash[CLIENT_HASH_MAX];  /* its certificate's: "SHA256:" and hex, or empty */
	char subject[CLIENT_SUBJECT_MAX]; /* its certificate's, printable; nobody has verified it */
	char binding[CLIENT_BINDING_MAX]; /* what AUTH_BEGIN has of it (auth.h); empty: nothing */
};

/* What is said of a TLS connection; null means unknown. */
struct client_tls {
	char const *version, *cipher, *sni, *hash, *subject;
	char const *exporter, *endpoint; /* channel bindings (RFC 9266; RFC 5929 4), in hex */
};

void client_find(struct client *c);

/*
 * client_ip - text of an address, of len octets, into to (CLIENT_IP_MAX octets) in
 * canonical form, IPv4 for ::ffff:1.2.3.4; 1, or 0 if it is none.
 */
int client_ip(char *to, char const *text, size_t len);

/* client_set_tls - keep what is what it should be; nothing stays of an earlier connection. */
void client_set_tls(struct client *c, struct client_tls const *t);

#endif
