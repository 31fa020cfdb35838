#include "plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct plan p;
static struct answers a, aaaa;

static void
add_address(struct answers *to, unsigned char last)
{
	size_t const len = to == &a ? 4 : 16;
	unsigned char const octets[16] = { 1, [3] = last, [15] = last };

	to->record[to->count++] = (struct answers_record){ 0, (uint16_t)to->used, (uint16_t)len };
	memcpy(to->data + to->used, octets, len);
	to->used += len;
}

/* resolve - give a host that many addresses of each family. */
static void
resolve(size_t host, unsigned int six, unsigned int four)
{
	answers_clear(&a, ANSWERS_OK);
	answers_clear(&aaaa, ANSWERS_OK);
	for (unsigned int i = 0; i < six; i++)
		add_address(&aaaa, (unsigned char)(i + 1));
	for (unsigned int i = 0; i < four; i++)
		add_address(&a, (unsigned char)(i + 1));
	plan_set_addresses(p.host + host, &a, &aaaa, 0);
	p.host[host].resolved = 1;
}

static void
wants(enum plan_step step, size_t host, size_t address)
{
	struct plan_at at;

	assert_int_equal(plan_next(&p, &at), step);
	if (step != PLAN_END)
		assert_int_equal(at.host, host);
	if (step == PLAN_TRY)
		assert_int_equal(at.address, address);
}

static void
families_take_turns(void **state)
{
	static char const order[] = "646464446";

	(void)state;
	plan_clear(&p);
	assert_int_equal(plan_add(&p, "a.example", 10), 0);
	resolve(0, 3, 5);
	assert_int_equal(p.host[0].count, 8);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(
		    p.host[0].address[i].ip.family, order[i] == '6' ? AF_INET6 : AF_INET);
	resolve(0, 30, 0);
	assert_int_equal(p.host[0].count, PLAN_ADDRESSES_MAX);
	resolve(0, 0, 0);
	assert_int_equal(p.host[0].count, 0);
}

static void
each_once_and_hosts_are_looked_up_in_time(void **state)
{
	(void)state;
	plan_clear(&p);
	wants(PLAN_END, 0, 0);
	plan_add(&p, "a.example", 10);
	plan_add(&p, "b.example", 20);
	wants(PLAN_RESOLVE, 0, 0);
	resolve(0, 1, 1);
	wants(PLAN_TRY, 0, 0);
	wants(PLAN_TRY, 0, 1);
	wants(PLAN_RESOLVE, 1, 0);
	resolve(1, 0, 1);
	wants(PLAN_TRY, 1, 0);
	wants(PLAN_END, 0, 0);
	wants(PLAN_END, 0, 0);
	plan_again(&p);
	wants(PLAN_TRY, 0, 0);
	plan_cut(&p, 1);
	wants(PLAN_TRY, 0, 1);
	wants(PLAN_END, 0, 0);
}

static void
no_more_than_so_many_tries(void **state)
{
	struct plan_at at;
	size_t n = 0;

	(void)state;
	plan_clear(&p);
	for (size_t i = 0; i < MX_MAX; i++) {
		char name[16];

		snprintf(name, sizeof name, "h%zu", i);
		assert_int_equal(plan_add(&p, name, 10), i);
		resolve(i, 4, 4);
	}
	assert_int_equal(plan_add(&p, "more", 10), -1);
	while (plan_next(&p, &at) == PLAN_TRY)
		n++;
	assert_int_equal(n, PLAN_TRIES_MAX);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(families_take_turns),
		cmocka_unit_test(each_once_and_hosts_are_looked_up_in_time),
		cmocka_unit_test(no_more_than_so_many_tries),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
