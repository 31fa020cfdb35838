/* Any octets as a message: the same text comes out however the chunks are cut, without CR. */

#include <string.h>

#include "../fuzz.h"
#include "data.h"

#define INPUT_MAX 4096

struct result {
	char text[INPUT_MAX];
	size_t len, used;
	uint64_t size;
	int bare, ended;
};

static void
run(struct result *r, char const *input, size_t len, size_t chunk, int dots)
{
	char buffer[INPUT_MAX];
	struct data d;

	memset(r, 0, sizeof *r);
	data_init(&d, dots);
	while (r->used < len && !d.ended) {
		size_t const n = len - r->used < chunk ? len - r->used : chunk;
		size_t out = 0, took;

		memcpy(buffer, input + r->used, n);
		took = data_feed(&d, buffer, n, &out);
		must(took <= n && out <= n + 1 && (took == n || d.ended));
		must(r->len + out <= sizeof r->text);
		memcpy(r->text + r->len, buffer, out);
		r->len += out;
		r->used += took;
	}
	r->size = d.size;
	r->bare = d.bare;
	r->ended = d.ended;
}

/* find_end - where CR LF . CR LF, or . CR LF at the start, ends: the only ends there are. */
static size_t
find_end(char const *s, size_t len)
{
	char const *p;

	if (len >= 3 && !memcmp(s, ".\r\n", 3))
		return 3;
	p = memmem(s, len, "\r\n.\r\n", 5);
	return p ? (size_t)(p - s) + 5 : 0;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct result whole, cut;
	char const *input = (char const *)data + 1;
	size_t end;

	if (size < 2 || size > INPUT_MAX - 2)
		return 0;
	run(&whole, input, size - 1, size, data[0] & 1);
	run(&cut, input, size - 1, 1 + data[0] / 2 % 9, data[0] & 1);
	must(whole.len == cut.len && !memcmp(whole.text, cut.text, whole.len));
	must(whole.used == cut.used && whole.size == cut.size && whole.bare == cut.bare &&
	     whole.ended == cut.ended);
	must(!memchr(whole.text, '\r', whole.len));
	end = data[0] & 1 ? find_end(input, size - 1) : 0;
	must(whole.ended == (end != 0));
	must(!end || whole.used == end);
	return 0;
}
