#include "tlsclient.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "hopfacts.h"

#define AUTHORITIES_MAX (8U << 20) /* octets of their file */
#define SESSIONS        8          /* hosts of a destination whose sessions are kept */
#define SESSION_SECONDS 3600       /* a certificate is looked at again after that */
#define DANE_TA         2          /* usages of TLSA records (RFC 7218) */
#define DANE_EE         3
#define DIGEST          32 /* octets of SHA-256 */

/*
 * What is weaker than this (512 bit RSA, SHA-1) is no better than plain text, which can be
 * had instead; what is stronger would turn servers to plain text that have 1024 bits.
 */
#define CIPHERS "DEFAULT:!aNULL:@SECLEVEL=1"

struct tlsclient {
	SSL *ssl;
	BIO *in, *out;  /* the ssl's */
	int asked;      /* somebody wants to know whether the certificate verifies */
	int dane;       /* by TLSA records */
	int done;       /* with the handshake */
	int refused;    /* the certificate cannot be verified, and must be */
	int unverified; /* that, or it was and is not what it must be */
	char why[sizeof((struct secured *)0)->why];
	unsigned char wanted[DIGEST]; /* the struct hop */
	struct secured facts;
};

/* A session that can be resumed; it keeps the certificate, and whether that was verified. */
struct session {
	unsigned char wanted[DIGEST];
	SSL_SESSION *session;
	time_t since; /* that was */
};

static SSL_CTX *ctx;
static struct session sessions[SESSIONS];
static unsigned int turn; /* which of them goes next */
static int tried, loaded; /* the authorities */

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* copy_text - text of whoever, cut to fit. */
static void
copy_text(char *to, size_t max, char const *from)
{
	snprintf(to, max, "%s", from ? from : "");
}

/* ---- sessions */

static int
is_of(struct session const *s, unsigned char const wanted[DIGEST])
{
	return s->session && !memcmp(s->wanted, wanted, DIGEST);
}

/* find_session - the place of that one: where it is, or the one whose turn it is to go. */
static struct session *
find_session(unsigned char const wanted[DIGEST])
{
	for (struct session *s = sessions; s < sessions + SESSIONS; s++)
		if (is_of(s, wanted))
			return s;
	return &sessions[turn % SESSIONS];
}

static void
forget_session(struct session *s)
{
	SSL_SESSION_free(s->session);
	s->session = 0;
}

/* keep_session - OpenSSL calls it when the server has sent one, in TLS 1.3 after the handshake. */
static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct tlsclient const *const t = SSL_get_app_data(ssl);
	struct session *const s = find_session(t->wanted);
	int const known = is_of(s, t->wanted);

	/* One that was resumed brings the next ticket: the certificate is as old as it was. */
	if (!known || !SSL_session_reused(ssl))
		s->since = now();
	if (!known)
		turn++;
	SSL_SESSION_free(s->session);
	memcpy(s->wanted, t->wanted, DIGEST);
	s->session = session;
	return 1;
}

/* use_session - resume one if there is one. */
static void
use_session(struct tlsclient *t)
{
	struct session *const s = find_session(t->wanted);

	if (!is_of(s, t->wanted))
		return;
	if (now() - s->since >= SESSION_SECONDS || !SSL_SESSION_is_resumable(s->session))
		forget_session(s);
	else
		SSL_set_session(t->ssl, s->session);
}

/* ---- what all connections share */

/* start - OpenSSL, which must read no file: 1, or 0 no memory. */
static int
start(void)
{
	if (ctx)
		return 1;
	if (!OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, 0) ||
	    !(ctx = SSL_CTX_new(TLS_client_method())))
		return 0;
	if (!SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) ||
	    !SSL_CTX_set_cipher_list(ctx, CIPHERS) || SSL_CTX_dane_enable(ctx) <= 0) {
		SSL_CTX_free(ctx);
		ctx = 0;
		return 0;
	}
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(
	    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	return 1;
}

/* read_authorities - the file's text: its length, or -1 with errno. */
static ssize_t
read_authorities(char *text)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(TLSCLIENT_AUTHORITIES, text + len, AUTHORITIES_MAX - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	return n == -1 ? -1 : (ssize_t)len;
}

/* load - the authorities, if that was not done: 1, 0 there is none, or -1 they cannot be read. */
static int
load(void)
{
	X509_STORE *const store = SSL_CTX_get_cert_store(ctx);
	char *text;
	ssize_t len;
	X509 *cert;
	BIO *bio;

	if (tried)
		return loaded;
	text = malloc(AUTHORITIES_MAX);
	len = text ? read_authorities(text) : -1;
	bio = len == -1 ? 0 : BIO_new_mem_buf(text, (int)len);
	if (!bio) {
		free(text);
		return -1;
	}
	tried = 1;
	while ((cert = PEM_read_bio_X509_AUX(bio, 0, 0, 0))) {
		if (X509_STORE_add_cert(store, cert))
			loaded = 1;
		X509_free(cert);
	}
	BIO_free(bio);
	free(text);
	ERR_clear_error();
	return loaded;
}

