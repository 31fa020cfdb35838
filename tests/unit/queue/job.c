#include "job.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "place.h"

static struct job *job;

static enum job_result
load(unsigned int number, int state_too)
{
	return job_load(&job, place_mess, place_state, place_time(number), number, state_too);
}

static void
loads_envelope_and_recipients(void **state)
{
	struct frame f;

	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", "carol@hamburger.edu", (char *)0);
	assert_int_equal(load(1, 1), JOB_OK);
	assert_int_equal(job->state.rcpts, 2);
	assert_int_equal(job->unfinished, 2);
	assert_int_equal(job->has_state, 0);
	job_rcpt(job, 1, &f);
	assert_string_equal(f.data, "carol@hamburger.edu");
	assert_int_equal(job_is_sender(job, "alice@crepes.fr"), 1);
	assert_int_equal(job_is_sender(job, "alice@crepes.f"), 0);
	assert_int_equal(job->where.messagelen, strlen(PLACE_TEXT));
	job_free(job);
}

static void
what_is_done_is_known(void **state)
{
	int fd;

	(void)state;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", "carol@hamburger.edu", (char *)0);
	assert_int_equal(load(1, 1), JOB_OK);
	job->state.rcpt[0].fate = FATE_DONE;
	fd = state_open(place_state, job->path);
	assert_int_equal(state_append(fd, &job->state, 0, 0), 1);
	close(fd);
	job_free(job);
	assert_int_equal(load(1, 1), JOB_OK);
	assert_int_equal(job->unfinished, 1);
	assert_int_equal(job->has_state, 1);
	job_free(job);
	assert_int_equal(load(1, 0), JOB_OK);
	assert_int_equal(job->unfinished, 2);
	job_free(job);
}

