#include "tlsserver.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "tickets.h"
#include "tlsworld.h"

static struct tlsserver_rules const usual = { .tickets = -1 };

/* serve - in a child: a handshake by these rules, facts to the client, and its octets back. */
static int
serve(int fd, struct tlsserver_rules const *rules)
{
	char octets[TLSSERVER_PLAIN];
	size_t len;
	int n;

	if (!open_world() || !tlsserver_start(rules) || !tlsserver_client(fd, fd))
		return 10;
	if (tlsserver_handshake() != TLSSERVER_DONE)
		return 11;
	len = tlsserver_facts(octets, sizeof octets);
	if (tlsserver_write(octets, len) != (int)len)
		return 12;
	while ((n = tlsserver_read(octets)) > 0)
		if (tlsserver_write(octets, (size_t)n) != n)
			return 13;
	tlsserver_close();
	return n == TLSSERVER_CLOSED ? 0 : 14;
}

/* A server in a child, and a client that has not begun. */
struct ends {
	pid_t pid;
	int fd;
	SSL_CTX *ctx;
	SSL *client;
};

static void
begin(struct ends *e, struct tlsserver_rules const *rules)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	e->pid = fork();
	if (!e->pid) {
		close(pair[0]);
		_exit(serve(pair[1], rules));
	}
	close(pair[1]);
	e->fd = pair[0];
	e->client = client_of(e->fd, &e->ctx);
}

