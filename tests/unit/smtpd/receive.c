/* unit tests of smtpd/receive: a message between a client and a next program that are ours */
#include "receive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct settings set;
static struct wire wire;
static struct next next;
static struct recipients rcpts;
static struct receive r = { .set = &set, .wire = &wire, .next = &next, .rcpts = &rcpts };
static int client, sink;

static int
setup(void **state)
{
	int pair[2];

	(void)state;
	set = (struct settings){ .maxhops = 3, .databytes = 1000 };
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	client = pair[1];
	wire_init(&wire, pair[0], pair[0], 1, 10);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	sink = pair[1];
	next_init(&next, pair[0], "s-1");
	recipients_clear(&rcpts);
	recipients_add(&rcpts, "bob@d", 5, 1);
	recipients_settle(&rcpts, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(client);
	close(wire.in);
	close(sink);
	close(next.stream.in);
	return 0;
}

static void
send_text(char const *text)
{
	assert_int_equal(write(client, text, strlen(text)), strlen(text));
}

/* sent - what the D frames that are on their way hold. */
static void
sent(char const *want)
{
	static struct stream s;
	struct frame f;
	char got[4096];
	size_t len = 0;

	stream_init(&s, sink, sink);
	next_end(&next);
	assert_true(stream_flush(&next.stream));
	while (stream_get(&s, &f) == STREAM_OK && f.type == STREAM_DATA) {
		memcpy(got + len, f.data, f.len);
		len += f.len;
	}
	got[len] = 0;
	assert_string_equal(got, want);
}

static void
data(char const *text, enum outcome want)
{
	receive_begin(&r, 1, "T: x\n", 5);
	send_text(text);
	assert_int_equal(receive_data(&r), WIRE_OK);
	assert_int_equal(r.outcome, want);
}

static void
test_data(void **state)
{
	(void)state;
	data("A: b\r\n\r\n..\r\n.\r\nQUIT\r\n", OUTCOME_OK);
	assert_int_equal(wire.end - wire.start, 6); /* what follows is a command again */
	sent("T: x\nA: b\n\n.\n");
}

static void
test_refusals(void **state)
{
	(void)state;
	data("a\n.\r\nb\r\n.\r\n", OUTCOME_BARE);
	set.convert = 1;
	data("a\nb\r\n.\r\n", OUTCOME_OK);
	data("Received: a\r\nReceived: b\r\nReceived: c\r\n.\r\n", OUTCOME_OK);
	data("Received: a\r\nReceived: b\r\nReceived: c\r\nReceived: d\r\n.\r\n", OUTCOME_LOOP);
	data("Delivered-To: alice@d\r\n\r\n.\r\n", OUTCOME_OK);
	data("Delivered-To: bob@d\r\n\r\n.\r\n", OUTCOME_LOOP);
	data("\r\nDelivered-To: bob@d\r\n.\r\n", OUTCOME_OK);
	next.dead = 1;
	data("a\r\n.\r\n", OUTCOME_LOST);
}

static void
test_size(void **state)
{
	char text[1100];

	(void)state;
	memset(text, 'x', sizeof text);
	strcpy(text + 998, "\r\n.\r\n");
	data(text, OUTCOME_OK);
	memset(text, 'x', 1000);
	strcpy(text + 999, "\r\n.\r\n");
	data(text, OUTCOME_TOO_BIG);
}

static void
chunk(char const *arg, char const *text, enum outcome want)
{
	struct bdat b;

	assert_true(bdat_parse(&b, arg, strlen(arg)));
	send_text(text);
	assert_int_equal(receive_chunk(&r, &b), WIRE_OK);
	assert_int_equal(r.outcome, want);
}

static void
test_chunks(void **state)
{
	(void)state;
	receive_begin(&r, 0, "T: x\n", 5);
	chunk("8", ".a\r\n.\r\n\r", OUTCOME_OK);
	chunk("0", "", OUTCOME_OK);
	chunk("2 LAST", "\nb", OUTCOME_OK);
	sent("T: x\n.a\n.\n\nb\n"); /* its last line gets an end */
	receive_begin(&r, 0, "", 0);
	chunk("1 LAST", "\r", OUTCOME_BARE);
}

static void
test_too_big_chunk(void **state)
{
	char text[1001];
	struct bdat b;

	(void)state;
	memset(text, 'x', sizeof text);
	text[1000] = 0;
	receive_begin(&r, 0, "", 0);
	chunk("1000", text, OUTCOME_OK);
	chunk("1", "x", OUTCOME_TOO_BIG);
	assert_true(bdat_parse(&b, "4", 1));
	send_text("QUITNOOP");
	assert_int_equal(receive_skip(&wire, &b), WIRE_OK);
	assert_memory_equal(wire.inbuf + wire.start, "NOOP", 4);
}

static void
test_interrupted(void **state)
{
	(void)state;
	receive_begin(&r, 1, "", 0);
	send_text("half a message\r\n.");
	assert_int_equal(receive_data(&r), WIRE_IDLE);
	shutdown(client, SHUT_WR);
	assert_int_equal(receive_data(&r), WIRE_EOF);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test_setup_teardown(test_data, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chunks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_big_chunk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
