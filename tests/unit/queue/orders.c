#include "orders.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "message.h"

static char fifo[64];
static struct orders orders;
static char id[MESSAGE_ID_MAX];

static void
lines_are_parsed(void **state)
{
	static struct {
		char const *before, *after; /* of an id */
		enum order order;
	} const cases[] = {
		{ "", "", ORDER_NEW },
		{ "retry ", "", ORDER_RETRY },
		{ "hold ", "", ORDER_HOLD },
		{ "release ", "", ORDER_RELEASE },
		{ "drop ", "", ORDER_DROP },
		{ "bounce ", "", ORDER_BOUNCE },
		{ "drop  ", "", ORDER_NONE },
		{ " ", "", ORDER_NONE },
		{ "Drop ", "", ORDER_NONE },
		{ "drop ", " ", ORDER_NONE },
		{ "drop ", "/", ORDER_NONE },
		{ "../", "", ORDER_NONE },
		{ "destroy ", "", ORDER_NONE },
	};
	uint64_t time, inode;
	char line[100];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int const n = snprintf(
		    line, sizeof line, "%s%s%s", cases[i].before, id, cases[i].after);

		time = inode = 0;
		assert_int_equal(order_parse(line, (size_t)n, &time, &inode), cases[i].order);
		if (cases[i].order != ORDER_NONE) {
			assert_int_equal(time, 1800000000000001);
			assert_int_equal(inode, 4711);
		}
	}
	assert_int_equal(order_parse("retry all", 9, &time, &inode), ORDER_RETRY_ALL);
	assert_int_equal(order_parse("drop all", 8, &time, &inode), ORDER_NONE);
	assert_int_equal(order_parse("", 0, &time, &inode), ORDER_NONE);
	assert_int_equal(order_parse("retry ", 6, &time, &inode), ORDER_NONE);
}

static void
words_have_names(void **state)
{
	(void)state;
	for (int order = ORDER_HOLD; order <= ORDER_BOUNCE; order++)
		assert_int_equal(order_word(order_name((enum order)order),
				     strlen(order_name((enum order)order))),
		    order);
}

static int
make(void **state)
{
	(void)state;
	message_id(id, 1800000000000001, 4711);
	snprintf(fifo, sizeof fifo, "/tmp/orders.%d", getpid());
	unlink(fifo);
	return mkfifo(fifo, 0600) || !orders_open(&orders, fifo);
}

static int
finish(void **state)
{
	(void)state;
	close(orders.fd);
	return unlink(fifo);
}

static void
lines_are_put_together(void **state)
{
	char const *line;
	size_t len, pos = 0;
	int full;

	(void)state;
	assert_int_equal(orders_read(&orders, &full), 0);
	assert_int_equal(write(orders.fd, "one\ntwo\nthr", 11), 11);
	assert_int_equal(orders_read(&orders, &full), 1);
	assert_int_equal(full, 0);
	assert_int_equal(orders_next(&orders, &pos, &line, &len), 1);
	assert_memory_equal(line, "one", len);
	assert_int_equal(orders_next(&orders, &pos, &line, &len), 1);
	assert_memory_equal(line, "two", len);
	assert_int_equal(orders_next(&orders, &pos, &line, &len), 0);
	assert_int_equal(write(orders.fd, "ee\n", 3), 3);
	assert_int_equal(orders_read(&orders, &full), 1);
	pos = 0;
	assert_int_equal(orders_next(&orders, &pos, &line, &len), 1);
	assert_int_equal(len, 5);
	assert_memory_equal(line, "three", 5);
	assert_int_equal(orders_next(&orders, &pos, &line, &len), 0);
	assert_int_equal(orders.len, 0);
}

static void
a_line_without_end_is_dropped(void **state)
{
	char junk[5000];
	char const *line;
	size_t len, pos = 0;
	int full;

	(void)state;
	memset(junk, 'x', sizeof junk);
	assert_int_equal(write(orders.fd, junk, sizeof junk), sizeof junk);
	assert_int_equal(orders_read(&orders, &full), 1);
	assert_int_equal(orders_next(&orders, &pos, &line, &len), 0);
	assert_int_equal(orders.len, 0);
}

static void
a_pipe_that_ran_over_is_noticed(void **state)
{
	char const *line;
	char text[64];
	size_t len, pos = 0, count = 0, written = 0;
	int const n = snprintf(text, sizeof text, "%s\n", id);
	int full;

	(void)state;
	while (write(orders.fd, text, (size_t)n) == n)
		written++;
	assert_int_equal(orders_read(&orders, &full), 1);
	assert_int_equal(full, 1);
	do {
		while (orders_next(&orders, &pos, &line, &len)) {
			assert_int_equal(len, strlen(id));
			count++;
		}
		pos = 0;
	} while (orders_read(&orders, &full) == 1);
	assert_int_equal(count, written);
}

static void
only_a_fifo_will_do(void **state)
{
	struct orders other;

	(void)state;
	assert_int_equal(orders_open(&other, "/dev/null"), 0);
	assert_int_equal(orders_open(&other, "/nonexistent"), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(lines_are_parsed),
		cmocka_unit_test(words_have_names),
		cmocka_unit_test(lines_are_put_together),
		cmocka_unit_test(a_line_without_end_is_dropped),
		cmocka_unit_test(a_pipe_that_ran_over_is_noticed),
		cmocka_unit_test(only_a_fifo_will_do),
	};

	return cmocka_run_group_tests(tests, make, finish);
}
