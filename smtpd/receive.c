#include "receive.h"

static int
put(void *to, char const *text, size_t len)
{
	next_data(to, text, len);
	return 1;
}

void
receive_begin(struct receive *r, int dots, char const *field, size_t len)
{
	data_init(&r->data, dots);
	header_init(&r->header);
	r->outcome = OUTCOME_OK;
	if (r->mends) {
		r->complete.put = put;
		r->complete.to = r->next;
		complete_init(&r->complete);
	}
	next_data(r->next, field, len);
}

/* pass_on - to the next program, mended if it is a submission. */
static void
pass_on(struct receive *r, char const *text, size_t len)
{
	if (r->mends)
		complete_feed(&r->complete, text, len);
	else
		next_data(r->next, text, len);
}

/* finish - the message is over. */
static void
finish(struct receive *r)
{
	if (r->mends && r->outcome == OUTCOME_OK)
		complete_finish(&r->complete);
}

/* scan_header - count hops, and look for a sign that the message was here before. */
static void
scan_header(struct receive *r, char const *data, size_t len)
{
	size_t used = 0;

	while (used < len && !header_over(&r->header)) {
		used += header_scan(&r->header, data + used, len - used);
		if (r->header.received > r->set->maxhops ||
		    (r->header.found &&
			recipients_has_local(r->rcpts, r->header.value, r->header.valuelen)))
			r->outcome = OUTCOME_LOOP;
	}
}

static void
check(struct receive *r, char const *data, size_t len)
{
	if (r->outcome == OUTCOME_OK)
		scan_header(r, data, len);
	if (r->data.bare && !r->set->convert)
		r->outcome = OUTCOME_BARE;
	if (r->set->databytes && r->data.size > r->set->databytes)
		r->outcome = OUTCOME_TOO_BIG;
	if (r->next->dead && r->outcome == OUTCOME_OK)
		r->outcome = OUTCOME_LOST;
}

/* feed - octets of the message, at most len of what is unread. */
static void
feed(struct receive *r, size_t len)
{
	char *text = r->wire->inbuf + r->wire->start;
	size_t out;

	wire_take(r->wire, data_feed(&r->data, text, len, &out));
	check(r, text, out);
	if (r->outcome == OUTCOME_OK)
		pass_on(r, text, out);
}

enum wire_result
receive_data(struct receive *r)
{
	while (!r->data.ended) {
		if (r->wire->start == r->wire->end) {
			enum wire_result const got = wire_fill(r->wire);

			if (got != WIRE_OK)
				return got;
		}
		feed(r, r->wire->end - r->wire->start);
	}
	finish(r);
	return WIRE_OK;
}

static uint64_t
min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

enum wire_result
receive_chunk(struct receive *r, struct bdat *b)
{
	if (r->set->databytes && b->size > r->set->databytes - min(r->data.size, r->set->databytes))
		r->outcome = OUTCOME_TOO_BIG; /* known before it is read */
	while (b->left) {
		if (r->wire->start == r->wire->end) {
			enum wire_result const got = wire_fill(r->wire);

			if (got != WIRE_OK)
				return got;
		}
		feed(r, bdat_share(b, r->wire->end - r->wire->start));
	}
	if (b->last && data_finish(&r->data) && r->outcome == OUTCOME_OK)
		pass_on(r, "\n", 1);
	if (b->last) {
		check(r, 0, 0);
		finish(r);
	}
	return WIRE_OK;
}

enum wire_result
receive_skip(struct wire *w, struct bdat *b)
{
	while (b->left) {
		if (w->start == w->end) {
			enum wire_result const got = wire_fill(w);

			if (got != WIRE_OK)
				return got;
		}
		wire_take(w, bdat_share(b, w->end - w->start));
	}
	return WIRE_OK;
}