/* ---- what is wanted of one connection */

/* name_for - as certificates have it: an address literal without its brackets. */
static char const *
name_for(char const *name, char to[HOP_NAME_MAX])
{
	size_t len = strlen(name);

	if (len < 3 || *name != '[' || name[len - 1] != ']')
		return name;
	name += 1;
	len -= 2;
	if (len > 5 && !strncasecmp(name, "IPv6:", 5)) {
		name += 5;
		len -= 5;
	}
	memcpy(to, name, len);
	to[len] = 0;
	return to;
}

static int
is_address(char const *name)
{
	struct in6_addr a;

	return inet_pton(AF_INET, name, &a) == 1 || inet_pton(AF_INET6, name, &a) == 1;
}

/* set_names - SNI, and whom the certificate may be for: how many names, or -1 no memory. */
static int
set_names(struct tlsclient *t, struct hop const *h)
{
	char space[HOP_NAME_MAX];
	int count = 0;

	for (size_t i = 0; i < h->names; i++) {
		char const *const name = name_for(h->name[i], space);

		if (!*name)
			continue;
		if (!count && !t->dane && !is_address(name) &&
		    !SSL_set_tlsext_host_name(t->ssl, name))
			return -1;
		if (!SSL_add1_host(t->ssl, name))
			return -1;
		count++;
	}
	return count;
}

/*
 * set_records - the TLSA records: how many of them can be used, or -1 no memory. Usages 0 and 1
 * cannot (RFC 7672 3.1.3).
 */
static int
set_records(struct tlsclient *t, struct hop const *h)
{
	int usable = 0;

	for (size_t i = 0; i < h->tlsas; i++) {
		struct hop_tlsa const *const r = &h->tlsa[i];
		int added;

		if (r->usage != DANE_TA && r->usage != DANE_EE)
			continue;
		added = SSL_dane_tlsa_add(
		    t->ssl, r->usage, r->selector, r->matching, r->data, r->len);
		if (added < 0)
			return -1;
		usable += added;
	}
	ERR_clear_error();
	return usable;
}

/* set_dane - 1, or 0 no memory. t->dane is cleared if there is no record that can be used. */
static int
set_dane(struct tlsclient *t, struct hop const *h)
{
	int usable;

	if (SSL_dane_enable(t->ssl, h->names ? h->name[0] : 0) <= 0)
		return 0;
	SSL_dane_set_flags(t->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	usable = set_records(t, h);
	if (usable > 0)
		return 1;
	/* Encrypted all the same, whoever it is (RFC 7672 2.2). */
	t->asked = t->dane = 0;
	copy_text(t->why, sizeof t->why, "no TLSA record can be used");
	return usable == 0;
}

/* refuse - no certificate can be verified: what must be is not connected to at all. */
static void
refuse(struct tlsclient *t, int must, char const *why)
{
	t->unverified = 1;
	t->refused = must;
	copy_text(t->why, sizeof t->why, why);
}

/* set_verify - what makes the handshake fail: 1, or 0 that cannot be done. */
static int
set_verify(struct tlsclient *t, struct hop const *h)
{
	int const must = t->asked && !h->testing;
	int names, known = 1;

	if (t->dane && !set_dane(t, h))
		return 0;
	names = set_names(t, h);
	if (names == -1)
		return 0;
	SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
				      (t->dane ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT));
	if (!t->asked) {
		SSL_set_options(t->ssl, SSL_OP_LEGACY_SERVER_CONNECT);
		/* costs next to nothing, and the log knows more */
		t->asked = loaded && names && !*t->why;
		return 1;
	}
	if (names && !t->dane)
		known = load();
	if (!names)
		refuse(t, must, "there is no name to verify the certificate for");
	else if (!known)
		refuse(t, must, "there is no authority to verify the certificate by");
	else if (must)
		SSL_set_verify(t->ssl, SSL_VERIFY_PEER, 0);
	return known != -1;
}

/* note_wanted - the digest of a struct hop: 1, or 0 no memory. */
static int
note_wanted(struct tlsclient *t, struct hop const *h)
{
	static char facts[HOP_PACKET_MAX];
	size_t len = 0;

	hop_put_facts(facts, sizeof facts, &len, h);
	return len <= sizeof facts && EVP_Digest(facts, len, t->wanted, 0, EVP_sha256(), 0);
}

static int
prepare(struct tlsclient *t, struct hop const *h)
{
	t->ssl = SSL_new(ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->in || !t->out) {
		BIO_free(t->in);
		BIO_free(t->out);
		return 0;
	}
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_app_data(t->ssl, t);
	SSL_set_connect_state(t->ssl);
	t->asked = h->tls >= HOP_TLS_VERIFY;
	t->dane = h->tls == HOP_TLS_DANE;
	if (!note_wanted(t, h) || !set_verify(t, h))
		return 0;
	use_session(t);
	return 1;
}

struct tlsclient *
tlsclient_start(struct hop const *h)
{
	struct tlsclient *t;

	if (!start())
		return 0;
	t = calloc(1, sizeof *t);
	if (t && !prepare(t, h)) {
		tlsclient_free(t);
		return 0;
	}
	return t;
}

