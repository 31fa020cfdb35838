#include "tlsclient.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlsserver.h"

#define KNOWN 0 /* its certificate is an authority's own */

/* Servers: one that is known, one that is not, one that has expired (and is known). */
static struct {
	char const *names;
	long ends;
	SSL_CTX *ctx;
	X509 *cert;
} servers[] = {
	{ "DNS:mx.crepes.fr,DNS:*.wild.example,IP:192.0.2.1", 1000, 0, 0 },
	{ "DNS:mx.crepes.fr", 1000, 0, 0 },
	{ "DNS:mx.crepes.fr", -10, 0, 0 },
};

#define SERVERS (sizeof servers / sizeof *servers)

static int
make_all(void **state)
{
	int const fd = memfd_create("authorities", 0);
	BIO *const bio = BIO_new(BIO_s_mem());
	char *pem;
	long len;

	(void)state;
	for (size_t i = 0; i < SERVERS; i++) {
		servers[i].ctx = make_server(servers[i].names, servers[i].ends, &servers[i].cert);
		if (i != 1)
			PEM_write_bio_X509(bio, servers[i].cert);
	}
	len = BIO_get_mem_data(bio, &pem);
	if (write(fd, "some words\n", 11) != 11 || write(fd, pem, (size_t)len) != len)
		return -1;
	lseek(fd, 0, SEEK_SET);
	if (fd != TLSCLIENT_AUTHORITIES)
		dup2(fd, TLSCLIENT_AUTHORITIES);
	BIO_free(bio);
	return 0;
}

/* ---- both ends in memory */

struct ends {
	struct tlsclient *client;
	SSL *server;
};

static void
begin(struct ends *e, struct hop const *h, size_t server)
{
	e->client = tlsclient_start(h);
	assert_non_null(e->client);
	e->server = SSL_new(servers[server].ctx);
	SSL_set_bio(e->server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(e->server);
}

static void
end(struct ends *e)
{
	tlsclient_free(e->client);
	SSL_set_shutdown(e->server, SSL_SENT_SHUTDOWN); /* else it forgets the session */
	SSL_free(e->server);
}

/* carry - what each has for the other, in pieces of at most max octets; 1 if there was anything. */
static int
carry(struct ends *e, size_t max)
{
	char octets[20000];
	size_t n;
	int m, any = 0;

	assert_true(max <= sizeof octets);
	while ((n = tlsclient_take(e->client, octets, max))) {
		assert_int_equal(BIO_write(SSL_get_rbio(e->server), octets, (int)n), n);
		any = 1;
	}
	while ((m = BIO_read(SSL_get_wbio(e->server), octets, (int)max)) > 0) {
		assert_true(tlsclient_feed(e->client, octets, (size_t)m));
		any = 1;
	}
	return any;
}

static enum tlsclient_result
shake(struct ends *e, size_t max)
{
	enum tlsclient_result r;

	do {
		r = tlsclient_handshake(e->client);
		if (r == TLSCLIENT_FAILED)
			return r;
		carry(e, max);
		SSL_do_handshake(e->server);
	} while (carry(e, max) || r == TLSCLIENT_MORE);
	return r;
}

/* ---- what verifies */

static void
add_tlsa(struct hop *h, uint8_t usage, uint8_t selector, uint8_t matching, X509 *cert)
{
	struct hop_tlsa *const t = &h->tlsa[h->tlsas++];
	unsigned char *der = 0;
	unsigned int len;
	int const n = selector ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der)
			       : i2d_X509(cert, &der);

	*t = (struct hop_tlsa){ usage, selector, matching, 0, { 0 } };
	if (matching) {
		EVP_Digest(
		    der, (size_t)n, t->data, &len, matching == 1 ? EVP_sha256() : EVP_sha512(), 0);
		t->len = (uint16_t)len;
	} else {
		assert_true((size_t)n <= sizeof t->data);
		memcpy(t->data, der, (size_t)n);
		t->len = (uint16_t)n;
	}
	OPENSSL_free(der);
}

