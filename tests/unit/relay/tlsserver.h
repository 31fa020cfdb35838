#ifndef TLSSERVER_H
#define TLSSERVER_H

/* tlsserver - a TLS server for unit tests, with a certificate that it made itself. */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* make_certificate - for those names ("DNS:a,DNS:b"), signed by itself; ends in so many seconds. */
static X509 *
make_certificate(EVP_PKEY *key, char const *names, long ends)
{
	X509 *const cert = X509_new();
	X509_NAME *const subject = X509_get_subject_name(cert);
	static int count;
	unsigned char cn[32];
	X509_EXTENSION *san;

	snprintf((char *)cn, sizeof cn, "the\nserver %d", count);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++count);
	X509_gmtime_adj(X509_getm_notBefore(cert), -1000);
	X509_gmtime_adj(X509_getm_notAfter(cert), ends);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, cn, -1, -1, 0);
	X509_set_issuer_name(cert, subject);
	san = X509V3_EXT_conf_nid(0, 0, NID_subject_alt_name, names);
	assert(san);
	X509_add_ext(cert, san, -1);
	X509_EXTENSION_free(san);
	assert(X509_sign(cert, key, EVP_sha256()));
	return cert;
}

static SSL_CTX *
make_server(char const *names, long ends, X509 **cert)
{
	SSL_CTX *const ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *const key = EVP_EC_gen("P-256");

	*cert = make_certificate(key, names, ends);
	assert(SSL_CTX_use_certificate(ctx, *cert) == 1);
	assert(SSL_CTX_use_PrivateKey(ctx, key) == 1);
	EVP_PKEY_free(key);
	return ctx;
}

#endif
