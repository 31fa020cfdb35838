#include "channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake.h"
#include "place.h"

#define NOW     PLACE_NOW
#define RESULTS 2000

static struct channel ch;
static struct job *job;
static struct {
	uint32_t n;
	char code;
	char status[STREAM_STATUS_MAX];
	uint32_t until; /* put off */
} got[RESULTS];
static size_t gots;

static void
result(struct channel *channel, struct outcome const *o)
{
	assert_ptr_equal(channel, &ch);
	assert_ptr_equal(o->job, job);
	got[gots].n = o->n;
	got[gots].code = o->answer->code;
	memcpy(got[gots].status, o->answer->status, sizeof got->status);
	got[gots++].until = 0;
}

static void
put_off(struct channel *channel, struct job *j, uint32_t n, uint32_t until, struct answer const *a)
{
	(void)a;
	assert_ptr_equal(channel, &ch);
	assert_ptr_equal(j, job);
	got[gots].n = n;
	got[gots].code = 'P';
	got[gots++].until = until;
}

static int
begin(void **state)
{
	if (place_make(state))
		return -1;
	memset(&ch, 0, sizeof ch);
	ch.name = "test";
	ch.calls = (struct channel_calls){ result, put_off };
	ch.spawner = fake_start();
	ch.concurrency = 4;
	ch.batch = 10;
	channel_init(&ch, 2, 99);
	gots = 0;
	place_add(1, "alice@crepes.fr", "a@x", "b@x", "c@x", "d@x", "e@x", "f@x", (char *)0);
	return job_load(&job, place_mess, place_state, place_time(1), 1, 0) != JOB_OK;
}

static int
end(void **state)
{
	channel_free(&ch);
	close(ch.spawner);
	fake_stop();
	job_free(job);
	return place_remove(state);
}

static void
add(uint32_t n, char const *name)
{
	assert_int_equal(channel_add(&ch, job, n, name, strlen(name), NOW), 1);
}

/* step - start what can, and take what came. */
static void
step(void)
{
	channel_run(&ch, NOW);
	assert_int_equal(fake_pump(&ch, NOW), 1);
}

static void
got_is(size_t i, uint32_t n, char code, char const *status)
{
	assert_true(i < gots);
	assert_int_equal(got[i].n, n);
	assert_int_equal(got[i].code, code);
	if (status)
		assert_string_equal(got[i].status, status);
}

static void
delivers_and_keeps_the_sink(void **state)
{
	struct fake_sink *k;

	(void)state;
	add(0, "a@x");
	assert_int_equal(job->waiting, 1);
	step();
	k = fake_next();
	assert_string_equal(k->name, "a@x");
	assert_int_equal(job->running, 1);
	step();
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'K', "2.0.0", "done");
	step();
	got_is(0, 0, 'K', "2.0.0");
	assert_int_equal(job->waiting + job->running, 0);
	assert_int_equal(ch.busy, 0);
	/* the next one for it asks nobody */
	add(1, "a@x");
	step();
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'D', "5.0.0", "no");
	step();
	got_is(1, 1, 'D', "5.0.0");
	assert_int_equal(fake_count, 1);
	/* after a while it is closed */
	assert_int_equal(channel_deadline(&ch), NOW + CHANNEL_IDLE);
	channel_expire(&ch, NOW + CHANNEL_IDLE);
	assert_int_equal(channel_deadline(&ch), UINT32_MAX);
	assert_int_equal(read(k->stream.in, got, 1), 0);
}

static void
answers_come_in_pieces(void **state)
{
	static char const answers[] = "9:K2.1.0 ok,9:K2.1.5 ok,10:Z4.3.0 bad,";
	struct fake_sink *k;

	(void)state;
	add(0, "a@x");
	step();
	k = fake_next();
	step();
	for (size_t i = 0; i < sizeof answers - 1; i++) {
		assert_int_equal(gots, 0);
		assert_int_equal(write(k->stream.in, answers + i, 1), 1);
		step();
	}
	got_is(0, 0, 'Z', "4.3.0");
}

