/* world - a whole scheduler in a test: a queue directory, a spawner, an injector. */

#include "fake.h"
#include "place.h"
#include "schedule.h"

static struct schedule world;
static struct stream world_injector; /* the injector's end */
static char world_report[65536];     /* the text of the last report */
static struct {
	char sender[64], rcpt[64], params[64];
} world_envelope;

static inline void
world_set(stralloc *to, char const *text)
{
	assert_int_equal(stralloc_copys(to, text) && stralloc_0(to), 1);
}

static inline int
world_make(void **state)
{
	struct sendconf *const set = &world.settings;
	int fd[2];

	memset(&world, 0, sizeof world);
	if (place_make(state) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return -1;
	world.mess = place_mess;
	world.state = place_state;
	world.overquota = -1;
	world.now = PLACE_NOW;
	world_set(&set->me, "hamburger.edu");
	world_set(&set->bounce_from, "MAILER-DAEMON@hamburger.edu");
	world_set(&set->double_bounce, "postmaster@hamburger.edu");
	set->concurrency_local = set->concurrency_remote = 10;
	set->per_address = set->per_domain = 5;
	set->lifetime = 432000;
	set->delay_notice = 14400;
	set->bounce_max = 50000;
	set->routes.passwd = set->routes.usersfd = set->routes.aliasesfd = -1;
	assert_int_equal(stralloc_catb(&set->routes.locals, "hamburger.edu", 14), 1);
	schedule_init(&world, fake_start(), -1, fd[0], 77);
	world.slice = 60000; /* a busy machine must not change what a step does */
	stream_init(&world_injector, fd[1], fd[1]);
	*world_report = 0;
	return 0;
}

static inline int
world_remove(void **state)
{
	schedule_stop(&world);
	schedule_work(&world);
	close(world.local.spawner);
	channel_free(&world.local);
	channel_free(&world.remote);
	close(world.post.fd);
	close(world_injector.in);
	fake_stop();
	due_free(&world.due);
	sendconf_free(&world.settings);
	scan_stop(&world.scan);
	return place_remove(state);
}

/* world_step - one turn of the event loop. */
static inline void
world_step(void)
{
	schedule_work(&world);
	assert_int_equal(fake_pump(&world.local, world.now), 1);
	schedule_work(&world);
}

/* world_arrive - the trigger brings a message. */
static inline void
world_arrive(unsigned int number)
{
	schedule_arrived(&world, place_time(number), number);
}

/* world_restart - what a crash leaves is found again. */
static inline void
world_restart(void **state)
{
	(void)state;
	while (world.jobs) { /* as if it had never been there */
		struct job *const next = world.jobs->next;

		job_free(world.jobs);
		world.jobs = next;
	}
	close(world.local.spawner);
	fake_stop();
	due_free(&world.due);
	world.active = world.memory = 0;
	memset(world.lane, 0, sizeof world.lane);
	world.look = world.reports = world.later = (struct look){ 0, 0 };
	world.post.busy = 0;
	memset(&world.local.fair, 0, sizeof world.local.fair);
	world.local.sinks = 0;
	world.local.busy = 0;
	channel_init(&world.local, 5, 99);
	world.local.spawner = fake_start();
	scan_start(&world.scan, place_mess, place_state);
	while (world.scan.running)
		schedule_work(&world);
}

/* world_deliver - the next delivery is asked for and has this result. */
static inline void
world_deliver(char code, char const *status, char const *text)
{
	struct fake_sink *k;

	world_step();
	k = fake_next();
	world_step();
	fake_flight(k, 1, PLACE_TEXT);
	fake_accept(k, 1, code, status, text);
	world_step();
	fake_close(k);
	world_step();
}

/* world_is_idle - nobody is asked for anything. */
static inline int
world_is_idle(void)
{
	char name[SINKS_NAME_MAX + 1];
	uint32_t serial;

	world_step();
	return !fake_request(&serial, name);
}

/* world_inject - take a report, and give this answer: 1, or 0: there is none. */
static inline int
world_inject(char code, char const *status)
{
	struct pollfd wait = { .fd = world_injector.in, .events = POLLIN };
	struct frame f;
	size_t len = 0;

	world_step();
	if (poll(&wait, 1, 0) != 1)
		return 0;
	assert_int_equal(stream_get(&world_injector, &f), STREAM_OK);
	assert_int_equal(f.type, STREAM_CLIENT);
	assert_int_equal(stream_get(&world_injector, &f), STREAM_OK);
	assert_int_equal(f.type, STREAM_MAIL);
	snprintf(world_envelope.sender, sizeof world_envelope.sender, "%s", f.data);
	assert_int_equal(stream_get(&world_injector, &f), STREAM_OK);
	snprintf(world_envelope.rcpt, sizeof world_envelope.rcpt, "%s", f.data);
	while (stream_get(&world_injector, &f) == STREAM_OK && f.type == STREAM_DATA) {
		assert_true(f.len < sizeof world_report - len);
		memcpy(world_report + len, f.data, f.len);
		len += f.len;
	}
	world_report[len] = 0;
	assert_int_equal(f.type, STREAM_END);
	stream_answer(&world_injector, 'K', "2.1.0", "ok");
	stream_answer(&world_injector, 'K', "2.1.5", "ok");
	stream_answer(&world_injector, code, status, "queued as 17");
	assert_int_equal(stream_flush(&world_injector), 1);
	assert_int_equal(post_event(&world.post), 1);
	schedule_posted(&world);
	world_step();
	return 1;
}