/* end - what the server made of it. */
static int
end(struct ends *e)
{
	int status;

	SSL_free(e->client);
	SSL_CTX_free(e->ctx);
	close(e->fd);
	waitpid(e->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* facts_of - into to, with "|" for NUL. */
static void
facts_of(struct ends *e, char to[4096])
{
	int const n = SSL_read(e->client, to, 4095);

	assert_true(n > 2 && !to[n - 1] && !to[n - 2]);
	for (int i = 0; i < n; i++)
		if (!to[i])
			to[i] = '|';
	to[n] = 0;
}

static void
test_echo(void **state)
{
	struct ends e;
	char octets[4096];

	(void)state;
	begin(&e, &usual);
	SSL_set_tlsext_host_name(e.client, "mx.crepes.fr");
	assert_int_equal(SSL_connect(e.client), 1);
	facts_of(&e, octets);
	assert_non_null(strstr(octets, "SSL_PROTOCOL=TLSv1.3|"));
	assert_non_null(strstr(octets, "|SSL_TLS_SNI_SERVERNAME=mx.crepes.fr|"));
	assert_non_null(strstr(octets, "|SSL_SESSION_RESUMED=Initial|"));
	assert_non_null(strstr(octets, "|TLS_EXPORTER="));
	assert_non_null(strstr(octets, "|TLS_SERVER_END_POINT="));
	assert_null(strstr(octets, "PEER_CERT"));
	assert_int_equal(SSL_write(e.client, "hello", 5), 5);
	assert_int_equal(SSL_read(e.client, octets, sizeof octets), 5);
	assert_memory_equal(octets, "hello", 5);
	SSL_shutdown(e.client);
	assert_int_equal(end(&e), 0);
}

/* What both ends make of the channel bindings is the same (RFC 9266). */
static void
test_bindings(void **state)
{
	struct ends e;
	unsigned char key[32];
	char facts[4096], hex[65];

	(void)state;
	begin(&e, &usual);
	assert_int_equal(SSL_connect(e.client), 1);
	facts_of(&e, facts);
	assert_int_equal(SSL_export_keying_material(e.client, key, sizeof key,
			     "EXPORTER-Channel-Binding", 24, (unsigned char const *)"", 0, 1),
	    1);
	for (size_t i = 0; i < sizeof key; i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	assert_memory_equal(strstr(facts, "TLS_EXPORTER=") + 13, hex, 64);
	assert_int_equal(end(&e), 0);
}

/* fact - the value of one, into to. */
static void
fact(char const *facts, char const *name, char to[256])
{
	char const *const found = strstr(facts, name);

	assert_non_null(found);
	snprintf(to, 256, "%.*s", (int)strcspn(found + strlen(name), "|"), found + strlen(name));
}

/* shown - the hash of the certificate that the client got, in hexadecimal. */
static void
shown(SSL *client, char to[256])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;
	X509 *const cert = SSL_get1_peer_certificate(client);

	assert_int_equal(X509_digest(cert, EVP_sha256(), digest, &len), 1);
	for (unsigned int i = 0; i < len; i++)
		snprintf(to + 2 * i, 3, "%02x", digest[i]);
	X509_free(cert);
}

/* meet - one connection, with that session if there is one: its facts, and the next session. */
static SSL_SESSION *
meet(struct tlsserver_rules const *rules, SSL_SESSION *session, int newest, int rsa,
    char facts[4096], char hash[256])
{
	struct ends e;

	begin(&e, rules);
	SSL_set_max_proto_version(e.client, newest);
	SSL_set1_sigalgs_list(e.client, rsa ? "RSA-PSS+SHA256" : "ECDSA+SHA256");
	if (session)
		SSL_set_session(e.client, session);
	assert_int_equal(SSL_connect(e.client), 1);
	facts_of(&e, facts);
	assert_int_equal(SSL_session_reused(e.client), session != 0);
	shown(e.client, hash);
	SSL_SESSION_free(session);
	session = SSL_get1_session(e.client);
	SSL_shutdown(e.client);
	assert_int_equal(end(&e), 0);
	return session;
}

/*
 * RFC 5929 4: of the certificate that the client knows, of either type, also where the session
 * is resumed, and again, after the certificate was renewed. Each connection has its own exporter.
 */
static void
test_end_point(void **state)
{
	int const dir = open(world, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct tlsserver_rules const rules = { .tickets = tickets_open(dir) };
	static int const versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	(void)state;
	assert_int_not_equal(rules.tickets, -1);
	for (int i = 0; i < 4; i++) {
		int const newest = versions[i / 2], rsa = i % 2;
		char const *const file = rsa ? "servercert-rsa.pem" : "servercert.pem";
		char facts[4096], got[256], hash[256], exporter[256] = "", before[256];
		SSL_SESSION *session = 0;

		for (int times = 0; times < 3; times++) {
			session = meet(&rules, session, newest, rsa, facts, hash);
			fact(facts, "TLS_SERVER_END_POINT=", got);
			assert_string_equal(got, hash);
			if (newest == TLS1_2_VERSION) {
				assert_null(strstr(facts, "TLS_EXPORTER="));
			} else {
				memcpy(before, exporter, sizeof before);
				fact(facts, "TLS_EXPORTER=", exporter);
				assert_string_not_equal(exporter, before);
			}
			put_certificate(file, rsa ? "default-rsa" : "default", rsa, 0);
		}
		SSL_SESSION_free(session);
	}
	close(rules.tickets);
	close(dir);
}

static void
test_choice(void **state)
{
	static struct {
		char const *sni, *ciphers, *want;
	} const cases[] = {
		{ 0, 0, "default" },
		{ "mx.crepes.fr", 0, "mx.crepes.fr" },
		{ "MX.CREPES.FR", 0, "mx.crepes.fr" },
		{ "other.crepes.fr", 0, "default" },
		{ "bad.crepes.fr", 0, "default" },
		{ "../servercert", 0, "default" },
		{ 0, "ECDHE-RSA-AES128-GCM-SHA256", "default-rsa" },
		{ 0, "ECDHE-ECDSA-AES128-GCM-SHA256", "default" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ends e;
		char name[64], facts[4096];

		begin(&e, &usual);
		if (cases[i].sni)
			SSL_set_tlsext_host_name(e.client, cases[i].sni);
		if (cases[i].ciphers) {
			SSL_set_max_proto_version(e.client, TLS1_2_VERSION);
			SSL_set_cipher_list(e.client, cases[i].ciphers);
		}
		assert_int_equal(SSL_connect(e.client), 1);
		facts_of(&e, facts);
		whose(e.client, name);
		assert_string_equal(name, cases[i].want);
		assert_int_equal(end(&e), 0);
	}
}

static void
test_refused(void **state)
{
	struct tlsserver_rules const newest = { .tickets = -1, .newest = 1 };
	char facts[4096];
	struct ends e;

	(void)state;
	begin(&e, &usual);
	SSL_set_min_proto_version(e.client, TLS1_VERSION);
	SSL_set_max_proto_version(e.client, TLS1_1_VERSION);
	SSL_set_cipher_list(e.client, "ALL:@SECLEVEL=0");
	assert_int_not_equal(SSL_connect(e.client), 1);
	assert_int_equal(end(&e), 11);
	begin(&e, &newest);
	SSL_set_max_proto_version(e.client, TLS1_2_VERSION);
	assert_int_not_equal(SSL_connect(e.client), 1);
	assert_int_equal(end(&e), 11);
	begin(&e, &usual);
	assert_int_equal(write(e.fd, "EHLO crepes.fr\r\n", 16), 16);
	assert_int_equal(end(&e), 11);
	begin(&e, &usual);
	assert_int_equal(SSL_connect(e.client), 1);
	facts_of(&e, facts);
	assert_true(write(e.fd, "\27\3\3\0\24garbage, of 20 bytes", 26) == 26);
	assert_int_equal(end(&e), 14);
}

/* start - in a child: 0, or 1 and why has the words. */
static int
start(struct tlsserver_rules const *rules, char const *words)
{
	pid_t const pid = fork();
	int status;

	if (!pid) {
		if (!open_world())
			_exit(2);
		if (tlsserver_start(rules))
			_exit(0);
		_exit(strstr(tlsserver_why(), words) ? 1 : 3);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
test_start(void **state)
{
	struct tlsserver_rules const wrong = { .tickets = -1, .ciphers = "NONE-SUCH" };
	char text[256], path[4096];

	(void)state;
	assert_int_equal(start(&usual, ""), 0);
	assert_int_equal(start(&wrong, "control/tlsciphers: no cipher match"), 1);
	assert_true(open_world());
	assert_true(tlsserver_check(keys_find("mx.crepes.fr"), text, sizeof text));
	assert_string_equal(text, "/CN=mx.crepes.fr");
	assert_false(tlsserver_check(keys_find("bad.crepes.fr"), text, sizeof text));
	assert_non_null(strstr(text, "bad.crepes.fr.pem: the key does not belong"));
	snprintf(path, sizeof path, "%s/control/servercert.pem", world);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(start(&usual, "servercert.pem: empty"), 1);
	put_certificate("servercert.pem", "default", 0, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_bindings),
		cmocka_unit_test(test_end_point),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_start),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_world, remove_world);
}
