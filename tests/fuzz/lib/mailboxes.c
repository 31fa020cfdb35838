/* Any octets as the addresses of a header field: the walk ends, and what it finds is bounded. */

#include <string.h>

#include "../fuzz.h"
#include "mailboxes.h"

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *const text = (char const *)data;
	struct mailbox m;
	size_t pos = 0, last = 0, end = 0;

	while (mailboxes_next(text, size, &pos, &m) == 1) {
		must(pos > last && pos <= size);
		must(m.len && m.len <= ADDRESS_MAX && strlen(m.spec) == m.len);
		must(m.end > end && m.end <= pos);
		last = pos;
		end = m.end;
	}
	must(pos <= size);
	return 0;
}
