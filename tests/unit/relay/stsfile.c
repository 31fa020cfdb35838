#include "stsfile.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "packet.h"

#define DOMAIN "a.example"
#define POLICY "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 1000\n"

static char root[] = "/tmp/stsfile.XXXXXX";
static struct stsfile s = { -1, -1 };
static struct sts_policy p;

static void
put(char const *id, long age, long tried, char const *policy)
{
	static char text[STS_FILE_MAX];
	struct sts_file f = { .fetched = (uint64_t)(time(0) - age),
		.tried = (uint64_t)tried,
		.policy = policy,
		.policylen = strlen(policy) };
	size_t len;
	int fd;

	strcpy(f.id, id);
	len = sts_file_write(text, &f);
	fd = openat(s.dir, DOMAIN, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static int
begin(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	s.dir = open(root, O_RDONLY | O_DIRECTORY);
	return s.dir == -1;
}

static int
end(void **state)
{
	(void)state;
	unlinkat(s.dir, DOMAIN, 0);
	return close(s.dir) || rmdir(root);
}

static void
from_the_file(void **state)
{
	(void)state;
	unlinkat(s.dir, DOMAIN, 0);
	assert_int_equal(stsfile_policy(&s, DOMAIN, "1", &p), 0);
	put("1", 10, 0, POLICY);
	assert_int_equal(stsfile_policy(&s, DOMAIN, "1", &p), 1);
	assert_int_equal(p.mode, STS_ENFORCE);
	assert_int_equal(stsfile_policy(&s, DOMAIN, "", &p), 1);
	assert_int_equal(stsfile_policy(&s, "../" DOMAIN, "1", &p), 0);
	assert_int_equal(stsfile_policy(&(struct stsfile){ -1, -1 }, DOMAIN, "1", &p), 0);
	put("1", 1001, 0, POLICY);
	assert_int_equal(stsfile_policy(&s, DOMAIN, "1", &p), 0);
	put("1", 10, 0, "junk");
	assert_int_equal(stsfile_policy(&s, DOMAIN, "1", &p), 0);
}

/* fetcher - relay-sts, for one request: 0 if it is the right one. */
static int
fetcher(int fd)
{
	char packet[STS_REQUEST_MAX], domain[STS_DOMAIN_MAX], id[STS_ID_MAX];
	struct packet_fds fds;
	size_t len;

	if (packet_receive(fd, packet, sizeof packet, &len, &fds) != 1 || fds.count != 1 ||
	    !sts_request_read(packet, len, domain, id) || strcmp(domain, DOMAIN) != 0 ||
	    strcmp(id, "new") != 0)
		return 1;
	put("new", 0, 0, POLICY);
	return 0;
}

static void
by_relay_sts(void **state)
{
	int fd[2], code;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	put("old", 0, 0, "version: STSv1\nmode: none\nmax_age: 1000\n");
	s.socket = fd[0];
	pid = fork();
	if (!pid)
		_exit(fetcher(fd[1]));
	assert_int_equal(stsfile_policy(&s, DOMAIN, "new", &p), 1);
	assert_int_equal(p.mode, STS_ENFORCE);
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(code, 0);
	/* it is there now: nothing is asked; nor after a failure a short while ago */
	assert_int_equal(stsfile_policy(&s, DOMAIN, "new", &p), 1);
	put("old", 10, time(0) - 5, POLICY);
	assert_int_equal(stsfile_policy(&s, DOMAIN, "new", &p), 1);
	assert_int_equal(recv(fd[1], &code, sizeof code, MSG_DONTWAIT), -1);
	/* relay-sts that is gone: what there is counts */
	close(fd[1]);
	put("old", 10, 0, POLICY);
	assert_int_equal(stsfile_policy(&s, DOMAIN, "new", &p), 1);
	close(fd[0]);
	s.socket = -1;
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(from_the_file),
		cmocka_unit_test(by_relay_sts),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
