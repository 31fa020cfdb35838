#include "hosts.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "notes.h"

#define NOW     1800000000
#define WORKERS 20

static char path[] = "/tmp/hosts.XXXXXX";
static struct hosts h;
static struct ip const ip = { AF_INET, { 192, 0, 2, 1 } };
static struct hosts_note note;

static int
begin(void **state)
{
	int const fd = mkstemp(path);

	(void)state;
	close(fd);
	unlink(path);
	return !hosts_open(&h, path);
}

static int
end(void **state)
{
	(void)state;
	hosts_close(&h);
	unlink(path);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return 0;
}

static void
look(uint64_t now)
{
	hosts_look(&h, &ip, 25, now, &note);
}

static void
down_for_longer_each_time(void **state)
{
	static unsigned int const waits[] = { 60, 120, 240, 480, 900, 900, 900, 900 };

	(void)state;
	look(NOW);
	assert_int_equal(note.down, 0);
	for (size_t i = 0; i < 8; i++) {
		hosts_bad(&h, &ip, 25, NOW);
		look(NOW);
		assert_int_equal(note.down, NOW + waits[i]);
		assert_int_equal(note.failures, i + 1);
	}
	look(NOW + 900);
	assert_int_equal(note.down, 0);
	assert_int_equal(note.failures, 8);
	look(NOW - 100000); /* a clock that was set back */
	assert_int_equal(note.down, 0);
	hosts_good(&h, &ip, 25, NOW);
	look(NOW);
	assert_int_equal(note.down, 0);
	assert_int_equal(note.failures, 0);
	hosts_look(&h, &ip, 587, NOW, &note); /* another port is another server */
	assert_int_equal(note.down, 0);
}

static void
who_tries_claims(void **state)
{
	(void)state;
	hosts_bad(&h, &ip, 25, NOW);
	hosts_claim(&h, &ip, 25, NOW + 60, 30);
	look(NOW + 60);
	assert_int_equal(note.down, NOW + 90);
	assert_int_equal(note.failures, 1);
}

static void
no_tls(void **state)
{
	(void)state;
	hosts_plain(&h, &ip, 25, NOW);
	look(NOW + HOSTS_PLAIN - 1);
	assert_int_equal(note.plain, NOW + HOSTS_PLAIN);
	assert_int_equal(note.down, 0);
	look(NOW + HOSTS_PLAIN);
	assert_int_equal(note.plain, 0);
}

static void
bounded(void **state)
{
	struct ip each = { AF_INET6, { 0 } };
	struct stat st;

	(void)state;
	for (unsigned int i = 0; i < 30000; i++) {
		memcpy(each.octet, &i, sizeof i);
		hosts_bad(&h, &each, 25, NOW + i);
		hosts_look(&h, &each, 25, NOW + i, &note);
		assert_int_equal(note.failures, 1);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= NOTES_SIZE);
}

static void
damage_is_nothing(void **state)
{
	static unsigned char junk[NOTES_SIZE];

	(void)state;
	hosts_bad(&h, &ip, 25, NOW);
	for (size_t i = 0; i < sizeof junk; i++)
		junk[i] = (unsigned char)(i * 7);
	assert_int_equal(pwrite(h.fd, junk, sizeof junk, 0), sizeof junk);
	look(NOW);
	assert_int_equal(note.down, 0);
	assert_int_equal(note.failures, 0);
	hosts_bad(&h, &ip, 25, NOW);
	look(NOW);
	assert_int_equal(note.failures, 1);
	assert_int_equal(ftruncate(h.fd, 777), 0);
	look(NOW);
}

static void
without_a_file(void **state)
{
	struct hosts none = { .fd = -1 };

	(void)state;
	assert_int_equal(hosts_open(&none, "/nonexistent/hosts"), 0);
	hosts_bad(&none, &ip, 25, NOW);
	hosts_good(&none, &ip, 25, NOW);
	hosts_plain(&none, &ip, 25, NOW);
	hosts_claim(&none, &ip, 25, NOW, 9);
	hosts_look(&none, &ip, 25, NOW, &note);
	assert_int_equal(note.failures, 0);
	assert_int_equal(hosts_enter(&none, &ip, 25, 1), 1);
	assert_int_equal(hosts_ticket(&none, &ip, 25, 0, 1, 0), 0);
	hosts_leave(&none);
}

