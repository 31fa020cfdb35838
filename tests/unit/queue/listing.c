#include "listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "place.h"

static struct job *job;
static stralloc out = STRALLOC_ZERO;

static int
begin(void **state)
{
	if (place_make(state))
		return -1;
	out.len = 0;
	place_add(1, "alice@crepes.fr", "bob@hamburger.edu", "\"a\033[2J\"@x", (char *)0);
	return job_load(&job, place_mess, place_state, place_time(1), 1, 1) != JOB_OK;
}

static int
end(void **state)
{
	job_free(job);
	return place_remove(state);
}

/* is - the listing is the id, then text. */
static void
is(uint32_t now, char const *text)
{
	size_t const idlen = strlen(job->id);

	out.len = 0;
	assert_int_equal(listing_add(&out, job, now), 1);
	assert_int_equal(stralloc_0(&out), 1);
	assert_memory_equal(out.s, job->id, idlen);
	assert_string_equal(out.s + idlen, text);
}

static void
nobody_tried_yet(void **state)
{
	(void)state;
	is(PLACE_NOW, "  56 octets  1s old  from <alice@crepes.fr>\n"
		      "    waiting   <bob@hamburger.edu>\n"
		      "    waiting   <\"a?[2J\"@x>\n");
}

static void
why_it_is_still_there(void **state)
{
	struct rcpt *const r = job->state.rcpt;

	(void)state;
	r[0].attempts = 1;
	r[0].next = PLACE_NOW + 400;
	state_reason(&r[0], "4.2.2", "full");
	r[1].attempts = 7;
	r[1].next = PLACE_NOW - 1;
	is(PLACE_NOW, "  56 octets  1s old  from <alice@crepes.fr>\n"
		      "    deferred  <bob@hamburger.edu>, 1 attempt, next in 6m40s\n"
		      "              4.2.2 full\n"
		      "    deferred  <\"a?[2J\"@x>, 7 attempts, next now\n");
}

static void
what_became_of_whom(void **state)
{
	struct rcpt *const r = job->state.rcpt;

	(void)state;
	job->state.held = 1;
	r[0].fate = FATE_DONE;
	state_reason(&r[0], "2.0.0", "not shown");
	r[1].fate = FATE_FAILED;
	state_reason(&r[1], "5.1.1", "no such\007user");
	is(PLACE_NOW + 90000, "  56 octets  1d1h old  held  from <alice@crepes.fr>\n"
			      "    done      <bob@hamburger.edu>\n"
			      "    failed    <\"a?[2J\"@x>\n"
			      "              5.1.1 no such?user\n");
	r[1].fate = FATE_DELIVERED;
	is(PLACE_NOW - 500, "  56 octets  0s old  held  from <alice@crepes.fr>\n"
			    "    done      <bob@hamburger.edu>\n"
			    "    delivered <\"a?[2J\"@x>\n"
			    "              5.1.1 no such?user\n");
}

static int
finish(void **state)
{
	(void)state;
	stralloc_free(&out);
	return 0;
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(nobody_tried_yet, begin, end),
		cmocka_unit_test_setup_teardown(why_it_is_still_there, begin, end),
		cmocka_unit_test_setup_teardown(what_became_of_whom, begin, end),
	};

	return cmocka_run_group_tests(tests, 0, finish);
}
