#include "tlsserver.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "keys.h"
#include "log.h"
#include "tickets.h"

#define FILE_MAX   (1U << 18) /* octets of a certificate with its chain and key */
#define DIGEST     32         /* octets of SHA-256 */
#define IDENTIFIER "sallyport"

/*
 * Mozilla's intermediate profile, version 5.7; TLS 1.3 has its own. The order is ours, which
 * scanners want to see, except that a client without AES in hardware (it lists ChaCha20 first)
 * gets what is cheap for it.
 */
#define CIPHERS                                                                                    \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"                               \
	"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256:P-384"

static struct tlsserver_rules rules;
static SSL_CTX *common; /* with the default certificates */
static SSL *ssl;
static int broken; /* nothing more may be said to the client */
static char reason[TLSSERVER_WHY];

char const *
tlsserver_why(void)
{
	return reason;
}

/* because - keep the reason: strings up to a null pointer. Returns 0. */
static int
because(char const *first, ...)
{
	va_list list;
	size_t len = 0;

	va_start(list, first);
	for (char const *s = first; s; s = va_arg(list, char const *)) {
		int const n = snprintf(reason + len, sizeof reason - len, "%s", s);

		len += n > 0 ? (size_t)n : 0;
		if (len >= sizeof reason)
			break;
	}
	va_end(list);
	return 0;
}

/* openssl_says - the oldest error that it has noted, in its words; and it is forgotten. */
static char const *
openssl_says(void)
{
	char const *const text = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return text ? text : "unknown error";
}

/* ---- certificates */

/* A file: the certificate first, those that signed it, and the key. */
struct identity {
	X509 *cert;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

static void
identity_free(struct identity *id)
{
	X509_free(id->cert);
	sk_X509_pop_free(id->chain, X509_free);
	EVP_PKEY_free(id->key);
}

/* no_password - nobody is there to be asked for one. */
static int
no_password(char *to, int max, int writing, void *unused)
{
	(void)to, (void)max, (void)writing, (void)unused;
	return -1;
}

/* read_file - all of it, from its beginning: its length, or 0 with the reason. */
static size_t
read_file(int fd, char text[FILE_MAX], char const *file)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = pread(fd, text + len, FILE_MAX - len, (off_t)len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < FILE_MAX) || (n == -1 && errno == EINTR));
	if (n == -1)
		because(file, ": ", strerrordesc_np(errno), (char const *)0);
	else if (!len || len == FILE_MAX)
		because(file, len ? ": too long for a certificate" : ": empty", (char const *)0);
	else
		return len;
	return 0;
}

/* parse - 1, or 0 with the reason. */
static int
parse(struct identity *id, char const *text, size_t len, char const *file)
{
	BIO *const bio = BIO_new_mem_buf(text, (int)len);
	X509 *signer;

	if (!bio || !(id->chain = sk_X509_new_null()))
		return because("no memory", (char const *)0);
	id->cert = PEM_read_bio_X509(bio, 0, no_password, 0);
	while (id->cert && (signer = PEM_read_bio_X509(bio, 0, no_password, 0)))
		if (!sk_X509_push(id->chain, signer))
			X509_free(signer);
	BIO_reset(bio);
	ERR_clear_error();
	id->key = PEM_read_bio_PrivateKey(bio, 0, no_password, 0);
	BIO_free(bio);
	if (!id->cert)
		because(file, ": there is no certificate (PEM) in it", (char const *)0);
	else if (!id->key && strstr(text, "ENCRYPTED"))
		because(file, ": the key has a password: store it without one", (char const *)0);
	else if (!id->key)
		because(file, ": there is no key (PEM) behind the certificates", (char const *)0);
	return id->cert && id->key;
}

/* load - 1, or 0 with the reason. */
static int
load(struct identity *id, int fd, char const *file)
{
	char *const text = malloc(FILE_MAX + 1);
	size_t len;
	int ok;

	memset(id, 0, sizeof *id);
	if (!text)
		return because("no memory", (char const *)0);
	len = read_file(fd, text, file);
	text[len] = 0;
	ok = len && parse(id, text, len, file);
	OPENSSL_cleanse(text, len);
	free(text);
	return ok;
}

