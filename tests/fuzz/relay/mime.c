/*
 * Any octets as a message: the same comes out however the chunks are cut; no line is too
 * long, no octet of a body over 127, no CR; the same parts are there as before, and
 * nothing is left to convert; what needs nothing stays as it was.
 */

#include "mime.h"

#include <string.h>

#include "../fuzz.h"

#define INPUT_MAX  8192
#define OUTPUT_MAX (8 * INPUT_MAX + MIME_ROOM)

struct text {
	char *data;
	size_t len;
	size_t parts;
};

static void
run(struct mime *m, char const *in, size_t len, size_t chunk, struct text *result)
{
	size_t used = 0, out = 0;

	result->len = 0;
	while (used < len) {
		size_t const n = len - used < chunk ? len - used : chunk;
		size_t const room = MIME_ROOM + n;

		must(result->len + room <= OUTPUT_MAX);
		used += mime_feed(
		    m, in + used, n, result->data ? result->data + result->len : 0, room, &out);
		result->len += out;
		must(!m->survey || !out);
	}
	must(result->len + MIME_ROOM <= OUTPUT_MAX);
	result->len += mime_finish(m, result->data ? result->data + result->len : 0);
	result->parts = m->parts;
}

static void
check_lines(struct text const *t)
{
	for (size_t i = 0, start = 0; i <= t->len; i++)
		if (i == t->len || t->data[i] == '\n') {
			must(i - start <= MIME_LINE_MAX);
			start = i + 1;
		}
}

static int
is_empty(struct mime_plan const *p)
{
	for (size_t i = 0; i < MIME_PLAN_MAX; i++)
		if (p->part[i])
			return 0;
	return !(p->header & MIME_LONG);
}

static void
check(char const *in, size_t len, size_t chunk, int planned)
{
	static char whole_data[OUTPUT_MAX], cut_data[OUTPUT_MAX];
	static struct mime m;
	static struct mime_plan plan, again;
	struct text before = { 0, 0, 0 }, after = { 0, 0, 0 };
	struct text whole = { whole_data, 0, 0 }, cut = { cut_data, 0, 0 };

	mime_survey(&m, &plan);
	run(&m, in, len, chunk, &before);
	mime_convert(&m, planned ? &plan : 0, MIME_EIGHT | MIME_LONG | MIME_BINARY);
	run(&m, in, len, INPUT_MAX, &whole);
	mime_convert(&m, planned ? &plan : 0, MIME_EIGHT | MIME_LONG | MIME_BINARY);
	run(&m, in, len, chunk, &cut);
	must(whole.len == cut.len && !memcmp(whole.data, cut.data, cut.len));
	check_lines(&whole);
	mime_survey(&m, &again);
	run(&m, whole.data, whole.len, OUTPUT_MAX, &after);
	must(before.parts == whole.parts && whole.parts == after.parts);
	must(!again.body && !(again.header & MIME_LONG) && !(again.header & ~plan.header));
	if (planned && is_empty(&plan) && len && in[len - 1] == '\n')
		must(whole.len == len && !memcmp(whole.data, in, len));
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char repeated[INPUT_MAX];
	char const *input = (char const *)data + 2;
	size_t len = 0;

	if (size < 3 || size > INPUT_MAX)
		return 0;
	check(input, size - 2, 1 + data[0] % 99, data[1] & 1);
	if (!(data[1] & 2))
		return 0;
	/* octets over 0xF0 stand for many of the one before: lines get long */
	for (size_t i = 0; i < size - 2; i++) {
		size_t n = (unsigned char)input[i] > 0xF0 && i ? 990 : 1;

		while (n-- && len < sizeof repeated)
			repeated[len++] = n || (unsigned char)input[i] <= 0xF0 ? input[i - (n > 0)]
									       : 'x';
	}
	check(repeated, len, 1 + data[0] % 99, data[1] & 1);
	return 0;
}