static void
many_recipients_in_one_delivery(void **state)
{
	struct fake_sink *k;
	struct answer a;

	(void)state;
	for (uint32_t n = 0; n < 5; n++)
		add(n, "x");
	step();
	k = fake_next();
	step();
	fake_flight(k, 5, PLACE_TEXT);
	fake_answer(k, 'K', "2.1.0", "ok");
	fake_answer(k, 'K', "2.1.5", "ok");
	fake_answer(k, 'D', "5.1.1", "no such user");
	fake_answer(k, 'K', "2.1.5", "ok");
	fake_answer(k, 'Z', "4.5.3", "too many");
	fake_answer(k, 'K', "2.1.5", "ok");
	stream_answer_set(&a, 'K', "2.0.0", "one");
	a.single = 1;
	stream_put_answer(&k->stream, &a);
	stream_answer_set(&a, 'Z', "4.2.0", "two");
	a.single = 1;
	stream_put_answer(&k->stream, &a);
	stream_flush(&k->stream);
	step();
	assert_int_equal(gots, 4);
	assert_int_equal(ch.busy, 1);
	stream_answer_set(&a, 'K', "2.0.1", "three");
	a.single = 1;
	stream_put_answer(&k->stream, &a);
	stream_flush(&k->stream);
	step();
	got_is(0, 1, 'D', "5.1.1");
	got_is(1, 3, 'Z', "4.5.3");
	got_is(2, 0, 'K', "2.0.0");
	got_is(3, 2, 'Z', "4.2.0");
	got_is(4, 4, 'K', "2.0.1");
	assert_int_equal(ch.busy, 0);
	assert_int_equal(job->running, 0);
}

/* take_flight - a delivery to as many recipients as it has, all of them delivered: how many. */
static int
take_flight(struct fake_sink *k)
{
	struct frame f;
	int rcpts = -2;

	do {
		assert_int_equal(stream_get(&k->stream, &f), STREAM_OK);
		rcpts++;
	} while (f.type != STREAM_FILE);
	close(f.fd);
	fake_frame(k, STREAM_END);
	rcpts--;
	for (int i = 0; i < rcpts + 2; i++)
		fake_answer(k, 'K', "2.0.0", "ok");
	step();
	return rcpts;
}

/* A flight is bounded (queue/job.c); who does not fit goes with the next one. */
static void
a_full_flight_leaves_the_rest_waiting(void **state)
{
	enum { RCPTS = 40 };
	char envelope[RCPTS * 2048], orcpt[1900] = "ORCPT=rfc822;";
	size_t len = place_fields(envelope, 'M', "alice@crepes.fr", (char *)0);
	size_t const start = strlen(orcpt);
	struct fake_sink *k;
	int first;

	(void)state;
	memset(orcpt + start, 'x', sizeof orcpt - 1 - start);
	orcpt[sizeof orcpt - 1] = 0;
	for (int i = 0; i < RCPTS; i++)
		len += place_fields(envelope + len, 'R', "bob@x", orcpt, (char *)0);
	place_add_raw(2, envelope, len, PLACE_TEXT);
	job_free(job);
	assert_int_equal(job_load(&job, place_mess, place_state, place_time(2), 2, 0), JOB_OK);
	ch.batch = RCPTS;
	for (uint32_t n = 0; n < RCPTS; n++)
		add(n, "x");
	step();
	k = fake_next();
	step();
	assert_int_equal(ch.busy, 1);
	first = take_flight(k);
	assert_in_range(first, 20, RCPTS - 1);
	assert_int_equal(gots, first);
	k = fake_next(); /* the others need not wait for these */
	step();
	assert_int_equal(take_flight(k), RCPTS - first);
	assert_int_equal(gots, RCPTS);
	for (size_t i = 0; i < RCPTS; i++)
		got_is(i, (uint32_t)i, 'K', "2.0.0");
	assert_int_equal(job->running + job->waiting, 0);
}

static void
a_refused_sender_is_the_answer_for_all(void **state)
{
	struct fake_sink *k;

	(void)state;
	add(0, "x");
	add(1, "x");
	step();
	k = fake_next();
	step();
	fake_flight(k, 2, 0);
	fake_answer(k, 'D', "5.7.1", "not from there");
	fake_answer(k, 'D', "5.5.1", "no transaction");
	fake_answer(k, 'D', "5.5.1", "no transaction");
	fake_answer(k, 'D', "5.5.1", "no transaction");
	step();
	assert_int_equal(gots, 2);
	got_is(0, 0, 'D', "5.7.1");
	got_is(1, 1, 'D', "5.7.1");
	/* and the sink is fit for the next */
	add(2, "x");
	step();
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	step();
	got_is(2, 2, 'K', "2.0.0");
}