static void
authorities_that_cannot_be_read_are_not_none(void **state)
{
	struct hop const h = { .names = 1, .name = { "mx.crepes.fr" }, .tls = HOP_TLS_VERIFY };
	int const kept = dup(TLSCLIENT_AUTHORITIES), deaf = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_equal(dup2(deaf, TLSCLIENT_AUTHORITIES), TLSCLIENT_AUTHORITIES);
	assert_null(tlsclient_start(&h));
	assert_null(tlsclient_start(&h));
	/* that they verify once they can be read, the next test shows */
	dup2(kept, TLSCLIENT_AUTHORITIES);
	close(kept);
	close(deaf);
}

/* What is wanted of which server, and what comes of it: in this order, since sessions are kept. */
static struct {
	enum hop_tls tls;
	int testing;
	char const *name[2];
	int tlsa; /* usage of a record of server `of`; -1 none */
	size_t of;
	size_t server;
	int up;
	int verified;
	char const *why; /* begins so */
} const cases[] = {
	/* before the authorities are read nobody asks */
	{ HOP_TLS_MAY, 0, { "mx.crepes.fr" }, -1, 0, 0, 1, SECURED_NO, "" },
	{ HOP_TLS_MAY, 0, { 0 }, -1, 0, 2, 1, SECURED_NO, "" },
	{ HOP_TLS_VERIFY, 0, { "mx.crepes.fr" }, -1, 0, 0, 1, SECURED_NAME, "" },
	{ HOP_TLS_VERIFY, 0, { "other.example", "mx.crepes.fr" }, -1, 0, 0, 1, SECURED_NAME, "" },
	{ HOP_TLS_VERIFY, 0, { "a.wild.example" }, -1, 0, 0, 1, SECURED_NAME, "" },
	{ HOP_TLS_VERIFY, 0, { "a.b.wild.example" }, -1, 0, 0, 0, 0, "hostname mismatch" },
	{ HOP_TLS_VERIFY, 0, { "[192.0.2.1]" }, -1, 0, 0, 1, SECURED_NAME, "" },
	{ HOP_TLS_VERIFY, 0, { "[192.0.2.2]" }, -1, 0, 0, 0, 0, "IP address mismatch" },
	{ HOP_TLS_VERIFY, 0, { "mx.crepes.fr.example" }, -1, 0, 0, 0, 0, "hostname mismatch" },
	{ HOP_TLS_VERIFY, 0, { 0 }, -1, 0, 0, 0, 0, "there is no name" },
	{ HOP_TLS_VERIFY, 1, { 0 }, -1, 0, 0, 1, SECURED_NO, "there is no name" },
	{ HOP_TLS_VERIFY, 0, { "mx.crepes.fr" }, -1, 0, 1, 0, 0, "self-signed" },
	{ HOP_TLS_VERIFY, 1, { "mx.crepes.fr" }, -1, 0, 1, 1, SECURED_NO, "self-signed" },
	{ HOP_TLS_VERIFY, 0, { "mx.crepes.fr" }, -1, 0, 2, 0, 0, "certificate has expired" },
	/* now they are read */
	{ HOP_TLS_MUST, 0, { "mx.crepes.fr" }, -1, 0, 0, 1, SECURED_NAME, "" },
	{ HOP_TLS_MUST, 0, { "mx.crepes.fr" }, -1, 0, 1, 1, SECURED_NO, "self-signed" },
	{ HOP_TLS_DANE, 0, { "mx.crepes.fr" }, 3, 1, 1, 1, SECURED_DANE, "" },
	{ HOP_TLS_DANE, 0, { "other.example" }, 3, 1, 1, 1, SECURED_DANE, "" },
	{ HOP_TLS_DANE, 0, { "mx.crepes.fr" }, 3, 2, 2, 1, SECURED_DANE, "" },
	/* a certificate is no authority of itself */
	{ HOP_TLS_DANE, 0, { "mx.crepes.fr" }, 2, 1, 1, 0, 0, "no matching DANE TLSA records" },
	{ HOP_TLS_DANE, 0, { "mx.crepes.fr" }, 3, 1, 0, 0, 0, "no matching DANE TLSA records" },
	{ HOP_TLS_DANE, 1, { "mx.crepes.fr" }, 3, 1, 0, 1, SECURED_NO, "no matching DANE" },
	{ HOP_TLS_DANE, 0, { "mx.crepes.fr" }, 1, 1, 1, 1, SECURED_NO, "no TLSA record can be" },
	{ HOP_TLS_DANE, 0, { "mx.crepes.fr" }, -1, 0, 1, 1, SECURED_NO, "no TLSA record can be" },
	{ HOP_TLS_DANE, 0, { 0 }, 3, 1, 1, 0, 0, "there is no name" },
};