static void
rates(void **state)
{
	uint64_t now = NOW * 1000000ULL, waited = 0;

	(void)state;
	/* 600 a minute: a burst of 6 seconds' worth, then one in 0.1 s */
	for (int i = 0; i < 61; i++)
		assert_int_equal(hosts_ticket(&h, &ip, 25, now, 600, 10000000), 0);
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 600, 10000000), 100000);
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 600, 10000000), 200000);
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 600, 1000), 300000); /* not taken */
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 600, 1000), 300000);
	now += 60000000;
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 600, 10000000), 0);
	/* one a minute */
	now += 600000000;
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 1, 10000000), 0);
	waited = hosts_ticket(&h, &ip, 25, now, 1, 10000000);
	assert_int_equal(waited, 60000000);
	assert_int_equal(hosts_ticket(&h, &ip, 25, now + 60000000, 1, 10000000), 0);
	/* a clock that was set back by an hour */
	assert_int_equal(hosts_ticket(&h, &ip, 25, now - 3600000000ULL, 1, 10000000), 0);
	assert_int_equal(hosts_ticket(&h, &ip, 25, now, 0, 0), 0);
}

/* worker - a process that enters, says whether it could, and waits for its end. */
static int
worker(int write_to, unsigned int limit)
{
	struct hosts mine;
	char got;

	if (!hosts_open(&mine, path))
		return 1;
	got = (char)('0' + hosts_enter(&mine, &ip, 25, limit));
	if (write(write_to, &got, 1) != 1)
		return 1;
	pause();
	return 0;
}

static void
connections_of_many_processes(void **state)
{
	pid_t pid[WORKERS];
	int fd[2];
	char got[WORKERS];
	int in = 0;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < WORKERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(worker(fd[1], 7));
		assert_int_equal(read(fd[0], got + i, 1), 1);
		in += got[i] == '1';
	}
	assert_int_equal(in, 7);
	assert_int_equal(hosts_enter(&h, &ip, 25, 7), 0);
	assert_int_equal(hosts_enter(&h, &ip, 26, 7), 1);
	for (int i = 0; i < WORKERS; i++) { /* who is killed counts no more */
		kill(pid[i], SIGKILL);
		waitpid(pid[i], 0, 0);
		assert_int_equal(hosts_enter(&h, &ip, 25, 7), 1);
	}
	hosts_leave(&h);
	close(fd[0]);
	close(fd[1]);
}

static void
notes_of_many_processes(void **state)
{
	(void)state;
	for (int i = 0; i < WORKERS; i++)
		if (!fork()) {
			struct hosts mine;

			if (!hosts_open(&mine, path))
				_exit(1);
			for (int n = 0; n < 10; n++)
				hosts_bad(&mine, &ip, 25, NOW);
			_exit(0);
		}
	for (int i = 0; i < WORKERS; i++) {
		int code;

		assert_true(wait(&code) > 0);
		assert_int_equal(code, 0);
	}
	look(NOW);
	/* a lock that cannot be had in time is done without */
	assert_in_range(note.failures, 100, WORKERS * 10);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(down_for_longer_each_time, begin, end),
		cmocka_unit_test_setup_teardown(who_tries_claims, begin, end),
		cmocka_unit_test_setup_teardown(no_tls, begin, end),
		cmocka_unit_test_setup_teardown(bounded, begin, end),
		cmocka_unit_test_setup_teardown(damage_is_nothing, begin, end),
		cmocka_unit_test_setup_teardown(without_a_file, begin, end),
		cmocka_unit_test_setup_teardown(rates, begin, end),
		cmocka_unit_test_setup_teardown(connections_of_many_processes, begin, end),
		cmocka_unit_test_setup_teardown(notes_of_many_processes, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
