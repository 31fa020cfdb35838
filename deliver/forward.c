#include "forward.h"

#include <string.h>
#include <strings.h>

#include "chain.h"
#include "reason.h"

#define BATCH 64 /* requests sent before their answers are read */

static struct stream queue;

void
forward_start(void)
{
	static char const *const argv[] = { "queue-inject", 0 };

	chain_start(argv);
	stream_init(&queue, CHAIN_FD, CHAIN_FD);
}

/* add_notify - NOTIFY without SUCCESS. */
static int
add_notify(stralloc *to, char const *value, size_t len)
{
	size_t start;
	size_t n;

	if (!stralloc_cats(to, "NOTIFY="))
		return 0;
	start = to->len;
	for (size_t i = 0; i < len; i += n + 1) {
		char const *comma = memchr(value + i, ',', len - i);

		n = comma ? (size_t)(comma - (value + i)) : len - i;
		if (n == 7 && !strncasecmp(value + i, "SUCCESS", 7))
			continue;
		if (to->len > start && !stralloc_append(to, ','))
			return 0;
		if (!stralloc_catb(to, value + i, n))
			return 0;
	}
	return (to->len > start || stralloc_cats(to, "NEVER")) && stralloc_0(to);
}

int
forward_list_params(stralloc *to, char const *params, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n + 1) {
		char const *s = params + i;

		n = strnlen(s, len - i);
		if (strncasecmp(s, "RET=", 4) && strncasecmp(s, "ENVID=", 6) &&
		    (!stralloc_catb(to, s, n) || !stralloc_0(to)))
			return 0;
	}
	return 1;
}

int
forward_params(stralloc *to, char const *params, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n + 1) {
		char const *s = params + i;

		n = strnlen(s, len - i);
		if (n > 7 && !strncasecmp(s, "NOTIFY=", 7)) {
			if (!add_notify(to, s + 7, n - 7))
				return 0;
		} else if (n > 6 && !strncasecmp(s, "ORCPT=", 6)) {
			if (!stralloc_catb(to, s, n) || !stralloc_0(to))
				return 0;
		}
	}
	return 1;
}

/* answered - read n answers: 1 if all are K; the first other one stays in a. -1 broken. */
static int
answered(size_t n, struct answer *a)
{
	struct answer next;
	int ok = 1;

	while (n--) {
		if (stream_get_answer(&queue, &next) != STREAM_OK)
			return -1;
		if (ok)
			*a = next;
		ok = ok && next.code == 'K';
	}
	return ok;
}

/* put_parts - a frame of an address, its NUL, and parameters. */
static int
put_parts(enum stream_type type, char const *address, stralloc const *params)
{
	char frame[STREAM_FRAME_MAX];
	size_t len = strlen(address) + 1;

	if (len + params->len >= sizeof frame)
		return 0;
	memcpy(frame, address, len);
	if (params->len) /* else s may be null */
		memcpy(frame + len, params->s, params->len);
	return stream_put(&queue, type, frame, len + params->len);
}

static int
put_client(char const *id)
{
	char facts[256] = "protocol=LOCAL";
	size_t len = strlen(facts) + 1;
	size_t n = strlen(id);

	if (n && n < sizeof facts - len - 4) {
		memcpy(facts + len, "id=", 3);
		memcpy(facts + len + 3, id, n + 1);
		len += n + 4;
	}
	return stream_put(&queue, STREAM_CLIENT, facts, len);
}

/* envelope - C, M and all R: 1 accepted, 0 refused, -1 broken. */
static int
envelope(struct forward const *f, struct answer *a)
{
	size_t waiting = 1;
	int r = 1;

	if (!put_client(f->id) || !put_parts(STREAM_MAIL, f->sender, f->params))
		return -1;
	for (size_t at = 0; r == 1 && at < f->rcpts->len; at += strlen(f->rcpts->s + at) + 1) {
		if (!put_parts(STREAM_RCPT, f->rcpts->s + at, f->rcptparams))
			return -1;
		if (++waiting == BATCH) {
			r = answered(waiting, a);
			waiting = 0;
		}
	}
	return r == 1 && waiting ? answered(waiting, a) : r;
}

static int
message(struct forward const *f, struct body *b)
{
	size_t len;

	if (!stream_data(&queue, f->head->s, f->head->len))
		return 0;
	for (uint64_t at = 0; at < b->len; at += len) {
		char const *s = body_piece(b, at, &len);

		if (!s || !stream_data(&queue, s, len))
			return 0;
	}
	return stream_put(&queue, STREAM_END, "", 0);
}

int
forward_send(struct forward const *f, struct body *b, struct answer *a, int *gone)
{
	int r = envelope(f, a);

	if (r == 1)
		r = message(f, b) ? answered(1, a) : -1;
	else if (!r && !stream_put(&queue, STREAM_RESET, "", 0))
		r = -1;
	if (r == -1) {
		*gone = 1;
		reason_set(a, 'Z', "4.3.0", "queue-inject is gone: a forward was not taken",
		    (char const *)0);
	}
	return r == 1;
}