static void
a_sink_that_dies_costs_an_attempt(void **state)
{
	struct fake_sink *k;

	(void)state;
	for (uint32_t n = 0; n < 3; n++)
		add(n, "x");
	step();
	k = fake_next();
	step();
	fake_answer(k, 'K', "2.1.0", "ok");
	fake_answer(k, 'D', "5.1.1", "no such user");
	fake_answer(k, 'K', "2.1.5", "ok");
	fake_close(k);
	step();
	step();
	assert_int_equal(gots, 3);
	got_is(0, 0, 'D', "5.1.1");
	got_is(1, 2, 'Z', "4.3.0");
	got_is(2, 1, 'Z', "4.3.0");
	assert_int_equal(job->running, 0);
	assert_int_equal(ch.busy, 0);
}

static void
a_kept_sink_that_left_costs_none(void **state)
{
	struct fake_sink *k;

	(void)state;
	add(0, "x");
	step();
	k = fake_next();
	step();
	fake_flight(k, 1, 0);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	step();
	fake_close(k);
	add(1, "x"); /* before anybody saw that it is gone */
	channel_run(&ch, NOW);
	assert_int_equal(fake_pump(&ch, NOW), 1);
	k = fake_next();
	step();
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	step();
	assert_int_equal(gots, 2);
	got_is(1, 1, 'K', "2.0.0");
}

/* a message to x at that time, through the sink that is there or the next one. */
static void
deliver_at(uint32_t n, struct fake_sink *k, uint32_t when)
{
	assert_int_equal(channel_add(&ch, job, n, "x", 1, when), 1);
	channel_run(&ch, when);
	assert_int_equal(fake_pump(&ch, when), 1);
	if (!k)
		k = fake_next();
	assert_int_equal(fake_pump(&ch, when), 1);
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	assert_int_equal(fake_pump(&ch, when), 1);
}

static void
a_kept_sink_gets_old(void **state)
{
	struct fake_sink *k;
	char byte;

	(void)state;
	deliver_at(0, 0, NOW);
	k = &fake_sink[0];
	deliver_at(1, k, NOW + CHANNEL_SINK_MAX - 1);
	assert_int_equal(fake_count, 1);
	/* in use for so long: idle, it has only what is left of its time */
	assert_int_equal(channel_deadline(&ch), NOW + CHANNEL_SINK_MAX);
	deliver_at(2, k, NOW + CHANNEL_SINK_MAX);
	assert_int_equal(read(k->stream.in, &byte, 1), 0);
	deliver_at(3, 0, NOW + CHANNEL_SINK_MAX);
	assert_int_equal(fake_count, 2);
	assert_int_equal(gots, 4);
}

static void
nonsense_and_silence(void **state)
{
	struct fake_sink *k;

	(void)state;
	add(0, "x");
	add(1, "y");
	step();
	k = fake_next();
	fake_next();
	step();
	assert_int_equal(write(k->stream.in, "HTTP/1.1 200 OK", 15), 15);
	step();
	got_is(0, 0, 'Z', "4.3.0");
	channel_expire(&ch, NOW + CHANNEL_DELIVERY_MAX - 1);
	assert_int_equal(gots, 1);
	channel_expire(&ch, NOW + CHANNEL_DELIVERY_MAX);
	got_is(1, 1, 'Z', "4.4.2");
	/* a spawner that says nothing */
	add(2, "z");
	channel_run(&ch, NOW);
	channel_expire(&ch, NOW + CHANNEL_ASK_MAX);
	got_is(2, 2, 'Z', "4.4.2");
}

static void
no_sink(void **state)
{
	(void)state;
	add(0, "nobody@x");
	step();
	fake_refuse('D', "5.1.1");
	step();
	got_is(0, 0, 'D', "5.1.1");
	/* which says nothing about whether it is up */
	add(1, "nobody@x");
	step();
	fake_refuse('Z', "4.3.5");
	step();
	got_is(1, 1, 'Z', "4.3.5");
	add(2, "nobody@x");
	got_is(2, 2, 'P', 0);
	assert_true(got[2].until > NOW);
}

