/* Any octets as a server's replies: they end where they end, however they are cut, and what
 * is made of them is printable and bounded. */

#include <string.h>

#include "../fuzz.h"
#include "capabilities.h"
#include "outcome.h"
#include "replies.h"

/* run - the first reply of the input, read in pieces of that size. */
static enum replies_result
run(struct replies *r, char const *input, size_t len, size_t piece, size_t *total)
{
	enum replies_result got = REPLIES_MORE;

	replies_begin(r);
	for (*total = 0; got == REPLIES_MORE && *total < len;) {
		size_t const n = len - *total < piece ? len - *total : piece;
		size_t used = 0;

		got = replies_feed(r, input + *total, n, &used);
		must(used && used <= n && (got != REPLIES_MORE || used == n));
		*total += used;
	}
	return got;
}

static void
check(struct replies const *r)
{
	struct capabilities can;
	struct answer a, back;
	char text[STREAM_ANSWER_MAX];

	must(r->code >= 200 && r->code < 600 && r->len < REPLIES_TEXT_MAX);
	must(strlen(r->text) == r->len && strlen(r->status) < sizeof r->status);
	must(!*r->status || (unsigned int)(*r->status - '0') == r->code / 100);
	for (size_t i = 0; i < r->len; i++)
		must(
		    r->text[i] == '\n' || ((unsigned char)r->text[i] >= ' ' && r->text[i] != 0x7f));
	capabilities_read(&can, r->text);
	for (enum outcome_stage stage = OUTCOME_GREETING; stage <= OUTCOME_DOT; stage++) {
		outcome_reply(&a, "h[192.0.2.1]", stage, r);
		must(stream_answer_parse(&back, text, stream_answer_fmt(text, &a)));
	}
	outcome_taken(&a, "h[192.0.2.1]", 1, r);
	if (r->code < 300)
		must(stream_answer_parse(&back, text, stream_answer_fmt(text, &a)));
	(void)outcome_is_too_many(r);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct replies whole, cut;
	char const *input = (char const *)data;

	while (size) {
		size_t total, other;
		enum replies_result const got = run(&whole, input, size, size, &total);

		must(run(&cut, input, size, 1, &other) == got && other == total);
		if (got != REPLIES_WHOLE)
			break;
		must(whole.code == cut.code && !strcmp(whole.text, cut.text) &&
		     !strcmp(whole.status, cut.status));
		check(&whole);
		input += total;
		size -= total;
	}
	return 0;
}
