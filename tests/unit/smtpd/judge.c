/* unit tests of smtpd/judge: who is taken, relayed for, refused */
#include "judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/judge.XXXXXX";
static struct control control;
static struct settings set;
static struct client client = { .ip = "192.0.2.1", .localip = "192.0.2.9" };
static struct judge judge;

static void
put(char const *name, char const *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/control/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
set_up(void **state)
{
	char path[256];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/control", dir);
	if (mkdir(path, 0755) == -1)
		return -1;
	put("me", "hamburger.edu\n");
	put("virtualdomains", "virtual.example:root\n");
	if (control_open_at(&control, dir) != 1)
		return -1;
	settings_read(&set, &control, 0);
	judge_open(&judge, &control, &set, &client);
	control_close(&control);
	return 0;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

/* want - the verdict on an address, and what became of the address (null: it stayed). */
static void
want(char const *text, enum verdict verdict, char const *rewritten)
{
	struct address a;
	enum verdict got;

	assert_int_equal(address_parse(&a, text, strlen(text), ADDRESS_POSTMASTER_OK), ADDRESS_OK);
	got = judge_rcpt(&judge, &a, 1);
	if (got != verdict)
		fail_msg("%s: %d", text, got);
	assert_string_equal(a.text, rewritten ? rewritten : text);
}

static void
test_plain(void **state)
{
	(void)state;
	want("no-such-user-here@hamburger.edu", VERDICT_NO_USER, 0);
	want("alice@crepes.fr", VERDICT_NO_RELAY, 0);
	want("alice@sub.hamburger.edu", VERDICT_NO_RELAY, 0);
}

static void
test_literal(void **state)
{
	(void)state;
	want("no-such-user@[192.0.2.9]", VERDICT_NO_USER, "no-such-user@hamburger.edu");
	want("no-such-user@[192.0.2.1]", VERDICT_NO_RELAY, 0);
	want("no-such-user@[IPv6:2001:db8::9]", VERDICT_NO_RELAY, 0);
	strcpy(client.localip, "2001:db8::9");
	want("no-such-user@[IPv6:2001:db8::9]", VERDICT_NO_USER, "no-such-user@hamburger.edu");
	strcpy(client.localip, "");
	want("no-such-user@[192.0.2.9]", VERDICT_NO_RELAY, 0);
	strcpy(client.localip, "192.0.2.9");
}

static void
test_rcpthosts(void **state)
{
	(void)state;
	set.has_rcpthosts = 1;
	assert_true(stralloc_copyb(&set.rcpthosts, "crepes.fr\0.example", 19));
	want("alice@crepes.fr", VERDICT_RELAY, 0);
	want("alice@mx.crepes.fr", VERDICT_NO_RELAY, 0);
	want("alice@a.example", VERDICT_RELAY, 0);
	/* it decides alone, as in qmail */
	want("no-such-user@hamburger.edu", VERDICT_NO_RELAY, 0);
	set.relay = "";
	want("no-such-user@hamburger.edu", VERDICT_NO_USER, 0);
	set.relay = 0;
	set.has_rcpthosts = 0;
}

static void
test_relayclient(void **state)
{
	(void)state;
	set.relay = "";
	want("alice@crepes.fr", VERDICT_RELAY, 0);
	want("no-such-user@hamburger.edu", VERDICT_NO_USER, 0);
	set.relay = ".relay.example";
	want("alice@crepes.fr", VERDICT_RELAY, "alice@crepes.fr.relay.example");
	set.relay = "@@";
	want("alice@crepes.fr", VERDICT_NO_RELAY, "");
	set.relay = 0;
}

static int
may_send(char const *login, char const *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, strlen(text), ADDRESS_NULL_OK), ADDRESS_OK);
	return judge_sender(&judge, login, &a);
}

static void
test_senders(void **state)
{
	static char list[] = "bob:robert@hamburger.edu\0bob:@crepes.fr\0carol:*\0bo:x@y.example";

	(void)state;
	set.senders.s = list;
	set.senders.len = sizeof list;
	assert_int_equal(may_send("bob", ""), 1);
	assert_int_equal(may_send("bob@x.example", "BOB@x.example"), 1);
	assert_int_equal(may_send("bob", "Robert@Hamburger.edu"), 1);
	assert_int_equal(may_send("BOB", "any@crepes.fr"), 1);
	assert_int_equal(may_send("carol", "any@where.example"), 1);
	assert_int_equal(may_send("bob", "any@sub.crepes.fr"), 0);
	assert_int_equal(may_send("bob", "x@y.example"), 0);
	assert_int_equal(may_send("bobb", "robert@hamburger.edu"), 0);
	assert_int_equal(may_send("", "robert@hamburger.edu"), 0);
	assert_int_equal(may_send("bob", "no-such-user@hamburger.edu"), 0);
	set.senders.len = 0;
	assert_int_equal(may_send("carol", "any@where.example"), 0);
}

static void
test_logged_in(void **state)
{
	(void)state;
	judge.may_relay = 1;
	want("alice@crepes.fr", VERDICT_RELAY, 0);
	want("no-such-user@hamburger.edu", VERDICT_NO_USER, 0);
	judge.may_relay = 0;
	want("alice@crepes.fr", VERDICT_NO_RELAY, 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_rcpthosts),
		cmocka_unit_test(test_relayclient),
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_logged_in),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
