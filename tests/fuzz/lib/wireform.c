/* Any octets as a message: what goes out has CR LF only, ends where it must, has no line that is
 * too long, and a server that reads it gets the same text, however it is cut. */

#include <string.h>

#include "../fuzz.h"
#include "wireform.h"

#define INPUT_MAX 8192
#define OUT_MAX   (3 * INPUT_MAX + WIREFORM_END_MAX)

static size_t
run(char const *in, size_t len, unsigned int dots, size_t piece, size_t room, char *out)
{
	struct wireform w;
	size_t total = 0, n;

	wireform_begin(&w, dots);
	for (size_t at = 0; at < len;) {
		size_t const size = len - at < piece ? len - at : piece;
		size_t const used = wireform_feed(&w, in + at, size, out + total, room, &n);

		must(used && used <= size && n <= room);
		at += used;
		total += n;
		must(total <= OUT_MAX - WIREFORM_END_MAX);
		if (room > OUT_MAX - WIREFORM_END_MAX - total)
			room = OUT_MAX - WIREFORM_END_MAX - total;
	}
	n = wireform_end(&w, out + total);
	must(n <= WIREFORM_END_MAX);
	return total + n;
}

/* check - lines, and no end of data but the end. */
static void
check(char const *out, size_t len, int dots)
{
	size_t column = 0;

	must(!len || (len > 1 && out[len - 2] == '\r' && out[len - 1] == '\n'));
	for (size_t i = 0; i < len; i++) {
		must(out[i] != '\r' || (i + 1 < len && out[i + 1] == '\n'));
		must(out[i] != '\n' || (i && out[i - 1] == '\r'));
		if (out[i] == '\n') {
			must(column <=
			     WIREFORM_LINE_MAX + 1 + (size_t)dots); /* CR, and a dot more */
			column = 0;
			continue;
		}
		if (dots && !column && out[i] == '.' && i + 3 != len)
			must(out[i + 1] == '.');
		column++;
	}
	must(!dots || !memcmp(out + len - 3, ".\r\n", 3));
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char one[OUT_MAX], other[OUT_MAX];
	char const *in = (char const *)data;

	if (size > INPUT_MAX)
		return 0;
	for (unsigned int dots = 0; dots < 2; dots++) {
		size_t const len = run(in, size, dots, INPUT_MAX, OUT_MAX - WIREFORM_END_MAX, one);

		must(run(in, size, dots, 1 + size % 7, WIREFORM_ROOM, other) == len);
		must(!memcmp(one, other, len));
		check(one, len, dots != 0);
	}
	return 0;
}
