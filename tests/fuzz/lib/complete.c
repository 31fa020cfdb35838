/* Any octets as a message that is handed in: mended alike however it is cut, and only once. */

#include <string.h>

#include "../fuzz.h"
#include "complete.h"

#define INPUT_MAX 4096
#define OUT_MAX   (2 * INPUT_MAX + 1024) /* each address takes two octets and gets two more */

struct out {
	size_t len;
	char text[OUT_MAX];
};

static int
put(void *to, char const *text, size_t len)
{
	struct out *const o = to;

	must(len <= OUT_MAX - o->len);
	memcpy(o->text + o->len, text, len);
	o->len += len;
	return 1;
}

static void
mend(struct out *o, char const *text, size_t len, size_t piece)
{
	struct complete c = {
		.put = put, .to = o, .date = "d", .id = "<i>", .from = "f@b", .domain = "b"
	};

	o->len = 0;
	complete_init(&c);
	for (size_t i = 0; i < len; i += piece)
		must(complete_feed(&c, text + i, len - i < piece ? len - i : piece));
	must(complete_finish(&c));
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct out whole, pieces, again;

	if (size > INPUT_MAX)
		return 0;
	mend(&whole, (char const *)data, size, INPUT_MAX);
	mend(&pieces, (char const *)data, size, 1 + size % 7);
	must(whole.len == pieces.len && !memcmp(whole.text, pieces.text, whole.len));
	mend(&again, whole.text, whole.len, INPUT_MAX);
	must(again.len == whole.len && !memcmp(again.text, whole.text, whole.len));
	return 0;
}
