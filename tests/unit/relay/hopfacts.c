/* unit tests of relay/hopfacts: a hop as facts and back, and what is none */
#include "hopfacts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packet.h"

static void
there_and_back(void **state)
{
	static struct hop const full = {
		.host = "mx.example.org",
		.ip = "2001:db8::1",
		.port = 65535,
		.tls = HOP_TLS_DANE,
		.implicit = 1,
		.testing = 1,
		.secure = 1,
		.route = 1,
		.anybody = 1,
		.rate = 1,
		.names = 2,
		.name = { "mx.example.org", "example.org" },
		.tlsas = 2,
		.tlsa = { { 3, 1, 1, 4, { 0, 1, 0xfe, 0xff } },
		    { 255, 254, 0, HOP_TLSA_DATA, { 7 } } },
	};
	static struct hop const empty = { .host = "h" };
	static char data[HOP_PACKET_MAX];
	struct hop back;
	size_t len = 0;

	(void)state;
	hop_put_facts(data, sizeof data, &len, &full);
	assert_in_range(len, 1, sizeof data);
	assert_int_equal(hop_get_facts(data, len, &back), 1);
	assert_memory_equal(&back, &full, sizeof full);
	len = 0;
	hop_put_facts(data, sizeof data, &len, &empty);
	assert_int_equal(hop_get_facts(data, len, &back), 1);
	assert_memory_equal(&back, &empty, sizeof empty);
}

/* The largest there can be fits a packet. */
static void
largest(void **state)
{
	static struct hop h = { .names = HOP_NAMES_MAX, .tlsas = HOP_TLSA_MAX };
	static char data[HOP_PACKET_MAX];
	size_t len = 0;

	(void)state;
	memset(h.host, 'h', sizeof h.host - 1);
	memset(h.ip, '1', sizeof h.ip - 1);
	for (size_t i = 0; i < HOP_NAMES_MAX; i++)
		memset(h.name[i], 'n', sizeof h.name[i] - 1);
	for (size_t i = 0; i < HOP_TLSA_MAX; i++)
		h.tlsa[i].len = HOP_TLSA_DATA;
	hop_put_facts(data, sizeof data, &len, &h);
	assert_in_range(len, HOP_TLSA_MAX * HOP_TLSA_DATA * 2, sizeof data - 2048);
}

static void
none(void **state)
{
	static char const *const cases[] = {
		"tls=always",
		"tls=",
		"port=65536",
		"port=-1",
		"port=x",
		"implicit=2",
		"secure=yes",
		"ip=1234567890123456789012345678901234567890123456",
		"tlsa=3 1 1 0",
		"tlsa=3 1 1 0g",
		"tlsa=3 1 256 00",
		"tlsa=3 1 00",
		"tlsa=",
		"noequal",
	};
	struct hop h;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char data[64];

		memcpy(data, cases[i], strlen(cases[i]) + 1);
		assert_int_equal(hop_get_facts(data, strlen(cases[i]) + 1, &h), 0);
	}
}

static void
too_many(void **state)
{
	static char data[HOP_PACKET_MAX];
	struct hop h;

	(void)state;
	for (size_t n = 0; n <= HOP_NAMES_MAX + 1; n++) {
		size_t len = 0;

		for (size_t i = 0; i < n; i++)
			packet_fact(data, sizeof data, &len, "name", "n");
		assert_int_equal(hop_get_facts(data, len, &h), n <= HOP_NAMES_MAX);
	}
	for (size_t n = HOP_TLSA_MAX; n <= HOP_TLSA_MAX + 1; n++) {
		size_t len = 0;

		for (size_t i = 0; i < n; i++)
			packet_fact(data, sizeof data, &len, "tlsa", "3 1 1 00");
		assert_int_equal(hop_get_facts(data, len, &h), n <= HOP_TLSA_MAX);
	}
}

static void
other_keys(void **state)
{
	char data[] = "colour=red\0host=h";
	struct hop h;

	(void)state;
	assert_int_equal(hop_get_facts(data, sizeof data, &h), 1);
	assert_string_equal(h.host, "h");
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(largest),
		cmocka_unit_test(none),
		cmocka_unit_test(too_many),
		cmocka_unit_test(other_keys),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