static void
what_is_down_puts_all_off(void **state)
{
	struct fake_sink *k;

	(void)state;
	ch.batch = 1;
	for (uint32_t n = 0; n < 5; n++)
		add(n, "x");
	step();
	k = fake_next(); /* two at once */
	fake_next();
	step();
	fake_flight(k, 1, 0);
	fake_accept(k, 1, 'Z', "4.4.1", "connection refused");
	step();
	assert_int_equal(gots, 4);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(got[i].code, 'P');
		assert_in_range(got[i].until, NOW + 30, NOW + 33);
	}
	got_is(3, 0, 'Z', "4.4.1");
	assert_int_equal(job->waiting, 0);
	assert_int_equal(job->running, 1);
}

/* Who is busy has not failed: nobody is charged with an attempt, and what runs there goes on. */
static void
what_is_busy_comes_soon(void **state)
{
	struct fake_sink *a, *b;

	(void)state;
	ch.fair.first = 2;
	ch.batch = 1;
	for (uint32_t n = 0; n < 5; n++)
		add(n, "x");
	step();
	a = fake_next(); /* two at once */
	b = fake_next();
	step();
	fake_flight(a, 1, 0);
	fake_flight(b, 1, 0);
	fake_answer(a, 'Z', CHANNEL_IS_BUSY, "busy");
	fake_answer(a, 'Z', "4.5.1", "no transaction");
	fake_answer(a, 'Z', "4.5.1", "no transaction");
	step();
	assert_int_equal(gots, 1); /* the others wait for the one that runs */
	got_is(0, 0, 'P', 0);
	assert_int_equal(got[0].until, NOW + CHANNEL_BUSY);
	assert_int_equal(job->running, 1);
	assert_int_equal(job->waiting, 3);
	fake_answer(b, 'Z', CHANNEL_IS_BUSY, "busy"); /* now nobody is left to wait for */
	fake_answer(b, 'Z', "4.5.1", "no transaction");
	fake_answer(b, 'Z', "4.5.1", "no transaction");
	step();
	assert_int_equal(gots, 5);
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(got[i].code, 'P');
	assert_int_equal(job->running + job->waiting, 0);
	assert_int_equal(ch.busy, 0);
	add(5, "x"); /* it is not down, and its sinks are kept */
	assert_int_equal(gots, 5);
	step();
	fake_flight(a, 1, 0);
	fake_accept(a, 1, 'K', "2.0.0", "ok");
	step();
	got_is(5, 5, 'K', "2.0.0");
}

/* At another host, a mailbox that is full is no reason to leave its domain alone. */
static void
one_mailbox_is_not_the_domain(void **state)
{
	struct fake_sink *k;

	(void)state;
	ch.domains = 1;
	add(0, "x");
	add(1, "x");
	step();
	k = fake_next();
	step();
	fake_flight(k, 2, 0);
	fake_answer(k, 'K', "2.1.0", "ok");
	fake_answer(k, 'Z', "4.2.2", "full");
	fake_answer(k, 'K', "2.1.5", "ok");
	fake_answer(k, 'Z', "4.4.2", "connection lost");
	step();
	got_is(0, 0, 'Z', "4.2.2");
	got_is(1, 1, 'Z', "4.4.2");
	add(2, "x");
	assert_int_equal(gots, 2);
	step();
	fake_flight(k, 1, 0);
	fake_answer(k, 'Z', "4.4.1", "connection refused"); /* but this is */
	fake_answer(k, 'Z', "4.5.1", "no transaction");
	fake_answer(k, 'Z', "4.5.1", "no transaction");
	step();
	add(3, "x");
	got_is(3, 3, 'P', 0);
}

/* deliver - one message on that sink. */
static void
deliver(struct fake_sink *k)
{
	step();
	fake_flight(k, 1, 0);
	fake_accept(k, 1, 'K', "2.0.0", "ok");
	step();
}

