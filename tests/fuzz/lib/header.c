/* Any octets as a message: the same fields are found however the chunks are cut. */

#include <string.h>

#include "../fuzz.h"
#include "header.h"

struct seen {
	unsigned int received, delivered;
	size_t octets;
};

static struct seen
scan(char const *p, size_t len, size_t chunk)
{
	struct header h;
	struct seen seen = { 0, 0, 0 };

	header_init(&h);
	while (len) {
		size_t n = len < chunk ? len : chunk;
		size_t took = header_scan(&h, p, n);

		must(took <= n);
		if (h.found) {
			must(h.valuelen <= HEADER_VALUE_MAX);
			seen.delivered++;
			seen.octets += h.valuelen;
		} else {
			must(took == n);
		}
		p += took;
		len -= took;
	}
	seen.received = h.received;
	return seen;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct seen whole, cut;

	if (size < 2)
		return 0;
	whole = scan((char const *)data + 1, size - 1, size);
	cut = scan((char const *)data + 1, size - 1, 1 + data[0] % 17);
	must(whole.received == cut.received && whole.delivered == cut.delivered &&
	     whole.octets == cut.octets);
	return 0;
}
