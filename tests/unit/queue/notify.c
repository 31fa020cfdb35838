#include "notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "place.h"

static struct job *job;
static struct sendconf set;
static struct post post;
static int injector;
static char got[200000];

static int
begin(void **state)
{
	int fd[2];

	if (place_make(state) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return -1;
	post_init(&post, fd[0]);
	injector = fd[1];
	set = (struct sendconf){ .delay_notice = 100, .bounce_max = 1000, .lifetime = 432000 };
	stralloc_catb(&set.me, "hamburger.edu", 14);
	stralloc_catb(&set.bounce_from, "MAILER-DAEMON@hamburger.edu", 28);
	stralloc_catb(&set.double_bounce, "postmaster@hamburger.edu", 25);
	return 0;
}

static int
end(void **state)
{
	close(post.fd);
	close(injector);
	stralloc_free(&set.me);
	stralloc_free(&set.bounce_from);
	stralloc_free(&set.double_bounce);
	return place_remove(state);
}

/* add - a message with parameters (null: none) for sender and the only recipient. */
static void
add(unsigned int number, char const *sender, char const *mail, char const *rcpt, char const *text)
{
	char envelope[1000];
	size_t len = place_fields(envelope, 'M', sender, mail, (char *)0);

	len += place_fields(envelope + len, 'R', "bob@hamburger.edu", rcpt, (char *)0);
	place_add_raw(number, envelope, len, text);
	assert_int_equal(
	    job_load(&job, place_mess, place_state, place_time(number), number, 0), JOB_OK);
}

static void
who_is_told_of_what(void **state)
{
	static struct {
		char const *sender, *notify;
		int failure, success;
	} const cases[] = {
		{ "alice@crepes.fr", 0, 1, 0 },
		{ "alice@crepes.fr", "NOTIFY=NEVER", 0, 0 },
		{ "alice@crepes.fr", "NOTIFY=DELAY", 0, 0 },
		{ "alice@crepes.fr", "NOTIFY=SUCCESS", 0, 1 },
		{ "alice@crepes.fr", "NOTIFY=SUCCESS,FAILURE", 1, 1 },
		{ "", 0, 1, 0 },
		{ "", "NOTIFY=SUCCESS", 0, 0 },
		{ "", "NOTIFY=NEVER", 0, 0 },
		{ "#@[]", 0, 0, 0 },
		{ "#@[]", "NOTIFY=SUCCESS,FAILURE", 0, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof cases / sizeof *cases; i++) {
		add(i, cases[i].sender, 0, cases[i].notify, PLACE_TEXT);
		assert_int_equal(!!notify_on_failure(job, 0, &set), cases[i].failure);
		assert_int_equal(!!notify_on_success(job, 0), cases[i].success);
		job_free(job);
	}
	set.double_bounce.s[0] = 0;
	add(100, "", 0, 0, PLACE_TEXT);
	assert_int_equal(notify_on_failure(job, 0, &set), 0);
	job_free(job);
}

static void
late_once_and_only_if_tried(void **state)
{
	uint32_t const soon = PLACE_NOW + 98, late = PLACE_NOW + 100;

	(void)state;
	add(1, "alice@crepes.fr", 0, 0, PLACE_TEXT);
	assert_int_equal(notify_next(job, &set, late), NOTIFY_NONE);
	job->state.rcpt[0].attempts = 1;
	assert_int_equal(notify_next(job, &set, soon), NOTIFY_NONE);
	assert_int_equal(notify_next(job, &set, late), REPORT_DELAYED);
	job->state.rcpt[0].told_late = 1;
	assert_int_equal(notify_next(job, &set, late), NOTIFY_NONE);
	job->state.rcpt[0].told_late = 0;
	set.delay_notice = 0;
	assert_int_equal(notify_next(job, &set, late), NOTIFY_NONE);
	job_free(job);
}

/* send_one - a report; what the injector gets is in got. */
static void
send_one(int kind)
{
	ssize_t n;

	memset(got, 0, sizeof got);
	assert_int_equal(notify_send(job, kind, &set, &post, PLACE_NOW), 1);
	n = recv(injector, got, sizeof got - 1, 0);
	assert_true(n > 0);
	for (ssize_t i = 0; i < n; i++) /* for strstr */
		if (!got[i])
			got[i] = ' ';
	post.busy = 0;
}

static void
has(char const *s, int yes)
{
	if ((strstr(got, s) != 0) != yes)
		print_error("%s\n%s\n", s, got);
	assert_int_equal(!!strstr(got, s), yes);
}

static void
how_much_is_quoted(void **state)
{
	char text[3000];

	(void)state;
	add(1, "alice@crepes.fr", 0, 0, PLACE_TEXT);
	job->state.rcpt[0].fate = FATE_FAILED;
	assert_int_equal(notify_next(job, &set, PLACE_NOW), REPORT_FAILED);
	send_one(REPORT_FAILED);
	has("Do you like ketchup?", 1);
	job_free(job);
	add(2, "alice@crepes.fr", "RET=HDRS", 0, PLACE_TEXT);
	job->state.rcpt[0].fate = FATE_FAILED;
	send_one(REPORT_FAILED);
	has("Do you like ketchup?", 0);
	has("Subject: hi\n", 1);
	job_free(job);
	memset(text, 'x', sizeof text);
	memcpy(text, "A: b\n\n", 6);
	text[sizeof text - 1] = 0;
	add(3, "alice@crepes.fr", "RET=FULL", 0, text);
	job->state.rcpt[0].fate = FATE_FAILED;
	send_one(REPORT_FAILED); /* longer than bounce_max */
	has("A: b\n", 1);
	has("xxx", 0);
	job_free(job);
	add(4, "alice@crepes.fr", "RET=FULL", 0, PLACE_TEXT);
	job->state.rcpt[0].fate = FATE_DELIVERED;
	send_one(REPORT_DELIVERED); /* RET is for failures */
	has("Do you like ketchup?", 0);
	job_free(job);
}

static void
where_it_goes(void **state)
{
	(void)state;
	add(1, "list-@hamburger.edu-@[]", "ENVID=abc", "ORCPT=rfc822;robert@crepes.fr", PLACE_TEXT);
	job->state.rcpt[0].fate = FATE_FAILED;
	send_one(REPORT_FAILED);
	has(":M ,", 1);
	has(":Rlist-@hamburger.edu ,", 1);
	has("Original-Envelope-Id: abc\n", 1);
	has("Original-Recipient: rfc822;robert@crepes.fr\n", 1);
	job_free(job);
	add(2, "", 0, 0, PLACE_TEXT);
	job->state.rcpt[0].fate = FATE_FAILED;
	send_one(REPORT_FAILED);
	has(":M#@[] ,", 1);
	has(":Rpostmaster@hamburger.edu ,", 1);
	job_free(job);
}

static void
many_make_several_reports(void **state)
{
	static char envelope[200000];
	size_t len = place_fields(envelope, 'M', "alice@crepes.fr", (char *)0);
	int reports = 0;

	(void)state;
	for (int i = 0; i < 1200; i++)
		len += place_fields(envelope + len, 'R', "bob@hamburger.edu", (char *)0);
	place_add_raw(1, envelope, len, PLACE_TEXT);
	assert_int_equal(job_load(&job, place_mess, place_state, place_time(1), 1, 0), JOB_OK);
	for (uint32_t n = 0; n < 1200; n++)
		job->state.rcpt[n].fate = FATE_FAILED;
	while (notify_next(job, &set, PLACE_NOW) == REPORT_FAILED) {
		assert_int_equal(notify_send(job, REPORT_FAILED, &set, &post, PLACE_NOW), 1);
		while (recv(injector, got, sizeof got, MSG_DONTWAIT) > 0)
			;
		notify_sent(job, &set);
		reports++;
	}
	assert_int_equal(reports, 3);
	assert_int_equal(job->unfinished, 0);
	job_free(job);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(who_is_told_of_what, begin, end),
		cmocka_unit_test_setup_teardown(late_once_and_only_if_tried, begin, end),
		cmocka_unit_test_setup_teardown(how_much_is_quoted, begin, end),
		cmocka_unit_test_setup_teardown(where_it_goes, begin, end),
		cmocka_unit_test_setup_teardown(many_make_several_reports, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
