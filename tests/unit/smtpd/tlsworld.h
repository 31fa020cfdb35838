#ifndef TESTS_UNIT_SMTPD_TLSWORLD_H
#define TESTS_UNIT_SMTPD_TLSWORLD_H

/*
 * tlsworld - a directory of settings with certificates in it, and a client, for the tests of
 * tlsserver and tlspump. Each test is a process of its own: tlsserver has one connection.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "keys.h"
#include "tlsserver.h"

static char world[] = "/tmp/tlsworld-XXXXXX";

/* put_certificate - self-signed, into control/FILE; its key is that of another if so wanted. */
static inline void
put_certificate(char const *file, char const *name, int rsa, int wrong)
{
	EVP_PKEY *const key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *const cert = X509_new();
	char path[4096];
	FILE *f;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -10);
	X509_gmtime_adj(X509_getm_notAfter(cert), 1000);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
	    (unsigned char const *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_sign(cert, key, EVP_sha256());
	snprintf(path, sizeof path, "%s/control/%s", world, file);
	f = fopen(path, "w");
	PEM_write_X509(f, cert);
	PEM_write_PrivateKey(f, wrong ? EVP_EC_gen("P-256") : key, 0, 0, 0, 0, 0);
	fclose(f);
}

static inline int
make_world(void **state)
{
	char path[4096];

	(void)state;
	if (!mkdtemp(world))
		return -1;
	snprintf(path, sizeof path, "%s/control", world);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/control/servercerts", world);
	mkdir(path, 0700);
	put_certificate("servercert.pem", "default", 0, 0);
	put_certificate("servercert-rsa.pem", "default-rsa", 1, 0);
	put_certificate("servercerts/mx.crepes.fr.pem", "mx.crepes.fr", 0, 0);
	put_certificate("servercerts/bad.crepes.fr.pem", "bad.crepes.fr", 0, 1);
	return 0;
}

static inline int
remove_world(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", world);
	return system(command);
}

/* open_world - the keys, as smtpd-tls opens them. */
static inline int
open_world(void)
{
	struct control c;
	char why[256];
	int const r = control_open_at(&c, world) == 1 && keys_open(&c, why, sizeof why);

	control_close(&c);
	return r;
}

/* a client of the other end of fd; not yet a handshake. */
static inline SSL *
client_of(int fd, SSL_CTX **ctx)
{
	SSL *ssl;

	*ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(*ctx, SSL_VERIFY_NONE, 0);
	ssl = SSL_new(*ctx);
	SSL_set_fd(ssl, fd);
	SSL_set_connect_state(ssl);
	return ssl;
}

/* whose - the name in the certificate that the server showed. */
static inline void
whose(SSL *ssl, char name[64])
{
	X509 *const cert = SSL_get1_peer_certificate(ssl);

	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, 64);
	X509_free(cert);
}

#endif