static int
use(SSL_CTX *ctx, struct keys const *k, int second)
{
	int const fd = second ? k->second : k->fd;
	char file[CONTROL_ERROR_MAX];
	struct identity id;
	int ok;

	if (fd == -1)
		return 1;
	keys_file(k, second, file, sizeof file);
	ok = load(&id, fd, file);
	if (ok && !X509_check_private_key(id.cert, id.key))
		ok = because(file, ": the key does not belong to the first certificate", (char *)0);
	if (ok && !SSL_CTX_use_cert_and_key(ctx, id.cert, id.key, id.chain, 1))
		ok = because(file, ": ", openssl_says(), (char const *)0);
	identity_free(&id);
	return ok;
}

/* ---- contexts */

static int choose(SSL *s, int *alert, void *unused);
static int seal(SSL *s, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int writing);
static int remember(SSL *s, void *unused);

/* accept_any - whose certificate it is, others decide: by its fingerprint. */
static int
accept_any(X509_STORE_CTX *store, void *unused)
{
	(void)store, (void)unused;
	return 1;
}

static void
set_sessions(SSL_CTX *ctx)
{
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(ctx, (unsigned char const *)IDENTIFIER, strlen(IDENTIFIER));
	if (rules.tickets == -1) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(ctx, 0); /* TLS 1.3 has tickets that are none */
		return;
	}
	SSL_CTX_set_timeout(ctx, TICKETS_LIFE);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, seal);
	SSL_CTX_set_session_ticket_cb(ctx, remember, 0, 0);
}

/* new_context - with those certificates: null, with the reason. */
static SSL_CTX *
new_context(struct keys const *k)
{
	SSL_CTX *const ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx || !SSL_CTX_set1_groups_list(ctx, GROUPS)) {
		because("OpenSSL does not start: ", openssl_says(), (char const *)0);
	} else if (!SSL_CTX_set_cipher_list(ctx, rules.ciphers ? rules.ciphers : CIPHERS)) {
		because("control/tlsciphers: ", openssl_says(), (char const *)0);
	} else if (use(ctx, k, 0) && use(ctx, k, 1)) {
		SSL_CTX_set_min_proto_version(ctx, rules.newest ? TLS1_3_VERSION : TLS1_2_VERSION);
		SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA);
		SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_CTX_set_read_ahead(ctx, 1);
		SSL_CTX_set_dh_auto(ctx, 1);
		SSL_CTX_set_tlsext_servername_callback(ctx, choose);
		if (rules.ask) {
			SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, 0);
			SSL_CTX_set_cert_verify_callback(ctx, accept_any, 0);
		}
		set_sessions(ctx);
		return ctx;
	}
	SSL_CTX_free(ctx);
	return 0;
}

/* asked_name - the name that the client asked for, or null: none that could be ours. */
static char const *
asked_name(SSL *s)
{
	char const *const name = SSL_get_servername(s, TLSEXT_NAMETYPE_host_name);

	if (!name || !*name || strlen(name) >= KEYS_NAME_MAX)
		return 0;
	for (char const *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
			return 0;
	return name;
}

/* choose - the certificates for the name; who asks for another gets the default ones. */
static int
choose(SSL *s, int *alert, void *unused)
{
	char const *const name = asked_name(s);
	struct keys const *const k = name ? keys_find(name) : 0;
	SSL_CTX *ctx;

	(void)alert, (void)unused;
	if (!k)
		return SSL_TLSEXT_ERR_NOACK;
	ctx = new_context(k);
	if (!ctx) {
		log_begin("trouble");
		log_str("reason", reason);
		log_end();
		return SSL_TLSEXT_ERR_NOACK;
	}
	SSL_set_SSL_CTX(s, ctx);
	SSL_CTX_free(ctx);
	return SSL_TLSEXT_ERR_OK;
}

/* begin - OpenSSL, which must read no file. */
static int
begin(void)
{
	return OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, 0);
}

int
tlsserver_start(struct tlsserver_rules const *r)
{
	rules = *r;
	if (!begin())
		return because("OpenSSL does not start", (char const *)0);
	common = new_context(keys_default());
	return common != 0;
}

