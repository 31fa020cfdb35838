/* unit tests of deliver/store: what the name of a store means, and the way to it */
#include "store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char hosts[] = "/tmp/sallyport-hosts-XXXXXX";

static int
setup(void **state)
{
	static char const text[] = "# 192.0.2.9 commented\n"
				   "192.0.2.1\tstore store.example # not this\n"
				   "\n"
				   "fe80::1%eth0 scoped\n"
				   "2001:db8::1 six STORE6\n"
				   "nonsense bad\n"
				   "192.0.2.2 store\n";
	int const fd = mkstemp(hosts);

	(void)state;
	if (fd == -1 || write(fd, text, sizeof text - 1) != sizeof text - 1)
		return -1;
	return close(fd);
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(hosts);
}

/* show - "address port", or a path, or "no". */
static void
show(char const *text, char const *want)
{
	struct store s;
	char address[INET6_ADDRSTRLEN] = "", got[256] = "no";

	if (!store_find(&s, text, hosts)) {
		struct sockaddr_in const *v4 = (struct sockaddr_in const *)&s.to;
		struct sockaddr_in6 const *v6 = (struct sockaddr_in6 const *)&s.to;

		assert_ptr_equal(s.name, text);
		if (s.to.ss_family == AF_UNIX)
			snprintf(
			    got, sizeof got, "%s", ((struct sockaddr_un const *)&s.to)->sun_path);
		else if (s.to.ss_family == AF_INET)
			snprintf(got, sizeof got, "%s %u",
			    inet_ntop(AF_INET, &v4->sin_addr, address, sizeof address),
			    ntohs(v4->sin_port));
		else
			snprintf(got, sizeof got, "%s %u",
			    inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof address),
			    ntohs(v6->sin6_port));
	}
	assert_string_equal(got, want);
}

static void
test_names(void **state)
{
	static char const *const cases[][2] = {
		{ "/run/dovecot/lmtp", "/run/dovecot/lmtp" },
		{ "./lmtp", "./lmtp" },
		{ "192.0.2.7", "192.0.2.7 24" },
		{ "192.0.2.7:2003", "192.0.2.7 2003" },
		{ "[192.0.2.7]:2003", "192.0.2.7 2003" },
		{ "[2001:db8::7]", "2001:db8::7 24" },
		{ "[2001:db8::7]:65535", "2001:db8::7 65535" },
		{ "store", "192.0.2.1 24" },
		{ "Store.Example:25", "192.0.2.1 25" },
		{ "store6", "2001:db8::1 24" },
		{ "scoped", "no" },
		{ "bad", "no" },
		{ "commented", "no" },
		{ "not", "no" },
		{ "[store]", "no" },
		{ "nowhere", "no" },
		{ "2001:db8::7", "no" },
		{ "[2001:db8::7", "no" },
		{ "[2001:db8::7]x", "no" },
		{ "192.0.2.300", "no" },
		{ "store:", "no" },
		{ "store:0", "no" },
		{ "store:65536", "no" },
		{ "store:+1", "no" },
		{ "store:24x", "no" },
		{ ":24", "no" },
		{ "[]", "no" },
	};
	char path[200], name[STORE_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		show(cases[i][0], cases[i][1]);
	memset(path, '/', sizeof path);
	path[107] = 0;
	show(path, path);
	path[107] = '/';
	path[108] = 0;
	show(path, "no");
	memset(name, 'x', sizeof name);
	name[STORE_NAME_MAX + 1] = 0;
	show(name, "no");
}

static void
test_no_hosts_file(void **state)
{
	struct store s;

	(void)state;
	assert_non_null(store_find(&s, "store", "/nonexistent/hosts"));
	assert_null(store_find(&s, "192.0.2.1", "/nonexistent/hosts"));
}

static void
test_connect(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int const listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct store s;
	int fd;

	(void)state;
	snprintf(at.sun_path, sizeof at.sun_path, "%s.sock", hosts);
	assert_null(store_find(&s, at.sun_path, hosts));
	assert_int_equal(store_connect(&s), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(store_connect(&s), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(listen(listener, 1), 0);
	fd = store_connect(&s);
	assert_int_not_equal(fd, -1);
	close(fd);
	close(listener);
	unlink(at.sun_path);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_hosts_file),
		cmocka_unit_test(test_connect),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
