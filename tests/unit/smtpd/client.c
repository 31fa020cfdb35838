/* unit tests of smtpd/client: the order of where the peer's address comes from */
#include "client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_ip(void **state)
{
	static struct {
		char const *text, *want; /* null: none */
	} const cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:201", "192.0.2.1" },
		{ "2001:DB8:0:0::1", "2001:db8::1" },
		{ "::1", "::1" },
		{ "", 0 },
		{ "192.0.2.300", 0 },
		{ "192.0.2", 0 },
		{ "192.0.2.1 ", 0 },
		{ "localhost", 0 },
		{ "fe80::1%eth0", 0 },
		{ "192.0.2.1]) by evil (", 0 },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:1111", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char to[CLIENT_IP_MAX];
		int const r = client_ip(to, cases[i].text, strlen(cases[i].text));

		assert_int_equal(r, cases[i].want != 0);
		assert_string_equal(to, cases[i].want ? cases[i].want : "");
	}
}

static void
set(struct client *c, char const *version, char const *cipher)
{
	struct client_tls const t = { .version = version, .cipher = cipher };

	client_set_tls(c, &t);
}

static void
test_tls(void **state)
{
	struct client c;

	(void)state;
	memset(&c, 0, sizeof c);
	set(&c, "TLSv1.3", "TLS_AES_256_GCM_SHA384");
	assert_string_equal(c.tls, "TLSv1.3 TLS_AES_256_GCM_SHA384");
	set(&c, "TLSv1.2", 0);
	assert_string_equal(c.tls, "TLSv1.2");
	set(&c, 0, "a) b\n(");
	assert_string_equal(c.tls, "TLS ab");
	set(&c,
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "y");
	assert_int_equal(strlen(c.tls), CLIENT_TLS_MAX - 1);
}

static void
test_tls_facts(void **state)
{
	struct client_tls t = {
		.sni = "mx.example.org", .hash = "SHA256:ab\n", .subject = "/CN=caf\xe9"
	};
	struct client c = { 0 };

	(void)state;
	client_set_tls(&c, &t);
	assert_string_equal(c.tls, "TLS");
	assert_string_equal(c.sni, "mx.example.org");
	assert_string_equal(c.hash, "SHA256:ab?");
	assert_string_equal(c.subject, "/CN=caf?");
	assert_string_equal(c.binding, "");
	memset(&c, 0, sizeof c);
	t.sni = "no host";
	client_set_tls(&c, &t);
	assert_string_equal(c.sni, "");
}

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

/* What a proof can be bound to: nothing without the exporter, and nothing of what came before. */
static void
test_binding(void **state)
{
	static struct {
		char const *exporter, *endpoint, *want;
	} const cases[] = {
		{ HEX64, 0, "tls-exporter=" HEX64 },
		{ HEX64, HEX64, "tls-exporter=" HEX64 " tls-server-end-point=" HEX64 },
		{ HEX64, HEX64 HEX64, "tls-exporter=" HEX64 " tls-server-end-point=" HEX64 HEX64 },
		{ HEX64, HEX64 HEX64 "00", "tls-exporter=" HEX64 },
		{ HEX64, HEX16, "tls-exporter=" HEX64 },
		{ HEX64, HEX64 "0", "tls-exporter=" HEX64 },
		{ 0, HEX64, "" },
		{ "", "", "" },
		{ HEX16, HEX64, "" },
		{ HEX64 "00", HEX64, "" },
		{ HEX64 " ", HEX64, "" },
		{ "x" HEX16 HEX16 HEX16 "0123456789abcde", HEX64, "" },
	};
	struct client c = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct client_tls const t = { .exporter = cases[i].exporter,
			.endpoint = cases[i].endpoint };

		client_set_tls(&c, &t);
		assert_string_equal(c.binding, cases[i].want);
		snprintf(c.binding, sizeof c.binding, "tls-exporter=" HEX16);
	}
}

static void
clear(void)
{
	static char const *const names[] = { "TCPREMOTEIP", "TCPREMOTEPORT", "TCPREMOTEHOST",
		"TCPLOCALIP", "REMOTE_ADDR", "REMOTE_PORT", "SSL_PROTOCOL", "SSL_CIPHER",
		"TLS_EXPORTER" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
}

static void
test_environment(void **state)
{
	struct client c;
	int const in = dup(0);
	int const null = open("/dev/null", O_RDONLY);

	(void)state;
	dup2(null, 0);
	clear();
	client_find(&c);
	assert_string_equal(c.ip, "");
	setenv("REMOTE_ADDR", "2001:db8::5", 1);
	setenv("REMOTE_PORT", "77", 1);
	client_find(&c);
	assert_string_equal(c.ip, "2001:db8::5");
	assert_string_equal(c.port, "77");
	setenv("TCPREMOTEIP", "", 1);
	client_find(&c);
	assert_string_equal(c.ip, "2001:db8::5");
	setenv("TCPREMOTEIP", "192.0.2.1", 1);
	setenv("TCPREMOTEPORT", "9\n", 1);
	setenv("TCPREMOTEHOST", "mx.crepes.fr", 1);
	setenv("TCPLOCALIP", "::ffff:192.0.2.9", 1);
	client_find(&c);
	assert_string_equal(c.ip, "192.0.2.1");
	assert_string_equal(c.port, "");
	assert_string_equal(c.rdns, "mx.crepes.fr");
	assert_string_equal(c.localip, "192.0.2.9");
	assert_string_equal(c.tls, "");
	setenv("TCPREMOTEHOST", "evil\nX: y", 1);
	setenv("SSL_PROTOCOL", "TLSv1.3", 1);
	client_find(&c);
	assert_string_equal(c.rdns, "");
	assert_string_equal(c.tls, "TLSv1.3");
	assert_string_equal(c.binding, "");
	setenv("TLS_EXPORTER", HEX64, 1);
	client_find(&c);
	assert_string_equal(c.binding, "tls-exporter=" HEX64);
	unsetenv("SSL_PROTOCOL");
	client_find(&c);
	assert_string_equal(c.binding, "");
	clear();
	dup2(in, 0);
	close(in);
	close(null);
}

/* A connection of our own as descriptor 0. */
static void
test_socket(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t size = sizeof a;
	struct client c;
	int const in = dup(0);
	int const listener = socket(AF_INET6, SOCK_STREAM, 0);
	int const client = socket(AF_INET, SOCK_STREAM, 0);
	int off = 0, server, pair[2];

	(void)state;
	clear();
	if (listener == -1)
		skip(); /* no IPv6 here */
	setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &size), 0);
	to.sin_port = a.sin6_port;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), 0);
	server = accept(listener, 0, 0);
	dup2(server, 0);
	client_find(&c);
	assert_string_equal(c.ip, "127.0.0.1"); /* it is a mapped one on this socket */
	assert_string_equal(c.localip, "127.0.0.1");
	assert_true(strlen(c.port) > 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	dup2(pair[0], 0);
	client_find(&c);
	assert_string_equal(c.ip, "");
	dup2(in, 0);
	close(in);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_tls_facts),
		cmocka_unit_test(test_binding),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_socket),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