/* A connection stays with its domain while that has mail, whoever else waits. */
static void
a_connection_is_kept_for_a_while(void **state)
{
	struct fake_sink *k;

	(void)state;
	ch.domains = 1;
	ch.concurrency = 1;
	ch.batch = 1;
	for (uint32_t n = 0; n < 3; n++)
		add(n, "x");
	add(3, "y");
	step();
	k = fake_next();
	assert_string_equal(k->name, "x");
	for (int i = 0; i < 3; i++)
		deliver(k);
	assert_int_equal(gots, 3);
	step();
	k = fake_next();
	assert_string_equal(k->name, "y");
	deliver(k);
}

static void
concurrency_and_reuse_of_slots(void **state)
{
	char name[2] = "a";
	char asked[SINKS_NAME_MAX + 1];
	uint32_t serial;

	(void)state;
	for (uint32_t n = 0; n < 6; n++, (*name)++)
		add(n, name);
	step();
	for (int i = 0; i < 4; i++)
		fake_next();
	assert_int_equal(fake_request(&serial, asked), 0); /* four at once */
	step();
	for (size_t i = 0; i < 4; i++) {
		fake_flight(&fake_sink[i], 1, 0);
		fake_accept(&fake_sink[i], 1, 'K', "2.0.0", "ok");
	}
	step();
	assert_int_equal(gots, 4);
	channel_run(&ch, NOW);
	/* idle ones made room for other destinations */
	fake_next();
	fake_next();
	assert_int_equal(ch.busy, 2);
	step();
}

static void
removed_messages_start_nothing(void **state)
{
	char name[SINKS_NAME_MAX + 1];
	uint32_t serial;

	(void)state;
	add(0, "x");
	job->dropped = 1;
	step();
	assert_int_equal(fake_request(&serial, name), 0);
	assert_int_equal(job->waiting, 0);
	got_is(0, 0, 'P', 0);
}

static void
stop_puts_off_what_waits(void **state)
{
	(void)state;
	ch.concurrency = 1;
	add(0, "x");
	add(1, "y");
	step();
	channel_stop(&ch, NOW);
	assert_int_equal(gots, 1);
	assert_int_equal(job->waiting, 0);
	assert_int_equal(job->running, 1);
	assert_int_equal(ch.busy, 1);
}

static void
the_spawner_goes(void **state)
{
	(void)state;
	add(0, "x");
	step();
	shutdown(fake_spawner, SHUT_RDWR);
	assert_int_equal(fake_pump(&ch, NOW), 0);
	/* who was asked for is not lost, and was not tried */
	assert_int_equal(gots, 1);
	got_is(0, 0, 'P', 0);
	assert_int_equal(job->waiting + job->running, 0);
	assert_int_equal(ch.busy, 0);
}

static void
late_answers_are_closed(void **state)
{
	char name[SINKS_NAME_MAX + 1], byte;
	struct fake_sink *k;
	uint32_t serial;

	(void)state;
	add(0, "x");
	step();
	assert_int_equal(fake_request(&serial, name), 1);
	channel_expire(&ch, NOW + CHANNEL_ASK_MAX);
	k = fake_give(serial, name);
	step();
	assert_int_equal(gots, 1);
	assert_int_equal(read(k->stream.in, &byte, 1), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int
main(void)
{
	struct CMUnitTest const tests[] = {
		TEST(delivers_and_keeps_the_sink),
		TEST(answers_come_in_pieces),
		TEST(many_recipients_in_one_delivery),
		TEST(a_full_flight_leaves_the_rest_waiting),
		TEST(a_refused_sender_is_the_answer_for_all),
		TEST(a_sink_that_dies_costs_an_attempt),
		TEST(a_kept_sink_that_left_costs_none),
		TEST(a_kept_sink_gets_old),
		TEST(nonsense_and_silence),
		TEST(no_sink),
		TEST(what_is_down_puts_all_off),
		TEST(what_is_busy_comes_soon),
		TEST(a_connection_is_kept_for_a_while),
		TEST(one_mailbox_is_not_the_domain),
		TEST(concurrency_and_reuse_of_slots),
		TEST(removed_messages_start_nothing),
		TEST(stop_puts_off_what_waits),
		TEST(the_spawner_goes),
		TEST(late_answers_are_closed),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