static void
fill(struct hop *h, size_t i)
{
	memset(h, 0, sizeof *h);
	snprintf(h->ip, sizeof h->ip, "192.0.2.%zu", i); /* so that no case resumes another's */
	h->tls = cases[i].tls;
	h->testing = cases[i].testing;
	for (size_t n = 0; n < 2 && cases[i].name[n]; n++)
		snprintf(h->name[h->names++], HOP_NAME_MAX, "%s", cases[i].name[n]);
	if (cases[i].tlsa != -1)
		add_tlsa(h, (uint8_t)cases[i].tlsa, 1, 1, servers[cases[i].of].cert);
}

static void
each_level_verifies_what_it_says(void **state)
{
	static struct hop h;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct secured s;
		struct ends e;
		char why[256];
		int up;

		fill(&h, i);
		begin(&e, &h, cases[i].server);
		up = shake(&e, 20000) == TLSCLIENT_DONE;
		if (up) {
			tlsclient_facts(e.client, &s);
			snprintf(why, sizeof why, "%s", s.why);
		} else {
			assert_true(tlsclient_why(e.client, why, sizeof why));
		}
		if (up != cases[i].up || (up && (int)s.verified != cases[i].verified) ||
		    strncmp(why, cases[i].why, strlen(cases[i].why)) != 0 ||
		    (!*cases[i].why && *why))
			fail_msg("case %zu: up %d, verified %d, %s", i, up,
			    up ? (int)s.verified : -1, why);
		end(&e);
	}
}

static void
every_form_of_a_record_counts(void **state)
{
	static struct hop h;

	(void)state;
	for (uint8_t form = 0; form < 6; form++) {
		struct ends e;
		struct secured s;

		memset(&h, 0, sizeof h);
		h.tls = HOP_TLS_DANE;
		h.names = 1;
		strcpy(h.name[0], "mx.crepes.fr");
		add_tlsa(&h, 3, 1, 1, servers[0].cert);
		h.tlsa[0].len = 3; /* damaged: passed over */
		add_tlsa(&h, 3, form % 2, form / 2, servers[1].cert);
		begin(&e, &h, 1);
		assert_int_equal(shake(&e, 20000), TLSCLIENT_DONE);
		tlsclient_facts(e.client, &s);
		assert_int_equal(s.verified, SECURED_DANE);
		end(&e);
	}
}

/* ---- octets */

static void
up(struct ends *e, char const *name)
{
	static struct hop h;

	memset(&h, 0, sizeof h);
	h.tls = HOP_TLS_MUST;
	h.names = 1;
	strcpy(h.name[0], name);
	begin(e, &h, KNOWN);
	assert_int_equal(shake(e, 1), TLSCLIENT_DONE);
}

static void
octets_pass_in_any_pieces(void **state)
{
	static char out[TLSCLIENT_PLAIN], back[TLSCLIENT_PLAIN];
	struct ends e;
	int n, len = 0;

	(void)state;
	up(&e, "mx.crepes.fr");
	for (size_t i = 0; i < sizeof out; i++)
		out[i] = (char)(i * 7);
	assert_int_equal(tlsclient_write(e.client, out, sizeof out), TLSCLIENT_DONE);
	carry(&e, 7);
	assert_int_equal(SSL_read(e.server, back, sizeof back), sizeof back);
	assert_memory_equal(out, back, sizeof out);
	assert_int_equal(tlsclient_read(e.client, back), TLSCLIENT_MORE);
	SSL_write(e.server, out, sizeof out);
	while (carry(&e, 100) || len < (int)sizeof out) {
		n = tlsclient_read(e.client, back + len);
		assert_true(n >= 0);
		len += n;
	}
	assert_memory_equal(out, back, sizeof out);
	assert_int_equal(tlsclient_write(e.client, out, 0), TLSCLIENT_DONE);
	assert_int_equal(tlsclient_write(e.client, out, sizeof out + 1), TLSCLIENT_FAILED);
	end(&e);
}