int
tlsserver_check(struct keys const *k, char *text, size_t max)
{
	SSL_CTX *const ctx = begin() ? new_context(k) : 0;

	if (!ctx) {
		snprintf(text, max, "%s", reason);
		return 0;
	}
	*text = 0;
	X509_NAME_oneline(X509_get_subject_name(SSL_CTX_get0_certificate(ctx)), text, (int)max);
	SSL_CTX_free(ctx);
	return 1;
}

/* ---- tickets */

/* with_key - set cipher and mac up: 1, or -1 it failed. */
static int
with_key(struct ticket_key *key, unsigned char const *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    int writing)
{
	char digest[] = "sha256";
	OSSL_PARAM const params[] = {
		OSSL_PARAM_octet_string("key", key->mac, sizeof key->mac),
		OSSL_PARAM_utf8_string("digest", digest, 0),
		OSSL_PARAM_END,
	};

	return EVP_MAC_CTX_set_params(mac, params) &&
		       EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), 0, key->cipher, iv, writing)
		   ? 1
		   : -1;
}

/*
 * seal - OpenSSL calls it to write a ticket (by the newest key), and to read one: 1; 2 the
 * client should get a new one; 0 no key is known; -1 it failed.
 */
static int
seal(SSL *s, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    int writing)
{
	struct ticket_key keys[TICKETS_KEYS];
	size_t const n = tickets_read(rules.tickets, keys);
	size_t i = 0;
	int r = 0;

	(void)s;
	if (writing && n) {
		memcpy(name, keys[0].name, sizeof keys[0].name);
		r = RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 ? 1 : -1;
	} else {
		while (i < n && memcmp(name, keys[i].name, sizeof keys[i].name) != 0)
			i++;
		r = i == n ? 0 : i ? 2 : 1;
	}
	if (r > 0 && with_key(&keys[i], iv, cipher, mac, writing) == -1)
		r = -1;
	OPENSSL_cleanse(keys, sizeof keys);
	return r;
}

/* hash_of_shown - the certificate that this connection showed, as RFC 5929 4.1 wants it. */
static size_t
hash_of_shown(SSL *s, unsigned char to[EVP_MAX_MD_SIZE])
{
	X509 const *const cert = SSL_get_certificate(s);
	EVP_MD const *digest;
	unsigned int len;
	int kind;

	if (!cert || !OBJ_find_sigid_algs(X509_get_signature_nid(cert), &kind, 0))
		return 0;
	digest = kind == NID_md5 || kind == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(kind);
	return digest && X509_digest(cert, digest, to, &len) ? len : 0;
}

/*
 * end_point - the hash of the certificate by which the client knows us. A session that is
 * resumed shows none: the client has that of the first connection, which may be of the other
 * type than is shown now, or older. Its ticket remembers.
 */
static size_t
end_point(SSL *s, unsigned char to[EVP_MAX_MD_SIZE])
{
	void *kept;
	size_t len;

	if (!SSL_session_reused(s))
		return hash_of_shown(s, to);
	if (SSL_SESSION_get0_ticket_appdata(SSL_get_session(s), &kept, &len) != 1 || !kept ||
	    len > EVP_MAX_MD_SIZE)
		return 0;
	memcpy(to, kept, len);
	return len;
}

/* remember - in the ticket that is about to be sealed. */
static int
remember(SSL *s, void *unused)
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	size_t const len = end_point(s, octets);

	(void)unused;
	return SSL_SESSION_set1_ticket_appdata(SSL_get_session(s), octets, len);
}

/* ---- one connection */

int
tlsserver_client(int in, int out)
{
	ssl = SSL_new(common);
	if (!ssl || !SSL_set_rfd(ssl, in) || !SSL_set_wfd(ssl, out))
		return because("no memory", (char const *)0);
	SSL_set_accept_state(ssl);
	return 1;
}