void
tlsclient_free(struct tlsclient *t)
{
	if (!t)
		return;
	if (t->done) /* else OpenSSL forgets a session that had no close_notify */
		SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN);
	SSL_free(t->ssl);
	ERR_clear_error();
	free(t);
}

/* ---- the handshake */

/* set_peer - the subject of the certificate, which may be empty; no control octet gets out. */
static void
set_peer(struct tlsclient *t)
{
	X509 *const cert = SSL_get0_peer_certificate(t->ssl);
	BIO *const bio = cert ? BIO_new(BIO_s_mem()) : 0;
	int n = 0;

	if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0,
		       XN_FLAG_ONELINE & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) > 0)
		n = BIO_read(bio, t->facts.peer, sizeof t->facts.peer - 1);
	t->facts.peer[n > 0 ? n : 0] = 0;
	BIO_free(bio);
	if (!*t->facts.peer)
		copy_text(t->facts.peer, sizeof t->facts.peer, SSL_get0_peername(t->ssl));
}

/* set_verified - what became of the certificate. */
static void
set_verified(struct tlsclient *t)
{
	long const code = SSL_get_verify_result(t->ssl);

	if (!t->asked || t->unverified)
		copy_text(t->facts.why, sizeof t->facts.why, t->why);
	else if (code != X509_V_OK)
		copy_text(t->facts.why, sizeof t->facts.why, X509_verify_cert_error_string(code));
	else
		t->facts.verified = t->dane ? SECURED_DANE : SECURED_NAME;
}

/* finish - the handshake is done: what is there to say? */
static void
finish(struct tlsclient *t)
{
	t->done = 1;
	t->facts.resumed = SSL_session_reused(t->ssl);
	set_peer(t);
	set_verified(t);
	copy_text(t->facts.protocol, sizeof t->facts.protocol, SSL_get_version(t->ssl));
	copy_text(t->facts.cipher, sizeof t->facts.cipher, SSL_get_cipher_name(t->ssl));
}

/* fail - remember why, in OpenSSL's words. */
static enum tlsclient_result
fail(struct tlsclient *t)
{
	long const code = t->ssl ? SSL_get_verify_result(t->ssl) : X509_V_OK;
	unsigned long const e = ERR_peek_last_error();
	char const *reason = ERR_reason_error_string(e);

	if (!t->done && is_of(find_session(t->wanted), t->wanted))
		forget_session(find_session(t->wanted)); /* it may be what the server dislikes */
	if (!t->done && ERR_GET_REASON(e) == SSL_R_CERTIFICATE_VERIFY_FAILED && code != X509_V_OK) {
		t->unverified = 1;
		reason = X509_verify_cert_error_string(code);
	}
	copy_text(t->why, sizeof t->why, reason ? reason : "unknown error");
	return TLSCLIENT_FAILED;
}

enum tlsclient_result
tlsclient_handshake(struct tlsclient *t)
{
	int r;

	if (t->refused)
		return TLSCLIENT_FAILED;
	ERR_clear_error();
	r = SSL_do_handshake(t->ssl);
	if (r == 1) {
		finish(t);
		return TLSCLIENT_DONE;
	}
	if (SSL_get_error(t->ssl, r) == SSL_ERROR_WANT_READ)
		return TLSCLIENT_MORE;
	return fail(t);
}

int
tlsclient_why(struct tlsclient const *t, char *why, size_t max)
{
	copy_text(why, max, t->why);
	return t->unverified;
}

void
tlsclient_facts(struct tlsclient const *t, struct secured *s)
{
	*s = t->facts;
}

/* ---- octets */

int
tlsclient_feed(struct tlsclient *t, char const *data, size_t len)
{
	return len <= INT32_MAX && BIO_write(t->in, data, (int)len) == (int)len;
}

size_t
tlsclient_take(struct tlsclient *t, char *to, size_t max)
{
	int const n = BIO_read(t->out, to, max < INT32_MAX ? (int)max : INT32_MAX);

	return n > 0 ? (size_t)n : 0;
}

int
tlsclient_read(struct tlsclient *t, char *to)
{
	int r;

	ERR_clear_error();
	r = SSL_read(t->ssl, to, TLSCLIENT_PLAIN);
	if (r > 0)
		return r;
	switch (SSL_get_error(t->ssl, r)) {
	case SSL_ERROR_WANT_READ: return TLSCLIENT_MORE;
	case SSL_ERROR_ZERO_RETURN: return TLSCLIENT_CLOSED;
	default: return fail(t);
	}
}

enum tlsclient_result
tlsclient_write(struct tlsclient *t, char const *data, size_t len)
{
	ERR_clear_error();
	if (len && (len > TLSCLIENT_PLAIN || SSL_write(t->ssl, data, (int)len) != (int)len))
		return fail(t);
	return TLSCLIENT_DONE;
}

void
tlsclient_close(struct tlsclient *t)
{
	ERR_clear_error();
	if (t->done)
		SSL_shutdown(t->ssl);
}