static void
gone_damaged_or_foreign(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(load(9, 1), JOB_GONE);
	assert_null(job);
	place_add_raw(1, "junk", 4, PLACE_TEXT);
	assert_int_equal(load(1, 1), JOB_DAMAGED);
	assert_null(job);
	place_add(2, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	fd = openat(place_mess, place_path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(load(2, 1), JOB_DAMAGED);
	/* a state of a version that is not ours */
	place_add(3, "alice@crepes.fr", "bob@hamburger.edu", (char *)0);
	fd = openat(place_state, place_path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "2:V9,", 5), 5);
	close(fd);
	assert_int_equal(load(3, 1), JOB_DAMAGED);
	/* nothing that is put in a message's place is followed */
	state_path(place_path, place_time(4), 4);
	assert_int_equal(symlinkat("/etc/passwd", place_mess, place_path), 0);
	assert_int_equal(load(4, 1), JOB_TROUBLE);
}

static void
add_with_params(unsigned int number, char const *notify)
{
	char envelope[1000];
	size_t len = place_fields(envelope, 'C', "protocol=ESMTP", "session=abc-1", (char *)0);

	len += place_fields(
	    envelope + len, 'M', "alice@crepes.fr", "RET=HDRS", "SMTPUTF8", (char *)0);
	len += place_fields(envelope + len, 'R', "bob@hamburger.edu", notify, (char *)0);
	place_add_raw(number, envelope, len, PLACE_TEXT);
}

static void
parameters_and_facts(void **state)
{
	static struct {
		char const *param;
		unsigned int bits;
	} const cases[] = {
		{ "NOTIFY=NEVER", 0 },
		{ "NOTIFY=SUCCESS", JOB_SUCCESS },
		{ "NOTIFY=SUCCESS,FAILURE,DELAY", JOB_SUCCESS | JOB_FAILURE | JOB_DELAY },
		{ "NOTIFY=delay,failure", JOB_DELAY | JOB_FAILURE },
		{ "NOTIFY=", 0 },
		{ "NOTIFY=,,SUCCESSES", 0 },
		{ "NOTIF=NEVER", JOB_FAILURE | JOB_DELAY },
		{ "ORCPT=rfc822;bob@x", JOB_FAILURE | JOB_DELAY },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof cases / sizeof *cases; i++) {
		add_with_params(i, cases[i].param);
		assert_int_equal(load(i, 0), JOB_OK);
		assert_int_equal(job_notify(job, 0), cases[i].bits);
		assert_string_equal(frame_param(&job->envelope.mail, "RET"), "HDRS");
		assert_null(frame_param(&job->envelope.mail, "ENVID"));
		assert_string_equal(frame_fact(&job->envelope.client, "session"), "abc-1");
		assert_null(frame_fact(&job->envelope.client, "id"));
		job_free(job);
	}
}

/* flight - put a batch of all recipients into a stream; what arrives is compared. */
static uint32_t
flight(char *to, size_t *len)
{
	static struct stream s;
	struct batch b = { .job = job, .rcpt = job->state.rcpt, .count = job->state.rcpts };
	uint32_t count;
	int fd[2];

	for (uint32_t i = 0; i < b.count; i++)
		job->state.rcpt[i].link = i + 1 < b.count ? i + 1 : FAIR_LAST;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	stream_init(&s, fd[0], fd[0]);
	assert_int_equal(job_put(job, &s, &b, &count), 1);
	assert_int_equal(stream_flush(&s), 1);
	*len = (size_t)read(fd[1], to, STREAM_BUFFER);
	close(fd[0]);
	close(fd[1]);
	return count;
}

static void
a_flight_has_the_id_and_all_parameters(void **state)
{
	char got[STREAM_BUFFER], wanted[1000], id[64];
	size_t gotlen, len;

	(void)state;
	add_with_params(1, "NOTIFY=NEVER");
	assert_int_equal(load(1, 0), JOB_OK);
	assert_int_equal(flight(got, &gotlen), 1);
	snprintf(id, sizeof id, "id=%s", job->id);
	len = place_fields(wanted, 'C', "protocol=ESMTP", "session=abc-1", id, (char *)0);
	len += place_fields(
	    wanted + len, 'M', "alice@crepes.fr", "RET=HDRS", "SMTPUTF8", (char *)0);
	len += place_fields(wanted + len, 'R', "bob@hamburger.edu", "NOTIFY=NEVER", (char *)0);
	assert_int_equal(gotlen, len);
	assert_memory_equal(got, wanted, len);
	job_free(job);
}

static void
a_flight_is_bounded(void **state)
{
	static char envelope[2000000], got[STREAM_BUFFER];
	char rcpt[901];
	size_t len = place_fields(envelope, 'M', "", (char *)0), gotlen;
	uint32_t count;

	(void)state;
	memset(rcpt, 'r', sizeof rcpt - 1);
	rcpt[sizeof rcpt - 1] = 0;
	for (int i = 0; i < 1000; i++)
		len += place_fields(envelope + len, 'R', rcpt, (char *)0);
	place_add_raw(1, envelope, len, PLACE_TEXT);
	assert_int_equal(load(1, 0), JOB_OK);
	count = flight(got, &gotlen);
	assert_in_range(count, 40, 80);
	assert_true(gotlen < STREAM_BUFFER);
	job_free(job);
}

static void
a_pattern_becomes_the_recipients_sender(void **state)
{
	char got[STREAM_BUFFER];
	size_t len;

	(void)state;
	place_add(1, "list-@hamburger.edu-@[]", "bob@crepes.fr", (char *)0);
	assert_int_equal(load(1, 0), JOB_OK);
	flight(got, &len);
	assert_non_null(memmem(got, len, "Mlist-bob=crepes.fr@hamburger.edu", 34));
	job_free(job);
}

static void
lanes_are_in_range_and_spread(void **state)
{
	unsigned int used[FAIR_LANES] = { 0 };
	char sender[32];

	(void)state;
	for (int i = 0; i < 6300; i++) {
		int const n = snprintf(sender, sizeof sender, "u%d@crepes.fr", i);
		unsigned int const lane = job_lane(sender, (size_t)n);

		assert_true(lane < FAIR_LANES);
		used[lane]++;
	}
	for (unsigned int i = 0; i < FAIR_LANES; i++)
		assert_in_range(used[i], 40, 200);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(
		    loads_envelope_and_recipients, place_make, place_remove),
		cmocka_unit_test_setup_teardown(what_is_done_is_known, place_make, place_remove),
		cmocka_unit_test_setup_teardown(gone_damaged_or_foreign, place_make, place_remove),
		cmocka_unit_test_setup_teardown(parameters_and_facts, place_make, place_remove),
		cmocka_unit_test_setup_teardown(
		    a_flight_has_the_id_and_all_parameters, place_make, place_remove),
		cmocka_unit_test_setup_teardown(a_flight_is_bounded, place_make, place_remove),
		cmocka_unit_test_setup_teardown(
		    a_pattern_becomes_the_recipients_sender, place_make, place_remove),
		cmocka_unit_test(lanes_are_in_range_and_spread),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
