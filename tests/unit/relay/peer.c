/* unit tests of relay/peer: which server, and all that comes before the first MAIL */
#include "peer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "nexthop.h"

static char helo[] = "us.example";
static char const passwords[] = "h.org u p";
static struct relayconf conf = {
	.helo = { .s = helo },
	.passwords = { .s = (char *)passwords, .len = sizeof passwords },
};
static struct peer p;
static struct hop hop = { .host = "h.org", .ip = "192.0.2.1", .tls = HOP_TLS_MAY };
static struct answer why;

static int
get(struct nexthop_reply const *script, int hosts, enum needs_tls tls)
{
	int reused;

	peer_close(&p);
	nexthop_start(&hop, script, hosts);
	peer_init(&p, &conf);
	peer_begin(&p);
	return peer_get(&p, tls, &reused, &why);
}

static void
test_hello(void **state)
{
	static struct nexthop_reply const modern[] = {
		{ "EHLO", "250-h\r\n250-PIPELINING\r\n250 SIZE 7\r\n" }, { 0, 0 }
	};
	static struct nexthop_reply const old[] = { { "EHLO", "500 what?\r\n" }, { 0, 0 } };

	(void)state;
	assert_int_equal(get(modern, 1, NEEDS_AS_USUAL), 1);
	assert_string_equal(nexthop->heard, "EHLO us.example\n");
	assert_string_equal(p.where, "h.org[192.0.2.1]");
	assert_int_equal(p.can.offers, CAN_PIPELINING | CAN_SIZE);
	assert_int_equal(get(old, 1, NEEDS_AS_USUAL), 1);
	assert_string_equal(nexthop->heard, "EHLO us.example\nHELO us.example\n");
	assert_int_equal(p.can.offers, 0);
	peer_quit(&p);
	assert_false(p.d.open);
	assert_string_equal(nexthop->heard, "EHLO us.example\nHELO us.example\nQUIT\n");
}

static void
test_next_host(void **state)
{
	static struct nexthop_reply const bad[] = { { "GREETING", "554 no\r\n" }, { 0, 0 } };
	static struct nexthop_reply const gone[] = { { "EHLO", 0 }, { 0, 0 } };

	(void)state;
	assert_int_equal(get(bad, 3, NEEDS_AS_USUAL), 0);
	assert_asked("NFNFNFN");
	assert_string_equal(why.text, "h.org[192.0.2.1] said: 554 no");
	assert_string_equal(why.status, "4.4.2");
	assert_int_equal(get(gone, 1, NEEDS_AS_USUAL), 0);
	assert_string_equal(why.text, "h.org[192.0.2.1]: connection lost after EHLO");
	assert_int_equal(get(gone, 0, NEEDS_AS_USUAL), 0);
	assert_string_equal(why.status, "4.4.1");
	assert_int_equal(get(bad, 1000, NEEDS_AS_USUAL), 0); /* it does not go on for ever */
	assert_int_equal(strlen(nexthop_asked(2 * PEER_TRIES_MAX)), 2 * PEER_TRIES_MAX);
}

static void
test_again(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };
	int reused = 7;

	(void)state;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 1);
	peer_worked(&p);
	peer_worked(&p); /* is said once */
	p.mails = 1;
	peer_begin(&p);
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &why), 1);
	assert_int_equal(reused, 1);
	peer_dropped(&p);
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &why), 1);
	assert_int_equal(reused, 0);
	p.mails = PEER_MAILS_MAX;
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &why), 1);
	assert_int_equal(reused, 0);
	p.can.mailmax = p.mails = 3;
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &why), 1);
	assert_int_equal(reused, 0);
	stream_answer_set(&why, 'Z', "4.4.2", "x");
	peer_failed(&p, &why);
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &why), 0);
	assert_asked("NGAAAFN");
	peer_begin(&p);
	assert_int_equal(peer_get(&p, NEEDS_AS_USUAL, &reused, &why), 1);
}

/* test_connect_gone - what was done stays done, though nobody takes note of it any more. */
static void
test_connect_gone(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };
	int const deaf = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 1);
	dup2(deaf, RELAY_CONNECT);
	peer_worked(&p);
	assert_int_equal(p.good, 1);
	assert_int_equal(p.d.open, 1);
	close(deaf);
	assert_asked("N");
}

static void
test_ticket(void **state)
{
	static struct nexthop_reply const script[] = { { 0, 0 } };

	(void)state;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 1);
	assert_int_equal(peer_ticket(&p, &why), 1);
	p.hop.rate = 1;
	assert_int_equal(peer_ticket(&p, &why), 1);
	peer_worked(&p);
	assert_asked("NTG");
}

static void
test_tls_fails(void **state)
{
	static struct nexthop_reply const script[] = { { "EHLO", "250-h\r\n250 STARTTLS\r\n" },
		{ "STARTTLS", "220 go\r\n" }, { 0, 0 } };
	static struct nexthop_reply const injected[] = { { "EHLO", "250-h\r\n250 STARTTLS\r\n" },
		{ "STARTTLS", "220 go\r\n250 x\r\n" }, { 0, 0 } };

	(void)state;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 1); /* in plain text, then */
	assert_asked("NPS");
	assert_false(p.is_tls || peer_is_verified(&p));
	assert_int_equal(get(injected, 1, NEEDS_AS_USUAL), 0);
	assert_string_equal(why.status, "4.7.4");
	hop.tls = HOP_TLS_VERIFY;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 0);
	assert_asked("NN");
	assert_int_equal(get(script, 1, NEEDS_ANY), 1);
	assert_true(p.any);
	hop.testing = 1;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 1);
	assert_int_equal(get(script, 1, NEEDS_REQUIRED), 0);
	assert_string_equal(why.status, "5.7.30");
	hop.testing = 0;
	hop.tls = HOP_TLS_MAY;
	hop.implicit = 1;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 0);
	assert_asked("NN");
	hop.implicit = 0;
}

/* a password goes to nobody whose name was not proven */
static void
test_no_password_in_plain(void **state)
{
	static struct nexthop_reply const script[] = { { "EHLO", "250-h\r\n250 AUTH PLAIN\r\n" },
		{ 0, 0 } };

	(void)state;
	hop.route = 1;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 0);
	assert_string_equal(why.status, "4.7.5");
	assert_null(strstr(nexthop->heard, "AUTH"));
	hop.route = 0;
	assert_int_equal(get(script, 1, NEEDS_AS_USUAL), 1);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_next_host),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_connect_gone),
		cmocka_unit_test(test_ticket),
		cmocka_unit_test(test_tls_fails),
		cmocka_unit_test(test_no_password_in_plain),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