/* result - of a call that returned r, which was no success. */
static enum tlsserver_result
result(int r)
{
	int const e = errno;

	switch (SSL_get_error(ssl, r)) {
	case SSL_ERROR_WANT_READ: return TLSSERVER_READ;
	case SSL_ERROR_WANT_WRITE: return TLSSERVER_WRITE;
	case SSL_ERROR_ZERO_RETURN: return TLSSERVER_CLOSED;
	case SSL_ERROR_SYSCALL:
		broken = 1;
		because(e ? strerrordesc_np(e) : "the connection was closed", (char const *)0);
		return TLSSERVER_FAILED;
	default:
		broken = 1;
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			ERR_clear_error();
			because("the connection was closed", (char const *)0);
			return TLSSERVER_CLOSED;
		}
		because(openssl_says(), (char const *)0);
		return TLSSERVER_FAILED;
	}
}

enum tlsserver_result
tlsserver_handshake(void)
{
	enum tlsserver_result r;
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_do_handshake(ssl);
	if (n == 1)
		return TLSSERVER_DONE;
	r = result(n);
	return r == TLSSERVER_CLOSED ? TLSSERVER_FAILED : r;
}

int
tlsserver_read(char *to)
{
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_read(ssl, to, TLSSERVER_PLAIN);
	return n > 0 ? n : (int)result(n);
}

int
tlsserver_buffered(void)
{
	return SSL_has_pending(ssl);
}

int
tlsserver_write(char const *data, size_t len)
{
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_write(ssl, data, len > TLSSERVER_PLAIN ? TLSSERVER_PLAIN : (int)len);
	return n > 0 ? n : (int)result(n);
}

void
tlsserver_close(void)
{
	ERR_clear_error();
	if (!broken)
		SSL_shutdown(ssl);
}

/* ---- facts */

struct facts {
	char *to;
	size_t len, max;
};

/* add - one, and room is left for the end of all. */
static void
add(struct facts *f, char const *name, char const *value)
{
	size_t const left = f->max - f->len;
	int const n = snprintf(f->to + f->len, left, "%s=%s", name, value);

	if (n > 0 && (size_t)n + 1 < left)
		f->len += (size_t)n + 1;
}

/* add_hex - octets, behind a word of what they are. */
static void
add_hex(struct facts *f, char const *name, char const *word, unsigned char const *data, size_t len)
{
	char text[16 + 2 * EVP_MAX_MD_SIZE + 1];
	size_t at = (size_t)snprintf(text, 16, "%s", word);

	for (size_t i = 0; i < len; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%02x", data[i]);
	add(f, name, text);
}

static void
add_peer(struct facts *f)
{
	X509 const *const cert = SSL_get0_peer_certificate(ssl);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;
	char subject[512];

	if (!cert)
		return;
	if (X509_digest(cert, EVP_sha256(), digest, &len))
		add_hex(f, "SSL_PEER_CERT_HASH", "SHA256:", digest, len);
	if (X509_NAME_oneline(X509_get_subject_name(cert), subject, sizeof subject))
		add(f, "SSL_PEER_CERT_SUBJECT", subject);
}

/* add_bindings - what ties a password's proof to this connection (RFC 9266, RFC 5929 4). */
static void
add_bindings(struct facts *f)
{
	static char const label[] = "EXPORTER-Channel-Binding";
	unsigned char octets[EVP_MAX_MD_SIZE];
	size_t len;

	if (SSL_version(ssl) >= TLS1_3_VERSION &&
	    SSL_export_keying_material(
		ssl, octets, DIGEST, label, sizeof label - 1, (unsigned char const *)"", 0, 1))
		add_hex(f, "TLS_EXPORTER", "", octets, DIGEST);
	len = end_point(ssl, octets);
	if (len)
		add_hex(f, "TLS_SERVER_END_POINT", "", octets, len);
}

size_t
tlsserver_facts(char *to, size_t max)
{
	struct facts f = { to, 0, max };
	char const *const name = asked_name(ssl);

	add(&f, "SSL_PROTOCOL", SSL_get_version(ssl));
	add(&f, "SSL_CIPHER", SSL_get_cipher_name(ssl));
	if (name)
		add(&f, "SSL_TLS_SNI_SERVERNAME", name);
	add(&f, "SSL_SESSION_RESUMED", SSL_session_reused(ssl) ? "Resumed" : "Initial");
	add_peer(&f);
	add_bindings(&f);
	ERR_clear_error();
	to[f.len++] = 0;
	return f.len;
}
