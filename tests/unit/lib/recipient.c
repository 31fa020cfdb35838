#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <skalibs/cdbmake.h>

#include "config.h"
#include "recipient.h"

static char dir[] = "/tmp/recipient.XXXXXX";
static struct control control;
static struct recipient_db db;
static struct recipient r;

static char const passwd_text[] = "root:x:0:0:root:/root:/bin/bash\n"
				  "# a comment\n"
				  "+nis::::::\n"
				  "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
				  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
				  "damaged:x:10x1:1001::/home/damaged:/bin/sh\n"
				  "short:x:1001:1001\n" CONF_USER_ALIAS
				  ":x:150:150::/elsewhere:/bin/false\n"
				  "Fred:x:1001:2001:F.:/home/fred:/bin/sh\n"
				  "fred-list:x:1002:2002::/home/list:/bin/sh\n"
				  "excom:x:1003:2003::/home/excom:/bin/sh\n"
				  "homeless:x:1004:2004::/nonexistent:/bin/sh\n"
				  "last:x:1005:2005::/home/last:/bin/sh";

static char const *
path_of(char const *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void
put(char const *name, char const *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

struct pair {
	char const *key;
	size_t keylen;
	char const *data;
	size_t datalen;
};

#define PAIR(key, data)                                                                            \
	{                                                                                          \
		(key), sizeof(key) - 1, (data), sizeof(data) - 1                                   \
	}

static void
put_cdb(char const *name, struct pair const *pair, size_t n)
{
	int fd = open(path_of(name), O_RDWR | O_CREAT | O_TRUNC, 0644);
	cdbmaker c = CDBMAKER_ZERO;

	assert_true(fd != -1 && cdbmake_start(&c, fd));
	for (size_t i = 0; i < n; i++)
		assert_true(cdbmake_add(&c, pair[i].key, (unsigned int)pair[i].keylen, pair[i].data,
		    (unsigned int)pair[i].datalen));
	assert_true(cdbmake_finish(&c));
	close(fd);
}

static struct pair const users[] = {
	PAIR("!joe\0", "joe\0"
		       "3001\0"
		       "3002\0"
		       "/home/joe\0"
		       "\0"
		       ""),
	PAIR("!joe-", "joe\0"
		      "3001\0"
		      "3002\0"
		      "/home/joe\0"
		      "-\0"
		      ""),
	PAIR("!joe-x-", "jox\0"
			"3003\0"
			"3003\0"
			"/home/jox\0"
			"-\0"
			"pre-"),
	PAIR("!toor\0", "toor\0"
			"0\0"
			"0\0"
			"/root\0"
			"\0"
			""),
	PAIR("", "-"),
};

static struct pair const aliases[] = {
	PAIR("webmaster", "\0&fred@mx.example\n"),
	PAIR("news", "owner-news@mx.example\0&a@b.example\n&c@d.example\n"),
	PAIR("joe", "\0&never@mx.example\n"), /* users/cdb comes first */
	PAIR("fred", "\0&other@mx.example\n"),
	PAIR("shop-default", "\0&shop@mx.example\n"),
	PAIR("excom-abuse", "\0&boss@mx.example\n"),
	PAIR("damaged", "no NUL"),
};

static void
open_db(void)
{
	int fd;

	recipient_close(&db);
	control_close(&control);
	assert_int_equal(control_open_at(&control, dir), 1);
	if (recipient_open(&db, &control) != 1)
		fail_msg("%s", control.error);
	put("passwd", passwd_text);
	fd = open(path_of("passwd"), O_RDONLY);
	assert_true(fd != -1);
	close(db.passwd);
	db.passwd = fd;
}

static int
set_up(void **state)
{
	(void)state;
	db = (struct recipient_db){ .passwd = -1, .usersfd = -1, .aliasesfd = -1 };
	control.dir = -1;
	if (!mkdtemp(dir) || mkdir(path_of("control"), 0755) || mkdir(path_of("users"), 0755))
		return -1;
	put("control/me", "mx.example\n");
	put("control/locals", "mx.example\nExample.NET\n[192.0.2.1]\n");
	put("control/virtualdomains",
	    "# virtual\nexample.com:excom\n.sub.example:excom\nx@remote.example:fred-x\n"
	    "not.sub.example:\nshop.example:shop\n[IPv6:2001:db8::1]:excom\n");
	put_cdb("users/cdb", users, sizeof users / sizeof *users);
	put_cdb("aliases.cdb", aliases, sizeof aliases / sizeof *aliases);
	open_db();
	return 0;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	recipient_close(&db);
	control_close(&control);
	stralloc_free(&r.alias);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static enum recipient_kind
find(char const *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, strlen(text),
			     ADDRESS_UTF8_OK | ADDRESS_NO_DOMAIN_OK | ADDRESS_POSTMASTER_OK),
	    ADDRESS_OK);
	return recipient_find(&db, &a, &r);
}

/* What an address becomes; user 0 if it is not local. */
static struct {
	char const *address;
	char const *user, *dash, *ext, *local;
	enum recipient_kind kind;
	uid_t uid;
} const cases[] = {
	/* whether the domain is ours */
	{ "fred@elsewhere.example", 0, 0, 0, 0, RECIPIENT_REMOTE, 0 },
	{ "fred@sub.mx.example", 0, 0, 0, 0, RECIPIENT_REMOTE, 0 },
	{ "last@MX.example", "last", "", "", "last", RECIPIENT_LOCAL, 1005 },
	{ "last@[192.0.2.1]", "last", "", "", "last", RECIPIENT_LOCAL, 1005 },
	{ "last@[192.0.2.2]", 0, 0, 0, 0, RECIPIENT_REMOTE, 0 },
	{ "last", "last", "", "", "last", RECIPIENT_LOCAL, 1005 },
	/* passwd: case, extensions, the longest name */
	{ "LAST@mx.example", "last", "", "", "LAST", RECIPIENT_LOCAL, 1005 },
	{ "last+Tag@mx.example", "last", "-", "Tag", "last+Tag", RECIPIENT_LOCAL, 1005 },
	{ "last-a-b@mx.example", "last", "-", "a-b", "last-a-b", RECIPIENT_LOCAL, 1005 },
	{ "last+@mx.example", "last", "", "", "last+", RECIPIENT_LOCAL, 1005 },
	{ "\"last+../x\"@mx.example", "last", "-", "../x", "last+../x", RECIPIENT_LOCAL, 1005 },
	{ "lasting@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	{ "las@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	{ "fred-list-x@mx.example", "fred-list", "-", "x", "fred-list-x", RECIPIENT_LOCAL, 1002 },
	{ "fred-lists@mx.example", "Fred", "-", "lists", "fred-lists", RECIPIENT_LOCAL, 1001 },
	{ "fred+@mx.example", "Fred", "", "", "fred+", RECIPIENT_LOCAL, 1001 }, /* past the alias */
	{ "\"\"@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	/* accounts that no mail is for */
	{ "daemon@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	{ "nobody@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	{ "homeless@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	{ "short@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	/* users/cdb */
	{ "Joe@mx.example", "joe", "", "", "Joe", RECIPIENT_LOCAL, 3001 },
	{ "joe-Tag-x@mx.example", "joe", "-", "Tag-x", "joe-Tag-x", RECIPIENT_LOCAL, 3001 },
	{ "joe-x-y@mx.example", "jox", "-", "pre-y", "joe-x-y", RECIPIENT_LOCAL, 3003 },
	{ "joe+@mx.example", "joe", "", "", "joe+", RECIPIENT_LOCAL, 3001 },
	{ "joe+x@mx.example", CONF_USER_ALIAS, "-", "joe+x", "joe+x", RECIPIENT_LOCAL, 150 },
	{ "toor@mx.example", 0, 0, 0, 0, RECIPIENT_TROUBLE, 0 }, /* uid 0: damage, not a user */
	/* aliases */
	{ "WebMaster@mx.example", CONF_USER_ALIAS, "-", "WebMaster", "WebMaster", RECIPIENT_LOCAL,
	    150 },
	{ "webmaster+x@mx.example", CONF_USER_ALIAS, "-", "webmaster+x", "webmaster+x",
	    RECIPIENT_LOCAL, 150 },
	{ "webmaster+@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	{ "fred@mx.example", CONF_USER_ALIAS, "-", "fred", "fred", RECIPIENT_LOCAL, 150 },
	{ "damaged@mx.example", 0, 0, 0, 0, RECIPIENT_TROUBLE, 0 },
	/* always there */
	{ "postmaster", CONF_USER_ALIAS, "-", "postmaster", "postmaster", RECIPIENT_LOCAL, 150 },
	{ "Abuse@example.net", CONF_USER_ALIAS, "-", "Abuse", "Abuse", RECIPIENT_LOCAL, 150 },
	{ "root@mx.example", CONF_USER_ALIAS, "-", "root", "root", RECIPIENT_LOCAL, 150 },
	{ "hostmaster@mx.example", 0, 0, 0, 0, RECIPIENT_UNKNOWN, 0 },
	/* virtual domains */
	{ "Info@example.com", "excom", "-", "Info", "excom-Info", RECIPIENT_LOCAL, 1003 },
	{ "a@b.sub.example", "excom", "-", "a", "excom-a", RECIPIENT_LOCAL, 1003 },
	{ "a@sub.example", 0, 0, 0, 0, RECIPIENT_REMOTE, 0 },
	{ "a@not.sub.example", 0, 0, 0, 0, RECIPIENT_REMOTE, 0 },
	{ "a@[IPv6:2001:db8::1]", "excom", "-", "a", "excom-a", RECIPIENT_LOCAL, 1003 },
	{ "X@remote.example", "Fred", "-", "x-X", "fred-x-X", RECIPIENT_LOCAL, 1001 },
	{ "y@remote.example", 0, 0, 0, 0, RECIPIENT_REMOTE, 0 },
	{ "any@shop.example", CONF_USER_ALIAS, "-", "shop-any", "shop-any", RECIPIENT_LOCAL, 150 },
	{ "abuse@example.com", CONF_USER_ALIAS, "-", "excom-abuse", "excom-abuse", RECIPIENT_LOCAL,
	    150 },
	{ "postmaster@example.com", "excom", "-", "postmaster", "excom-postmaster", RECIPIENT_LOCAL,
	    1003 },
};

static void
decides_every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum recipient_kind const kind = find(cases[i].address);

		if (kind != cases[i].kind || kind != r.kind)
			fail_msg("%s: kind %d", cases[i].address, kind);
		if (kind != RECIPIENT_LOCAL)
			continue;
		assert_string_equal(r.user, cases[i].user);
		assert_string_equal(r.dash, cases[i].dash);
		assert_string_equal(r.ext, cases[i].ext);
		assert_string_equal(r.local, cases[i].local);
		assert_int_equal(r.uid, cases[i].uid);
	}
}

static void
gives_home_and_group(void **state)
{
	(void)state;
	assert_int_equal(find("last@mx.example"), RECIPIENT_LOCAL);
	assert_string_equal(r.home, "/home/last");
	assert_int_equal(r.gid, 2005);
	assert_int_equal(find("joe@mx.example"), RECIPIENT_LOCAL);
	assert_string_equal(r.home, "/home/joe");
	assert_int_equal(r.gid, 3002);
	assert_int_equal(find("postmaster@mx.example"), RECIPIENT_LOCAL);
	assert_string_equal(r.home, CONF_HOME_ALIAS); /* not what passwd says */
}

static void
gives_an_aliass_instructions(void **state)
{
	(void)state;
	assert_int_equal(find("news@mx.example"), RECIPIENT_LOCAL);
	assert_int_equal(r.alias.len, 26);
	assert_memory_equal(r.alias.s, "&a@b.example\n&c@d.example\n", r.alias.len);
	assert_string_equal(r.owner, "owner-news@mx.example");
	assert_int_equal(find("webmaster@mx.example"), RECIPIENT_LOCAL);
	assert_int_equal(r.alias.len, 17);
	assert_string_equal(r.owner, "");
	assert_int_equal(find("last@mx.example"), RECIPIENT_LOCAL);
	assert_int_equal(r.alias.len, 0); /* nothing is left of the one before */
}

static void
keeps_the_promises_of_a_virtual_domain(void **state)
{
	(void)state;
	put("control/virtualdomains", ":nobodys\n");
	open_db();
	assert_int_equal(find("x@any.example"), RECIPIENT_UNKNOWN);
	assert_int_equal(find("postmaster@any.example"), RECIPIENT_LOCAL);
	assert_string_equal(r.user, CONF_USER_ALIAS);
	assert_string_equal(r.local, "postmaster");
}

static void
obeys_delimiters_and_minuid(void **state)
{
	(void)state;
	put("control/delimiters", "=\n");
	put("control/minuid", "1003\n");
	open_db();
	assert_int_equal(find("last=x@mx.example"), RECIPIENT_LOCAL);
	assert_int_equal(find("last-x@mx.example"), RECIPIENT_UNKNOWN);
	assert_int_equal(find("fred-list@mx.example"), RECIPIENT_UNKNOWN);
	put("control/delimiters", "\n");
	open_db();
	assert_int_equal(find("last=x@mx.example"), RECIPIENT_UNKNOWN);
	assert_int_equal(find("last@mx.example"), RECIPIENT_LOCAL);
}

static void
lives_without_compiled_files(void **state)
{
	(void)state;
	unlink(path_of("users/cdb"));
	unlink(path_of("aliases.cdb"));
	unlink(path_of("control/locals"));
	unlink(path_of("control/virtualdomains"));
	open_db();
	assert_int_equal(find("last@mx.example"), RECIPIENT_LOCAL);
	assert_int_equal(find("webmaster@mx.example"), RECIPIENT_UNKNOWN);
	assert_int_equal(find("last@example.net"), RECIPIENT_REMOTE);
	assert_int_equal(find("root@mx.example"), RECIPIENT_LOCAL);
}

static void
sees_a_user_added_to_the_open_file(void **state)
{
	FILE *f = fopen(path_of("passwd"), "a");

	(void)state;
	assert_int_equal(find("new@mx.example"), RECIPIENT_UNKNOWN);
	assert_non_null(f);
	fputs("\nnew:x:1099:1099::/home/new:/bin/sh\n", f);
	fclose(f);
	assert_int_equal(find("new@mx.example"), RECIPIENT_LOCAL);
}

static void
does_not_deny_what_a_newer_passwd_may_know(void **state)
{
	(void)state;
	unlink(path_of("passwd"));
	assert_int_equal(find("last@mx.example"), RECIPIENT_LOCAL);
	assert_int_equal(find("new@mx.example"), RECIPIENT_TROUBLE);
	assert_int_equal(find("new@elsewhere.example"), RECIPIENT_REMOTE);
	assert_int_equal(recipient_refresh(&db), 1); /* the system's own now */
	assert_int_equal(find("new-and-unknown@mx.example"), RECIPIENT_UNKNOWN);
}

static void
refreshes_what_was_replaced(void **state)
{
	static struct pair const other[] = { PAIR("fresh", "\0&last@mx.example\n") };

	(void)state;
	open_db();
	assert_int_equal(find("fresh@mx.example"), RECIPIENT_UNKNOWN);
	put_cdb("aliases.cdb", other, 1);
	assert_int_equal(recipient_refresh(&db), 1);
	assert_int_equal(find("fresh@mx.example"), RECIPIENT_LOCAL);
	unlink(path_of("aliases.cdb"));
	assert_int_equal(recipient_refresh(&db), 1);
	assert_int_equal(find("fresh@mx.example"), RECIPIENT_UNKNOWN);
	put("aliases.cdb", ""); /* no cdb: what was known stays, and the caller hears of it */
	assert_int_equal(recipient_refresh(&db), 0);
}

static void
is_in_doubt_about_an_empty_passwd(void **state)
{
	(void)state;
	unlink(path_of("aliases.cdb"));
	open_db();
	put("passwd", "");
	assert_int_equal(find("last@mx.example"), RECIPIENT_TROUBLE);
	put("passwd", "damage\n");
	assert_int_equal(find("last@mx.example"), RECIPIENT_TROUBLE);
}

static void
says_what_is_wrong(void **state)
{
	static struct {
		char const *name, *text, *error;
	} const wrong[] = {
		{ "locals", "mx.example\n.example\n",
		    "control/locals: line 2: begins with a dot: name each host, or use virtualdomains "
		    "for all below one" },
		{ "locals", "a b\n",
		    "control/locals: line 1: is not a domain: write one host or domain name a line" },
		{ "locals", "example.com:excom\n",
		    "control/locals: line 1: holds a colon: prefixes belong into virtualdomains" },
		{ "virtualdomains", "# x\n\nexample.com\n",
		    "control/virtualdomains: line 3: has no colon: write domain:prefix, where prefix "
		    "is a user's name" },
		{ "virtualdomains", "exa mple.com:x\n",
		    "control/virtualdomains: line 1: does not begin with a domain, .suffix or "
		    "user@domain: write domain:prefix" },
		{ "virtualdomains", "example.com:a@b\n",
		    "control/virtualdomains: line 1: has a prefix with a blank, @ or /: it must be the "
		    "beginning of a local part" },
		{ "delimiters", "+a\n",
		    "control/delimiters: line 1: holds more than the octets !#$%&*+-.=^_|~: write those "
		    "that may stand between a user's name and an extension, such as +-" },
		{ "minuid", "0\n",
		    "control/minuid: line 1: \"0\" is not a number from 1 to 65534: write one in "
		    "decimal digits, or remove the file to have the default" },
	};
	char path[128], want[CONTROL_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(path, sizeof path, "control/%s", wrong[i].name);
		put(path, wrong[i].text);
		recipient_close(&db);
		control_close(&control);
		assert_int_equal(control_open_at(&control, dir), 1);
		assert_int_equal(recipient_open(&db, &control), -1);
		snprintf(want, sizeof want, "%s/%s", dir, wrong[i].error);
		assert_string_equal(control.error, want);
		unlink(path_of(path));
	}
	put("users/cdb", "");
	recipient_close(&db);
	control_close(&control);
	assert_int_equal(control_open_at(&control, dir), 1);
	assert_int_equal(recipient_open(&db, &control), -1);
	snprintf(want, sizeof want,
	    "%s/users/cdb: cannot be opened: Invalid argument: run deliver-users", dir);
	assert_string_equal(control.error, want);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(decides_every_case),
		cmocka_unit_test(gives_home_and_group),
		cmocka_unit_test(gives_an_aliass_instructions),
		cmocka_unit_test(sees_a_user_added_to_the_open_file),
		cmocka_unit_test(keeps_the_promises_of_a_virtual_domain),
		cmocka_unit_test(obeys_delimiters_and_minuid),
		cmocka_unit_test(lives_without_compiled_files),
		cmocka_unit_test(does_not_deny_what_a_newer_passwd_may_know),
		cmocka_unit_test(refreshes_what_was_replaced),
		cmocka_unit_test(is_in_doubt_about_an_empty_passwd),
		cmocka_unit_test(says_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
