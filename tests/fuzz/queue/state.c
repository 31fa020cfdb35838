/* Any octets as a state file; what was understood must survive being written and read. */

#include <string.h>

#include "../fuzz.h"
#include "state.h"

#define RCPTS 5

static void
begin(struct state *s, struct rcpt *rcpt)
{
	memset(rcpt, 0, RCPTS * sizeof *rcpt);
	*s = (struct state){ .rcpt = rcpt, .rcpts = RCPTS };
}

static void
drop(struct rcpt *rcpt)
{
	for (size_t i = 0; i < RCPTS; i++)
		free(rcpt[i].reason);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct rcpt rcpt[RCPTS], copy[RCPTS];
	struct state s, again;
	stralloc text = STRALLOC_ZERO;

	begin(&s, rcpt);
	if (state_parse(&s, (char const *)data, size) == 1) {
		must(state_format(&text, &s));
		begin(&again, copy);
		must(state_parse(&again, text.s, text.len) == 1);
		must(again.held == s.held && !again.torn);
		for (size_t i = 0; i < RCPTS; i++)
			must(copy[i].fate == rcpt[i].fate &&
			     (rcpt[i].fate != FATE_WAITING ||
				 (copy[i].attempts == rcpt[i].attempts &&
				     copy[i].next == rcpt[i].next &&
				     copy[i].told_late == rcpt[i].told_late)));
		drop(copy);
		stralloc_free(&text);
	}
	drop(rcpt);
	return 0;
}