static void
each_end_is_told_when_the_other_ends(void **state)
{
	char text[TLSCLIENT_PLAIN];
	struct ends e;

	(void)state;
	up(&e, "mx.crepes.fr");
	tlsclient_close(e.client);
	carry(&e, 1000);
	assert_true(SSL_read(e.server, text, sizeof text) <= 0);
	assert_true(SSL_get_shutdown(e.server) & SSL_RECEIVED_SHUTDOWN);
	SSL_write(e.server, "more", 4);
	SSL_shutdown(e.server);
	carry(&e, 1000);
	assert_int_equal(tlsclient_read(e.client, text), 4);
	assert_int_equal(tlsclient_read(e.client, text), TLSCLIENT_CLOSED);
	end(&e);
}

static void
octets_that_were_changed_end_it(void **state)
{
	char text[TLSCLIENT_PLAIN], why[100];
	struct ends e;
	int n;

	(void)state;
	up(&e, "mx.crepes.fr");
	while (tlsclient_read(e.client, text) == TLSCLIENT_MORE && carry(&e, 1000))
		;
	SSL_write(e.server, "text", 4);
	n = BIO_read(SSL_get_wbio(e.server), text, sizeof text);
	text[n - 1] ^= 1;
	assert_true(tlsclient_feed(e.client, text, (size_t)n));
	assert_int_equal(tlsclient_read(e.client, text), TLSCLIENT_FAILED);
	assert_false(tlsclient_why(e.client, why, sizeof why));
	assert_true(*why);
	end(&e);
}

static void
what_is_no_tls_fails(void **state)
{
	static struct hop const h = { .tls = HOP_TLS_MAY };
	char why[100];
	struct ends e;

	(void)state;
	begin(&e, &h, KNOWN);
	assert_int_equal(tlsclient_handshake(e.client), TLSCLIENT_MORE);
	assert_true(tlsclient_feed(e.client, "220 hello\r\n", 11));
	assert_int_equal(tlsclient_handshake(e.client), TLSCLIENT_FAILED);
	assert_false(tlsclient_why(e.client, why, sizeof why));
	assert_string_equal(why, "wrong version number");
	end(&e);
	tlsclient_free(0);
}

/* ---- sessions, and what the certificate says */

static int
resumes(char const *name)
{
	char text[TLSCLIENT_PLAIN];
	struct secured s;
	struct ends e;

	up(&e, name);
	SSL_write(e.server, "x", 1);
	carry(&e, 1000);
	assert_int_equal(tlsclient_read(e.client, text), 1); /* tickets came before it */
	tlsclient_facts(e.client, &s);
	assert_string_equal(s.peer, "CN = the\\0Aserver 0");
	end(&e);
	return s.resumed;
}

static void
sessions_are_resumed_for_the_same_wish_only(void **state)
{
	char name[32];

	(void)state;
	assert_false(resumes("first.example"));
	assert_true(resumes("first.example"));
	assert_true(resumes("first.example"));
	assert_false(resumes("second.example"));
	assert_true(resumes("first.example"));
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof name, "%d.example", i);
		assert_false(resumes(name));
	}
	assert_true(resumes("7.example"));
	assert_true(resumes("0.example"));
	assert_false(resumes("first.example"));
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(authorities_that_cannot_be_read_are_not_none),
		cmocka_unit_test(each_level_verifies_what_it_says),
		cmocka_unit_test(every_form_of_a_record_counts),
		cmocka_unit_test(octets_pass_in_any_pieces),
		cmocka_unit_test(each_end_is_told_when_the_other_ends),
		cmocka_unit_test(octets_that_were_changed_end_it),
		cmocka_unit_test(what_is_no_tls_fails),
		cmocka_unit_test(sessions_are_resumed_for_the_same_wish_only),
	};

	return cmocka_run_group_tests(tests, make_all, 0);
}
